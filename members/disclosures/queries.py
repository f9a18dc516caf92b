"""What was disclosed of people outside of treatment, payment and operations, as the privacy officer reads it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet, Subquery

from members.cards import rules as cards
from members.disclosures import rules
from members.disclosures.rules import Days
from members.enums import Purpose, Statement
from members.models import Disclosure, DisclosureEnd, Enrollee, Person, Suspension
from members.rules import names
from portals.models import StoredFile, User
from portals.scope import Scope


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list is narrowed to; a period and days are inclusive. `state`: standing, suspended, ended or any."""

    person: UUID | None = None
    recipient: str = ""
    purpose: str = ""
    first_on: dt.date | None = None
    last_on: dt.date | None = None
    by: int | None = None
    state: str = "standing"


def _latest(field: str) -> Subquery:
    return Subquery(Suspension.objects.filter(disclosure=OuterRef("pk")).order_by("-id").values(field)[:1])


def _with_suspension(rows: QuerySet[Disclosure]) -> QuerySet[Disclosure]:
    """Beside each the latest statement about it: `told`, `told_on`, `told_until`."""
    return rows.annotate(told=_latest("form"), told_on=_latest("stated_on"), told_until=_latest("until"))


def suspended_on(row: Disclosure, as_of: dt.date) -> bool:
    """For a row of `listed` or `standing`."""
    form, stated_on, until = (getattr(row, name) for name in ("told", "told_on", "told_until"))
    return bool(form) and rules.is_suspended(form=form, stated_on=stated_on, until=until, as_of=as_of)


def listed(scope: Scope, criteria: Filter, *, as_of: dt.date) -> QuerySet[Disclosure]:
    """The latest first, each with its person, `member_id`, who recorded it, its end and its latest suspension: one
    query."""
    rows = _with_suspension(Disclosure.objects.visible_to(scope))
    if criteria.person:
        rows = rows.filter(person__uuid=criteria.person)
    for word in criteria.recipient.replace("\0", "").split():
        rows = rows.filter(recipient__icontains=word)
    if criteria.purpose:
        rows = rows.filter(purpose=criteria.purpose)
    if criteria.first_on:
        rows = rows.filter(last_on__gte=criteria.first_on)
    if criteria.last_on:
        rows = rows.filter(first_on__lte=criteria.last_on)
    if criteria.by:
        rows = rows.filter(recorded_by=criteria.by)
    if criteria.state == "standing":
        rows = rows.filter(end=None)
    elif criteria.state == "ended":
        rows = rows.filter(end__isnull=False)
    elif criteria.state == "suspended":
        holding = ~Q(told=Statement.WITHDRAWN) & Q(told_on__lte=as_of, told_until__gte=as_of)
        rows = rows.filter(holding, end=None)
    member_id = Enrollee.objects.filter(person=OuterRef("person")).order_by("-id").values("member_id")[:1]
    return (
        rows.annotate(member_id=Subquery(member_id))
        .select_related("person", "recorded_by", "end")
        .order_by("-first_on", "-id")
    )


def recorders(scope: Scope) -> list[tuple[int, str]]:
    """Who has recorded disclosures, for the filter."""
    people = User.objects.filter(pk__in=Disclosure.objects.visible_to(scope).values("recorded_by"))
    return [(user.pk, user.display_name) for user in people.order_by("family_name", "given_name", "pk")]


@dataclass(frozen=True, slots=True)
class DisclosureRow:
    """One disclosure, as a person reads of it: 164.528(b)(2) and, where it was repeated, (b)(3)."""

    first_on: dt.date
    last_on: dt.date
    times: int | None
    frequency: str
    recipient: str
    address: str
    description: str
    purpose: str
    statement: str

    @property
    def repeated(self) -> bool:
        return self.times != 1

    @property
    def purpose_label(self) -> str:
        return str(Purpose(self.purpose).label)

    def as_json(self) -> dict[str, object]:
        return {
            "first_on": self.first_on.isoformat(),
            "last_on": self.last_on.isoformat(),
            "times": self.times,
            "frequency": self.frequency,
            "recipient": self.recipient,
            "address": self.address,
            "description": self.description,
            "purpose": self.purpose,
            "statement": self.statement,
        }


def entry(row: Disclosure) -> DisclosureRow:
    return DisclosureRow(
        row.first_on,
        row.last_on,
        row.times,
        row.frequency,
        row.recipient,
        row.recipient_address,
        row.description,
        row.purpose,
        row.statement,
    )


