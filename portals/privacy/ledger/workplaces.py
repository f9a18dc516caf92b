"""For whom somebody worked when they did what the ledger holds: by their places then, at the door that it came through.

Each app tells of its door, registered in `AppConfig.ready`:

    ledger_places.register(Portal.PROVIDER, ledger_telling.stays)
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from portals.enums import ExceptionalAccessKind, Team
from portals.models import StaffRole
from portals.scope import Portal


@dataclass(frozen=True, slots=True)
class Stay:
    """A user's place in an organization or a team; `until` is None while it stands."""

    user_id: int
    label: str
    since: dt.datetime
    until: dt.datetime | None


@dataclass(frozen=True, slots=True)
class EventSource:
    """Where one event comes from: its columns of the ledger, and one instant of it."""

    actor: str
    portal: str
    acting_for: str
    grant: str
    at: dt.datetime


Resolver = Callable[[Collection[int]], Iterable[Stay]]
_resolvers: dict[str, Resolver] = {}
_EXCEPTIONAL = tuple(f"{kind.value}:" for kind in ExceptionalAccessKind)


def register(portal: Portal, resolver: Resolver) -> None:
    """`resolver(user ids)`: all their places at this door, past ones too. A constant number of queries."""
    _resolvers[portal.value] = resolver


def user_of(actor: str) -> int | None:
    """The user's id in `user:12`; None for the machinery and nobody."""
    kind, _, number = actor.partition(":")
    return int(number) if kind == "user" and number.isdecimal() else None


def is_exceptional_access(grant: str) -> bool:
    """Is it exceptional access of plan staff?"""
    return grant.startswith(_EXCEPTIONAL)


def _door(source: EventSource) -> str:
    """Where the person's own place is: whoever acts for an employer is an agency's, whoever looks is the plan's."""
    if is_exceptional_access(source.grant):
        return Portal.DESK.value
    return Portal.PRODUCER.value if source.acting_for else source.portal


def labels(sources: Iterable[EventSource]) -> dict[EventSource, str]:
    """Each source's organization or team then; blank where the door has none. One look-up for each door."""
    listed = list(dict.fromkeys(sources))
    asked: dict[str, set[int]] = {}
    for source in listed:
        user_id = user_of(source.actor)
        if user_id is not None and _door(source) in _resolvers:
            asked.setdefault(_door(source), set()).add(user_id)
    stays: dict[tuple[str, int], list[Stay]] = {}
    for door, user_ids in asked.items():
        for stay in _resolvers[door](sorted(user_ids)):
            stays.setdefault((door, stay.user_id), []).append(stay)
    return {source: _label(stays.get((_door(source), user_of(source.actor) or 0), []), source.at) for source in listed}


def _label(stays: list[Stay], at: dt.datetime) -> str:
    """Of several places at once each is named: the ledger does not say which it was."""
    then = [stay.label for stay in stays if stay.since <= at and (stay.until is None or at < stay.until)]
    return ", ".join(sorted(set(then)))


def of_plan(user_ids: Collection[int]) -> list[Stay]:
    """One query."""
    rows = StaffRole.objects.filter(user_id__in=user_ids)
    return [Stay(row.user_id, str(Team(row.team).label), row.started_at, row.ended_at) for row in rows]


register(Portal.DESK, of_plan)
