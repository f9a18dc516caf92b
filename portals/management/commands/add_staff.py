"""Let the plan's first people in."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portals import scope as scopes
from portals.staff import first_people


class Command(BaseCommand):
    help = (
        "Make a work account and, until two privacy officers decide, its place in a team. Its person is mailed how to "
        "choose a password. Again for the same person: nothing twice. Exit 0 done, 2 nothing done."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", help="the person's own, for good")
        parser.add_argument("--name", required=True, metavar='"GIVEN FAMILY"')
        parser.add_argument("--email", required=True, help="the person's own mailbox; the way to a password goes there")
        parser.add_argument("--team", default="", help="privacy, help_desk ...; without it the account alone is made")
        parser.add_argument("--json", action="store_true", help="one object on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        typed = {name: options[name].strip() for name in ("username", "name", "email", "team")}
        try:
            person = first_people.NewPerson.read(**typed)
            with scopes.entered(scopes.system("add_staff")) as scope:
                added = first_people.add(by=scope, person=person)
        except first_people.NotAdded as why:
            raise CommandError(str(why), returncode=2) from why
        if options["json"]:
            summary = {"username": person.username, "account": added.account, "team": person.team, "place": added.place}
            self.stdout.write(json.dumps(summary))
            return
        if added.account:
            self.stdout.write(f"{person.username}: account made. A mail says how to choose a password.")
        if added.place:
            self.stdout.write(f"{person.username}: in the team {person.team} now.")
        if not (added.account or added.place):
            self.stdout.write(f"{person.username}: was there already; nothing changed.")
