"""Somebody left a practice, and it calls: the place ends at once, also that of the last office manager (V21, V25)."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from portals import permissions
from portals.access import OWN_ACCOUNT, Desk
from portals.desk import actions as desk
from portals.enums import RequestStatus
from portals.models import DeskRequest
from portals.permissions import Answer, Refused
from portals.scope import PartyRef, Scope
from providers.actions import offices, staff
from providers.enums import ADMINISTRATOR_LEFT, PracticeRole, Successor
from providers.models import Practice, StaffMembership


class Gone(ValueError):
    """One of the places ended meanwhile."""


class NobodyStays(ValueError):
    """No office manager would be left, so somebody must follow, now or later."""


def end(*, by: Scope, practice: Practice, place_ids: list[int], call: dict[str, Any], once: str) -> DeskRequest:
    """End these places on the practice's word; open sessions are dead on the next click, and invitations that these
    people sent end. People whom they added stay. Where nobody is left who manages access, the request stays open until
    a successor has accepted. `call` is what `LeftForm.call` makes; sent twice, it is one request.

    One person of the help desk does it: taking access away must not wait, and an invitation into a practice that is on
    file is theirs to send. Raises `Gone`, `NobodyStays`, `invitations.AlreadyThere`, `Refused`."""
    permissions.require(by, Desk.END_ADMINISTRATOR)
    assert by.user_id is not None
    key = f"{ADMINISTRATOR_LEFT}:{by.actor}:{once}"
    with transaction.atomic():
        places = list(
            StaffMembership.objects.filter(practice=practice, ended_at=None)
            .select_related("user")
            .select_for_update(of=("self",))
            .order_by("pk")
        )
        made = DeskRequest.objects.filter(key=key).first()
        if made is not None:
            return made
        leaving = [place for place in places if place.pk in place_ids]
        if len(leaving) < len(set(place_ids)):
            raise Gone
        if any(place.user_id == by.user_id for place in leaving):
            raise Refused(Answer(False, gate=OWN_ACCOUNT, owner="portal"))
        if call["successor"] == Successor.STAYS and not _managers(places, leaving):
            raise NobodyStays
        row = desk.open_request(
            kind=ADMINISTRATOR_LEFT,
            key=key,
            title=practice.name,
            detail={
                "practice": practice.name,
                "provider_id": practice.provider_id,
                "left": [place.user.display_name for place in leaving],
                **call,
            },
            party=PartyRef("practice", practice.pk),
            owner_id=by.user_id,
            by=by,
        )
        staff.end(leaving, by=by, action="providers.departures.end")
        if call["successor"] == Successor.INVITE:
            offices.authorize(practice, request=row, call=call, taken_by=by.user_id, by=by)
            offices.invite(practice, call=call, by=by)
        if call["successor"] == Successor.STAYS:
            row = desk.change_status(request_id=row.pk, status=RequestStatus.DONE, by=by)
        return row


def _managers(places: list[StaffMembership], leaving: list[StaffMembership]) -> list[StaffMembership]:
    """Who still manages access without those who leave."""
    stay = [place for place in places if place not in leaving]
    return [place for place in stay if place.role == PracticeRole.MANAGER and place.user.is_active]
