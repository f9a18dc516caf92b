"""Invitations: one mail, one link, one place; an own account or the one that the person has."""

import datetime as dt
import re

import pytest
import time_machine
from django.db.backends.postgresql.psycopg_any import DateRange
from django.http import HttpResponseBase
from django.test import Client as Browser
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from audit.models import Event
from employers.enums import EmployerRole
from employers.models import EmployerUser
from members.models import Client
from portals import scope as scopes
from portals.demo.plan import STATE_RULES
from portals.enums import InvitationState, Team, UserKind
from portals.invitations import actions as invitations
from portals.invitations import kinds as invitation_kinds
from portals.invitations import queries as invitation_queries
from portals.invitations.kinds import Invitee
from portals.models import Invitation, OutboxMail, StateRule, User
from portals.scope import PartyRef
from producers.enums import InvitedAs
from producers.models import ProducerUser
from providers.models import StaffMembership
from tests.factories import people, races

pytestmark = pytest.mark.django_db
ADDRESS = "nora.okell@ottercreek.example"
PASSWORD = "nine tall pines at dusk"
ACCOUNT = {
    "given_name": "Nora", "family_name": "Okell", "username": "nokell.ocm", "password": PASSWORD, "again": PASSWORD,
}  # fmt: skip
SYSTEM = scopes.system("test")


@pytest.fixture
def mill() -> Client:
    return people.client("Otter Creek Mills")


def invite(to: Client, *, email: str = ADDRESS, role: str = EmployerRole.ADMINISTRATOR) -> Invitation:
    party = PartyRef("client", to.pk)
    invitee = Invitee(party=party, role=role, given_name="Nora", family_name="Okell", email=email)
    return invitations.invite(by=SYSTEM, kind="employer", invitee=invitee)


def link(to: str = ADDRESS) -> str:
    found = re.search(r"(/invitation/[^/]+/)", OutboxMail.objects.filter(to=to).latest("id").body)
    assert found
    return found.group(1)


def send(browser: Browser, kind: str, number: str, *, role: str, email: str = ADDRESS) -> HttpResponseBase:
    return browser.post(
        f"/desk/invitations/new/{kind}/",
        {"number": number, "given_name": "Nora", "family_name": "Okell", "email": email, "role": role},
    )


@pytest.mark.promise("E3", "V16", "V1")
def test_an_employers_administrator_is_invited_by_a_mail_of_its_own_and_makes_an_own_account(mill: Client) -> None:
    answer = send(people.desk_browser(Team.CLIENT_MANAGEMENT), "employer", mill.client_id, role="administrator")
    assert answer.url.startswith("/desk/invitations/")
    mail = OutboxMail.objects.get(to=ADDRESS)
    assert "Set up your access" in mail.subject
    assert "Otter Creek Mills" in mail.body
    assert not re.search(r"Nora|Okell", mail.subject + mail.body), "others may read the mailbox"
    assert Invitation.objects.get().token_hash not in mail.body

    nora = Browser()
    page = nora.get(link()).content.decode()
    assert "Otter Creek Mills" in page
    assert 'value="Okell"' in page
    nora.get(link())
    assert invitation_queries.state(Invitation.objects.get()) is InvitationState.OPEN, "looking consumes nothing"
    assert nora.post(link(), ACCOUNT).url == "/home/"
    assert nora.get("/home/").url == "/security/", "the second step comes next; the address is proven by the link"
    nora.post("/security/email-codes/")
    assert nora.get("/home/").url == "/employers/"
    user = User.objects.get(username="nokell.ocm")
    assert (user.kind, user.email) == (UserKind.WORK, ADDRESS)
    assert EmployerUser.objects.get(user=user).role == EmployerRole.ADMINISTRATOR
    asked = Event.objects.get(action="invitations.invite")
    taken = Event.objects.get(action="invitations.accept")
    assert (asked.portal, taken.actor) == ("desk", f"user:{user.pk}")


def test_a_link_works_once(mill: Client) -> None:
    invite(mill)
    Browser().post(link(), ACCOUNT)
    late = Browser().post(link(), ACCOUNT | {"username": "somebody.else"})
    assert late.status_code == 410
    assert b"This invitation was used" in late.content
    assert User.objects.count() == 1


