"""Ways into another's account that a review found: each was open once."""

import datetime as dt
import re
import threading

import psycopg2
import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from portals import scope as scopes
from portals.enums import Factor, NoticeKind, Team, UserKind
from portals.login import factors, notices, reset, tasks, wrong_passwords
from portals.login.views.sign_in import MOST_FAILED_STEPS
from portals.models import AuthenticatorApp, EmailCodes, OutboxMail, User
from portals.sign_in_help import actions as sign_in_help
from tests.factories import ledger, people

pytestmark = pytest.mark.django_db
NEW = {"password": "nine tall pines at dusk", "again": "nine tall pines at dusk"}


def newcomer() -> User:
    """With an initial password that the office manager knows."""
    user = people.staff_user(Team.HELP_DESK)
    AuthenticatorApp.objects.filter(user=user).delete()
    User.objects.filter(pk=user.pk).update(must_change_password=True, email_proven_at=None)
    return user


def password(browser: Client, user: User, typed: str = people.PASSWORD) -> object:
    return browser.post("/sign-in/", {"login": user.username, "password": typed})


def link_of(address: str) -> str:
    found = re.search(r"/not-me/[^/]+/", OutboxMail.objects.filter(to=address).latest("id").body)
    assert found
    return found.group()


@pytest.mark.parametrize("page", ["email", "security/app", "security/passkey", "security/email-codes"])
def test_who_knows_an_initial_password_sets_nothing_up_with_it(page: str) -> None:
    user, knower = newcomer(), Client()
    password(knower, user)
    assert knower.get(f"/{page}/").url == "/password/"
    assert knower.post(f"/{page}/", {"email": "manager@evil.example"}).url == "/password/"


def test_an_app_that_another_browser_was_shown_is_not_taken_up_again() -> None:
    user = people.user(UserKind.MEMBER)
    keys = []
    for _n in range(2):
        browser = Client()
        people.sign_in(browser, user)
        people.step_up(browser, user)
        keys.append(re.search(r'c-key">([^<]+)<', browser.get("/security/app/").content.decode()).group(1))
    assert keys[0] != keys[1]


def test_the_mailbox_alone_does_not_strip_an_account_of_its_app() -> None:
    user = people.staff_user(Team.HELP_DESK)
    notices.tell(user, NoticeKind.FACTOR)
    reader = Client()
    page = reader.post(link_of(user.email)).content
    assert b"Call us" in page
    mails = OutboxMail.objects.count()
    reader.post("/password/forgotten/", {"account": user.email})
    assert OutboxMail.objects.count() == mails, "no code goes to that mailbox"


def test_a_former_mailbox_does_not_get_in() -> None:
    user = people.user(UserKind.MEMBER)
    former, own = user.email, Client()
    people.sign_in(own, user)
    people.step_up(own, user)
    own.post("/email/", {"email": "own@home.example"})
    own.post("/email/", {"code": people.code_in_mail("own@home.example")})
    Client().post(link_of(former))
    mails = OutboxMail.objects.count()
    Client().post("/password/forgotten/", {"account": former})
    assert OutboxMail.objects.count() == mails
    user.refresh_from_db()
    assert (user.email, user.email_proven_at) == (former, None)


def test_a_corrected_address_leaves_no_code_good_in_the_former_mailbox() -> None:
    user, thief = people.staff_user(Team.HELP_DESK), Client()
    EmailCodes.objects.create(user=user, name="")
    thief.post("/password/forgotten/", {"account": user.username})
    code = people.code_in_mail(user.email)
    with scopes.entered(scopes.system("test")) as by:
        sign_in_help._correct_email(by, User.objects.get(pk=user.pk), "right@home.example")
    assert b"does not fit" in thief.post("/password/new/", {"code": code, **NEW}).content


