"""Sessions: each is a row that its person sees and ends, none outlives its time, and nothing typed is lost with it."""

from __future__ import annotations

import datetime as dt
import html
import json
import re
import time

import pytest
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from audit.models import Event
from employers.models import EmployerUser
from members.models import Client as Company
from portals import scope as scopes
from portals.desk import actions as desk
from portals.enums import SignedInEnd, Team, UserKind
from portals.login import tasks
from portals.models import (
    DeskRequest,
    Draft,
    KnownBrowser,
    OutboxMail,
    SignedIn,
    StaffRole,
    User,
)
from portals.sessions import browsers, form_drafts
from producers.enums import Entitlement
from producers.models import ProducerUser
from providers.models import StaffMembership
from tests.factories import people

pytestmark = pytest.mark.django_db

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
)
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
IDLE = "/sign-in/?next=%2Fdesk%2F"


@pytest.fixture
def clerk() -> User:
    return people.staff_user(Team.HELP_DESK)


@pytest.fixture
def page_url(clerk: User) -> str:
    """A page with a form on which people write sentences."""
    row = desk.open_request(
        kind="billing.statement_differs", key="typed", title="Something to do", by=scopes.system("test")
    )
    StaffRole.objects.get_or_create(user=clerk, team=row.team)
    return f"/desk/requests/{row.pk}/"


def browser(agent: str = CHROME) -> Client:
    return Client(headers={"user-agent": agent})


def rest(client: Client, seconds: float) -> None:
    """Nobody clicks for so long."""
    session = client.session
    session["seen_at"] -= seconds
    session.save()
    SignedIn.objects.filter(session_key=session.session_key).update(
        seen_at=timezone.now() - dt.timedelta(seconds=seconds)
    )


def expire(client: Client, settings: Settings) -> None:
    rest(client, settings.SESSION_IDLE_SECONDS + 1)


def keep(client: Client, path: str, *fields: tuple[str, str]) -> int:
    forms = [{"at": path, "n": 0, "fields": fields}]
    return client.post(
        "/session/keep/?poll=1", json.dumps({"path": path, "forms": forms}), content_type="application/json"
    ).status_code


def filled(page: bytes) -> dict[str, str]:
    """What the page's script fills in."""
    found = re.search(r'<script id="kept-fields" type="application/json">(.*?)</script>', page.decode())
    return {n: v for form in json.loads(found.group(1))["forms"] for n, v in form["fields"]} if found else {}


def again(page: bytes) -> dict[str, str]:
    """The hidden inputs of the one button that sends it again."""
    form = next((form for form in page.decode().split("<form")[1:] if 'id="again"' in form), "").split("</form>")[0]
    fields = re.findall(r'<input type="hidden" name="(.*?)" value="(.*?)">', form)
    return {n: html.unescape(v) for n, v in fields if n != "csrfmiddlewaretoken"}


# --- Rows ---


def test_a_sign_in_is_a_row_with_device_address_and_factor(client: Client, clerk: User) -> None:
    client.defaults["HTTP_USER_AGENT"] = CHROME
    people.sign_in(client, clerk)
    row = SignedIn.objects.get()
    assert (row.user, row.device, row.address, row.factor) == (clerk, "Chrome on Windows", "127.0.0.1", "app")
    assert row.session_key == client.session.session_key
    assert row.browser == KnownBrowser.objects.get(user=clerk)


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        (CHROME, "Chrome on Windows"),
        (CHROME + " Edg/142.0.0.0", "Edge on Windows"),
        (FIREFOX, "Firefox on Linux"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 "
            "Safari/604.1",
            "Safari on iPhone",
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.0 Safari/605.1.15",
            "Safari on macOS",
        ),
        (
            "Mozilla/5.0 (Linux; Android 15; SM-S921B) AppleWebKit/537.36 SamsungBrowser/28.0 Chrome/130.0 Mobile "
            "Safari/537.36",
            "Samsung Internet on Android",
        ),
        ("curl/8.5", ""),
        ("", ""),
    ],
)
def test_a_browser_is_named_by_what_it_says(agent: str, device: str) -> None:
    assert browsers.device(agent) == device
    assert browsers.label(device)


