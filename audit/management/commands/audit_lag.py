"""How far the sealing is behind; exit 1 above a limit. For a monitor outside, so that it works without beat."""

import dataclasses
import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from audit import queries
from audit.tasks import LAG_ALARM_SECONDS


class Command(BaseCommand):
    help = "Tell how many audit rows wait to be sealed, and how old the oldest is. Exit 1 when it is older than --max."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--max", type=float, default=LAG_ALARM_SECONDS, metavar="SECONDS", help=f"the limit ({LAG_ALARM_SECONDS})"
        )
        parser.add_argument("--json", action="store_true", help="one object on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        lag = queries.seal_lag()
        late = lag.seconds > options["max"]
        if options["json"]:
            self.stdout.write(json.dumps({**dataclasses.asdict(lag), "max": options["max"], "late": late}))
        else:
            self.stdout.write(f"{lag.rows} rows wait to be sealed, the oldest {lag.seconds:.1f} s old.")
        if late:
            sys.exit(1)
