"""Who has an account, and of which kind, is told by no answer of an open door: neither by its words nor by its bytes,
its headers and cookies, its statements or its hashings."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from members.models import Contract, Enrollee, MemberAccount, Person
from portals import scope as scopes
from portals.crypto import values as crypto
from portals.enums import NoticeKind, Team, UserKind
from portals.login import notices, wrong_passwords
from portals.models import AccountNotice, AuthenticatorApp, EmailCodes, User
from tests.attacks.looks import Look, look
from tests.factories import people

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_counted")]

WORDS = {"password": "three quiet owls", "again": "three quiet owls"}


def same(seen: dict[str, list[Look]]) -> None:
    """Every case equals the first one, answer by answer."""
    first, *others = seen.values()
    for name, looks in zip(list(seen)[1:], others, strict=True):
        assert len(looks) == len(first), name
        for number, (one, other) in enumerate(zip(first, looks, strict=True)):
            assert not one.differs(other), f"{name}, answer {number}: {one.differs(other)}"


@pytest.fixture
def accounts() -> dict[str, User]:
    """One account of every kind, with usernames and addresses of equal length; at the end somebody who has none."""
    long_ago = timezone.now() - dt.timedelta(days=400)
    kinds: dict[str, tuple[UserKind, dict[str, object]]] = {
        "work": (UserKind.WORK, {}),
        "work, codes by mail": (UserKind.WORK, {}),
        "member": (UserKind.MEMBER, {}),
        "member with a factor": (UserKind.MEMBER, {}),
        "closed": (UserKind.MEMBER, {"is_active": False}),
        "asleep": (UserKind.WORK, {"awake_since": long_ago, "last_login": long_ago}),
        "initial password": (UserKind.WORK, {"must_change_password": True}),
        "unproven": (UserKind.MEMBER, {"email_proven_at": None}),
        "no password": (UserKind.MEMBER, {}),
    }
    made = {}
    for number, (name, (kind, fields)) in enumerate(kinds.items()):
        user = people.user(kind, username=f"somebody.{number:03}")
        User.objects.filter(pk=user.pk).update(email=f"person.{number:03}@mail.example", **fields)
        user.refresh_from_db()
        made[name] = user
    AuthenticatorApp.objects.filter(user=made["work, codes by mail"]).delete()
    for name in ("work, codes by mail", "member with a factor"):
        EmailCodes.objects.create(user=made[name], name="")
    made["no password"].set_unusable_password()
    made["no password"].save()
    made["nobody"] = User(username="somebody.999", email="person.999@mail.example")
    return made


@pytest.mark.parametrize(
    "headers",
    [{}, {"HX-Request": "true"}, {"X-Requested-With": "XMLHttpRequest", "Accept": "application/json"}],
    ids=["page", "htmx", "ajax"],
)
def test_a_wrong_password_looks_the_same_for_every_account_and_for_nobody(
    accounts: dict[str, User], headers: dict[str, str]
) -> None:
    wrong = {"password": "wrong horse battery"}
    seen = {
        name: [look(Client(), "post", "/sign-in/", {"login": user.username, **wrong}, **headers)]
        for name, user in accounts.items()
    }
    same(seen)
    assert seen["nobody"][0].hashings == 1, "one password is hashed, whoever it is"


@pytest.mark.parametrize("wrong", range(1, 6))
def test_each_wrong_password_in_a_row_looks_the_same_for_an_account_and_for_nobody(
    accounts: dict[str, User], wrong: int
) -> None:
    User.objects.filter(username=accounts["member"].username).update(failed_passwords=wrong - 1)
    data = {"password": "wrong horse battery"}
    same(
        {
            name: [look(Client(), "post", "/sign-in/", {"login": accounts[name].username, **data})]
            for name in ("member", "nobody")
        }
    )


def test_after_a_hundred_wrong_passwords_the_right_one_looks_as_a_wrong_one_does(accounts: dict[str, User]) -> None:
    username = accounts["member"].username
    User.objects.filter(username=username).update(failed_passwords=wrong_passwords.MOST)
    passwords = {"nobody": people.PASSWORD, "right": people.PASSWORD, "wrong": "wrong horse battery"}
    same(
        {
            name: [
                look(
                    Client(),
                    "post",
                    "/sign-in/",
                    {"login": username if name != "nobody" else "somebody.999", "password": password},
                )
            ]
            for name, password in passwords.items()
        }
    )


def test_a_closed_sign_in_looks_the_same_for_every_account_and_for_nobody(accounts: dict[str, User]) -> None:
    def closed(username: str) -> list[Look]:
        data = {"login": username, "password": "wrong horse battery"}
        return [look(Client(), "post", "/sign-in/", data) for _ in range(11)][-1:]

    chosen = ("member", "closed", "asleep", "nobody")
    seen = {name: closed(accounts[name].username) for name in chosen}
    same(seen)
    assert (seen["nobody"][0].status, seen["nobody"][0].hashings) == (429, 0), "closed before anything is hashed"


@pytest.mark.parametrize("typed", ["username", "email"])
def test_a_forgotten_password_looks_the_same_for_every_account_and_for_nobody(
    accounts: dict[str, User], typed: str
) -> None:
    def walk(user: User) -> list[Look]:
        browser = Client()
        return [
            look(browser, "post", "/password/forgotten/", {"account": getattr(user, typed)}),
            look(browser, "get", "/password/new/"),
            look(browser, "post", "/password/new/", {"code": "2222 2222", **WORDS}),
        ]

    seen = {name: walk(user) for name, user in accounts.items()}
    same(seen)
    assert [each.hashings for each in seen["nobody"]] == [0, 0, 1]


def test_a_test_mail_looks_the_same_for_an_accounts_address_and_for_any_other(accounts: dict[str, User]) -> None:
    same({name: [look(Client(), "post", "/email/test/", {"email": user.email})] for name, user in accounts.items()})


def test_an_unknown_and_an_expired_notice_look_the_same(accounts: dict[str, User]) -> None:
    expired = notices.make(accounts["member"], NoticeKind.PASSWORD)
    AccountNotice.objects.update(expires_at=timezone.now())
    urls = {"expired": f"/not-me/{expired}/", "unknown": "/not-me/222222222222/"}
    seen = {name: [look(Client(), method, url) for method in ("get", "post")] for name, url in urls.items()}
    same(seen)


def test_what_is_wrong_with_a_code_of_the_second_step_is_not_told() -> None:
    """Wrong, used before, or of another person: one answer and the same work."""
    clerk, other = people.staff_user(Team.HELP_DESK), people.staff_user(Team.HELP_DESK)
    people.sign_in(Client(), clerk)
    used = people.code_of(clerk)
    step = AuthenticatorApp.objects.get(user=clerk)
    seen = {}
    for name, code in (("used", used), ("another's", people.code_of(other)), ("wrong", "000000")):
        browser = Client()
        browser.post("/sign-in/", {"login": clerk.username, "password": people.PASSWORD})
        AuthenticatorApp.objects.filter(pk=step.pk).update(last_step=2**40)
        seen[name] = [look(browser, "post", "/sign-in/second-step/", {"way": "app", "code": code})]
    same(seen)


# --- The first sign-in ------------------------------------------------------------------------------------------------

CARD = "NGH88420173{:02}"
DETAILS = {"birth_date": "4/28/1985", "zip_code": "12207"}
ACCOUNT = {"username": "iris.i", "email": "iris@home.example", **WORDS}


@pytest.fixture
def enrolled() -> dict[str, dict[str, str]]:
    """What is typed for a person of every case."""
    with scopes.entered(scopes.system("test")):
        client = people.client()
        cases: dict[str, dict[str, object]] = {
            "hit": {},
            "by letter": {"confidential_address": "Box 7"},
            "no mail on file": {"email": ""},
            "registered": {},
            "disowned": {},
            "minor": {"birth_date": dt.date(2019, 4, 28)},
        }
        typed = {}
        for number, (name, changes) in enumerate(cases.items(), 1):
            ssn = f"9005543{number:02}"
            person = people.person(ssn_index=crypto.blind_index(ssn, purpose="ssn"), **changes)
            contract = Contract.objects.create(
                client=client, number=f"NGH8842{number:04}", sender_number=str(number), subscriber=person
            )
            Enrollee.objects.create(
                client=client,
                contract=contract,
                person=person,
                relationship="18",
                suffix="01",
                member_id=CARD.format(number),
                recorded_date="2026-12-01",
            )
            typed[name] = {"identifier": CARD.format(number), **DETAILS}
            typed[f"{name}, by SSN"] = {"identifier": ssn, **DETAILS}
        typed["minor"]["birth_date"] = typed["minor, by SSN"]["birth_date"] = "4/28/2019"
        people.member_user(_of("NGH8842017304"))
        MemberAccount.objects.filter(user=people.member_user(_of("NGH8842017305"))).update(disowned_at=timezone.now())
        typed["miss"] = {"identifier": CARD.format(99), **DETAILS}
        typed["miss, by SSN"] = {"identifier": "900554399", **DETAILS}
        typed["other birth date"] = {**typed["hit"], "birth_date": "4/29/1985"}
        typed["other ZIP"] = {**typed["hit"], "zip_code": "12208"}
    return typed


def _of(member_id: str) -> Person:
    return Enrollee.objects.get(member_id=member_id).person


def test_the_first_sign_in_looks_the_same_for_whomever_it_locates_and_for_nobody(
    enrolled: dict[str, dict[str, str]],
) -> None:
    def walk(typed: dict[str, str]) -> list[Look]:
        browser = Client()
        return [
            look(browser, "post", "/members/first-sign-in/", typed),
            look(browser, "get", "/members/first-sign-in/code/"),
            look(browser, "post", "/members/first-sign-in/code/", {"code": "2222 2222", **ACCOUNT}),
        ]

    same({name: walk(typed) for name, typed in enrolled.items()})


@pytest.mark.parametrize("identifier", ["", ", by SSN"])
def test_a_closed_first_sign_in_looks_the_same_for_whomever_it_locates_and_for_nobody(
    enrolled: dict[str, dict[str, str]], identifier: str
) -> None:
    """Locked after ten tries: of the details at the first page, of the code at the second."""

    def locked(name: str, number: int) -> list[Look]:
        browser, typed = Client(REMOTE_ADDR=f"10.2.0.{number}"), enrolled[f"{name}{identifier}"]
        code = {"code": "2222 2222", **ACCOUNT}
        for _ in range(10):
            browser.post("/members/first-sign-in/", typed)
            browser.post("/members/first-sign-in/code/", code)
        return [
            look(browser, "post", "/members/first-sign-in/", typed),
            look(browser, "post", "/members/first-sign-in/code/", code),
        ]

    chosen = ("hit", "by letter", "registered", "disowned", "minor", "miss")
    seen = {name: locked(name, number) for number, name in enumerate(chosen)}
    same(seen)
    assert [each.status for each in seen["miss"]] == [429, 429]