def test_signing_out_ends_the_row(client: Client, clerk: User) -> None:
    people.sign_in(client, clerk)
    client.post("/sign-out/")
    row = SignedIn.objects.get()
    assert (row.ended_why, row.ended_at is None) == (SignedInEnd.SIGNED_OUT, False)


def test_a_session_that_nobody_used_for_15_minutes_is_over(client: Client, clerk: User) -> None:
    people.sign_in(client, clerk)
    rest(client, 15 * 60 - 2)
    assert client.get("/desk/").status_code == 200
    rest(client, 15 * 60 + 1)
    answer = client.get("/desk/", follow=True)
    assert answer.redirect_chain[-1][0] == IDLE
    assert b"since nobody clicked for 15 minutes" in answer.content
    assert SignedIn.objects.get().ended_why == SignedInEnd.IDLE
    assert "_auth_user_id" not in client.session


def test_polling_is_no_click(client: Client, clerk: User) -> None:
    people.sign_in(client, clerk)
    rest(client, 15 * 60 - 5)
    for url in ("/desk/?poll=1", "/session/stay/?poll=1"):
        assert client.get(url, headers={"HX-Request": "true"}).status_code == 200
    assert client.get("/session/stay/?poll=1", headers={"HX-Request": "true"}).json()["left"] <= 5
    assert client.post("/session/stay/").json()["left"] == 15 * 60
    assert client.get("/session/stay/?poll=1", headers={"HX-Request": "true"}).json()["left"] >= 15 * 60 - 1


def test_a_session_ends_after_12_hours_however_busy(client: Client, clerk: User) -> None:
    people.sign_in(client, clerk)
    session = client.session
    session["begun_at"] = time.time() - 12 * 3600 + 60
    session.save()
    left = client.post("/session/stay/").json()
    assert 15 * 60 - 1 <= left["left"] <= 15 * 60
    assert 50 <= left["in_all"] <= 60
    session["begun_at"] -= 61
    session.save()
    answer = client.get("/desk/", follow=True)
    assert b"a sign-in lasts 12 hours at most" in answer.content
    assert SignedIn.objects.get().ended_why == SignedInEnd.AGE


def test_the_last_click_is_written_once_a_minute(client: Client, clerk: User) -> None:
    people.sign_in(client, clerk)
    client.get("/desk/")

    def updates() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get("/desk/")
        return sum('UPDATE "portals_signedin"' in query["sql"] for query in captured)

    assert updates() == 0, "the first minute"
    SignedIn.objects.update(seen_at="2026-01-01T00:00Z")
    session = client.session
    session["listed_at"] -= 61
    session.save()
    assert [updates(), updates()] == [1, 0]
    assert SignedIn.objects.get().seen_at > timezone.now() - dt.timedelta(seconds=10)


def test_what_is_over_is_swept_once_a_day(clerk: User) -> None:
    now = timezone.now()
    Session.objects.create(session_key="expired", session_data="", expire_date=now - dt.timedelta(seconds=1))
    Session.objects.create(session_key="good", session_data="", expire_date=now + dt.timedelta(hours=1))
    hours = dt.timedelta(hours=1)
    for key, started, seen in (("idle", 3, 2), ("aged", 13, 0.5), ("live", 3, 0.1)):
        SignedIn.objects.create(
            user=clerk,
            session_key=key,
            device="",
            address="",
            started_at=now - started * hours,
            seen_at=now - seen * hours,
        )
    Draft.objects.create(user=clerk, path="/old/", fields=b"k1:x", kept_at=now - form_drafts.LIVES)
    Draft.objects.create(user=clerk, path="/new/", fields=b"k1:x", kept_at=now)
    with CaptureQueriesContext(connection) as captured:
        tasks.purge_sessions()
    assert len([query for query in captured if "SAVEPOINT" not in query["sql"]]) == 3, "one statement each"
    assert list(Session.objects.values_list("session_key", flat=True)) == ["good"]
    ends = dict(SignedIn.objects.values_list("session_key", "ended_why"))
    assert ends == {"idle": SignedInEnd.IDLE, "aged": SignedInEnd.AGE, "live": ""}
    assert SignedIn.objects.get(session_key="aged").ended_at == now - hours
    assert [draft.path for draft in Draft.objects.all()] == ["/new/"]


