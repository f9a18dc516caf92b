"""Guessing: from one place or from thousands, at names, passwords, records, codes and tokens.

Ten thousand wrong guesses from as many addresses are ten thousand requests to a site, and minutes in a test. So a
door's counting is filled in bulk with the rows that `limits.count` would write for each guess, what is guessed is
tried at the action behind the door, and the door itself is asked over HTTP before, between and after.
"""

from __future__ import annotations

import pytest
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import Count
from django.http import HttpResponseBase
from django.test import Client
from django.utils import timezone

from members.first_sign_in import actions as first_sign_in
from members.models import Contract, Enrollee, MemberAccount
from portals import scope as scopes
from portals.crypto import codes
from portals.enums import CodePurpose, Factor, NoticeKind, Team, UserKind
from portals.login import factors, notices, rate_limits, recovery
from portals.models import AccessCode, Attempt, DeskRequest, EmailCodes, OutboxMail, User
from portals.scope import PartyRef
from tests.factories import people

pytestmark = pytest.mark.django_db

MANY = 10_000
DETAILS = {"birth_date": "4/28/1985", "zip_code": "12207"}
NEW = {"password": "eleven slow herons", "again": "eleven slow herons"}


def address(number: int) -> str:
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


def counted(door: str, guesses: int, *, identifier: str = "") -> None:
    """So many wrong guesses, each from an address of its own: at this identifier, or each at another. The keys of what
    is tried once only may be any, since nothing asks for them again."""
    at = rate_limits._key("id", identifier) if identifier else None
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO portals_attempt (door, key)
            SELECT %s, key FROM generate_series(1, %s) AS n, unnest(ARRAY[
                coalesce(%s, encode(sha256(('id' || n)::bytea), 'hex')),
                encode(sha256(('address' || n)::bytea), 'hex'),
                %s]) AS key
            """,
            [door, guesses, at, rate_limits._key("total", door)],
        )


def sign_in(user: User, source: str, password: str = people.PASSWORD) -> HttpResponseBase:
    return Client(REMOTE_ADDR=source).post("/sign-in/", {"login": user.username, "password": password})


def common_passwords() -> list[str]:
    validator = password_validation.CommonPasswordValidator()
    return sorted(validator.passwords)


def test_what_is_counted_in_bulk_is_what_the_door_counts() -> None:
    def rows() -> list[int]:
        found = Attempt.objects.values("key").annotate(n=Count("id")).values_list("n", flat=True)
        Attempt.objects.all().delete()
        return sorted(found)

    for number in range(3):
        rate_limits.count(door="sign_in", identifier="somebody", address=address(number))
    door = rows()
    counted("sign_in", 3, identifier="somebody")
    assert rows() == door


def test_ten_thousand_passwords_from_ten_thousand_addresses_let_nobody_in_and_raise_an_alarm(
    caplog: pytest.LogCaptureFixture,
) -> None:
    known = [people.user(UserKind.MEMBER) for _ in range(10)]
    honest = people.user(UserKind.MEMBER)
    guesses = common_passwords()[:MANY]
    assert len(guesses) == MANY
    for number in range(0, MANY, 499):
        answer = sign_in(known[number % 10], address(number), guesses[number])
        assert (answer.status_code, "sessionid" in answer.cookies) == (200, False)
    assert not any(known[number % 10].check_password(guess) for number, guess in enumerate(guesses))
    counted("sign_in", MANY)

    assert sign_in(known[0], address(MANY), guesses[0]).status_code == 200
    alarm = DeskRequest.objects.get(kind="door.many_failures")
    assert (alarm.team, alarm.detail["door"]) == (Team.PRIVACY, "sign_in")
    assert "alarm" in caplog.text
    assert not any(user.username in caplog.text for user in known)
    assert sign_in(honest, address(MANY + 1)).headers["Location"] == "/home/", "guessing elsewhere closes nobody out"


def test_none_of_the_common_passwords_can_be_chosen() -> None:
    guesses = common_passwords()
    assert len(guesses) > MANY
    for guess in guesses:
        with pytest.raises(ValidationError):
            password_validation.validate_password(guess)


def test_ten_thousand_records_from_ten_thousand_addresses_find_nobody_raise_an_alarm_and_close_nobody_out(
    caplog: pytest.LogCaptureFixture,
) -> None:
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
    mails = OutboxMail.objects.count()

    def step_one(number: int, identifier: str = "") -> int:
        typed = {"identifier": identifier or f"NGH8{number:08}", **DETAILS}
        return Client(REMOTE_ADDR=address(number)).post("/members/first-sign-in/", typed).status_code

    assert [step_one(number) for number in range(5)] == 5 * [302]
    for number in range(40):  # one card, every day around the right one but the right one
        day = person.birth_date.replace(month=number % 12 + 1, day=27)
        at = timezone.now()
        found = first_sign_in.locate(
            by=scopes.NOBODY, identifier="NGH8842017301", birth_date=day, zip_code="12207", at=at
        )
        assert found is None
    counted("first_sign_in", rate_limits.ALARM)
    assert step_one(6) == 302
    assert DeskRequest.objects.get(kind="door.many_failures").detail["door"] == "first_sign_in"
    assert "alarm" in caplog.text
    counted("first_sign_in", MANY - rate_limits.ALARM)
    assert (OutboxMail.objects.count(), MemberAccount.objects.count()) == (mails, 0)
    assert step_one(MANY + 1, "NGH8842017301") == 302, "whoever signs in for the first time meanwhile still can"
    assert OutboxMail.objects.filter(to=person.email, subject="Your activation code").count() == 1


def test_the_first_morning_of_a_large_client_raises_no_alarm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limits, "ALARM", 3)
    with scopes.entered(scopes.system("test")):
        client = people.client()
        for number in range(6):
            person = people.person()
            contract = Contract.objects.create(
                client=client, number=f"NGH8842017{number}", sender_number=str(number), subscriber=person
            )
            Enrollee.objects.create(
                client=client,
                contract=contract,
                person=person,
                relationship="18",
                suffix="01",
                member_id=f"NGH8842017{number}01",
                recorded_date="2026-12-01",
            )
    for number in range(6):
        typed = {"identifier": f"NGH8842017{number}01", **DETAILS}
        assert Client(REMOTE_ADDR=address(1)).post("/members/first-sign-in/", typed).status_code == 302
    assert OutboxMail.objects.filter(subject="Your activation code").count() == 6
    assert not DeskRequest.objects.filter(kind="door.many_failures").exists()


@pytest.mark.parametrize("purpose", CodePurpose)
def test_a_code_ends_with_the_fifth_wrong_guess_wherever_it_comes_from(purpose: CodePurpose) -> None:
    subject = PartyRef("person", 5)
    right = codes.issue(purpose=purpose, subject=subject, lives=codes.MAILED)
    for number in range(100):
        guess = f"{codes.ALPHABET[number % 26]}222222{codes.ALPHABET[number // 26]}"
        assert guess == right or not codes.redeem(purpose=purpose, subject=subject, typed=guess)
        if number == 4:
            assert AccessCode.objects.get().ended_at is not None
    assert not codes.redeem(purpose=purpose, subject=subject, typed=right)


def test_activation_codes_are_guessed_ten_times_a_card_and_a_quarter_of_an_hour_from_however_many_browsers() -> None:
    typed = {"identifier": "NGH8842017301", **DETAILS}
    account = {"code": "2222 2222", "username": "iris.i", "email": "iris@home.example", **NEW}

    def guess(number: int) -> int:
        browser = Client(REMOTE_ADDR=address(number))
        browser.post("/members/first-sign-in/", typed)
        Attempt.objects.filter(door="first_sign_in").delete()  # as if the cards had been located long ago
        return browser.post("/members/first-sign-in/code/", account).status_code

    assert [guess(number) for number in range(12)] == 10 * [200] + 2 * [429]


def test_ten_thousand_activation_codes_at_other_cards_raise_an_alarm_and_close_no_code_page() -> None:
    browser = Client()
    browser.post("/members/first-sign-in/", {"identifier": "NGH8842017301", **DETAILS})
    counted("first_code", MANY)
    account = {"code": "2222 2222", "username": "iris.i", "email": "iris@home.example", **NEW}
    assert b"does not fit" in browser.post("/members/first-sign-in/code/", account).content
    assert not MemberAccount.objects.exists()
    assert DeskRequest.objects.get(kind="door.many_failures").detail["door"] == "first_code"


def half_in(user: User, number: int) -> Client:
    browser = Client(REMOTE_ADDR=address(number))
    browser.post("/sign-in/", {"login": user.username, "password": people.PASSWORD})
    return browser


def test_all_ways_of_the_second_step_share_ten_guesses_an_account() -> None:
    """The password is known. Apps, mails and recovery codes are tried in turn, each from a browser and address of its
    own; the owner is told, nobody else is closed out, and the alarm counts what comes from everywhere."""
    clerk, colleague = people.staff_user(Team.HELP_DESK), people.staff_user(Team.HELP_DESK)
    EmailCodes.objects.create(user=clerk, name="")
    right = recovery.new_sheet(by=scopes.NOBODY, user=clerk)
    guesses = [("app", "000000"), ("email", "2222 2222"), ("recovery", "22222-22222")]

    def guess(number: int) -> int:
        way, code = guesses[number % 3]
        browser = half_in(clerk, number)
        return browser.post("/sign-in/second-step/", {"way": way, "code": code}).status_code

    assert [guess(number) for number in range(11)] == 10 * [200] + [429]
    counted("second_step", MANY, identifier=str(clerk.pk))
    for way, code in (("app", people.code_of(clerk)), ("recovery", right[0])):
        late = half_in(clerk, MANY).post("/sign-in/second-step/", {"way": way, "code": code})
        assert late.status_code == 429, "also what is right is not taken now"
    assert DeskRequest.objects.get(kind="door.many_failures").detail["door"] == "second_step"
    assert OutboxMail.objects.filter(subject="Wrong codes after your password", to=clerk.email).exists()
    other = half_in(colleague, MANY + 1)
    answer = other.post("/sign-in/second-step/", {"way": "app", "code": people.code_of(colleague)})
    assert answer.headers["Location"] == "/home/"


def test_tokens_of_notices_are_guessed_in_vain_and_the_owner_can_still_say_it_was_not_me() -> None:
    clerk = people.staff_user(Team.HELP_DESK)
    token = notices.make(clerk, NoticeKind.PASSWORD)
    counted("not_me", MANY)
    thief = Client(REMOTE_ADDR=address(1))
    answers = [thief.get(f"/not-me/2222-2222-22{number}/").status_code for number in range(10, 25)]
    assert set(answers[-4:]) == {429}
    assert Client(REMOTE_ADDR=address(MANY + 1)).post(f"/not-me/{token}/").status_code == 200
    assert DeskRequest.objects.filter(kind="door.many_failures", detail__door="not_me").exists()
    assert DeskRequest.objects.filter(kind="door.not_me").exists()


def test_other_signs_for_the_same_name_are_no_further_tries() -> None:
    """The database raises a long s to S and a dotless i to I, so all these find one account."""
    user = people.user(UserKind.MEMBER, username="iris.sisi")
    names = ["iris.sisi", "IRIS.SISI", "iri\u017f.\u017fi\u017fi", "\u0131r\u0131s.s\u0131s\u0131", " iris.sisi "]
    found = [
        Client(REMOTE_ADDR=address(number)).post("/password/forgotten/", {"account": names[number % 5]}).status_code
        for number in range(12)
    ]
    assert found == 10 * [302] + 2 * [429]
    assert OutboxMail.objects.filter(to=user.email).count() == 10


def test_a_mailbox_is_not_filled_with_test_mails_under_ever_other_tags() -> None:
    answers = [
        Client(REMOTE_ADDR=address(number)).post("/email/test/", {"email": f"office+{number}@practice.example"})
        for number in range(5)
    ]
    assert [each.status_code for each in answers] == 3 * [302] + 2 * [429]


def test_who_is_signed_in_cannot_try_addresses_in_number_for_who_has_an_account() -> None:
    member, other = people.user(UserKind.MEMBER), people.user(UserKind.MEMBER)
    browser = Client()
    people.sign_in(browser, member)
    people.step_up(browser, member)
    answers = [browser.post("/email/", {"email": other.email}).status_code for _ in range(12)]
    assert answers == 10 * [200] + 2 * [429]


def test_a_second_step_by_a_way_that_the_account_does_not_hold_takes_nothing() -> None:
    clerk = people.staff_user(Team.HELP_DESK)
    for way in (Factor.EMAIL, Factor.RECOVERY, Factor.PASSKEY):
        assert factors.take_code(clerk, way, "2222 2222") is None
