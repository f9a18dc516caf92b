"""Sessions: planted, swapped, half signed in, forged from another site, and changed by merely looking."""

from __future__ import annotations

import json

import pytest
from django.contrib.sessions.models import Session
from django.http import HttpResponseBase
from django.test import Client

from portals.enums import Team
from portals.login import factors
from portals.models import (
    AuthenticatorApp,
    DeskRequest,
    EmailCodes,
    KnownBrowser,
    RecoveryCode,
    SignedIn,
    StaffRole,
    User,
)
from portals.pages import Audience
from tests.attacks.looks import csrf_of
from tests.factories import people
from tests.house import objects
from tests.house.objects import A, World
from tests.house.test_urls import DOORS, PAGES, address, declaration

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk() -> User:
    return people.staff_user(Team.HELP_DESK)


@pytest.fixture
def world() -> World:
    return objects.build()


def password(browser: Client, user: User) -> HttpResponseBase:
    return browser.post("/sign-in/", {"login": user.username, "password": people.PASSWORD})


def second(browser: Client, user: User) -> HttpResponseBase:
    return browser.post("/sign-in/second-step/", {"way": "app", "code": people.code_of(user)})


# --- Fixation -----------------------------------------------------------------------------------------------------


def test_a_session_planted_before_the_sign_in_is_worthless_after_it(clerk: User) -> None:
    thief, victim = Client(), Client()
    thief.post("/password/forgotten/", {"account": "whoever"})  # so that there is a session to plant
    planted = victim.cookies["sessionid"] = thief.cookies["sessionid"].value
    victim.get("/sign-in/")
    token = victim.cookies["csrftoken"].value
    password(victim, clerk)
    second(victim, clerk)
    assert victim.cookies["sessionid"].value != planted
    assert victim.cookies["csrftoken"].value != token
    assert not Session.objects.filter(pk=planted).exists()
    assert thief.get("/desk/").headers["Location"] == "/sign-in/?next=%2Fdesk%2F"


def test_a_session_key_of_ones_own_invention_is_not_taken(clerk: User) -> None:
    browser = Client()
    browser.cookies["sessionid"] = "abcdefghijklmnopqrstuvwxyz012345"
    password(browser, clerk)
    assert browser.cookies["sessionid"].value != "abcdefghijklmnopqrstuvwxyz012345"


@pytest.mark.parametrize("change", ["password", "step-up"])
def test_the_session_has_a_new_key_once_it_may_do_more(clerk: User, change: str) -> None:
    browser = Client()
    people.sign_in(browser, clerk)
    if change == "password":
        people.step_up(browser, clerk)
    before = browser.cookies["sessionid"].value
    if change == "password":
        new = {"password": "eleven slow herons", "again": "eleven slow herons"}
        assert browser.post("/password/", new).status_code == 302
    else:
        people.step_up(browser, clerk)
    assert browser.cookies["sessionid"].value != before
    assert not Session.objects.filter(pk=before).exists()
    assert SignedIn.objects.get(ended_at=None).session_key == browser.cookies["sessionid"].value


# --- Swapping and half signed in ----------------------------------------------------------------------------------


def test_ones_own_code_does_not_finish_anothers_sign_in(clerk: User) -> None:
    """The thief knows the clerk's password and holds an account and app of their own."""
    thief = people.staff_user(Team.HELP_DESK)
    browser = Client()
    password(browser, clerk)
    second(browser, thief)
    assert "_auth_user_id" not in browser.session


def test_the_sign_in_that_was_begun_last_is_the_one_that_is_finished(clerk: User) -> None:
    """Begun as the clerk, begun anew as oneself, finished with one's own code: oneself, and never the clerk."""
    other = people.staff_user(Team.HELP_DESK)
    browser = Client()
    password(browser, clerk)
    assert browser.get("/sign-in/").status_code == 200, "whoever comes back to this page may start again"
    assert password(browser, other).headers["Location"] == "/sign-in/second-step/"
    second(browser, clerk)
    assert "_auth_user_id" not in browser.session
    second(browser, other)
    assert browser.session["_auth_user_id"] == str(other.pk)


def test_a_session_between_password_and_second_step_opens_no_page_of_the_house(world: World) -> None:
    browser = Client()
    password(browser, world.users["desk", A])
    for name in PAGES:
        if declaration(name).audience is Audience.ANYONE:
            continue
        for method in ("get", "post"):
            answer = getattr(browser, method)(address(name, world))
            assert answer.status_code == 302, f"{method} {name}"
            assert answer.headers["Location"].startswith("/sign-in/"), f"{method} {name}"
    assert "_auth_user_id" not in browser.session


def test_what_one_person_proved_is_not_carried_to_the_next_in_the_same_browser(clerk: User) -> None:
    other = people.staff_user(Team.HELP_DESK)
    browser = Client()
    people.sign_in(browser, clerk)
    people.step_up(browser, clerk)
    assert browser.get("/password/").status_code == 200
    browser.post("/sign-out/")
    people.sign_in(browser, other)
    assert browser.get("/password/").headers["Location"].startswith("/confirm/")


