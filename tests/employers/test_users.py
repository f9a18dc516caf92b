"""Manage users: an employer's own people, invited and removed by its administrators; whole waves by operators."""

import json
import re
from pathlib import Path

import pytest
from django.test import Client as Browser
from pytest_django import DjangoAssertNumQueries

from audit.models import Event
from employers.enums import EmployerRole
from employers.models import EmployerUser
from members.models import Client
from portals import scope as scopes
from portals.invitations import actions as invitations
from portals.invitations import kinds as invitation_kinds
from portals.models import AuthenticatorApp, Invitation, OutboxMail, User
from producers.enums import Entitlement
from tests.factories import people, races
from tests.members import tables

pytestmark = pytest.mark.django_db
ADDRESS = "nora.okell@ottercreek.example"
NORA = {"given_name": "Nora", "family_name": "Okell", "email": ADDRESS, "role": "billing"}
PASSWORD = "nine tall pines at dusk"


@pytest.fixture
def mill() -> Client:
    return people.client("Otter Creek Mills", status="migrated", migrated_on="2026-12-01")


@pytest.fixture
def administrator(mill: Client) -> User:
    return people.employer_user(mill)


def link() -> str:
    found = re.search(r"(/invitation/[^/]+/)", OutboxMail.objects.filter(to=ADDRESS).latest("id").body)
    assert found
    return found.group(1)


def place(user: User) -> EmployerUser:
    return EmployerUser.objects.get(user=user, ended_at=None)


@pytest.mark.promise("E3", "V16")
def test_an_administrator_invites_a_colleague_who_makes_an_own_account(administrator: User) -> None:
    browser = people.browser(administrator)
    assert browser.post("/employers/users/invite/", NORA).url == "/employers/users/"
    assert ADDRESS in browser.get("/employers/users/").content.decode(), "she waits in the list"
    nora = Browser()
    nora.post(link(), NORA | {"username": "nokell", "password": PASSWORD, "again": PASSWORD})
    nora.post("/security/email-codes/")
    assert nora.get("/home/").url == "/employers/"
    assert place(User.objects.get(username="nokell")).role == EmployerRole.BILLING
    page = browser.get("/employers/users/").content.decode()
    assert "nokell" in page
    assert "not here yet" not in page


def test_inviting_and_removing_ask_first_who_is_there(mill: Client, administrator: User) -> None:
    colleague = people.employer_user(mill, EmployerRole.BILLING)
    browser = people.browser(administrator, stepped_up=False)
    for path in ("invite/", f"{place(colleague).pk}/remove/"):
        assert browser.post(f"/employers/users/{path}", NORA).url.startswith("/confirm/")
    assert not Invitation.objects.exists()
    assert place(colleague)


def test_a_removed_persons_open_session_is_dead_on_the_next_click_and_the_person_stays(
    mill: Client, administrator: User
) -> None:
    both = people.employer_user(mill, EmployerRole.BILLING)
    EmployerUser.objects.create(client=people.client("Elsewhere"), user=both, role=EmployerRole.BILLING)
    session = people.browser(both)
    session.post("/home/", {"standing": f"employer|client:{mill.pk}"})
    gone = EmployerUser.objects.get(client=mill, user=both)
    answer = people.browser(administrator).post(f"/employers/users/{gone.pk}/remove/", follow=True)
    assert b"no longer has access" in answer.content
    assert b"Elsewhere" in session.get("/employers/").content
    both.refresh_from_db()
    assert both.is_active
    assert AuthenticatorApp.objects.filter(user=both).exists()
    event = Event.objects.get(action="employers.users.remove")
    assert (event.actor, event.object_id) == (f"user:{administrator.pk}", str(gone.pk))


def test_a_removed_administrator_does_not_come_back_by_an_invitation_of_their_own(
    mill: Client, administrator: User
) -> None:
    leaving = people.employer_user(mill)
    people.browser(leaving).post("/employers/users/invite/", NORA | {"role": "administrator"})
    gone = EmployerUser.objects.get(client=mill, user=leaving)
    people.browser(administrator).post(f"/employers/users/{gone.pk}/remove/")
    row = Invitation.objects.get()
    assert (row.ended_at is not None, row.ended_by) == (True, f"user:{administrator.pk}")
    event = Event.objects.get(action="invitations.sender_left")
    assert (event.actor, event.detail["invitations"]) == (f"user:{administrator.pk}", 1)
    assert people.browser(leaving).post(link()).status_code == 410
    assert not EmployerUser.objects.filter(client=mill, user=leaving, ended_at=None).exists()


