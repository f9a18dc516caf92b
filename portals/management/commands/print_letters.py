"""Print the letters that wait."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portals import scope as scopes
from portals.files import pdf
from portals.files import stored as files
from portals.mail import letters
from portals.models import StoredFile
from portals.plan import clock


class Command(BaseCommand):
    help = (
        "Put the letters that wait into one PDF, a new page each, and write it to --out. Again: only those written "
        "since. Exit 0 written, 2 nothing to print."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--out", type=Path, required=True, metavar="FILE")
        parser.add_argument("--as-of", type=dt.date.fromisoformat, metavar="DATE", help="the letters' date; today")
        parser.add_argument(
            "--again", type=uuid.UUID, metavar="REFERENCE", help="write an earlier run's file once more"
        )
        parser.add_argument("--json", action="store_true", help="one object on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        out: Path = options["out"]
        as_of: dt.date = options["as_of"] or clock.today()
        if not out.parent.is_dir():  # before anything is marked as sent
            raise CommandError(f"there is no folder {out.parent}", returncode=2)
        if not options["again"] and not pdf.available():
            raise CommandError(f"PDFs need Pango: {pdf.INSTALL}", returncode=2)
        run: letters.Run | None = None
        stored: StoredFile | None = None
        with scopes.entered(scopes.system("print_letters")) as scope:
            if options["again"]:
                try:
                    stored = letters.again(by=scope, reference=str(options["again"]))
                except letters.UnknownRunError as unknown:
                    raise CommandError(f"no letters were printed as {unknown}", returncode=2) from unknown
            else:
                run = letters.print_due(by=scope, as_of=as_of)
                stored = run.stored if run else None
            data = files.read(stored) if stored else b""
        if stored is not None:
            out.write_bytes(data)
        self._tell(options["json"], as_of, out, stored, run)
        if stored is None:
            raise SystemExit(2)

    def _tell(
        self, as_json: bool, as_of: dt.date, out: Path, stored: StoredFile | None, run: letters.Run | None
    ) -> None:
        summary = {
            "as_of": as_of.isoformat(),
            "letters": run.letters if run else 0,
            "waiting": run.waiting if run else 0,
            "file": str(out) if stored else None,
            "reference": str(stored.uuid) if stored else None,
            "sha256": stored.sha256 if stored else None,
        }
        if as_json:
            self.stdout.write(json.dumps(summary))
        elif stored is None:
            self.stdout.write("No letter waits.")
        elif run is None:
            self.stdout.write(f"Written again: {stored.uuid}.")
        else:
            self.stdout.write(f"{run.letters} letters, reference {stored.uuid}; {run.waiting} wait for the next run.")
