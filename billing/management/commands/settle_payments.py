"""The settlement clock of ACH payments."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from billing.actions import ach, received
from portals import scope as scopes


class Command(BaseCommand):
    help = (
        "Settle the payments whose bank file has settled by that day, then call paid those not returned by their paid "
        "day. Run each morning after import_ach_returns. Exit 0 done, 1 stopped since returns have not been read, "
        "2 nothing to do."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--as-of", type=dt.date.fromisoformat, required=True, metavar="DATE")
        parser.add_argument("--json", action="store_true", help="one object on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        as_of: dt.date = options["as_of"]
        try:
            with scopes.entered(scopes.system("settle_payments"), bulk=True) as scope:
                done = ach.settle(by=scope, as_of=as_of)
        except received.ReturnsNotRead as stop:
            told = json.dumps({"as_of": as_of.isoformat(), "settled": 0, "paid": 0, "error": str(stop)})
            self.stdout.write(told if options["json"] else str(stop))
            raise SystemExit(1) from None
        if options["json"]:
            self.stdout.write(json.dumps({"as_of": as_of.isoformat(), "settled": done.settled, "paid": done.paid}))
        else:
            self.stdout.write(f"{done.settled} settled, {done.paid} paid.")
        if not done.settled and not done.paid:
            raise SystemExit(2)
