"""The door: sign-in, the forced change of an initial password, the way home; each with its audit row."""

import re
import time

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from audit.models import Event
from employers.enums import EmployerRole
from employers.models import EmployerUser
from portals import scope as scopes
from portals.desk import actions as desk
from portals.enums import Team
from portals.login import rate_limits
from portals.models import Attempt, DeskRequest, OutboxMail, StaffRole, User
from tests.factories import ledger, people, races

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


@pytest.fixture
def clerk() -> User:
    user = people.user(username="Clerk.One", given_name="Cleo", family_name="Clerk")
    StaffRole.objects.create(user=user, team=Team.HELP_DESK)
    return user


def sign_in(client: Client, username: str, password: str = PASSWORD) -> object:
    answer = client.post("/sign-in/", {"login": username, "password": password}, follow=True)
    if answer.redirect_chain and answer.redirect_chain[-1][0] == "/sign-in/second-step/":
        code = people.code_of(User.objects.get(username__iexact=username))
        answer = client.post("/sign-in/second-step/", {"way": "app", "code": code}, follow=True)
    return answer


def test_signing_in_without_regard_to_case_leads_to_the_one_door_that_fits(client: Client, clerk: User) -> None:
    answer = sign_in(client, "clerk.one")
    assert answer.redirect_chain[-1][0] == "/desk/"
    assert Event.objects.filter(kind="sign_in", actor=f"user:{clerk.pk}").count() == 1
    ledger.expect("sign_in", by=clerk)


def test_an_initial_password_is_changed_before_any_other_page(client: Client, clerk: User) -> None:
    User.objects.filter(pk=clerk.pk).update(must_change_password=True)
    sign_in(client, "clerk.one")
    assert client.get("/desk/").url == "/password/"
    client.post("/password/", {"password": PASSWORD, "again": PASSWORD})
    assert client.get("/desk/").status_code == 302, "the same password again is no change"
    client.post("/password/", {"password": "another horse battery", "again": "another horse battery"})
    assert client.get("/desk/").status_code == 200


def test_a_person_whose_roles_ended_is_turned_away_on_the_next_click(client: Client, clerk: User) -> None:
    sign_in(client, "clerk.one")
    assert client.get("/desk/").status_code == 200
    StaffRole.objects.filter(user=clerk).update(ended_at="2026-01-01T00:00Z")
    assert client.get("/desk/").status_code == 404


def test_ten_wrong_guesses_close_the_identifier_before_any_hashing(client: Client, clerk: User) -> None:
    for _ in range(10):
        assert sign_in(client, "clerk.one", "wrong").status_code == 200
    assert sign_in(client, "clerk.one", PASSWORD).status_code == 429
    assert Event.objects.filter(kind="failure", action="sign_in").count() == 10


def test_a_failed_sign_in_names_the_account_by_id_and_costs_the_same_for_an_unknown_name(
    client: Client, clerk: User
) -> None:
    statements = []
    for username in ("nobody.knows", "CLERK.one"):
        with CaptureQueriesContext(connection) as queries:
            sign_in(Client(), username, "wrong")
        statements.append(len(queries))
    assert statements[0] == statements[1]
    unknown, known = Event.objects.filter(kind="failure", action="sign_in").order_by("id")
    assert (unknown.object_kind, unknown.object_id) == ("user", "")
    assert (known.object_kind, known.object_id) == ("user", str(clerk.pk))
    assert "clerk" not in str(vars(known)).lower()


def test_two_people_who_change_one_request_are_told_so(client: Client, clerk: User) -> None:
    row = desk.open_request(
        kind="billing.statement_differs", key="two", title="Something to do", by=scopes.system("test")
    )
    StaffRole.objects.create(user=clerk, team=row.team)
    sign_in(client, "clerk.one")

    def meanwhile() -> None:
        DeskRequest.objects.filter(pk=row.pk).update(status="done", closed_at=timezone.now())

    url, change = f"/desk/requests/{row.pk}/", {"status": "declined", "text": "No."}
    with races.just_before('SELECT "portals_deskrequest".*FOR UPDATE', meanwhile):
        at_the_same_moment = client.post(url, change)
    meanwhile()
    later = client.post(url, change)
    for answer in (at_the_same_moment, later):
        assert b"changed by someone else meanwhile" in answer.content
    assert not row.remarks.filter(text="No.").exists()


