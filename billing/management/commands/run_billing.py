"""Bill every account that is due; exit 1 where accounts were left out."""

import argparse
import dataclasses
import datetime as dt
import json
import sys
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.core.serializers.json import DjangoJSONEncoder

from billing import money
from billing.actions import runs
from portals import scope
from portals.plan import clock


class Command(BaseCommand):
    help = (
        "Bill every account whose invoice is due to be made on or before a day. The same day again is the same run: "
        "it goes on where it was stopped, and changes nothing once it is done. Exit 1 where accounts were left out."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--as-of", type=_date, help="business day of the run (today's by default), YYYY-MM-DD")
        parser.add_argument("--workers", type=_count, default=1, help="database connections that work at once (1)")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        by = scope.system("run_billing")
        started = time.monotonic()
        report = runs.run(as_of=options["as_of"] or clock.today(), by=by, workers=options["workers"])
        seconds = round(time.monotonic() - started, 2)
        if options["json"]:
            summary = dataclasses.asdict(report) | {"seconds": seconds}
            self.stdout.write(json.dumps(summary, cls=DjangoJSONEncoder))
        else:
            self.stdout.write(
                f"{report.as_of}: {report.invoices} invoices, {report.lines} lines, "
                f"{money.format_cents(report.cents)}, {report.parked} accounts left out"
                f"{'' if report.changed else '; done before, nothing changed'}."
            )
        if report.parked:
            sys.exit(1)


def _date(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError("a date is written YYYY-MM-DD") from error


def _count(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 16:
        raise argparse.ArgumentTypeError("between 1 and 16")
    return int(text)
