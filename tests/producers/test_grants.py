"""Grants begin, hold to the midnight of their last day, stop at once where they are ended, and stay readable."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.test import Client as Browser

from audit.models import Event
from members.models import Client
from portals import scope as scopes
from portals.access import TEAM_PERMISSIONS
from portals.demo import plan as demo
from portals.enums import Team
from portals.invitations import actions as invitations
from portals.invitations.kinds import Invitee
from portals.models import ActingSession, Invitation, PlanClock, StateRule, User
from portals.permissions import Refused
from portals.scope import PartyRef, Portal, Scope
from producers.access import Producer
from producers.actions import cases, clients, entitlements
from producers.actions import people as places
from producers.actions.intervals import GrantNotPossible, GrantProblem
from producers.enums import EndReason, Entitlement, Gate
from producers.models import Agency, BookEntry, CaseManagerGrant, ClientGrant, EntitlementGrant, ProducerUser
from producers.queries import book, gates, people
from tests.factories import people as make

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 12, 14)
TOMORROW = dt.date(2026, 12, 15)


@dataclass
class World:
    """A general agency with a contact, an agency under it with one person, a stranger's agency; a client of each."""

    general: Agency
    contact: User
    under: Agency
    broker: User
    stranger: Agency
    client: Client
    below: Client
    foreign: Client
    plan: User
    managers: User

    def desk(self, team: Team = Team.CHANNEL_COMPENSATION) -> Scope:
        user = self.plan if team is Team.CHANNEL_COMPENSATION else self.managers
        return Scope(f"user:{user.pk}", Portal.DESK, user_id=user.pk, permissions=TEAM_PERMISSIONS[team])

    def of(self, user: User, *permissions: Producer) -> Scope:
        home = PartyRef("agency", make.place_of(user).agency_id)
        return Scope(
            f"user:{user.pk}",
            Portal.PRODUCER,
            user_id=user.pk,
            party=home,
            home=home,
            permissions=frozenset(permissions),
        )

    @property
    def ga(self) -> Scope:
        return self.of(self.contact, *Producer)

    @property
    def place(self) -> int:
        return make.place_of(self.broker).pk


@pytest.fixture
def world() -> World:
    with scopes.entered(scopes.system("test")):
        PlanClock.objects.update_or_create(id=1, defaults={"business_date": TODAY})
        general = make.agency("General Test Agency", phone="845-555-0100")
        under = make.agency("Agency Under", general_agency=general, direct_writer=False)
        stranger = make.agency("Stranger Agency")
        client, below, foreign = (make.client(f"Client {name}") for name in ("Held", "Below", "Foreign"))
        for agency, own in ((general, client), (under, below), (stranger, foreign)):
            BookEntry.objects.create(agency=agency, client=own)
        return World(
            general,
            make.producer_user(general, contact=True),
            under,
            make.producer_user(under),
            stranger,
            client,
            below,
            foreign,
            make.staff_user(Team.CHANNEL_COMPENSATION),
            make.staff_user(Team.CLIENT_MANAGEMENT),
        )


def problem(of: Callable[[], object]) -> GrantProblem:
    with pytest.raises(GrantNotPossible) as refused:
        of()
    return refused.value.problem


def test_an_entitlement_holds_from_its_first_to_its_last_day_and_is_recorded(world: World) -> None:
    last = dt.date(2026, 12, 20)
    grant = entitlements.grant(
        by=world.desk(), place_id=world.place, entitlement=Entitlement.QUOTES, first=TOMORROW, last=last, today=TODAY
    )
    user, agency = world.broker.pk, world.under.pk
    held = {
        day: gates.of_places(world.desk(), [make.place_of(world.broker)], as_of=day)[0].standing
        for day in (TODAY, TOMORROW, last, last + dt.timedelta(days=1))
    }
    assert [Entitlement.QUOTES in held[day] for day in held] == [False, True, True, False]
    assert (grant.first_day, grant.last_day) == (TOMORROW, last)
    row = Event.objects.get(action="producers.entitlements.grant")
    assert row.object_id == str(grant.pk)
    assert row.detail == {"first_day": "2026-12-15", "last_day": "2026-12-20", "entitlement": "quotes"}
    assert row.actor == f"user:{world.plan.pk}"
    assert (user, agency) == (grant.place.user_id, grant.place.agency_id)


def test_the_same_grant_once_more_changes_nothing_and_another_that_overlaps_is_refused(world: World) -> None:
    def grant(first: dt.date, last: dt.date | None) -> EntitlementGrant:
        return entitlements.grant(
            by=world.desk(), place_id=world.place, entitlement=Entitlement.QUOTES, first=first, last=last, today=TODAY
        )

    one = grant(TODAY, None)
    assert grant(TODAY, None).pk == one.pk
    assert Event.objects.filter(action="producers.entitlements.grant").count() == 1
    assert problem(lambda: grant(TOMORROW, TOMORROW)) is GrantProblem.TAKEN
    assert problem(lambda: grant(TODAY - dt.timedelta(days=1), None)) is GrantProblem.PAST
    assert problem(lambda: grant(TOMORROW, TODAY)) is GrantProblem.ORDER
    assert EntitlementGrant.objects.count() == 1


