"""The help desk sees an office manager's portal while they talk, changes nothing, and goes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from portals import scope as scopes
from portals.enums import Team
from portals.models import ViewAs
from providers.models import StaffMembership
from tests.factories import people
from tests.journeys.door import confirm, sign_in

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.journey


@pytest.mark.promise("V2", "X3")
def test_from_the_callers_card_to_their_portal_and_back(page: Page) -> None:
    with scopes.entered(scopes.system("test")):
        clerk, officer = people.staff_user(Team.HELP_DESK), people.staff_user(Team.PRIVACY)
        practice = people.practice("Alder Street Pediatrics")
        manager = people.practice_user(practice)
        people.practice_user(practice)
    sign_in(page, clerk.username)
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Sign-in help").click()
    page.get_by_label("The caller's username or e-mail").fill(manager.username)
    page.get_by_role("button", name="Look up").click()
    confirm(page, clerk.username)
    page.get_by_role("button", name="See what this user sees").click()
    page.get_by_label("Reason").fill("The manager does not find where to add a nurse")
    page.get_by_label("Ticket number").fill("T-88")
    page.get_by_role("button", name="See it as this user").click()

    banner = page.get_by_role("region", name="Seeing as a user")
    expect(page.get_by_role("heading", name="Alder Street Pediatrics")).to_be_visible()
    expect(banner).to_contain_text("Alder Street Pediatrics")
    expect(banner).to_contain_text("The manager does not find where to add a nurse")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Manage staff").click()
    expect(page.get_by_role("row", name=manager.username)).to_be_visible()
    page.get_by_role("link", name="Add a staff member").click()
    expect(page.get_by_role("heading", name="Not open to you yet")).to_be_visible()
    expect(page.get_by_text("This page asks its user for a proof that it is them")).to_be_visible()
    banner.locator("form").evaluate("form => { form.action = '/providers/staff/add/'; form.submit(); }")
    expect(page.get_by_role("heading", name="Not open to you yet")).to_be_visible()
    expect(page.get_by_text("This would change something")).to_be_visible()
    expect(page.get_by_text("The user does it themselves while you tell them how")).to_be_visible()
    banner.get_by_role("button", name="Back to my own pages").click()
    expect(page.get_by_role("heading", name="See a portal as its user")).to_be_visible()
    page.goto("/providers/")
    expect(page.get_by_role("heading", name="We can't find that page")).to_be_visible()
    assert StaffMembership.objects.filter(practice=practice).count() == 2
    page.goto("/sign-out/")
    page.get_by_role("main").get_by_role("button", name="Sign out").click()

    sign_in(page, officer.username)
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Looks to review").click()
    page.get_by_label("Kind").select_option("view-as")
    page.get_by_label("Name or ticket").fill("T-88")
    page.get_by_role("button", name="Show").click()
    page.get_by_role("checkbox", name="T-88").check()
    page.get_by_role("button", name="Sign off the chosen ones as justified").click()
    expect(page.get_by_text("Signed off: 1.")).to_be_visible()
    row = ViewAs.objects.get(user=clerk)
    assert (row.reviewed_by, row.finding) == (officer, "justified")