# --- The person's own list ---


def test_one_session_of_several_is_signed_out_and_dead_on_its_next_click(clerk: User) -> None:
    here, there = browser(), browser(FIREFOX)
    people.sign_in(there, clerk)
    people.sign_in(here, clerk)
    page = here.get("/security/").content.decode()
    assert "Chrome on Windows" in page and "Firefox on Linux" in page and "This one" in page
    other = SignedIn.objects.get(device="Firefox on Linux")
    assert here.post(f"/security/sessions/{other.pk}/end/").url == "/security/"
    assert there.get("/desk/").url == IDLE
    assert here.get("/desk/").status_code == 200
    other.refresh_from_db()
    assert other.ended_why == SignedInEnd.ELSEWHERE
    assert Event.objects.filter(kind="sign_out", action="door.end_sessions").count() == 1
    assert b"Ended from another place" in here.get("/security/").content


def test_everywhere_else_at_once(clerk: User) -> None:
    here, *others = (browser(), browser(FIREFOX), browser())
    for each in (*others, here):
        people.sign_in(each, clerk)
    SignedIn.objects.create(user=clerk, session_key="left", device="", address="", seen_at="2026-01-01T00:00Z")
    answer = here.post("/security/sessions/end/", follow=True)
    assert SignedIn.objects.get(session_key="left").ended_why == SignedInEnd.IDLE, "it was over before"
    assert b"Signed out at 2 other places." in answer.content
    assert [each.get("/desk/").status_code for each in (here, *others)] == [200, 302, 302]


def test_nobody_elses_session_is_there(client: Client, clerk: User) -> None:
    other = people.staff_user(Team.HELP_DESK)
    there = browser()
    people.sign_in(there, other)
    people.sign_in(client, clerk)
    row = SignedIn.objects.get(user=other)
    assert client.post(f"/security/sessions/{row.pk}/end/").status_code == 404
    assert there.get("/desk/").status_code == 200


def test_a_link_ends_nothing_and_ones_own_session_is_signed_out_by_its_page(clerk: User) -> None:
    here, there = browser(), browser()
    people.sign_in(there, clerk)
    people.sign_in(here, clerk)
    other, own = SignedIn.objects.order_by("id")
    here.get(f"/security/sessions/{other.pk}/end/")
    here.get("/security/sessions/end/")
    assert there.get("/desk/").status_code == 200
    assert here.post(f"/security/sessions/{own.pk}/end/").url == "/sign-out/"


def test_the_list_knows_90_days_by_pages_and_costs_the_same_however_long(client: Client, clerk: User) -> None:
    people.sign_in(client, clerk)
    client.get("/security/")

    def queries(url: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url).status_code == 200
        return len(captured)

    few = queries("/security/")
    now = timezone.now()
    SignedIn.objects.bulk_create(
        SignedIn(
            user=clerk,
            session_key=f"old{n}",
            device=f"Opera on Day{n}",
            address="192.0.2.1",
            started_at=now - dt.timedelta(days=n),
            seen_at=now - dt.timedelta(days=n),
        )
        for n in range(1, 95)
    )
    assert queries("/security/") == few == 15
    assert client.get("/security/").content.count(b"Opera on Day") == 19
    last = client.get("/security/?page=5").content
    assert b"Opera on Day89" in last
    assert b"Opera on Day90" not in last


# --- Browsers ---


