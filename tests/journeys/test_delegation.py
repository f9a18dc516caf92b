"""A producer's way in, as its people live it: the form, the entitlement, the client, acting as the employer, leaving;
and a grant that ends under someone's hands."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from audit.models import Event
from members.models import Client
from portals import scope as scopes
from portals.enums import Team
from portals.models import DeskRequest, HelpContact, OutboxMail, StateRule, User
from producers.models import ProducerUser
from tests.factories import documents, people
from tests.journeys.door import prove, sign_in, type_code
from tests.journeys.test_invitation import PASSWORD, make_account, out

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.journey
EVER = (dt.date(2020, 1, 1), None)
MAIL = "ines.marrow@quarrybenefits.example"


def plan() -> tuple[list[User], list[User], Client]:
    """Two people of each team that grants, a client with its manager, state rules and whom to call."""
    with scopes.entered(scopes.system("test")):
        channel = [people.staff_user(Team.CHANNEL_COMPENSATION) for _n in range(2)]
        managers = [people.staff_user(Team.CLIENT_MANAGEMENT) for _n in range(2)]
        client = people.client("Quarry Stone Works", manager=managers[0])
        if not StateRule.objects.filter(state="NY", name="entitlements").exists():
            StateRule.objects.create(
                state="NY", name="entitlements", value=["client_administration", "renewals", "quotes"], effective=EVER
            )
        for topic, phone in (("client-management", "1-800-555-0152"), ("channel-compensation", "1-800-555-0153")):
            if not HelpContact.objects.filter(topic=topic, audience="producer").exists():
                HelpContact.objects.create(
                    topic=topic,
                    audience="producer",
                    owner=topic.replace("-", " ").capitalize(),
                    phone=phone,
                    week=[[["08:00", "18:00"]]] * 5 + [[], []],
                    effective=EVER,
                )
    return channel, managers, client


def two_approve(page: Page, people_of_team: list[User], row: DeskRequest) -> None:
    """One takes the proposal as it stands, the other one approves it."""
    first, second = people_of_team
    sign_in(page, first.username)
    page.goto(f"/desk/requests/{row.pk}/")
    prove(page, first.username)
    page.get_by_role("button", name="Propose").click()
    expect(page.get_by_text("Waits for a second person").first).to_be_visible()
    expect(page.get_by_role("button", name="Approve and carry out")).to_have_count(0)
    out(page)
    sign_in(page, second.username)
    page.goto(f"/desk/requests/{row.pk}/")
    prove(page, second.username)
    page.get_by_role("button", name="Approve and carry out").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    out(page)


@pytest.mark.promise("P2", "P3", "P6", "P11", "P15", "P17")
def test_from_the_form_to_the_clients_pages_and_out_again(page: Page, tmp_path: Path) -> None:
    channel, managers, client = plan()

    # no username yet: the form on the front page, and a page of one's own by mail
    page.goto("/")
    page.get_by_role("link", name="No access yet? Ask for it").click()
    page.get_by_label("New York").check()
    page.get_by_role("button", name="Continue").click()
    for label, value in {
        "Agency": "Quarry Benefits",
        "Your National Producer Number": "4410",
        "First name": "Ines",
        "Last name": "Marrow",
        "E-mail": MAIL,
        "Telephone": "518-555-0190",
        "What you need it for": "Invoices of my clients.",
    }.items():
        page.get_by_label(label, exact=True).fill(value)
    page.get_by_label(re.compile("^Agent ID")).fill("QB-4410")
    page.get_by_label("I will use the username myself").check()
    page.get_by_role("button", name="Send the request").click()
    expect(page.get_by_role("heading", name="Your request is with the plan")).to_be_visible()
    own = re.search(r"(/requests/\S+)", OutboxMail.objects.get(to=MAIL).body)
    assert own is not None
    page.goto(own[1])
    expect(page.get_by_text("Open", exact=True).first).to_be_visible()
    asked = DeskRequest.objects.get(reply_to=MAIL)

    two_approve(page, channel, asked)
    page.goto(own[1])
    expect(page.get_by_text("Done", exact=True).first).to_be_visible()
    make_account(page, MAIL, "QB-4410")  # the agent ID is the username (P3)
    expect(page.get_by_text("No clients yet")).to_be_visible()

    # the client: asked for with the Client ID, opened by its manager and a second person
    page.get_by_role("link", name="Requests").first.click()
    page.get_by_role("link", name="Access to a client, or to several").click()
    page.get_by_label("Client IDs").fill(client.client_id)
    page.get_by_label("Since when you work for them, and as what").fill("Broker of record since 2024.")
    page.get_by_role("button", name="Send the request").click()
    expect(page.get_by_text("Your request is on its way")).to_be_visible()
    wanted = DeskRequest.objects.get(kind="producer.clients", asked_by__username="QB-4410")
    assert wanted.owner == managers[0], "it lies with the client's own manager"
    letter = tmp_path / "letter.pdf"
    letter.write_bytes(documents.pdf())
    page.get_by_label("Message").fill("Here is the letter.")
    page.get_by_label("Files").set_input_files(letter)
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_role("link", name="letter.pdf")).to_be_visible()
    out(page)
    sign_in(page, managers[0].username)
    page.goto(f"/desk/requests/{wanted.pk}/")
    prove(page, managers[0].username)
    page.get_by_label(re.compile("Quarry Stone Works")).check()
    page.get_by_role("button", name="Propose").click()
    out(page)
    sign_in(page, managers[1].username)
    page.goto(f"/desk/requests/{wanted.pk}/")
    prove(page, managers[1].username)
    page.get_by_role("button", name="Approve and carry out").click()
    out(page)

    # working as the client: step-up once, the banner on every page, the way out
    enter(page, "QB-4410")
    page.get_by_role("link", name=re.compile("Log in as employer.*Quarry Stone Works")).click()
    mailed_code(page)
    expect(page.get_by_text(f"Client ID {client.client_id}").first).to_be_visible()
    page.get_by_role("button", name="Log in as employer").click()
    expect(page.get_by_text("Acting as employer")).to_be_visible()
    expect(page.get_by_role("heading", name="Quarry Stone Works")).to_be_visible()
    page.get_by_role("button", name="Back to producer portal").click()
    expect(page.get_by_role("heading", name="Your clients")).to_be_visible()
    place = ProducerUser.objects.get(user__username="QB-4410")
    stretch = Event.objects.filter(actor=f"user:{place.user_id}", kind="acting").order_by("id")
    assert [event.action for event in stretch] == ["acting.begin", "acting.end"]
    assert {event.acting_for for event in stretch} == {f"client:{client.pk}"}


def enter(page: Page, username: str) -> None:
    sign_in(page, username, PASSWORD)
    mailed_code(page)


def mailed_code(page: Page) -> None:
    code = page.get_by_label("Code from the mail")
    expect(code).to_be_visible()
    code.fill(people.code_in_mail(MAIL))
    page.get_by_role("button", name="Continue").click()


@pytest.mark.promise("P18")
def test_a_grant_that_ends_while_acting_ends_the_acting_and_says_who_opens_it(page: Page) -> None:
    _channel, managers, client = plan()
    with scopes.entered(scopes.system("test")):
        agency = people.agency("Ebbing Benefits")
        producer = people.producer_user(agency, "client_administration")
        grant = people.grant(agency, client)
    sign_in(page, producer.username)
    page.get_by_role("link", name=re.compile("Log in as employer.*Quarry Stone Works")).click()
    type_code(page, producer.username)
    page.get_by_role("button", name="Log in as employer").click()
    expect(page.get_by_text("Acting as employer")).to_be_visible()

    other = page.context.browser.new_context(base_url=page.url.split("/employers")[0])  # client management, elsewhere
    desk = other.new_page()
    sign_in(desk, managers[0].username)
    desk.goto(f"/desk/market/clients/{client.client_id}/")
    desk.get_by_role("link", name=re.compile("End.*Ebbing Benefits")).click()
    type_code(desk, managers[0].username)
    desk.get_by_label("The client has another producer now").check()
    desk.get_by_role("button", name="Set the end").click()
    expect(desk.get_by_text("The end is set.")).to_be_visible()
    other.close()

    page.get_by_role("link", name="Help", exact=True).first.click()
    expect(page.get_by_role("heading", name="Not open to you yet")).to_be_visible()
    expect(page.get_by_text("this client is not open to your agency")).to_be_visible()
    expect(page.get_by_role("main").get_by_role("link", name="1-800-555-0152")).to_be_visible()
    expect(page.get_by_text("Acting as employer")).to_have_count(0)
    ended = Event.objects.get(action="acting.ended_by_gate", actor=f"user:{producer.pk}")
    assert ended.grant == f"client-grant:{grant.pk}"
