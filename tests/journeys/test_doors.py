"""Each door by keyboard alone, in both languages: the second sign-in; a member's first with either identifier; and
"this was not me" from a letter."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from employers.enums import EmployerRole
from members.models import Contract, Enrollee, MemberAccount, Person
from portals import scope
from portals.crypto import values as crypto
from portals.enums import Team
from portals.models import AuthenticatorApp, OutboxMail, User
from producers.enums import Entitlement
from tests.factories import people
from tests.journeys.door import press, speaks, tab_to, type_into

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.journey
LANGUAGES = ("en", "es")


def reader(page: Page, site: str, language: str) -> None:
    """The person chose the language on an earlier visit."""
    page.context.add_cookies([{"name": "django_language", "value": language, "url": site}])


def somebody(door: str) -> User:
    if door == "members":
        return people.member_user(people.person())
    if door == "employers":
        return people.employer_user(people.client("Keyboard Bakery"), EmployerRole.ADMINISTRATOR)
    if door == "producers":
        return people.producer_user(people.agency("Keyboard Agency"), Entitlement.CLIENT_ADMINISTRATION)
    if door == "providers":
        return people.practice_user(people.practice("Keyboard Practice"))
    return people.staff_user(Team.HELP_DESK)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("door", ["members", "employers", "producers", "providers", "desk"])
def test_the_second_sign_in_at_each_door_by_keyboard_alone(
    page: Page, live_site: str, door: str, language: str
) -> None:
    with scope.entered(scope.system("test")):
        user = somebody(door)
    reader(page, live_site, language)
    page.goto("/sign-in/")
    expect(page.locator("html")).to_have_attribute("lang", language)
    type_into(page, login=user.username, password=people.PASSWORD)
    if door != "members":
        type_into(page, code=people.code_of(user))
    expect(page).to_have_url(re.compile(f"/{door}/$"))
    speaks(page, language)


def enrolled(number: int, **fields: object) -> Person:
    with scope.entered(scope.system("test")):
        person = people.person(first_name="Juniper", last_name=f"Doors{number}", **fields)
        contract = Contract.objects.create(
            client=people.client(), number=f"NGH{number}", sender_number=str(number), subscriber=person
        )
        Enrollee.objects.create(
            client=contract.client,
            contract=contract,
            person=person,
            relationship="18",
            suffix="01",
            member_id=f"NGH{number}01",
            recorded_date="2026-12-01",
        )
    return person


@pytest.mark.promise("M2", "M3")
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("identifier", ["ssn", "card"])
def test_a_members_first_sign_in_by_keyboard_alone(page: Page, live_site: str, language: str, identifier: str) -> None:
    number = 40770031 + 2 * LANGUAGES.index(language) + (identifier == "ssn")
    ssn = f"9005561{number % 100}"
    person = enrolled(number, ssn_index=crypto.blind_index(ssn, purpose="ssn"))
    reader(page, live_site, language)
    page.goto("/members/first-sign-in/")
    typed = ssn if identifier == "ssn" else f"NGH {number} 01"
    type_into(page, identifier=typed, birth_date="4/28/1985", zip_code="12207")
    code = people.code_in_mail(person.email)
    username = f"juniper.{number}"
    secret = "three quiet owls"
    type_into(page, code=code, username=username, email=person.email, password=secret, again=secret)
    expect(page).to_have_url(re.compile("/members/$"))
    expect(page.get_by_role("heading", name=re.compile("Juniper"))).to_be_visible()

    page.goto("/sign-out/")
    tab_to(page, "main button")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.goto("/sign-in/")
    type_into(page, login=username.upper(), password=secret)
    expect(page).to_have_url(re.compile("/members/$"))
    speaks(page, language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_account_that_was_not_mine_is_closed_with_the_letters_of_the_letter(
    page: Page, live_site: str, language: str
) -> None:
    number = {"en": 40770041, "es": 40770042}[language]
    person = enrolled(number)
    reader(page, live_site, language)
    page.goto("/members/first-sign-in/")
    type_into(page, identifier=f"NGH{number}01", birth_date="4/28/1985", zip_code="12207")
    thief, secret = f"thief.{number}", "somebody else entirely"
    type_into(
        page,
        code=people.code_in_mail(person.email),
        username=thief,
        email=f"{thief}@elsewhere.example",
        password=secret,
        again=secret,
    )
    expect(page).to_have_url(re.compile("/members/$"))

    victim = page.context.browser.new_page(base_url=live_site)
    reader(victim, live_site, language)
    letter = OutboxMail.objects.filter(letter=True, body__contains="/not-me/").latest("id")
    token = re.search(r"\b\w{4}-\w{4}-\w{4}\b", letter.body)
    assert token is not None
    victim.goto("/not-me/")
    type_into(victim, token=token.group().lower())
    tab_to(victim, "main form button")
    with victim.expect_navigation():
        victim.keyboard.press("Enter")
    assert MemberAccount.objects.get(person=person).disowned_at is not None
    speaks(victim, language)
    victim.close()
    page.goto("/members/")
    expect(page).to_have_url(re.compile("/sign-in/"))


@pytest.mark.promise("V12")
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_forgotten_password_by_keyboard_alone(page: Page, live_site: str, language: str) -> None:
    with scope.entered(scope.system("test")):
        user = people.member_user(people.person())
    reader(page, live_site, language)
    page.goto("/sign-in/")
    tab_to(page, "a[href='/password/forgotten/']")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    type_into(page, account=user.username)
    secret = "eleven slow herons"
    type_into(page, code=people.code_in_mail(user.email), password=secret, again=secret)
    expect(page.get_by_text(user.username)).to_be_visible()
    type_into(page, login=user.username, password=secret)
    expect(page).to_have_url(re.compile("/members/$"))
    speaks(page, language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_new_colleague_of_the_plan_starts_with_an_initial_password_by_keyboard_alone(
    page: Page, live_site: str, language: str
) -> None:
    with scope.entered(scope.system("test")):
        user = people.staff_user(Team.CLIENT_MANAGEMENT)
        AuthenticatorApp.objects.filter(user=user).delete()
        User.objects.filter(pk=user.pk).update(must_change_password=True)
    reader(page, live_site, language)
    page.goto("/sign-in/?next=/desk/invitations/")
    type_into(page, login=user.username, password=people.PASSWORD)
    secret = "my own seven owls"
    type_into(page, password=secret, again=secret)
    press(page, "main a[href='/security/email-codes/']")
    press(page, "main button[type=submit]")
    press(page, "main a[href='/home/']")
    expect(page).to_have_url(re.compile("/desk/$"))
    speaks(page, language)


@pytest.mark.promise("V15")
@pytest.mark.parametrize("language", LANGUAGES)
def test_an_initial_password_is_replaced_and_a_second_step_set_up_by_keyboard_alone(
    page: Page, live_site: str, language: str
) -> None:
    with scope.entered(scope.system("test")):
        user = people.practice_user(people.practice("Keyboard Family Practice"))
        AuthenticatorApp.objects.filter(user=user).delete()
        User.objects.filter(pk=user.pk).update(must_change_password=True, email_proven_at=None)
    reader(page, live_site, language)
    page.goto("/sign-in/?next=/providers/staff/")
    type_into(page, login=user.username, password=people.PASSWORD)
    secret = "my own seven owls"
    type_into(page, password=secret, again=secret)
    type_into(page, code=people.code_in_mail(user.email))
    for selector in ("main a[href='/security/email-codes/']", "main button[type=submit]", "main a[href='/home/']"):
        tab_to(page, selector)
        with page.expect_navigation():
            page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/providers/$"))

    page.goto("/sign-out/")
    tab_to(page, "main button")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.goto("/sign-in/?next=/providers/staff/")
    type_into(page, login=user.username, password=secret)
    type_into(page, code=people.code_in_mail(user.email))
    expect(page).to_have_url(re.compile("/providers/staff/$"))
    speaks(page, language)
