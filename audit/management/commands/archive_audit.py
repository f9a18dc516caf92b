"""Put a month of the ledger into files and drop its tables; exit 2 where it may not be."""

import argparse
import dataclasses
import datetime as dt
import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit import archiving


class Command(BaseCommand):
    help = (
        "Archive a month of the audit ledger that ended at least six years ago: verify it, write it to files, read "
        "them back, drop its tables. Connects as the tables' owner. Exit 0 archived (or was before), 2 nothing changed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--month", type=_month, required=True, metavar="YYYY-MM", help="of UTC")
        parser.add_argument("--to", type=Path, required=True, metavar="FOLDER", help="where the files go")
        parser.add_argument("--dry-run", action="store_true", help="verify and count; write and drop nothing")
        parser.add_argument("--json", action="store_true", help="one object on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            outcome = archiving.archive(
                month=options["month"],
                folder=options["to"],
                as_of=dt.datetime.now(dt.UTC).date(),
                actor="system:archive_audit",
                dry_run=options["dry_run"],
            )
        except archiving.Refused as refused:
            raise CommandError(str(refused), returncode=2) from refused
        if options["json"]:
            self.stdout.write(json.dumps({**dataclasses.asdict(outcome), "dry_run": options["dry_run"]}))
        else:
            self._tell(outcome, dry_run=options["dry_run"])

    def _tell(self, outcome: archiving.Outcome, *, dry_run: bool) -> None:
        if outcome.again:
            self.stdout.write(f"{outcome.month} was archived before, as archive {outcome.number}.")
        elif dry_run:
            self.stdout.write(f"{outcome.month} verifies and may be archived. Nothing was written.")
        else:
            self.stdout.write(f"{outcome.month} is archived, as archive {outcome.number}.")
        for part in outcome.parts:
            known = f", file hash {part.file_hash}" if part.file_hash else ""
            self.stdout.write(f"{part.table}: {part.rows} rows in {part.blocks} blocks, {part.file}{known}.")
        if outcome.manifest_hash:
            self.stdout.write(f"Manifest hash {outcome.manifest_hash}. Keep the files, and this hash apart from them.")


def _month(text: str) -> dt.date:
    try:
        return dt.datetime.strptime(text, "%Y-%m").date()
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a month (YYYY-MM)") from error
