"""The second step: required for work accounts, offered to members, each code good once, and the way back when lost."""

import datetime as dt
import re

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit.models import Event
from portals.enums import Factor, Team, UserKind
from portals.login import factors
from portals.models import AuthenticatorApp, EmailCodes, OutboxMail, RecoveryCode, User
from tests.factories import ledger, people

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk() -> User:
    return people.staff_user(Team.HELP_DESK)


@pytest.fixture
def bare() -> User:
    """A work account that holds no second factor yet."""
    user = people.staff_user(Team.HELP_DESK)
    AuthenticatorApp.objects.filter(user=user).delete()
    return user


@pytest.fixture
def member() -> User:
    return people.user(UserKind.MEMBER)


def password(browser: Client, user: User) -> object:
    return browser.post("/sign-in/", {"login": user.username, "password": people.PASSWORD})


def second(browser: Client, way: str, code: str) -> object:
    return browser.post("/sign-in/second-step/", {"way": way, "code": code})


def test_nobody_is_signed_in_between_the_password_and_the_second_step(client: Client, clerk: User) -> None:
    assert password(client, clerk).url == "/sign-in/second-step/"
    assert client.get("/desk/").url == "/sign-in/?next=%2Fdesk%2F"
    assert "_auth_user_id" not in client.session
    assert second(client, "app", people.code_of(clerk)).url == "/home/"
    assert client.get("/desk/").status_code == 200


def test_the_second_step_without_a_password_leads_to_the_sign_in(client: Client) -> None:
    assert client.get("/sign-in/second-step/").url == "/sign-in/"


def test_the_page_that_was_asked_for_opens_after_the_second_step(client: Client, clerk: User) -> None:
    client.post("/sign-in/?next=/desk/requests/", {"login": clerk.username, "password": people.PASSWORD})
    assert second(client, "app", people.code_of(clerk)).url == "/desk/requests/"


def test_a_code_of_the_app_is_taken_once(clerk: User) -> None:
    first, again = Client(), Client()
    password(first, clerk)
    code = people.code_of(clerk)
    assert second(first, "app", code).status_code == 302
    password(again, clerk)
    assert b"was used before" in second(again, "app", code).content


@pytest.mark.parametrize(("late", "taken"), [(-31, True), (0, True), (31, True), (-91, False), (91, False)])
def test_a_code_stands_half_a_minute_and_clocks_may_differ_by_one_step(clerk: User, late: int, taken: bool) -> None:
    now = dt.datetime(2026, 12, 14, 12, 0, 15, tzinfo=dt.UTC)  # the middle of a step
    with time_machine.travel(now, tick=False):
        code = people.code_of(clerk)
    browser = Client()
    password(browser, clerk)
    with time_machine.travel(now + dt.timedelta(seconds=late), tick=False):
        device = factors.take_code(clerk, Factor.APP, code)
    assert (device is not None) == taken


def test_ten_wrong_codes_close_the_second_step_for_the_account_wherever_they_come_from(clerk: User) -> None:
    for number in range(10):
        browser = Client(REMOTE_ADDR=f"10.0.0.{number}")
        password(browser, clerk)
        assert second(browser, "app", "000000").status_code == 200
    browser = Client(REMOTE_ADDR="10.0.1.1")
    password(browser, clerk)
    assert second(browser, "app", people.code_of(clerk)).status_code == 429
    assert Event.objects.filter(action="door:second_step", kind="failure", object_id=str(clerk.pk)).count() == 10
    told = OutboxMail.objects.filter(subject="Wrong codes after your password").values_list("to", flat=True)
    assert list(told) == 2 * [clerk.email], "who has the password is not the only one who knows"


def test_a_work_account_enrolls_before_any_other_page_opens(client: Client, bare: User) -> None:
    password(client, bare)
    assert client.get("/desk/").url == "/security/"
    assert client.get("/home/").url == "/security/"
    client.get("/security/app/")
    device = AuthenticatorApp.objects.get(user=bare)
    assert not device.confirmed
    AuthenticatorApp.objects.update(confirmed=True)
    code = people.code_of(bare)
    AuthenticatorApp.objects.update(confirmed=False)
    answer = client.post("/security/app/", {"name": "My phone", "code": code})
    assert answer.url == "/security/recovery-codes/", "the way out is offered next"
    assert ledger.expect("door.enroll_factor", by=bare).detail == {"factor": "app"}
    assert client.get("/desk/").status_code == 200
    other = Client()
    assert password(other, bare).url == "/sign-in/second-step/"


def test_an_unproven_e_mail_is_proven_first(client: Client, bare: User) -> None:
    User.objects.filter(pk=bare.pk).update(email_proven_at=None)
    password(client, bare)
    assert client.get("/desk/").url == "/email/"
    assert client.get("/security/email-codes/").url == "/email/"
    client.get("/email/")
    assert b"does not fit" in client.post("/email/", {"code": "2222 2222"}).content
    ledger.expect("door:email", by=bare, outcome="failed")
    people.set_up(client)
    assert client.get("/desk/").status_code == 200
    assert EmailCodes.objects.filter(user=bare).exists()


def test_codes_by_e_mail(client: Client, bare: User) -> None:
    EmailCodes.objects.create(user=bare, name="")
    password(client, bare)
    mail = OutboxMail.objects.get()
    assert mail.to == bare.email
    assert bare.username not in mail.body + mail.subject
    client.get("/sign-in/second-step/")
    assert OutboxMail.objects.count() == 1, "a second look sends no second mail"
    assert b"does not fit" in second(client, "email", "2222 2222").content
    code = people.code_in_mail()
    assert second(client, "email", code).url == "/home/"
    other = Client()
    password(other, bare)
    assert b"does not fit" in second(other, "email", code).content, "a used code is no code"


