"""Working as a client: each gate is asked, named, and asked again on every click."""

import datetime as dt
import re

import pytest
from django.test import Client as Browser

from audit.models import Event
from employers.enums import EmployerRole
from employers.models import EmployerUser
from members.models import Client
from portals import scope as scopes
from portals.models import ActingSession, HelpContact, PlanClock, User
from producers.enums import Entitlement
from producers.models import Agency, BookEntry, ClientGrant, EntitlementGrant
from tests.factories import people

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 12, 14)


@pytest.fixture
def world() -> tuple[User, Agency, Client]:
    with scopes.entered(scopes.system("test")):
        PlanClock.objects.update_or_create(id=1, defaults={"business_date": TODAY})
        HelpContact.objects.create(
            topic="client-management",
            owner="Client management",
            phone="1-800-555-0177",
            week=[[["08:00", "17:00"]]] * 5 + [[], []],
            effective=people.ALWAYS,
        )
        agency, client = people.agency("Hudson Test Agency"), people.client("Acted Client", client_id="0417000")
        producer = people.producer_user(agency, Entitlement.CLIENT_ADMINISTRATION)
        people.grant(agency, client)
    return producer, agency, client


def signed_in(user: User) -> Browser:
    browser = Browser()
    people.sign_in(browser, user)
    return browser


def act(browser: Browser, client: Client) -> object:
    return browser.post(f"/producers/clients/{client.client_id}/log-in/", follow=True)


@pytest.mark.promise("P15", "P17")
def test_after_one_confirmation_the_producer_sees_the_client_under_the_banner(
    world: tuple[User, Agency, Client],
) -> None:
    producer, _agency, client = world
    browser = signed_in(producer)
    assert b"0417000" in browser.get("/producers/").content
    first = browser.get("/producers/clients/0417000/log-in/")
    assert first.url.startswith("/confirm/?next="), "step-up once a session"
    people.step_up(browser, producer, to="/producers/clients/0417000/log-in/")
    page = act(browser, client)
    assert page.redirect_chain == [("/employers/", 302)]
    text = page.content.decode()
    assert "Acting as employer" in text
    assert "Acted Client" in text
    assert "0417000" in text
    row = Event.objects.get(action="acting.begin")
    assert (row.actor, row.acting_for) == (f"user:{producer.pk}", f"client:{client.pk}")
    assert row.grant == f"client-grant:{ClientGrant.objects.get().pk}"
    assert browser.post("/producers/leave/", follow=True).redirect_chain[-1][0] == "/producers/"
    assert browser.get("/employers/").status_code == 404


@pytest.mark.promise("P18")
@pytest.mark.parametrize(
    ("close", "words"),
    [
        (lambda: EntitlementGrant.objects.update(effective=(dt.date(2020, 1, 1), TODAY)), "Client Administration"),
        (lambda: ClientGrant.objects.update(effective=(dt.date(2020, 1, 1), TODAY)), "not open to your agency"),
        (lambda: Client.objects.update(status="legacy"), "previous system"),
    ],
)
def test_a_closed_gate_is_named_with_who_opens_it(
    world: tuple[User, Agency, Client], close: object, words: str
) -> None:
    producer, _, client = world
    browser = signed_in(producer)
    people.step_up(browser, producer)
    with scopes.entered(scopes.system("test")):
        close()
    page = browser.get(f"/producers/clients/{client.client_id}/log-in/")
    assert page.status_code == 403
    assert words in page.content.decode()
    assert ActingSession.objects.count() == 0
    assert Event.objects.filter(kind="denial", actor=f"user:{producer.pk}").count() == 1


def test_the_refusal_gives_the_openers_telephone(world: tuple[User, Agency, Client]) -> None:
    producer, _, client = world
    browser = signed_in(producer)
    people.step_up(browser, producer)
    ClientGrant.objects.all().delete()
    page = browser.get(f"/producers/clients/{client.client_id}/log-in/").content.decode()
    assert "1-800-555-0177" in page
    assert "Monday to Friday, 8 am to 5 pm Eastern" in page


