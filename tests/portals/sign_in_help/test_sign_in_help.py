"""The help desk helps a caller who names an own username, and nobody else; each step is recorded and told."""

import datetime as dt
import re

import pytest
from django.test import Client as Browser
from django.utils import timezone

from audit.models import Event
from members.models import MemberAccount
from portals import scope as scopes
from portals.enums import CallerCheck, HelpStep, Team, UserKind
from portals.login import dormancy, factors, rate_limits, tasks
from portals.models import AuthenticatorApp, EmailCodes, OutboxMail, SignedIn, User
from tests.factories import people

pytestmark = pytest.mark.django_db
CHECKED = {"check": CallerCheck.CALLED_BACK, "note": "Lost phone, called back at the practice"}
SYSTEM = scopes.system("test")


@pytest.fixture
def clerk() -> User:
    return people.staff_user(Team.HELP_DESK)


@pytest.fixture
def caller() -> User:
    return people.practice_user(people.practice("Capital Family Practice"))


@pytest.fixture
def desk(clerk: User) -> Browser:
    return people.browser(clerk)


def look_up(desk: Browser, typed: str) -> object:
    return desk.post("/desk/sign-in-help/", {"account": typed}, follow=True)


def help_caller(desk: Browser, caller: User, step: HelpStep, **fields: str) -> object:
    look_up(desk, caller.username)
    return desk.post("/desk/sign-in-help/account/", {"account": caller.pk, "step": step, **CHECKED, **fields})


def mailed(to: str) -> str:
    return OutboxMail.objects.filter(to=to).latest("id").body


def test_a_caller_without_an_own_username_is_not_helped_and_told_whom_to_ask(desk: Browser, caller: User) -> None:
    for typed in ("nobody.known", caller.username[:-1], f"{caller.family_name}"):
        page = look_up(desk, typed)
        assert page.request["PATH_INFO"] == "/desk/sign-in-help/"
        assert b"cannot be helped here" in page.content
        for whom in (b"new ID card", b"office manager", b"administrator invites them", b"after the plan approved them"):
            assert whom in page.content
    assert desk.get("/desk/sign-in-help/account/").url == "/desk/sign-in-help/"
    rows = Event.objects.filter(action="sign_in_help.look_up")
    assert [row.outcome for row in rows] == ["failed"] * 3


def test_who_names_a_username_or_e_mail_exactly_is_found_in_whatever_case(desk: Browser, caller: User) -> None:
    for typed in (caller.username.upper(), f" {caller.email} "):
        page = look_up(desk, typed)
        assert b"Capital Family Practice" in page.content
    card = page.context["card"]
    assert (card.kind, card.proven, card.asleep, card.sessions) == (UserKind.WORK, True, False, 0)
    assert [factor.value for factor in card.factors] == ["app"]
    done = Event.objects.filter(action="sign_in_help.look_up", outcome="done", object_id=str(caller.pk))
    assert done.count() == 2
    assert Event.objects.filter(action="desk:sign_in_help_account", kind="view").count() == 2


def test_the_card_shows_a_closed_door(desk: Browser, caller: User) -> None:
    for _n in range(rate_limits.PER_IDENTIFIER):
        rate_limits.count(door="sign_in", identifier=caller.username, address="10.0.0.1")
    assert b"It opens by itself" in look_up(desk, caller.username).content


@pytest.mark.parametrize("missing", ["check", "note", "step"])
def test_no_step_without_a_check_and_a_note(desk: Browser, caller: User, missing: str) -> None:
    look_up(desk, caller.username)
    sent = {"account": caller.pk, "step": HelpStep.FACTORS, **CHECKED}
    del sent[missing]
    answer = desk.post("/desk/sign-in-help/account/", sent)
    assert missing in answer.context["form"].errors
    assert factors.held(caller)


def test_a_sleeping_account_is_woken(desk: Browser, caller: User) -> None:
    User.objects.filter(pk=caller.pk).update(awake_since=timezone.now() - dt.timedelta(days=181))
    assert b"Asleep" in look_up(desk, caller.username).content
    assert help_caller(desk, caller, HelpStep.WAKE).url == "/desk/sign-in-help/account/"
    assert people.sign_in(Browser(), caller).url == "/home/"
    assert "woke your sleeping account" in mailed(caller.email)
    row = Event.objects.get(action="sign_in_help.wake")
    assert row.detail == {"check": "called_back", "note": CHECKED["note"]}
    assert row.object_id == str(caller.pk)


