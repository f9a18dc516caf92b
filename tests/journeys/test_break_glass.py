"""A caller's emergency: the help desk opens one record, and the privacy officer reads exactly what was looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from members.models import Contract, Enrollee, Person
from members.rules import numbers
from portals import scope as scopes
from portals.enums import Team
from portals.models import BreakGlass, User
from tests.factories import openings, people
from tests.journeys.door import confirm, sign_in

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.journey
REASON = "Pharmacy on the line, insulin refused, member services closed until Monday"


def enrolled() -> tuple[Person, str]:
    number = numbers.contract_number(7130044)
    client = people.client("Quill & Ferry Works")
    person = people.person(first_name="Ines", last_name="Farrowby")
    contract = Contract.objects.create(client=client, number=number, sender_number="1", subscriber=person)
    Enrollee.objects.create(
        client=client,
        contract=contract,
        person=person,
        relationship="18",
        suffix="01",
        member_id=f"{number}01",
        recorded_date="2026-12-01",
    )
    return person, f"{number}01"


def out(page: Page) -> None:
    page.goto("/sign-out/")
    page.get_by_role("main").get_by_role("button", name="Sign out").click()


def look_up(page: Page, member_id: str) -> None:
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Members").click()
    page.get_by_label("Member ID, contract number").fill(member_id)
    page.get_by_role("button", name="Look up", exact=True).click()


def open_in_an_emergency(page: Page, clerk: User, member_id: str) -> None:
    look_up(page, member_id)
    expect(page.get_by_role("heading", name="Found, and closed to your team")).to_be_visible()
    expect(page.get_by_text("Farrowby")).to_have_count(0)
    page.get_by_role("link", name="Open in an emergency").click()
    confirm(page, clerk.username)
    page.get_by_label("Reason").fill("short")
    page.get_by_role("button", name="Open the record, under my name").click()
    expect(page.locator("[data-error-summary]")).to_be_visible()
    page.get_by_label("Reason").fill(REASON)
    page.get_by_label("Ticket number").fill("T-2041")
    page.get_by_role("button", name="Open the record, under my name").click()
    expect(page.get_by_role("heading", name="Ines Farrowby")).to_be_visible()


@pytest.mark.promise("V2", "X3")
def test_an_emergency_is_opened_with_a_reason_and_reviewed_by_somebody_else(page: Page) -> None:
    with scopes.entered(scopes.system("test")):
        person, member_id = enrolled()
        clerk, officer = people.staff_user(Team.HELP_DESK), people.staff_user(Team.PRIVACY)
    sign_in(page, clerk.username)
    open_in_an_emergency(page, clerk, member_id)
    banner = page.get_by_role("region", name="Open in an emergency")
    expect(banner).to_contain_text("60 minutes left")
    expect(banner).to_contain_text("T-2041")
    page.get_by_role("link", name="ID card").click()
    banner.get_by_role("button", name="End now").click()
    expect(page.get_by_text("The record is closed again.")).to_be_visible()
    page.goto(f"/desk/members/{person.uuid}/")
    expect(page.get_by_role("heading", name="Not open to you yet")).to_be_visible()
    out(page)

    sign_in(page, officer.username)
    page.get_by_role("link", name="A record was opened in an emergency: review it").first.click()
    page.goto(f"/desk/looks/break-glass/{BreakGlass.objects.get(user=clerk).pk}/")
    expect(page.get_by_text(REASON)).to_be_visible()
    seen = page.get_by_role("table", name="What was looked at")
    expect(seen.get_by_role("row", name="Member's record at the service desk")).to_contain_text("Ines Farrowby")
    expect(seen.get_by_role("row", name="ID card at the service desk")).to_be_visible()
    page.get_by_label("Justified", exact=True).check()
    page.get_by_label("Note").fill("Called the pharmacy back")
    page.get_by_role("button", name="Record the review").click()
    expect(page.get_by_text("The review is recorded.")).to_be_visible()
    expect(page.get_by_text("Reviewed by")).to_be_visible()
    expect(page.get_by_text("Called the pharmacy back")).to_be_visible()


def test_member_services_open_the_record_by_their_role(page: Page) -> None:
    with scopes.entered(scopes.system("test")):
        person = Person.objects.filter(last_name="Farrowby").first() or enrolled()[0]
        services = people.staff_user(Team.MEMBER_SERVICES)
    sign_in(page, services.username)
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Members").click()
    page.get_by_label("First name").fill("ines")
    page.get_by_label("Last name").fill("farrowby")
    page.get_by_label("Date of birth").fill("4/28/1985")
    page.get_by_role("button", name="Look up by name").click()
    expect(page.get_by_role("heading", name="Ines Farrowby")).to_be_visible()
    expect(page.get_by_text(person.email)).to_have_count(0)
    assert not openings.desk_scope(services).grant
