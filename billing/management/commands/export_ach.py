"""Write the day's ACH file for the bank."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from billing.actions import ach
from portals import scope as scopes
from portals.files import stored as files


class Command(BaseCommand):
    help = (
        "Put every submitted payment whose file day has come into one ACH file of that day and write it to --out. "
        "Again for the same day: the same bytes. Exit 0 written, 2 nothing to send."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--as-of", type=dt.date.fromisoformat, required=True, metavar="DATE")
        parser.add_argument("--out", type=Path, required=True, metavar="FILE")
        parser.add_argument("--json", action="store_true", help="one object on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        as_of: dt.date = options["as_of"]
        with scopes.entered(scopes.system("export_ach"), bulk=True) as scope:
            row = ach.export(by=scope, as_of=as_of)
            data = files.read(row.stored) if row else b""
        summary: dict[str, object] = {"as_of": as_of.isoformat(), "entries": 0, "cents": 0, "file": None}
        if row is not None:
            options["out"].write_bytes(data)
            summary |= {
                "entries": row.entries,
                "cents": row.cents,
                "file": str(options["out"]),
                "reference": ach.reference(row.file_date),
                "sha256": row.stored.sha256,
            }
        if options["json"]:
            self.stdout.write(json.dumps(summary))
        elif row is None:
            self.stdout.write(f"Nothing to send on {as_of}.")
        else:
            self.stdout.write(f"{row.entries} entries, {row.cents} cents, reference {summary['reference']}.")
        if row is None:
            raise SystemExit(2)
