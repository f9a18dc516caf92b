"""Invitations as they stand: found by their link, listed, and whether their sender may still invite."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.utils import timezone

from portals.crypto import codes
from portals.crypto import values as crypto
from portals.enums import InvitationState
from portals.invitations.kinds import (
    kind_of,
    kinds_of_own,
    open_to,
)
from portals.models import Invitation, User
from portals.scope import PartyRef, Portal, Scope, standings, unscoped


def visible_to(scope: Scope) -> QuerySet[Invitation]:
    """Whatever state they are in, the newest first."""
    rows = Invitation.objects.order_by("-created_at", "-id")
    if scope.portal is Portal.DESK:
        return rows.filter(kind__in=open_to(scope))
    own = kinds_of_own(scope)
    return rows.filter(kind__in=own, party=str(scope.party))


def find(token: str) -> Invitation | None:
    """The invitation of this link in whatever state, so that its reader is told what became of it."""
    return Invitation.objects.filter(token_hash__in=crypto.keyed_hashes(typed_token(token))).first()


def state(row: Invitation) -> InvitationState:
    if row.accepted_at is not None:
        return InvitationState.ACCEPTED
    if row.ended_at is not None:
        return InvitationState.WITHDRAWN
    return InvitationState.OPEN if timezone.now() < row.expires_at else InvitationState.EXPIRED


def vouched(row: Invitation) -> bool:
    """May its sender invite there to this day? Who lost the place, the team or the account opens no door by what they
    sent before."""
    actor, _sep, number = row.invited_by.partition(":")
    if actor != "user":
        return True
    user_id, kind, party = int(number), kind_of(row), PartyRef.parse(row.party)
    if not User.objects.filter(pk=user_id, is_active=True).exists():
        return False
    with unscoped("an invitation's link: its sender's places, which the reader does not see"):
        held = [*standings(user_id, Portal.DESK), *standings(user_id, kind.portal)]
    return any(
        kind.desk_permission in each.permissions
        if each.portal is Portal.DESK
        else each.party == party and kind.own_permission in each.permissions
        for each in held
    )


def in_state(rows: QuerySet[Invitation], state: InvitationState) -> QuerySet[Invitation]:
    """The same question as `state`, asked of many."""
    now = timezone.now()
    where = {
        InvitationState.ACCEPTED: Q(accepted_at__isnull=False),
        InvitationState.WITHDRAWN: Q(accepted_at=None, ended_at__isnull=False),
        InvitationState.OPEN: Q(accepted_at=None, ended_at=None, expires_at__gt=now),
        InvitationState.EXPIRED: Q(accepted_at=None, ended_at=None, expires_at__lte=now),
    }
    return rows.filter(where[state])


def typed_token(token: str) -> str:
    """What of a token is hashed."""
    return f"invitation|{codes.normalize(token)}"
