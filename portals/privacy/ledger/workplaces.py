"""For whom somebody worked when they did what the ledger holds: by their memberships then, at the door of the deed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from portals import doors
from portals.enums import LookKind
from portals.memberships import Membership
from portals.scope import Portal


@dataclass(frozen=True, slots=True)
class Deed:
    """What is known of one deed: its columns of the ledger, and one instant of it."""

    actor: str
    portal: str
    acting_for: str
    grant: str
    at: dt.datetime


_LOOKS = tuple(f"{kind.value}:" for kind in LookKind)


def user_of(actor: str) -> int | None:
    """The user's id in `user:12`; None for the machinery and nobody."""
    kind, _, number = actor.partition(":")
    return int(number) if kind == "user" and number.isdecimal() else None


def is_look(grant: str) -> bool:
    """Is it a look by plan staff beyond their role?"""
    return grant.startswith(_LOOKS)


def _door(deed: Deed) -> str:
    """Where the person's own place is: whoever acts for an employer is an agency's, whoever looks is the plan's."""
    if is_look(deed.grant):
        return Portal.DESK.value
    return Portal.PRODUCER.value if deed.acting_for else deed.portal


def labels(deeds: Iterable[Deed]) -> dict[Deed, str]:
    """Each deed's organization or team then; blank where the door has none. One look-up for each door."""
    listed = list(dict.fromkeys(deeds))
    asked: dict[str, set[int]] = {}
    for deed in listed:
        user_id = user_of(deed.actor)
        if user_id is not None:
            asked.setdefault(_door(deed), set()).add(user_id)
    found: dict[tuple[str, int], list[Membership]] = {}
    for portal, user_ids in asked.items():
        door = doors.find(portal)
        for membership in door.memberships.history(sorted(user_ids)) if door else ():
            found.setdefault((portal, membership.user_id), []).append(membership)
    return {deed: _label(found.get((_door(deed), user_of(deed.actor) or 0), []), deed.at) for deed in listed}


def _label(memberships: list[Membership], at: dt.datetime) -> str:
    """Of several places at once each is named: the ledger does not say which it was."""
    then = {each.label for each in memberships if _held(each, at)}
    return ", ".join(sorted(then))


def _held(membership: Membership, at: dt.datetime) -> bool:
    """What an account did that was not the member's is told as such, after its end too."""
    begun = membership.since is not None and membership.since <= at
    over = membership.until is not None and membership.until <= at
    return begun and (not over or membership.portal is Portal.MEMBER)