def test_a_sign_in_from_a_new_browser_is_told_and_the_first_one_is_not(clerk: User) -> None:
    laptop = browser()
    people.sign_in(laptop, clerk)
    laptop.post("/sign-out/")
    people.sign_in(laptop, clerk)
    assert not OutboxMail.objects.exists(), "the first one, and the same again"
    phone = browser(FIREFOX)
    people.sign_in(phone, clerk)
    mail = OutboxMail.objects.get()
    assert (mail.to, mail.subject) == (clerk.email, "A sign-in from a new device")
    link = re.search(r"/not-me/[^/]+/", mail.body)
    assert link
    assert clerk.username not in mail.body
    browser().post(link.group(0))
    assert phone.get("/desk/").status_code == 302


def test_a_browser_is_known_person_by_person(clerk: User) -> None:
    shared, other = browser(), people.staff_user(Team.HELP_DESK)
    own = browser(FIREFOX)
    people.sign_in(own, other)
    people.sign_in(shared, clerk)
    shared.post("/sign-out/")
    people.sign_in(shared, other)
    assert OutboxMail.objects.get().to == other.email


def test_the_browsers_cookie_is_out_of_scripts_reach_and_kept_as_a_hash(clerk: User) -> None:
    laptop = browser()
    assert "browser" not in laptop.get("/sign-in/").cookies, "nobody is followed before they sign in"
    people.sign_in(laptop, clerk)
    cookie = laptop.cookies["browser"]
    assert cookie["httponly"] and cookie["samesite"] == "Lax" and cookie["max-age"] == 400 * 86400
    assert cookie.value not in KnownBrowser.objects.get().cookie_hash
    assert b"we recognize this browser" in laptop.get("/privacy/").content


def test_a_cookie_that_we_did_not_make_is_not_taken(clerk: User) -> None:
    laptop = browser()
    laptop.cookies["browser"] = "chosen by somebody"
    people.sign_in(laptop, clerk)
    assert re.fullmatch(r"[\w-]{43}", laptop.cookies["browser"].value)


# --- Two places at once ---


@pytest.mark.promise("V1")
def test_two_places_at_once_are_told_to_the_person_and_of_a_work_account_to_the_privacy_officer(clerk: User) -> None:
    there, here = browser(FIREFOX), browser()
    people.sign_in(there, clerk)
    people.sign_in(here, clerk)
    page = here.get("/desk/").content.decode()
    assert "You are also signed in on Firefox on Linux, since today" in page
    assert '<a href="/security/#signed-in">Sign out everywhere else</a>' in page
    assert Event.objects.get(action="door.two_places").kind == "sign_in"
    for _n in range(2):
        people.sign_in(browser(), clerk)
    request = DeskRequest.objects.get(kind="door.two_places")
    assert request.team == Team.PRIVACY, "one a day, however often"
    assert clerk.username not in json.dumps(request.detail)


def test_a_member_at_two_places_is_told_and_nobody_else(clerk: User) -> None:
    member = people.user(UserKind.MEMBER)
    people.sign_in(browser(FIREFOX), member)
    people.sign_in(browser(), member)
    assert Event.objects.filter(action="door.two_places").count() == 1
    assert not DeskRequest.objects.filter(kind="door.two_places").exists()


def test_the_same_browser_again_and_a_session_that_is_over_are_not_two_places(clerk: User, settings: Settings) -> None:
    laptop, phone = browser(), browser(FIREFOX)
    people.sign_in(laptop, clerk)
    del laptop.cookies["sessionid"]
    people.sign_in(laptop, clerk)
    rest(laptop, settings.SESSION_IDLE_SECONDS + 120)
    SignedIn.objects.update(seen_at=timezone.now() - dt.timedelta(hours=1))
    people.sign_in(phone, clerk)
    assert not Event.objects.filter(action="door.two_places").exists()


# --- Nothing typed is lost ---


