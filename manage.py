#!/usr/bin/env python3
"""Django's command line; commands that change the schema connect as the owner of the tables."""

import json
import os
import sys
from pathlib import Path

SCHEMA_COMMANDS = {"migrate", "ensure_partitions", "archive_audit"}


def reach_the_running_site() -> None:
    """Without addresses of its own, a command works on what `make run` started (its addresses lie under var/)."""
    folder = Path(os.environ.get("PLAN_VAR_DIR", Path(__file__).resolve().parent / "var"))
    addresses = folder / "environment.json"
    if "DATABASE_URL" not in os.environ and addresses.exists():
        os.environ.update(json.loads(addresses.read_text()))


def main() -> None:
    reach_the_running_site()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portals.settings.dev")
    if len(sys.argv) > 1 and sys.argv[1] in SCHEMA_COMMANDS:
        os.environ["PLAN_DB_ROLE"] = "owner"
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
