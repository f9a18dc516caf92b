"""Plan staff see a portal as one of its users: only looking, never longer than allowed, each page in the ledger."""

from __future__ import annotations

import datetime as dt

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.test import Client as Browser
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from audit.models import Event, Subject
from employers.enums import EmployerRole
from employers.models import EmployerUser
from members.models import Client
from portals import doors
from portals import scope as scopes
from portals.access import Desk
from portals.enums import Team
from portals.exceptional_access import view_as
from portals.models import DeskRequest, Draft, StaffRole, User, ViewAs
from portals.scope import PartyRef, Portal, Scope
from producers.enums import Entitlement
from tests.factories import looks, people
from tests.house import objects
from tests.house.objects import A, World
from tests.house.test_urls import DOORS, PAGES, address, declaration

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk() -> User:
    return people.staff_user(Team.HELP_DESK)


@pytest.fixture
def mill() -> Client:
    with scopes.entered(scopes.system("test")):
        return people.client("Otter Creek Mills")


@pytest.fixture
def payer(mill: Client) -> User:
    return people.employer_user(mill, EmployerRole.BILLING)


@pytest.fixture
def desk(clerk: User) -> Browser:
    return people.browser(clerk)


def place(mill: Client) -> str:
    return f"employer|client:{mill.pk}"


# --- Beginning ----------------------------------------------------------------------------------------------------


def test_the_clerk_sees_the_users_own_pages_under_a_band_with_reason_and_way_out(
    desk: Browser, clerk: User, payer: User, mill: Client
) -> None:
    answer = looks.see_as(desk, payer, place(mill))
    assert answer.headers["Location"] == "/employers/"
    page = desk.get("/employers/").content.decode()
    assert "Otter Creek Mills" in page
    assert "You see what Test" in page
    for part in (payer.username, looks.TICKET, "30 minutes left", "Back to my own pages"):
        assert part in page
    assert b"You see what" in desk.get("/desk/").content, "also on the desk's own pages"
    assert b"You see what" in desk.get("/security/").content, "and at the door"
    assert clerk.username.encode() not in desk.get("/employers/users/").content


def test_each_page_is_a_look_of_the_clerk_under_the_grant_also_where_nobody_is_shown(
    desk: Browser, clerk: User, payer: User, mill: Client
) -> None:
    looks.see_as(desk, payer, place(mill))
    row = ViewAs.objects.get()
    desk.get("/employers/help/")
    event = Event.objects.latest("id")
    assert (event.kind, event.action, event.actor, event.portal, event.grant) == (
        "look",
        "employers:help",
        f"user:{clerk.pk}",
        "employer",
        f"view-as:{row.pk}",
    )
    assert list(Subject.objects.filter(event_id=event.pk).values_list("kind", "subject_id")) == [("user", payer.pk)]
    begun = Event.objects.get(action="viewing.begin")
    assert (begun.actor, begun.grant, begun.object_id) == (f"user:{clerk.pk}", f"view-as:{row.pk}", str(row.pk))
    assert looks.REASON not in str(Event.objects.values_list("detail", flat=True))


def test_without_reason_or_ticket_nothing_opens(desk: Browser, payer: User, mill: Client) -> None:
    desk.post("/desk/view-as/", {"account": payer.username})
    typed = {"account": payer.pk, "place": place(mill)}
    for wrong in ({"reason": "short", "ticket": "T-1"}, {"reason": looks.REASON, "ticket": " "}):
        assert desk.post("/desk/view-as/begin/", typed | wrong).status_code == 200
    assert ViewAs.objects.count() == 0
    with pytest.raises(IntegrityError), transaction.atomic():
        ViewAs.objects.create(
            user=payer,
            viewed=people.user(),
            portal="employer",
            party="client:1",
            reason=looks.REASON,
            ticket="",
            expires_at=timezone.now(),
        )


def test_it_begins_with_a_fresh_step_up(clerk: User, payer: User) -> None:
    browser = Browser()
    people.sign_in(browser, clerk)
    browser.post("/desk/view-as/", {"account": payer.username})
    assert browser.get("/desk/view-as/begin/").headers["Location"].startswith("/confirm/")


def test_from_the_callers_account_card_one_click_leads_there(desk: Browser, payer: User, mill: Client) -> None:
    desk.post("/desk/sign-in-help/", {"account": payer.username})
    assert b"See what this user sees" in desk.get("/desk/sign-in-help/account/").content
    page = desk.post("/desk/view-as/", {"account": payer.username}, follow=True)
    assert b"Otter Creek Mills" in page.content