def test_an_end_at_once_takes_today_away_and_says_who_and_why(world: World) -> None:
    row = make.grant(world.general, world.client)
    ended = clients.end(by=world.desk(Team.CLIENT_MANAGEMENT), grant_id=row.pk, why=EndReason.CLIENT_LEFT, today=TODAY)
    assert not ended.holds(TODAY)
    assert ended.holds(TODAY - dt.timedelta(days=1))
    kept = ClientGrant.objects.get(pk=row.pk)
    assert (kept.ended_on, kept.ended_by, kept.ended_why) == (TODAY, f"user:{world.managers.pk}", "client_left")
    again = lambda: clients.end(  # noqa: E731 - one more try of the same
        by=world.desk(Team.CLIENT_MANAGEMENT), grant_id=row.pk, why=EndReason.MISTAKE, today=TODAY
    )
    assert problem(again) is GrantProblem.OVER
    assert Event.objects.get(action="producers.clients.end").detail["why"] == "client_left"


def test_a_planned_last_day_is_included_and_can_be_brought_forward_but_not_put_off(world: World) -> None:
    row, by = make.grant(world.general, world.client), world.desk(Team.CLIENT_MANAGEMENT)

    def end(last: dt.date | None) -> ClientGrant:
        return clients.end(by=by, grant_id=row.pk, why=EndReason.ASKED, today=TODAY, last=last)

    assert end(TOMORROW).holds(TOMORROW)
    assert problem(lambda: end(TOMORROW + dt.timedelta(days=1))) is GrantProblem.EARLIER
    assert problem(lambda: end(TODAY - dt.timedelta(days=1))) is GrantProblem.PAST
    assert end(TODAY).last_day == TODAY
    assert end(None).last_day == TODAY - dt.timedelta(days=1)


def test_what_was_granted_and_ended_on_one_day_never_held_and_stays_readable(world: World) -> None:
    by = world.desk()
    one = entitlements.grant(by=by, place_id=world.place, entitlement=Entitlement.QUOTES, first=TODAY, today=TODAY)
    entitlements.end(by=by, grant_id=one.pk, why=EndReason.MISTAKE, today=TODAY)
    kept = EntitlementGrant.objects.get(pk=one.pk)
    assert (kept.first_day, kept.last_day, kept.ended_on, kept.is_over(TODAY)) == (None, None, TODAY, True)
    entitlements.grant(by=by, place_id=world.place, entitlement=Entitlement.QUOTES, first=TODAY, today=TODAY)
    assert EntitlementGrant.objects.filter(effective__contains=TODAY).count() == 1


def test_a_client_is_opened_separately_enters_the_book_and_opens_nothing_by_itself(world: World) -> None:
    by = world.desk(Team.CLIENT_MANAGEMENT)
    clients.grant(by=by, agency_id=world.under.pk, client_id=world.foreign.pk, first=TODAY, today=TODAY)
    assert BookEntry.objects.filter(agency=world.under, client=world.foreign).exists()
    gate, grant = gates_to(world, world.foreign)
    assert (gate, grant is not None) == (Gate.CLIENT_ADMINISTRATION, True)
    with pytest.raises(clients.UnknownClient):
        clients.grant(by=by, agency_id=world.under.pk, client_id=0, first=TODAY, today=TODAY)


def gates_to(world: World, client: Client) -> tuple[Gate | None, int | None]:
    home = PartyRef("agency", world.under.pk)
    return book.gate_to(world.broker.pk, home, PartyRef("client", client.pk), as_of=TODAY)


# --- Who may ------------------------------------------------------------------------------------------------------


def test_agency_reports_of_who_writes_through_a_general_agency_is_that_agencys_to_grant(world: World) -> None:
    with pytest.raises(Refused) as refused:
        entitlements.grant(
            by=world.desk(), place_id=world.place, entitlement=Entitlement.AGENCY_REPORTS, first=TODAY, today=TODAY
        )
    assert refused.value.answer.gate == Gate.REPORTS_GENERAL
    granted = entitlements.grant_reports(by=world.ga, place_id=world.place, first=TODAY, today=TODAY)
    assert granted.granted_by == f"user:{world.contact.pk}"
    ended = entitlements.end_reports(by=world.ga, grant_id=granted.pk, why=EndReason.LEFT, today=TODAY)
    assert ended.is_over(TODAY)
    direct = make.place_of(world.contact).pk
    entitlements.grant(
        by=world.desk(), place_id=direct, entitlement=Entitlement.AGENCY_REPORTS, first=TODAY, today=TODAY
    )
    with pytest.raises(ProducerUser.DoesNotExist):  # a direct writer's is the plan's to grant, also for its contact
        entitlements.grant_reports(by=world.ga, place_id=direct, first=TODAY, today=TODAY)