def test_whoever_lost_every_factor_enrolls_anew_and_open_sessions_end(desk: Browser, caller: User) -> None:
    session = Browser()
    people.sign_in(session, caller)
    help_caller(desk, caller, HelpStep.FACTORS)
    assert "took away your second step" in mailed(caller.email)
    assert session.get("/providers/").url.startswith("/sign-in/")
    assert not AuthenticatorApp.objects.filter(user=caller).exists()
    again = Browser()
    assert people.sign_in(again, caller).url == "/home/"
    assert again.get("/home/").url == "/security/"


def test_who_did_not_call_says_so_and_is_safe_again(desk: Browser, caller: User) -> None:
    help_caller(desk, caller, HelpStep.FACTORS)
    found = re.search(r"(/not-me/[^/]+/)", mailed(caller.email))
    assert found
    thief = Browser()
    people.sign_in(thief, caller)
    thief.post("/security/email-codes/")
    Browser().post(found.group(1))
    assert thief.get("/providers/").url.startswith("/sign-in/")
    caller.refresh_from_db()
    assert not caller.has_usable_password()
    assert not factors.held(caller)


def test_everything_that_is_signed_in_ends(desk: Browser, caller: User) -> None:
    session = Browser()
    people.sign_in(session, caller)
    help_caller(desk, caller, HelpStep.SESSIONS)
    assert session.get("/providers/").url.startswith("/sign-in/")
    assert SignedIn.objects.get(user=caller).ended_why == "closed"
    answer = help_caller(desk, caller, HelpStep.SESSIONS)
    assert "step" in answer.context["form"].errors, "nothing is signed in any more"


@pytest.mark.promise("V12")
def test_a_code_for_a_new_password_where_the_caller_s_own_mail_got_lost(desk: Browser, caller: User) -> None:
    person = Browser()
    person.post("/password/forgotten/", {"account": caller.username})
    OutboxMail.objects.all().delete()
    help_caller(desk, caller, HelpStep.CODE)
    code = re.search(r"\b([0-9A-Z]{4} [0-9A-Z]{4})\b", " ".join(OutboxMail.objects.values_list("body", flat=True)))
    assert code
    new = "seven slow rivers north"
    assert person.post("/password/new/", {"code": code.group(1), "password": new, "again": new}).status_code == 302
    assert people.sign_in(Browser(), caller, password=new).url == "/home/"


def test_no_code_goes_to_an_address_that_nobody_proved(desk: Browser, caller: User) -> None:
    User.objects.filter(pk=caller.pk).update(email_proven_at=None)
    answer = help_caller(desk, caller, HelpStep.CODE)
    assert "step" in answer.context["form"].errors
    assert b"never confirmed" in answer.content


def test_a_corrected_e_mail_is_proven_anew_and_the_former_one_can_take_it_back(desk: Browser, caller: User) -> None:
    former = caller.email
    EmailCodes.objects.create(user=caller, name="", confirmed=True)
    AuthenticatorApp.objects.filter(user=caller).delete()
    answer = help_caller(desk, caller, HelpStep.EMAIL)
    assert "email" in answer.context["form"].errors, "which one?"
    help_caller(desk, caller, HelpStep.EMAIL, email="right@practice.example")
    caller.refresh_from_db()
    assert (caller.email, caller.email_proven_at) == ("right@practice.example", None)
    person = Browser()
    assert people.sign_in(person, caller).url == "/home/"
    assert person.get("/home/").url == "/email/", "a code goes to the new one first"
    people.set_up(person)
    assert person.get("/home/").url == "/providers/"
    found = re.search(r"(/not-me/[^/]+/)", mailed(former))
    assert found
    Browser().post(found.group(1))
    caller.refresh_from_db()
    assert caller.email == former


