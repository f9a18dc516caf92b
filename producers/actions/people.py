"""The people of an agency: who is its contact, and who leaves. A place is ended, never deleted; the person stays."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from operator import attrgetter

from django.db import transaction
from django.db.models import BooleanField, ExpressionWrapper
from django.utils import timezone

from audit import actions as audit
from audit.enums import Kind
from portals import acting
from portals.access import Desk
from portals.access_reviews import kinds as review_kinds
from portals.invitations import actions as invitations
from portals.plan import clock
from portals.scope import PartyRef, Scope
from producers.access import Producer, require
from producers.actions import intervals
from producers.enums import EndReason
from producers.models import CaseManagerGrant, EntitlementGrant, ProducerUser
from producers.queries import people as queries


class LastContact(ValueError):
    """An agency that has a contact keeps one; its people could not say who is next."""


class LastManager(review_kinds.LastManager):
    """An agency keeps somebody who decides who works for it; channel compensation names the next one."""


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
        _end([place], today=today, why=why, by=by)
        place.refresh_from_db()
        return place


def end_places(*, by: Scope, party_id: int, place_ids: Collection[int]) -> None:
    """The same for several places of one agency, all or none, as an access review decides. Raises
    ProducerUser.DoesNotExist where one is not there any more, LastManager."""
    today = clock.today()
    with transaction.atomic():
        leaving = review_kinds.lock_ending(
            ProducerUser.objects.visible_to(by)
            .filter(agency_id=party_id)
            .annotate(manages=ExpressionWrapper(queries.managing(today), output_field=BooleanField())),
            place_ids,
            manages=attrgetter("manages"),
            refusal=LastManager,
        )
        _end(leaving, today=today, why=EndReason.LEFT, by=by)


def _end(places: Sequence[ProducerUser], *, today: dt.date, why: EndReason, by: Scope) -> None:
    """Locked places of one agency, with whatever hangs on them; a fixed number of statements and one row in the ledger,
    however many they are."""
    keys = [place.pk for place in places]
    ProducerUser.objects.filter(pk__in=keys).update(ended_at=timezone.now(), ended_by=by.actor, contact=False)
    ended = sum(
        intervals.stop_all(model.objects.filter(place__in=keys), by=by, today=today, why=why)
        for model in (EntitlementGrant, CaseManagerGrant)
    )
    audit.record(
        kind=Kind.DELETE,
        action="producers.people.end_place",
        subjects=[("user", place.user_id) for place in places],
        object_kind="producer_user",
        object_id=",".join(str(key) for key in keys),
        detail={"grants": ended, "why": why.value},
        **by.audit(),
    )
    home = PartyRef("agency", places[0].agency_id)
    acting.end_of(*(place.user_id for place in places), home=home, by=by)
    invitations.end_sent_by(*(place.user_id for place in places), to=home, by=by)


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
