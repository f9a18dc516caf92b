"""What producers ask the plan for, and what comes of it: portal access, entitlements, clients."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from django.utils import timezone

from audit.models import Event
from members.actions import managers
from members.models import Client
from portals import scope
from portals.desk import actions as desk
from portals.desk import decisions as desk_decisions
from portals.desk import kinds as desk_kinds
from portals.enums import RequestStatus, Team
from portals.invitations import actions as invitations
from portals.models import DeskProposal, DeskRequest, Invitation, OutboxMail, StaffRole, StateRule, User
from portals.permissions import Refused
from portals.scope import PartyRef, Portal, Scope
from producers.desk.request_kinds import clients as client_kind
from producers.enums import Entitlement
from producers.models import Agency, ClientGrant, EntitlementGrant, ProducerUser
from producers.queries import book
from producers.rules import by_manager
from tests.factories import documents, ledger, people, requests

pytestmark = pytest.mark.django_db
EVER = (dt.date(2020, 1, 1), None)
FORM = {
    "agency_name": "Finger Lakes Benefits", "agent_id": "", "npn": "1234567", "given_name": "Noor",
    "family_name": "Calder", "email": "noor.calder@fingerlakes.example", "phone": "607-555-0101",
    "work": "Invoices of my clients.", "mine_alone": "on",
}  # fmt: skip


@pytest.fixture(autouse=True)
def system() -> Iterator[Scope]:
    with scope.entered(scope.system("test")) as by:
        StateRule.objects.create(
            state="NY", name="entitlements", value=["client_administration", "renewals", "quotes"], effective=EVER
        )
        StateRule.objects.create(state="DE", name="entitlements", value=["client_administration"], effective=EVER)
        yield by


def once(content: bytes) -> str:
    found = re.search(r'name="once" value="([^"]+)"', content.decode())
    assert found
    return found.group(1)


def two(team: Team) -> tuple[Browser, Browser]:
    return people.desk_browser(team), people.desk_browser(team)


def granted(place: ProducerUser) -> set[str]:
    today = timezone.now().date()
    return set(book.entitlements(place.user_id, place.agency_id, as_of=today))


def ask_for_access(state: str, **fields: str) -> DeskRequest:
    client = Browser()
    url = f"/producers/access-request/?state={state}"
    sent = client.post(url, {**FORM, "once": once(client.get(url).content), **fields})
    assert sent.status_code == 302, sent.context["form"].errors
    assert sent.url == "/producers/access-request/sent/"
    row = DeskRequest.objects.latest("id")
    assert row.number.encode() in client.get(sent.url).content
    return row


# --- Portal access ------------------------------------------------------------------------------------------------


@pytest.mark.promise("P2")
def test_a_stranger_asks_and_two_people_of_channel_compensation_let_them_in() -> None:
    row = ask_for_access("NY")
    assert row.team == Team.CHANNEL_COMPENSATION
    first, second = two(Team.CHANNEL_COMPENSATION)
    page = first.get(f"/desk/requests/{row.pk}/").content.decode()
    ticked = re.findall(r'value="(\w+)"[^>]*checked', page)
    assert ticked == ["client_administration", "renewals", "quotes"], "what is usual in the state stands ticked"
    decision = {
        "decision-agent_id": "FL-77", "decision-agency_name": "Finger Lakes Benefits",
        "decision-entitlements": ["client_administration", "quotes"],
    }  # fmt: skip
    first.post(f"/desk/requests/{row.pk}/", {"do": "propose", **decision})
    assert not Agency.objects.filter(agent_id="FL-77").exists(), "nothing before the second person"
    assert not Invitation.objects.exists()
    second.post(f"/desk/requests/{row.pk}/", requests.approval(row))
    row.refresh_from_db()
    assert row.status == RequestStatus.DONE
    ledger.expect("producers.agencies.new", by="user", on="agency")
    invitation = Invitation.objects.get(email=FORM["email"])
    invitations.accept(by=scope.system("test"), invitation=invitation, user=people.user())
    place = ProducerUser.objects.get(agency__agent_id="FL-77")
    assert granted(place) == {"client_administration", "quotes"}, "each that was approved, and no other"
    subjects = set(OutboxMail.objects.filter(to=FORM["email"]).values_list("subject", flat=True))
    assert {f"We received your request {row.number}", f"News of your request {row.number}"} <= subjects


@pytest.mark.promise("P2")
def test_delaware_has_a_form_of_its_own_with_its_own_defaults() -> None:
    client = Browser()
    url = "/producers/access-request/?state=DE"
    plain = client.post(url, {**FORM, "once": once(client.get(url).content)})
    assert {"delaware_license", "residency", "appointed_by"} <= set(plain.context["form"].errors)
    assert "delaware_license" not in client.get("/producers/access-request/?state=PA").content.decode()
    row = ask_for_access("DE", delaware_license="DE-991", residency="resident", appointed_by="The plan itself")
    first, _second = two(Team.CHANNEL_COMPENSATION)
    page = first.get(f"/desk/requests/{row.pk}/").content.decode()
    assert "DE-991" in page
    assert re.findall(r'value="(\w+)"[^>]*checked', page) == ["client_administration"]


def test_the_form_is_refused_with_reasons_and_sent_twice_it_is_one_request() -> None:
    client = Browser()
    assert b"data-error-summary" in client.get("/producers/access-request/?state=TX").content
    url = "/producers/access-request/?state=NY"
    drawn = once(client.get(url).content)
    refused = client.post(url, {**FORM, "once": drawn, "npn": "12A", "mine_alone": ""})
    assert {"npn", "mine_alone"} == set(refused.context["form"].errors)
    for _n in range(2):
        client.post(url, {**FORM, "once": drawn})
    assert DeskRequest.objects.count() == 1
    assert Browser().get("/producers/access-request/sent/").url == "/producers/access-request/"


def test_the_form_fills_nobodys_mailbox() -> None:
    answers = []
    for number in range(7):
        client = Browser()
        url = "/producers/access-request/?state=NY"
        tagged = f"noor.calder+{number}@fingerlakes.example"
        answers.append(client.post(url, {**FORM, "email": tagged, "once": once(client.get(url).content)}).status_code)
    assert answers == [302] * 5 + [429] * 2


def test_the_longest_names_and_addresses_are_kept_and_longer_ones_are_refused() -> None:
    row = ask_for_access("NY", given_name="G" * 60, family_name="F" * 60, agency_name="A" * 100)
    assert "G" * 60 in row.title
    client = Browser()
    url = "/producers/access-request/?state=NY"
    address = f"{'a' * 60}@{'.'.join(['b' * 60] * 4)}.example"
    refused = client.post(url, {**FORM, "email": address, "once": once(client.get(url).content)})
    assert list(refused.context["form"].errors) == ["email"]


def test_the_plan_grants_no_agency_reports_where_a_general_agency_does() -> None:
    general = people.agency()
    under = people.agency(general_agency=general, direct_writer=False)
    row = ask_for_access("NY", agent_id=under.agent_id)
    first, second = two(Team.CHANNEL_COMPENSATION)
    decision = {"decision-agent_id": under.agent_id, "decision-agency_name": under.name}
    refused = first.post(
        f"/desk/requests/{row.pk}/", {"do": "propose", **decision, "decision-entitlements": ["agency_reports"]}
    )
    assert b"whose contact alone grants its Agency Reports" in refused.content
    assert not row.proposals.exists()
    Agency.objects.filter(pk=under.pk).update(direct_writer=True)
    allowed = {"decision-entitlements": ["agency_reports", "renewals"]}
    first.post(f"/desk/requests/{row.pk}/", {"do": "propose", **decision, **allowed})
    second.post(f"/desk/requests/{row.pk}/", requests.approval(row))
    Agency.objects.filter(pk=under.pk).update(direct_writer=False)  # before the invitation is accepted
    invitation = Invitation.objects.get(email=FORM["email"])
    invitations.accept(by=scope.system("test"), invitation=invitation, user=people.user())
    assert granted(ProducerUser.objects.get(agency=under)) == {"renewals"}
    assert Event.objects.filter(action="invitations.accept").get().detail["extra"] == ["agency_reports", "renewals"]


def test_what_two_people_approved_and_one_took_back_no_one_sends_again() -> None:
    row = ask_for_access("NY")
    first, second = two(Team.CHANNEL_COMPENSATION)
    decision = {"decision-agent_id": "FL-77", "decision-agency_name": "Finger Lakes Benefits"}
    first.post(
        f"/desk/requests/{row.pk}/", {"do": "propose", **decision, "decision-entitlements": ["client_administration"]}
    )
    second.post(f"/desk/requests/{row.pk}/", requests.approval(row))
    invitation = Invitation.objects.get(email=FORM["email"])
    page = f"/desk/invitations/{invitation.uuid}/"
    first.post(page, {"do": "withdraw"})
    invitation.refresh_from_db()
    assert invitation.ended_at is not None
    first.post(page, {"do": "again"})
    assert Invitation.objects.count() == 1


def test_whoever_gets_it_is_none_of_the_two() -> None:
    place = ProducerUser.objects.get(user=people.producer_user(people.agency()))
    with scope.entered(scope.system("test")):
        for team in (Team.CHANNEL_COMPENSATION, Team.CLIENT_MANAGEMENT):
            StaffRole.objects.create(user=place.user, team=team)
    first, _second = two(Team.CHANNEL_COMPENSATION)
    url = f"/desk/market/agencies/{place.agency_id}/propose/{place.pk}/"
    first.post(url, {"entitlements": ["quotes"], "reason": "Letter.", "once": once(first.get(url).content)})
    row = DeskRequest.objects.latest("id")
    assert row.status == RequestStatus.PROPOSED
    by = scope.Scope(
        actor=f"user:{place.user_id}",
        portal=Portal.DESK,
        user_id=place.user_id,
        permissions=frozenset({"desk.grant_entitlements"}),
    )
    with pytest.raises(Refused, match="own_benefit"):
        desk_decisions.approve(request_id=row.pk, proposal_id=row.proposals.get().pk, by=by)
    assert granted(place) == set()


def test_whoever_works_there_already_is_not_invited_again() -> None:
    agency = people.agency()
    user = people.producer_user(agency)
    row = ask_for_access("NY", email=user.email, agent_id=agency.agent_id)
    first, second = two(Team.CHANNEL_COMPENSATION)
    decision = {"decision-agent_id": agency.agent_id, "decision-agency_name": "Whatever"}
    first.post(f"/desk/requests/{row.pk}/", {"do": "propose", **decision})
    answer = second.post(f"/desk/requests/{row.pk}/", requests.approval(row), follow=True)
    assert b"works for the agency already" in answer.content
    row.refresh_from_db()
    assert row.status == RequestStatus.PROPOSED
    assert Agency.objects.get().name == agency.name


# --- Entitlements -------------------------------------------------------------------------------------------------


def ask(client: Browser, kind: str, **fields: object) -> list[DeskRequest]:
    url = f"/producers/requests/new/{kind}/"
    before = set(DeskRequest.objects.values_list("pk", flat=True))
    sent = client.post(url, {"once": once(client.get(url).content), **fields})
    assert sent.status_code == 302, sent.context["form"].errors
    return list(DeskRequest.objects.exclude(pk__in=before).order_by("id"))


def test_entitlements_are_granted_one_by_one() -> None:
    agency = people.agency()
    user = people.producer_user(agency, Entitlement.CLIENT_ADMINISTRATION)
    place = ProducerUser.objects.get(user=user)
    asked = {"place": place.pk, "entitlements": ["renewals", "quotes", "ga_administrator"], "reason": "Renewals."}
    [row] = ask(people.browser(user), "entitlements", **asked)
    first, second = two(Team.CHANNEL_COMPENSATION)
    url = f"/desk/requests/{row.pk}/"
    first.post(url, {"do": "propose", "decision-entitlements": ["renewals", "client_administration"]})
    second.post(url, requests.approval(row))
    assert granted(place) == {"client_administration", "renewals"}
    assert EntitlementGrant.objects.filter(place=place).count() == 2, "what was held stays one grant"
    event = Event.objects.get(action="producers.entitlements.grant")
    assert event.detail["entitlement"] == "renewals"


def test_only_the_agencys_contact_asks_for_a_colleague() -> None:
    agency = people.agency()
    user, colleague = people.producer_user(agency), people.producer_user(agency)
    stranger = people.producer_user(people.agency())
    other = ProducerUser.objects.get(user=colleague)
    client = people.browser(user)
    url = "/producers/requests/new/entitlements/"
    sent = {"once": once(client.get(url).content), "entitlements": ["quotes"], "reason": "Please."}
    assert "place" in client.post(url, {**sent, "place": other.pk}).context["form"].errors
    ProducerUser.objects.filter(user=user).update(contact=True)
    [row] = ask(client, "entitlements", place=other.pk, entitlements=["quotes"], reason="Please.")
    assert row.detail["place"] == other.pk
    foreign = ProducerUser.objects.get(user=stranger)
    assert "place" in client.post(url, {**sent, "place": foreign.pk}).context["form"].errors


def test_agency_reports_of_an_agency_under_another_cannot_be_asked_of_the_plan() -> None:
    general = people.agency("General")
    under = people.agency("Under", general_agency=general, direct_writer=False)
    client = people.browser(people.producer_user(under))
    assert b"agency_reports" not in client.get("/producers/requests/new/entitlements/").content
    own = people.browser(people.producer_user(general))
    assert b"agency_reports" in own.get("/producers/requests/new/entitlements/").content


# --- Clients ------------------------------------------------------------------------------------------------------


def test_the_split_of_a_form_tells_nobody_which_numbers_exist() -> None:
    parts = by_manager(["100001", "100002", "999999"], {"100001": 7}, everybody=[7, 8], secret=len)
    assert sorted(number for part in parts.values() for number in part) == ["100001", "100002", "999999"]
    assert set(parts) <= {7, 8}
    assert parts == by_manager(["100001", "100002", "999999"], {"100001": 7}, everybody=[7, 8], secret=len), (
        "always the same"
    )
    assert by_manager(["5"], {}, everybody=[], secret=len) == {None: ["5"]}


@pytest.fixture
def three_managers() -> dict[str, User]:
    """Three clients, each with a manager of its own."""
    found = {}
    for number in ("7700001", "7700002", "7700003"):
        people.client(f"Client {number}", client_id=number)
        user = people.staff_user(Team.CLIENT_MANAGEMENT)
        Client.objects.filter(client_id=number).update(manager=user)
        found[number] = user
    return found


@pytest.mark.promise("P11", "P6")
def test_one_form_with_clients_of_three_managers_becomes_three_tasks(three_managers: dict[str, User]) -> None:
    agency = people.agency()
    user = people.producer_user(agency, Entitlement.CLIENT_ADMINISTRATION)
    client = people.browser(user)
    rows = ask(client, "clients", client_ids="7700001\n7700002, 7700003 7700001", reason="Broker of record.")
    assert {tuple(row.detail["client_ids"]): row.owner for row in rows} == {
        (number,): manager for number, manager in three_managers.items()
    }
    row = rows[0]
    first, second = two(Team.CLIENT_MANAGEMENT)
    first.post(f"/desk/requests/{row.pk}/", {"do": "propose", "decision-client_ids": row.detail["client_ids"]})
    assert not ClientGrant.objects.exists()
    second.post(f"/desk/requests/{row.pk}/", requests.approval(row))
    grant = ClientGrant.objects.get()
    assert (grant.agency, grant.client.client_id) == (agency, row.detail["client_ids"][0])
    page = client.get("/producers/").content.decode()
    assert grant.client.client_id in page
    others = {"7700001", "7700002", "7700003"} - {grant.client.client_id}
    assert not any(number in page for number in others), "each client opens by itself"


def test_numbers_that_no_client_has_look_like_any_other_to_who_typed_them(three_managers: dict[str, User]) -> None:
    client = people.browser(people.producer_user(people.agency(), Entitlement.CLIENT_ADMINISTRATION))
    [known] = ask(client, "clients", client_ids="7700001", reason="Mine.")
    [unknown] = ask(client, "clients", client_ids="9999999", reason="Mine.")
    client.get("/producers/requests/")  # says once that they are on their way
    pages = [client.get(f"/producers/requests/{row.uuid}/").content.decode() for row in (known, unknown)]
    drawn = r"R\d{6}|7700001|9999999|[A-Za-z0-9]{64}|[0-9a-f-]{36}|\d+:\d\d"
    shown = [re.sub(drawn, "", page[page.index("<main") : page.index("</main>")]) for page in pages]
    assert shown[0] == shown[1]
    assert unknown.owner is not None
    desk_page = people.browser(unknown.owner).get(f"/desk/requests/{unknown.pk}/").content.decode()
    assert "No client has: 9999999" in desk_page


def test_what_is_typed_wrong_is_said_and_nothing_is_filed() -> None:
    client = people.browser(people.producer_user(people.agency()))
    url = "/producers/requests/new/clients/"
    drawn = once(client.get(url).content)
    wrong = client.post(url, {"once": drawn, "client_ids": "12345, ABC, '; --", "reason": "x"})
    assert b"digits only" in wrong.content
    many = "\n".join(str(1000000 + number) for number in range(51))
    assert b"50 at most" in client.post(url, {"once": drawn, "client_ids": many, "reason": "x"}).content
    assert not DeskRequest.objects.exists()


def test_a_manager_who_left_owns_no_new_task(three_managers: dict[str, User]) -> None:
    gone = three_managers["7700001"]
    StaffRole.objects.filter(user=gone).update(ended_at=timezone.now())
    client = people.browser(people.producer_user(people.agency()))
    [row] = ask(client, "clients", client_ids="7700001", reason="Mine.")
    assert row.owner != gone


def test_only_client_management_opens_clients(three_managers: dict[str, User]) -> None:
    agency = people.agency()
    helper = people.staff_user(Team.HELP_DESK)
    by = Scope(actor=f"user:{helper.pk}", portal=Portal.DESK, user_id=helper.pk)
    with pytest.raises(Refused):
        client_kind.open_clients(agency_id=agency.pk, client_ids=["7700001"], by=by)
    with pytest.raises(desk_kinds.CannotCarryOut):
        client_kind.open_clients(agency_id=agency.pk, client_ids=["1"], by=scope.system("test"))
    row = desk.open_request(
        kind=client_kind.KIND,
        key="k",
        title="t",
        by=scope.system("test"),
        party=PartyRef("agency", agency.pk),
        detail={"client_ids": ["7700001"], "reason": "x", "agency": agency.pk},
    )
    with pytest.raises(Refused):
        desk_decisions.propose(request_id=row.pk, decision={"client_ids": ["7700001"]}, by=by)
    with pytest.raises(Refused):
        managers.assign(by=by, client_id="7700001", user_id=None)


@pytest.mark.promise("P20")
def test_a_lost_client_comes_back_on_papers_that_two_people_saw(three_managers: dict[str, User]) -> None:
    agency = people.agency()
    client = people.browser(people.producer_user(agency, Entitlement.CLIENT_ADMINISTRATION))
    letter = SimpleUploadedFile("letter of record.pdf", documents.pdf())
    [row] = ask(
        client, "lost-client", client_name="Client 7700002", number="OLD-1", since="Since 2019.", papers=[letter]
    )
    first, second = two(Team.CLIENT_MANAGEMENT)
    url = f"/desk/requests/{row.pk}/"
    page = first.get(url).content.decode()
    found = re.search(rf"{url}files/[0-9a-f-]+/", page)
    assert "letter of record.pdf" in page
    assert found
    assert first.get(found[0]).content == documents.pdf()
    assert b"No client has this" in first.post(url, {"do": "propose", "decision-client_id": "123"}).content
    first.post(url, {"do": "propose", "decision-client_id": "7700002"})
    assert not ClientGrant.objects.exists()
    second.post(url, requests.approval(row))
    assert ClientGrant.objects.get(agency=agency).client.client_id == "7700002"
    assert b"7700002" in client.get("/producers/").content


# --- The desk's own pages -----------------------------------------------------------------------------------------


def test_client_management_sees_who_works_for_a_client_and_ends_it_at_once(three_managers: dict[str, User]) -> None:
    agency = people.agency("Soon Gone Agency")
    user = people.producer_user(agency, Entitlement.CLIENT_ADMINISTRATION)
    client = Client.objects.get(client_id="7700001")
    grant = people.grant(agency, client)
    producer = people.browser(user)
    producer.post("/producers/clients/7700001/log-in/")
    assert producer.get("/employers/").status_code == 200
    manager = people.browser(three_managers["7700001"])
    assert b"Soon Gone Agency" in manager.get("/desk/market/clients/?q=7700001").content
    assert b"Soon Gone Agency" in manager.get("/desk/market/clients/7700001/").content
    manager.post(f"/desk/market/clients/grants/{grant.pk}/end/", {"last": "", "why": "client_left"})
    answer = producer.get("/employers/")
    assert answer.status_code == 403, "dead on the next click"
    assert b"this client is not open to your agency" in answer.content
    assert b"Over" in manager.get("/desk/market/clients/7700001/").content, "history stays"
    by = three_managers["7700001"]
    ledger.expect("producers.clients.end", by=by, about={"agency", "client"}, on="producers_clientgrant")


def test_a_clients_manager_is_set_and_is_of_client_management(three_managers: dict[str, User]) -> None:
    user = people.staff_user(Team.CLIENT_MANAGEMENT)
    client = people.browser(user)
    client.post("/desk/market/clients/7700002/", {"manager": user.pk})
    assert Client.objects.get(client_id="7700002").manager == user
    assert ledger.expect("members.managers.assign", by=user, on="client").detail == {"manager": user.pk}
    stranger = people.staff_user(Team.PRIVACY)
    assert client.post("/desk/market/clients/7700002/", {"manager": stranger.pk}).status_code == 200
    with pytest.raises(managers.NotAManager):
        managers.assign(
            by=Scope(actor=f"user:{user.pk}", portal=Portal.DESK, permissions=frozenset({"desk.grant_clients"})),
            client_id="7700002",
            user_id=stranger.pk,
        )
    lines = client.get(f"/desk/market/clients/list.csv?manager={user.pk}").content.decode("utf-8-sig").splitlines()
    assert [line.split(",")[0] for line in lines] == ["client_id", "7700002"]
    assert client.get("/desk/market/clients/123/").status_code == 404


def test_a_proposal_after_a_call_waits_for_a_second_person(three_managers: dict[str, User]) -> None:
    agency = people.agency()
    place = ProducerUser.objects.get(user=people.producer_user(agency))
    first, second = two(Team.CHANNEL_COMPENSATION)
    url = f"/desk/market/agencies/{agency.pk}/propose/{place.pk}/"
    form = {"once": once(first.get(url).content), "entitlements": ["quotes"], "reason": "Letter."}
    sent = first.post(url, form)
    assert first.post(url, form).url == sent.url, "a second click is the same request"
    assert granted(place) == set()
    second.post(sent.url, requests.approval(DeskRequest.objects.latest("id")))
    assert granted(place) == {"quotes"}
    grant = EntitlementGrant.objects.get(place=place)
    first.post(f"/desk/market/agencies/entitlements/{grant.pk}/end/", {"last": "", "why": "mistake"})
    assert granted(place) == set()
    ledger.expect("producers.entitlements.end", by="user", about="user", on="producers_entitlementgrant")
    assert b"Taken back" in first.get(f"/desk/market/agencies/{agency.pk}/").content
    one, other = two(Team.CLIENT_MANAGEMENT)
    url = "/desk/market/clients/7700003/open/"
    form = {"once": once(one.get(url).content), "agent_id": agency.agent_id, "reason": "Letter."}
    filed = one.post(url, form)
    other.post(filed.url, requests.approval(DeskRequest.objects.latest("id")))
    assert one.post(url, form).url == filed.url, "also once it is decided"
    assert DeskRequest.objects.count() == DeskProposal.objects.count() == 2
    assert ClientGrant.objects.get(agency=agency).client.client_id == "7700003"
    ledger.expect("producers.clients.grant", by="user", about={"agency", "client"}, on="producers_clientgrant")
    assert b"We know nobody" in one.post(url, form | {"agent_id": "x"}).content
