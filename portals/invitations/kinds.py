"""What one may be invited to. Each app registers its kind of organization."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction

from portals.models import Invitation, User
from portals.scope import PartyRef, Portal, Scope


@dataclass(frozen=True, slots=True)
class Organization:
    """How people know an organization: its name, and its Client ID, agent ID or Provider ID."""

    name: str
    number: str


@dataclass(frozen=True, slots=True)
class InvitationKind:
    """What an app says of invitations into its organizations. The plan's people invite under `desk_permission`, into
    `desk_roles`; the organization's own under `own_permission`, where it has one."""

    portal: Portal
    label: Any
    number_label: Any
    roles: Sequence[tuple[str, Any]]
    desk_permission: str
    desk_roles: Sequence[str]
    find: Callable[[str], PartyRef | None]  # by the number that people know
    named: Callable[[Collection[int]], dict[int, Organization]]
    with_access: Callable[[Collection[int], Collection[str]], set[tuple[int, str]]]  # organization, lower-case e-mail
    accept: Callable[[Invitation, User], None]  # makes the place; raises AlreadyThere
    own_permission: str = ""

    def role_label(self, role: str) -> Any:
        return dict(self.roles).get(role, "")


@dataclass(frozen=True, slots=True)
class Invitee:
    """Whom to invite to what."""

    party: PartyRef
    role: str
    given_name: str
    family_name: str
    email: str
    extra: tuple[str, ...] = ()  # what else it opens, kept for the app's `accept`


class AlreadyThere(ValueError):
    """The person has a place in this organization."""


@contextmanager
def joining() -> Iterator[None]:
    """Around the row that lets a person in; the table's constraint refuses a second one: AlreadyThere."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise AlreadyThere from error


class NotOpen(ValueError):
    """The invitation was used, has run out or was withdrawn, perhaps a moment ago, or its sender may not invite."""


class MemberAccount(ValueError):
    """Member accounts stay apart from work (ruling 14)."""


_kinds: dict[str, InvitationKind] = {}


def register(name: str, kind: InvitationKind) -> None:
    _kinds[name] = kind


def kind_named(name: str) -> InvitationKind:
    return _kinds[name]


def kind_of(invitation: Invitation) -> InvitationKind:
    return _kinds[invitation.kind]


def organization(invitation: Invitation) -> Organization:
    party = PartyRef.parse(invitation.party)
    return kind_of(invitation).named([party.id])[party.id]


def kinds_of_own(scope: Scope) -> list[str]:
    """Kinds that a person of an organization may invite to there."""
    return [name for name, kind in _kinds.items() if kind.own_permission and kind.own_permission in scope.permissions]


def open_to(scope: Scope) -> dict[str, InvitationKind]:
    """The kinds of invitation that this person of the plan sends."""
    return {name: kind for name, kind in _kinds.items() if kind.desk_permission in scope.permissions}
