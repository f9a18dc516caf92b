"""Where a person works: an organization, a team of the plan, or a member's own record."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import QuerySet

from portals.enums import Topic
from portals.scope import PartyRef, Portal, Scope


@dataclass(frozen=True, slots=True)
class Manager:
    """Someone who decides about a person's access, and where to call them."""

    user_id: int
    name: str
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Managed:
    """Who opens what (blank: everything there): people of the organization, else the plan's own people, whom the help
    directory names for `topic`."""

    topic: Topic
    what: Any = ""
    people: Sequence[Manager] = ()


@dataclass(frozen=True, slots=True)
class Membership:
    """One person at one place. `permissions` is asked of those of now alone, `managed` where a page tells of it."""

    user_id: int
    portal: Portal
    party: PartyRef | None  # nobody's for the plan's own people
    organization: str = ""  # its name; a member's record and a team of the plan have none
    number: str = ""  # under which people know the organization
    role: Any = ""
    since: dt.datetime | None = None
    until: dt.datetime | None = None  # None while it stands
    ended_by: str = ""  # an actor; blank where it is not kept
    manages: bool = False  # decides about the access of others there
    permissions: frozenset[str] = frozenset()
    allows: Sequence[Any] = ()  # what it allows now, in words
    managed: Sequence[Managed] = ()

    @property
    def label(self) -> str:
        """How the switcher and the ledger call it."""
        return self.organization or str(self.role)

    def scope(self, base: Scope) -> Scope:
        """The scope of whoever works there now."""
        return replace(base, portal=self.portal, party=self.party, home=self.party, permissions=self.permissions)


@dataclass(frozen=True, slots=True)
class Memberships:
    """How the app behind a door answers for its people; each in a constant number of queries.

    `current(user_id)`: those of now, newest first, with their permissions. Asked at each request.
    `history(user_ids)`: past ones too, newest first.
    `managers(user_id, memberships)`: who opens what there for this person. None: nobody opens a member's own record,
    and who is in which team of the plan stands on a page of its own.
    `spans()`: of everybody, a query without parameters of three columns: user, when it began, when it ended.
    `reviewed(as_of, ids)`: for access reviews, a query of who has access on that day at these organizations (None: at
    all of them), of five columns in this order: organization, membership, user, role, whether the person manages
    access there. None: members and the plan's teams have no such review.
    """

    current: Callable[[int], list[Membership]]
    history: Callable[[Collection[int]], list[Membership]]
    spans: Callable[[], QuerySet[Any, Any]]
    managers: Callable[[int, Sequence[Membership]], Mapping[PartyRef, Sequence[Managed]]] | None = None
    reviewed: Callable[[dt.date, Collection[int] | None], QuerySet[Any, Any]] | None = None
