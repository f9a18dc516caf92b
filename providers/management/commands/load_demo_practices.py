"""The providers' part of `load_demo`, which calls it by name: the producers' floor does not know providers."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from portals import scope as scopes
from portals.demo import plan as demo
from providers import demo as practices


class Command(BaseCommand):
    help = "Load the demo plan's practices and their people. Part of load_demo."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="where the files are written that are then imported")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        demo.require()
        with scopes.entered(scopes.system("load_demo")) as scope:
            rows = practices.load(options["folder"], by=scope)
        self.stdout.write(json.dumps({"rows": rows}) if options["json"] else f"{rows} rows of practices.")
