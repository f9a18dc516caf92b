"""How people get in by an invitation, as they do it: from the desk's form over the mail's link to their own portal."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from portals import scope as scopes
from portals.enums import Team
from portals.models import OutboxMail, User
from tests.factories import people
from tests.journeys.door import confirm, sign_in

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.journey
PASSWORD = "nine tall pines at dusk"


def out(page: Page) -> None:
    page.goto("/sign-out/")
    page.get_by_role("main").get_by_role("button", name="Sign out").click()


def link(to: str) -> str:
    mails = OutboxMail.objects.filter(to=to, body__contains="/invitation/")
    found = re.search(r"(/invitation/\S+)", mails.latest("id").body)
    assert found
    return found.group(1)


def invite(page: Page, clerk: User, kind: str, number_label: str, number: str, name: str, email: str) -> None:
    """A person of the plan signs in, sends it, and signs out."""
    sign_in(page, clerk.username)
    page.get_by_role("navigation").get_by_role("link", name="Invitations").click()
    page.get_by_role("link", name=f"Invite: {kind}").click()
    confirm(page, clerk.username)
    page.get_by_label(number_label).fill(number)
    page.get_by_label("First name").fill(name.split()[0])
    page.get_by_label("Last name").fill(name.split()[1])
    page.get_by_label("E-mail").fill(email)
    page.get_by_role("button", name="Send the invitation").click()
    expect(page.get_by_text(f"on its way to {email}")).to_be_visible()
    out(page)


def make_account(page: Page, email: str, username: str) -> None:
    page.goto(link(email))
    page.get_by_label("Username").fill(username)
    page.get_by_label("New password", exact=True).fill(PASSWORD)
    page.get_by_label("New password, again").fill(PASSWORD)
    page.get_by_role("button", name="Make my account").click()
    expect(page.get_by_role("heading", name="Set up your second step")).to_be_visible()
    page.get_by_role("link", name="Use codes by e-mail").click()
    page.get_by_role("button", name="Use codes by e-mail").click()
    page.get_by_role("link", name="Later").click()


@pytest.mark.promise("E3", "V16")
def test_an_employers_administrator_gets_in_by_the_mail_and_invites_a_colleague(page: Page) -> None:
    with scopes.entered(scopes.system("test")):
        mill = people.client("Otter Creek Mills")
        clerk = people.staff_user(Team.CLIENT_MANAGEMENT)
    invite(page, clerk, "Employer", "Client ID", mill.client_id, "Nora Okell", "nora.okell@ottercreek.example")

    make_account(page, "nora.okell@ottercreek.example", "nora.ocm")
    expect(page.get_by_role("heading", name="Otter Creek Mills")).to_be_visible()

    page.get_by_role("link", name="Users", exact=True).click()
    expect(page.get_by_role("row", name=re.compile("Nora Okell.*Administrator.*Set up"))).to_be_visible()
    page.get_by_role("link", name="Invite someone").click()
    page.get_by_label("First name").fill("Piet")
    page.get_by_label("Last name").fill("Arden")
    page.get_by_label("E-mail").fill("piet@ottercreek.example")
    page.get_by_label("Billing").check()
    page.get_by_role("button", name="Send the invitation").click()
    expect(page.get_by_role("row", name=re.compile("Piet Arden.*Billing"))).to_be_visible()


@pytest.mark.promise("P3", "P14")
def test_a_producer_keeps_the_agent_id_and_one_sign_in_for_two_places_of_work(page: Page) -> None:
    with scopes.entered(scopes.system("test")):
        agency = people.agency("Slate Run Benefits")
        mill = people.client("Birch Bend Works")
        clerk = people.staff_user(Team.CHANNEL_COMPENSATION, Team.CLIENT_MANAGEMENT)
    invite(page, clerk, "Agency", "Agent ID", agency.agent_id, "Tessa Galeford", "tessa@slaterun.example")
    make_account(page, "tessa@slaterun.example", "30418/07")
    expect(page.get_by_role("heading", name="Your clients")).to_be_visible()
    out(page)

    invite(page, clerk, "Employer", "Client ID", mill.client_id, "Tessa Galeford", "tessa.galeford@birchbend.example")
    page.goto(link("tessa.galeford@birchbend.example"))
    page.get_by_role("link", name="Sign in").click()
    page.get_by_label("Username").fill("30418/07")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Code from the mail").fill(people.code_in_mail("tessa@slaterun.example"))
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Add Birch Bend Works").click()
    expect(page.get_by_role("heading", name="Where do you want to work?")).to_be_visible()
    page.get_by_role("button", name=re.compile("Birch Bend Works")).click()
    expect(page.get_by_role("heading", name="Birch Bend Works")).to_be_visible()
    page.get_by_text("Tessa Galeford").first.click()
    page.get_by_role("link", name="Work elsewhere").click()
    page.get_by_role("button", name=re.compile("Slate Run Benefits")).click()
    expect(page).to_have_url(re.compile("/producers/"))
    assert User.objects.filter(family_name="Galeford").count() == 1


@pytest.mark.promise("V3")
def test_the_help_desk_wakes_nobody_without_a_username_and_gives_a_caller_a_new_second_step(page: Page) -> None:
    with scopes.entered(scopes.system("test")):
        clerk = people.staff_user(Team.HELP_DESK)
        caller = people.practice_user(people.practice("Journey Dental"))
    sign_in(page, clerk.username)
    page.get_by_role("navigation").get_by_role("link", name="Sign-in help").click()
    page.get_by_label("The caller's username or e-mail").fill("the front desk")
    page.get_by_role("button", name="Look up").click()
    expect(page.get_by_text("Do not help further")).to_be_visible()
    page.get_by_label("The caller's username or e-mail").fill(caller.username)
    page.get_by_role("button", name="Look up").click()
    confirm(page, clerk.username)
    page.get_by_label("Take away the second step").check()
    page.get_by_label("I called back").check()
    page.get_by_label("Note").fill("Lost the phone; called back at the practice.")
    page.get_by_role("button", name="Do it and record it").click()
    expect(page.get_by_text("None set up")).to_be_visible()
    out(page)
    sign_in(page, caller.username)
    expect(page.get_by_role("heading", name="Set up your second step")).to_be_visible()
