"""Accountings of disclosures: asked for, given, late; and for whom a member may ask."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from members.cards import rules as cards
from members.disclosures import rules
from members.disclosures.queries import DisclosureRow, entry_from
from members.enums import AccountingStatus, AskedBy, Relationship
from members.models import Accounting, Coverage, Enrollee, Person
from members.rules import names
from portals.scope import Scope


@dataclass(frozen=True, slots=True)
class Child:
    """A child for whom the member may ask as personal representative."""

    person_id: int
    uuid: str
    name: str


def children(scope: Scope, *, as_of: dt.date) -> list[Child]:
    """Of the member who is signed in: dependents covered today on a contract of their own (ruling 16). One query."""
    assert scope.party is not None
    covered = Coverage.objects.filter(enrollee=OuterRef("pk"), known__endswith=None, effective__contains=as_of)
    rows = (
        Enrollee.objects.filter(
            Exists(covered), contract__subscriber_id=scope.party.id, relationship=Relationship.CHILD
        )
        .select_related("person")
        .order_by("suffix")
    )
    return [
        Child(row.person_id, str(row.person.uuid), names.readable(row.person.full_name))
        for row in rows
        if rules.may_ask_for(
            relationship=row.relationship,
            birth_date=row.person.birth_date,
            confidential_address=bool(row.person.confidential_address),
            as_of=as_of,
        )
    ]


@dataclass(frozen=True, slots=True)
class Given:
    """What a person got: `content` of the row, as it was kept."""

    row: Accounting
    name: str
    member_ids: list[str]
    entries: list[DisclosureRow]


def given(row: Accounting) -> Given:
    content = row.content or {"name": "", "member_ids": [], "entries": []}
    return Given(row, content["name"], content["member_ids"], [entry_from(each) for each in content["entries"]])


def content_of(person: Person, entries: list[DisclosureRow]) -> dict[str, object]:
    """What is kept of an accounting: who it is about, and every entry. One query."""
    member_ids = person.enrollees.order_by("-id").values_list("member_id", flat=True)
    return {
        "name": names.readable(person.full_name),
        "member_ids": [cards.spaced_member_id(each) for each in member_ids],
        "entries": [each.as_json() for each in entries],
    }


def of_member(scope: Scope, *, as_of: dt.date) -> QuerySet[Accounting]:
    """The member's own, and those that they asked for a child for whom they may still ask; the latest first."""
    assert scope.party is not None
    may = [child.person_id for child in children(scope, as_of=as_of)]
    return (
        Accounting.objects.visible_to(scope)
        .filter(Q(person_id=scope.party.id) | Q(person_id__in=may, asker_id=scope.party.id))
        .select_related("closed_by", "stored", "person")
        .order_by("-requested_on", "-id")
    )


def listed(scope: Scope, *, state: str, person: UUID | None, as_of: dt.date) -> QuerySet[Accounting]:
    """For the privacy officer's people; open ones by their last day first. `state`: open, late, delivered, withdrawn
    or blank for all."""
    rows = Accounting.objects.visible_to(scope).annotate(last_day=Coalesce("extended_to", "due_date"))
    if person:
        rows = rows.filter(person__uuid=person)
    if state == "late":
        still_open = Q(status=AccountingStatus.OPEN, last_day__lt=as_of)
        rows = rows.filter(still_open | Q(status=AccountingStatus.DELIVERED, closed_on__gt=F("last_day")))
    elif state:
        rows = rows.filter(status=state)
    order = ("last_day", "id") if state == AccountingStatus.OPEN else ("-requested_on", "-id")
    return rows.select_related("person", "closed_by").order_by(*order)


def one(scope: Scope, uuid: UUID) -> Accounting | None:
    rows = Accounting.objects.visible_to(scope).select_related("person", "asker", "closed_by", "recorded_by", "stored")
    return rows.filter(uuid=uuid).first()


def is_late(row: Accounting, *, as_of: dt.date) -> bool:
    return row.status != AccountingStatus.WITHDRAWN and rules.is_late(
        due=row.due_date, extended_to=row.extended_to, closed_on=row.closed_on, as_of=as_of
    )


def must_be_free(row: Accounting) -> bool:
    """May nothing be charged for it? What was asked on the website costs nothing and counts for none. One query."""
    before = (
        Accounting.objects.filter(person_id=row.person_id, fee_cents=0, id__lt=row.pk)
        .exclude(asked_by=AskedBy.PORTAL)
        .exclude(status=AccountingStatus.WITHDRAWN)
    )
    return rules.must_be_free(row.requested_on, before.values_list("requested_on", flat=True))
