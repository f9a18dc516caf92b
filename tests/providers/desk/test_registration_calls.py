"""Calls about registering and who manages access: told from the help page, refused without an own username."""

from __future__ import annotations

import uuid

import pytest
from django.test import Client as Browser

from audit.models import Event, Subject
from portals import scope as scopes
from portals.demo.plan import CONTACTS
from portals.enums import CallerCheck, Reader, RequestStatus, Team
from portals.help import faq
from portals.models import DeskRequest, HelpContact, User
from portals.plan import clock
from providers import rules
from providers.enums import About, Heard, PracticeRole, Situation
from providers.faq.by_situation import ANSWERS
from providers.models import StaffMembership
from tests.factories import people

pytestmark = pytest.mark.django_db
PAGE = "/desk/providers/registration/"


@pytest.fixture
def caller() -> User:
    practice = people.practice("Capital Test Practice")
    people.practice_user(practice)
    return people.practice_user(practice, PracticeRole.FRONT_OFFICE)


@pytest.fixture
def desk() -> Browser:
    return signed_in(people.staff_user(Team.HELP_DESK))


@pytest.fixture
def _directory() -> None:
    for entry in CONTACTS:
        HelpContact.objects.create(**{"audience": "", **entry, "effective": ("2020-01-01", None)})


def signed_in(user: User) -> Browser:
    browser = Browser()
    people.sign_in(browser, user)
    return browser


def call(browser: Browser, about: About, *, situation: str = "staff", **fields: str) -> tuple[object, DeskRequest]:
    sent = {"once": str(uuid.uuid4()), "about": about.value, "note": "Wants in.", **fields}
    answer = browser.post(f"{PAGE}?situation={situation}", sent, follow=True)
    return answer, DeskRequest.objects.filter(kind="provider.registration_help").latest("id")


@pytest.mark.promise("V3")
def test_a_caller_without_an_own_username_is_refused_and_the_check_is_recorded(desk: Browser, caller: User) -> None:
    for typed in ("", "the.front.desk"):
        checked = CallerCheck.RECORDS.value
        answer, row = call(desk, About.OTHERS, username=typed, check=checked)
        assert b"We do not help this caller" in answer.content
        assert row.status == RequestStatus.DECLINED
        refusal = Event.objects.get(action="providers.calls.refuse", object_id=str(row.pk))
        assert (refusal.kind, refusal.outcome) == ("denial", "refused")
        assert refusal.detail == {"why": "refused", "check": checked}
    assert [event.outcome for event in Event.objects.filter(action="sign_in_help.look_up")] == ["failed"]


@pytest.mark.promise("V1", "V27")
def test_a_shared_username_is_refused_and_told_to_the_privacy_officer(desk: Browser, caller: User) -> None:
    answer, row = call(desk, About.SHARED, username=caller.username)
    assert b"the practice answers for it" in answer.content
    assert row.status == RequestStatus.DECLINED
    told = DeskRequest.objects.get(kind="provider.shared_username")
    assert (told.team, told.party) == (Team.PRIVACY, row.party)
    page = signed_in(people.staff_user(Team.PRIVACY)).get(f"/desk/requests/{told.pk}/").content.decode()
    for fact in (caller.username, row.number, "Wants in."):
        assert fact in page
    assert desk.get(f"/desk/requests/{told.pk}/").status_code == 404


def test_who_only_wants_to_register_needs_no_username_and_the_call_is_kept(desk: Browser) -> None:
    answer, row = call(desk, About.REGISTERING, situation="first")
    assert row.number in answer.content.decode()
    assert row.status == RequestStatus.DONE
    _answer, later = call(desk, About.REGISTERING, situation="dental-lost", still_to_do="on")
    assert later.status == RequestStatus.OPEN
    assert b"Dental, letter or number lost" in desk.get("/desk/").content


