"""The first sign-in of who is invited, and each stronger second step, by keyboard alone in both languages."""

from __future__ import annotations

import base64
import re
import time
from typing import TYPE_CHECKING

import pytest
from django_otp.oath import hotp
from playwright.sync_api import expect

from portals import scope
from portals.enums import Team
from portals.invitations import actions as invitations
from portals.invitations.kinds import Invitee
from portals.login import factors, recovery
from portals.models import AuthenticatorApp, OutboxMail, User
from portals.scope import PartyRef
from tests.factories import people
from tests.journeys.door import press, speaks, type_into
from tests.journeys.test_doors import LANGUAGES, reader
from tests.journeys.test_second_step import passkey_device

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.journey


@pytest.mark.promise("E3", "V16")
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("door", ["employers", "producers", "providers"])
def test_who_is_invited_signs_in_for_the_first_time(page: Page, live_site: str, door: str, language: str) -> None:
    address = f"rosa.{door}.{language}@mail.example"
    with scope.entered(scope.system("test")) as by:
        if door == "employers":
            kind, party, role = "employer", PartyRef("client", people.client("Keyboard Mill").pk), "administrator"
        elif door == "providers":
            kind, party, role = "provider", PartyRef("practice", people.practice("Keyboard Pediatrics").pk), "manager"
        else:
            kind, party, role = "producer", PartyRef("agency", people.agency("Keyboard Brokers").pk), ""
        invitee = Invitee(party=party, role=role, given_name="Rosa", family_name="Fennimore", email=address)
        invitations.invite(by=by, kind=kind, invitee=invitee)
    link = re.search(r"/invitation/[^/\s]+/", OutboxMail.objects.filter(to=address).latest("id").body)
    assert link is not None
    reader(page, live_site, language)
    page.goto(link.group())
    expect(page.locator("html")).to_have_attribute("lang", language)
    secret = "three quiet owls"
    type_into(page, username=f"rosa.{door}.{language}", password=secret, again=secret)
    press(page, "main a[href='/security/email-codes/']")
    press(page, "main button[type=submit]")
    press(page, "main a[href='/home/']")
    expect(page).to_have_url(re.compile(f"/{door}/$"))
    speaks(page, language)


def newcomer() -> User:
    with scope.entered(scope.system("test")):
        user = people.staff_user(Team.HELP_DESK)
        AuthenticatorApp.objects.filter(user=user).delete()
        return user


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_authenticator_app_is_added(page: Page, live_site: str, language: str) -> None:
    user = newcomer()
    reader(page, live_site, language)
    page.goto("/sign-in/")
    type_into(page, login=user.username, password=people.PASSWORD)
    press(page, "main a[href='/security/app/']")
    key = page.locator("code").inner_text().replace(" ", "")
    type_into(page, code=f"{hotp(base64.b32decode(key), int(time.time()) // factors.STEP):06}")
    press(page, "main a[href='/home/']")
    expect(page).to_have_url(re.compile("/desk/"))
    speaks(page, language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_passkey_is_added_and_opens_the_door(page: Page, live_site: str, language: str) -> None:
    user = newcomer()
    passkey_device(page)
    reader(page, live_site, language)
    page.goto("/sign-in/")
    type_into(page, login=user.username, password=people.PASSWORD)
    press(page, "main a[href='/security/passkey/']")
    press(page, "main button[type=submit]")
    press(page, "main a[href='/home/']")
    page.goto("/sign-out/")
    press(page, "main button")
    page.goto("/sign-in/")
    type_into(page, login=user.username, password=people.PASSWORD)
    press(page, "main button[type=submit]")
    expect(page).to_have_url(re.compile("/desk/"))
    speaks(page, language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_recovery_code_opens_the_door_once_the_phone_is_lost(page: Page, live_site: str, language: str) -> None:
    with scope.entered(scope.system("test")):
        user = people.staff_user(Team.HELP_DESK)
        sheet = recovery.new_sheet(by=scope.system("test"), user=user)
    reader(page, live_site, language)
    page.goto("/sign-in/")
    type_into(page, login=user.username, password=people.PASSWORD)
    press(page, "main a[href*='way=recovery']")
    type_into(page, code=sheet[0])
    expect(page).to_have_url(re.compile("/desk/"))
    speaks(page, language)
    page.goto("/sign-out/")
    press(page, "main button")
    page.goto("/sign-in/")
    type_into(page, login=user.username, password=people.PASSWORD)
    press(page, "main a[href*='way=recovery']")
    type_into(page, code=sheet[0])
    expect(page.locator("[data-error-summary]")).to_be_visible()
