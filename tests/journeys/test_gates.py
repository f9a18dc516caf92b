"""A producer before each closed gate: what the refusal says, who opens it and under which number; then the help desk
reads the same to the caller."""

import datetime as dt
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from members.models import Client
from portals import scope as scopes
from portals.enums import Team
from portals.models import HelpContact, PlanClock, User
from portals.plan import clock
from producers.enums import Entitlement
from producers.models import BookEntry, EntitlementGrant
from tests.factories import payers, people
from tests.journeys.door import confirm, sign_in, tab_to

pytestmark = pytest.mark.journey

WEEK = [[["08:00", "18:00"]]] * 5 + [[], []]
HOURS = "Monday to Friday, 8 am to 6 pm Eastern"
CHANNEL, CLIENTS = "1-800-555-0153", "1-800-555-0152"


@pytest.fixture
def contacts(live_site: str) -> Iterator[None]:
    with scopes.entered(payers.system()) as system:
        clock.move_to(dt.date(2026, 12, 14), by=system)
        others = list(HelpContact.objects.all())  # another journey's, of the same site
        HelpContact.objects.all().delete()
        rows = [
            HelpContact.objects.create(topic=topic, owner=owner, phone=phone, week=WEEK, effective=people.ALWAYS)
            for topic, owner, phone in (
                ("channel-compensation", "Channel compensation", CHANNEL),
                ("client-management", "Client management", CLIENTS),
            )
        ]
    yield
    with scopes.entered(payers.system()):
        HelpContact.objects.filter(pk__in=[row.pk for row in rows]).delete()
        HelpContact.objects.bulk_create(others)
        PlanClock.objects.all().delete()


def refused(page: Page, reason: str, owner: str, phone: str) -> None:
    """The refusal: the gate, whose it is, the telephone and its hours."""
    expect(page.get_by_role("heading", name="Not open to you yet")).to_be_visible()
    expect(page.get_by_role("heading", name=reason)).to_be_visible()
    contact = page.get_by_role("main").locator("p", has_text=f"{owner}:")
    expect(contact).to_contain_text(phone)
    expect(contact).to_contain_text(HOURS)


def who_opens(page: Page, name: str) -> None:
    page.goto("/producers/")
    row = page.get_by_role("row").filter(has_text=name)
    row.get_by_role("link", name="Who opens it?").click()