def entry_from(kept: dict[str, object]) -> DisclosureRow:
    """As it was given once."""
    first, last = (dt.date.fromisoformat(str(kept[name])) for name in ("first_on", "last_on"))
    return DisclosureRow(**{**kept, "first_on": first, "last_on": last})  # type: ignore[arg-type]  # its own `as_json`


def to_account_for(person_id: int, days: Days, *, as_of: dt.date) -> tuple[list[DisclosureRow], list[int]]:
    """What an accounting made on `as_of` holds, the earliest first, and the ids of what is suspended on that day. The
    caller has established for whom it is made, and sees past the tenant. One query."""
    rows = Disclosure.objects.filter(person_id=person_id, end=None, first_on__lte=days.last, last_on__gte=days.first)
    told, withheld = [], []
    for row in _with_suspension(rows).order_by("first_on", "id"):
        if suspended_on(row, as_of):
            withheld.append(row.pk)
        else:
            told.append(entry(row))
    return told, withheld


# --- One disclosure -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Change:
    """How a disclosure came not to stand: replaced by the next one, or void."""

    row: Disclosure
    end: DisclosureEnd | None


@dataclass(frozen=True, slots=True)
class Page:
    """One disclosure with its corrections, the first one first, and what agencies said about it, the latest first."""

    row: Disclosure
    name: str
    history: list[Change]
    statements: list[Suspension]
    suspended: bool


def one(scope: Scope, uuid: UUID, *, as_of: dt.date) -> Page | None:
    """Four queries, however often it was corrected."""
    rows = Disclosure.objects.visible_to(scope).select_related("person", "recorded_by", "end__by", "request_file")
    row = _with_suspension(rows).filter(uuid=uuid).first()
    if row is None:
        return None
    # The rows of one person are few: the chain is followed among them.
    ends = {
        each.disclosure_id: each
        for each in DisclosureEnd.objects.visible_to(scope)
        .filter(disclosure__person=row.person_id)
        .select_related("by")
    }
    before = {each.replacement_id: each.disclosure_id for each in ends.values() if each.replacement_id}
    chain = [row.pk]
    while chain[0] in before:
        chain.insert(0, before[chain[0]])
    while (end := ends.get(chain[-1])) is not None and end.replacement_id:
        chain.append(end.replacement_id)
    found = Disclosure.objects.visible_to(scope).select_related("recorded_by").in_bulk(chain)
    return Page(
        row=row,
        name=names.readable(row.person.full_name),
        history=[Change(found[pk], ends.get(pk)) for pk in chain],
        statements=list(row.suspensions.select_related("by", "document").order_by("-id")),
        suspended=suspended_on(row, as_of),
    )


def request_file(scope: Scope, uuid: UUID) -> tuple[Disclosure, StoredFile] | None:
    """The copy of the request that came with a disclosure."""
    row = Disclosure.objects.visible_to(scope).filter(uuid=uuid).select_related("request_file").first()
    return (row, row.request_file) if row is not None and row.request_file is not None else None


def statement_file(scope: Scope, uuid: UUID, statement: int) -> tuple[Disclosure, StoredFile] | None:
    """The written statement of an agency about a disclosure."""
    rows = Suspension.objects.visible_to(scope).filter(pk=statement, disclosure__uuid=uuid, document__isnull=False)
    found = rows.select_related("disclosure", "document").first()
    return (found.disclosure, found.document) if found is not None and found.document is not None else None


# --- People -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Subject:
    """A member, as a form names them."""

    person_id: int
    uuid: str
    name: str
    member_ids: list[str]


def subjects(scope: Scope, ids: Iterable[int]) -> list[Subject]:
    """In the order of names. Two queries."""
    people = Person.objects.visible_to(scope).filter(pk__in=list(ids)).order_by("sort_key", "pk")
    return [
        Subject(
            person.pk,
            str(person.uuid),
            names.readable(person.full_name),
            [cards.spaced_member_id(each.member_id) for each in person.enrollees.all()],
        )
        for person in people.prefetch_related("enrollees")
    ]


def by_member_ids(scope: Scope, member_ids: Iterable[str]) -> dict[str, int]:
    """Member IDs that fit exactly, and whose they are. One query."""
    rows = Enrollee.objects.visible_to(scope).filter(member_id__in=list(member_ids))
    return dict(rows.values_list("member_id", "person_id"))
