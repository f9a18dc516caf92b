"""Who may sign in for a practice. Every person has an own username; a place is ended, never deleted."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.db import transaction
from django.utils import timezone

from audit import actions as audit
from audit.enums import Kind
from portals import permissions, users
from portals.access import Desk
from portals.access_reviews import kinds as review_kinds
from portals.desk import actions as desk
from portals.enums import REQUEST_OVER, RequestStatus, UserKind
from portals.invitations import actions as invitations
from portals.invitations import kinds as invitation_kinds
from portals.models import DeskRequest, Invitation, User
from portals.parties import InvitationKind
from portals.scope import PartyRef, Scope, system
from providers import queries
from providers.access import Provider
from providers.enums import ADMINISTRATOR_LEFT, PracticeRole
from providers.models import StaffMembership


class LastManager(review_kinds.LastManager):
    """A practice keeps at least one office manager; the help desk ends the last one's access on the provider's call."""


def add(
    *,
    by: Scope,
    given_name: str,
    family_name: str,
    email: str,
    username: str,
    role: PracticeRole,
    initial_password: str,
) -> StaffMembership:
    """A new person with an own username and an initial password, which must be changed at the first sign-in (V15).
    Raises users.TakenError."""
    permissions.require(by, Provider.MANAGE_STAFF)
    assert by.party is not None
    with transaction.atomic():
        user = User(
            username=username,
            email=email,
            given_name=given_name,
            family_name=family_name,
            kind=UserKind.WORK,
            must_change_password=True,
        )
        user.set_password(initial_password)
        users.save_new(user)
        place = StaffMembership.objects.create(practice_id=by.party.id, user=user, role=role, added_by=by.actor)
        audit.record(
            kind=Kind.CREATE,
            action="providers.staff.add",
            subjects=[("user", user.pk)],
            object_kind="staff_membership",
            object_id=str(place.pk),
            detail={"role": role.value},
            **by.audit(),
        )
    return place


def remove(*, by: Scope, place_id: int) -> None:
    """End a person's place at this practice at once: the open session is dead on the next click. The person, and
    places elsewhere, stay. Raises StaffMembership.DoesNotExist out of scope, LastManager."""
    permissions.require(by, Provider.MANAGE_STAFF)
    assert by.party is not None
    end_places(by=by, party_id=by.party.id, place_ids=[place_id])


def end_places(*, by: Scope, party_id: int, place_ids: Collection[int]) -> None:
    """End these places at a practice, all or none, whoever decided it. Three statements and one row of the ledger.
    Raises StaffMembership.DoesNotExist where one is not there any more, LastManager."""
    with transaction.atomic():
        ended = review_kinds.lock_ending(
            StaffMembership.objects.visible_to(by).filter(practice_id=party_id),
            place_ids,
            manages=lambda place: place.role == PracticeRole.MANAGER,
            refusal=LastManager,
        )
        end(ended, by=by, action="providers.staff.remove")


def end(places: Sequence[StaffMembership], *, by: Scope, action: str) -> None:
    """For places of one practice that the caller locked and may end. What their people invited there ends with them."""
    StaffMembership.objects.filter(pk__in=[place.pk for place in places]).update(
        ended_at=timezone.now(), ended_by=by.actor
    )
    practice = PartyRef("practice", places[0].practice_id)
    invitations.end_sent_by(*(place.user_id for place in places), to=practice, by=by)
    audit.record(
        kind=Kind.DELETE,
        action=action,
        subjects=[("user", place.user_id) for place in places],
        object_kind="staff_membership",
        object_id=",".join(str(place.pk) for place in places),
        **by.audit(),
    )


# --- The office manager is invited by the plan --------------------------------------------------------------------


def _accept(invitation: Invitation, user: User) -> None:
    practice_id = PartyRef.parse(invitation.party).id
    with invitation_kinds.joining():
        StaffMembership.objects.create(
            practice_id=practice_id, user=user, role=invitation.role, added_by=invitation.invited_by
        )
    if invitation.role == PracticeRole.MANAGER:
        _close_departures(practice_id)


def _close_departures(practice_id: int) -> None:
    """The desk waited for a successor to accept; now there is one."""
    party = str(PartyRef("practice", practice_id))
    waiting = DeskRequest.objects.filter(kind=ADMINISTRATOR_LEFT, party=party).exclude(status__in=REQUEST_OVER)
    for number in waiting.values_list("pk", flat=True):
        desk.change_status(request_id=number, status=RequestStatus.DONE, by=system("successor_accepted"))


INVITATIONS = InvitationKind(
    roles=[(PracticeRole.MANAGER.value, PracticeRole.MANAGER.label)],
    desk_permission=Desk.INVITE_PROVIDERS,
    desk_roles=(PracticeRole.MANAGER.value,),
    with_access=queries.with_access,
    accept=_accept,
)
