"""What the commands that read the plan's CSV files have in common: summary, exit code."""

from __future__ import annotations

import dataclasses
import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portals.files import csv_import


class TableCommand(BaseCommand):
    """`take(**options)` reads the files and answers with the report. Exit 0 done, 1 some rows refused, 2 nothing."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object on standard output")

    def take(self, **options: Any) -> csv_import.ImportReport:
        raise NotImplementedError

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = self.take(**options)
        except (csv_import.Unreadable, OSError) as error:
            if options["json"]:
                self.stdout.write(json.dumps({"error": str(error), "rows": 0, "refused_rows": 0}))
            raise CommandError(str(error), returncode=2) from error
        if options["json"]:
            self.stdout.write(json.dumps(dataclasses.asdict(report)))
        else:
            self._tell(report)
        if report.exit_code:
            sys.exit(report.exit_code)

    def _tell(self, report: csv_import.ImportReport) -> None:
        written = ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in report.counts.items())
        self.stdout.write(f"{report.rows} rows, {report.refused_rows} refused. {written}".rstrip(" ."))
        for refusal in report.refusals:
            self.stdout.write(f"REFUSED {refusal}")
        for note in report.notes:
            self.stdout.write(f"LOOK AT {note}")
