"""Take what the bank sends back."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.core.serializers.json import DjangoJSONEncoder

from billing.actions import ach, received
from billing.files import nacha
from portals import scope as scopes
from portals.plan import periods


class Command(BaseCommand):
    help = (
        "Take a return file of the bank once: returned payments open their invoices again and bear the fee. "
        "Exit 0 done, also where nothing came back or all was taken before; 1 some entries fit no payment or cannot be "
        "read (billing operations has a request for each); 2 the file cannot be read (they have a request, and "
        "settle_payments stops from that day on)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--as-of", type=dt.date.fromisoformat, required=True, metavar="DATE")
        parser.add_argument("--json", action="store_true", help="one object on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        as_of: dt.date = options["as_of"]
        try:
            data = path.read_bytes()
            with scopes.entered(scopes.system("import_ach_returns"), bulk=True) as scope:
                done = ach.take_returns(by=scope, data=data, name=path.name, as_of=as_of)
        except OSError as error:
            self._say(options, {"error": str(error)}, f"Not read: {error}")
            raise SystemExit(2) from None
        except nacha.NachaError as error:
            with scopes.entered(scopes.system("import_ach_returns"), bulk=True) as scope:
                received.returns_not_read(by=scope, data=data, name=path.name, error=str(error), as_of=as_of)
            stopped = (
                f"No payment is settled from {as_of} on until it is, or billing operations say there were no returns."
            )
            self._say(options, {"error": str(error)}, f"Not read: {error}. {stopped}")
            raise SystemExit(2) from None
        words = (
            f"Taken before, on {done.known_since.astimezone(periods.PLAN_ZONE):%Y-%m-%d}: nothing was done again."
            if done.known and done.known_since
            else f"{done.returned} returned, {done.fees} fees, {done.notices} notices of change, "
            f"{len(done.refused)} refused."
        )
        self._say(options, asdict(done), words)
        for note in done.notes:
            self.stderr.write(f"line {note.line}: note {note.what}")
        for row in done.refused:
            self.stderr.write(f"line {row.line}: {row.code} {row.trace}: {row.reason}")
        if done.refused:
            raise SystemExit(1)

    def _say(self, options: dict[str, Any], summary: dict[str, Any], words: str) -> None:
        self.stdout.write(json.dumps(summary, cls=DjangoJSONEncoder) if options["json"] else words)