def test_what_a_closed_account_proved_is_not_carried_to_the_next_in_the_same_browser(clerk: User) -> None:
    other = people.staff_user(Team.HELP_DESK)
    browser = Client()
    people.sign_in(browser, clerk)
    people.step_up(browser, clerk)
    User.objects.filter(pk=clerk.pk).update(is_active=False)  # nobody signed out
    people.sign_in(browser, other)
    assert browser.session["_auth_user_id"] == str(other.pk)
    assert browser.get("/password/").headers["Location"].startswith("/confirm/")


# --- Forged from another site -------------------------------------------------------------------------------------


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["form", "htmx"])
def test_nothing_is_sent_to_the_house_without_its_token(world: World, headers: dict[str, str]) -> None:
    browser = Client(enforce_csrf_checks=True)
    for name in PAGES:
        assert browser.post(address(name, world), headers=headers).status_code == 403, name


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["form", "htmx"])
def test_a_token_of_another_browser_is_refused(clerk: User, headers: dict[str, str]) -> None:
    stranger, victim = Client(enforce_csrf_checks=True), Client(enforce_csrf_checks=True)
    foreign, own = csrf_of(stranger, "/sign-in/"), csrf_of(victim, "/sign-in/")
    typed = {"login": clerk.username, "password": people.PASSWORD}
    for data, more in (
        ({"csrfmiddlewaretoken": foreign}, {}),
        ({}, {"X-CSRFToken": foreign}),
        ({"csrfmiddlewaretoken": ""}, {"X-CSRFToken": ""}),
    ):
        assert victim.post("/sign-in/", typed | data, headers=headers | more).status_code == 403
    assert victim.post("/sign-in/", typed, headers=headers | {"X-CSRFToken": own}).status_code == 302


def test_a_form_of_another_site_is_refused_with_the_right_token_too(clerk: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    data = {"login": clerk.username, "password": people.PASSWORD, "csrfmiddlewaretoken": csrf_of(browser, "/sign-in/")}
    assert browser.post("/sign-in/", data, headers={"Origin": "https://evil.example"}).status_code == 403
    assert browser.post("/sign-in/", data, headers={"Origin": "null"}).status_code == 403


def test_cookies_are_not_read_by_scripts_nor_sent_along_by_other_sites(clerk: User) -> None:
    browser = Client()
    browser.get("/sign-in/")
    people.sign_in(browser, clerk)
    browser.post("/language/", {"language": "es"})
    assert {"sessionid", "csrftoken", "browser"} <= set(browser.cookies)
    for name, cookie in browser.cookies.items():
        assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax"), name


# --- Looking changes nothing --------------------------------------------------------------------------------------


def state() -> dict[str, object]:
    """What signing in is made of, except when somebody was last seen; a key that waits for its first code is none."""
    return {
        "users": list(User.objects.order_by("pk").values()),
        "apps": list(AuthenticatorApp.objects.filter(confirmed=True).order_by("pk").values()),
        "mail codes": list(EmailCodes.objects.order_by("pk").values()),
        "recovery": list(RecoveryCode.objects.order_by("pk").values()),
        "roles": list(StaffRole.objects.order_by("pk").values()),
        "browsers": list(KnownBrowser.objects.order_by("pk").values("pk", "user_id", "cookie_hash")),
        "signed in": list(SignedIn.objects.order_by("pk").values("pk", "user_id", "session_key", "ended_at")),
        "sessions": set(Session.objects.values_list("pk", flat=True)),
        "requests": list(DeskRequest.objects.order_by("pk").values()),
    }


@pytest.mark.parametrize("door", DOORS.values())
def test_a_link_that_somebody_is_made_to_follow_changes_nothing(world: World, door: str) -> None:
    browser = world.browser(door, A)
    before = state()
    for name in PAGES:
        if declaration(name).audience in (Audience.ANYONE, Audience.SIGNED_IN, Audience.SETUP, door):
            browser.get(address(name, world))
            assert "_auth_user_id" in browser.session, name
    after = state()
    assert [part for part in before if before[part] != after[part]] == []


def test_what_a_form_sends_changes_nothing_by_any_other_method(clerk: User) -> None:
    browser = Client()
    people.sign_in(browser, clerk)
    people.step_up(browser, clerk)
    before = state()
    last = factors.held(clerk)[0].id
    new = {"password": "eleven slow herons", "again": "eleven slow herons"}
    for url, data in (
        ("/password/", new),
        ("/sign-out/", {}),
        ("/security/email-codes/", {}),
        ("/security/recovery-codes/", {}),
        (f"/security/remove/{last}/", {}),
        ("/security/sessions/end/", {}),
    ):
        for method in ("get", "head", "put", "patch", "delete", "options"):
            if method in ("get", "head"):
                answer = getattr(browser, method)(url, data, headers={"X-HTTP-Method-Override": "POST"})
            else:
                answer = getattr(browser, method)(url, json.dumps(data), content_type="application/json")
            assert answer.status_code < 500, f"{method} {url}"
    after = state()
    assert [part for part in before if before[part] != after[part]] == []
