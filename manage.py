#!/usr/bin/env python3
"""Django's command line; commands that change the schema connect as the owner of the tables."""

import os
import sys

SCHEMA_COMMANDS = {"migrate", "ensure_partitions"}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portals.settings.dev")
    if len(sys.argv) > 1 and sys.argv[1] in SCHEMA_COMMANDS:
        os.environ["PLAN_DB_ROLE"] = "owner"
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
