"""Who did and saw what in archived months: answers from their files."""

import argparse
import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit.archive import reader

COLUMNS = (
    "id", "recorded_at", "kind", "action", "actor", "acting_for", "grant", "portal", "fields", "object_kind",
    "object_id", "outcome", "detail", "request_id", "source", "subjects",
)  # fmt: skip


class Command(BaseCommand):
    help = (
        "Print the events of archived months about a person or another subject, or by an actor, from the files of a "
        "folder. Files that are not those of their manifests are not read. The reading is a row of the ledger, written "
        "first. Exit 2 where nothing was read."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)
        asked = parser.add_mutually_exclusive_group(required=True)
        asked.add_argument("--person", type=int, metavar="ID", help="who opened this person's record")
        asked.add_argument("--subject", type=_subject, metavar="KIND:ID", help="the same of another subject")
        asked.add_argument("--actor", metavar="ACTOR", help="what user:ID or system:NAME did")
        parser.add_argument("--ticket", default="", help="of the case in which this is needed; kept in the ledger")
        parser.add_argument("--json", action="store_true", help="one object a line in place of CSV")

    def handle(self, *args: Any, **options: Any) -> None:
        subject = ("person", options["person"]) if options["person"] is not None else options["subject"]
        asked = reader.Asked(subject=subject, actor=options["actor"] or "")
        try:
            events = reader.read(
                folder=options["folder"], asked=asked, who="system:read_archive", ticket=options["ticket"]
            )
            self._print(events, as_json=options["json"])
        except reader.Unreadable as error:
            raise CommandError(str(error), returncode=2) from error

    def _print(self, events: Iterator[dict[str, Any]], *, as_json: bool) -> None:
        if as_json:
            for event in events:
                self.stdout.write(json.dumps(event))
            return
        table = csv.writer(self.stdout)
        table.writerow(COLUMNS)
        for event in events:
            listed = {**event, "fields": " ".join(event["fields"]), "subjects": " ".join(event["subjects"])}
            table.writerow([_cell(listed[name]) for name in COLUMNS])


def _cell(value: object) -> str:
    """Nothing that a spreadsheet would run."""
    text = "" if value is None else str(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t") else text


def _subject(text: str) -> tuple[str, int]:
    kind, _, number = text.partition(":")
    if not kind or not number.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not KIND:ID, as in client:12")
    return kind, int(number)