def test_one_link_does_not_ask_for_every_username_that_exists(mill: Client) -> None:
    invite(mill)
    asked = ACCOUNT | {"username": people.user().username}
    answers = [Browser(REMOTE_ADDR=f"10.0.0.{n}").post(link(), asked).status_code for n in range(11)]
    assert answers == 10 * [200] + [429]
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=20), tick=False):
        assert Browser().post(link(), ACCOUNT).url == "/home/", "the link is still good a while later"


def test_of_two_tabs_one_wins(mill: Client) -> None:
    row = invite(mill)

    def other_tab() -> None:
        Invitation.objects.filter(pk=row.pk).update(accepted_at=timezone.now())

    with races.just_before(r"SELECT.*portals_invitation.*FOR UPDATE", other_tab):
        answer = Browser().post(link(), ACCOUNT)
    assert answer.status_code == 410
    assert not User.objects.exists(), "no account without a place"


def test_a_link_lives_fourteen_days(mill: Client) -> None:
    invite(mill)
    with time_machine.travel(timezone.now() + dt.timedelta(days=14, seconds=1)):
        answer = Browser().get(link())
    assert answer.status_code == 410
    assert b"has run out" in answer.content


def test_inviting_again_mails_anew_and_ends_the_former(mill: Client) -> None:
    first = invite(mill)
    former = link()
    invite(mill, email=ADDRESS.upper())
    assert b"no longer good" in Browser().get(former).content
    assert Browser().get(link(ADDRESS.upper())).status_code == 200
    first.refresh_from_db()
    assert (first.ended_by, Invitation.objects.filter(ended_at=None).count()) == ("system:test", 1)


def test_who_has_access_already_is_not_invited(mill: Client) -> None:
    there = people.employer_user(mill)
    with pytest.raises(invitation_kinds.AlreadyThere):
        invite(mill, email=there.email.upper())
    answer = send(
        people.desk_browser(Team.CLIENT_MANAGEMENT), "employer", mill.client_id, role="administrator", email=there.email
    )
    assert b"has access there already" in answer.content


def test_a_link_that_nobody_knows_says_what_to_do_and_guessing_ends() -> None:
    browser = Browser()
    for _n in range(10):
        answer = browser.get("/invitation/2345-6789-BCDF-GHJK-MNPQ/")
        assert answer.status_code == 404
    assert b"We do not know this invitation" in answer.content
    assert browser.get("/invitation/2345-6789-BCDF-GHJK-MNPQ/").status_code == 429


@pytest.mark.promise("P14")
def test_who_has_a_username_for_work_adds_the_new_place_to_it(mill: Client) -> None:
    tess = people.producer_user(people.agency("Hudson Valley Benefits"))
    invite(mill)
    browser = Browser()
    page = browser.get(link()).content.decode()
    sign_in = re.search(r'href="(/sign-in/\?next=[^"]+)"', page)
    assert sign_in
    browser.post(sign_in.group(1), {"login": tess.username, "password": people.PASSWORD})
    back = browser.post("/sign-in/second-step/", {"way": "app", "code": people.code_of(tess)})
    assert back.url == link()
    assert tess.username.encode() in browser.get(link()).content
    assert browser.post(link()).url == "/home/"
    choice = browser.get("/home/").content.decode()
    assert "Otter Creek Mills" in choice
    assert "Hudson Valley Benefits" in choice
    found = re.findall(r'name="standing"\s+value="([^"]+)"', choice)
    doors = {browser.post("/home/", {"standing": door}).url for door in found}
    assert doors == {"/employers/", "/producers/"}, "one sign-in, two doors"
    assert User.objects.count() == 1


@pytest.mark.promise("P14")
def test_the_same_person_may_keep_two_usernames_instead(mill: Client) -> None:
    tess = people.producer_user(people.agency("Hudson Valley Benefits"))
    address = tess.email.replace("@", "+mills@")
    invite(mill, email=address)
    browser = Browser()
    browser.post(link(address), ACCOUNT)
    browser.post("/security/email-codes/")
    assert browser.get("/home/").url == "/employers/"
    assert ProducerUser.objects.get().user == tess


def test_who_has_the_place_already_is_told_and_the_link_stays_good(mill: Client) -> None:
    there = people.employer_user(mill, EmployerRole.BILLING)
    invite(mill)
    browser = Browser()
    people.sign_in(browser, there)
    assert b"has access to Otter Creek Mills already" in browser.post(link()).content
    assert EmployerUser.objects.get(ended_at=None).role == EmployerRole.BILLING
    assert invitation_queries.state(Invitation.objects.get()) is InvitationState.OPEN


