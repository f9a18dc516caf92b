"""Somebody left a practice and it calls the help desk: the place ends at once, the last office manager's too."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.test import Client as Browser

from audit.models import Event
from portals import scope as scopes
from portals.desk import kinds as desk_kinds
from portals.enums import RequestStatus, Team
from portals.invitations import actions as invitations
from portals.invitations.kinds import Invitee
from portals.models import DeskRequest, Invitation, OutboxMail, User
from portals.plan import clock
from portals.scope import PartyRef
from providers.actions import departures
from providers.enums import PracticeRole, Successor
from providers.models import OfficeAuthorization, Practice, StaffMembership
from tests.factories import calls, people

pytestmark = pytest.mark.django_db
FIND, END = "/desk/providers/left/", "/desk/providers/left/practice/"
SYSTEM = scopes.system("test")


@pytest.fixture(autouse=True)
def _day() -> None:
    clock.move_to(dt.date(2026, 12, 14), by=SYSTEM)


@pytest.fixture
def practice() -> Practice:
    return people.practice("Capital Test Practice")


@pytest.fixture
def manager(practice: Practice) -> User:
    return people.practice_user(practice)


@pytest.fixture
def desk_browser() -> Browser:
    return people.desk_browser(Team.HELP_DESK)


def signed_in(user: User) -> Browser:
    browser = Browser()
    people.sign_in(browser, user)
    return browser


def place(user: User) -> StaffMembership:
    return StaffMembership.objects.get(user=user)


def end(browser: Browser, practice: Practice, *who: User, successor: Successor, **other: str) -> object:
    browser.post(FIND, {"provider_id": practice.provider_id})
    return browser.post(END, calls.left(practice.pk, *(place(u).pk for u in who), successor=successor, **other))


def request() -> DeskRequest:
    return DeskRequest.objects.get(kind="provider.administrator_left")


@pytest.mark.promise("V25")
def test_the_last_office_managers_open_session_is_dead_and_the_successor_is_invited(
    desk_browser: Browser, practice: Practice, manager: User
) -> None:
    clerk = people.practice_user(practice, PracticeRole.FRONT_OFFICE)
    session, colleague = signed_in(manager), signed_in(clerk)
    assert session.get("/providers/").status_code == 200
    end(desk_browser, practice, manager, successor=Successor.INVITE)
    assert session.get("/providers/").status_code == 404
    assert colleague.get("/providers/").status_code == 200, "people whom they added stay"
    row = request()
    assert (row.status, row.due_date) == (RequestStatus.OPEN, dt.date(2026, 12, 21))
    assert row.owner is not None
    page = desk_browser.get(f"/desk/requests/{row.pk}/").content.decode()
    for fact in (manager.display_name, "Ines Marlowe, Owner", "I called back", "Olga Brandt", "Dr. Ines Marlowe"):
        assert fact in page
    assert OfficeAuthorization.objects.get().request == row
    found = re.search(r"(/invitation/\S+)", OutboxMail.objects.get(to="olga@fernhollow.example").body)
    assert found
    secret = "nine tall pines at dusk"
    account = {"given_name": "Olga", "family_name": "Brandt", "username": "olga.b", "password": secret}
    Browser().post(found.group(1), {**account, "again": secret})
    assert place(User.objects.get(username="olga.b")).role == PracticeRole.MANAGER
    row.refresh_from_db()
    assert row.status == RequestStatus.DONE, "the successor has accepted"
    ended = Event.objects.get(action="providers.departures.end")
    assert (ended.object_id, ended.actor) == (str(place(manager).pk), row.remarks.earliest("id").by)


def test_what_the_departed_invited_ends_and_places_elsewhere_stay(
    desk_browser: Browser, practice: Practice, manager: User
) -> None:
    elsewhere = people.practice("Elsewhere")
    StaffMembership.objects.create(practice=elsewhere, user=manager, role="manager", added_by="system:test")
    party = PartyRef("practice", practice.pk)
    invitee = Invitee(party=party, role="manager", given_name="A", family_name="B", email="ab@mail.example")
    sent = invitations.invite(by=SYSTEM, kind="provider", invitee=invitee)
    Invitation.objects.filter(pk=sent.pk).update(invited_by=f"user:{manager.pk}")
    here = StaffMembership.objects.get(practice=practice, user=manager)
    desk_browser.post(FIND, {"provider_id": practice.provider_id})
    desk_browser.post(END, calls.left(practice.pk, here.pk, successor=Successor.LATER))
    assert Invitation.objects.get(pk=sent.pk).ended_at is not None
    assert StaffMembership.objects.filter(practice=elsewhere, user=manager, ended_at=None).exists()


@pytest.mark.promise("V25")
def test_a_caller_who_does_not_know_the_successor_is_not_kept_waiting(
    desk_browser: Browser, practice: Practice, manager: User
) -> None:
    end(desk_browser, practice, manager, successor=Successor.LATER)
    assert place(manager).ended_at is not None
    assert request().status == RequestStatus.OPEN
    assert not Invitation.objects.exists()
    party = PartyRef("practice", practice.pk)
    invitee = Invitee(party=party, role="manager", given_name="A", family_name="B", email="ab@mail.example")
    row = invitations.invite(by=SYSTEM, kind="provider", invitee=invitee)
    invitations.accept(by=SYSTEM, invitation=row, user=people.user())
    assert request().status == RequestStatus.DONE


def test_nobody_stays_is_said_before_anything_ends(desk_browser: Browser, practice: Practice, manager: User) -> None:
    gone = people.practice_user(practice)
    User.objects.filter(pk=gone.pk).update(is_active=False)
    answer = end(desk_browser, practice, manager, successor=Successor.STAYS)
    assert "successor" in answer.context["form"].errors
    assert place(manager).ended_at is None
    assert not DeskRequest.objects.filter(kind="provider.administrator_left").exists()


@pytest.mark.promise("V21")
def test_an_account_that_the_manager_cannot_delete_is_ended_by_the_help_desk(
    desk_browser: Browser, practice: Practice, manager: User
) -> None:
    clerk = people.practice_user(practice, PracticeRole.BILLING)
    session = signed_in(clerk)
    asked = signed_in(manager)
    once = re.search(
        r'name="once" value="([^"]+)"', asked.get("/providers/requests/new/cannot-delete/").content.decode()
    )
    assert once
    asked.post(
        "/providers/requests/new/cannot-delete/",
        {"once": once.group(1), "person": place(clerk).pk, "why": "The page says something went wrong."},
    )
    row = DeskRequest.objects.get(kind="provider.cannot_delete")
    assert (row.asked_by, row.team) == (manager, Team.HELP_DESK)
    page = desk_browser.get(f"/desk/requests/{row.pk}/").content.decode()
    assert clerk.display_name in page
    assert f"/desk/providers/left/?provider_id={practice.provider_id}" in page
    assert practice.provider_id in desk_browser.get(f"{FIND}?provider_id={practice.provider_id}").content.decode()
    end(desk_browser, practice, clerk, successor=Successor.STAYS)
    assert session.get("/providers/").status_code == 404
    assert asked.get("/providers/").status_code == 200
    assert request().status == RequestStatus.DONE, "nothing is left to do"


@pytest.mark.promise("V25")
def test_an_office_manager_tells_of_a_planned_hand_over(practice: Practice, manager: User) -> None:
    browser = signed_in(manager)
    url = "/providers/requests/new/office-manager/"
    once = re.search(r'name="once" value="([^"]+)"', browser.get(url).content.decode())
    assert once
    sent = {"once": once.group(1), "person": place(manager).pk, "last_day": "12/31/2026", **calls.MANAGER}
    late = browser.post(url, {**sent, "last_day": "12/13/2026"})
    assert "last_day" in late.context["form"].errors
    browser.post(url, sent)
    row = DeskRequest.objects.get(kind="provider.manager_changes")
    assert row.due_date == dt.date(2026, 12, 31)
    page = browser.get(f"/providers/requests/{row.uuid}/").content.decode()
    for fact in (manager.display_name, "Olga Brandt", "Dr. Ines Marlowe"):
        assert fact in page
    assert place(manager).ended_at is None, "nothing ends before the day"


@pytest.mark.promise("V19")
def test_only_office_managers_ask_for_changes_of_access(practice: Practice, manager: User) -> None:
    clerk = signed_in(people.practice_user(practice, PracticeRole.FRONT_OFFICE))
    for kind in ("office-manager", "cannot-delete"):
        assert clerk.get(f"/providers/requests/new/{kind}/").status_code == 404
    stranger = people.practice_user(people.practice("Other Practice"))
    form = signed_in(stranger).get("/providers/requests/new/cannot-delete/").context["form"]
    assert [name for _pk, name in form.fields["person"].choices] == [stranger.display_name]


@pytest.mark.parametrize("missing", ["check", "note", "caller_name", "caller_role", "last_day", "places", "successor"])
def test_nothing_ends_without_a_check_and_every_fact(
    desk_browser: Browser, practice: Practice, manager: User, missing: str
) -> None:
    call = calls.left(practice.pk, place(manager).pk, successor=Successor.LATER)
    del call[missing]
    desk_browser.post(FIND, {"provider_id": practice.provider_id})
    answer = desk_browser.post(END, call)
    assert missing in answer.context["form"].errors
    assert place(manager).ended_at is None


@pytest.mark.parametrize("missing", [*calls.MANAGER])
def test_a_successor_is_invited_with_every_fact_or_nothing_happens(
    desk_browser: Browser, practice: Practice, manager: User, missing: str
) -> None:
    answer = end(desk_browser, practice, manager, successor=Successor.INVITE, **{missing: ""})
    assert missing in answer.context["form"].errors
    assert place(manager).ended_at is None


def test_a_successor_who_is_there_already_is_said_and_nothing_has_ended(
    desk_browser: Browser, practice: Practice, manager: User
) -> None:
    clerk = people.practice_user(practice, PracticeRole.BILLING)
    answer = end(desk_browser, practice, manager, successor=Successor.INVITE, email=clerk.email)
    assert "email" in answer.context["form"].errors
    assert place(manager).ended_at is None


def test_a_day_to_come_is_no_last_day(desk_browser: Browser, practice: Practice, manager: User) -> None:
    answer = end(desk_browser, practice, manager, successor=Successor.LATER, last_day="12/15/2026")
    assert "last_day" in answer.context["form"].errors


def test_a_practice_is_found_by_its_id_or_by_tax_id_and_name(desk_browser: Browser, practice: Practice) -> None:
    twin = people.practice("Capital Twin Practice")
    Practice.objects.update(tax_id="140000777")
    assert desk_browser.post(FIND, {"provider_id": practice.provider_id.lower()}).url == END
    assert desk_browser.post(FIND, {"tax_id": "14-0000777", "name": "test"}).url == END
    both = desk_browser.post(FIND, {"tax_id": "14-0000777", "name": "capital"})
    assert twin.provider_id in both.content.decode()
    for sent in ({"provider_id": "P-NONE"}, {"tax_id": "14-0000777"}, {"name": "Capital"}, {"tax_id": "14"}):
        assert desk_browser.post(FIND, sent).context["form"].errors
    assert desk_browser.get(END).url == FIND
    outcomes = Event.objects.filter(action="providers.departures.look_up").order_by("id")
    assert [event.outcome for event in outcomes] == ["done", "done", "done", "failed"]


def test_places_of_another_practice_are_not_ended_here(
    desk_browser: Browser, practice: Practice, manager: User
) -> None:
    stranger = people.practice_user(people.practice("Other Practice"))
    answer = end(desk_browser, practice, stranger, successor=Successor.LATER)
    assert "places" in answer.context["form"].errors
    assert place(stranger).ended_at is None
    other = desk_browser.post(
        END, calls.left(place(stranger).practice_id, place(manager).pk, successor=Successor.LATER)
    )
    assert other.url == FIND
    assert place(manager).ended_at is None


def test_sent_twice_it_is_one_request(desk_browser: Browser, practice: Practice, manager: User) -> None:
    people.practice_user(practice)
    call = calls.left(practice.pk, place(manager).pk, successor=Successor.STAYS)
    desk_browser.post(FIND, {"provider_id": practice.provider_id})
    desk_browser.post(END, call)
    again = desk_browser.post(END, call)
    assert again.status_code in (200, 302)
    assert DeskRequest.objects.filter(kind="provider.administrator_left").count() == 1
    assert Event.objects.filter(action="providers.departures.end").count() == 1


def test_nobody_of_the_desk_ends_an_own_place(practice: Practice) -> None:
    both = people.staff_user(Team.HELP_DESK)
    mine = StaffMembership.objects.create(practice=practice, user=both, role="manager", added_by="system:test")
    by = scopes.Scope(
        actor=f"user:{both.pk}",
        portal=scopes.Portal.DESK,
        user_id=both.pk,
        permissions=frozenset({"desk.end_administrator"}),
    )
    with pytest.raises(departures.Refused):
        departures.end(by=by, practice=practice, place_ids=[mine.pk], call={"successor": Successor.LATER}, once="1")
    mine.refresh_from_db()
    assert mine.ended_at is None


@pytest.mark.parametrize("team", [Team.CUSTOMER_CARE, Team.CLIENT_MANAGEMENT])
def test_other_teams_end_nobody(team: Team) -> None:
    browser = signed_in(people.staff_user(team))
    assert browser.get(FIND).status_code == 403
    assert browser.get(END).status_code == 403


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_however_many_people(
    desk_browser: Browser, practice: Practice, count: int, django_assert_num_queries: object
) -> None:
    for _n in range(count):
        people.practice_user(practice)
    desk_browser.post(FIND, {"provider_id": practice.provider_id})
    desk_browser.get(END)
    with django_assert_num_queries(QUERIES):
        assert desk_browser.get(END).status_code == 200


QUERIES = 12


def test_the_kinds_are_worked_by_their_teams() -> None:
    assert set(desk_kinds.kinds_of([Team.CUSTOMER_CARE])) == {"provider.non_participating"}
    assert {"provider.administrator_left", "provider.registration_help"} <= set(desk_kinds.kinds_of([Team.HELP_DESK]))
