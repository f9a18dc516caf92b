"""Who of the plan may do what, and who lets whom in: two people, never one."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.test import Client as Browser
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from audit.models import Event
from portals.access import TEAM_PERMISSIONS, Desk
from portals.enums import Team, UserKind
from portals.models import StaffProposal, StaffRole, User
from portals.staff import actions as staff
from tests.factories import ledger, openings, people

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer() -> User:
    return people.staff_user(Team.PRIVACY)


@pytest.fixture
def second() -> User:
    return people.staff_user(Team.PRIVACY)


@pytest.fixture
def newcomer() -> User:
    return people.user(given_name="Wanda", family_name="Ostrow")


def propose(browser: Browser, user: User, team: Team = Team.ENROLLMENT) -> object:
    return browser.post("/desk/staff/propose/", {"account": user.username, "team": team}, follow=True)


def test_every_permission_is_listed_and_has_a_team_and_every_team_its_permissions() -> None:
    assert all(permission.label for permission in Desk)
    assert {permission for held in TEAM_PERMISSIONS.values() for permission in held} == set(Desk)
    assert set(TEAM_PERMISSIONS) == set(Team)
    for team in Team:
        assert Desk.WORK_QUEUE in TEAM_PERMISSIONS[team]


def test_only_privacy_reviews_and_manages_and_never_breaks_the_glass() -> None:
    for permission in (
        Desk.REVIEW_EXCEPTIONAL_ACCESS,
        Desk.READ_LEDGER,
        Desk.REVIEW_ACTIVITY,
        Desk.MANAGE_STAFF,
        Desk.HOLD_LEDGER,
        Desk.RECORD_DISCLOSURES,
    ):
        assert [team for team in Team if permission in TEAM_PERMISSIONS[team]] == [Team.PRIVACY]
    for team in Team:
        both = {Desk.SEE_MEMBERS, Desk.BREAK_GLASS} <= TEAM_PERMISSIONS[team]
        assert not both, f"{team}: who opens records by role needs no emergency"


@pytest.mark.parametrize("team", list(Team))
def test_every_team_reads_the_table_and_it_names_nobody(team: Team) -> None:
    page = people.desk_browser(team).get("/desk/roles/")
    text = page.content.decode()
    assert "Open a member&#x27;s record: coverage" in text
    assert str(Team.CUSTOMER_CARE.label) in text
    lines = people.desk_browser(team).get("/desk/roles/table.csv").content.decode().splitlines()
    assert len(lines) == 1 + len(Desk)
    assert lines[0] == "\ufeffpermission,meaning," + ",".join(Team.values)


@pytest.mark.parametrize("team", [team for team in Team if team != Team.PRIVACY])
def test_to_others_the_people_are_closed_and_the_gate_is_named(team: Team, officer: User) -> None:
    browser = people.desk_browser(team)
    place = StaffRole.objects.get(user=officer)
    for url in (
        "/desk/staff/",
        "/desk/staff/list.csv",
        "/desk/staff/propose/",
        f"/desk/staff/places/{place.pk}/end/",
    ):
        page = browser.get(url)
        assert page.status_code == 403
        assert b"Only the privacy officer" in page.content


def test_one_proposes_another_lets_in(officer: User, second: User, newcomer: User) -> None:
    proposed = propose(people.browser(officer), newcomer)
    assert b"Another person of your team decides" in proposed.content
    assert not StaffRole.objects.filter(user=newcomer).exists()
    assert ledger.expect("staff.propose", by=officer, on="user").object_id == str(newcomer.pk)
    row = StaffProposal.objects.get()
    url = f"/desk/staff/proposals/{row.pk}/"
    other = people.browser(second)
    page = other.get(url).content
    assert b"Let Wanda Ostrow into Enrollment?" in page
    assert b"Let a held enrollment file in" in page and b"Start and watch bill runs" not in page
    assert other.post(url, {"decision": "give"}).status_code == 302
    assert StaffRole.objects.get(user=newcomer).team == Team.ENROLLMENT
    row.refresh_from_db()
    assert (row.proposed_by, row.decided_by, row.given) == (officer, second, True)
    assert ledger.expect("staff.decide", by=second, on="user").detail == {"team": "enrollment"}
    assert people.browser(newcomer).get("/desk/").status_code == 200


def test_declined_is_declined_and_may_be_proposed_anew(officer: User, second: User, newcomer: User) -> None:
    propose(people.browser(officer), newcomer)
    row = StaffProposal.objects.get()
    people.browser(second).post(f"/desk/staff/proposals/{row.pk}/", {"decision": "decline"})
    assert not StaffRole.objects.filter(user=newcomer).exists()
    propose(people.browser(officer), newcomer)
    assert StaffProposal.objects.count() == 2


def test_nobody_decides_their_own_proposal_or_about_themselves(officer: User, second: User, newcomer: User) -> None:
    browser = people.browser(officer)
    propose(browser, newcomer)
    propose(browser, second, Team.HELP_DESK)
    own, about = StaffProposal.objects.order_by("pk")
    page = browser.post(f"/desk/staff/proposals/{own.pk}/", {"decision": "give"})
    assert page.status_code == 403
    assert b"A second person decides" in page.content
    assert people.browser(second).post(f"/desk/staff/proposals/{about.pk}/", {"decision": "give"}).status_code == 403
    assert not StaffRole.objects.filter(user=newcomer).exists()
    for row, who in ((own, officer), (about, second)):
        with pytest.raises(IntegrityError, match="four_eyes"), transaction.atomic():
            StaffProposal.objects.filter(pk=row.pk).update(decided_by=who, decided_at=timezone.now(), given=True)


def test_a_decision_is_made_once(officer: User, second: User, newcomer: User) -> None:
    row = staff.propose(by=openings.desk_scope(officer), user=newcomer, team=Team.ENROLLMENT)
    staff.decide(by=openings.desk_scope(second), proposal_id=row.pk, give=False)
    with pytest.raises(staff.Decided):
        staff.decide(by=openings.desk_scope(second), proposal_id=row.pk, give=True)
    assert people.browser(second).get(f"/desk/staff/proposals/{row.pk}/").status_code == 404


def test_who_is_unknown_a_member_or_there_already_is_not_proposed(officer: User, newcomer: User) -> None:
    browser = people.browser(officer)
    member = people.user(UserKind.MEMBER)
    for user in (member, User(username="no.such.person")):
        assert b"No open work account" in propose(browser, user).content
    propose(browser, newcomer)
    assert b"or proposed for it" in propose(browser, newcomer).content
    assert b"in this team already" in propose(browser, officer, Team.PRIVACY).content
    assert StaffProposal.objects.count() == 1


def test_one_person_ends_a_place_and_it_is_over_on_the_next_click(officer: User) -> None:
    clerk = people.staff_user(Team.HELP_DESK)
    open_window = people.browser(clerk)
    assert open_window.get("/desk/").status_code == 200
    place = StaffRole.objects.get(user=clerk)
    assert people.browser(officer).post(f"/desk/staff/places/{place.pk}/end/").status_code == 302
    assert open_window.get("/desk/").status_code == 404
    assert Event.objects.get(action="staff.end").object_id == str(clerk.pk)
    former = people.browser(officer).get("/desk/staff/?state=former").content.decode()
    assert clerk.username in former


def test_the_last_who_decides_stays(officer: User) -> None:
    place = StaffRole.objects.get(user=officer)
    browser = people.browser(officer)
    page = browser.post(f"/desk/staff/places/{place.pk}/end/")
    assert b"This is the last person" in page.content
    place.refresh_from_db()
    assert place.ended_at is None
    people.staff_user(Team.PRIVACY)
    assert browser.post(f"/desk/staff/places/{place.pk}/end/").headers["Location"] == "/home/"


def test_the_list_is_searched_and_downloaded(officer: User) -> None:
    people.staff_user(Team.HELP_DESK, Team.ENROLLMENT)
    browser = people.browser(officer)
    assert browser.get("/desk/staff/?team=enrollment").context["total"] == 1
    assert browser.get(f"/desk/staff/?q={officer.family_name}").context["total"] == 1
    assert b"Nobody matches" in browser.get("/desk/staff/?q=zzz").content
    lines = browser.get("/desk/staff/list.csv").content.decode().splitlines()
    assert len(lines) == 4
    assert Event.objects.get(action="desk:staff_csv").kind == "export"


def test_the_list_costs_the_same_for_one_and_for_three(
    officer: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    browser = people.browser(officer)
    with django_assert_num_queries(12):
        browser.get("/desk/staff/")
    for _n in range(2):
        user = people.staff_user(Team.HELP_DESK)
        staff.propose(by=openings.desk_scope(officer), user=user, team=Team.ENROLLMENT)
    with django_assert_num_queries(12):
        assert browser.get("/desk/staff/").context["total"] == 3
