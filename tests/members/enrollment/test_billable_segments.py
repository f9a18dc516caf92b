"""Billable segments agree with the readable rule on any coverage, and what was known before stays on record."""

import datetime as dt
import itertools
import random
from collections.abc import Iterator

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange, DateTimeTZRange

from billing.models import BillableSegment, DirtyAccount
from members.enrollment import billable_segments
from members.enrollment import rules as reference
from members.enrollment.rules import CoverageStretch, Covered
from members.models import BenefitPackage, Contract, Coverage, Enrollee
from members.rules import numbers
from portals import scope as scopes
from portals.plan import periods
from portals.plan.periods import Period
from tests.factories import members as factory
from tests.factories import people
from tests.factories.members import Employer

pytestmark = pytest.mark.django_db

FIRST_DAY = dt.date(2027, 1, 1)
RELATIONSHIPS = ("18", "01", "53", "19", "19", "G8")
_payloads = itertools.count(1)


@pytest.fixture(autouse=True)
def _system() -> Iterator[None]:
    with scopes.entered(scopes.system("test")):
        yield


@pytest.fixture
def employer() -> Employer:
    made = factory.employer()
    made.offer(factory.product())
    made.offer(factory.product())
    made.packages[1].account = factory.account(made.client)
    made.packages[1].save()
    made.offer(factory.product(line="dental", plan_type="DEN"))
    BenefitPackage.objects.filter(pk=made.packages[2].pk).update(cobra_account=None)
    return made


def contract_of(employer: Employer, relationships: tuple[str, ...] = RELATIONSHIPS) -> list[Enrollee]:
    number = numbers.contract_number(next(_payloads))
    persons = [people.person() for _ in relationships]
    contract = Contract.objects.create(
        client=employer.client, number=number, sender_number=number, subscriber=persons[0]
    )
    return [
        Enrollee.objects.create(
            client=employer.client,
            contract=contract,
            person=person,
            relationship=code,
            suffix=f"{place:02}",
            member_id=f"{number}{place:02}",
            recorded_date=FIRST_DAY,
        )
        for place, (person, code) in enumerate(zip(persons, relationships, strict=True), start=1)
    ]


def at(hour: int) -> dt.datetime:
    return dt.datetime(2027, 1, 5, hour, tzinfo=periods.PLAN_ZONE)


def cover(
    enrollee: Enrollee, package: BenefitPackage, first: int, end: int | None, *, known: int = 1, cobra: bool = False
) -> Coverage:
    """Days are counted from `FIRST_DAY`."""
    days = DateRange(FIRST_DAY + dt.timedelta(first), None if end is None else FIRST_DAY + dt.timedelta(end))
    return Coverage.objects.create(
        enrollee=enrollee,
        contract=enrollee.contract,
        client=enrollee.client,
        package=package,
        line=package.line,
        cobra=cobra,
        effective=days,
        known=DateTimeTZRange(at(known), None),
    )


def expected(contract: Contract) -> list[CoverageStretch]:
    rows = Coverage.objects.filter(contract=contract, known__upper_inf=True)
    return reference.stretches(
        [
            Covered(
                line=row.line,
                suffix=row.enrollee.suffix,
                relationship=row.enrollee.relationship,
                product=row.package.product.rated_id,
                account=(row.package.cobra_account_id if row.cobra else None) or row.package.account_id,
                period=Period(row.effective.lower, row.effective.upper),
            )
            for row in rows.select_related("enrollee", "package__product")
        ]
    )


def written(contract: Contract) -> list[CoverageStretch]:
    rows = BillableSegment.objects.filter(contract=contract.pk, known__upper_inf=True).order_by("line", "effective")
    return [
        CoverageStretch(
            r.line,
            r.product_id,
            r.account_id,
            r.price_key,
            r.members_count,
            Period(r.effective.lower, r.effective.upper),
        )
        for r in rows
    ]


