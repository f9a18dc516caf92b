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
from portals.plan import periods


class Command(BaseCommand):
    help = (
        "Take a BAI2 prior-day statement once and hold it against our ACH files and returned payments. "
        "Exit 0 all proven or taken before, 1 some entries differ (billing operations has a request for each), "
        "2 the statement cannot be read."
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
            self._say(options, {"error": str(error)}, f"Not read: {error}")
            raise SystemExit(2) from None
        words = (
            f"Taken before, on {done.known_since.astimezone(periods.PLAN_ZONE):%Y-%m-%d}: nothing was done again."
            if done.known and done.known_since
            else f"{done.entries} entries, {done.files_proven} files and {done.returns_proven} returns proven, "
            f"{len(done.differences)} differences."
        )
        self._say(options, asdict(done), words)
        for note in done.notes:
            self.stderr.write(f"line {note.line}: note {note.what}")
        for row in done.differences:
            self.stderr.write(f"{row.value_date} {row.cents} {row.reference}: {row.reason}")
        if done.differences:
            raise SystemExit(1)

    def _say(self, options: dict[str, Any], summary: dict[str, Any], words: str) -> None:
        self.stdout.write(json.dumps(summary, cls=DjangoJSONEncoder) if options["json"] else words)
