"""Who may sign in for a practice. Every person has an own username; a place is ended, never deleted."""

from __future__ import annotations

from collections.abc import Collection

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit import actions as audit
from audit.enums import Kind
from portals import desk, invitations, permissions, users
from portals.access import Desk
from portals.enums import REQUEST_OVER, RequestStatus, UserKind
from portals.invitations import AlreadyThere, InvitationKind, Organization
from portals.models import DeskRequest, Invitation, User
from portals.scope import PartyRef, Portal, Scope, system
from providers import queries
from providers.access import Provider
from providers.enums import ADMINISTRATOR_LEFT, StaffRole
from providers.models import Practice, StaffMembership


class LastManager(ValueError):
    """A practice keeps at least one office manager; the help desk ends the last one's access on the provider's call."""


def add(
    *, by: Scope, given_name: str, family_name: str, email: str, username: str, role: StaffRole, initial_password: str
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


def remove(*, by: Scope, place_id: int) -> StaffMembership:
    """End a person's place at this practice at once: the open session is dead on the next click. The person, and
    places elsewhere, stay. Raises StaffMembership.DoesNotExist out of scope, LastManager."""
    permissions.require(by, Provider.MANAGE_STAFF)
    with transaction.atomic():
        places = list(StaffMembership.objects.visible_to(by).filter(ended_at=None).select_for_update().order_by("pk"))
        place = next((p for p in places if p.pk == place_id), None)
        if place is None:
            raise StaffMembership.DoesNotExist
        managers = [p for p in places if p.role == StaffRole.MANAGER]
        if managers == [place]:
            raise LastManager
        end_place(place, by=by, action="providers.staff.remove")
    return place


def end_place(place: StaffMembership, *, by: Scope, action: str) -> None:
    """For a place that the caller locked and may end. What its person invited to the practice ends with it."""
    place.ended_at = timezone.now()
    place.ended_by = by.actor
    place.save(update_fields=["ended_at", "ended_by"])
    invitations.end_sent_by(place.user_id, to=PartyRef("practice", place.practice_id), by=by)
    audit.record(
        kind=Kind.DELETE,
        action=action,
        subjects=[("user", place.user_id)],
        object_kind="staff_membership",
        object_id=str(place.pk),
        **by.audit(),
    )


# --- The office manager is invited by the plan --------------------------------------------------------------------


def _find(provider_id: str) -> PartyRef | None:
    found = Practice.objects.filter(provider_id=provider_id).values_list("pk", flat=True).first()
    return PartyRef("practice", found) if found else None


def _named(ids: Collection[int]) -> dict[int, Organization]:
    rows = Practice.objects.filter(pk__in=ids).values_list("pk", "name", "provider_id")
    return {pk: Organization(name=name, number=number) for pk, name, number in rows}


def _accept(invitation: Invitation, user: User) -> None:
    practice_id = PartyRef.parse(invitation.party).id
    try:
        with transaction.atomic():
            StaffMembership.objects.create(
                practice_id=practice_id, user=user, role=invitation.role, added_by=invitation.invited_by
            )
    except IntegrityError as error:
        raise AlreadyThere from error
    if invitation.role == StaffRole.MANAGER:
        _close_departures(practice_id)


def _close_departures(practice_id: int) -> None:
    """The desk waited for a successor to accept; now there is one."""
    party = str(PartyRef("practice", practice_id))
    waiting = DeskRequest.objects.filter(kind=ADMINISTRATOR_LEFT, party=party).exclude(status__in=REQUEST_OVER)
    for number in waiting.values_list("pk", flat=True):
        desk.change_status(request_id=number, status=RequestStatus.DONE, by=system("successor_accepted"))


INVITATIONS = InvitationKind(
    portal=Portal.PROVIDER,
    label=_("Practice"),
    number_label=_("Provider ID"),
    roles=[(StaffRole.MANAGER.value, StaffRole.MANAGER.label)],
    desk_permission=Desk.INVITE_PROVIDERS,
    desk_roles=(StaffRole.MANAGER.value,),
    find=_find,
    named=_named,
    with_access=queries.with_access,
    accept=_accept,
)
