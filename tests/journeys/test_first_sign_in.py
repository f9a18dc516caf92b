"""A member with a new card, and an office manager with a new colleague, as they would do it."""

import re

import pytest
from playwright.sync_api import Page, expect

from members.models import Contract, Enrollee
from portals import scope as scopes
from portals.models import OutboxMail, User
from providers.models import StaffMembership
from tests.factories import people
from tests.journeys.door import confirm, set_up_by_mail, sign_in

pytestmark = pytest.mark.journey


@pytest.mark.promise("M2", "M4")
def test_a_member_starts_with_the_new_card_and_the_code_on_file(page: Page) -> None:
    with scopes.entered(scopes.system("test")):
        person = people.person(first_name="Juniper", last_name="Fictional", email="juniper@mail.example")
        contract = Contract.objects.create(
            client=people.client(), number="NGH40010027", sender_number="77", subscriber=person
        )
        Enrollee.objects.create(
            client=contract.client,
            contract=contract,
            person=person,
            relationship="18",
            suffix="01",
            member_id="NGH4001002701",
            recorded_date="2026-12-01",
        )
    page.goto("/")
    page.get_by_role("link", name="First time? Start with your new ID card").click()
    expect(page.get_by_text("does not carry over")).to_be_visible()
    page.get_by_label("Member ID or Social Security number").fill("ngh 4001 0027 01")
    page.get_by_label("Date of birth").fill("4/28/1985")
    page.get_by_label("ZIP code").fill("12207")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Type your activation code")).to_be_visible()
    mail = OutboxMail.objects.get(to="juniper@mail.example")
    code = re.search(r"code is (\w{4} \w{4})", mail.body)
    assert code is not None
    page.get_by_label("Activation code").fill(code.group(1))
    page.get_by_label("Username").fill("juniper.f")
    page.get_by_label("E-mail for this account").fill("juniper@home.example")
    page.get_by_label("New password", exact=True).fill("three quiet owls")
    page.get_by_label("New password, again").fill("three quiet owls")
    page.get_by_role("button", name="Create my account").click()
    expect(page.get_by_role("heading", name=re.compile("Juniper"))).to_be_visible()
    expect(page.get_by_text("No coverage on file today")).to_be_visible()


@pytest.mark.promise("V1", "V15")
def test_an_office_manager_adds_a_nurse_between_two_patients(page: Page) -> None:
    with scopes.entered(scopes.system("test")):
        practice = people.practice("Journey Family Practice")
        manager = people.practice_user(practice)
    sign_in(page, manager.username, people.PASSWORD)
    page.get_by_role("link", name="Manage staff access").first.click()
    page.get_by_role("link", name="Add a staff member").click()
    confirm(page, manager.username)
    page.get_by_label("First name").fill("Nora")
    page.get_by_label("Last name").fill("Nightshift")
    page.get_by_label("E-mail").fill("office+nora@journey.example")
    page.get_by_label("Clinical staff").check()
    page.get_by_label("Username").fill("nora.jfp")
    page.get_by_label("Initial password").fill("seven blue lanterns")
    page.get_by_role("button", name="Add this person").click()
    row = page.get_by_role("row", name=re.compile("nora.jfp"))
    expect(row.get_by_text("Must set password")).to_be_visible()
    page.context.clear_cookies()
    sign_in(page, "NORA.jfp", "seven blue lanterns")
    expect(page.get_by_role("heading", name="Choose your password")).to_be_visible()
    page.get_by_label("New password", exact=True).fill("my own seven owls")
    page.get_by_label("New password, again").fill("my own seven owls")
    page.get_by_role("button", name="Save password").click()
    set_up_by_mail(page, "office+nora@journey.example")
    expect(page.get_by_role("heading", name="Journey Family Practice")).to_be_visible()
    nora = User.objects.get(username="nora.jfp")
    assert StaffMembership.objects.get(user=nora).practice_id == practice.pk
