"""Who can sign in to the demo, and what the first sign-in of a member asks for."""

import dataclasses
import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from members.demo.plan import first_sign_in
from portals import scope as scopes
from portals.demo import plan
from portals.plan.brand import brand
from producers import demo


class Command(BaseCommand):
    help = "List who can sign in to the demo plan with its password, and the first sign-in of a member. Demo only."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        plan.require()
        with scopes.entered(scopes.system("demo_accounts")):
            accounts = demo.accounts()
            first = first_sign_in()
        if options["json"]:
            listed = {
                "password": plan.PHRASE,
                "accounts": [dataclasses.asdict(account) for account in accounts],
                "first_sign_in": dataclasses.asdict(first) if first else None,
            }
            self.stdout.write(json.dumps(listed, default=str))
            return
        self.stdout.write(f"Password of everyone: {plan.PHRASE}")
        names = brand()["portal_names"]
        width = max((len(account.username) for account in accounts), default=0)
        last = ""
        for account in accounts:
            door = "" if account.door == last else names[account.door]
            last = account.door
            self.stdout.write(f"{door:13}{account.username:{width}}  {account.who}")
        if first:
            self.stdout.write(f"First sign-in of {first.name}, who has no account yet: member ID {first.member_id},")
            self.stdout.write(f"  birth date {first.birth_date:%m/%d/%Y}, ZIP {first.zip}")
