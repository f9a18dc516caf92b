"""Staff change a telephone from a day on and publish news; a member meets both on their days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from portals import scope as scopes
from portals.enums import Team, Topic
from portals.models import Announcement, HelpContact, PlanClock
from portals.plan import clock
from tests.factories import people
from tests.journeys.door import sign_in

pytestmark = pytest.mark.journey
SYSTEM = scopes.system("test")
WEEK = [[["08:00", "20:00"]]] * 5 + [[], []]


@pytest.fixture
def business_date(live_site: str) -> Iterator[None]:
    """Monday, December 14, 2026; the site follows the calendar again afterwards, without what was entered here."""
    move_to(dt.date(2026, 12, 14))
    _clear()
    yield
    with scopes.entered(SYSTEM):
        PlanClock.objects.all().delete()
    _clear()


def _clear() -> None:
    with scopes.entered(SYSTEM):
        HelpContact.objects.filter(audience="member", topic=Topic.MEMBER_SERVICES).delete()
        Announcement.objects.filter(audience="member").delete()


def move_to(day: dt.date) -> None:
    with scopes.entered(SYSTEM):
        clock.move_to(day, by=SYSTEM)


def enter(page: Page, username: str) -> None:
    page.context.clear_cookies()
    sign_in(page, username)
    expect(page.get_by_role("banner")).to_be_visible()


@pytest.mark.promise("X1", "X6")
def test_a_changed_telephone_and_news_reach_the_member_on_their_days(page: Page, business_date: None) -> None:
    with scopes.entered(SYSTEM):
        staff, member = people.staff_user(Team.HELP_DESK), people.member_user(people.person())
        HelpContact.objects.create(
            audience="member",
            topic=Topic.MEMBER_SERVICES,
            owner="Member services",
            phone="1-800-555-0142",
            week=WEEK,
            effective=(dt.date(2020, 1, 1), None),
        )

    enter(page, staff.username)
    page.get_by_text("More", exact=True).click()
    page.get_by_role("link", name="Help directory").click()
    page.get_by_role("link", name="Member services").click()
    page.get_by_role("link", name="Change from a day on").click()
    page.get_by_label("Telephone").fill("800 555 0149")
    page.get_by_label("From this day on").fill("01/04/2027")
    page.get_by_role("button", name="Enter the change").click()
    expect(page.get_by_role("heading", name="What people were and will be told")).to_be_visible()
    expect(page.get_by_role("link", name="1-800-555-0142")).to_be_visible()

    page.get_by_text("More", exact=True).click()
    page.get_by_role("link", name="Announcements").click()
    page.get_by_role("link", name="Write an announcement").click()
    page.get_by_label("For whom").select_option(label="Members")
    page.get_by_label("Title", exact=True).fill("A new telephone")
    page.get_by_label("Text", exact=True).fill("Member services have a new number.")
    page.get_by_label("Title in Spanish").fill("Un teléfono nuevo")
    page.get_by_label("Text in Spanish").fill("Servicios para miembros tiene un número nuevo.")
    page.get_by_label("First day shown").fill("01/04/2027")
    page.get_by_label("Last day shown").fill("01/05/2027")
    page.get_by_role("button", name="Look at it").click()
    expect(page.get_by_role("heading", name="This is what people will see")).to_be_visible()
    expect(page.get_by_text("Un teléfono nuevo")).to_be_visible()
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("The announcement is published.")).to_be_visible()
    expect(page.get_by_text("Coming", exact=True)).to_be_visible()

    enter(page, member.username)
    page.goto("/members/help/")
    directory = page.get_by_role("complementary")
    expect(directory.get_by_role("link", name="1-800-555-0142")).to_be_visible()
    expect(directory.get_by_text("Monday to Friday, 8 am to 8 pm Eastern")).to_be_visible()
    expect(page.get_by_text("A new telephone")).to_have_count(0)

    move_to(dt.date(2027, 1, 4))
    page.reload()
    expect(directory.get_by_role("link", name="1-800-555-0149")).to_be_visible()
    expect(directory.get_by_role("link", name="1-800-555-0142")).to_have_count(0)
    expect(page.get_by_text("Member services have a new number.")).to_be_visible()

    move_to(dt.date(2027, 1, 6))
    page.reload()
    expect(directory.get_by_role("link", name="1-800-555-0149")).to_be_visible()
    expect(page.get_by_text("A new telephone")).to_have_count(0)


@pytest.mark.promise("X2")
def test_an_answer_is_found_by_words_and_opens_by_its_own_address(page: Page, business_date: None) -> None:
    page.goto("/help/?for=provider")
    page.get_by_label("Search questions and answers").fill("lost letter")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_text("1 answer with")).to_be_visible()
    expect(page.get_by_text("The Web Help Desk tells you what it said")).to_be_visible()
    page.goto("/help/?for=provider#who-manages")
    expect(page.get_by_text("The page Manage staff access names them.")).to_be_visible()
