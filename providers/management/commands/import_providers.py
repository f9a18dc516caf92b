"""Take practices with their practitioners; the file is described in docs/operators.md."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from portals import scope as scopes
from portals.files.csv_import import ImportReport
from portals.files.import_command import TableCommand
from providers.actions import practices


class Command(TableCommand):
    help = "Take practices and practitioners from a CSV file. Exit 0, 1 (some rows refused), 2 (none taken)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="CSV with one row for each practitioner")
        super().add_arguments(parser)

    def take(self, **options: Any) -> ImportReport:
        with scopes.entered(scopes.system("import_providers"), bulk=True) as scope:
            return practices.import_file(options["file"], by=scope)
