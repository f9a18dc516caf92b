"""Let the alert rules read the ledger now, or once more since an instant."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from portals import scope as scopes
from portals.plan.periods import PLAN_ZONE
from portals.privacy.alerts import evaluation as alerts


class Command(BaseCommand):
    help = (
        "Read what is new in the audit ledger, and make the alerts that the rules find. Again: nothing twice. Exit 0 "
        "done, 2 another evaluation is at it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--since",
            type=_instant,
            metavar="TIME",
            help="read everything since then, e.g. 2026-12-01 or 2026-12-01T08:00",
        )
        parser.add_argument("--json", action="store_true", help="one object on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        with scopes.entered(scopes.system("evaluate_alerts")) as by:
            done = alerts.evaluate(by=by, since=options["since"])
        if options["json"]:
            self.stdout.write(json.dumps(dataclasses.asdict(done)))
        elif done.busy:
            self.stdout.write("Another evaluation is at it; nothing was done.")
        else:
            self.stdout.write(
                f"{done.events} events read: {done.made} alerts made, {done.grown} grew, {done.reopened} opened again."
            )
            for code, count in sorted((done.by_rule or {}).items()):
                self.stdout.write(f"  {code}: {count}")
        if done.busy:
            raise SystemExit(2)


def _instant(text: str) -> dt.datetime:
    at = dt.datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=PLAN_ZONE)