def test_the_business_date_moves_forward_only_and_by_billing_operations_only(client: Client, clerk: User) -> None:
    sign_in(client, "clerk.one")
    assert client.get("/desk/business-date/").status_code == 403
    StaffRole.objects.create(user=clerk, team=Team.BILLING_OPERATIONS)
    assert client.post("/desk/business-date/", {"business_date": "12/15/2099"}).status_code == 302
    assert b"only moves forward" in client.post("/desk/business-date/", {"business_date": "12/15/2098"}).content
    assert ledger.expect("clock.move_to", by=clerk).detail == {"business_date": "2099-12-15"}


def test_an_open_screen_is_not_enough_to_change_the_password(client: Client, clerk: User) -> None:
    sign_in(client, "clerk.one")
    new = {"password": "another horse battery", "again": "another horse battery"}
    assert client.post("/password/", new).url == "/confirm/?next=%2Fpassword%2F"
    clerk.refresh_from_db()
    assert clerk.check_password(PASSWORD)
    people.step_up(client, clerk, to="/password/")
    client.post("/password/", new)
    clerk.refresh_from_db()
    assert clerk.check_password(new["password"])


def test_a_session_ends_at_its_full_age_however_busy(client: Client, clerk: User, settings: Settings) -> None:
    sign_in(client, "clerk.one")
    session = client.session
    session["seen_at"], session["begun_at"] = time.time(), time.time() - settings.SESSION_COOKIE_AGE - 1
    session.save()
    assert client.get("/desk/").url == "/sign-in/?next=%2Fdesk%2F"


def test_one_address_behind_the_plans_proxy_does_not_close_the_door_to_all(
    client: Client, clerk: User, settings: Settings
) -> None:
    settings.TRUSTED_PROXIES = 1

    def guess(number: int) -> int:
        wrong = {"login": f"guess.{number}", "password": "wrong"}
        return client.post("/sign-in/", wrong, headers={"X-Forwarded-For": f"10.0.0.{number}, 192.0.2.66"}).status_code

    assert [guess(number) for number in range(61)] == 60 * [200] + [429], "what a stranger writes there is not read"
    right = {"login": "clerk.one", "password": PASSWORD}
    assert client.post("/sign-in/", right, headers={"X-Forwarded-For": "192.0.2.7"}).url == "/sign-in/second-step/"
    code = {"way": "app", "code": people.code_of(clerk)}
    client.post("/sign-in/second-step/", code, headers={"X-Forwarded-For": "192.0.2.7"})
    assert Event.objects.get(kind="sign_in").source == "192.0.2.7"


def test_tries_that_no_window_counts_are_forgotten() -> None:
    rate_limits.count(door="test", identifier="iris", address="192.0.2.7")
    Attempt.objects.update(at=timezone.now() - rate_limits.WINDOW)
    rate_limits.count(door="test", identifier="iris", address="192.0.2.7")
    assert rate_limits.purge() == 3
    assert Attempt.objects.count() == 3


