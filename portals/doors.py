"""The doors: of each portal with people all that the floors below ask about it.

The app behind a door registers it once, in `AppConfig.ready`; a house test holds that every portal has a whole one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from portals.enums import Topic
from portals.memberships import Membership, Memberships
from portals.scope import Portal, Scope

NavEntry = tuple[Any, str, str]  # lazy label, URL name, prefix of the URL names that mark it as current


@dataclass(frozen=True, slots=True)
class Door:
    """A portal and the people who work there."""

    portal: Portal
    namespace: str  # of its URL names; `home` in it is where one arrives
    navigation: Callable[[Scope], list[NavEntry]]
    help_topic: Topic  # who at the plan helps where nobody within can: whoever manages access comes first
    memberships: Memberships
    view_as: str = ""  # which permission opens it to the plan's own people; blank: nobody is seen at the desk
    region: Callable[[Scope], str] | None = None  # a person's; producers, practices and the desk belong to none

    @property
    def home(self) -> str:
        """The URL name of where one arrives."""
        return f"{self.namespace}:home"


_doors: dict[Portal, Door] = {}


def register(door: Door) -> None:
    _doors[door.portal] = door


def of(portal: Portal) -> Door:
    return _doors[portal]


def find(portal: str) -> Door | None:
    """None for what has no people: the sign-in pages, the plan's machinery, and any audience that is no portal."""
    return next((door for door in _doors.values() if door.portal == portal), None)


def every() -> list[Door]:
    """In the order of the floors, the desk first."""
    return list(_doors.values())


def memberships(user_id: int, portal: Portal | None = None) -> list[Membership]:
    """Where this user may work: at one door, or at all of them for the switcher."""
    return [
        each for door in _doors.values() if portal in (None, door.portal) for each in door.memberships.current(user_id)
    ]


def history(user_id: int, portal: Portal | None = None) -> list[Membership]:
    """Where this user works and worked, in the order of the portals, those of now first and with who opens what."""
    found: list[Membership] = []
    for door in sorted(_doors.values(), key=lambda door: list(Portal).index(door.portal)):
        if portal not in (None, door.portal):
            continue
        rows = door.memberships.history([user_id])
        now = [row for row in rows if row.until is None]
        managers = door.memberships.managers
        managed = managers(user_id, now) if managers and now else {}
        found += [replace(row, managed=managed.get(row.party, ()) if row.party else ()) for row in now]
        found += [row for row in rows if row.until is not None]
    return found
