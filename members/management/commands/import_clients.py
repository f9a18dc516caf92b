"""Take clients with their groups, packages and bill accounts; the file is described in docs/operators.md."""

import datetime as dt
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from members.actions import clients
from portals import scope as scopes
from portals.files.csv_import import ImportReport
from portals.files.import_command import TableCommand
from portals.plan import clock


class Command(TableCommand):
    help = "Take clients, groups, packages and bill accounts from a CSV file. Exit 0, 1 (some refused), 2 (none taken)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="CSV with one row for each group and product")
        parser.add_argument(
            "--as-of", type=dt.date.fromisoformat, help="whose state rules fill blank fields (the business date)"
        )
        super().add_arguments(parser)

    def take(self, **options: Any) -> ImportReport:
        as_of = options["as_of"] or clock.today()
        with scopes.entered(scopes.system("import_clients"), bulk=True) as scope:
            return clients.import_file(options["file"], by=scope, as_of=as_of)