@pytest.mark.promise("P13", "P17", "P18", "X2")
def test_each_closed_gate_names_its_owner_and_the_desk_says_the_same(
    page: Page, browser: Browser, contacts: None, live_site: str
) -> None:
    with scopes.entered(payers.system()):
        agency = people.agency("Journey Agency")
        user = people.producer_user(agency)
        opened, lone, legacy = (
            people.client(name, client_id=client_id)
            for name, client_id in (("Open Timber", "0711001"), ("Lone Paper", "0711002"), ("Old Creamery", "0711003"))
        )
        Client.objects.filter(pk=legacy.pk).update(status="legacy")
        BookEntry.objects.create(agency=agency, client=lone)
        for client in (opened, legacy):
            people.grant(agency, client)
        payer = payers.equip(opened, people.employer_user(opened), "Medical")
        invoice = payers.invoice(payer.accounts[0], 81237, dt.date(2027, 1, 1))
        clerk = people.staff_user(Team.HELP_DESK)

    sign_in(page, user.username)
    page.goto("/producers/")
    expect(page.get_by_role("cell", name="0711001")).to_be_visible()
    who_opens(page, "Open Timber")
    confirm(page, user.username)
    refused(page, "You do not hold the entitlement Client Administration.", "Channel compensation", CHANNEL)
    with scopes.entered(payers.system()):
        EntitlementGrant.objects.create(
            place=people.place_of(user),
            entitlement=Entitlement.CLIENT_ADMINISTRATION,
            effective=people.ALWAYS,
            granted_by="system:test",
        )
    who_opens(page, "Lone Paper")
    not_granted = "You hold Client Administration, but this client is not open to your agency."
    refused(page, not_granted, "Client management", CLIENTS)
    who_opens(page, "Old Creamery")
    refused(page, "This client is still on the previous system.", "Client management", CLIENTS)

    page.goto("/producers/clients/0711001/log-in/")
    page.get_by_role("button", name="Log in as employer").click()
    expect(page.get_by_text("Acting as employer")).to_be_visible()
    expect(page.get_by_text("0711001").first).to_be_visible()
    page.goto(f"/employers/ebilling/invoices/{invoice.number}/lines.csv")
    refused(page, "A file of people is for the employer's own users only.", "Client management", CLIENTS)
    page.goto("/employers/ebilling/bank-accounts/add/")
    refused(page, "Bank accounts are entered by the employer's own users only.", "Client management", CLIENTS)

    context = browser.new_context(base_url=live_site)
    desk = context.new_page()
    _explain(desk, clerk, user, "0711002")
    explained(desk, not_granted, "Client management", CLIENTS)
    explained(desk, "A file of people is for the employer's own users only.", "Client management", CLIENTS)
    explained(desk, "Bank accounts are entered by the employer's own users only.", "Client management", CLIENTS)
    desk.get_by_label("Client ID").fill("0711003")
    desk.get_by_role("button", name="Explain").click()
    explained(desk, "This client is still on the previous system.", "Client management", CLIENTS)
    with scopes.entered(payers.system()):
        EntitlementGrant.objects.filter(place__user=user).update(effective=(dt.date(2020, 1, 1), dt.date(2026, 12, 14)))
    desk.reload()
    explained(desk, "You do not hold the entitlement Client Administration.", "Channel compensation", CHANNEL)
    context.close()


def _explain(page: Page, clerk: User, caller: User, client_id: str) -> None:
    """By keyboard alone: the caller's own username, then the client."""
    sign_in(page, clerk.username)
    page.goto("/desk/access/")
    tab_to(page, "main [name=account]")
    page.keyboard.type(caller.username)
    page.keyboard.press("Enter")
    confirm(page, clerk.username)
    expect(page.get_by_role("heading", name=caller.username)).to_be_visible()
    tab_to(page, "main [name=client]")
    page.keyboard.type(client_id)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def explained(page: Page, reason: str, owner: str, phone: str) -> None:
    gate = page.get_by_role("listitem").filter(has_text=reason).first
    expect(gate).to_contain_text(f"{owner}: {phone}")
    expect(gate).to_contain_text(HOURS)


def test_a_contact_names_a_case_manager_by_keyboard_and_the_colleague_reads_it(
    page: Page, browser: Browser, contacts: None, live_site: str
) -> None:
    with scopes.entered(payers.system()):
        agency = people.agency("Naming Agency")
        contact, colleague = (
            people.producer_user(agency, contact=True),
            people.producer_user(agency, Entitlement.RENEWALS),
        )
        client = people.client("Renewed Works", client_id="0711009")
        BookEntry.objects.create(agency=agency, client=client)
    sign_in(page, contact.username)
    page.goto("/producers/agency/case-managers/")
    tab_to(page, "main a[href$='/name/']")
    page.keyboard.press("Enter")
    confirm(page, contact.username)
    tab_to(page, "main [name=client_id]")
    page.keyboard.type("0711009")
    tab_to(page, "main [name=place]")
    page.keyboard.type(colleague.display_name)
    tab_to(page, "main form button[type=submit]")
    page.keyboard.press("Enter")
    expect(
        page.get_by_text(f"{colleague.display_name} · Naming Agency: case manager of Renewed Works.")
    ).to_be_visible()
    context = browser.new_context(base_url=live_site)
    other = context.new_page()
    sign_in(other, colleague.username)
    other.goto("/producers/")
    expect(other.get_by_text("You are its case manager")).to_be_visible()
    context.close()
