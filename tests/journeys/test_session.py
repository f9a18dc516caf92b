"""The end of a session as people meet it: warned in time, nothing left on the screen, and what they typed still there.

The browser's clock is moved by the test; on the server the last click is set back by as much.
"""

from __future__ import annotations

import re
from importlib import import_module
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.utils import translation
from playwright.sync_api import expect

from portals import scope as scopes
from portals.desk import actions as desk
from portals.enums import Team
from portals.models import DeskRequest, SignedIn, User
from tests.factories import people
from tests.journeys import look
from tests.journeys.door import confirm, sign_in, speaks, tab_to, type_into

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Locator, Page

pytestmark = pytest.mark.journey
SENTENCE = "The bank's statement differs by 12 dollars; I called them and"
IDLE = settings.SESSION_IDLE_SECONDS


def clerk_with_request() -> tuple[User, str]:
    with scopes.entered(scopes.system("test")) as by:
        user = people.staff_user(Team.BILLING_OPERATIONS)
        row = desk.open_request(
            kind="billing.statement_differs", key=f"journey:{user.pk}", title="A statement differs", by=by
        )
    return user, f"/desk/requests/{row.pk}/"


def translated(language: str, text: str) -> str:
    with translation.override(language):
        return translation.gettext(text)


def set_back(context: BrowserContext, seconds: float, what: str = "seen_at") -> None:
    """The last click (or the beginning of the session), on the server."""
    key = next(cookie["value"] for cookie in context.cookies() if cookie["name"] == "sessionid")
    store = import_module(settings.SESSION_ENGINE).SessionStore(key)
    store[what] -= seconds
    store.save()


def wait(page: Page, seconds: int) -> None:
    """Nobody clicks for so long, here and on the server."""
    set_back(page.context, seconds)
    page.clock.fast_forward(seconds * 1000)


def accessible(page: Page) -> None:
    page.evaluate(look.AXE)
    for scheme in look.SCHEMES:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        for width in (1280, 390):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate(look.SCAN, look.RULES[scheme]) == []
            assert page.evaluate(look.OVERFLOW) <= 0
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.set_viewport_size({"width": 1280, "height": 800})


def warning(page: Page) -> Locator:
    return page.get_by_role("alertdialog")


def type_code_by_keyboard(page: Page, user: User) -> None:
    expect(page.locator("[name=code]")).to_be_visible()
    page.locator("[name=code]").focus()
    page.keyboard.type(people.code_of(user))
    page.keyboard.press("Enter")


@pytest.mark.parametrize("language", ["en", "es"])
def test_work_is_kept_over_the_end_of_a_session_by_keyboard_alone(page: Page, live_site: str, language: str) -> None:
    user, url = clerk_with_request()
    page.context.add_cookies([{"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": live_site}])
    page.clock.install()
    page.goto("/sign-in/")
    type_into(page, login=user.username, password=people.PASSWORD)
    type_into(page, code=people.code_of(user))
    expect(page).to_have_url(re.compile("/desk/"))
    page.goto(url)
    expect(page.locator("html")).to_have_attribute("lang", language)
    tab_to(page, "textarea[name=text]")
    page.keyboard.type(SENTENCE)

    wait(page, IDLE - 100)
    expect(warning(page)).to_be_visible()
    expect(warning(page).get_by_role("heading")).to_have_text(translated(language, "Are you still there?"))
    stay = warning(page).get_by_role("button", name=translated(language, "Stay signed in"))
    expect(stay).to_be_focused()
    accessible(page)
    for _n in range(3):  # the focus stays in the dialog (or goes to the browser's own bar)
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement === document.body || !!document.activeElement.closest('dialog')")
    tab_to(page, "[data-form=stay] button")
    page.keyboard.press("Enter")
    expect(warning(page)).to_be_hidden()
    expect(page.locator("textarea[name=text]")).to_be_focused()
    expect(page.locator("textarea[name=text]")).to_have_value(SENTENCE)

    wait(page, IDLE - 50)
    expect(warning(page)).to_be_visible()
    expect(warning(page).get_by_role("status")).to_have_text(translated(language, "One minute left."))
    with page.expect_response("**/session/keep/**") as kept:
        wait(page, 40)
    assert kept.value.status == 200
    wait(page, 20)
    expect(page).to_have_url(re.compile(r"/sign-in/\?next="))
    kept_words = translated(language, "What you had typed is kept for a day, for you alone.")
    expect(page.get_by_text(kept_words)).to_be_visible()
    assert SENTENCE not in page.content()
    assert SignedIn.objects.get(user=user).ended_why == "idle"

    type_into(page, login=user.username, password=people.PASSWORD)
    type_into(page, code=people.code_of(user))
    expect(page).to_have_url(re.compile(url))
    expect(page.locator("textarea[name=text]")).to_have_value(SENTENCE)
    empty = page.get_by_role("button", name=translated(language, "Start empty"))
    expect(empty).to_be_visible()
    accessible(page)
    tab_to(page, "textarea[name=text]")
    page.keyboard.press("Control+End")
    page.keyboard.type(" they will correct it.")
    tab_to(page, "main button[type=submit]")
    assert page.evaluate("document.activeElement.textContent.trim()") == translated(language, "Save")
    page.keyboard.press("Enter")
    expect(page.locator("ol").get_by_text(f"{SENTENCE} they will correct it.")).to_be_visible()
    expect(page.locator("textarea[name=text]")).to_have_value("")
    speaks(page, language)
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0