def test_a_corrected_e_mail_that_another_has(desk: Browser, caller: User, clerk: User) -> None:
    answer = help_caller(desk, caller, HelpStep.EMAIL, email=clerk.email)
    assert b"belongs to another account" in answer.content
    caller.refresh_from_db()
    assert caller.email != clerk.email


def test_an_account_that_is_not_the_persons_is_closed_and_the_person_makes_their_own(desk: Browser) -> None:
    with scopes.entered(SYSTEM):
        stranger = people.member_user(people.person())
    session = Browser()
    people.sign_in(session, stranger)
    help_caller(desk, stranger, HelpStep.CLOSE)
    assert session.get("/members/").url.startswith("/sign-in/")
    stranger.refresh_from_db()
    assert not stranger.is_active
    with scopes.entered(SYSTEM):
        assert MemberAccount.objects.get(user=stranger).disowned_at is not None
    page = look_up(desk, stranger.username)
    assert b"This account is closed" in page.content
    assert not page.context["form"].fields["step"].choices


def test_nobody_helps_themselves(desk: Browser, clerk: User) -> None:
    answer = look_up(desk, clerk.username)
    assert answer.status_code == 403
    assert b"Nobody helps themselves" in answer.content
    assert desk.get("/desk/sign-in-help/account/").url == "/desk/sign-in-help/"
    assert Event.objects.filter(kind="denial", actor=f"user:{clerk.pk}").exists()


def test_what_a_page_showed_is_done_to_that_account_only(desk: Browser, caller: User) -> None:
    other = people.practice_user(people.practice())
    look_up(desk, caller.username)
    look_up(desk, other.username)
    answer = desk.post(
        "/desk/sign-in-help/account/", {"account": caller.pk, "step": HelpStep.FACTORS, **CHECKED}, follow=True
    )
    assert b"Nothing was done" in answer.content
    assert factors.held(caller)
    assert factors.held(other)


@pytest.mark.parametrize("team", [Team.CLIENT_MANAGEMENT, Team.CHANNEL_COMPENSATION, Team.PRIVACY])
def test_other_teams_do_not_help_with_signing_in(team: Team) -> None:
    browser = Browser()
    people.sign_in(browser, people.staff_user(team))
    assert browser.get("/desk/sign-in-help/").status_code == 403


def test_the_account_opens_after_the_clerk_has_shown_to_be_there(clerk: User, caller: User) -> None:
    browser = Browser()
    people.sign_in(browser, clerk)
    answer = browser.post("/desk/sign-in-help/", {"account": caller.username}, follow=True)
    assert answer.request["PATH_INFO"] == "/confirm/"


# --- Accounts that will fall asleep -------------------------------------------------------------------------------


def test_a_work_account_is_warned_once_two_weeks_before_it_falls_asleep() -> None:
    soon, late, asleep, woken, member = (
        people.user(UserKind.MEMBER if name == "member" else UserKind.WORK, username=name)
        for name in ("soon", "late", "asleep", "woken", "member")
    )
    now = timezone.now()
    for user, days in ((soon, 167), (late, 165), (asleep, 181), (woken, 200), (member, 170)):
        used = now - dt.timedelta(days=days)
        User.objects.filter(pk=user.pk).update(last_login=used, awake_since=used)
    User.objects.filter(pk=woken.pk).update(awake_since=now)
    for _n in range(2):
        tasks.warn_of_dormancy()
    mail = OutboxMail.objects.get()
    assert mail.to == soon.email
    assert "/sign-in/" in mail.body
    assert soon.username not in mail.body
    with scopes.entered(SYSTEM):
        assert dormancy.warn(by=SYSTEM, at=now + dt.timedelta(days=2)) == 1, "the next one's turn has come"
    assert Event.objects.filter(action="door.warn_sleepers").count() == 2


def test_who_signed_in_and_stayed_away_again_is_warned_again() -> None:
    user = people.user()
    now = timezone.now()
    for months in (0, 12):
        at = now + dt.timedelta(days=30 * months)
        used = at - dt.timedelta(days=170)
        User.objects.filter(pk=user.pk).update(last_login=used, awake_since=used)
        with scopes.entered(SYSTEM):
            assert dormancy.warn(by=SYSTEM, at=at) == 1
