"""Take plan designs and filed prices; the files are described in docs/operators.md."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from members.actions import products
from portals import scope as scopes
from portals.files.csv_import import ImportReport
from portals.files.import_command import TableCommand


class Command(TableCommand):
    help = "Take plan designs (and --rates) from CSV files. Exit 0 done, 1 some rows refused, 2 none taken."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("designs", type=Path, help="CSV of plan designs")
        parser.add_argument("--rates", type=Path, help="CSV of filed prices")
        super().add_arguments(parser)

    def take(self, **options: Any) -> ImportReport:
        with scopes.entered(scopes.system("import_products"), bulk=True) as scope:
            return products.import_files(options["designs"], options["rates"], by=scope)