def test_nobody_ends_anothers_code() -> None:
    user, owner, stranger = people.staff_user(Team.HELP_DESK), Client(), Client(REMOTE_ADDR="10.1.1.1")
    owner.post("/password/forgotten/", {"account": user.username})
    code = people.code_in_mail(user.email)
    stranger.post("/password/forgotten/", {"account": user.email})
    for _n in range(6):
        stranger.post("/password/new/", {"code": "2222 2222", **NEW})
    assert owner.post("/password/new/", {"code": code, **NEW}).url == "/sign-in/"


def test_a_code_is_good_in_the_browser_that_asked() -> None:
    user, owner, stranger = people.staff_user(Team.HELP_DESK), Client(), Client()
    stranger.post("/password/forgotten/", {"account": user.username})
    owner.post("/password/forgotten/", {"account": user.username})
    code = people.code_in_mail(user.email)
    assert b"does not fit" in stranger.post("/password/new/", {"code": code, **NEW}).content


@pytest.mark.parametrize("known", [True, False])
def test_two_requests_at_once_say_nothing_of_who_is_known(known: bool) -> None:
    user = people.staff_user(Team.HELP_DESK)
    typed = user.username if known else "no.such.body"
    params = {k: v for k, v in connection.get_connection_params().items() if k not in ("cursor_factory", "context")}
    other = psycopg2.connect(**params)
    from portals.crypto import values as crypto

    number = int(crypto.keyed_hash(f"alone|reset|{typed}")[:15], 16)
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])
        release = threading.Timer(0.3, other.rollback)
        began = timezone.now()
        release.start()
        answer = Client().post("/password/forgotten/", {"account": typed})
    release.join()
    other.close()
    assert answer.status_code == 302
    assert timezone.now() - began > dt.timedelta(seconds=0.2), "known and unknown wait alike"


def test_a_username_that_is_anothers_address_gets_nobody_elses_code() -> None:
    people.user(username="victim@mail.example")
    victim = people.user(UserKind.MEMBER)
    User.objects.filter(pk=victim.pk).update(email="victim@mail.example")
    Client().post("/password/forgotten/", {"account": "victim@mail.example"})
    assert OutboxMail.objects.latest("id").to == "victim@mail.example"


def test_a_closed_account_frees_its_address() -> None:
    user = people.user(UserKind.MEMBER)
    Client().post(f"/not-me/{notices.make(user, NoticeKind.REGISTERED)}/")
    user.refresh_from_db()
    assert (user.is_active, user.email) == (False, "")


def test_slow_guessing_of_the_second_step_ends_as_well() -> None:
    user, guesser = people.staff_user(Team.HELP_DESK), Client()
    User.objects.filter(pk=user.pk).update(failed_steps=MOST_FAILED_STEPS - 1)
    password(guesser, user)
    guesser.post("/sign-in/second-step/", {"way": "app", "code": "000000"})
    assert OutboxMail.objects.latest("id").subject == "Wrong codes after your password"
    right = Client()
    password(right, user)
    answer = right.post("/sign-in/second-step/", {"way": "app", "code": people.code_of(user)})
    assert (answer.status_code, b"this account waits for you" in answer.content) == (429, True)
    right.post("/password/forgotten/", {"account": user.username})
    right.post("/password/new/", {"code": people.code_in_mail(user.email), **NEW})
    assert people.sign_in(Client(), user, password=NEW["password"]).url == "/home/"


def guessed_at(user: User) -> None:
    """One wrong password short of the most, spread over months; then the last one, over HTTP."""
    User.objects.filter(pk=user.pk).update(
        failed_passwords=wrong_passwords.MOST - 1, told_passwords=wrong_passwords.MOST - 5
    )
    Client(REMOTE_ADDR="10.9.9.9").post("/sign-in/", {"login": user.username, "password": "wrong horse battery"})