@pytest.mark.parametrize(
    ("team", "sees"),
    [
        (Team.HELP_DESK, {"employer", "producer", "provider"}),
        (Team.CLIENT_MANAGEMENT, {"employer"}),
        (Team.CHANNEL_COMPENSATION, {"producer"}),
        (Team.MEMBER_SERVICES, {"member"}),
    ],
)
def test_each_team_looks_behind_the_doors_that_it_looks_after(team: Team, sees: set[str]) -> None:
    world = objects.build()
    staff = people.staff_user(team)
    by = looks.desk_scope(staff)
    found = {
        each.portal.value
        for door in ("member", "employer", "producer", "provider", "desk")
        for each in view_as.memberships(by, world.users[door, A])
    }
    assert found == sees


def test_a_door_of_another_team_is_refused_though_the_form_is_forged(mill: Client, payer: User) -> None:
    staff = people.staff_user(Team.CHANNEL_COMPENSATION)
    desk = people.browser(staff)
    looks.see_as(desk, payer, place(mill))
    assert ViewAs.objects.count() == 0
    (membership,) = doors.memberships(payer.pk, Portal.EMPLOYER)
    request = desk.get("/desk/").wsgi_request
    with pytest.raises(view_as.Refused, match=r"desk\.view_as_employer"):
        view_as.begin(request, by=looks.desk_scope(staff), viewed=payer, membership=membership, **looks.WHY)


@pytest.mark.parametrize("team", [Team.BILLING_OPERATIONS, Team.ENROLLMENT, Team.CUSTOMER_CARE, Team.PRIVACY])
def test_other_teams_are_told_which_gate_is_closed(team: Team) -> None:
    page = people.desk_browser(team).get("/desk/view-as/")
    assert page.status_code == 403
    assert b"not part of your team" in page.content


def test_nobody_looks_as_themselves(desk: Browser, clerk: User, mill: Client) -> None:
    EmployerUser.objects.create(client=mill, user=clerk, role=EmployerRole.BILLING)
    page = desk.post("/desk/view-as/", {"account": clerk.username})
    assert page.status_code == 403
    assert b"This is your own account" in page.content
    with pytest.raises(view_as.Refused, match=view_as.ONESELF):
        view_as.memberships(looks.desk_scope(clerk), clerk)


def test_who_is_looked_for_without_an_account_is_recorded_and_nothing_is_shown(desk: Browser, payer: User) -> None:
    page = desk.post("/desk/view-as/", {"account": payer.username[:-1]})
    assert b"No account has this username" in page.content
    assert Event.objects.get(action="viewing.look_up").outcome == "failed"


# --- Only looking -------------------------------------------------------------------------------------------------


def tables() -> dict[str, list[tuple[object, ...]]]:
    """All of our rows but the ledger's and sessions'."""
    labels = ("portals", "billing", "members", "employers", "providers", "producers")
    found = {}
    with connection.cursor() as cursor:
        for model in apps.get_models():
            if model._meta.app_label in labels and model._meta.db_table != "portals_signedin":
                cursor.execute(f"SELECT * FROM {model._meta.db_table} ORDER BY 1")  # noqa: S608 - our own names
                found[model._meta.db_table] = cursor.fetchall()
    return found


SEEN = {"member": Team.MEMBER_SERVICES, "employer": Team.HELP_DESK, "producer": Team.HELP_DESK,
        "provider": Team.HELP_DESK}  # fmt: skip


def seeing(world: World, door: str) -> Browser:
    """A browser that sees the portal as A does."""
    viewed = world.users[door, A]
    desk = people.desk_browser(SEEN[door])
    (membership,) = doors.memberships(viewed.pk, Portal(door))
    looks.see_as(desk, viewed, f"{door}|{membership.party}")
    assert ViewAs.objects.filter(ended_at=None).exists()
    return desk


@pytest.mark.parametrize("door", SEEN)
def test_nothing_is_sent_to_any_page_of_the_portal(door: str) -> None:
    with scopes.entered(scopes.system("test")):
        world = objects.build()
        desk = seeing(world, door)
    with scopes.entered(scopes.system("test")):
        before = tables()
    walked = 0
    for name in PAGES:
        if DOORS.get(declaration(name).audience) != door:
            continue
        for method in ("post", "put", "patch", "delete"):
            answer = getattr(desk, method)(address(name, world))
            assert answer.status_code in (403, 404), f"{method} {name}: {answer.status_code}"
            walked += 1
    assert walked
    with scopes.entered(scopes.system("test")):
        after = tables()
    assert [table for table in before if before[table] != after[table]] == []


