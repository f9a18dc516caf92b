"""What practices ask, and what calls leave to be done: by noun. Each module registers its kind."""

from portals.access_reviews import kinds as review_kinds
from providers import party
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
    review_kinds.register_not_done(party.PARTY)
