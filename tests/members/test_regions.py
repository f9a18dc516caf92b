"""A region's own website and telephone: on the front page for everybody, on pages, card and mail for its members."""

import datetime as dt

import pytest
from django.test import Client as Browser
from pytest_django import DjangoAssertNumQueries

from billing.enums import CoverageLine
from members.models import BenefitPackage, Client, Contract, Coverage, Enrollee, Group, Person
from members.queries import regions as own
from portals import scope as scopes
from portals.demo import plan
from portals.models import OutboxMail, User
from portals.plan import brand, regions
from portals.scope import PartyRef, Portal, Scope
from tests.factories import members as products
from tests.factories import people

pytestmark = pytest.mark.django_db
SYSTEM = scopes.system("test")


@pytest.fixture
def members() -> dict[str, User]:
    """One of the region, one of elsewhere, in the demo plan's configuration."""
    with scopes.entered(SYSTEM):
        plan.load(by=SYSTEM)
        return {region: people.member_user(enrolled(region)) for region in ("NENY", "")}


def enrolled(region: str) -> Person:
    client, person = people.client(), people.person(birth_date=dt.date(1980, 5, 5), zip="12207")
    Client.objects.filter(pk=client.pk).update(region=region)
    contract = Contract.objects.create(client=client, number=f"NGH{person.pk:08}", sender_number="1", subscriber=person)
    enrollee = Enrollee.objects.create(
        client=client,
        contract=contract,
        person=person,
        relationship="18",
        suffix="01",
        member_id=f"{contract.number}01",
        recorded_date=dt.date(2026, 12, 14),
    )
    group = Group.objects.create(client=client, number=f"R{client.client_id}", name="Everyone")
    package = BenefitPackage.objects.create(
        group=group,
        product=products.product(),
        line=CoverageLine.MEDICAL,
        account=products.account(client),
        offered=people.ALWAYS,
    )
    Coverage.objects.create(
        enrollee=enrollee,
        contract=contract,
        client=client,
        package=package,
        line=CoverageLine.MEDICAL,
        effective=people.ALWAYS,
        known=(dt.datetime(2026, 12, 1, tzinfo=dt.UTC), None),
    )
    return person


def read(user: User, url: str) -> str:
    browser = Browser()
    people.sign_in(browser, user)
    return browser.get(url).content.decode()


def test_members_of_a_region_see_its_website_and_telephone(members: dict[str, User]) -> None:
    here, there = (read(members[region], "/members/help/") for region in ("NENY", ""))
    assert "Yours is neny.northgate.example." in here
    assert "1-800-555-0143" in here and "1-800-555-0142" not in here
    assert "Yours is northgate.example." in there
    assert "1-800-555-0142" in there and "1-800-555-0143" not in there


def test_the_card_and_its_back_name_the_regions_telephone_and_website(members: dict[str, User]) -> None:
    assert "1-800-555-0143" in read(members["NENY"], "/members/")
    assert "1-800-555-0142" in read(members[""], "/members/")
    back = read(members["NENY"], "/members/card/back/")
    assert "<p>neny.northgate.example</p>" in back
    assert "1-800-555-0143" in back and "1-800-555-0142" not in back


def test_who_has_no_card_yet_is_told_whom_to_call_and_when(members: dict[str, User]) -> None:
    with scopes.entered(SYSTEM):
        Coverage.objects.all().delete()
    told = read(members["NENY"], "/members/").partition("call member services")[2].partition("</main>")[0]
    assert "1-800-555-0143" in told and "1-800-555-0142" not in told and "8 am to 8 pm" in told


def test_the_front_page_and_the_sign_in_page_say_which_address_belongs_to_whom(members: dict[str, User]) -> None:
    for url in ("/", "/sign-in/"):
        page = Browser().get(url).content.decode()
        for fact in ("Northeastern New York", "neny.northgate.example", "1-800-555-0143", "Everywhere else"):
            assert fact in page, f"{url} lacks {fact}"
    spanish = Browser()
    spanish.cookies["django_language"] = "es"
    assert "Noreste de Nueva York" in spanish.get("/").content.decode()


@pytest.mark.parametrize(
    ("region", "phone", "site"),
    [
        ("NENY", "1-800-555-0143", "neny.northgate.example"),
        ("", "1-800-555-0142", "northgate.example"),
    ],
)
def test_mail_names_the_regions_telephone_and_website(region: str, phone: str, site: str) -> None:
    with scopes.entered(SYSTEM):
        member_id = Enrollee.objects.get(person=enrolled(region)).member_id
    details = {"identifier": member_id, "birth_date": "05/05/1980", "zip_code": "12207"}
    Browser().post("/members/first-sign-in/", details)
    assert f"Member services: {phone}, {site}." in OutboxMail.objects.latest("id").body


def test_a_client_s_region_is_that_of_who_works_for_it_and_nobody_has_none(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with scopes.entered(SYSTEM):
        client = people.client()
        Client.objects.filter(pk=client.pk).update(region="NENY")
        acting = Scope("user:1", Portal.EMPLOYER, user_id=1, party=PartyRef("client", client.pk))
        with django_assert_num_queries(1):
            assert regions.region_of(acting) == "NENY"
    with django_assert_num_queries(0):
        assert regions.region_of(scopes.NOBODY) == ""
        assert regions.region_of(Scope("user:1", Portal.PROVIDER, party=PartyRef("practice", 1))) == ""
    assert own.of_person(0) == ""


def test_a_region_replaces_only_what_it_names() -> None:
    general, own_facts = brand.brand(), brand.brand("NENY")
    differ = {name for name in own_facts if own_facts[name] != general.get(name)}
    assert differ == {"region_name", "website", "card_phone"}
    assert brand.brand("NOWHERE") == general
    assert brand.region_name("NOWHERE") == "NOWHERE"
