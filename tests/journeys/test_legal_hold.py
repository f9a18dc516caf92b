"""A subpoena: one privacy officer holds months of the ledger, and it takes a second one to let them go."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from audit.archive import holds
from audit.enums import HoldStep
from portals import scope as scopes
from portals.enums import Team
from portals.models import User
from tests.factories import people
from tests.journeys.door import confirm, sign_in

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.journey


def place(page: Page, officer: User) -> None:
    page.get_by_role("link", name="Place a hold").click()
    confirm(page, officer.username)
    page.get_by_label("Matter").fill("2027-CV-4410")
    page.get_by_label("First month").fill("3/2026")
    page.get_by_label("Last month").fill("2/2026")
    page.get_by_label("Reason").fill("Subpoena of the county court of March 4, scanned in the file")
    page.get_by_role("button", name="Go on").click()
    expect(page.locator("[data-error-summary]")).to_contain_text("before the first one")
    page.get_by_label("Last month").fill("")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", name="Place this hold?")).to_be_visible()
    page.get_by_role("button", name="Change it").click()
    page.get_by_label("Last month").fill("05/2026")
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("button", name="Place the hold").click()
    expect(page.get_by_role("heading", name="Legal hold: 2027-CV-4410")).to_be_visible()


def test_one_officer_places_a_hold_and_a_second_one_releases_it(page: Page) -> None:
    with scopes.entered(scopes.system("test")):
        officer, second = people.staff_user(Team.PRIVACY), people.staff_user(Team.PRIVACY)
    sign_in(page, officer.username)
    page.goto("/desk/holds/")
    place(page, officer)
    page.get_by_role("link", name="Propose its release").click()
    page.get_by_label("Why it may end").fill("Counsel: the case was closed on June 2")
    page.get_by_role("button", name="Propose the release").click()
    page.get_by_role("link", name="Decide on the release").click()
    expect(page.get_by_text("Another person of your team decides")).to_be_visible()
    expect(page.get_by_role("button", name="Release the hold")).to_have_count(0)
    page.goto("/sign-out/")
    page.get_by_role("main").get_by_role("button", name="Sign out").click()
    sign_in(page, second.username)
    page.goto("/desk/holds/?state=release_proposed")
    page.get_by_role("link", name="2027-CV-4410").click()
    page.get_by_role("link", name="Decide on the release").click()
    confirm(page, second.username)
    page.get_by_label("What you checked").fill("Read the letter of June 2, in the file")
    page.get_by_role("button", name="Release the hold").click()
    expect(page.get_by_text("The hold is released.")).to_be_visible()
    (held,) = (each for each in holds.listed() if each.matter == "2027-CV-4410")
    assert held.state is HoldStep.RELEASED
