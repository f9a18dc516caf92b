"""What practices ask, and what calls leave to be done: by noun. Each module registers its kind."""

from providers.desk.request_kinds import (
    administrator_left,
    cannot_delete,
    manager_changes,
    non_participating,
    registration_help,
    shared_username,
)


def register() -> None:
    non_participating.register()
    administrator_left.register()
    registration_help.register()
    shared_username.register()
    manager_changes.register()
    cannot_delete.register()
