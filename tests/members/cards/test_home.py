"""The member's home: the own card, from coverage as known now; nobody else's."""

import datetime as dt

import pytest
from django.test import Client as Browser

from audit.models import Event, Subject
from billing.enums import CoverageLine
from billing.models import BillAccount, RatedProduct
from members.models import BenefitPackage, Contract, Coverage, Enrollee, Group, Person, Product
from portals import scope as scopes
from portals.models import PlanClock, User
from tests.factories import people

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 12, 14)
KNOWN = (dt.datetime(2026, 12, 1, tzinfo=dt.UTC), None)


@pytest.fixture
def family() -> dict[str, User]:
    """A subscriber, a covered spouse and a stranger, each with an account."""
    with scopes.entered(scopes.system("test")):
        PlanClock.objects.update_or_create(id=1, defaults={"business_date": TODAY})
        client = people.client()
        rated = RatedProduct.objects.create(code="CARD-GOLD", name="Gold of the card test", line=CoverageLine.MEDICAL)
        product = Product.objects.create(
            rated=rated,
            plan_type="HMO",
            network="HMO POS 200",
            deductible_single=50_000,
            deductible_family=100_000,
            oop_single=400_000,
            oop_family=800_000,
            rx_bin="610014",
            rx_pcn="NGH",
            rx_group="NGRX",
        )
        account = BillAccount.objects.create(
            number="CARD-1",
            name="Medical",
            state="NY",
            invoice_rule="days_before_due",
            invoice_day=20,
            billed_from=dt.date(2026, 12, 1),
        )
        group = Group.objects.create(client=client, number="00112299", name="All")
        package = BenefitPackage.objects.create(
            group=group,
            product=product,
            line=CoverageLine.MEDICAL,
            account=account,
            offered=(dt.date(2026, 1, 1), None),
        )
        alexandria = people.person(first_name="ALEXANDRIA", middle_name="MARGUERITE", last_name="FEATHERSTONEHAUGH")
        spouse = people.person(first_name="Sam", last_name="Featherstonehaugh")
        contract = Contract.objects.create(
            client=client, number="NGH88420173", sender_number="1", subscriber=alexandria
        )
        for suffix, person, relationship in (("01", alexandria, "18"), ("02", spouse, "01")):
            enrollee = Enrollee.objects.create(
                client=client,
                contract=contract,
                person=person,
                relationship=relationship,
                suffix=suffix,
                member_id=f"NGH88420173{suffix}",
                recorded_date=TODAY,
            )
            Coverage.objects.create(
                enrollee=enrollee,
                contract=contract,
                client=client,
                package=package,
                line=CoverageLine.MEDICAL,
                effective=(dt.date(2026, 12, 1), None),
                known=KNOWN,
            )
        stranger = people.person()
        return {name: people.member_user(p) for name, p in (("own", alexandria), ("spouse", spouse), ("no", stranger))}


def home(user: User) -> str:
    browser = Browser()
    people.sign_in(browser, user)
    return " ".join(browser.get("/members/").content.decode().split())


@pytest.mark.promise("M5", "M6", "M7")
def test_the_card_is_the_home_page(family: dict[str, User]) -> None:
    text = home(family["own"])
    for shown in (
        "ALEXANDRIA FEATHERSTONEHAU<",
        "NGH 8842 0173 01",
        "00112299",
        "HMO POS 200",
        "$500 / $1,000",
        "$4,000 / $8,000",
        "RxBIN 610014",
        "RxPCN NGH",
        "RxGrp NGRX",
        "12/01/2026",
        "Your full name is Alexandria Marguerite Featherstonehaugh",
        "does not affect your coverage",
        "you and 1 dependent",
        "You keep your doctors",
    ):
        assert shown in text, shown
    look = Event.objects.get(action="members:home")
    seen = Subject.objects.filter(event_id=look.pk, kind="person").values_list("subject_id", flat=True)
    assert set(seen) == set(Person.objects.filter(last_name__iexact="featherstonehaugh").values_list("pk", flat=True))


def test_a_spouse_has_an_own_card_and_a_stranger_none(family: dict[str, User]) -> None:
    assert "NGH 8842 0173 02" in home(family["spouse"])
    stranger = home(family["no"])
    assert "NGH 8842" not in stranger
    assert "No coverage on file today" in stranger


def test_a_coverage_that_was_taken_back_is_no_longer_on_the_card(family: dict[str, User]) -> None:
    with scopes.entered(scopes.system("test")):
        Coverage.objects.update(known=(KNOWN[0], dt.datetime(2026, 12, 10, tzinfo=dt.UTC)))
    assert "No coverage on file today" in home(family["own"])


def test_a_dependent_stands_on_the_card_once_and_from_the_day_covered(family: dict[str, User]) -> None:
    """Another plan from January, and a child covered from then."""
    january = dt.date(2027, 1, 1)
    with scopes.entered(scopes.system("test")):
        spouse = Enrollee.objects.get(suffix="02")
        held = Coverage.objects.filter(enrollee=spouse).get()
        Coverage.objects.filter(pk=held.pk).update(effective=(dt.date(2026, 12, 1), january))
        child = Enrollee.objects.create(
            client_id=spouse.client_id,
            contract_id=spouse.contract_id,
            person=people.person(first_name="Kim"),
            relationship="19",
            suffix="03",
            member_id="NGH8842017303",
            recorded_date=TODAY,
        )
        for enrollee in (spouse, child):
            Coverage.objects.create(
                enrollee=enrollee,
                contract_id=spouse.contract_id,
                client_id=spouse.client_id,
                package=held.package,
                line=CoverageLine.MEDICAL,
                effective=(january, None),
                known=KNOWN,
            )
    assert "you and 1 dependent" in home(family["own"])
    with scopes.entered(scopes.system("test")):
        PlanClock.objects.update(business_date=january)
    assert "you and 2 dependents" in home(family["own"])