def test_a_call_with_an_own_username_is_kept_with_its_practice(desk: Browser, caller: User) -> None:
    _answer, row = call(desk, About.OWN, username=caller.username.upper(), check=CallerCheck.RECORDS.value)
    assert (row.status, row.detail["username"]) == (RequestStatus.DONE, caller.username)
    assert row.party == f"practice:{StaffMembership.objects.get(user=caller).practice_id}"


def test_customer_care_keeps_its_own_calls(caller: User) -> None:
    care = signed_in(people.staff_user(Team.CUSTOMER_CARE))
    _answer, row = call(care, About.REGISTERING, situation="medical-outside", still_to_do="on")
    assert row.team == Team.CUSTOMER_CARE
    assert care.get(f"/desk/requests/{row.pk}/").status_code == 200


def test_sent_twice_it_is_one_call(desk: Browser) -> None:
    once = str(uuid.uuid4())
    for _n in range(2):
        call(desk, About.SHARED, once=once, username="somebody")
    assert DeskRequest.objects.filter(kind="provider.registration_help").count() == 1
    assert DeskRequest.objects.filter(kind="provider.shared_username").count() == 1


@pytest.mark.parametrize("missing", ["about", "note"])
def test_a_record_without_its_facts_is_not_made(desk: Browser, missing: str) -> None:
    sent = {"once": str(uuid.uuid4()), "about": "own", "note": "x"}
    del sent[missing]
    answer = desk.post(f"{PAGE}?situation=staff", sent)
    assert missing in answer.context["form"].errors
    assert not DeskRequest.objects.filter(kind="provider.registration_help").exists()


@pytest.mark.usefixtures("_directory")
@pytest.mark.parametrize(
    ("situation", "words", "number"),
    [
        ("first", "The office manager, or whoever else the provider authorized", "1-800-278-1247"),
        ("medical-outside", "By telephone, for you and your staff", "1-800-920-8889"),
        ("medical-numbers", "choose the line for eligibility and benefits", "Press 2 for eligibility and benefits"),
        ("dental", "Every tax ID gets its own letter", "1-800-278-1247"),
        ("dental-lost", "tells you what it said", "1-800-278-1247"),
        ("dental-no-claim", "After your first claim we send you a letter", "1-800-724-1675"),
        ("several", "registers first, with any one of the letters", "1-800-278-1247"),
        ("staff", "asks their office manager, who can do it at once", "1-800-278-1247"),
        ("nobody-knows", "the office manager calls the Web Help Desk", "1-800-278-1247"),
    ],
)
def test_the_agent_reads_out_what_the_help_page_says(desk: Browser, situation: str, words: str, number: str) -> None:
    page = " ".join(desk.get(f"{PAGE}?situation={situation}").content.decode().split())
    assert words in page
    assert number in page


def test_every_situation_has_answers_of_the_help_page() -> None:
    assert set(ANSWERS) == set(Situation)
    for slugs in ANSWERS.values():
        assert faq.by_slug(slugs, reader=Reader.PROVIDER, as_of=clock.today())


@pytest.mark.parametrize("asked", ["", "nonsense"])
def test_without_a_situation_there_is_only_the_choice(desk: Browser, asked: str) -> None:
    page = desk.get(f"{PAGE}?situation={asked}").content
    assert b"Record the call" not in page
    assert desk.post(f"{PAGE}?situation={asked}", {"about": "own", "note": "x"}).status_code == 200
    assert not DeskRequest.objects.filter(kind="provider.registration_help").exists()


@pytest.mark.parametrize(
    ("about", "own", "to_do", "expected"),
    [
        (About.REGISTERING, False, False, Heard.ANSWERED),
        (About.REGISTERING, False, True, Heard.OPEN),
        (About.OWN, False, True, Heard.REFUSED),
        (About.OTHERS, False, False, Heard.REFUSED),
        (About.OWN, True, False, Heard.ANSWERED),
        (About.OTHERS, True, True, Heard.OPEN),
        (About.SHARED, True, True, Heard.SHARED),
        (About.SHARED, False, False, Heard.SHARED),
    ],
)
def test_nobody_is_helped_with_an_account_without_a_username(
    about: About, own: bool, to_do: bool, expected: Heard
) -> None:
    assert rules.heard(about, own_username=own, still_to_do=to_do) == expected