@pytest.mark.parametrize("seed", range(12))
def test_the_sql_agrees_with_the_readable_rule(employer: Employer, seed: int) -> None:
    dice = random.Random(seed)
    contracts = [contract_of(employer) for _ in range(8)]
    for known in (1, 2):
        for enrollees in contracts:
            for enrollee, medical in itertools.product(enrollees, (True, False)):
                # Of several stretches in a row some are covered; on the second round some are superseded.
                line = "medical" if medical else "dental"
                held = Coverage.objects.filter(enrollee=enrollee, line=line, known__upper_inf=True)
                if held and dice.random() < 0.5:
                    continue
                for row in held:
                    row.known = DateTimeTZRange(row.known.lower, at(known))
                    row.save(update_fields=["known"])
                points = sorted(dice.sample(range(0, 40), dice.choice((2, 3, 4))))
                for start, end in itertools.pairwise([*points, None]):
                    if start is not None and dice.random() < 0.6:
                        package = dice.choice(employer.packages[:2]) if medical else employer.packages[2]
                        cover(enrollee, package, start, end, known=known, cobra=dice.random() < 0.3)
        billable_segments.rebuild([enrollees[0].contract_id for enrollees in contracts], known_at=at(known))
        for enrollees in contracts:
            assert written(enrollees[0].contract) == expected(enrollees[0].contract)


def test_what_changed_is_superseded_and_the_rest_is_left_alone(employer: Employer) -> None:
    subscriber, spouse = contract_of(employer, ("18", "01"))
    medical, _, dental = employer.packages
    cover(subscriber, medical, 0, None)
    cover(subscriber, dental, 0, None)
    billable_segments.rebuild([subscriber.contract_id], known_at=at(1))
    DirtyAccount.objects.all().delete()
    cover(spouse, medical, 45, None, known=2)
    done = billable_segments.rebuild([subscriber.contract_id], known_at=at(2))
    assert (done.superseded, done.written, done.accounts) == (1, 2, 1)
    rows = BillableSegment.objects.filter(line="medical").order_by("known", "effective")
    assert [(r.price_key, r.effective.lower, r.known.lower, r.known.upper) for r in rows] == [
        ("EE", FIRST_DAY, at(1), at(2)),
        ("EE", FIRST_DAY, at(2), None),
        ("ES", FIRST_DAY + dt.timedelta(45), at(2), None),
    ]
    assert BillableSegment.objects.filter(line="dental").count() == 1
    # January was billed right; from the month of the 45th day on it was not.
    assert [(d.account, d.since, d.at) for d in DirtyAccount.objects.all()] == [
        (employer.account, dt.date(2027, 2, 1), at(2))
    ]


def test_rebuilding_without_a_change_writes_nothing(employer: Employer) -> None:
    (subscriber,) = contract_of(employer, ("18",))
    cover(subscriber, employer.packages[0], 0, 31)
    billable_segments.rebuild([subscriber.contract_id], known_at=at(1))
    done = billable_segments.rebuild([subscriber.contract_id], known_at=at(2))
    assert (done.superseded, done.written, done.accounts) == (0, 0, 0)
    assert DirtyAccount.objects.count() == 1


def test_the_account_that_a_contract_leaves_is_looked_at_again_when_the_other_account_changes(
    employer: Employer,
) -> None:
    """A until the 15th, B from the 16th: A's month is charged because coverage goes on. When B is taken back, A's
    month is free, so A's next invoice must look."""
    (enrollee,) = contract_of(employer, ("18",))
    cover(enrollee, employer.packages[0], 0, 15)
    gone = cover(enrollee, employer.packages[1], 15, None)
    billable_segments.rebuild([enrollee.contract_id], known_at=at(2))
    DirtyAccount.objects.all().delete()
    Coverage.objects.filter(pk=gone.pk).update(known=DateTimeTZRange(at(1), at(3)))
    billable_segments.rebuild([enrollee.contract_id], known_at=at(3))
    marked = set(DirtyAccount.objects.values_list("account_id", flat=True))
    assert marked == {employer.packages[0].account_id, employer.packages[1].account_id}
