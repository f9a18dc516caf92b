"""A member's record as the plan's own people see it, and how one is found: by exact particulars, never by a part."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from members.cards import rules as cards
from members.enums import Relationship, Sex
from members.models import Coverage, Enrollee, MemberAccount, Person
from members.rules import names, numbers
from portals.crypto import values as crypto
from portals.plan.periods import last_day_covered
from portals.scope import Scope

MOST_FOUND = 20


@dataclass(frozen=True, slots=True)
class Criteria:
    """What was typed: a number (member ID, contract number or whole SSN), or a name and a birth date."""

    number: str = ""
    first_name: str = ""
    last_name: str = ""
    birth_date: dt.date | None = None

    @property
    def way(self) -> str:
        """How was searched, without saying what for."""
        if not self.number:
            return "name"
        typed = cards.typed_identifier(self.number)
        return "ssn" if numbers.ssn_in(typed) else "contract" if numbers.is_contract_number(typed) else "member_id"


def find(scope: Scope, criteria: Criteria) -> list[int]:
    """Ids of the people whom it fits exactly, at most `MOST_FOUND` of them, in the order of names. One query."""
    people = Person.objects.visible_to(scope)
    if criteria.way == "name":
        assert criteria.birth_date is not None
        key = names.sort_key(criteria.last_name, criteria.first_name)
        people = people.filter(sort_key=key, birth_date=criteria.birth_date)
    else:
        typed = cards.typed_identifier(criteria.number)
        people = people.filter(
            {
                "ssn": Q(ssn_index__in=crypto.blind_indexes(typed, purpose="ssn")),
                "contract": Q(enrollees__contract__number=typed),
                "member_id": Q(enrollees__member_id=typed),
            }[criteria.way]
        )
    ordered = people.order_by("sort_key", "pk").values_list("pk", "sort_key").distinct()
    return [pk for pk, _key in ordered[:MOST_FOUND]]


@dataclass(frozen=True, slots=True)
class Found:
    """Enough to choose the right one of several."""

    person_id: int
    uuid: str
    name: str
    birth_date: dt.date
    member_ids: list[str]


def found(scope: Scope, ids: Iterable[int]) -> list[Found]:
    """Those of the people that the scope sees, in the order of names. Two queries."""
    people = Person.objects.visible_to(scope).filter(pk__in=list(ids)).order_by("sort_key", "pk")
    return [
        Found(
            person_id=person.pk,
            uuid=str(person.uuid),
            name=names.readable(person.full_name),
            birth_date=person.birth_date,
            member_ids=[cards.spaced_member_id(each.member_id) for each in person.enrollees.all()],
        )
        for person in people.prefetch_related("enrollees")
    ]


def person_of(scope: Scope, uuid: UUID) -> int | None:
    """Our id of the person with that uuid."""
    return Person.objects.visible_to(scope).filter(uuid=uuid).values_list("pk", flat=True).first()


def named(ids: Iterable[int]) -> dict[int, str]:
    """Names of people for the review of who looked at them; the caller has established that it may."""
    return {person.pk: names.readable(person.full_name) for person in Person.objects.filter(pk__in=list(ids))}


@dataclass(frozen=True, slots=True)
class Days:
    """One stretch of coverage. `last_day` is the last day covered; none: it has no end yet."""

    line: str
    plan_name: str
    group_number: str
    first_day: dt.date
    last_day: dt.date | None
    cobra: bool
    current: bool


@dataclass(frozen=True, slots=True)
class Relative:
    """Another person on the contract."""

    person_id: int
    uuid: str
    name: str
    relationship: str
    birth_date: dt.date
    member_id: str


@dataclass(frozen=True, slots=True)
class Enrollment:
    """The person on one contract. `others` is how many more people are on it; `family` names them, if asked."""

    client_name: str
    client_id: str
    contract_number: str
    member_id: str
    relationship: str
    recorded_date: dt.date
    coverages: list[Days]
    others: int
    family: list[Relative]


@dataclass(frozen=True, slots=True)
class Record:
    """What the desk sees of a person: of the SSN the last four digits (ruling 22), of a confidential address that
    there is one, of e-mail and telephone enough to recognize them."""

    person_id: int
    uuid: str
    name: str
    birth_date: dt.date
    sex: str
    ssn_last_four: str
    address: list[str]
    has_confidential_address: bool
    email: str
    phone: str
    account_since: dt.datetime | None
    enrollments: list[Enrollment]


def record(scope: Scope, person_id: int, *, as_of: dt.date, family: bool) -> Record | None:
    """The record with the coverage known now, the newest contract first; `family`: with the others on the contracts.
    Five queries, however many contracts and people."""
    person = Person.objects.visible_to(scope).filter(pk=person_id).first()
    if person is None:
        return None
    own = list(
        Enrollee.objects.visible_to(scope).filter(person=person).select_related("contract__client").order_by("-id")
    )
    contracts = [each.contract_id for each in own]
    others = list(
        Enrollee.objects.visible_to(scope)
        .filter(contract_id__in=contracts)
        .exclude(person=person)
        .select_related("person")
        .order_by("suffix")
    )
    covered = list(
        Coverage.objects.visible_to(scope)
        .filter(enrollee__in=own, known__endswith=None)
        .select_related("package__product__rated", "package__group")
        .order_by("line", "-effective")
    )
    account = MemberAccount.objects.filter(person=person, disowned_at=None).first()
    return Record(
        person_id=person.pk,
        uuid=str(person.uuid),
        name=names.readable(person.full_name),
        birth_date=person.birth_date,
        sex=person.get_sex_display() if person.sex != Sex.UNKNOWN else "",
        ssn_last_four=person.ssn_last_four,
        address=_address(person),
        has_confidential_address=bool(person.confidential_address),
        email=masked_email(person.email),
        phone=masked_phone(person.phone),
        account_since=account.created_at if account else None,
        enrollments=[
            _enrollment(
                each,
                [row for row in covered if row.enrollee_id == each.pk],
                [row for row in others if row.contract_id == each.contract_id],
                as_of=as_of,
                family=family,
            )
            for each in own
        ],
    )


def _address(person: Person) -> list[str]:
    place = " ".join(filter(None, (f"{person.city}," if person.city else "", person.state, person.zip)))
    return [line for line in (person.address, person.address2, place) if line]


def masked_email(email: str) -> str:
    """The first two letters and the domain: the caller says the rest."""
    name, at, domain = email.partition("@")
    return f"{name[:2]}***@{domain}" if at else ""


def masked_phone(phone: str) -> str:
    digits = "".join(c for c in phone if c.isdigit())
    return f"***-{digits[-4:]}" if len(digits) >= 7 else ""


def _enrollment(
    own: Enrollee, covered: list[Coverage], others: list[Enrollee], *, as_of: dt.date, family: bool
) -> Enrollment:
    return Enrollment(
        client_name=own.contract.client.name,
        client_id=own.contract.client.client_id,
        contract_number=own.contract.number,
        member_id=cards.spaced_member_id(own.member_id),
        relationship=str(Relationship(own.relationship).label),
        recorded_date=own.recorded_date,
        coverages=[
            Days(
                line=row.get_line_display(),
                plan_name=row.package.product.rated.name,
                group_number=row.package.group.number,
                first_day=row.effective.lower,
                last_day=last_day_covered(row.effective.upper),
                cobra=row.cobra,
                current=as_of in row.effective,
            )
            for row in covered
        ],
        others=len(others),
        family=[
            Relative(
                person_id=row.person_id,
                uuid=str(row.person.uuid),
                name=names.readable(row.person.full_name),
                relationship=str(Relationship(row.relationship).label),
                birth_date=row.person.birth_date,
                member_id=cards.spaced_member_id(row.member_id),
            )
            for row in others
        ]
        if family
        else [],
    )


def subjects(record: Record) -> list[tuple[str, int]]:
    """Whose facts a page with this record shows."""
    relatives = [each.person_id for enrollment in record.enrollments for each in enrollment.family]
    return [("person", pk) for pk in dict.fromkeys([record.person_id, *relatives])]