def test_what_stood_on_the_page_is_filled_in_again_once(
    client: Client, clerk: User, page_url: str, settings: Settings
) -> None:
    people.sign_in(client, clerk)
    assert filled(client.get(page_url).content) == {}
    assert keep(client, page_url, ("text", "Half a sentence"), ("status", "done")) == 200
    expire(client, settings)
    assert client.get(page_url).url == f"/sign-in/?next={page_url.replace('/', '%2F')}"
    people.sign_in(client, clerk)
    assert filled(client.get("/desk/").content) == {}, "another page"
    client.head(page_url)
    client.get(page_url, headers={"HX-Request": "true"})
    assert filled(client.get(page_url).content) == {"text": "Half a sentence", "status": "done"}
    assert not Draft.objects.exists()
    assert filled(client.get(page_url).content) == {}
    assert "kept" not in client.session
    assert Event.objects.filter(action__in=["door.keep_draft", "door.take_draft"]).count() == 2


def test_what_was_sent_too_late_is_sent_again_with_one_button(
    client: Client, clerk: User, page_url: str, settings: Settings
) -> None:
    people.sign_in(client, clerk)
    expire(client, settings)
    answer = client.post(page_url, {"text": "A whole sentence", "status": "done"})
    assert answer.url == "/sign-in/?next=%2Fsession%2Fresume%2F"
    signing_in = client.get(answer.url).content
    assert b"What you had typed is kept for a day, for you alone." in signing_in
    client.post(answer.url, {"login": clerk.username, "password": people.PASSWORD, "next": "/session/resume/"})
    code = {"way": "app", "code": people.code_of(clerk)}
    assert client.post("/sign-in/second-step/", code).url == "/session/resume/"
    page = client.get("/session/resume/").content
    assert b"You were signed out before this was sent" in page
    assert f'action="{page_url}"'.encode() in page
    assert b"<li>A whole sentence</li>" in page
    assert b"<li>done</li>" not in page, "a choice's own word is not theirs"
    fields = again(page)
    assert fields == {"text": "A whole sentence", "status": "done"}
    assert client.post(page_url, fields).status_code == 302
    assert DeskRequest.objects.get(key="typed").remarks.filter(text="A whole sentence", status="done").exists()
    assert not Draft.objects.exists()
    assert b"Nothing is waiting" in client.get("/session/resume/").content


def test_it_can_be_thrown_away(client: Client, clerk: User, page_url: str, settings: Settings) -> None:
    people.sign_in(client, clerk)
    expire(client, settings)
    client.post(page_url, {"text": "Not so"})
    people.sign_in(client, clerk)
    assert client.post("/session/resume/").url == "/home/"
    assert not Draft.objects.exists()


def test_another_person_at_the_same_browser_sees_nothing_of_it(
    client: Client, clerk: User, page_url: str, settings: Settings
) -> None:
    people.sign_in(client, clerk)
    keep(client, page_url, ("text", "For my eyes"))
    expire(client, settings)
    client.post(page_url, {"text": "For my eyes too"})
    other = people.staff_user(*Team)
    people.sign_in(client, other)
    assert filled(client.get(page_url).content) == {}
    assert b"Nothing is waiting" in client.get("/session/resume/").content
    assert Draft.objects.get().user == clerk
    Draft.objects.update(kept_at=timezone.now() - form_drafts.LIVES)
    people.sign_in(client2 := browser(), clerk)
    assert b"Nothing is waiting" in client2.get("/session/resume/").content, "a day later neither"


def test_what_was_typed_for_one_client_is_not_filled_in_at_another(client: Client, settings: Settings) -> None:
    agency = people.agency()
    producer = people.producer_user(agency, Entitlement.CLIENT_ADMINISTRATION)
    first, second = people.client(), people.client()
    for each in (first, second):
        people.grant(agency, each)
    path = "/employers/"

    def act(at: Company) -> None:
        people.step_up(client, producer)
        client.post(reverse("producers:act", kwargs={"client_id": at.client_id}))

    people.sign_in(client, producer)
    act(first)
    assert keep(client, path, ("note", "About the first")) == 200
    expire(client, settings)
    client.get(path)
    people.sign_in(client, producer)
    act(second)
    assert filled(client.get(path).content) == {}
    act(first)
    assert filled(client.get(path).content) == {"note": "About the first"}