def test_the_strongest_factor_is_asked_and_step_up_takes_no_weaker_one(client: Client, clerk: User) -> None:
    EmailCodes.objects.create(user=clerk, name="")
    password(client, clerk)
    assert not OutboxMail.objects.exists(), "an app is held: no code is mailed unasked"
    assert b"authenticator app" in client.get("/sign-in/second-step/").content
    assert b"Code from the mail" in client.get("/sign-in/second-step/?way=email").content
    assert second(client, "email", people.code_in_mail()).url == "/home/"
    page = client.get("/confirm/?next=/password/&way=email").content
    assert b"authenticator app" in page
    assert b"Code from the mail" not in page


def test_recovery_codes_are_shown_once_kept_hashed_and_each_works_once(client: Client, clerk: User) -> None:
    people.sign_in(client, clerk)
    assert client.post("/security/recovery-codes/").url.startswith("/confirm/"), "an open screen is not enough"
    people.step_up(client, clerk)
    page = client.post("/security/recovery-codes/", follow=True).content.decode()
    codes = re.findall(r"<code>([0-9A-Z]{5}-[0-9A-Z]{5})</code>", page)
    assert len(set(codes)) == 10
    assert ledger.expect("door.enroll_factor", by=clerk).detail == {"factor": "recovery"}
    with connection.cursor() as cursor:
        cursor.execute("SELECT code_hash FROM portals_recoverycode")
        stored = {row[0] for row in cursor.fetchall()}
    assert not stored & {code.replace("-", "") for code in codes}
    assert codes[0] not in client.get("/security/recovery-codes/").content.decode()
    lost = Client()
    password(lost, clerk)
    assert second(lost, "recovery", codes[0].lower()).url == "/home/"
    again = Client()
    password(again, clerk)
    assert b"used before" in second(again, "recovery", codes[0]).content
    assert RecoveryCode.objects.exclude(used_at=None).count() == 1


def test_recovery_codes_alone_are_no_second_factor(client: Client, member: User) -> None:
    people.sign_in(client, member)
    people.step_up(client, member)
    assert client.get("/security/recovery-codes/").url == "/security/"


def test_a_member_may_do_without_and_is_asked_once_one_is_set_up(client: Client, member: User) -> None:
    assert people.sign_in(client, member).url == "/home/"
    assert client.get("/security/app/").url == "/confirm/?next=%2Fsecurity%2Fapp%2F", "an open screen is not enough"
    people.step_up(client, member)
    client.post("/security/email-codes/")
    other = Client()
    assert password(other, member).url == "/sign-in/second-step/"


def test_a_work_account_keeps_one_factor(client: Client, clerk: User) -> None:
    people.sign_in(client, clerk)
    people.step_up(client, clerk)
    only = factors.held(clerk)[0].id
    assert b"your last one" in client.post(f"/security/remove/{only}/").content
    client.post("/security/email-codes/")
    assert client.post(f"/security/remove/{only}/").url == "/security/"
    assert [each.kind for each in factors.held(clerk)] == [Factor.EMAIL]
    assert ledger.expect("door.remove_factor", by=clerk).detail == {"factor": "app"}


def test_nobody_elses_factor_is_there(client: Client, clerk: User) -> None:
    other = people.staff_user(Team.HELP_DESK)
    people.sign_in(client, clerk)
    people.step_up(client, clerk)
    assert client.post(f"/security/remove/{factors.held(other)[0].id}/").status_code == 404
    assert factors.held(other)


def test_a_removed_factor_ends_the_other_sessions(clerk: User) -> None:
    here, there = Client(), Client()
    for browser in (here, there):
        people.sign_in(browser, clerk)
    people.step_up(here, clerk)
    here.post("/security/email-codes/")
    here.post(f"/security/remove/{factors.held(clerk)[0].id}/")
    assert here.get("/desk/").status_code == 200
    assert there.get("/desk/").url == "/sign-in/?next=%2Fdesk%2F"


def test_the_key_of_an_app_lies_encrypted(clerk: User) -> None:
    device = AuthenticatorApp.objects.get(user=clerk)
    assert factors.app_key(device).encode() not in bytes(device.key)


def test_a_work_account_that_nobody_used_for_180_days_sleeps_and_a_members_never(client: Client, clerk: User) -> None:
    member = people.user(UserKind.MEMBER)
    User.objects.update(
        last_login=timezone.now() - dt.timedelta(days=180), awake_since=timezone.now() - dt.timedelta(days=400)
    )
    answer = client.post("/sign-in/", {"login": clerk.username, "password": people.PASSWORD}, follow=True)
    assert b"This account sleeps" in answer.content
    assert client.get("/sign-in/second-step/").url == "/sign-in/", "nothing waits"
    assert people.sign_in(Client(), member).url == "/home/"
    User.objects.filter(pk=clerk.pk).update(awake_since=timezone.now())
    assert people.sign_in(client, clerk).url == "/home/"


def test_the_security_page_asks_the_same_however_much_there_is(client: Client, clerk: User) -> None:
    people.sign_in(client, clerk)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/security/").status_code == 200
        return len(captured)

    client.get("/security/")  # the first click of a session writes when it was
    assert queries() == 15
    for name in ("One", "Two"):
        AuthenticatorApp.objects.create(user=clerk, name=name, key=b"k1:x")
    assert queries() == 15
