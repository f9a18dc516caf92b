"""Take a list of passwords that nobody may choose."""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portals import scope as scopes
from portals.login import breached_passwords


class Command(BaseCommand):
    help = (
        "Take passwords known from breaches, one a line: SHA-1 in hexadecimal (with :count or without) or plain. "
        "Exit 0 done, 1 some lines refused, 2 none taken."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the list")
        parser.add_argument("--json", action="store_true", help="one object on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with options["file"].open("rb") as lines, scopes.entered(scopes.system("load_passwords")) as scope:
                loaded = breached_passwords.load(by=scope, lines=lines)
        except OSError as error:
            raise CommandError(str(error), returncode=2) from error
        if options["json"]:
            self.stdout.write(json.dumps(dataclasses.asdict(loaded)))
        else:
            summary = f"{loaded.new} new, {loaded.known} known, {loaded.refused} refused"
            self.stdout.write(f"{loaded.lines} lines: {summary}.")
        if loaded.exit_code:
            sys.exit(loaded.exit_code)