# --- Who manages this person's access -----------------------------------------------------------------------------


def managed(desk: Browser, typed: str) -> str:
    return " ".join(desk.post("/desk/providers/manages/", {"account": typed}, follow=True).content.decode().split())


@pytest.mark.promise("V24")
@pytest.mark.usefixtures("_directory")
def test_the_desk_says_who_manages_a_callers_access_and_whom_to_call(desk: Browser, caller: User) -> None:
    manager = StaffMembership.objects.get(role="manager").user
    lone = people.practice("Lone Practice")
    StaffMembership.objects.create(practice=lone, user=caller, role="billing", added_by="system:test")
    stranger = people.practice_user(people.practice("Other Practice"))
    page = managed(desk, caller.username)
    assert f"Capital Test Practice</dt> <dd> {manager.display_name}<br>" in page
    assert "518-555-0100" in page
    assert "1-800-278-1247" in page, "nobody manages the second one"
    assert stranger.display_name not in page
    seen = Event.objects.get(action="provider_calls:manages_person")
    subjects = Subject.objects.filter(event_id=seen.pk).values_list("kind", "subject_id")
    assert set(subjects) == {("user", caller.pk), ("user", manager.pk)}


@pytest.mark.usefixtures("_directory")
def test_an_office_manager_is_helped_by_the_help_desk(desk: Browser, caller: User) -> None:
    manager = StaffMembership.objects.get(role="manager").user
    assert "1-800-278-1247" in managed(desk, manager.username)


def test_nothing_is_told_about_an_account_that_the_caller_does_not_name(desk: Browser, caller: User) -> None:
    page = managed(desk, caller.family_name)
    assert "Do not help further" in page
    assert "Capital Test Practice" not in page
    assert desk.get("/desk/providers/manages/person/").url == "/desk/providers/manages/"


def test_who_works_nowhere_is_said(desk: Browser) -> None:
    assert "No place at a practice" in managed(desk, people.user().username)


def test_the_sign_in_help_card_says_it_too(caller: User) -> None:
    with scopes.entered(scopes.system("test")):
        client = people.client("Otter Mill")
    employee = people.employer_user(client, people.EmployerRole.ENROLLMENT)
    boss = people.employer_user(client)
    manager = StaffMembership.objects.get(role="manager").user
    helper = people.staff_user(Team.HELP_DESK)
    desk = signed_in(helper)
    people.step_up(desk, helper)
    for who, name in ((caller, manager.display_name), (employee, boss.display_name)):
        page = desk.post("/desk/sign-in-help/", {"account": who.username}, follow=True).content.decode()
        assert "is managed by" in page
        assert name in page


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_however_many_places(
    desk: Browser, count: int, django_assert_num_queries: object
) -> None:
    user = people.practice_user(people.practice(), PracticeRole.BILLING)
    for _n in range(count):
        practice = people.practice()
        people.practice_user(practice)
        StaffMembership.objects.create(practice=practice, user=user, role="billing", added_by="system:test")
    managed(desk, user.username)
    with django_assert_num_queries(QUERIES):
        desk.get("/desk/providers/manages/person/")


QUERIES = 14


@pytest.mark.parametrize("team", [Team.CLIENT_MANAGEMENT, Team.PRIVACY, Team.ENROLLMENT])
def test_other_teams_take_no_calls_of_practices(team: Team) -> None:
    browser = signed_in(people.staff_user(team))
    for page in ("", "manages/", "manages/person/", "registration/"):
        assert browser.get(f"/desk/providers/{page}").status_code == 403
    assert b"Provider calls" not in browser.get("/desk/").content
