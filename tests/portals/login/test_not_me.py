""" "This was not me": whoever is in goes out, what they changed is taken back, the privacy officer hears of it."""

import re

import pytest
from django.test import Client

from audit.models import Event
from portals.enums import Team, UserKind
from portals.login import factors
from portals.models import AccountNotice, DeskRequest, EmailCodes, OutboxMail, User
from tests.factories import ledger, people

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk() -> User:
    return people.staff_user(Team.HELP_DESK)


def link() -> str:
    found = re.search(r"(/not-me/[^/]+/)", OutboxMail.objects.filter(body__contains="/not-me/").latest("id").body)
    assert found
    return found.group(1)


def changed_email(thief: Client, user: User) -> None:
    people.sign_in(thief, user)
    people.step_up(thief, user)
    thief.post("/email/", {"email": "thief@elsewhere.example"})
    thief.post("/email/", {"code": people.code_in_mail("thief@elsewhere.example")})


def test_a_changed_address_is_told_to_the_former_one_and_comes_back(clerk: User) -> None:
    thief = Client()
    former = clerk.email
    changed_email(thief, clerk)
    clerk.refresh_from_db()
    assert clerk.email == "thief@elsewhere.example"
    ledger.expect("door.prove_email", by=clerk, on="user")
    assert OutboxMail.objects.latest("id").to == former
    stranger = Client()
    assert b"It was not me" in stranger.get(link()).content
    assert thief.get("/desk/").status_code == 200, "a mail program that opens links closes nothing"
    assert b"It is closed" in stranger.post(link()).content
    clerk.refresh_from_db()
    assert (clerk.email, clerk.has_usable_password()) == (former, False)
    assert thief.get("/desk/").url == "/sign-in/?next=%2Fdesk%2F"
    request = DeskRequest.objects.get(kind="door.not_me")
    assert request.team == Team.PRIVACY
    assert Event.objects.filter(action="door.not_me", object_id=str(clerk.pk)).count() == 1


def test_answering_twice_is_answering_once(client: Client, clerk: User) -> None:
    changed_email(Client(), clerk)
    for _ in range(2):
        assert b"It is closed" in client.post(link()).content
    assert DeskRequest.objects.filter(kind="door.not_me").count() == 1


def test_a_factor_that_somebody_else_added_is_gone_and_the_persons_own_stays(client: Client, clerk: User) -> None:
    thief = Client()
    people.sign_in(thief, clerk)
    people.step_up(thief, clerk)
    AccountNotice.objects.all().delete()
    from portals.models import AuthenticatorApp

    AuthenticatorApp.objects.update(created_at="2026-01-01T00:00Z")
    thief.post("/security/email-codes/")
    client.post(link())
    assert not EmailCodes.objects.exists()
    assert len(factors.held(clerk)) == 1
    assert ledger.expect("door.remove_factors_since", by="nobody", on="user").object_id == str(clerk.pk)


def test_a_letters_token_is_typed_and_an_unknown_one_says_whom_to_call(client: Client, clerk: User) -> None:
    changed_email(Client(), clerk)
    token = link().split("/")[2]
    answer = client.post("/not-me/", {"token": token.lower().replace("-", " ")})
    assert answer.url == link()
    unknown = client.get("/not-me/2222-2222-2222/")
    assert unknown.status_code == 404
    assert b"older than 30 days" in unknown.content


def test_tokens_cannot_be_guessed_in_number(client: Client) -> None:
    answers = [client.get(f"/not-me/2222-2222-22{number}/").status_code for number in range(10, 25)]
    assert 429 in answers


def test_only_a_hash_of_the_token_is_kept(clerk: User) -> None:
    changed_email(Client(), clerk)
    notice = AccountNotice.objects.latest("id")
    assert link().split("/")[2].replace("-", "") not in notice.token_hash.upper()
    assert notice.user.kind == UserKind.WORK