def test_case_managers_are_named_for_held_cases_and_own_people_alone(world: World) -> None:
    def name(place: int, client: Client) -> CaseManagerGrant:
        return cases.name(by=world.ga, place_id=place, client_id=client.pk, first=TODAY, today=TODAY)

    own = make.place_of(world.contact).pk
    assert name(own, world.client).agency_id == world.general.pk
    assert name(world.place, world.below).agency_id == world.general.pk, "the case of an agency under it"
    stranger = make.place_of(make.producer_user(world.stranger)).pk
    assert problem(lambda: name(own, world.foreign)) is GrantProblem.NOT_OURS
    assert problem(lambda: name(stranger, world.client)) is GrantProblem.NOT_OURS
    row = Event.objects.filter(action="producers.cases.name").latest("id")
    assert row.detail["client"] == world.below.pk


def test_nobody_grants_without_the_permission_and_a_team_only_its_own_gate(world: World) -> None:
    case = make.case_manager(world.broker, world.below, named_by=world.general)
    nobody = world.of(world.broker, Producer.SEE_BOOK)
    tries: list[Callable[[], object]] = [
        lambda: entitlements.grant(
            by=world.desk(Team.CLIENT_MANAGEMENT), place_id=world.place, entitlement=Entitlement.QUOTES, first=TODAY,
            today=TODAY,
        ),
        lambda: entitlements.end(by=nobody, grant_id=1, why=EndReason.LEFT, today=TODAY),
        lambda: clients.grant(
            by=world.desk(), agency_id=world.under.pk, client_id=world.below.pk, first=TODAY, today=TODAY
        ),
        lambda: clients.end(by=world.ga, grant_id=1, why=EndReason.LEFT, today=TODAY),
        lambda: cases.name(
            by=nobody, place_id=world.place, client_id=world.below.pk, first=TODAY, today=TODAY
        ),
        lambda: cases.end(by=nobody, grant_id=case.pk, why=EndReason.LEFT, today=TODAY),
        lambda: entitlements.grant_reports(by=nobody, place_id=world.place, first=TODAY, today=TODAY),
        lambda: entitlements.end_reports(by=nobody, grant_id=1, why=EndReason.LEFT, today=TODAY),
        lambda: places.set_contact(by=nobody, place_id=world.place, contact=True),
        lambda: places.end_place(by=nobody, place_id=world.place, today=TODAY),
        lambda: places.end_place(by=world.desk(Team.CLIENT_MANAGEMENT), place_id=world.place, today=TODAY),
    ]  # fmt: skip
    for attempt in tries:
        with pytest.raises(Refused):
            attempt()
    assert Event.objects.filter(action__startswith="producers.").count() == 0


def test_another_agencys_contact_reaches_nothing(world: World) -> None:
    case = make.case_manager(world.broker, world.below, named_by=world.general)
    report = EntitlementGrant.objects.create(
        place_id=world.place, entitlement=Entitlement.AGENCY_REPORTS, effective=make.ALWAYS, granted_by="system:test"
    )
    other = world.of(make.producer_user(world.stranger, contact=True), *Producer)
    with pytest.raises(CaseManagerGrant.DoesNotExist):
        cases.end(by=other, grant_id=case.pk, why=EndReason.LEFT, today=TODAY)
    with pytest.raises(EntitlementGrant.DoesNotExist):
        entitlements.end_reports(by=other, grant_id=report.pk, why=EndReason.LEFT, today=TODAY)
    with pytest.raises(ProducerUser.DoesNotExist):
        entitlements.grant_reports(by=other, place_id=world.place, first=TODAY, today=TODAY)
    for change in (
        lambda: places.end_place(by=other, place_id=world.place, today=TODAY),
        lambda: places.set_contact(by=other, place_id=world.place, contact=True),
        lambda: places.end_place(by=world.ga, place_id=world.place, today=TODAY),  # under it, yet not its own
    ):
        with pytest.raises(ProducerUser.DoesNotExist):
            change()


# --- A place ------------------------------------------------------------------------------------------------------


def test_an_agencys_last_contact_stays_unless_the_plan_ends_it(world: World) -> None:
    place = make.place_of(world.contact).pk
    with pytest.raises(places.LastContact):
        places.set_contact(by=world.ga, place_id=place, contact=False)
    with pytest.raises(places.LastContact):
        places.end_place(by=world.ga, place_id=place, today=TODAY)
    places.set_contact(by=world.desk(), place_id=place, contact=False)
    assert people.contacts([world.general.pk]) == {world.general.pk: []}