@pytest.mark.parametrize("door", SEEN)
def test_only_pages_leave_and_none_that_asks_for_a_proof(door: str) -> None:
    with scopes.entered(scopes.system("test")):
        world = objects.build()
        desk = seeing(world, door)
        before = tables()
    shown = 0
    for name in PAGES:
        found = declaration(name)
        if DOORS.get(found.audience) != door:
            continue
        answer = desk.get(address(name, world))
        assert answer.status_code in (200, 302, 403), f"{name}: {answer.status_code}"
        if found.step_up or found.kind in ("export", "print"):
            assert answer.status_code == 403, name
        if answer.status_code == 200:
            shown += 1
            assert answer["Content-Type"].startswith("text/html"), name
            assert "Content-Disposition" not in answer, name
            event = Event.objects.latest("id")
            assert (event.action, event.kind) == (name, "look")
            assert event.grant.startswith("view-as:")
    assert shown
    with scopes.entered(scopes.system("test")):
        after = tables()
    assert [table for table in before if before[table] != after[table]] == [], "looking changes nothing"


def test_a_page_that_would_write_while_it_is_looked_at_is_refused_by_the_database(
    payer: User, mill: Client, desk: Browser
) -> None:
    scope = Scope(actor="user:1", portal=Portal.EMPLOYER, user_id=payer.pk, viewing_as=payer.pk)
    with pytest.raises(view_as.Refused, match=view_as.ONLY_LOOKING), view_as.only_looking(scope):
        mill.name = "Changed"
        mill.save()
    mill.refresh_from_db()
    assert mill.name == "Otter Creek Mills"
    mill.save()  # the rest of the transaction may write again: the ledger's row


def test_whoever_looks_passes_no_proof_of_the_users(desk: Browser, payer: User, mill: Client) -> None:
    looks.see_as(desk, payer, place(mill))
    page = desk.get("/employers/ebilling/bank-accounts/add/")
    assert page.status_code == 403
    assert b"a proof that it is them" in page.content


def test_other_doors_and_the_users_own_security_stay_closed(clerk: User, payer: User, mill: Client) -> None:
    """Also the doors where the clerk has a place of their own: a view is never the start of another."""
    agency = people.agency()
    people.producer_user(agency)
    from producers.models import ProducerUser

    ProducerUser.objects.create(agency=agency, user=clerk)
    desk = people.browser(clerk)
    assert desk.get("/producers/").status_code == 200
    looks.see_as(desk, payer, place(mill))
    assert desk.get("/producers/").status_code == 404
    assert desk.get("/providers/").status_code == 404
    page = desk.get("/security/").content.decode()
    assert clerk.email in page or "Phone" in page
    assert payer.email not in page


def test_what_was_typed_is_neither_kept_nor_taken_while_looking(desk: Browser, payer: User, mill: Client) -> None:
    looks.see_as(desk, payer, place(mill))
    desk.post("/session/keep/", {"path": "/employers/users/", "forms": []}, content_type="application/json")
    assert Draft.objects.count() == 0


# --- The end ------------------------------------------------------------------------------------------------------


def test_the_button_ends_it(desk: Browser, clerk: User, payer: User, mill: Client) -> None:
    looks.see_as(desk, payer, place(mill))
    assert desk.post("/desk/view-as/end/").headers["Location"] == "/desk/view-as/"
    assert desk.get("/employers/").status_code == 404
    assert ViewAs.objects.get().ended_at is not None
    assert Event.objects.get(action="viewing.end").actor == f"user:{clerk.pk}"


def test_after_its_time_the_next_click_says_so_and_the_portal_is_closed(
    desk: Browser, payer: User, mill: Client
) -> None:
    looks.see_as(desk, payer, place(mill))
    row = ViewAs.objects.get()
    looks.run_out(row)
    page = desk.get("/employers/")
    assert page.status_code == 403
    assert b"is over" in page.content
    row.refresh_from_db()
    assert row.ended_at == row.expires_at, "not a minute longer in the record"
    assert desk.get("/employers/").status_code == 404
    assert Event.objects.get(action="viewing.ended_by_gate").grant == f"view-as:{row.pk}"