def test_slow_guessing_of_the_password_ends_at_a_hundred_except_in_the_owners_own_browser() -> None:
    user, own, other = people.staff_user(Team.HELP_DESK), Client(), Client()
    people.sign_in(own, user)
    own.post("/sign-out/")
    guessed_at(user)
    right = {"login": user.username, "password": people.PASSWORD}
    refused = other.post("/sign-in/", right)
    assert b"do not fit together" in refused.content
    assert "second-step" not in refused.headers.get("Location", "")
    for spelling in (f"{user.username}\n", f" {user.username.upper()} "):
        assert b"do not fit together" in Client().post("/sign-in/", right | {"login": spelling}).content
    assert own.post("/sign-in/", right).url == "/sign-in/second-step/"


def test_the_right_password_ends_the_row_of_wrong_ones() -> None:
    user = people.staff_user(Team.HELP_DESK)
    User.objects.filter(pk=user.pk).update(
        failed_passwords=wrong_passwords.MOST - 1, told_passwords=wrong_passwords.MOST - 5
    )
    people.sign_in(Client(), user)
    user.refresh_from_db()
    assert (user.failed_passwords, user.told_passwords) == (0, 0)


@pytest.mark.parametrize("helper", ["mail", "help desk"])
def test_a_new_password_opens_what_a_hundred_wrong_ones_closed(helper: str) -> None:
    user, browser = people.staff_user(Team.CLIENT_MANAGEMENT), Client()
    guessed_at(user)
    if helper == "mail":
        browser.post("/password/forgotten/", {"account": user.username})
    else:
        with scopes.entered(scopes.system("test")) as by:
            reset.ask(by=by, typed=user.username, at_desk=True)
        browser.post("/password/forgotten/", {"account": user.username})
    browser.post("/password/new/", {"code": people.code_in_mail(user.email), **NEW})
    assert people.sign_in(Client(), user, password=NEW["password"]).url == "/home/"


def test_the_owner_is_told_of_every_fifth_wrong_password_once_and_of_nothing_else() -> None:
    user, stranger = people.staff_user(Team.HELP_DESK), Client()
    unproven = people.user(UserKind.MEMBER, email_proven_at=None)
    User.objects.filter(pk=unproven.pk).update(failed_passwords=7)
    told = []
    for _number in range(7):
        stranger.post("/sign-in/", {"login": user.username, "password": "wrong horse battery"})
        tasks.tell_of_wrong_passwords()
        told.append(OutboxMail.objects.filter(subject="Wrong passwords for your username").count())
    assert told == [0, 0, 0, 0, 1, 1, 1]
    assert ledger.expect("door.tell_of_guesses", by="system").detail == {"told": 1}
    mail = OutboxMail.objects.get(to=user.email, subject="Wrong passwords for your username")
    assert "5 in a row" in mail.body and "/password/forgotten/" in mail.body
    assert user.username not in mail.body
    guessed_at(user)
    with scopes.entered(scopes.system("test")) as by:
        assert (wrong_passwords.tell(by=by), wrong_passwords.tell(by=by)) == (1, 0)
    assert "only in a browser in which you signed in before" in OutboxMail.objects.latest("id").body


def test_a_new_sheet_of_recovery_codes_is_told() -> None:
    user, browser = people.staff_user(Team.HELP_DESK), Client()
    people.sign_in(browser, user)
    people.step_up(browser, user)
    browser.post("/security/recovery-codes/")
    assert OutboxMail.objects.filter(to=user.email, subject="Your second step was changed").count() == 1
    assert [each.kind for each in factors.held(user)] == [Factor.APP]


def test_a_strangers_wrong_passwords_do_not_close_the_door_to_the_owners_own_browser() -> None:
    user, own = people.staff_user(Team.HELP_DESK), Client()
    people.sign_in(own, user)
    own.post("/sign-out/")
    for number in range(10):
        password(Client(REMOTE_ADDR=f"10.0.0.{number}"), user, "a guess of a stranger")
    assert password(Client(REMOTE_ADDR="10.0.1.1"), user).status_code == 429
    assert people.sign_in(own, user).url == "/home/"
    own.post("/sign-out/")
    for _n in range(10):
        password(own, user, "a guess at the owner's desk")
    assert password(own, user).status_code == 429, "there too ten are enough"
