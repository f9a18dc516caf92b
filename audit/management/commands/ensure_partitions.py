import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from audit import actions


class Command(BaseCommand):
    help = "Make the audit ledger's month partitions ahead of time. May be repeated; connects as the tables' owner."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--months", type=int, default=12, help="how many months ahead (12)")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        made = actions.ensure_partitions(months_ahead=options["months"])
        summary = {"months": options["months"], "made": made}
        self.stdout.write(json.dumps(summary) if options["json"] else f"Partitions made for {made} months.")