def test_what_others_sent_stays_open_when_an_administrator_is_removed(mill: Client, administrator: User) -> None:
    browser = people.browser(administrator)
    browser.post("/employers/users/invite/", NORA)
    browser.post(f"/employers/users/{place(people.employer_user(mill)).pk}/remove/")
    assert Invitation.objects.get().ended_at is None
    assert Browser().get(link()).status_code == 200


@pytest.mark.parametrize("lost", ["place", "role", "account"])
def test_an_invitation_is_closed_when_its_sender_may_not_invite_there_any_more(
    mill: Client, administrator: User, lost: str
) -> None:
    people.browser(administrator).post("/employers/users/invite/", NORA)
    assert Browser().get(link()).status_code == 200
    if lost == "place":
        EmployerUser.objects.update(ended_at="2026-12-14T12:00:00Z")
    elif lost == "role":
        EmployerUser.objects.update(role=EmployerRole.BILLING)
    else:
        User.objects.update(is_active=False)
    for answer in (
        Browser().get(link()),
        Browser().post(link(), NORA | {"username": "nokell", "password": PASSWORD, "again": PASSWORD}),
    ):
        assert answer.status_code == 410
    assert not User.objects.filter(username="nokell").exists()
    with pytest.raises(invitation_kinds.NotOpen):
        invitations.accept(by=scopes.NOBODY, invitation=Invitation.objects.get(), user=people.user())


def test_the_last_administrator_stays(mill: Client, administrator: User) -> None:
    people.employer_user(mill, EmployerRole.BILLING)
    browser = people.browser(administrator)
    own = f"/employers/users/{place(administrator).pk}/remove/"
    assert b"this is the last one" in browser.post(own).content
    people.employer_user(mill)
    assert browser.post(own).url == "/home/"
    assert browser.get("/employers/").status_code == 404


def test_of_two_administrators_who_remove_each_other_one_stays(mill: Client, administrator: User) -> None:
    other = people.employer_user(mill)

    def rival() -> None:
        EmployerUser.objects.filter(user=administrator).update(ended_at="2026-12-14T12:00:00Z")

    with races.just_before(r"SELECT.*employers_employeruser.*FOR UPDATE", rival):
        answer = people.browser(administrator).post(f"/employers/users/{place(other).pk}/remove/")
    assert b"this is the last one" in answer.content
    assert place(other)


@pytest.mark.parametrize("role", [EmployerRole.BILLING, EmployerRole.ENROLLMENT])
def test_others_see_who_manages_access_and_no_more(mill: Client, administrator: User, role: EmployerRole) -> None:
    colleague, clerk = people.employer_user(mill, EmployerRole.BILLING), people.employer_user(mill, role)
    browser = people.browser(clerk)
    page = browser.get("/employers/users/").content.decode()
    assert administrator.email in page
    assert colleague.email not in page
    assert browser.get("/employers/users/invite/").status_code == 403
    assert browser.post(f"/employers/users/{place(colleague).pk}/remove/").status_code == 403


def test_nobody_who_acts_as_the_employer_manages_its_users(mill: Client, administrator: User) -> None:
    agency = people.agency()
    producer = people.producer_user(agency, Entitlement.CLIENT_ADMINISTRATION)
    people.grant(agency, mill)
    browser = people.browser(producer)
    browser.post(f"/producers/clients/{mill.client_id}/log-in/")
    home = browser.get("/employers/")
    assert home.status_code == 200
    assert b'href="/employers/users/"' not in home.content
    for path in ("", "invite/", f"{place(administrator).pk}/remove/"):
        assert browser.get(f"/employers/users/{path}").status_code == 403


def test_another_employers_people_and_invitations_are_not_there(mill: Client, administrator: User) -> None:
    people.browser(administrator).post("/employers/users/invite/", NORA)
    other = people.browser(people.employer_user(people.client("Elsewhere")))
    assert ADDRESS not in other.get("/employers/users/").content.decode()
    assert other.post(f"/employers/users/{place(administrator).pk}/remove/").status_code == 404
    row = Invitation.objects.get()
    assert other.post(f"/employers/users/invitations/{row.uuid}/", {"do": "withdraw"}).status_code == 404
    row.refresh_from_db()
    assert row.ended_at is None