def test_passwords_codes_account_and_social_security_numbers_are_never_kept(
    client: Client, clerk: User, page_url: str, settings: Settings
) -> None:
    secret = {
        "password": "correct horse", "initial_password": "battery", "again": "000123456", "code": "12345678",
        "number": "000123456", "routing": "011000015", "ssn": "x", "note": "123-45-6789", "other": "123456789",
        "csrfmiddlewaretoken": "t",
    }  # fmt: skip
    people.sign_in(client, clerk)
    assert keep(client, page_url, *secret.items()) == 400
    assert not Draft.objects.exists()
    expire(client, settings)
    client.post(page_url, {**secret, "text": "Kept"})
    people.sign_in(client, clerk)
    page = client.get("/session/resume/").content
    assert again(page) == {"text": "Kept"}
    assert b"are never kept" in page


def test_what_is_kept_lies_encrypted(client: Client, clerk: User, page_url: str) -> None:
    people.sign_in(client, clerk)
    keep(client, page_url, ("text", "Half a sentence"))
    assert b"Half" not in bytes(Draft.objects.get().fields)


def test_a_file_is_said_to_be_lost_and_what_was_typed_beside_it_is_not(
    client: Client, clerk: User, page_url: str, settings: Settings
) -> None:
    people.sign_in(client, clerk)
    expire(client, settings)
    client.post(page_url, {"text": "See the file", "upload": SimpleUploadedFile("a.txt", b"content")})
    people.sign_in(client, clerk)
    page = client.get("/session/resume/").content
    assert b"A file cannot be kept" in page
    assert b"Send it now" not in page
    assert filled(client.get(page_url).content) == {"text": "See the file"}


@pytest.mark.parametrize(
    "path", ["https://elsewhere.example/", "//elsewhere.example/", "/no/such/page/", "/password/", "/sign-in/", ""]
)
def test_only_pages_of_this_site_that_the_person_may_enter_are_kept(client: Client, clerk: User, path: str) -> None:
    people.sign_in(client, clerk)
    assert keep(client, path, ("text", "x")) == 400
    assert keep(client, "/members/", ("text", "x")) == 400
    assert not Draft.objects.exists()


@pytest.mark.parametrize(
    "body", ["", "[]", "{}", '{"path": 1, "forms": 2}', '{"path": "/desk/", "forms": [{"n": "x"}]}']
)
def test_what_no_script_of_ours_says_is_not_kept(client: Client, clerk: User, body: str) -> None:
    people.sign_in(client, clerk)
    assert client.post("/session/keep/", body, content_type="application/json").status_code == 400


def test_one_person_keeps_so_much_and_no_more(client: Client, clerk: User, page_url: str) -> None:
    people.sign_in(client, clerk)
    assert keep(client, page_url, ("text", "x" * form_drafts.MOST_CHARACTERS)) == 400
    Draft.objects.bulk_create(Draft(user=clerk, path=f"/{n}/", fields=b"k1:x") for n in range(form_drafts.MOST_DRAFTS))
    keep(client, page_url, ("text", "one more"))
    assert Draft.objects.count() == form_drafts.MOST_DRAFTS


def test_a_device_that_slept_over_the_end_still_brings_what_was_typed(
    client: Client, clerk: User, page_url: str, settings: Settings
) -> None:
    people.sign_in(client, clerk)
    expire(client, settings)
    assert keep(client, page_url, ("text", "Typed before lunch")) == 302
    assert "_auth_user_id" not in client.session
    people.sign_in(client, clerk)
    assert filled(client.get(page_url).content) == {"text": "Typed before lunch"}


