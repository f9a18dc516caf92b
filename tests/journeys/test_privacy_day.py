"""A privacy officer's day: an alert is looked into and closed, a member's question is answered, the week is signed.

That a disclosure is entered and reported is its own journey (test_accounting).
"""

from __future__ import annotations

import datetime as dt
import io
import time
from typing import TYPE_CHECKING

import pypdf
import pytest
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import expect

from portals import scope as scopes
from portals.enums import Team
from portals.models import DeskRequest, OutboxMail
from portals.plan.periods import plan_date
from portals.privacy.activity import actions as activity
from tests.factories import disclosures, people
from tests.journeys.door import confirm, prove, sign_in

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.journey
QUESTION = "I never called anybody. Why did this person open my record?"
ANSWER = "It was not part of their work. Their access was ended today, and we tell you in writing what follows."
WHY = "She opened a namesake's record and says she was curious."


def out(page: Page) -> None:
    page.goto("/sign-out/")
    page.get_by_role("main").get_by_role("button", name="Sign out").click()


def go(page: Page, where: str) -> None:
    """By the header; what does not stand in its first row is under More."""
    main = page.get_by_role("navigation", name="Main")
    link = main.get_by_role("link", name=where, exact=True)
    main.wait_for()  # after signing in the page may still be on its way
    if not link.is_visible():
        main.get_by_text("More", exact=True).click()
    link.click()


@pytest.mark.promise("V2", "X3")
def test_an_alert_is_worked_a_question_answered_and_the_week_signed(page: Page) -> None:
    family = disclosures.family()
    person = family["subscriber"]
    with scopes.entered(scopes.system("test")):
        number = person.enrollees.get().member_id
        member, officer = people.member_user(person), people.staff_user(Team.PRIVACY)
        clerk = people.staff_user(Team.MEMBER_SERVICES)
        clerk.given_name, clerk.family_name = "Odalys", person.last_name
        clerk.save()
    name = clerk.display_name

    # Somebody of member services opens the record of a member who is called as they are.
    sign_in(page, clerk.username)
    go(page, "Members")
    page.get_by_label("Member ID, contract number").fill(number)
    page.get_by_role("button", name="Look up", exact=True).click()
    expect(page.get_by_role("heading", name=person.last_name)).to_be_visible()
    out(page)
    call_command("evaluate_alerts", stdout=io.StringIO())

    # The officer finds the alert, reads the event behind it and everybody who opened the record, and closes it.
    sign_in(page, officer.username)
    go(page, "Alerts")
    page.get_by_label("Rule").select_option("same_last_name")
    page.get_by_role("button", name="Show").click()
    page.get_by_role("link", name=name).first.click()  # the family on the page has one alert each
    expect(page.get_by_role("heading", name="The same last name")).to_be_visible()
    page.get_by_role("button", name="I take it").click()
    alert = page.url
    page.get_by_role("link", name="Member's record at the service desk").click()
    expect(page.get_by_role("heading", name="Member's record at the service desk")).to_be_visible()
    expect(page.get_by_text("Date of birth")).to_be_visible()
    page.get_by_role("link", name="Who opened it").first.click()
    expect(page.get_by_role("table").get_by_text(name)).to_be_visible()
    page.goto(alert)
    page.get_by_label("Note", exact=True).fill("Asked her: no call came in that hour.")
    page.get_by_role("button", name="Save the note").click()
    expect(page.get_by_text("Asked her: no call came in that hour.")).to_be_visible()
    page.get_by_label("Not justified: it is followed up").check()
    page.get_by_label("Why", exact=True).fill(WHY)
    page.get_by_role("button", name="Close the alert").click()
    expect(page.get_by_role("heading", name="Followed up")).to_be_visible()
    expect(page.get_by_text(WHY)).to_be_visible()
    out(page)

    # The member sees who it was, and asks.
    sign_in(page, member.username)
    go(page, "Privacy")
    row = page.get_by_role("row").filter(has_text=name).filter(has_text="Member's record at the service desk")
    row.get_by_role("link", name="Ask about this").click()
    page.get_by_label("Your question").fill(QUESTION)
    page.get_by_role("button", name="Send the question").click()
    expect(page.get_by_text("Your question is with the privacy officer")).to_be_visible()
    out(page)

    # The officer answers, and signs last week's review.
    request = DeskRequest.objects.filter(kind__contains="opened").latest("pk")
    sign_in(page, officer.username)
    page.goto(f"/desk/requests/{request.pk}/")
    expect(page.get_by_text(QUESTION)).to_be_visible()
    expect(page.get_by_text(name).first).to_be_visible()
    page.get_by_label("Answer", exact=False).first.fill(ANSWER)
    page.get_by_role("button", name="Send the answer").click()
    today = plan_date(timezone.now())
    with scopes.entered(scopes.system("review_activity")) as by:
        activity.make(by=by, week=today - dt.timedelta(days=today.weekday() + 7), today=today)
    go(page, "Activity reviews")
    page.get_by_role("table").get_by_role("link").first.click()
    if page.get_by_role("link", name="Confirm it is you").count():
        prove(page, officer.username)
    page.get_by_label("What you noticed").fill("One look was not justified; it is followed up.")
    page.get_by_label("I have read this review").check()
    page.get_by_role("button", name="Sign the review").click()
    expect(page.get_by_text("A signed review does not change any more.")).to_be_visible()
    end = time.monotonic() + 60
    while not page.get_by_role("link", name="Download PDF").is_visible() and time.monotonic() < end:
        page.reload()
    expect(page.get_by_text("As a PDF, with the signature.")).to_be_visible()
    page.get_by_role("link", name="Download PDF").click()
    confirm(page, officer.username)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the file").click()
    text = " ".join(pypdf.PdfReader(io.BytesIO(download.value.path().read_bytes())).pages[0].extract_text().split())
    assert "One look was not justified" in text and officer.display_name in text
    out(page)

    # The member reads the answer; the mail said only that there is one.
    mails = [mail.body for mail in OutboxMail.objects.filter(to=member.email)]
    assert mails and not any(name in body or "curious" in body for body in mails)
    sign_in(page, member.username)
    go(page, "Privacy")
    page.get_by_role("link", name=request.number).click()
    expect(page.get_by_text(ANSWER)).to_be_visible()
