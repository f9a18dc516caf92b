"""Ways around the second step: skipping its setup, losing it, and showing less than the strongest proof."""

from __future__ import annotations

import pytest
from django.test import Client

from portals.enums import Team, UserKind
from portals.login import factors, recovery
from portals.models import AuthenticatorApp, EmailCodes, OutboxMail, RecoveryCodes, User
from portals.pages import Audience
from portals.scope import NOBODY
from tests.factories import ledger, people, races
from tests.house import objects
from tests.house.objects import A, World
from tests.house.test_urls import PAGES, address, declaration

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk() -> User:
    return people.staff_user(Team.HELP_DESK)


@pytest.fixture
def world() -> World:
    return objects.build()


def without_factor(user: User) -> User:
    AuthenticatorApp.objects.filter(user=user).delete()
    return user


def confirm_app(browser: Client, user: User, name: str = "Phone") -> None:
    """Sets up an app as its holder does: looks at the page, types the app's first code."""
    browser.get("/security/app/")
    waiting = AuthenticatorApp.objects.filter(user=user, confirmed=False)
    waiting.update(confirmed=True)
    code = people.code_of(user)
    AuthenticatorApp.objects.filter(user=user).update(confirmed=False)
    browser.post("/security/app/", {"name": name, "code": code})


# --- Setup --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("due", ["/security/", "/email/", "/password/"])
def test_a_work_account_that_must_set_something_up_reaches_nothing_else(world: World, due: str) -> None:
    user = without_factor(world.users["desk", A])
    if due == "/email/":
        User.objects.filter(pk=user.pk).update(email_proven_at=None)
    if due == "/password/":
        User.objects.filter(pk=user.pk).update(must_change_password=True)
    browser = Client()
    people.sign_in(browser, user)
    browser.post("/confirm/", {"password": people.PASSWORD, "next": "/desk/"})  # to confirm is not to set up
    for name in PAGES:
        if declaration(name).audience in (Audience.ANYONE, Audience.SETUP):
            continue
        for method in ("get", "post"):
            answer = getattr(browser, method)(address(name, world))
            assert (answer.status_code, answer.headers["Location"]) == (302, due), f"{method} {name}"


def test_recovery_codes_are_not_to_be_had_in_place_of_a_factor(clerk: User) -> None:
    without_factor(clerk)
    browser = Client()
    people.sign_in(browser, clerk)
    for method in (browser.get, browser.post):
        assert method("/security/recovery-codes/").headers["Location"] == "/security/"
    assert not RecoveryCodes.objects.exists()


def test_recovery_codes_that_were_left_behind_are_no_way_in(clerk: User) -> None:
    left = recovery.new_sheet(by=NOBODY, user=clerk)
    without_factor(clerk)
    browser = Client()
    browser.post("/sign-in/", {"login": clerk.username, "password": people.PASSWORD})
    answer = browser.post("/sign-in/second-step/", {"way": "recovery", "code": left[0]})
    assert answer.headers["Location"] == "/sign-in/", "nothing waits for it"
    assert browser.get("/desk/").headers["Location"] == "/security/"


def test_a_work_account_does_not_lose_its_last_factor_to_two_removals_at_once(clerk: User) -> None:
    """The other removal is done just before this one gets the lock; it is taken back with the refusal, being of the
    same transaction here."""
    browser = Client()
    people.sign_in(browser, clerk)
    people.step_up(browser, clerk)
    EmailCodes.objects.create(user=clerk, name="")
    app = factors.held(clerk)[0].id

    def other_tab() -> None:
        EmailCodes.objects.filter(user=clerk).delete()

    with races.just_before(r'SELECT.*"portals_user".*FOR UPDATE', other_tab):
        answer = browser.post(f"/security/remove/{app}/")
    assert b"your last one" in answer.content
    assert AuthenticatorApp.objects.filter(user=clerk, confirmed=True).exists()


