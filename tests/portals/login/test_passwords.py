"""The way back for who forgot the password: it never says whether there is an account."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portals.enums import Team
from portals.models import OutboxMail, User
from tests.factories import ledger, people

pytestmark = pytest.mark.django_db
NEW = {"password": "eleven slow herons", "again": "eleven slow herons"}


@pytest.fixture
def clerk() -> User:
    return people.staff_user(Team.HELP_DESK)


def ask(browser: Client, account: str) -> bytes:
    page = browser.post("/password/forgotten/", {"account": account}, follow=True).content
    return re.sub(rb'value="[^"]{60,}"|"X-CSRFToken": "[^"]+"', b"", page)


@pytest.mark.promise("V12")
@pytest.mark.parametrize("typed", ["username", "email"])
def test_a_forgotten_password_is_replaced_by_oneself_and_other_sessions_end(clerk: User, typed: str) -> None:
    old, browser = Client(), Client()
    people.sign_in(old, clerk)
    ask(browser, getattr(clerk, typed))
    answer = browser.post("/password/new/", {"code": people.code_in_mail(clerk.email), **NEW}, follow=True)
    assert answer.redirect_chain[-1][0] == "/sign-in/"
    assert clerk.username in answer.content.decode(), "who forgot the username reads it here"
    assert old.get("/desk/").url == "/sign-in/?next=%2Fdesk%2F"
    assert people.sign_in(browser, clerk, password=NEW["password"]).url == "/home/"
    notice = OutboxMail.objects.get(subject="Your password was changed")
    assert "/not-me/" in notice.body
    asked = ledger.expect("door.forgotten_password", by="nobody", on="user")
    changed = ledger.expect("door.new_password", by="nobody", on="user")
    assert {asked.object_id, changed.object_id} == {str(clerk.pk)}


def test_the_second_step_is_still_asked_after_a_reset(client: Client, clerk: User) -> None:
    ask(client, clerk.username)
    client.post("/password/new/", {"code": people.code_in_mail(), **NEW})
    answer = client.post("/sign-in/", {"login": clerk.username, "password": NEW["password"]})
    assert answer.url == "/sign-in/second-step/"


@pytest.mark.parametrize("why", ["unknown", "closed", "unproven"])
def test_every_answer_is_the_same_words_and_the_same_work(clerk: User, why: str) -> None:
    def work(account: str) -> tuple[bytes, int]:
        browser = Client()
        with CaptureQueriesContext(connection) as captured:
            page = ask(browser, account)
        return page, sum("SAVEPOINT" not in query["sql"] for query in captured)

    hit = work(clerk.username)
    mails = OutboxMail.objects.count()
    if why == "unknown":
        assert work("nobody.knows") == hit
    else:
        User.objects.update(**({"is_active": False} if why == "closed" else {"email_proven_at": None}))
        assert work(clerk.username) == hit
    assert OutboxMail.objects.count() == mails


def test_a_wrong_code_says_the_same_for_nobody_and_ends_after_five(clerk: User) -> None:
    somebody, nobody = Client(), Client()
    ask(somebody, clerk.username)
    right = people.code_in_mail()
    ask(nobody, "nobody.knows")
    for _ in range(5):
        for browser in (somebody, nobody):
            assert b"does not fit" in browser.post("/password/new/", {"code": "2222 2222", **NEW}).content
    assert b"does not fit" in somebody.post("/password/new/", {"code": right, **NEW}).content
    clerk.refresh_from_db()
    assert clerk.check_password(people.PASSWORD)
    ledger.expect("door.forgotten_password", by="nobody", on="user", outcome="failed")
    ledger.expect("door.new_password", by="nobody", outcome="failed")


def test_tries_are_counted_before_anything_is_sent(clerk: User) -> None:
    answers = [Client().post("/password/forgotten/", {"account": clerk.username}).status_code for _ in range(11)]
    assert answers == 10 * [302] + [429]


def test_the_code_without_asking_leads_to_the_beginning(client: Client) -> None:
    assert client.get("/password/new/").url == "/password/forgotten/"


def test_a_changed_password_ends_the_other_sessions_and_keeps_this_one(clerk: User) -> None:
    here, there = Client(), Client()
    for browser in (here, there):
        people.sign_in(browser, clerk)
    people.step_up(here, clerk)
    assert here.post("/password/", NEW).url == "/security/"
    assert here.get("/desk/").status_code == 200
    assert there.get("/desk/").url == "/sign-in/?next=%2Fdesk%2F"
    assert ledger.expect("door:change_password", by=clerk, on="user").object_id == str(clerk.pk)
