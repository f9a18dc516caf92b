"""The ID card of a person: from coverage as known now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.backends.postgresql.psycopg_any import DateRange

from billing.enums import CoverageLine
from members.cards import rules as cards
from members.enums import Relationship
from members.models import Coverage, Enrollee
from members.rules import names
from portals.scope import Scope


@dataclass(frozen=True, slots=True)
class Covered:
    """Another person on the contract."""

    person_id: int
    full_name: str


@dataclass(frozen=True, slots=True)
class IdCard:
    """Front and back of a card. Amounts are cents; `effective` is the first day of unbroken coverage in the plan."""

    enrollee_id: int
    person_id: int
    printed_name: str
    full_name: str
    member_id: str
    group_number: str
    plan_name: str
    plan_type: str
    network: str
    effective: dt.date
    deductible: tuple[int, int]
    oop: tuple[int, int]
    rx_bin: str
    rx_pcn: str
    rx_group: str
    formulary: str
    copays: list[list[str]]
    dependents: list[Covered]  # the others covered, on the subscriber's card
    is_future: bool


@dataclass(frozen=True, slots=True)
class OtherCoverage:
    """A line besides medical."""

    line: str
    plan_name: str
    effective: dt.date


@dataclass(frozen=True, slots=True)
class Home:
    """What a member's home page shows."""

    first_name: str
    card: IdCard | None
    others: list[OtherCoverage]
    recorded_date: dt.date | None


def home(scope: Scope, *, as_of: dt.date) -> Home:
    """The signed-in person's own card: today's coverage, else the next that begins. Two queries."""
    assert scope.party is not None
    person_id = scope.party.id
    contract_rows = _coverages(scope, as_of)
    rows = [row for row in contract_rows if row.enrollee.person_id == person_id]
    own = Enrollee.objects.filter(person_id=person_id).select_related("person").order_by("-id").first()
    medical = _current([row for row in rows if row.line == CoverageLine.MEDICAL], as_of)
    others = [
        OtherCoverage(row.get_line_display(), row.package.product.rated.name, row.effective.lower)
        for line in (CoverageLine.DENTAL, CoverageLine.VISION)
        if (row := _current([r for r in rows if r.line == line], as_of)) is not None
    ]
    family = [
        Covered(row.enrollee.person_id, names.readable(row.enrollee.person.full_name))
        for row in contract_rows
        if medical is not None
        and row.contract_id == medical.contract_id
        and row.line == CoverageLine.MEDICAL
        and max(as_of, medical.effective.lower) in row.effective
        and row.enrollee.person_id != person_id
    ]
    return Home(
        first_name=names.readable(own.person.first_name) if own else "",
        card=_card(medical, family, as_of) if medical else None,
        others=others,
        recorded_date=own.recorded_date if own else None,
    )


def _coverages(scope: Scope, as_of: dt.date) -> list[Coverage]:
    """Coverage known now of the contracts that the scope sees, not yet ended."""
    assert scope.party is not None
    return list(
        Coverage.objects.filter(
            contract__enrollees__person_id=scope.party.id,
            known__endswith=None,
            effective__overlap=DateRange(as_of, None),
        )
        .select_related("enrollee__person", "package__product__rated", "package__group")
        .order_by("enrollee__suffix", "effective")
        .distinct()
    )


def _current(rows: Iterable[Coverage], as_of: dt.date) -> Coverage | None:
    """Today's row, else the one that begins next."""
    ordered = sorted(rows, key=lambda row: row.effective.lower)
    return next((row for row in ordered if as_of in row.effective), ordered[0] if ordered else None)


def _card(row: Coverage, family: list[Covered], as_of: dt.date) -> IdCard:
    person, product = row.enrollee.person, row.package.product
    return IdCard(
        enrollee_id=row.enrollee_id,
        person_id=person.pk,
        printed_name=cards.printed_name(
            first=person.first_name, middle=person.middle_name, last=person.last_name, suffix=person.suffix
        ),
        full_name=names.readable(person.full_name),
        member_id=cards.spaced_member_id(row.enrollee.member_id),
        group_number=row.package.group.number,
        plan_name=product.rated.name,
        plan_type=product.plan_type,
        network=product.network,
        effective=row.effective.lower,
        deductible=(product.deductible_single, product.deductible_family),
        oop=(product.oop_single, product.oop_family),
        rx_bin=product.rx_bin,
        rx_pcn=product.rx_pcn,
        rx_group=product.rx_group,
        formulary=product.formulary,
        copays=product.copays,
        dependents=family if row.enrollee.relationship == Relationship.SELF else [],
        is_future=row.effective.lower > as_of,
    )


def subjects(scope: Scope, content: Home) -> list[tuple[str, int]]:
    """Whose protected facts a page with this card shows: the audit row names them."""
    own = [("person", scope.party.id)] if scope.party else []
    others = content.card.dependents if content.card else []
    return own + [("person", other.person_id) for other in others]
