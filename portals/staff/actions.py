"""Who of the plan is in which team: two people let somebody in, one ends it at once."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from audit import actions as audit
from audit.enums import Kind, Outcome
from portals import folding, permissions, users
from portals.access import FOUR_EYES, Desk
from portals.enums import Team, UserKind
from portals.models import StaffProposal, StaffRole, User
from portals.permissions import Answer, Refused
from portals.scope import Scope


class AlreadyThere(ValueError):
    """The person is in that team, or proposed for it."""


class Decided(ValueError):
    """Somebody else was quicker."""


class LastOne(ValueError):
    """Without this person nobody could decide who is in which team."""


@dataclass(frozen=True, slots=True)
class Place:
    """One person in one team."""

    id: int
    user_id: int
    name: str
    username: str
    team: Team
    since: dt.datetime
    ended: dt.datetime | None


def places(by: Scope, *, team: str = "", query: str = "", former: bool = False) -> list[Place]:
    """People in teams by team and name; `former` those who were. One query. Raises `Refused`."""
    permissions.require(by, Desk.MANAGE_STAFF)
    rows = StaffRole.objects.filter(ended_at__isnull=not former).select_related("user")
    if team:
        rows = rows.filter(team=team)
    for word in query.split():
        named = folding.columns_have(word, "user__given_name", "user__family_name")
        rows = rows.filter(named | Q(user__username__icontains=word))
    listed = [
        Place(
            id=row.pk,
            user_id=row.user_id,
            name=row.user.display_name,
            username=row.user.username,
            team=Team(row.team),
            since=row.started_at,
            ended=row.ended_at,
        )
        for row in rows
    ]
    return sorted(listed, key=lambda place: (Team.values.index(place.team), place.name.casefold(), place.id))


def waiting(by: Scope) -> QuerySet[StaffProposal]:
    """Proposals that nobody decided yet."""
    permissions.require(by, Desk.MANAGE_STAFF)
    return (
        StaffProposal.objects.filter(decided_at=None)
        .select_related("user", "proposed_by")
        .order_by("proposed_at", "id")
    )


def may_decide(by: Scope, proposal: StaffProposal) -> bool:
    """Neither who proposed nor who is proposed; the database holds to it as well."""
    return by.user_id not in (proposal.proposed_by_id, proposal.user_id)


def account(typed: str) -> User | None:
    """The open work account that this is exactly the username or e-mail of."""
    return users.named(typed, among=User.objects.filter(kind=UserKind.WORK, is_active=True))


def propose(*, by: Scope, user: User, team: Team) -> StaffProposal:
    """Raises `AlreadyThere`."""
    permissions.require(by, Desk.MANAGE_STAFF)
    assert by.user_id is not None
    if StaffRole.objects.filter(user=user, team=team, ended_at=None).exists():
        raise AlreadyThere
    try:
        with transaction.atomic():
            row = StaffProposal.objects.create(user=user, team=team, proposed_by_id=by.user_id)
    except IntegrityError as twice:
        raise AlreadyThere from twice
    _record("staff.propose", by, user_id=user.pk, team=row.team, kind=Kind.CREATE)
    return row


def decide(*, by: Scope, proposal_id: int, give: bool) -> StaffProposal:
    """Let the person into the team, or not. Raises `Refused` for whoever proposed or is proposed, `Decided`."""
    permissions.require(by, Desk.MANAGE_STAFF)
    with transaction.atomic():
        row = StaffProposal.objects.select_for_update().get(pk=proposal_id)
        if row.decided_at is not None:
            raise Decided
        if not may_decide(by, row):
            raise Refused(Answer(False, gate=FOUR_EYES, owner="privacy"))
        row.decided_by_id, row.decided_at, row.given = by.user_id, timezone.now(), give
        row.save(update_fields=["decided_by", "decided_at", "given"])
        if give:
            StaffRole.objects.get_or_create(user_id=row.user_id, team=row.team, ended_at=None)
        outcome = Outcome.DONE if give else Outcome.REFUSED
        _record("staff.decide", by, user_id=row.user_id, team=row.team, outcome=outcome)
        return row


def end(*, by: Scope, place_id: int) -> StaffRole:
    """At once: what the person has open is closed on their next click. Raises `LastOne`, `StaffRole.DoesNotExist`."""
    permissions.require(by, Desk.MANAGE_STAFF)
    with transaction.atomic():
        privacy = StaffRole.objects.filter(team=Team.PRIVACY, ended_at=None).order_by("pk").select_for_update()
        deciding = {place.pk for place in privacy}
        row = StaffRole.objects.select_for_update(of=("self",)).select_related("user").get(pk=place_id, ended_at=None)
        if deciding == {row.pk}:
            raise LastOne
        row.ended_at = timezone.now()
        row.save(update_fields=["ended_at"])
        _record("staff.end", by, user_id=row.user_id, team=row.team)
        return row


def _record(
    action: str, by: Scope, *, user_id: int, team: str, kind: str = Kind.CHANGE, outcome: str = Outcome.DONE
) -> None:
    audit.record(
        kind=kind,
        action=action,
        object_kind="user",
        object_id=str(user_id),
        outcome=outcome,
        detail={"team": team},
        **by.audit(),
    )
