"""Which gate is closed. Three gates of producers are separate: entitlement, client grant, case-manager grant (F9)."""

from producers.enums import Gate


def closed_gate(*, entitled: bool, granted: bool, migrated: bool) -> Gate | None:
    """The first closed gate on the way to logging in as a client, in the order in which people should ask (P18)."""
    if not entitled:
        return Gate.CLIENT_ADMINISTRATION
    if not granted:
        return Gate.CLIENT_GRANT
    if not migrated:
        return Gate.NOT_MIGRATED
    return None