def test_a_member_account_gets_no_work(mill: Client) -> None:
    with scopes.entered(SYSTEM):
        member = people.member_user(people.person())
    invite(mill)
    browser = Browser()
    people.sign_in(browser, member)
    for answer in (browser.get(link()), browser.post(link())):
        assert b"work needs an account of its own" in answer.content
    assert not EmployerUser.objects.exists()
    with pytest.raises(invitation_kinds.MemberAccount):
        invitations.accept(by=scopes.NOBODY, invitation=Invitation.objects.get(), user=member)


def test_an_initial_password_that_others_know_takes_no_invitation(mill: Client) -> None:
    clerk = people.practice_user(people.practice())
    User.objects.filter(pk=clerk.pk).update(must_change_password=True)
    invite(mill)
    browser = Browser()
    people.sign_in(browser, clerk)
    assert browser.post(link()).url == "/password/"
    assert not EmployerUser.objects.exists()


@pytest.mark.promise("V13")
def test_an_address_that_another_account_has_is_met_with_a_plus_and_proven_by_a_code(mill: Client) -> None:
    other = people.employer_user(people.client("Elsewhere"))
    User.objects.filter(pk=other.pk).update(email=ADDRESS)
    invite(mill)
    nora = Browser()
    page = nora.get(link()).content.decode()
    assert "name+work@mail.example" in page
    assert "/email/test/" in page, "whether it arrives can be tried before"
    same = nora.post(link(), ACCOUNT | {"email": ADDRESS})
    assert b"belongs to another account" in same.content
    own = ADDRESS.replace("@", "+mills@")
    assert nora.post(link(), ACCOUNT | {"email": own}).url == "/home/"
    assert nora.get("/home/").url == "/email/", "the link did not come there"
    people.set_up(nora)
    assert nora.get("/home/").url == "/employers/"
    assert User.objects.get(username="nokell.ocm").email == own


@pytest.mark.parametrize("field", ["username", "email"])
def test_what_another_took_at_the_same_moment_is_said_and_the_link_stays_good(mill: Client, field: str) -> None:
    invite(mill)

    def rival() -> None:
        taken = {"username": ACCOUNT["username"].upper()} if field == "username" else {"email": ADDRESS}
        User.objects.bulk_create([User(**({"username": "other.one", "kind": "work"} | taken))])

    browser = Browser()
    with races.just_before('INSERT INTO "portals_user"', rival):
        answer = browser.post(link(), ACCOUNT)
    assert field in answer.context["form"].errors
    answer = browser.post(link(), ACCOUNT | {"username": "nora.o", "email": "nora+mills@ottercreek.example"})
    assert answer.url == "/home/"


@pytest.mark.promise("P3")
@pytest.mark.parametrize("agent_id", ["20418", "07", "AG/1-2.3_b", "NY#0417+a@b"])
def test_any_agent_id_may_be_the_username_of_a_producer(agent_id: str) -> None:
    agency = people.agency("Hudson Valley Benefits")
    send(people.desk_browser(Team.CHANNEL_COMPENSATION), "producer", agency.agent_id, role=InvitedAs.BARE)
    browser = Browser()
    browser.post(link(), ACCOUNT | {"username": agent_id})
    browser.post("/security/email-codes/")
    assert browser.get("/home/").url == "/producers/"
    again = Browser()
    again.post("/sign-in/", {"login": agent_id, "password": PASSWORD})
    assert again.post("/sign-in/second-step/", {"way": "email", "code": people.code_in_mail()}).url == "/home/"


@pytest.mark.parametrize("typed", ["a", "two words", ".dot", "semi;colon"])
def test_what_is_no_username(mill: Client, typed: str) -> None:
    invite(mill)
    assert "username" in Browser().post(link(), ACCOUNT | {"username": typed}).context["form"].errors


def test_one_person_of_the_plan_invites_a_producer_to_the_place_alone() -> None:
    for of_state, name, value in STATE_RULES:
        if name == "entitlements":
            always = DateRange(dt.date(2020, 1, 1), None)
            StateRule.objects.create(state=of_state, name=name, value=value, effective=always)
    agency = people.agency("Hudson Valley Benefits")
    clerk = people.desk_browser(Team.CHANNEL_COMPENSATION)
    send(clerk, "producer", agency.agent_id, role="approved")
    assert not Invitation.objects.exists(), "what two people approve comes with their approval only"
    send(clerk, "producer", agency.agent_id, role=InvitedAs.BARE)
    assert Browser().post(link(), ACCOUNT).url == "/home/"
    assert ProducerUser.objects.get(agency=agency).entitlements.count() == 0


