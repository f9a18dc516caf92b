"""Each second factor as its holder meets it in a browser, from the forced first one to the lost one."""

from __future__ import annotations

import base64
import re
import time
from typing import TYPE_CHECKING

import pytest
from django_otp.oath import hotp
from playwright.sync_api import expect

from portals import scope as scopes
from portals.enums import Team, UserKind
from portals.login import factors
from portals.models import AuthenticatorApp, User
from tests.factories import people
from tests.journeys.door import sign_in

if TYPE_CHECKING:
    from playwright.sync_api import CDPSession, Page

pytestmark = pytest.mark.journey
AUTHENTICATOR = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


def newcomer() -> User:
    with scopes.entered(scopes.system("test")):
        user = people.staff_user(Team.HELP_DESK)
        AuthenticatorApp.objects.filter(user=user).delete()
        return user


def passkey_device(page: Page) -> tuple[CDPSession, str]:
    """A laptop with a fingerprint reader whose owner always touches it."""
    tools = page.context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    made = tools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    return tools, made["authenticatorId"]


def out(page: Page) -> None:
    page.goto("/sign-out/")
    page.get_by_role("main").get_by_role("button", name="Sign out").click()


def test_a_passkey_is_made_before_any_other_page_and_opens_the_door_and_the_sensitive_pages(page: Page) -> None:
    user = newcomer()
    passkey_device(page)
    sign_in(page, user.username)
    expect(page.get_by_role("heading", name="Set up your second step")).to_be_visible()
    page.goto("/desk/")
    expect(page.get_by_role("heading", name="Set up your second step")).to_be_visible()
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Name of the passkey").fill("Laptop")
    page.get_by_role("button", name="Make the passkey").click()
    page.get_by_role("button", name="Make my sheet").click()
    expect(page.locator("ol code")).to_have_count(10)
    recovery = page.locator("ol code").first.inner_text()
    page.get_by_role("link", name="I have them: go on").click()
    expect(page).to_have_url(re.compile("/desk/"))

    out(page)
    sign_in(page, user.username)
    page.get_by_role("button", name="Use my passkey").click()
    expect(page).to_have_url(re.compile("/desk/"))
    page.goto("/password/")
    expect(page.get_by_role("heading", name="Confirm it is you")).to_be_visible()
    page.get_by_role("button", name="Use my passkey").click()
    expect(page.get_by_role("heading", name="Choose your password")).to_be_visible()

    out(page)
    sign_in(page, user.username)
    page.get_by_role("link", name="Recovery code").click()
    page.get_by_label("Recovery code").fill(recovery)
    page.get_by_role("button", name="Continue").click()
    expect(page).to_have_url(re.compile("/desk/"))


def test_a_passkey_left_at_home_gives_a_reason_and_another_way(page: Page) -> None:
    user = newcomer()
    tools, device = passkey_device(page)
    sign_in(page, user.username)
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_role("button", name="Make the passkey").click()
    page.get_by_role("link", name="Later").click()
    page.goto("/security/email-codes/")
    page.get_by_role("button", name="Use codes by e-mail").click()
    expect(page.get_by_text("Your second step is set up")).to_be_visible()
    out(page)
    tools.send("WebAuthn.clearCredentials", {"authenticatorId": device})
    sign_in(page, user.username)
    page.get_by_role("button", name="Use my passkey").click()
    expect(page.get_by_text("The passkey did not answer as expected").first).to_be_visible()
    page.get_by_role("link", name="Code by e-mail").click()
    expect(page.get_by_label("Code from the mail")).to_be_visible()
    page.get_by_label("Code from the mail").fill(people.code_in_mail(user.email))
    page.get_by_role("button", name="Continue").click()
    expect(page).to_have_url(re.compile("/desk/"))


def test_an_authenticator_app_by_keyboard_alone(page: Page) -> None:
    user = newcomer()
    sign_in(page, user.username)
    page.get_by_role("link", name="Add an app").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("img", name="QR code for your authenticator app")).to_be_visible()
    key = page.locator("code").inner_text().replace(" ", "")
    page.get_by_label("Code that the app shows").focus()
    page.keyboard.type(f"{hotp(base64.b32decode(key), int(time.time()) // factors.STEP):06}")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    page.get_by_role("link", name="Later").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/desk/"))
    out(page)
    page.keyboard.press("Tab")
    sign_in(page, user.username)
    expect(page).to_have_url(re.compile("/desk/"))


@pytest.mark.promise("V12")
def test_a_member_forgets_the_password_and_the_username(page: Page) -> None:
    with scopes.entered(scopes.system("test")):
        user = people.member_user(people.person())
    assert user.kind == UserKind.MEMBER
    page.goto("/sign-in/")
    page.get_by_role("link", name="Forgot your password or username?").click()
    page.get_by_label("Username or e-mail of the account").fill(user.email)
    page.get_by_role("button", name="Send me a code").click()
    page.get_by_label("Code from the mail").fill(people.code_in_mail(user.email))
    page.get_by_label("New password", exact=True).fill("eleven slow herons")
    page.get_by_label("New password, again").fill("eleven slow herons")
    page.get_by_role("button", name="Save password").click()
    expect(page.get_by_text(f"your username is {user.username}")).to_be_visible()
    sign_in(page, user.username, "eleven slow herons")
    expect(page).to_have_url(re.compile("/members/"))
