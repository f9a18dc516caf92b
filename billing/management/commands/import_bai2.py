"""Take the bank's statement of a day."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.core.serializers.json import DjangoJSONEncoder

from billing.actions import statements
from billing.files import bai2
from portals import scope as scopes


class Command(BaseCommand):
    help = (
        "Take a BAI2 prior-day statement once and hold it against our ACH files and returned payments. "
        "Exit 0 all proven, 1 some entries differ (billing operations has a request for each), 2 nothing done."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--as-of", type=dt.date.fromisoformat, required=True, metavar="DATE")
        parser.add_argument("--json", action="store_true", help="one object on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            with scopes.entered(scopes.system("import_bai2"), bulk=True) as scope:
                done = statements.take_statement(
                    by=scope, data=path.read_bytes(), name=path.name, as_of=options["as_of"]
                )
        except (OSError, bai2.Bai2Error) as error:
            self._report(options, {"error": str(error)}, f"Not read: {error}")
            raise SystemExit(2) from None
        text = (
            "This statement was taken before."
            if done.known
            else f"{done.entries} entries, {done.files_proven} files and {done.returns_proven} returns proven, "
            f"{len(done.differences)} differences."
        )
        self._report(options, asdict(done), text)
        for row in done.differences:
            self.stderr.write(f"{row.value_date} {row.cents} {row.reference}: {row.reason}")
        if done.differences:
            raise SystemExit(1)
        if done.known or not done.entries:
            raise SystemExit(2)

    def _report(self, options: dict[str, Any], summary: dict[str, Any], text: str) -> None:
        self.stdout.write(json.dumps(summary, cls=DjangoJSONEncoder) if options["json"] else text)
