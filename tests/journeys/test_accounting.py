"""A subpoena is answered and written down; the member asks to whom something was told, and has it on page and paper."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pypdf
import pytest
from playwright.sync_api import expect

from portals import scope as scopes
from portals.enums import Team
from tests.factories import disclosures, people
from tests.journeys.door import confirm, sign_in

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.journey
COURT = "Kestrel County Court"


def out(page: Page) -> None:
    page.goto("/sign-out/")
    page.get_by_role("main").get_by_role("button", name="Sign out").click()


def test_what_the_officer_records_the_member_reads_at_once_and_on_paper(page: Page) -> None:
    family = disclosures.family()
    with scopes.entered(scopes.system("test")):
        officer, member = people.staff_user(Team.PRIVACY), people.member_user(family["subscriber"])
        number = family["subscriber"].enrollees.get().member_id
    sign_in(page, officer.username)
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Members").click()
    page.get_by_label("Member ID, contract number").fill(number)
    page.get_by_role("button", name="Look up", exact=True).click()
    page.get_by_role("link", name="Record a disclosure").click()
    confirm(page, officer.username)
    page.get_by_label("Disclosed on, or first on").fill("03/02/2026")
    page.get_by_label("Who received it").fill(COURT)
    page.get_by_label("What was disclosed").fill("Claims of January 2026")
    page.get_by_label("Why, in a sentence").fill("A subpoena of this court")
    page.get_by_role("button", name="Check what will be recorded").click()
    expect(page.locator("[data-error-summary]")).to_be_visible()  # no purpose yet
    page.get_by_label("Purpose").select_option("judicial")
    page.get_by_role("button", name="Check what will be recorded").click()
    expect(page.get_by_role("heading", name="Record this of 1 member?")).to_be_visible()
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.get_by_text("Recorded. Members: 1.")).to_be_visible()
    out(page)
    sign_in(page, member.username)
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Privacy").click()
    page.get_by_role("link", name="Disclosures of your information").click()
    page.get_by_label("Mine").check()
    page.get_by_role("button", name="Show the list").click()
    expect(page.get_by_text(COURT)).to_be_visible()
    page.get_by_role("button", name="Send it by letter").click()
    expect(page.get_by_text("The letter goes to the address on file")).to_be_visible()
    page.get_by_role("link", name="Download PDF").click()
    expect(page.get_by_text("Your PDF is ready.")).to_be_visible(timeout=60_000)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download PDF").click()
    text = " ".join(pypdf.PdfReader(io.BytesIO(download.value.path().read_bytes())).pages[0].extract_text().split())
    assert COURT in text and "Zelie Marbright" in text
