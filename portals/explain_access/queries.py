"""Explain a person's access: where they work, what they may do there, what is closed, and who opens it.

Places come from the doors; an app's own part of the page is registered in `AppConfig.ready`:

    explain_access.register_panel("producers/_explain.html", explained.panel)
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext_lazy as _

from portals import doors, users
from portals.enums import UserKind
from portals.login import dormancy
from portals.memberships import Membership
from portals.models import User
from portals.plan.brand import brand
from portals.scope import Portal, Scope


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


Painter = Callable[[Scope, User, dt.date, str], dict[str, Any] | None]
_panels: dict[str, Painter] = {}


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


def memberships(user: User) -> list[Membership]:
    """Of every door, in the doors' order; past ones too."""
    return [_told(each) for each in doors.history(user.pk) if each.portal is not Portal.MEMBER or each.until is None]


def _told(membership: Membership) -> Membership:
    """Of a member's account only that there is one; a team is the plan's."""
    if membership.portal is Portal.MEMBER:
        return replace(membership, role=_("A member account"), since=None)
    if membership.portal is Portal.DESK:
        return replace(membership, organization=str(brand()["name"]))
    return membership


def panels(scope: Scope, user: User, *, as_of: dt.date, asked: str) -> list[Panel]:
    drawn = ((template, painter(scope, user, as_of, asked)) for template, painter in _panels.items())
    return [Panel(template, context) for template, context in drawn if context is not None]


def named(found: Iterable[Membership]) -> list[tuple[str, int]]:
    """For the audit row: the people who manage access, whose names an answer shows."""
    return [("user", each.user_id) for membership in found for managed in membership.managed for each in managed.people]
