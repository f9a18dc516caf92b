"""Take what the bank sends back."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from billing.actions import ach
from billing.files import nacha
from portals import scope as scopes


class Command(BaseCommand):
    help = (
        "Take a return file of the bank once: returned payments open their invoices again and bear the fee. "
        "Exit 0 done, 1 some entries fit no payment (billing operations has a request for each), 2 nothing done."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--as-of", type=dt.date.fromisoformat, required=True, metavar="DATE")
        parser.add_argument("--json", action="store_true", help="one object on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            with scopes.entered(scopes.system("import_ach_returns"), bulk=True) as scope:
                done = ach.take_returns(by=scope, data=path.read_bytes(), name=path.name, as_of=options["as_of"])
        except (OSError, nacha.NachaError) as error:
            self._report(options, {"error": str(error)}, f"Not read: {error}")
            raise SystemExit(2) from None
        text = (
            "This file was taken before."
            if done.known
            else f"{done.returned} returned, {done.fees} fees, {done.notices} notices of change, "
            f"{len(done.refused)} refused."
        )
        self._report(options, asdict(done), text)
        for row in done.refused:
            self.stderr.write(f"line {row.line}: {row.code} {row.trace}: {row.reason}")
        if done.refused:
            raise SystemExit(1)
        if done.known or not (done.returned or done.notices):
            raise SystemExit(2)

    def _report(self, options: dict[str, Any], summary: dict[str, Any], text: str) -> None:
        self.stdout.write(json.dumps(summary) if options["json"] else text)