@pytest.mark.parametrize(
    ("close", "words"),
    [
        (lambda clerk, payer: EmployerUser.objects.update(ended_at=timezone.now()), b"no longer has this place"),
        (lambda clerk, payer: User.objects.filter(pk=payer.pk).update(is_active=False), b"no longer has this place"),
        (
            lambda clerk, payer: StaffRole.objects.filter(team=Team.HELP_DESK).update(team=Team.ENROLLMENT),
            b"does not look into this portal",
        ),
        (
            lambda clerk, payer: StaffRole.objects.update(ended_at=timezone.now()),
            b"does not look into this portal",
        ),
    ],
    ids=["place", "account", "team", "left"],
)
def test_it_ends_with_the_users_place_and_with_the_clerks_team(
    desk: Browser, clerk: User, payer: User, mill: Client, close: object, words: bytes
) -> None:
    looks.see_as(desk, payer, place(mill))
    close(clerk, payer)
    page = desk.get("/employers/")
    assert page.status_code == 403
    assert words in page.content
    assert ViewAs.objects.get().ended_at is not None
    assert desk.get("/employers/").status_code == 404


def test_signing_out_ends_it(desk: Browser, payer: User, mill: Client) -> None:
    looks.see_as(desk, payer, place(mill))
    desk.post("/sign-out/")
    assert ViewAs.objects.get().ended_at is not None


def test_one_at_a_time_in_whatever_browser(desk: Browser, clerk: User, payer: User, mill: Client) -> None:
    looks.see_as(desk, payer, place(mill))
    second = people.browser(clerk)
    manager = people.practice_user(people.practice())
    (membership,) = doors.memberships(manager.pk, Portal.PROVIDER)
    looks.see_as(second, manager, f"provider|{membership.party}")
    assert desk.get("/employers/").status_code == 404
    assert second.get("/providers/").status_code == 200
    assert ViewAs.objects.filter(ended_at=None).count() == 1


def test_nobody_looks_as_another_while_working_for_a_client(payer: User, mill: Client) -> None:
    clerk = people.staff_user(Team.HELP_DESK)
    with scopes.entered(scopes.system("test")):
        agency = people.agency()
        from producers.models import EntitlementGrant, ProducerUser

        row = ProducerUser.objects.create(agency=agency, user=clerk)
        EntitlementGrant.objects.create(
            place=row, entitlement=Entitlement.CLIENT_ADMINISTRATION, effective=people.ALWAYS, granted_by="system:test"
        )
        people.grant(agency, mill)
    desk = people.browser(clerk)
    assert desk.post(f"/producers/clients/{mill.client_id}/log-in/").status_code == 302
    page = looks.see_as(desk, payer, place(mill))
    assert page.status_code == 403
    assert b"working for a client" in page.content
    assert ViewAs.objects.count() == 0


def test_a_week_of_views_is_one_request_for_the_privacy_officer(desk: Browser, payer: User, mill: Client) -> None:
    for _time in range(2):
        looks.see_as(desk, payer, place(mill))
    row = DeskRequest.objects.get(kind="privacy.views")
    assert row.team == Team.PRIVACY
    assert row.due_date is not None
    assert payer.display_name not in row.title


def test_a_jobs_reference_keeps_as_whom_one_looks() -> None:
    scope = Scope(
        actor="user:7", portal=Portal.EMPLOYER, user_id=9, viewing_as=9, party=PartyRef("client", 3), grant="view-as:1"
    )
    assert Scope.from_reference(scope.reference()) == scope


def test_the_page_costs_the_same_for_one_place_and_for_three(
    desk: Browser, payer: User, mill: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with scopes.entered(scopes.system("test")):
        clients = [people.client(f"Mill {number}") for number in range(2)]
    desk.post("/desk/view-as/", {"account": payer.username})
    with django_assert_num_queries(17):
        desk.get("/desk/view-as/begin/")
    for client in clients:
        EmployerUser.objects.create(client=client, user=payer, role=EmployerRole.BILLING)
    with django_assert_num_queries(17):
        page = desk.get("/desk/view-as/begin/")
    assert b"Mill 1" in page.content


def test_every_portal_has_a_way_to_be_seen_or_is_no_users_portal() -> None:
    assert {door.portal for door in doors.every() if not door.view_as} == {Portal.DESK}
    assert {door.view_as for door in doors.every() if door.view_as} <= set(Desk)
    assert dt.timedelta(minutes=view_as.minutes()) <= dt.timedelta(minutes=30)