def test_a_grant_that_ends_while_acting_ends_the_acting(world: tuple[User, Agency, Client]) -> None:
    producer, _, client = world
    browser = signed_in(producer)
    people.step_up(browser, producer)
    act(browser, client)
    ClientGrant.objects.update(effective=(dt.date(2020, 1, 1), TODAY))
    refusal = browser.get("/employers/")
    assert refusal.status_code == 403
    assert b"not open to your agency" in refusal.content
    assert ActingSession.objects.get().ended_at is not None
    row = Event.objects.get(action="acting.ended_by_gate")
    assert (row.actor, row.acting_for) == (f"user:{producer.pk}", f"client:{client.pk}")
    assert row.grant == f"client-grant:{ClientGrant.objects.get().pk}"
    assert browser.get("/employers/").status_code == 404


@pytest.mark.parametrize("way_out", ["/producers/leave/", "/sign-out/"])
def test_every_way_out_ends_the_stretch_and_says_for_whom_it_was(
    world: tuple[User, Agency, Client], way_out: str
) -> None:
    producer, _, client = world
    browser = signed_in(producer)
    people.step_up(browser, producer)
    act(browser, client)
    act(browser, client)  # again, from another tab: the first stretch is over
    browser.post(way_out)
    assert list(ActingSession.objects.filter(ended_at=None)) == []
    ends = Event.objects.filter(action="acting.end")
    assert [(row.actor, row.acting_for) for row in ends] == 2 * [(f"user:{producer.pk}", f"client:{client.pk}")]


def test_only_the_banners_button_ends_the_stretch_not_a_link_to_it(world: tuple[User, Agency, Client]) -> None:
    producer, _, client = world
    browser = signed_in(producer)
    people.step_up(browser, producer)
    act(browser, client)
    assert browser.get("/producers/leave/").url == "/producers/"
    assert ActingSession.objects.get().ended_at is None
    assert browser.get("/employers/").status_code == 200


def test_who_chooses_another_door_no_longer_acts(world: tuple[User, Agency, Client]) -> None:
    producer, agency, client = world
    with scopes.entered(scopes.system("test")):
        own = people.client("Own Employer")
        EmployerUser.objects.create(client=own, user=producer, role=EmployerRole.ADMINISTRATOR)
    browser = signed_in(producer)
    people.step_up(browser, producer)
    act(browser, client)
    found = re.findall(
        r'name="standing"\s+value="([^"]+)"[^>]*>\s*([^<]+?)\s*<', browser.get("/home/").content.decode()
    )
    doors = {label: door for door, label in found}
    assert set(doors) == {"Own Employer", agency.name}, "each door can be chosen"
    page = browser.post("/home/", {"standing": doors["Own Employer"]}, follow=True).content.decode()
    assert "Own Employer" in page
    assert "Acting as employer" not in page


def test_another_agencys_client_is_not_there(world: tuple[User, Agency, Client]) -> None:
    producer, _, _ = world
    with scopes.entered(scopes.system("test")):
        other = people.client("Not Yours", client_id="0999000")
        people.grant(people.agency("Other"), other)
    browser = signed_in(producer)
    people.step_up(browser, producer)
    assert browser.get("/producers/clients/0999000/log-in/").status_code == 404
    assert b"Not Yours" not in browser.get("/producers/").content


@pytest.mark.parametrize("count", [1, 3])
def test_the_book_costs_the_same_queries_whatever_its_length(
    world: tuple[User, Agency, Client], count: int, django_assert_num_queries: object
) -> None:
    producer, agency, _ = world
    with scopes.entered(scopes.system("test")):
        for number in range(count - 1):
            BookEntry.objects.create(agency=agency, client=people.client(f"More {number}"))
    browser = signed_in(producer)
    browser.get("/producers/")  # the first click of a session also notes that it was seen
    with django_assert_num_queries(15):
        assert browser.get("/producers/").content.count(b"Log in as employer") >= 1
