"""Forged requests: hosts, targets, fields that no form has, and texts that no keyboard types."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.http import HttpResponseBase
from django.test import Client
from django.utils import timezone

from employers.enums import EmployerRole
from employers.models import EmployerUser
from members.models import Contract, Enrollee
from portals import scope as scopes
from portals.enums import NoticeKind, Team, UserKind
from portals.invitations import actions as invitations
from portals.invitations import kinds as invitation_kinds
from portals.login import notices
from portals.models import AccountNotice, AuthenticatorApp, EmailCodes, OutboxMail, StaffRole, User
from portals.scope import PartyRef
from tests.factories import people

pytestmark = pytest.mark.django_db
NEW = {"password": "eleven slow herons", "again": "eleven slow herons"}


@pytest.fixture
def clerk() -> User:
    return people.staff_user(Team.HELP_DESK)


# --- Hosts --------------------------------------------------------------------------------------------------------


def test_a_host_that_is_not_the_plans_is_refused_everywhere_at_the_door() -> None:
    browser = Client(headers={"Host": "evil.example"}, raise_request_exception=False)
    for url in ("/", "/sign-in/", "/password/forgotten/", "/members/first-sign-in/", "/email/test/", "/not-me/"):
        for method in (browser.get, browser.post):
            assert method(url).status_code == 400, url


def test_no_link_in_a_mail_is_made_of_what_the_browser_says_of_the_host(clerk: User) -> None:
    forged = {"X-Forwarded-Host": "evil.example", "X-Original-Host": "evil.example", "Forwarded": "host=evil.example"}
    browser = Client(headers={**forged, "Host": "localhost:6666"})
    browser.post("/password/forgotten/", {"account": clerk.username})
    browser.post("/password/new/", {"code": people.code_in_mail(clerk.email), **NEW})
    browser.post("/email/test/", {"email": "somebody@mail.example"})
    people.sign_in(browser, clerk, password=NEW["password"])
    people.step_up(browser, clerk)
    browser.post("/security/email-codes/")
    mails = OutboxMail.objects.all()
    assert len(mails) >= 4
    links = [link for mail in mails for link in re.findall(r"https?://\S+", mail.body)]
    assert links
    assert all(link.startswith(f"{settings.SITE_URL}/") for link in links)
    assert not any("evil" in mail.body or "6666" in mail.body for mail in mails)


# --- Targets ------------------------------------------------------------------------------------------------------

TARGETS = [
    "//evil.example",
    "///evil.example",
    "https:evil.example",
    "https:/evil.example",
    "https://evil.example/",
    "http://testserver@evil.example/",
    "http://testserver.evil.example/",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    " //evil.example",
    "\x00//evil.example",
    "javascript:alert(1)",
    "JaVaScRiPt://testserver/%0aalert(1)",
    "data:text/html,evil",
    "\u2044\u2044evil.example",
    "/\uff0fevil.example\u3002",
    "//evil\u3002example",
    "http://[evil",
]


def leaves(location: str) -> bool:
    """Would a browser leave the site? They take backslashes for slashes, and drop tabs, breaks and leading blanks."""
    seen = re.sub(r"[\t\r\n]", "", location).replace("\\", "/").strip("\x00\x20")
    return seen.startswith("//") or re.match(r"[a-z][a-z0-9+.-]*:", seen, re.IGNORECASE) is not None


@pytest.mark.parametrize("target", TARGETS, ids=ascii)
def test_nobody_is_led_to_another_site(clerk: User, target: str) -> None:
    member = people.user(UserKind.MEMBER)
    by_query, by_form, two_steps = Client(), Client(), Client()
    typed = {"login": member.username, "password": people.PASSWORD}
    answers: list[HttpResponseBase] = [by_form.post("/sign-in/", typed | {"next": target})]
    answers.append(by_form.get("/sign-in/", {"next": target}))  # signed in already
    page = by_query.get("/sign-in/", {"next": target})
    answers.append(by_query.post(page.request["PATH_INFO"], typed, query_params={"next": target}))
    work = {"login": clerk.username, "password": people.PASSWORD}
    answers.append(two_steps.post("/sign-in/", work, query_params={"next": target}))
    second = {"way": "app", "code": people.code_of(clerk), "next": target}
    answers.append(two_steps.post("/sign-in/second-step/", second, query_params={"next": target}))
    answers.append(people.step_up(two_steps, clerk, to=target))
    again = {"way": "app", "code": people.code_of(clerk)}
    answers.append(two_steps.post("/confirm/", again, query_params={"next": target}))
    answers.append(two_steps.get("/home/", {"next": target}))
    answers.append(two_steps.post("/home/", {"standing": "desk|", "next": target}))
    answers.append(two_steps.post("/language/", {"language": "es", "next": target}))
    answers.append(two_steps.post("/sign-out/", {"next": target}))
    for number, answer in enumerate(answers):
        assert answer.status_code == 302, number
        assert not leaves(answer.headers["Location"]), f"{number}: {answer.headers['Location']}"


def test_the_name_of_a_page_is_no_target(clerk: User) -> None:
    browser = Client()
    people.sign_in(browser, clerk)
    for name in ("door", "front", "set_language"):
        assert people.step_up(browser, clerk, to=name).headers["Location"] == name


# --- Fields that no form has --------------------------------------------------------------------------------------


def extra(victim: User) -> dict[str, str]:
    return {
        "id": str(victim.pk),
        "pk": str(victim.pk),
        "user": str(victim.pk),
        "user_id": str(victim.pk),
        "is_active": "on",
        "is_staff": "on",
        "is_superuser": "on",
        "kind": "work",
        "must_change_password": "",
        "email_proven_at": "2026-01-01",
        "awake_since": "2030-01-01",
        "last_login": "2030-01-01",
        "party": "client:1",
        "permissions": "all",
        "person": "1",
        "person_id": "1",
        "team": "privacy",
        "account": victim.username,
        "reset": f"user:{victim.pk}",
        "first_sign_in": "person:1",
        "confirmed": "on",
        "given_name": "Mallory",
        "family_name": "Mallory",
        "disowned_at": "",
        "role": "administrator",
    }


FIXED = ("kind", "is_active", "must_change_password", "email_proven_at", "awake_since", "given_name", "family_name")


def test_fields_that_no_form_has_change_nothing_at_any_form_of_the_door(clerk: User) -> None:
    victim = people.user(UserKind.MEMBER, must_change_password=True)
    more = extra(victim)
    browser = Client()

    def rows() -> list[tuple[object, ...]]:
        return list(User.objects.order_by("pk").values_list("pk", *FIXED))

    before = rows()
    browser.post("/sign-in/", {**more, "login": clerk.username, "password": people.PASSWORD})
    browser.post("/sign-in/second-step/", {**more, "way": "app", "code": people.code_of(clerk)})
    assert browser.session["_auth_user_id"] == str(clerk.pk)
    browser.post("/confirm/", {**more, "way": "app", "code": people.code_of(clerk)})
    browser.post("/security/email-codes/", more)
    browser.post("/security/app/", {**more, "name": "x", "code": "000000"})
    browser.post("/security/recovery-codes/", more)
    browser.post("/password/", {**more, **NEW})
    browser.post("/home/", more)
    stranger = Client()
    stranger.post("/password/forgotten/", {**more, "account": clerk.username})
    code = people.code_in_mail(clerk.email)
    stranger.post(
        "/password/new/",
        {**more, "code": code, "password": "nine tall pines at dusk", "again": "nine tall pines at dusk"},
    )
    assert rows() == before
    victim.refresh_from_db()
    clerk.refresh_from_db()
    assert victim.check_password(people.PASSWORD)
    assert clerk.check_password("nine tall pines at dusk")
    assert not AuthenticatorApp.objects.filter(user=victim).exists()
    assert EmailCodes.objects.get().user_id == clerk.pk
    assert StaffRole.objects.get().team == Team.HELP_DESK


def test_an_address_is_proven_by_its_code_and_by_no_field() -> None:
    member, victim = people.user(UserKind.MEMBER), people.user(UserKind.MEMBER)
    former = member.email
    browser = Client()
    people.sign_in(browser, member)
    people.step_up(browser, member)
    browser.post("/email/", {**extra(victim), "email": "new@home.example"})
    browser.post("/email/", {**extra(victim), "code": "2222 2222"})
    member.refresh_from_db()
    assert member.email == former


def test_the_first_sign_in_makes_the_account_of_the_person_who_was_proven_and_no_other() -> None:
    with scopes.entered(scopes.system("test")):
        victim, person = people.person(), people.person()
        contract = Contract.objects.create(
            client=people.client(), number="NGH88420173", sender_number="1", subscriber=person
        )
        Enrollee.objects.create(
            client=contract.client,
            contract=contract,
            person=person,
            relationship="18",
            suffix="01",
            member_id="NGH8842017301",
            recorded_date="2026-12-01",
        )
    more = extra(people.user(UserKind.MEMBER)) | {"person": str(victim.pk), "first_sign_in": f"person:{victim.pk}"}
    browser = Client()
    typed = {"identifier": "NGH8842017301", "birth_date": "4/28/1985", "zip_code": "12207"}
    browser.post("/members/first-sign-in/", more | typed)
    account = {"code": people.code_in_mail(person.email), "username": "iris.i", "email": "iris@home.example", **NEW}
    browser.post("/members/first-sign-in/code/", more | account)
    made = User.objects.get(username="iris.i")
    with scopes.entered(scopes.system("test")):
        assert made.member_account.person_id == person.pk
    assert (made.kind, made.email_proven_at, made.given_name) == (UserKind.MEMBER, None, person.first_name)
    assert made.awake_since <= timezone.now()


def test_an_invitation_gives_the_place_that_it_names_and_proves_the_address_that_it_went_to(clerk: User) -> None:
    with scopes.entered(scopes.system("test")):
        own, other = people.client("Own Bakery"), people.client("Other Bakery")
        invitee = invitation_kinds.Invitee(
            party=PartyRef("client", own.pk),
            role=EmployerRole.ADMINISTRATOR,
            given_name="Nora",
            family_name="Okell",
            email="nora@bakery.example",
        )
        invitations.invite(by=scopes.system("test"), kind="employer", invitee=invitee)
    link = re.search(r"/invitation/[^/]+/", OutboxMail.objects.latest("id").body)
    assert link
    more = extra(clerk) | {"party": f"client:{other.pk}", "client": str(other.pk), "invitation": "1"}
    account = {"given_name": "Nora", "family_name": "Okell", "username": "nokell", "email": "mallory@evil.example"}
    browser = Client()
    browser.post(link.group(), more | account | NEW)
    made = User.objects.get(username="nokell")
    with scopes.entered(scopes.system("test")):
        assert [place.client_id for place in EmployerUser.objects.filter(user=made)] == [own.pk]
    assert (made.email == "nora@bakery.example") == (made.email_proven_at is not None)
    assert made.kind == UserKind.WORK
    assert browser.get("/employers/").headers["Location"] in ("/security/", "/email/"), "the second step comes first"


# --- Texts that no keyboard types ---------------------------------------------------------------------------------

ODD = [
    "\u0663\u0664\u0665\u0666\u0667\u0668",
    "\u00b2\u00b2\u00b2\u00b2\u00b2\u00b2",
    "\u00c9\u00c9\u00c9\u00c9",
    "\ufb03\u0130\u0131",
    "\U0001f600",
    "[" * 7000,
    '{"id": [1], "response": null}',
    "1e999999",
    "' OR 1=1 --",
    "%00",
    "a\x00b",
    "-",
]


@pytest.mark.parametrize("text", ODD, ids=lambda text: ascii(text)[:24])
def test_odd_texts_are_wrong_and_nothing_worse(clerk: User, text: str) -> None:
    """An error would roll back the count of the try."""
    EmailCodes.objects.create(user=clerk, name="")
    notices.make(clerk, NoticeKind.PASSWORD)
    half = Client()
    half.post("/sign-in/", {"login": clerk.username, "password": people.PASSWORD})
    answers = [half.post("/sign-in/second-step/", {"way": way, "code": text}) for way in ("app", "email", "passkey")]
    assert "_auth_user_id" not in half.session
    inside = Client()
    people.sign_in(inside, clerk)
    answers.append(inside.post("/confirm/", {"way": text, "code": text, "next": text}))
    people.step_up(inside, clerk)
    inside.get("/security/passkey/")
    answers.append(inside.post("/security/passkey/", {"name": "x", "answer": text}))
    answers.append(inside.post("/security/app/", {"name": text[:40], "code": text[:12]}))
    stranger = Client()
    answers.append(stranger.post("/not-me/", {"token": text}))
    answers.append(stranger.post("/sign-in/", {"login": text, "password": text}))
    answers.append(stranger.post("/password/forgotten/", {"account": text}))
    answers.append(stranger.post("/password/new/", {"code": text, **NEW}))
    answers.append(stranger.post("/email/test/", {"email": text}))
    typed = {"identifier": text, "birth_date": "4/28/1985", "zip_code": "12207"}
    answers.append(stranger.post("/members/first-sign-in/", typed))
    assert [answer.status_code for answer in answers if answer.status_code not in (200, 302, 404)] == []
    assert AccountNotice.objects.filter(denied_at=None).count() == 1
