"""Bring what is stored encrypted under the current keys."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portals import rotation
from portals import scope as scopes
from portals.crypto import keys


class Command(BaseCommand):
    help = (
        "Rewrite whatever is not under the current keys: encrypted fields, blind indexes, stored files. A run that was "
        "stopped goes on. With --new it only appends a key to a ring. Exit 0 done, 1 some rows are left."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--new", choices=keys.RINGS, metavar="RING", help="append a key to field, pepper or file")
        parser.add_argument("--json", action="store_true", help="one object on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        by = scopes.system("rotate_keys")
        if options["new"]:
            try:
                key_id = rotation.new_key(options["new"], by=by)
            except OSError as error:
                raise CommandError(f"the keys folder cannot be written: {error.strerror}", returncode=2) from error
            summary = {"ring": options["new"], "key": key_id}
            text = f"{options['new']}: {key_id} is the current key."
            self.stdout.write(json.dumps(summary) if options["json"] else text)
            return
        report = rotation.run(by=by, tell=self._progress)
        if options["json"]:
            self.stdout.write(json.dumps({**dataclasses.asdict(report), "remaining": report.remaining}))
        else:
            self._tell(report)
        if report.remaining:
            raise SystemExit(1)

    def _progress(self, text: str) -> None:
        self.stderr.write(text)

    def _tell(self, report: rotation.RotationReport) -> None:
        for each in report.columns:
            more = f", {each.unreadable} that no key opens" if each.unreadable else ""
            self.stdout.write(f"{each.label}: {each.rewritten} rewritten, {each.remaining} left under old keys{more}")
        for name, counts in report.used.items():
            held = ", ".join(f"{key_id} {count}" for key_id, count in counts.items()) or "nothing"
            idle = report.unused[name]
            self.stdout.write(f"{name}: {held}." + (f" No longer used: {', '.join(idle)}." if idle else ""))
