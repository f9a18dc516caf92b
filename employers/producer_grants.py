"""Which agencies work for a client is kept on the floor above: producers register who answers, and who ends a grant.

producer_access.register(queries.grants_on)      # in producers' AppConfig.ready
producer_access.register_ender(grants.end)
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from portals.scope import PartyRef, Scope


class CannotEnd(ValueError):
    """The access ends on that day or earlier already, or began later."""


@dataclass(frozen=True, slots=True)
class Access:
    """An agency's access to a client, from its first to its last day; `last_day` None while no end is set."""

    grant_id: int
    agency: PartyRef
    agency_name: str
    agent_id: str
    first_day: dt.date
    last_day: dt.date | None

    def stands(self, as_of: dt.date) -> bool:
        return self.last_day is None or as_of <= self.last_day


Reader = Callable[[int], list[Access]]
Ender = Callable[[Scope, int, dt.date], object]
_readers: list[Reader] = []
_enders: list[Ender] = []


def register(reader: Reader) -> None:
    """`reader(client_id)`: every access to that client, now and before, the latest first."""
    _readers[:] = [reader]


def register_ender(ender: Ender) -> None:
    """`ender(by, grant_id, last_day)` raises CannotEnd."""
    _enders[:] = [ender]


def of(client_id: int) -> list[Access]:
    return [access for reader in _readers for access in reader(client_id)]


def end(by: Scope, grant_id: int, last_day: dt.date) -> None:
    for ender in _enders:
        ender(by, grant_id, last_day)
