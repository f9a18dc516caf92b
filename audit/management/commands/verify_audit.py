"""Check the audit ledger against its seals; exit 1 on any finding."""

import argparse
import dataclasses
import datetime as dt
import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit import verification
from audit.seal import checkpoints as keeping
from audit.seal import keys


class Command(BaseCommand):
    help = "Check the audit ledger: chain, signatures, and every row against its seal. Exit 1 on any finding."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--from", dest="first", type=_date, help="rows of the months from this date on (UTC)")
        parser.add_argument("--to", dest="last", type=_date, help="rows of the months up to this date, inclusive")
        parser.add_argument(
            "--checkpoint", type=Path, help="a checkpoint written earlier and kept elsewhere, or a folder of them"
        )
        parser.add_argument("--archive", type=Path, metavar="FOLDER", help="read the files of archived months as well")
        parser.add_argument("--write-checkpoint", type=Path, help="write the chain's end here if nothing is found")
        parser.add_argument("--public-key", type=Path, help="trust the keys of this file only (hex, one a line)")
        parser.add_argument("--write-public-key", type=Path, help="write the seal's public key here")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            trusted = keys.trusted(options["public_key"])
            checkpoints = keeping.read(options["checkpoint"]) if options["checkpoint"] else []
        except (OSError, ValueError, TypeError) as error:
            raise CommandError(f"cannot read the key or the checkpoint: {error}", returncode=2) from error
        if options["write_public_key"]:
            public = keys.private_key().public_key()
            options["write_public_key"].write_text(f"{keys.public_bytes(public).hex()}  # {keys.key_id(public)}\n")
        report = verification.verify(
            trusted=trusted,
            first=options["first"],
            last=options["last"],
            checkpoints=checkpoints,
            archive=options["archive"],
        )
        if options["write_checkpoint"] and report.tail and not report.findings:
            keeping.write(options["write_checkpoint"], report.tail)
        if options["json"]:
            self.stdout.write(json.dumps(dataclasses.asdict(report)))
        else:
            self._tell(report)
        if report.findings:
            sys.exit(1)

    def _tell(self, report: verification.VerificationReport) -> None:
        self.stdout.write(f"{report.rows} sealed rows in {report.blocks} blocks read.")
        self.stdout.write(f"{report.unsealed} rows not yet sealed, the oldest {report.lag_seconds:.1f} s old.")
        if report.tail:
            self.stdout.write(f"Last block {report.tail.number}, hash {report.tail.hash}.")
            self.stdout.write(f"Public key {report.tail.public_key or 'unknown'} ({report.tail.key_id}).")
        for each in report.archived:
            compared = ", read and compared" if each.compared else ""
            self.stdout.write(
                f"{each.table} {each.month}: archived, {each.rows} rows, file hash {each.file_hash}{compared}."
            )
        for finding in report.findings:
            self.stdout.write(f"FOUND {finding.what}: {finding.text}")
        if report.more:
            self.stdout.write(f"... and {report.more} more.")
        if not report.findings:
            self.stdout.write("Nothing was changed, removed, inserted or re-ordered.")


def _date(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text if len(text) > 7 else f"{text}-01")
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date (YYYY-MM-DD or YYYY-MM)") from error
