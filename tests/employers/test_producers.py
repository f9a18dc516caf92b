"""Your producer: who works for the employer, what they did here, and how the employer has it ended."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client as Browser

from audit.models import Event
from employers import producer_activity
from employers.enums import EmployerRole
from employers.models import EmployerUser
from portals import scope as scopes
from portals.enums import RequestStatus, Team
from portals.models import ActingSession, DeskRequest, User
from portals.plan import clock
from producers.enums import Entitlement
from producers.models import Agency, ClientGrant
from tests.factories import payers, people
from tests.factories.payers import Payer
from tests.house.test_urls import PAGES

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 12, 26)
PAGE = "/employers/producer/"


@dataclass
class World:
    payer: Payer
    agency: Agency
    producer: User
    number: str  # of an invoice that names one person

    @property
    def client_id(self) -> str:
        return self.payer.client.client_id


@pytest.fixture
def world() -> World:
    with scopes.entered(payers.system()) as by:
        clock.move_to(TODAY, by=by)
        payer = payers.payer("Medical")
        holder = payers.contract(payer.client, first_name="Iris", last_name="Secretname")
        number = payers.invoice(payer.accounts[0], 812_37, dt.date(2027, 1, 1), holders=[(holder, "EE", 812_37)]).number
        agency = people.agency("Hudson Benefits")
        people.grant(agency, payer.client)
        return World(payer, agency, named("Marta", agency), number)


def named(given: str, agency: Agency) -> User:
    user = people.producer_user(agency, Entitlement.CLIENT_ADMINISTRATION)
    User.objects.filter(pk=user.pk).update(given_name=given, family_name="Diaz")
    return user


def act(world: World, user: User, *pages: str, leave: bool = True) -> Browser:
    """One stretch: log in as the client, open these pages, go back."""
    made = people.browser(user)
    assert made.post(f"/producers/clients/{world.client_id}/log-in/").status_code == 302
    for page in pages:
        made.get(page)
    if leave:
        made.post("/producers/leave/")
    return made


def text(user: User, query: str = "") -> str:
    answer = people.browser(user).get(PAGE + query)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def looks(world: World) -> tuple[str, str]:
    return f"/employers/ebilling/invoices/{world.number}/", f"/employers/ebilling/invoices/{world.number}/lines.csv"


def test_the_employer_sees_who_has_access_and_everything_they_did(world: World) -> None:
    with scopes.entered(payers.system()):
        former = people.agency("Former Brokers")
        ClientGrant.objects.create(
            agency=former,
            client=world.payer.client,
            granted_by="system:test",
            effective=DateRange(dt.date(2024, 1, 1), dt.date(2026, 1, 1)),
        )
        elsewhere = payers.payer("Dental", name="Elsewhere")
        people.grant(world.agency, elsewhere.client)
    invoice, lines = looks(world)
    act(world, world.producer, invoice, lines, "/employers/ebilling/payments/?format=csv")
    act(World(elsewhere, world.agency, world.producer, ""), world.producer, "/employers/ebilling/bank-accounts/")
    page = text(world.payer.user)
    assert "Hudson Benefits" in page
    assert "Former Brokers" in page
    assert "Dec 31, 2025" in page, "the last day, not the day after"
    assert "Marta Diaz, Hudson Benefits" in page
    assert f"Opened an invoice · {world.number} · 1 person" in page
    assert "Refused: The lines of an invoice as a file" in page
    assert "Looked at the payments" in page
    assert "Logged in as you 1 time" in page
    assert "Secretname" not in page
    assert "bank accounts that are shared" not in page, "that was done for another employer"
    other = text(elsewhere.user)
    assert "Refused: Looked at the bank accounts that are shared" in other, "its eBilling is not open yet"
    assert world.number not in other
    assert Event.objects.filter(action="employers:producers").count() == 2


def test_it_is_filtered_by_person_and_time_and_taken_as_a_file(world: World) -> None:
    second = named("Otto", world.agency)
    invoice, _lines = looks(world)
    act(world, world.producer, invoice)
    act(world, second, "/employers/ebilling/")
    act(world, world.producer, "/employers/ebilling/invoices/")
    assert "Logged in as you 3 times" in text(world.payer.user)
    page = text(world.payer.user, f"?person={second.pk}")
    assert "Logged in as you 1 time" in page
    assert "Looked at what is to pay" in page
    assert "Opened an invoice" not in page
    ActingSession.objects.filter(user=second).update(started_at=dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
    assert "Logged in as you 2 times" in text(world.payer.user, "?period=30")
    assert "Nothing matches" in text(world.payer.user, f"?person={second.pk}&period=30")
    assert "Logged in as you 3 times" in text(world.payer.user, "?person=zebra&period=7"), "not understood"
    one = people.browser(world.payer.user)
    rows = list(csv.DictReader(io.StringIO(one.get(f"{PAGE}did.csv?period=30").content.decode("utf-8-sig"))))
    assert [(row["Person"], row["Agency"], row["What"]) for row in rows] == [
        ("Marta Diaz", "Hudson Benefits", "Looked at the list of invoices"),
        ("Marta Diaz", "Hudson Benefits", f"Opened an invoice · {world.number} · 1 person"),
    ]
    assert Event.objects.filter(action="employers:producers_csv", kind="export").count() == 1


def test_the_file_asks_once_more_who_is_there(world: World) -> None:
    fresh = Browser()
    people.sign_in(fresh, world.payer.user)
    assert fresh.get(f"{PAGE}did.csv")["Location"].startswith("/confirm/")


def test_what_was_done_in_one_stretch_is_not_shown_in_another(world: World) -> None:
    invoice, _lines = looks(world)
    act(world, world.producer, invoice)
    act(world, world.producer)
    second, first = re.findall(r'<li> <h3 class="c-heading.*?</h3>.*?</li> ?(?=<li> <h3|</ol>)', text(world.payer.user))
    assert "Opened an invoice" in first
    assert "Looked at the overview only" in second


def test_every_role_of_the_employer_sees_it_and_nobody_who_acts(world: World) -> None:
    act(world, world.producer, *looks(world))
    for role in EmployerRole:
        with scopes.entered(payers.system()):
            colleague = people.employer_user(world.payer.client, role)
        assert "Marta Diaz" in text(colleague)
    acting = act(world, world.producer, leave=False)
    for path in (PAGE, f"{PAGE}did.csv"):
        answer = acting.get(path)
        assert answer.status_code == 403
        assert b"for the employer&#x27;s own users only" in answer.content


def test_before_anybody_came_it_says_what_will_appear() -> None:
    with scopes.entered(payers.system()):
        lone = people.employer_user(people.client())
    page = text(lone)
    assert "Nobody has logged in as you yet" in page
    assert "No agency." in page


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_asks_the_same_however_much_was_done(
    world: World, count: int, django_assert_num_queries: Callable[..., Any]
) -> None:
    for number in range(count):
        act(world, named(f"Person{number}", world.agency), *looks(world))
    one = people.browser(world.payer.user)
    one.get(PAGE)
    with django_assert_num_queries(QUERIES):
        one.get(PAGE)


QUERIES = 18


def test_every_page_of_the_employer_has_its_label() -> None:
    """A page that shows something leaves a row, and one that is closed leaves one of the refusal."""
    assert {name for name in PAGES if name.startswith("employers:")} <= set(producer_activity.LABELS)


# --- The end of an access -----------------------------------------------------------------------------------------


def ask_to_end(world: World, **fields: object) -> DeskRequest | None:
    one, url = people.browser(world.payer.user), "/employers/requests/new/end-producer/"
    once = re.search(r'name="once" value="([^"]+)"', one.get(url).content.decode())
    assert once
    grant = ClientGrant.objects.get(client=world.payer.client)
    sent = {"once": once.group(1), "grant": grant.pk, "last_day": "12/31/2026", "reason": "Another broker", **fields}
    one.post(url, sent)
    return DeskRequest.objects.filter(kind="client.end_producer").first()


def test_the_employer_asks_and_client_management_ends_the_access_on_its_day(world: World) -> None:
    row = ask_to_end(world)
    assert row is not None
    clerk = people.desk_browser(Team.CLIENT_MANAGEMENT)
    page = clerk.get(f"/desk/requests/{row.pk}/").content.decode()
    assert "12/31/2026" in page, "what was asked stands in the form"
    clerk.post(f"/desk/requests/{row.pk}/", {"do": "propose", "decision-last_day": "12/30/2026"})
    row.refresh_from_db()
    assert row.status == RequestStatus.DONE
    grant = ClientGrant.objects.get(client=world.payer.client)
    assert grant.effective.upper == dt.date(2026, 12, 31)
    event = Event.objects.get(action="producers.clients.end")
    assert event.detail["last_day"] == "2026-12-30"
    acting = act(world, world.producer, leave=False)
    assert acting.get("/employers/").status_code == 200
    with scopes.entered(payers.system()) as by:
        clock.move_to(dt.date(2026, 12, 31), by=by)
    answer = acting.get("/employers/")
    assert answer.status_code == 403
    assert b"not open to your agency" in answer.content


@pytest.mark.parametrize(
    ("field", "value", "words_"),
    [("last_day", "12/01/2026", "past"), ("last_day", "soon", "month/day/year"), ("grant", "999", "valid choice")],
)
def test_what_is_not_understood_opens_nothing(world: World, field: str, value: str, words_: str) -> None:
    assert ask_to_end(world, **{field: value}) is None


def test_an_access_that_ended_meanwhile_is_told_to_the_desk(world: World) -> None:
    row = ask_to_end(world)
    assert row is not None
    ClientGrant.objects.update(effective=DateRange(dt.date(2020, 1, 1), dt.date(2026, 12, 27)))
    clerk = people.desk_browser(Team.CLIENT_MANAGEMENT)
    answer = clerk.post(f"/desk/requests/{row.pk}/", {"do": "propose", "decision-last_day": "12/31/2026"}, follow=True)
    assert b"ends on that day or earlier already" in answer.content
    row.refresh_from_db()
    assert row.status == RequestStatus.OPEN


def test_only_an_administrator_asks_for_an_end_and_another_clients_grant_is_no_choice(world: World) -> None:
    with scopes.entered(payers.system()):
        other = people.grant(world.agency, people.client())
        clerk = people.employer_user(world.payer.client, EmployerRole.BILLING)
    assert people.browser(clerk).get("/employers/requests/new/end-producer/").status_code == 404
    assert b"Ask to end this access" not in people.browser(clerk).get(PAGE).content
    assert ask_to_end_of(world, other.pk) is None


def ask_to_end_of(world: World, grant_id: int) -> DeskRequest | None:
    one, url = people.browser(world.payer.user), "/employers/requests/new/end-producer/"
    once = re.search(r'name="once" value="([^"]+)"', one.get(url).content.decode())
    assert once
    one.post(url, {"once": once.group(1), "grant": grant_id, "last_day": "12/31/2026", "reason": "x"})
    return DeskRequest.objects.filter(kind="client.end_producer").first()


# --- Separate invoices --------------------------------------------------------------------------------------------


def test_a_client_asks_for_separate_invoices_and_is_answered(world: World) -> None:
    one, url = people.browser(world.payer.user), "/employers/requests/new/separate-invoices/"
    once = re.search(r'name="once" value="([^"]+)"', one.get(url).content.decode())
    assert once
    sent = {"once": once.group(1), "what": ["location", "cobra"], "first_month": "02/01/2027"}
    for wrong in ({}, {"text": "Utica", "first_month": "02/15/2027"}, {"text": "Utica", "first_month": "12/01/2026"}):
        assert b"data-error-summary" in one.post(url, {**sent, **wrong}).content
    answer = one.post(url, {**sent, "text": "Utica, group 0417723-03"})
    row = DeskRequest.objects.get(kind="client.separate_invoices")
    assert answer["Location"] == f"/employers/requests/{row.uuid}/"
    assert row.team == Team.CLIENT_MANAGEMENT
    clerk = people.desk_browser(Team.CLIENT_MANAGEMENT)
    page = clerk.get(f"/desk/requests/{row.pk}/").content.decode()
    assert "A location of ours, COBRA" in page
    assert "February 1, 2027" in page or "Feb. 1, 2027" in page
    reply = {"do": "reply", "reply-text": "From February on.", "reply-status": "done"}
    clerk.post(f"/desk/requests/{row.pk}/", reply)
    assert "From February on." in one.get(f"/employers/requests/{row.uuid}/").content.decode()
    role = EmployerUser.objects.filter(user=world.payer.user)
    role.update(role=EmployerRole.ENROLLMENT)
    assert people.browser(world.payer.user).get(url).status_code == 404
