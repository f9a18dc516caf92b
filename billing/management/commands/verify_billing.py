"""Check invoices, lines, ledger and number series against each other; exit 1 on any finding."""

import dataclasses
import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from billing.queries import verification
from portals import scope


class Command(BaseCommand):
    help = "Check that invoices, their lines, the ledger and the number series agree. Exit 1 on any finding."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        with scope.entered(scope.system("verify_billing"), bulk=True) as by:
            report = verification.verify(by)
        if options["json"]:
            self.stdout.write(json.dumps(dataclasses.asdict(report)))
        else:
            self.stdout.write(
                f"{report.invoices} invoices, {report.lines} lines and {report.transfers} transfers checked."
            )
            for finding in report.findings:
                self.stdout.write(f"{finding.check}: {finding.count} found, such as {', '.join(finding.examples)}")
        if report.findings:
            sys.exit(1)