def test_a_fragment_without_a_session_reloads_its_page(client: Client) -> None:
    answer = client.get("/desk/?poll=1", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Refresh"], answer.content) == (204, "true", b"")


def test_a_search_with_a_sign_that_the_database_refuses_finds_nothing_more(client: Client, clerk: User) -> None:
    sign_in(client, "clerk.one")
    assert client.get("/desk/?q=%00").status_code == 200


@pytest.mark.parametrize("door", ["sign_in", "first_sign_in", "first_code"])
def test_many_failures_elsewhere_raise_an_alarm_and_close_nobody_out(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, door: str
) -> None:
    monkeypatch.setattr(rate_limits, "ALARM", 3)

    def tried(number: int, *, right: bool = False) -> bool:
        rate_limits.count(door=door, identifier=f"guess{number}", address=f"10.0.0.{number}", right=right)
        return rate_limits.allowed(door=door, identifier="someone", address="10.9.9.9")

    assert all(tried(number, right=True) for number in range(9)), "a busy day is no attack"
    assert [tried(number) for number in range(2)] == [True, True]
    assert "alarm" not in caplog.text
    assert tried(2)
    assert "alarm" in caplog.text
    request = DeskRequest.objects.get(kind="door.many_failures")
    assert (request.team, request.detail["door"]) == (Team.PRIVACY, door)


def test_right_tries_count_for_their_identifier_where_every_try_does() -> None:
    for number in range(rate_limits.PER_IDENTIFIER):
        assert rate_limits.allowed(door="test", identifier="iris", address=f"10.0.0.{number}")
        rate_limits.count(door="test", identifier="iris", address=f"10.0.0.{number}", right=True)
    assert not rate_limits.allowed(door="test", identifier="iris", address="10.9.9.9")


def test_who_works_behind_several_doors_switches_after_one_sign_in(client: Client, clerk: User) -> None:
    sign_in(client, "clerk.one")
    assert b"Work elsewhere" not in client.get("/desk/").content
    with scopes.entered(scopes.system("test")):
        bakery = people.client("Own Bakery")
        EmployerUser.objects.create(client=bakery, user=clerk, role=EmployerRole.ADMINISTRATOR)
    chooser = client.get("/home/").content.decode()
    assert "Own Bakery" in chooser
    doors = {f"employer|client:{bakery.pk}": "/employers/", "desk|": "/desk/"}
    assert set(re.findall(r'name="standing"\s+value="([^"]+)"', chooser)) == set(doors)
    for door, home in doors.items():
        assert client.post("/home/", {"standing": door}).url == home
    assert b"Work elsewhere" in client.get("/desk/").content
    assert client.get("/employers/").status_code == 200


def test_a_button_opens_the_place_that_it_names_though_places_came_and_went_since(client: Client, clerk: User) -> None:
    with scopes.entered(scopes.system("test")):
        chosen, ended = (
            EmployerUser.objects.create(client=people.client(name), user=clerk, role=EmployerRole.ADMINISTRATOR)
            for name in ("Own Bakery", "Old Mill")
        )
    sign_in(client, "clerk.one")
    page = client.get("/home/").content.decode()
    buttons = dict(re.findall(r'name="standing"\s+value="([^"]+)"[^>]*>\s*([^<]+?)\s*<', page))
    doors = {label: door for door, label in buttons.items()}
    with scopes.entered(scopes.system("test")):
        EmployerUser.objects.filter(pk=ended.pk).update(ended_at=timezone.now())
        EmployerUser.objects.create(client=people.client("New Inn"), user=clerk, role=EmployerRole.ADMINISTRATOR)
    assert b"Own Bakery" in client.post("/home/", {"standing": doors["Own Bakery"]}, follow=True).content
    assert client.session["standing"] == f"client:{chosen.client_id}"
    gone = client.post("/home/", {"standing": doors["Old Mill"]})
    assert b"Where do you want to work?" in gone.content
    assert client.session["standing"] == f"client:{chosen.client_id}"
    for number in ("1", "2", "3", "employer|", "desk|client:1"):
        assert b"Where do you want to work?" in client.post("/home/", {"standing": number}).content


def test_wherever_an_address_is_chosen_its_test_is_one_click_away(client: Client) -> None:
    with scopes.entered(scopes.system("test")):
        manager = people.practice_user(people.practice())
    people.sign_in(client, manager)
    people.step_up(client, manager)
    for url in ("/email/", "/providers/staff/add/", "/help/?for=provider&q=name%2Btag"):
        assert 'href="/email/test/"' in client.get(url).content.decode(), url
    stranger = Client()
    details = {"identifier": "NGH8842017399", "birth_date": "4/28/1985", "zip_code": "12207"}
    page = stranger.post("/members/first-sign-in/", details, follow=True)
    assert 'href="/email/test/"' in page.content.decode()


@pytest.mark.promise("V13")
def test_a_test_mail_shows_whether_a_plus_address_arrives_and_fills_nobodys_mailbox(client: Client) -> None:
    address = {"email": "office+osei@practice.example"}
    answers = [client.post("/email/test/", address).status_code for _ in range(4)]
    assert answers == [302, 302, 302, 429]
    assert set(OutboxMail.objects.values_list("to", "subject")) == {(address["email"], "Your test mail")}
    ledger.expect("door.test_mail", by="nobody")


@pytest.mark.parametrize(("field", "index"), [("username", "user_username_without_case"), ("email", "user_by_email")])
def test_an_account_is_found_by_an_index_in_whatever_case(field: str, index: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    assert index in User.objects.filter(**{f"{field}__iexact": "Some.One@mail.example"}).explain()