def test_who_came_in_by_a_known_initial_password_is_out_once_the_owner_has_a_factor(clerk: User) -> None:
    """The thief read the letter with the initial password and signed in first."""
    without_factor(clerk)
    owner, thief = Client(), Client()
    for browser in (thief, owner):
        people.sign_in(browser, clerk)
    confirm_app(owner, clerk)
    assert owner.get("/desk/").status_code == 200
    assert thief.get("/security/app/").headers["Location"].startswith("/sign-in/")


def test_a_session_by_the_password_alone_neither_adds_nor_removes_a_factor_of_an_account_that_holds_one(
    clerk: User,
) -> None:
    """Even if such a session outlives the enrollment: here the factor comes into being beside it."""
    without_factor(clerk)
    thief = Client()
    people.sign_in(thief, clerk)
    device = factors.new_app(clerk)
    AuthenticatorApp.objects.filter(pk=device.pk).update(name="The owner's", confirmed=True)
    before = [each.id for each in factors.held(clerk)]
    for url in ("app", "passkey", "email-codes", "recovery-codes", f"remove/{before[0]}"):
        for method in (thief.get, thief.post):
            assert method(f"/security/{url}/").headers["Location"].startswith("/confirm/"), url
    thief.post("/confirm/", {"password": people.PASSWORD, "next": "/security/app/"})
    thief.post("/confirm/", {"way": "password", "code": people.PASSWORD})
    ledger.expect("door:confirm", by=clerk, outcome="failed")
    assert thief.post("/security/email-codes/").headers["Location"].startswith("/confirm/")
    assert [each.id for each in factors.held(clerk)] == before


def test_a_member_who_sets_up_a_second_step_puts_out_who_came_in_by_the_password() -> None:
    member = people.user(UserKind.MEMBER)
    owner, thief = Client(), Client()
    for browser in (thief, owner):
        people.sign_in(browser, member)
    people.step_up(owner, member)
    owner.post("/security/email-codes/")
    assert thief.get("/security/").headers["Location"].startswith("/sign-in/")
    assert owner.get("/security/").status_code == 200


# --- Step-up ------------------------------------------------------------------------------------------------------


@pytest.fixture
def inside(clerk: User) -> Client:
    """Signed in by the app; codes by mail are held as well, and the mailbox is the thief's."""
    EmailCodes.objects.create(user=clerk, name="")
    browser = Client()
    people.sign_in(browser, clerk)
    return browser


def stepped_up(browser: Client) -> bool:
    return browser.get("/password/").status_code == 200


@pytest.mark.parametrize("url", ["/confirm/", "/confirm/?way=email", "/confirm/?way=email&next=/password/"])
def test_step_up_takes_no_weaker_way_than_the_strongest_that_is_held(clerk: User, inside: Client, url: str) -> None:
    factors.send_code(clerk)
    code = people.code_in_mail(clerk.email)
    inside.get(url)
    inside.post(url, {"way": "email", "code": code, "next": "/password/"})
    assert not stepped_up(inside)
    for data in ({"password": people.PASSWORD}, {"way": "password", "code": people.PASSWORD}, {"way": "", "code": ""}):
        inside.post(url, data)
        assert not stepped_up(inside)
    assert OutboxMail.objects.filter(subject="Your sign-in code").count() == 1, "no code is mailed for asking"


def test_step_up_takes_nobody_elses_device_and_no_mark_that_the_browser_brings(clerk: User, inside: Client) -> None:
    other = people.staff_user(Team.HELP_DESK)
    inside.post("/confirm/", {"way": "app", "code": people.code_of(other)})
    inside.post("/confirm/", {"way": "app", "code": "000000", "stepped_up_at": "9999999999", "user": str(other.pk)})
    inside.cookies["stepped_up_at"] = "9999999999"
    assert not stepped_up(inside)
    people.step_up(inside, clerk)
    assert stepped_up(inside)


def test_ten_wrong_proofs_close_the_step_up_for_the_account_in_all_its_sessions(clerk: User, inside: Client) -> None:
    for _ in range(10):
        inside.post("/confirm/", {"way": "app", "code": "000000"})
    elsewhere = Client(REMOTE_ADDR="10.9.9.9")
    people.sign_in(elsewhere, clerk)
    assert people.step_up(elsewhere, clerk).status_code == 429
