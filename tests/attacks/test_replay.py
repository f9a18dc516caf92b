"""What was good once is taken again: codes, passkey answers, cookies, and sign-ins that wait."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable

import cbor2
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.http import HttpResponseBase
from django.test import Client
from django.utils import timezone
from django_otp_webauthn.models import WebAuthnCredential

from members.models import Contract, Enrollee
from portals import scope as scopes
from portals.crypto import codes
from portals.enums import CodePurpose, NoticeKind, Team, UserKind
from portals.login import notices
from portals.models import AccessCode, EmailCodes, OutboxMail, User
from portals.scope import PartyRef
from portals.sessions import session_ends
from tests.factories import people

pytestmark = pytest.mark.django_db
NEW = {"password": "eleven slow herons", "again": "eleven slow herons"}
THIEFS = {"password": "a thief chose this one", "again": "a thief chose this one"}


@pytest.fixture
def clerk() -> User:
    return people.staff_user(Team.HELP_DESK)


def half_in(user: User, password: str = people.PASSWORD) -> Client:
    browser = Client()
    browser.post("/sign-in/", {"login": user.username, "password": password})
    return browser


def second(browser: Client, way: str, code: str) -> HttpResponseBase:
    return browser.post("/sign-in/second-step/", {"way": way, "code": code})


def is_in(browser: Client) -> bool:
    return "_auth_user_id" in browser.session


def test_a_code_of_the_app_that_was_seen_at_the_sign_in_opens_neither_another_nor_the_step_up(clerk: User) -> None:
    owner, thief = half_in(clerk), half_in(clerk)
    code = people.code_of(clerk)
    second(owner, "app", code)
    assert is_in(owner)
    second(thief, "app", code)
    assert not is_in(thief)
    assert owner.post("/confirm/", {"way": "app", "code": code, "next": "/password/"}).status_code == 200


def test_a_mailed_code_is_good_once_and_for_what_it_was_mailed_for(clerk: User) -> None:
    EmailCodes.objects.create(user=clerk, name="")
    browser = half_in(clerk)
    browser.get("/sign-in/second-step/?way=email")
    code = people.code_in_mail(clerk.email)
    thief = Client()
    thief.post("/password/forgotten/", {"account": clerk.username})
    assert b"does not fit" in thief.post("/password/new/", {"code": code, **THIEFS}).content
    second(browser, "email", code)
    assert is_in(browser)
    again = half_in(clerk)
    second(again, "email", code)
    assert not is_in(again)


def test_a_reset_code_sets_one_password(clerk: User) -> None:
    owner, thief = Client(), Client()
    codes_of = {}
    for browser in (thief, owner):
        browser.post("/password/forgotten/", {"account": clerk.username})
        codes_of[browser] = people.code_in_mail(clerk.email)
    code = codes_of[owner]
    assert owner.post("/password/new/", {"code": code, **NEW}).status_code == 302
    assert b"does not fit" in thief.post("/password/new/", {"code": codes_of[thief], **THIEFS}).content
    assert b"does not fit" in thief.post("/password/new/", {"code": code, **THIEFS}).content
    clerk.refresh_from_db()
    assert clerk.check_password(NEW["password"])


def test_an_activation_code_makes_one_account() -> None:
    with scopes.entered(scopes.system("test")):
        person = people.person()
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
    typed = {"identifier": "NGH8842017301", "birth_date": "4/28/1985", "zip_code": "12207"}
    owner, thief = Client(), Client()
    for browser in (owner, thief):
        browser.post("/members/first-sign-in/", typed)
    code = people.code_in_mail(person.email)
    for browser, name in ((owner, "iris.owner"), (thief, "iris.thief")):
        account = {"code": code, "username": name, "email": f"{name}@home.example", **NEW}
        browser.post("/members/first-sign-in/code/", account)
    assert list(User.objects.values_list("username", flat=True)) == ["iris.owner"]
    assert not is_in(thief)


def test_a_code_that_proves_one_address_proves_no_other_and_nobody_elses() -> None:
    first, other = people.user(UserKind.MEMBER), people.user(UserKind.MEMBER)
    here, there = Client(), Client()
    for browser, user in ((here, first), (there, other)):
        people.sign_in(browser, user)
        people.step_up(browser, user)
    here.post("/email/", {"email": "shared@home.example"})
    code = people.code_in_mail("shared@home.example")
    there.post("/email/", {"email": "shared@home.example"})
    there.post("/email/", {"code": code})
    here.post("/email/", {"email": "victim@home.example"})
    here.post("/email/", {"code": code})
    assert not User.objects.filter(email__in=["shared@home.example", "victim@home.example"]).exists()


# --- Passkeys -----------------------------------------------------------------------------------------------------


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Passkey:
    """A passkey in software, held by `user`."""

    def __init__(self, user: User) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = hashlib.sha256(str(user.pk).encode()).digest()
        numbers = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        WebAuthnCredential.objects.create(
            user=user,
            name="Laptop",
            confirmed=True,
            credential_id=self.id,
            public_key=cbor2.dumps(cose),
            aaguid="00000000-0000-0000-0000-000000000000",
        )

    def answer(self, question: dict[str, str], *, origin: str = settings.SITE_URL) -> str:
        client = json.dumps({"type": "webauthn.get", "challenge": question["challenge"], "origin": origin}).encode()
        said = hashlib.sha256(settings.OTP_WEBAUTHN_RP_ID.encode()).digest() + b"\x05" + b"\x00\x00\x00\x00"
        signature = self.key.sign(said + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        response = {"clientDataJSON": _b64(client), "authenticatorData": _b64(said), "signature": _b64(signature)}
        return json.dumps(
            {
                "id": _b64(self.id),
                "rawId": _b64(self.id),
                "type": "public-key",
                "response": response,
                "clientExtensionResults": {},
            }
        )


def asked(browser: Client, url: str = "/sign-in/second-step/?way=passkey") -> dict[str, str]:
    """The question that the page put to this browser."""
    question: dict[str, str] = json.loads(browser.get(url).context["question"])
    return question


def test_an_answer_of_a_passkey_is_good_once_in_the_session_that_asked_and_at_this_site(clerk: User) -> None:
    passkey = Passkey(clerk)
    owner = half_in(clerk)
    question = asked(owner)
    answer = passkey.answer(question)

    elsewhere = half_in(clerk)
    asked(elsewhere)
    second(elsewhere, "passkey", answer)
    assert not is_in(elsewhere), "another session asked another question"
    never_asked = half_in(clerk)
    second(never_asked, "passkey", answer)
    assert not is_in(never_asked)
    lured = half_in(clerk)
    second(lured, "passkey", passkey.answer(asked(lured), origin="https://evil.example"))
    assert not is_in(lured), "what was signed for another site"

    second(owner, "passkey", answer)
    assert is_in(owner)
    assert owner.post("/confirm/", {"way": "passkey", "code": answer}).status_code == 200, "no second time"


def test_a_wrong_answer_spends_the_question(clerk: User) -> None:
    passkey = Passkey(clerk)
    browser = half_in(clerk)
    question = asked(browser)
    second(browser, "passkey", "{}")
    second(browser, "passkey", passkey.answer(question))
    assert not is_in(browser)


def test_another_persons_passkey_is_none(clerk: User) -> None:
    Passkey(clerk)
    thief = Passkey(people.staff_user(Team.HELP_DESK))
    browser = half_in(clerk)
    second(browser, "passkey", thief.answer(asked(browser)))
    assert not is_in(browser)


# --- Sessions and sign-ins that wait ------------------------------------------------------------------------------


def _signs_out(owner: Client, user: User) -> None:
    owner.post("/sign-out/")


def _changes_the_password(owner: Client, user: User) -> None:
    people.step_up(owner, user)
    owner.post("/password/", NEW)


def _resets_the_password(owner: Client, user: User) -> None:
    stranger = Client()
    stranger.post("/password/forgotten/", {"account": user.username})
    stranger.post("/password/new/", {"code": people.code_in_mail(user.email), **NEW})


def _says_it_was_not_me(owner: Client, user: User) -> None:
    Client().post(f"/not-me/{notices.make(user, NoticeKind.PASSWORD)}/")


def _is_closed(owner: Client, user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


@pytest.mark.parametrize(
    "after", [_signs_out, _changes_the_password, _resets_the_password, _says_it_was_not_me, _is_closed]
)
def test_a_copied_session_cookie_is_worthless_after(clerk: User, after: Callable[[Client, User], None]) -> None:
    owner = Client()
    people.sign_in(owner, clerk)
    thief = Client()
    thief.cookies["sessionid"] = owner.cookies["sessionid"].value
    assert thief.get("/desk/").status_code == 200
    after(owner, clerk)
    assert thief.get("/desk/").headers["Location"] == "/sign-in/?next=%2Fdesk%2F"


@pytest.mark.parametrize("after", [_changes_the_password, _resets_the_password, _says_it_was_not_me, _is_closed])
def test_a_sign_in_that_waits_for_its_second_step_waits_no_longer_after(
    clerk: User, after: Callable[[Client, User], None]
) -> None:
    """A thief has password and telephone; the password is changed while the second step waits."""
    owner = Client()
    people.sign_in(owner, clerk)
    thief = half_in(clerk)
    code = people.code_of(clerk)
    after(owner, clerk)
    assert second(thief, "app", code).headers["Location"] == "/sign-in/"
    assert not is_in(thief)


def test_a_key_from_before_the_step_up_does_not_open_the_stepped_up_session(clerk: User) -> None:
    owner = Client()
    people.sign_in(owner, clerk)
    thief = Client()
    thief.cookies["sessionid"] = owner.cookies["sessionid"].value
    people.step_up(owner, clerk)
    assert thief.get("/password/").headers["Location"].startswith("/sign-in/")
    assert owner.get("/password/").status_code == 200
    assert session_ends.everywhere(clerk, by=scopes.NOBODY) == 1, "the list of sessions follows the key"
    assert owner.get("/password/").headers["Location"].startswith("/sign-in/")


def test_a_reset_code_in_a_mailbox_that_is_no_longer_the_accounts_is_worthless() -> None:
    """A thief took the account and its address, asked for a reset code there, and is found out: the code is dead."""
    member = people.user(UserKind.MEMBER)
    thief, lurking = Client(), Client()
    people.sign_in(thief, member)
    people.step_up(thief, member)
    thief.post("/email/", {"email": "thief@elsewhere.example"})
    thief.post("/email/", {"code": people.code_in_mail("thief@elsewhere.example")})
    lurking.post("/password/forgotten/", {"account": member.username})
    code = people.code_in_mail("thief@elsewhere.example")
    link = re.search(r"/not-me/[^/]+/", OutboxMail.objects.get(to=member.email, body__contains="/not-me/").body)
    assert link
    Client().post(link.group())
    assert b"does not fit" in lurking.post("/password/new/", {"code": code, **THIEFS}).content
    member.refresh_from_db()
    assert not member.has_usable_password()


def test_a_reset_code_in_the_former_mailbox_dies_with_the_change_of_address() -> None:
    member = people.user(UserKind.MEMBER)
    owner, thief = Client(), Client()
    people.sign_in(owner, member)
    people.step_up(owner, member)
    thief.post("/password/forgotten/", {"account": member.username})
    code = people.code_in_mail(member.email)
    owner.post("/email/", {"email": "safer@home.example"})
    owner.post("/email/", {"code": people.code_in_mail("safer@home.example")})
    assert b"does not fit" in thief.post("/password/new/", {"code": code, **THIEFS}).content


def test_a_code_that_ran_out_is_worthless() -> None:
    subject = PartyRef("user", 1)
    code = codes.issue(purpose=CodePurpose.RESET, subject=subject, lives=codes.SENT)
    AccessCode.objects.update(expires_at=timezone.now())
    assert not codes.redeem(purpose=CodePurpose.RESET, subject=subject, typed=code)
