"""What one may be invited to: the kinds of party that are organizations."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import IntegrityError, transaction

from portals import parties
from portals.models import Invitation
from portals.parties import Party, PartyName
from portals.scope import PartyRef, Scope


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


def kind_named(name: str) -> Party:
    """Invitations are kept by the portal whose people they make."""
    return next(party for party in parties.every() if party.invitation and party.portal == name)


def kind_of(invitation: Invitation) -> Party:
    return kind_named(invitation.kind)


def organization(invitation: Invitation) -> PartyName:
    return kind_of(invitation).name_of(PartyRef.parse(invitation.party).id)


def kinds_of_own(scope: Scope) -> list[str]:
    """Kinds that a person of an organization may invite to there."""
    return [
        party.portal.value
        for party in parties.every()
        if party.invitation and party.invitation.own_permission and party.invitation.own_permission in scope.permissions
    ]


def open_to(scope: Scope) -> dict[str, Party]:
    """The kinds of invitation that this person of the plan sends."""
    return {
        party.portal.value: party
        for party in parties.every()
        if party.invitation and party.invitation.desk_permission in scope.permissions
    }
