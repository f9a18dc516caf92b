"""The people of an agency: who is its contact, and who leaves. A place is ended, never deleted; the person stays."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone

from audit import actions as audit
from audit.enums import Kind
from portals import acting, clock, invitations
from portals.access import Desk
from portals.scope import PartyRef, Scope
from producers.access import Producer, require
from producers.actions import intervals
from producers.enums import EndReason
from producers.models import CaseManagerGrant, EntitlementGrant, ProducerUser


class LastContact(ValueError):
    """An agency that has a contact keeps one; its people could not say who is next."""


def set_contact(*, by: Scope, place_id: int, contact: bool) -> ProducerUser:
    """Say whether this person is a contact of the agency. Raises `Refused`, ProducerUser.DoesNotExist out of scope,
    LastContact when one of the agency's own takes away the last one."""
    require(by, Producer.MANAGE_PEOPLE, Desk.GRANT_ENTITLEMENTS)
    with transaction.atomic():
        place = _held(by, place_id)
        if place.contact == contact:
            return place
        if not contact:
            _keep_a_contact(by, place)
        place.contact = contact
        place.save(update_fields=["contact"])
        _record(Kind.CHANGE, "producers.people.set_contact", place, by, contact=contact)
        return place


def end_place(
    *, by: Scope, place_id: int, today: dt.date | None = None, why: EndReason = EndReason.LEFT
) -> ProducerUser:
    """End a person's place at once: the open session is dead on the next click, and so is whatever hangs on the
    place: entitlements, case-manager grants, work as a client, invitations that the person sent there. `today` None
    is the business date. Raises `Refused`, ProducerUser.DoesNotExist out of scope or ended already, LastContact as
    `set_contact`."""
    require(by, Producer.MANAGE_PEOPLE, Desk.GRANT_ENTITLEMENTS)
    today = today or clock.today()
    with transaction.atomic():
        place = _held(by, place_id)
        if place.contact:
            _keep_a_contact(by, place)
        place.ended_at, place.ended_by, place.contact = timezone.now(), by.actor, False
        place.save(update_fields=["ended_at", "ended_by", "contact"])
        ended = 0
        for model in (EntitlementGrant, CaseManagerGrant):
            for row in model.objects.filter(place=place).select_for_update().order_by("pk"):
                if not row.is_over(today):
                    intervals.stop(row, by=by, today=today, why=why)
                    ended += 1
        _record(Kind.DELETE, "producers.people.end_place", place, by, grants=ended, why=why.value)
        home = PartyRef("agency", place.agency_id)
        acting.end_of(place.user_id, home=home, by=by)
        invitations.end_sent_by(place.user_id, to=home, by=by)
        return place


def _held(by: Scope, place_id: int) -> ProducerUser:
    """The live place, locked with its colleagues', so that two contacts do not take each other away at once."""
    agency = ProducerUser.objects.visible_to(by).filter(pk=place_id).values("agency")
    live = ProducerUser.objects.filter(agency__in=agency, ended_at=None).select_for_update().order_by("pk")
    place = next((each for each in live if each.pk == place_id), None)
    if place is None:
        raise ProducerUser.DoesNotExist
    return place


def _keep_a_contact(by: Scope, place: ProducerUser) -> None:
    """The plan's people may leave an agency without one: they name the next."""
    others = ProducerUser.objects.filter(agency_id=place.agency_id, contact=True, ended_at=None).exclude(pk=place.pk)
    if by.home is not None and not others.exists():
        raise LastContact


def _record(kind: Kind, action: str, place: ProducerUser, by: Scope, **detail: object) -> None:
    audit.record(
        kind=kind,
        action=action,
        subjects=[("user", place.user_id)],
        object_kind="producer_user",
        object_id=str(place.pk),
        detail=detail,
        **by.audit(),
    )
