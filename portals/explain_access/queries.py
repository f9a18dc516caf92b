"""Explain a person's access: where they work, what they may do there, what is closed, and who opens it.

Each app tells its part, registered in `AppConfig.ready`:

    explain.register(Portal.PROVIDER, explaining.places)
    explain.register_panel("producers/_explain.html", explaining.panel)
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from portals import users
from portals.enums import Team, UserKind
from portals.help.directory import Contact
from portals.login import dormancy
from portals.models import StaffRole, User
from portals.plan.brand import brand
from portals.scope import Portal, Scope


@dataclass(frozen=True, slots=True)
class Manager:
    """Someone who decides about a person's access, and where to call them."""

    user_id: int
    name: str
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Managed:
    """Who opens what (blank: everything there): people of the organization, else a team of the plan."""

    what: Any
    people: Sequence[Manager] = ()
    contact: Contact | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a person works or worked. `may` are words of what the place allows now; nothing for an ended one."""

    portal: Portal
    organization: str
    number: str
    role: Any
    since: dt.datetime | None
    until: dt.datetime | None = None
    ended_by: str = ""  # an actor; blank where it is not kept
    may: Sequence[Any] = ()
    managed: Sequence[Managed] = ()


@dataclass(frozen=True, slots=True)
class Account:
    """The state of the account itself; nothing of what stands behind it."""

    username: str
    name: str
    kind: UserKind
    active: bool
    asleep: bool
    due: list[Any]  # what must be set up before any page opens
    last_signed_in: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Panel:
    """An app's own part of the page. `context` is the template's `panel`; `known` in it says that the number asked for
    is one of the plan's."""

    template: str
    context: dict[str, Any]


Explainer = Callable[[Scope, User, dt.date], list[Place]]
Painter = Callable[[Scope, User, dt.date, str], dict[str, Any] | None]
_explainers: dict[Portal, Explainer] = {}
_panels: dict[str, Painter] = {}


def register(portal: Portal, explainer: Explainer) -> None:
    """`explainer(scope, user, as_of)`: the person's places at this door, those of now first. A constant number of
    queries."""
    _explainers[portal] = explainer


def register_panel(template: str, painter: Painter) -> None:
    """`painter(scope, user, as_of, asked)`: the context of the app's own part, or None where it has nothing to say.
    `asked` is the number that the desk typed, a Client ID for producers."""
    _panels[template] = painter


def account(user: User) -> Account:
    """One query."""
    due = []
    if user.must_change_password:
        due.append(_("Choose a password of their own"))
    if user.kind == UserKind.WORK and user.email_proven_at is None:
        due.append(_("Confirm the e-mail"))
    if user.kind == UserKind.WORK and not users.with_second_step([user.pk]):
        due.append(_("Set up a second step"))
    return Account(
        username=user.username,
        name=user.display_name,
        kind=UserKind(user.kind),
        active=user.is_active,
        asleep=dormancy.asleep(user),
        due=due,
        last_signed_in=user.last_login,
    )


def places(scope: Scope, user: User, *, as_of: dt.date) -> list[Place]:
    """Of every door, in the doors' order; past ones too."""
    return [place for portal in Portal if portal in _explainers for place in _explainers[portal](scope, user, as_of)]


def panels(scope: Scope, user: User, *, as_of: dt.date, asked: str) -> list[Panel]:
    drawn = ((template, painter(scope, user, as_of, asked)) for template, painter in _panels.items())
    return [Panel(template, context) for template, context in drawn if context is not None]


def named(found: Iterable[Place]) -> list[tuple[str, int]]:
    """For the audit row: the people who manage access, whose names an answer shows."""
    return [("user", each.user_id) for place in found for managed in place.managed for each in managed.people]


def _of_plan(scope: Scope, user: User, as_of: dt.date) -> list[Place]:
    rows = StaffRole.objects.filter(user=user).order_by("-id")
    return [
        Place(
            portal=Portal.DESK,
            organization=str(brand()["name"]),
            number="",
            role=Team(row.team).label,
            since=row.started_at,
            until=row.ended_at,
        )
        for row in sorted(rows, key=lambda row: row.ended_at is not None)
    ]


register(Portal.DESK, _of_plan)