def test_whoever_stays_and_sends_is_not_shown_it_again(client: Client, clerk: User, page_url: str) -> None:
    people.sign_in(client, clerk)
    keep(client, page_url, ("text", "Almost done"))
    client.post("/session/stay/", {"path": page_url})
    assert not Draft.objects.exists()
    keep(client, page_url, ("text", "Almost done"))
    client.post(page_url, {"text": "Done", "status": ""})
    assert not Draft.objects.exists()
    assert filled(client.get(page_url).content) == {}


def test_a_page_that_asks_who_is_there_asks_before_it_is_sent_again(client: Client, settings: Settings) -> None:
    manager = people.employer_user(people.client())
    people.sign_in(client, manager)
    client.get("/employers/")
    expire(client, settings)
    client.post("/employers/ebilling/bank-accounts/add/", {"nickname": "Main"})
    people.sign_in(client, manager)
    assert client.get("/session/resume/").url == "/confirm/?next=%2Fsession%2Fresume%2F"
    people.step_up(client, manager, to="/session/resume/")
    assert again(client.get("/session/resume/").content) == {"nickname": "Main"}


# --- The key of a session ---


def test_the_key_changes_at_the_sign_in_and_a_key_set_before_is_worthless(clerk: User) -> None:
    victim = browser()
    victim.cookies["sessionid"] = "a" * 32
    victim.get("/sign-in/")
    people.sign_in(victim, clerk)
    assert victim.cookies["sessionid"].value != "a" * 32
    thief = browser()
    thief.cookies["sessionid"] = "a" * 32
    assert thief.get("/desk/").url == IDLE
    known = browser()
    known.post("/sign-in/", {"login": clerk.username, "password": people.PASSWORD})
    before = known.cookies["sessionid"].value
    known.post("/sign-in/second-step/", {"way": "app", "code": people.code_of(clerk)})
    thief.cookies["sessionid"] = before
    assert known.cookies["sessionid"].value != before
    assert thief.get("/desk/").url == IDLE, "what somebody saw between the password and the second step"


def test_the_cookies_of_a_session_are_out_of_scripts_and_other_sites_reach(client: Client, clerk: User) -> None:
    people.sign_in(client, clerk)
    for name in ("sessionid", "browser"):
        cookie = client.cookies[name]
        assert cookie["httponly"] and cookie["samesite"] == "Lax" and cookie["path"] == "/" and not cookie["domain"]
    assert client.get("/desk/")["Cache-Control"] == "no-store"


# --- A removed person ---


REMOVED = {
    "member": lambda: (people.member_user(people.person()), "/members/", lambda user: None),
    "employer": lambda: (
        people.employer_user(people.client()),
        "/employers/",
        lambda user: EmployerUser.objects.filter(user=user).update(ended_at=timezone.now()),
    ),
    "producer": lambda: (
        people.producer_user(people.agency()),
        "/producers/",
        lambda user: ProducerUser.objects.filter(user=user).update(ended_at=timezone.now()),
    ),
    "provider": lambda: (
        people.practice_user(people.practice()),
        "/providers/",
        lambda user: StaffMembership.objects.filter(user=user).update(ended_at=timezone.now()),
    ),
    "desk": lambda: (
        people.staff_user(Team.HELP_DESK),
        "/desk/",
        lambda user: StaffRole.objects.filter(user=user).update(ended_at=timezone.now()),
    ),
}


@pytest.mark.parametrize("door", REMOVED)
def test_a_removed_persons_open_session_is_dead_on_the_next_click(client: Client, door: str) -> None:
    with scopes.entered(scopes.system("test")):
        user, url, remove = REMOVED[door]()
    here, there = browser(), browser()
    for each in (here, there):
        people.sign_in(each, user)
        assert each.get(url).status_code == 200
    with scopes.entered(scopes.system("test")):
        removed = remove(user)
    assert here.get(url).status_code == (404 if removed else 200), "no place there any more"
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert there.get(url).url.startswith("/sign-in/"), "the account is closed"
