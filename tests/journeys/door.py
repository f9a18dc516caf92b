"""The door as people walk through it in a browser: username and password, the second step, step-up, first set-up."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from portals.models import AuthenticatorApp, User
from tests.factories import people

if TYPE_CHECKING:
    from playwright.sync_api import Page


def sign_in(page: Page, username: str, password: str = people.PASSWORD) -> None:
    """As far as the person comes; the app's code too, where one is held."""
    page.goto("/sign-in/")
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    if AuthenticatorApp.objects.filter(user__username__iexact=username, confirmed=True).exists():
        type_code(page, username)


def type_code(page: Page, username: str) -> None:
    code = page.get_by_label("Code of your authenticator app")
    expect(code).to_be_visible()
    code.fill(people.code_of(User.objects.get(username__iexact=username)))
    page.get_by_role("button", name="Continue").click()


def confirm(page: Page, username: str) -> None:
    """Step-up."""
    expect(page.get_by_role("heading", name="Confirm it is you")).to_be_visible()
    type_code(page, username)


def prove(page: Page, username: str) -> None:
    """Step-up before a decision at the service desk."""
    page.get_by_role("link", name="Confirm it is you").click()
    confirm(page, username)


def set_up_by_mail(page: Page, address: str) -> None:
    """A new work account proves its address and chooses codes by mail."""
    expect(page.get_by_role("heading", name="Confirm your e-mail")).to_be_visible()
    page.get_by_label("Code from the mail").fill(people.code_in_mail(address))
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("heading", name="Set up your second step")).to_be_visible()
    page.get_by_role("link", name="Use codes by e-mail").click()
    page.get_by_role("button", name="Use codes by e-mail").click()
    page.get_by_role("link", name="Later").click()


HEARD = {
    "en": re.compile(r"\b(the|you|your|of|here|with)\b", re.IGNORECASE),
    "es": re.compile(r"\b(usted|su|sus|el|la|de|con)\b", re.IGNORECASE),
}


def speaks(page: Page, language: str) -> None:
    """The page says that it is of this language, and is: a word of it stands in its main part."""
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page.get_by_role("main")).to_contain_text(HEARD[language])


def press(page: Page, selector: str) -> None:
    """By keyboard alone: on to a link or button, and open it."""
    tab_to(page, selector)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def tab_to(page: Page, selector: str) -> None:
    """By keyboard alone: on to the next element until the wanted one has the focus."""
    for _n in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement?.matches(wanted)", selector):
            return
    raise AssertionError(f"the keyboard never comes to {selector}")


def type_into(page: Page, **fields: str) -> None:
    """By keyboard alone: fill the fields by their names, in this order, and send the form."""
    for name, value in fields.items():
        tab_to(page, f"main [name={name}]")
        page.keyboard.type(value)
    with page.expect_navigation():
        page.keyboard.press("Enter")
