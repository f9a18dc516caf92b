"""A page changes one person's coverage through the same core as a file, under row policies."""

import datetime as dt
from collections.abc import Iterator

import pytest
from django.core.exceptions import ObjectDoesNotExist

from audit.models import Event
from billing.models import BillableSegment, DirtyAccount
from members.enrollment.apply import changes
from members.enrollment.apply.results import RefusedError
from members.models import Contract, Coverage, Enrollee
from members.rules import numbers
from portals import scope as scopes
from portals.plan import periods
from portals.scope import PartyRef, Portal, Scope
from tests.factories import members as factory
from tests.factories import people
from tests.factories.members import Employer

pytestmark = pytest.mark.django_db

JAN = dt.date(2027, 1, 1)
NOW = dt.datetime(2026, 12, 20, 9, tzinfo=periods.PLAN_ZONE)


def of(employer: Employer) -> Scope:
    return Scope(actor="user:1", portal=Portal.EMPLOYER, user_id=1, party=PartyRef("client", employer.client.pk))


@pytest.fixture
def acme() -> Employer:
    with scopes.entered(scopes.system("test")):
        employer = factory.employer()
        employer.offer(factory.product("GOLD"))
        employer.offer(factory.product("SILVER"))
        employer.offer(factory.product("SMILE", line="dental", plan_type="DEN"))
        return employer


@pytest.fixture
def family(acme: Employer) -> Iterator[list[Enrollee]]:
    """A subscriber and a spouse, both covered; afterwards the transaction is the employer's."""
    with scopes.entered(scopes.system("test")):
        persons = [people.person(), people.person()]
        contract = Contract.objects.create(
            client=acme.client, number=numbers.contract_number(5), sender_number="E1", subscriber=persons[0]
        )
        made = [
            Enrollee.objects.create(
                client=acme.client,
                contract=contract,
                person=person,
                relationship=code,
                suffix=suffix,
                member_id=contract.number + suffix,
                recorded_date=JAN,
            )
            for person, code, suffix in zip(persons, ("18", "01"), ("01", "02"), strict=True)
        ]
        for enrollee in made:
            Coverage.objects.create(
                enrollee=enrollee,
                contract=contract,
                client=acme.client,
                package=acme.packages[0],
                line="medical",
                effective=(JAN, None),
                known=(NOW - dt.timedelta(30), None),
            )
    with scopes.entered(of(acme)):
        yield made


def known(enrollee: Enrollee) -> list[tuple[str, dt.date, dt.date | None]]:
    rows = Coverage.objects.filter(enrollee=enrollee, known__upper_inf=True).order_by("line", "effective")
    return [(r.package.product.rated.code, r.effective.lower, r.effective.upper) for r in rows]


def test_an_employer_adds_and_ends_a_line(acme: Employer, family: list[Enrollee]) -> None:
    subscriber, _ = family
    by = of(acme)
    changes.add_coverage(
        subscriber.pk, line="dental", plan_code="SMILE", begin_date=JAN, by=by, known_at=NOW, reason="22"
    )
    assert known(subscriber) == [("SMILE", JAN, None), ("GOLD", JAN, None)]
    changes.end_coverage(subscriber.pk, line="dental", last_day=dt.date(2027, 1, 31), by=by, known_at=NOW)
    assert known(subscriber) == [("SMILE", JAN, dt.date(2027, 2, 1)), ("GOLD", JAN, None)]
    events = Event.objects.filter(action="members.change_coverage")
    assert {(e.actor, e.portal) for e in events} == {("user:1", "employer")}


def test_ending_the_subscriber_takes_the_spouse_along_and_bills_follow(acme: Employer, family: list[Enrollee]) -> None:
    subscriber, spouse = family
    changes.end_coverage(subscriber.pk, last_day=dt.date(2027, 1, 31), by=of(acme), known_at=NOW, reason="08")
    assert known(subscriber) == known(spouse) == [("GOLD", JAN, dt.date(2027, 2, 1))]
    scopes.enter(scopes.system("test"))
    segment = BillableSegment.objects.get()
    assert (segment.price_key, segment.effective.upper) == ("ES", dt.date(2027, 2, 1))
    assert DirtyAccount.objects.get().account == acme.account


def test_a_refused_change_says_why_and_leaves_everything(acme: Employer, family: list[Enrollee]) -> None:
    subscriber, _ = family
    with pytest.raises(RefusedError) as refused:
        changes.add_coverage(
            subscriber.pk, line="medical", plan_code="SILVER", begin_date=JAN, by=of(acme), known_at=NOW
        )
    assert [r.reason for r in refused.value.refusals] == ["overlaps"]
    assert known(subscriber) == [("GOLD", JAN, None)]
    assert not Event.objects.filter(action="members.change_coverage").exists()


def test_another_clients_person_does_not_exist(family: list[Enrollee]) -> None:
    with scopes.entered(scopes.system("test")):
        other = factory.employer()
    with pytest.raises(ObjectDoesNotExist), scopes.entered(of(other)):
        changes.end_coverage(family[0].pk, last_day=JAN, by=of(other), known_at=NOW)
