"""Load the demo plan, so that every door opens on a living plan."""

import json
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from portals import scope as scopes
from producers import demo


class Command(BaseCommand):
    help = (
        "Load the demo plan: configuration, products, clients, people, invoices and accounts, all invented. Again: "
        "nothing twice, and what people changed stays. Ends with a hash that is the same on every machine."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--folder",
            type=Path,
            default=settings.VAR / "demo",
            help="where its files are written before they are read",
        )
        parser.add_argument("--json", action="store_true", help="one JSON object on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        begun = time.monotonic()
        quiet = options["json"]

        def say(text: str) -> None:
            if not quiet:
                self.stdout.write(f"{time.monotonic() - begun:5.1f} s  {text}")
                self.stdout.flush()

        demo.load(options["folder"], say)
        with scopes.entered(scopes.system("load_demo"), bulk=True):
            digest = demo.digest()
        seconds = time.monotonic() - begun
        if quiet:
            self.stdout.write(json.dumps({"digest": digest, "seconds": round(seconds, 1)}))
        else:
            say(f"Demo plan {digest[:16]}")