def test_an_invitation_is_withdrawn_or_sent_again(administrator: User) -> None:
    browser = people.browser(administrator)
    browser.post("/employers/users/invite/", NORA)
    row, former = Invitation.objects.get(), link()
    browser.post(f"/employers/users/invitations/{row.uuid}/", {"do": "again"})
    assert Browser().get(former).status_code == 410
    assert Browser().get(link()).status_code == 200
    fresh = Invitation.objects.get(ended_at=None)
    browser.post(f"/employers/users/invitations/{fresh.uuid}/", {"do": "withdraw"})
    assert Browser().get(link()).status_code == 410


@pytest.mark.parametrize("count", [1, 5])
def test_the_list_costs_the_same_queries_whatever_its_length(
    mill: Client, administrator: User, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _n in range(count):
        people.employer_user(mill, EmployerRole.BILLING)
    browser = people.browser(administrator)
    browser.post("/employers/users/invite/", NORA)
    browser.get("/employers/users/")
    with django_assert_num_queries(15):
        browser.get("/employers/users/")


# --- A migration wave ---------------------------------------------------------------------------------------------

ROW = {"client_id": "0500001", "given_name": "Nora", "family_name": "Okell", "email": ADDRESS, "role": ""}


def wave(folder: Path, *rows: dict[str, str]) -> tuple[int, dict[str, object]]:
    return tables.run("invite_employers", tables.write(folder / "wave.csv", ROW, rows))


@pytest.mark.promise("E3")
def test_a_wave_is_invited_at_once_and_again_without_effect(
    tmp_path: Path, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    clients = [people.client(f"Client {n}", client_id=f"05{n:05}") for n in range(1, 41)]
    rows = [{"client_id": client.client_id, "email": f"a{client.client_id}@mail.example"} for client in clients]
    with django_assert_num_queries(19):
        code, summary = wave(tmp_path, *rows)
    assert (code, summary["counts"]) == (0, {"invited": 40, "invited_before": 0, "have_access": 0})
    assert Invitation.objects.filter(role="administrator", invited_by="system:invite_employers").count() == 40
    mail = OutboxMail.objects.get(to="a0500007@mail.example")
    assert "Client 7" in mail.body
    found = re.search(r"(/invitation/[^/]+/)", mail.body)
    assert found
    assert b"Client 7" in Browser().get(found.group(1)).content
    code, summary = wave(tmp_path, *rows)
    assert (code, summary["counts"]) == (0, {"invited": 0, "invited_before": 40, "have_access": 0})
    assert OutboxMail.objects.count() == 40


def test_what_is_wrong_in_a_wave_is_refused_with_its_line_and_the_others_are_invited(tmp_path: Path) -> None:
    client = people.client("Otter Creek Mills", client_id="0500001")
    there = people.employer_user(client)
    code, summary = wave(
        tmp_path,
        {},
        {"client_id": "0999999"},
        {"email": ADDRESS.upper()},
        {"email": "nobody"},
        {"email": "x@y.example", "role": "owner"},
        {"email": there.email},
    )
    assert (code, summary["counts"]) == (1, {"invited": 1, "invited_before": 0, "have_access": 1})
    assert tables.refused(summary) == [(3, "client_id"), (4, "email"), (5, "email"), (6, "role")]
    assert ADDRESS not in json.dumps(summary["refusals"]), "reasons may stand in a log"
    assert wave(tmp_path, {"client_id": "0999999"})[0] == 2
    event = Event.objects.filter(action="employers.users.invite_file").earliest("id")
    assert (event.actor, event.detail["refused"]) == ("system:invite_employers", 4)


def test_a_file_without_its_columns_invites_nobody(tmp_path: Path) -> None:
    file = tmp_path / "wave.csv"
    file.write_text("client_id,email\n0500001,nora@mill.example\n")
    code, summary = tables.run("invite_employers", file)
    assert (code, "missing columns" in str(summary["error"])) == (2, True)
    assert not Invitation.objects.exists()
