"""Invite the administrators of a migration wave; the file is described in docs/operators.md."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from employers.actions import users
from portals import scope as scopes
from portals.files.csv_import import ImportReport
from portals.files.import_command import TableCommand


class Command(TableCommand):
    help = "Invite employers' people from a CSV file, by mail. Exit 0, 1 (some refused), 2 (nobody taken)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="CSV with one row for each person")
        super().add_arguments(parser)

    def take(self, **options: Any) -> ImportReport:
        with scopes.entered(scopes.system("invite_employers")) as scope:
            return users.invite_file(options["file"], by=scope)