def test_a_place_ends_with_everything_that_hangs_on_it(world: World) -> None:
    colleague = make.producer_user(world.general, Entitlement.CLIENT_ADMINISTRATION)
    place = make.place_of(colleague)
    case = make.case_manager(colleague, world.client, named_by=world.general)
    make.grant(world.general, world.client)
    browser = Browser()
    make.sign_in(browser, colleague)
    make.step_up(browser, colleague)
    browser.post(f"/producers/clients/{world.client.client_id}/log-in/")
    assert browser.get("/employers/").status_code == 200
    home = PartyRef("agency", world.general.pk)
    system = scopes.system("test")
    invitee = Invitee(party=home, role="bare", given_name="A", family_name="B", email="a.b@people.example")
    invitations.invite(by=system, kind="producer", invitee=invitee)
    Invitation.objects.update(invited_by=f"user:{colleague.pk}")

    places.end_place(by=world.ga, place_id=place.pk)
    assert browser.get("/producers/").status_code == 404
    assert browser.get("/employers/").status_code == 404
    assert ActingSession.objects.get().ended_at is not None
    assert Event.objects.get(action="acting.ended_with_place").acting_for == f"client:{world.client.pk}"
    assert Invitation.objects.get().ended_at is not None
    place.refresh_from_db()
    assert place.ended_by == f"user:{world.contact.pk}"
    entitlement = EntitlementGrant.objects.get(place=place)
    case.refresh_from_db()
    for grant in (entitlement, case):
        assert (grant.is_over(TODAY), grant.ended_why) == (True, "left")
    assert Event.objects.get(action="producers.people.end_place").detail == {"grants": 2, "why": "left"}
    with pytest.raises(ProducerUser.DoesNotExist):
        places.end_place(by=world.ga, place_id=place.pk)


def test_who_works_as_a_client_is_stopped_on_the_first_click_after_midnight_of_the_last_day(world: World) -> None:
    colleague = make.producer_user(world.general, Entitlement.CLIENT_ADMINISTRATION)
    grant = make.grant(world.general, world.client)
    clients.end(by=world.desk(Team.CLIENT_MANAGEMENT), grant_id=grant.pk, why=EndReason.ASKED, today=TODAY, last=TODAY)
    browser = Browser()
    make.sign_in(browser, colleague)
    make.step_up(browser, colleague)
    browser.post(f"/producers/clients/{world.client.client_id}/log-in/")
    assert browser.get("/employers/").status_code == 200, "the last day is included"
    PlanClock.objects.update(business_date=TOMORROW)
    refusal = browser.get("/employers/")
    assert refusal.status_code == 403
    assert b"this client is not open to your agency" in refusal.content
    assert Event.objects.get(action="acting.ended_by_gate").detail == {"gate": "client_grant"}


@pytest.mark.parametrize("gate", ["entitlement", "client"])
def test_an_end_at_once_stops_who_works_as_the_client_now(world: World, gate: str) -> None:
    colleague = make.producer_user(world.general, Entitlement.CLIENT_ADMINISTRATION)
    grant = make.grant(world.general, world.client)
    browser = Browser()
    make.sign_in(browser, colleague)
    make.step_up(browser, colleague)
    browser.post(f"/producers/clients/{world.client.client_id}/log-in/")
    if gate == "client":
        clients.end(by=world.desk(Team.CLIENT_MANAGEMENT), grant_id=grant.pk, why=EndReason.DECIDED, today=TODAY)
    else:
        held = EntitlementGrant.objects.get(place__user=colleague)
        entitlements.end(by=world.desk(), grant_id=held.pk, why=EndReason.DECIDED, today=TODAY)
    refusal = browser.get("/employers/")
    words = {"client": "not open to your agency", "entitlement": "do not hold the entitlement Client Administration"}
    assert refusal.status_code == 403
    assert words[gate] in refusal.content.decode()
    assert ActingSession.objects.get().ended_at is not None


@pytest.mark.parametrize("state", ["NY", "PA", "DE", "WV"])
def test_what_a_state_usually_grants_comes_from_data(state: str) -> None:
    for where, name, value in demo.STATE_RULES:
        StateRule.objects.create(state=where, name=name, value=value, effective=make.ALWAYS)
    usual = set(people.usual(state, as_of=TODAY))
    others = {Entitlement.CLIENT_ADMINISTRATION, Entitlement.RENEWALS, Entitlement.QUOTES}
    assert usual == (others | {Entitlement.GA_ADMINISTRATOR} if state == "NY" else others)
    StateRule.objects.filter(name="entitlements").delete()
    assert people.usual(state, as_of=TODAY) == []
