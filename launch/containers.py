"""What the containers of docker-compose.yml do once, before the site: `python -m launch.containers keys|provision`."""

import os
import sys
from collections.abc import Callable
from urllib.parse import urlsplit

from launch import common, postgres
from launch.common import LaunchError, say


def keys() -> None:
    """Make the key files that do not exist yet in PLAN_KEYS_DIR. Never changes one that exists."""
    os.environ.pop("DJANGO_SETTINGS_MODULE", None)  # production itself refuses to make keys
    from portals.crypto import keys as plan_keys

    for name in ("django", "seal"):
        plan_keys.secret(name)
    for name in plan_keys.RINGS:
        plan_keys.ring(name)
    say(f"Keys in {plan_keys.folder()}: keep a copy apart from the data.")


def provision() -> None:
    """Roles and database as `make run` makes them, with the passwords that the two addresses carry."""
    addresses = {
        role: urlsplit(_needed(name))
        for role, name in (("plan_app", "DATABASE_URL"), ("plan_owner", "DATABASE_OWNER_URL"))
    }
    for role, address in addresses.items():
        if address.username != role or not address.password:
            raise LaunchError(f"The address of {role} must name that role and its password.")
    passwords = {role: str(address.password) for role, address in addresses.items()}
    postgres.provision(_needed("DATABASE_ADMIN_URL"), addresses["plan_app"].path.lstrip("/"), passwords)


def _needed(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        raise LaunchError(f"{name} is not set.")
    return value


COMMANDS: dict[str, Callable[[], None]] = {"keys": keys, "provision": provision}


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or arguments[0] not in COMMANDS:
        print(f"Choose one of: {', '.join(COMMANDS)}", file=sys.stderr)
        return 2
    try:
        COMMANDS[arguments[0]]()
    except LaunchError as error:
        return common.fail(error)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