def test_a_new_colleagues_name_is_kept_and_the_password_never_leaves_the_page(page: Page) -> None:
    with scopes.entered(scopes.system("test")):
        manager = people.practice_user(people.practice())
    page.clock.install()
    sign_in(page, manager.username)
    page.goto("/providers/staff/add/")
    confirm(page, manager.username)
    page.get_by_label("First name").fill("Odile")
    page.get_by_label("Initial password").fill("twelve brisk otters")
    wait(page, IDLE - 50)
    expect(warning(page)).to_be_visible()
    with page.expect_request("**/session/keep/**") as kept:
        wait(page, 40)
    assert "Odile" in (kept.value.post_data or "")
    assert "otters" not in (kept.value.post_data or "")


def test_whoever_does_not_want_it_starts_empty(page: Page) -> None:
    user, url = clerk_with_request()
    page.clock.install()
    sign_in(page, user.username)
    page.goto(url)
    page.locator("textarea[name=text]").fill(SENTENCE)
    page.locator("select, [name=status][value=in_work]").first.press("ArrowDown")
    # A device that slept over the whole time wakes up.
    wait(page, IDLE + 3600)
    expect(page).to_have_url(re.compile(r"/sign-in/\?next="))
    page.locator("[name=login]").fill(user.username)
    page.locator("[name=password]").fill(people.PASSWORD)
    page.keyboard.press("Enter")
    type_code_by_keyboard(page, user)
    expect(page.locator("textarea[name=text]")).to_have_value(SENTENCE)
    page.get_by_role("button", name="Start empty").click()
    expect(page.locator("textarea[name=text]")).to_have_value("")
    page.reload()
    expect(page.locator("textarea[name=text]")).to_have_value("")


def test_a_click_in_one_tab_counts_for_the_others_and_signing_out_too(page: Page) -> None:
    user, url = clerk_with_request()
    page.clock.install()
    sign_in(page, user.username)
    page.goto(url)
    other = page.context.new_page()  # one clock for both
    other.goto("/security/")
    with page.expect_response("**/session/stay/?poll=1"):
        page.clock.fast_forward((IDLE - 100) * 1000)
    expect(warning(page)).to_be_hidden()  # the server knows of a click that this tab does not
    wait(page, IDLE - 100)
    for tab in (page, other):
        expect(warning(tab)).to_be_visible()
    warning(other).get_by_role("button", name="Stay signed in").click()
    for tab in (page, other):
        expect(warning(tab)).to_be_hidden()
    wait(page, IDLE - 100)
    warning(other).get_by_role("button", name="Sign out now").click()
    expect(other).to_have_url(re.compile("/$|/sign-in/"))
    page.clock.fast_forward(2000)
    expect(page).to_have_url(re.compile(r"/sign-in/\?next="))


def test_the_full_age_is_announced_and_cannot_be_put_off(page: Page) -> None:
    user, url = clerk_with_request()
    page.clock.install()
    sign_in(page, user.username)
    expect(page).to_have_url(re.compile("/desk/"))
    set_back(page.context, settings.SESSION_COOKIE_AGE - 100, "begun_at")
    page.goto(url)
    expect(warning(page)).to_be_visible()
    expect(warning(page).get_by_text("because a sign-in lasts 12 hours at most")).to_be_visible()
    expect(warning(page).get_by_role("button", name="Sign out now")).to_be_focused()
    expect(warning(page).get_by_role("button", name="Stay signed in")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(warning(page)).to_be_visible()
    set_back(page.context, 101, "begun_at")
    page.clock.fast_forward(105_000)
    expect(page.get_by_text("You were signed out: a sign-in lasts 12 hours at most.")).to_be_visible()


def test_without_a_script_what_was_sent_too_late_is_sent_again_with_one_button(
    browser: Browser, live_site: str
) -> None:
    user, url = clerk_with_request()
    context = browser.new_context(base_url=live_site, java_script_enabled=False, locale="en-US")
    context.set_default_timeout(15_000)
    page = context.new_page()
    sign_in(page, user.username)
    page.goto(url)
    page.locator("textarea[name=text]").fill(SENTENCE)
    set_back(context, IDLE + 1)
    page.get_by_role("main").get_by_role("button", name="Save").click()
    expect(page.get_by_text("What you had typed is kept for a day, for you alone.")).to_be_visible()
    page.locator("[name=login]").fill(user.username)
    page.locator("[name=password]").fill(people.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.locator("[name=code]").fill(people.code_of(user))
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="You were signed out before this was sent")).to_be_visible()
    expect(page.get_by_role("listitem").filter(has_text=SENTENCE)).to_be_visible()
    page.get_by_role("button", name="Send it now").click()
    expect(page.get_by_text(SENTENCE)).to_be_visible()
    assert DeskRequest.objects.get(key=f"journey:{user.pk}").remarks.filter(text=SENTENCE).count() == 1
    context.close()


def test_sessions_elsewhere_are_seen_and_ended(page: Page, browser: Browser, live_site: str) -> None:
    user, _url = clerk_with_request()
    context = browser.new_context(
        base_url=live_site, locale="en-US", user_agent="Mozilla/5.0 (X11; Linux) Firefox/145.0"
    )
    there = context.new_page()
    sign_in(there, user.username)
    expect(there).to_have_url(re.compile("/desk/"))
    sign_in(page, user.username)
    expect(page.get_by_text("You are also signed in on Firefox on Linux, since today")).to_be_visible()
    page.get_by_role("link", name="Sign out everywhere else").click()
    row = page.get_by_role("listitem").filter(has_text="Firefox on Linux")
    row.get_by_role("button", name="Sign out Firefox on Linux").click()
    expect(page.get_by_text("Signed out there.")).to_be_visible()
    there.reload()
    expect(there).to_have_url(re.compile("/sign-in/"))
    context.close()
