"""Practices call: Customer Care opens an office with a colleague's approval, the help desk ends who left."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from portals import scope as scopes
from portals.enums import Team
from providers.models import StaffMembership
from tests.factories import calls, people
from tests.journeys.door import confirm, prove, sign_in
from tests.journeys.test_invitation import make_account, out

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.journey


def fill(page: Page, **fields: str) -> None:
    for name, value in fields.items():
        page.locator(f"main [name={name}]").fill(value)


def checked(page: Page) -> None:
    fill(page, **{name: value for name, value in calls.CALLER.items() if name != "check"})
    page.get_by_label("I called back").check()


def provider_call(page: Page, kind: str) -> None:
    page.get_by_role("navigation").get_by_role("link", name="Provider calls").click()
    page.get_by_role("link", name=kind).click()


@pytest.mark.promise("V6", "V16")
def test_an_office_calls_customer_care_and_its_manager_gets_in_by_the_mail(page: Page) -> None:
    with scopes.entered(scopes.system("test")):
        first, second = people.staff_user(Team.CUSTOMER_CARE), people.staff_user(Team.CUSTOMER_CARE)
    sign_in(page, first.username)
    provider_call(page, "A non-participating office wants access")
    page.get_by_label("Medical").check()
    fill(page, tax_id="14-0000999", npi="1245319599")
    page.get_by_role("button", name="Look up").click()
    confirm(page, first.username)
    expect(page.get_by_role("heading", name="A new office")).to_be_visible()
    manager = calls.MANAGER | {"email": "olga@journey.example", "authorized_on": "11/30/2025"}
    fill(page, **calls.OFFICE | {"name": "Journey Allergy"}, **manager)
    checked(page)
    page.get_by_role("button", name="File the call").click()
    expect(page.get_by_text("Waits for a second person").first).to_be_visible()
    expect(page.get_by_role("button", name="Approve and carry out")).to_have_count(0)
    here = page.url
    out(page)

    sign_in(page, second.username)
    page.goto(here)
    expect(page.get_by_text("Dr. Ines Marlowe").first).to_be_visible()
    prove(page, second.username)
    page.get_by_role("button", name="Approve and carry out").click()
    expect(page.get_by_text("Done").first).to_be_visible()
    out(page)

    make_account(page, "olga@journey.example", "olga.journey")
    expect(page.get_by_role("heading", name="Journey Allergy")).to_be_visible()
    expect(page.get_by_text("Not participating")).to_be_visible()
    page.get_by_role("navigation").get_by_role("link", name="Manage staff access").click()
    expect(page.get_by_text("you are the office manager")).to_be_visible()


@pytest.mark.promise("V25")
def test_a_departed_managers_open_session_is_dead_on_the_next_click(
    page: Page, browser: Browser, live_site: str
) -> None:
    with scopes.entered(scopes.system("test")):
        practice = people.practice("Departure Pediatrics")
        manager = people.practice_user(practice)
        helper = people.staff_user(Team.HELP_DESK)
    theirs = browser.new_context(base_url=live_site).new_page()
    sign_in(theirs, manager.username)
    expect(theirs.get_by_role("heading", name=practice.name)).to_be_visible()

    sign_in(page, helper.username)
    provider_call(page, "Somebody left a practice")
    fill(page, provider_id=practice.provider_id)
    page.get_by_role("button", name="Look up").click()
    confirm(page, helper.username)
    page.get_by_label(manager.display_name).check()
    page.get_by_label("Somebody new: invite them now").check()
    fill(
        page, last_day="11/30/2025", **calls.MANAGER | {"email": "next@journey.example", "authorized_on": "11/30/2025"}
    )
    checked(page)
    page.get_by_role("button", name="End the access").click()
    expect(page.get_by_text("on its way to next@journey.example")).to_be_visible()
    expect(page.get_by_text("Open", exact=True).first).to_be_visible()
    here = page.url

    theirs.get_by_role("navigation").get_by_role("link", name="Manage staff access").click()
    expect(theirs.get_by_role("heading", name="Manage staff access")).to_have_count(0)
    theirs.context.close()
    out(page)

    make_account(page, "next@journey.example", "next.journey")
    expect(page.get_by_role("heading", name=practice.name)).to_be_visible()
    out(page)
    sign_in(page, helper.username)
    page.goto(here)
    expect(page.get_by_text("Done", exact=True).first).to_be_visible()
    assert StaffMembership.objects.filter(practice=practice, ended_at=None).count() == 1