def test_the_help_desk_invites_an_office_manager() -> None:
    practice = people.practice("Capital Family Practice")
    send(people.desk_browser(Team.HELP_DESK), "provider", practice.provider_id, role="manager")
    Browser().post(link(), ACCOUNT)
    place = StaffMembership.objects.get(practice=practice)
    assert (place.role, place.user.username) == ("manager", "nokell.ocm")
    assert place.added_by.startswith("user:"), "a named person of the plan let the manager in"


@pytest.mark.parametrize(
    ("team", "kinds"),
    [
        (Team.CLIENT_MANAGEMENT, {"employer"}),
        (Team.CHANNEL_COMPENSATION, {"producer"}),
        (Team.HELP_DESK, {"provider"}),
        (Team.BILLING_OPERATIONS, set()),
    ],
)
def test_each_team_invites_its_own_and_sees_no_others(mill: Client, team: Team, kinds: set[str]) -> None:
    row = invite(mill)
    browser = people.desk_browser(team)
    may = {
        kind
        for kind in ("employer", "producer", "provider")
        if browser.get(f"/desk/invitations/new/{kind}/").status_code == 200
    }
    assert may == kinds
    assert (ADDRESS.encode() in browser.get("/desk/invitations/").content) == ("employer" in kinds)
    assert (browser.get(f"/desk/invitations/{row.uuid}/").status_code == 200) == ("employer" in kinds)


def test_the_desk_finds_withdraws_and_sends_again(mill: Client) -> None:
    row = invite(mill)
    invite(people.client("Slate Run Press"), email="other@slaterun.example")
    browser = people.desk_browser(Team.CLIENT_MANAGEMENT)
    found = browser.get(f"/desk/invitations/?q={mill.client_id}&state=open").content.decode()
    assert ADDRESS in found
    assert "slaterun" not in found
    former = link()
    assert browser.post(f"/desk/invitations/{row.uuid}/", {"do": "withdraw"}).status_code == 302
    assert Browser().get(former).status_code == 410
    assert ADDRESS in browser.get("/desk/invitations/?state=withdrawn").content.decode()
    browser.post(f"/desk/invitations/{row.uuid}/", {"do": "again"})
    assert Browser().get(link()).status_code == 200
    Browser().post(link(), ACCOUNT)
    taken = Invitation.objects.get(accepted_at__isnull=False)
    for do in ("again", "withdraw"):
        answer = browser.post(f"/desk/invitations/{taken.uuid}/", {"do": do}, follow=True)
        assert b"Nothing was done" in answer.content


def test_inviting_and_withdrawing_ask_first_who_is_there(mill: Client) -> None:
    row = invite(mill)
    browser = people.desk_browser(Team.CLIENT_MANAGEMENT, stepped_up=False)
    assert send(browser, "employer", mill.client_id, role="billing", email="o@mail.example").url.startswith("/confirm/")
    assert browser.post(f"/desk/invitations/{row.uuid}/", {"do": "withdraw"}).url.startswith("/confirm/")
    assert Invitation.objects.get().ended_at is None


def test_the_list_is_a_file_too_and_both_are_recorded(mill: Client) -> None:
    invite(mill, email="=cmd@ottercreek.example")
    browser = people.desk_browser(Team.CLIENT_MANAGEMENT)
    lines = browser.get("/desk/invitations/list.csv?state=open").content.decode().splitlines()
    assert lines[0].endswith("organization,number,name,email,role,state,invited,good_until,accepted")
    assert "'=cmd@ottercreek.example" in lines[1]
    assert browser.get("/desk/invitations/list.csv?state=accepted").content.decode().count("\n") == 1
    assert Event.objects.filter(action="desk:invitations_csv", kind="export").count() == 2


@pytest.mark.parametrize("count", [1, 5])
def test_the_list_costs_the_same_queries_whatever_its_length(
    count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(count):
        invite(people.client(f"Client {number}"), email=f"n{number}@mail.example")
    browser = people.desk_browser(Team.CLIENT_MANAGEMENT)
    browser.get("/desk/invitations/")
    with django_assert_num_queries(13):
        browser.get("/desk/invitations/")
