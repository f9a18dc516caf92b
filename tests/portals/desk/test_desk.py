"""The desk's frame: whose queue a request is in, who may do what with it, four eyes, and what whoever asked sees."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from audit.models import Event
from portals import scope
from portals.desk import actions as desk
from portals.desk import decisions as desk_decisions
from portals.desk import kinds as desk_kinds
from portals.desk.actions import Asker
from portals.desk.kinds import Decision, DecisionForm, RequestKind
from portals.enums import REQUEST_OVER, REQUEST_TRANSITIONS, RequestStatus, Team
from portals.models import DeskProposal, DeskRequest, OutboxMail, StaffRole, StoredFile, User
from portals.plan import clock
from portals.scope import PartyRef, Portal, Scope
from tests.factories import documents, ledger, people, requests

pytestmark = pytest.mark.django_db
GRANT = "test.grant"
WORDS = {"text": "It was there."}
granted: list[dict[str, Any]] = []


class GrantForm(DecisionForm):
    what = forms.ChoiceField(
        label="What", choices=[("door", "The door"), ("window", "The window"), ("safe", "The safe")]
    )


def carry_out(request: DeskRequest, decision: dict[str, Any], by: Scope) -> None:
    if decision["what"] == "safe":
        raise desk_kinds.CannotCarryOut("The safe has no key.")
    granted.append({**decision, "by": by.actor})


@pytest.fixture(autouse=True)
def _a_kind_of_two_persons() -> None:
    decision = Decision(form=GrantForm, summary=lambda request, kept: [("What", kept["what"])], carry_out=carry_out)
    desk_kinds.register(
        GRANT, RequestKind(Team.CLIENT_MANAGEMENT, "Grant something", business_days=5, decision=decision)
    )
    granted.clear()


@pytest.fixture
def system() -> Iterator[Scope]:
    with scope.entered(scope.system("test")) as by:
        yield by


@pytest.fixture
def asker(system: Scope) -> User:
    return people.employer_user(people.client())


@pytest.fixture
def row(system: Scope, asker: User) -> DeskRequest:
    party = PartyRef("client", asker.employer_places.get().client_id)
    return desk.open_request(
        kind=GRANT, key="grant:1", title="Open the door", by=system, asker=Asker(user_id=asker.pk, party=party)
    )


def browser(user: User) -> Client:
    client = Client()
    people.sign_in(client, user)
    return client


def at_desk(*teams: Team) -> tuple[User, Client]:
    """With the second step shown a moment ago."""
    user = people.staff_user(*teams)
    client = browser(user)
    people.step_up(client, user)
    return user, client


def page_of(row: DeskRequest) -> str:
    return f"/desk/requests/{row.pk}/"


# --- Queues -------------------------------------------------------------------------------------------------------


def test_a_request_is_found_by_its_team_and_by_nobody_else(row: DeskRequest) -> None:
    _colleague, own = at_desk(Team.CLIENT_MANAGEMENT)
    _stranger, other = at_desk(Team.BILLING_OPERATIONS)
    assert b"Open the door" in own.get("/desk/").content
    assert own.get(page_of(row)).status_code == 200
    assert b"Open the door" not in other.get("/desk/").content
    assert other.get("/desk/?team=client_management").status_code == 404
    assert other.get(page_of(row)).status_code == 404
    assert other.post(page_of(row), {"do": "take"}).status_code == 404


def test_filters_find_and_the_file_is_what_the_page_shows(row: DeskRequest, system: Scope) -> None:
    me = people.staff_user(Team.CLIENT_MANAGEMENT)
    client = browser(me)
    late = desk.open_request(kind=GRANT, key="grant:2", title="A late one", by=system, due_date=dt.date(2020, 1, 2))
    desk.assign(request_id=late.pk, to_user_id=me.pk, by=system)
    done = desk.open_request(kind=GRANT, key="grant:3", title="A done one", by=system)
    desk.change_status(request_id=done.pk, status=RequestStatus.DONE, by=system)

    def shown(query: str) -> set[str]:
        content = client.get(f"/desk/?{query}").content.decode()
        return {title for title in ("Open the door", "A late one", "A done one") if f">{title}<" in content}

    assert shown("") == {"Open the door", "A late one"}
    assert shown("status=all") == {"Open the door", "A late one", "A done one"}
    assert shown("status=late") == {"A late one"}
    assert shown("owner=me") == {"A late one"}
    assert shown("owner=none") == {"Open the door"}
    assert shown(f"owner={me.pk}") == {"A late one"}
    assert shown("owner=999999") == {"Open the door", "A late one"}, "not understood, nothing is filtered"
    assert shown(f"q={row.number}") == {"Open the door"}
    assert shown("q=late&sort=-age") == {"A late one"}
    assert shown("kind=test.grant&status=done") == {"A done one"}
    titles = client.get("/desk/").content.decode()
    assert titles.index("A late one") < titles.index("Open the door"), "what is due first comes first"

    assert client.get("/desk/list.csv?status=all").status_code == 302, "a file asks once more who is there"
    people.step_up(client, me)
    before = Event.objects.filter(kind="export").count()
    lines = list(csv.DictReader(io.StringIO(client.get("/desk/list.csv?owner=me").content.decode("utf-8-sig"))))
    assert [(line["number"], line["due"]) for line in lines] == [(late.number, "2020-01-02")]
    assert Event.objects.filter(kind="export").count() == before + 1


def test_the_due_day_is_counted_in_business_days(system: Scope) -> None:
    clock.move_to(dt.date(2026, 12, 23), by=system)
    row = desk.open_request(kind=GRANT, key="grant:9", title="Before the holidays", by=system)
    assert row.due_date == dt.date(2026, 12, 31)  # 24, 28, 29, 30, 31: not Christmas, not the weekend


def test_who_has_how_much_says_who_left_with_work_too(row: DeskRequest, system: Scope) -> None:
    me, client = at_desk(Team.CLIENT_MANAGEMENT)
    gone = people.staff_user(Team.CLIENT_MANAGEMENT)
    desk.assign(request_id=row.pk, to_user_id=gone.pk, by=system)
    StaffRole.objects.filter(user=gone).update(ended_at=timezone.now())
    content = client.get("/desk/load/").content.decode()
    assert me.display_name in content
    assert gone.display_name in content


@pytest.mark.parametrize("count", [1, 3])
def test_pages_of_the_desk_ask_the_same_however_many_requests(
    count: int, row: DeskRequest, system: Scope, django_assert_num_queries: Callable[..., Any]
) -> None:
    me, client = at_desk(Team.CLIENT_MANAGEMENT)
    for number in range(1, count):
        other = desk.open_request(kind=GRANT, key=f"more:{number}", title="More", by=system)
        desk.assign(request_id=other.pk, to_user_id=me.pk, by=system)
        desk.remark(request=row, by=system, text="One more remark")
    client.get("/desk/")
    with django_assert_num_queries(QUERIES_HOME):
        client.get("/desk/")
    with django_assert_num_queries(QUERIES_REQUEST):
        client.get(page_of(row))


QUERIES_HOME = 15
QUERIES_REQUEST = 15


# --- Work ---------------------------------------------------------------------------------------------------------


def test_every_status_has_its_transitions_and_only_what_is_over_is_closed(row: DeskRequest) -> None:
    assert set(REQUEST_TRANSITIONS) == set(RequestStatus.values)
    for status in RequestStatus.values:
        with pytest.raises(IntegrityError), transaction.atomic():
            closed = None if status in REQUEST_OVER else timezone.now()
            DeskRequest.objects.filter(pk=row.pk).update(status=status, closed_at=closed)


def test_taking_giving_and_handing_over(row: DeskRequest, system: Scope) -> None:
    me, client = at_desk(Team.CLIENT_MANAGEMENT)
    colleague = people.staff_user(Team.CLIENT_MANAGEMENT)
    stranger = people.staff_user(Team.PRIVACY)
    client.post(page_of(row), {"do": "take"})
    row.refresh_from_db()
    assert row.owner == me
    client.post(page_of(row), {"do": "assign", "owner": colleague.pk})
    row.refresh_from_db()
    assert row.owner == colleague
    assert ledger.expect("desk.assign", by=me, on="desk_request").detail == {"owner": colleague.pk}
    answer = client.post(page_of(row), {"do": "assign", "owner": stranger.pk})
    assert answer.status_code == 200
    row.refresh_from_db()
    assert row.owner == colleague, "a request belongs to people of its team"
    with pytest.raises(desk.NotOfTheTeam):
        desk.assign(request_id=row.pk, to_user_id=stranger.pk, by=system)

    plain = desk.open_request(kind="portal.website", key="web:1", title="A button is gone", by=system, detail=WORDS)
    helper, help_desk = at_desk(Team.HELP_DESK)
    sent = help_desk.post(page_of(plain), {"do": "hand_over", "team-team": "privacy", "team-text": "Theirs."})
    assert sent.url == "/desk/"
    assert ledger.expect("desk.hand_over", by=helper, on="desk_request").detail == {"team": "privacy"}
    assert help_desk.get(page_of(plain)).status_code == 404
    assert browser(stranger).get(page_of(plain)).status_code == 200
    with pytest.raises(desk_kinds.NotAllowed):  # where a decision is due, the permission is with the team
        desk.hand_over(request_id=row.pk, team=Team.PRIVACY, by=system, text="Not ours.")


def test_a_refusal_is_said_with_its_reason(row: DeskRequest) -> None:
    _me, client = at_desk(Team.CLIENT_MANAGEMENT)
    client.post(page_of(row), {"do": "remark", "status": "declined", "text": "For us alone."})
    row.refresh_from_db()
    assert row.status == RequestStatus.OPEN, "whoever asked would not have been told why"
    client.post(page_of(row), {"do": "reply", "reply-text": "We need a letter.", "reply-status": "declined"})
    row.refresh_from_db()
    assert row.status == RequestStatus.DECLINED
    assert row.closed_at is not None


# --- Four eyes ----------------------------------------------------------------------------------------------------


def test_nothing_is_granted_before_a_second_person_approves(row: DeskRequest) -> None:
    first, client = at_desk(Team.CLIENT_MANAGEMENT)
    second, other = at_desk(Team.CLIENT_MANAGEMENT)
    client.post(page_of(row), {"do": "propose", "decision-what": "door"})
    row.refresh_from_db()
    assert row.status == RequestStatus.PROPOSED
    assert granted == []
    own = client.post(page_of(row), requests.approval(row))
    assert own.status_code == 403
    assert b"You proposed this yourself" in own.content
    assert granted == []
    page = other.get(page_of(row)).content.decode()
    assert "Approve and carry out" in page
    assert first.display_name in page
    other.post(page_of(row), requests.approval(row))
    row.refresh_from_db()
    assert row.status == RequestStatus.DONE
    assert granted == [{"what": "door", "by": f"user:{second.pk}"}]
    other.post(page_of(row), requests.approval(row))
    assert len(granted) == 1, "a second click carries nothing out"
    proposal = row.proposals.get()
    assert (proposal.proposed_by, proposal.decided_by, proposal.approved) == (first, second, True)
    event = Event.objects.filter(action="desk.approve").get()
    assert (event.actor, event.detail) == (f"user:{second.pk}", {"proposal": proposal.pk, "proposed_by": first.pk})


def test_the_database_knows_of_four_eyes_too(row: DeskRequest) -> None:
    user = people.staff_user(Team.CLIENT_MANAGEMENT)
    proposal = DeskProposal.objects.create(request=row, decision={}, proposed_by=user)
    with pytest.raises(IntegrityError, match="four_eyes"), transaction.atomic():
        DeskProposal.objects.filter(pk=proposal.pk).update(decided_by=user, decided_at=timezone.now(), approved=True)
    with pytest.raises(IntegrityError, match="one_open_proposal"), transaction.atomic():
        DeskProposal.objects.create(request=row, decision={}, proposed_by=user)


def test_what_is_sent_back_or_taken_back_is_in_work_again(row: DeskRequest) -> None:
    first, client = at_desk(Team.CLIENT_MANAGEMENT)
    second, other = at_desk(Team.CLIENT_MANAGEMENT)
    client.post(page_of(row), {"do": "propose", "decision-what": "door"})
    other.post(page_of(row), requests.approval(row, "send_back", **{"back-text": "Only half of it."}))
    row.refresh_from_db()
    assert row.status == RequestStatus.IN_WORK
    assert row.proposals.get().approved is False
    ledger.expect("desk.send_back", by=second, on="desk_request")
    client.post(page_of(row), {"do": "propose", "decision-what": "door"})
    client.post(page_of(row), requests.approval(row, "send_back", **{"back-text": "I was wrong."}))
    row.refresh_from_db()
    assert row.status == RequestStatus.IN_WORK
    assert granted == []
    taken_back = row.proposals.latest("id")
    assert (taken_back.approved, taken_back.taken_back_at is not None) == (None, True), "what was proposed stays"
    ledger.expect("desk.take_back", by=first, on="desk_request")


def test_nobody_approves_a_proposal_that_they_did_not_read(row: DeskRequest) -> None:
    _first, client = at_desk(Team.CLIENT_MANAGEMENT)
    _second, other = at_desk(Team.CLIENT_MANAGEMENT)
    client.post(page_of(row), {"do": "propose", "decision-what": "door"})
    read = requests.approval(row)
    assert f'name="proposal" value="{read["proposal"]}"' in other.get(page_of(row)).content.decode()
    client.post(page_of(row), requests.approval(row, "send_back", **{"back-text": "Something else."}))
    client.post(page_of(row), {"do": "propose", "decision-what": "window"})
    answer = other.post(page_of(row), read, follow=True)
    assert b"changed by someone else meanwhile" in answer.content
    row.refresh_from_db()
    assert row.status == RequestStatus.PROPOSED
    assert granted == []
    other.post(page_of(row), requests.approval(row))
    assert [each["what"] for each in granted] == ["window"]


def test_what_was_proposed_meanwhile_is_not_moved_by_hand(row: DeskRequest, system: Scope) -> None:
    _me, client = at_desk(Team.CLIENT_MANAGEMENT)
    client.post(page_of(row), {"do": "propose", "decision-what": "door"})
    with pytest.raises(desk_kinds.NotAllowed):  # as a page asks that was read before
        desk.set_by_hand(request_id=row.pk, status=RequestStatus.IN_WORK, by=system)
    assert desk_decisions.open_proposal(row) is not None
    row.refresh_from_db()
    assert row.status == RequestStatus.PROPOSED


def test_whoever_asked_is_none_of_the_two(row: DeskRequest) -> None:
    me, client = at_desk(Team.CLIENT_MANAGEMENT)
    _second, other = at_desk(Team.CLIENT_MANAGEMENT)
    DeskRequest.objects.filter(pk=row.pk).update(asked_by=me)
    refused = client.post(page_of(row), {"do": "propose", "decision-what": "door"})
    assert refused.status_code == 403
    assert b"Nobody decides on their own access" in refused.content
    other.post(page_of(row), {"do": "propose", "decision-what": "door"})
    assert client.post(page_of(row), requests.approval(row)).status_code == 403
    assert granted == []


def test_granting_asks_for_the_second_step_again(row: DeskRequest) -> None:
    user = people.staff_user(Team.CLIENT_MANAGEMENT)
    client = Client()
    people.sign_in(client, user)
    page = client.get(page_of(row)).content.decode()
    assert "Deciding this asks for your second step" in page
    assert "decision-what" not in page
    answer = client.post(page_of(row), {"do": "propose", "decision-what": "door"})
    assert answer["Location"].startswith("/confirm/")
    assert not row.proposals.exists()
    people.step_up(client, user)
    assert "decision-what" in client.get(page_of(row)).content.decode()


def test_what_cannot_be_carried_out_says_why_and_stays_proposed(row: DeskRequest) -> None:
    _first, client = at_desk(Team.CLIENT_MANAGEMENT)
    _second, other = at_desk(Team.CLIENT_MANAGEMENT)
    client.post(page_of(row), {"do": "propose", "decision-what": "safe"})
    answer = other.post(page_of(row), requests.approval(row), follow=True)
    assert b"The safe has no key." in answer.content
    row.refresh_from_db()
    assert row.status == RequestStatus.PROPOSED
    assert row.proposals.get().decided_at is None


def test_a_decision_is_the_only_way_to_done(row: DeskRequest) -> None:
    _me, client = at_desk(Team.CLIENT_MANAGEMENT)
    client.post(page_of(row), {"do": "remark", "status": "done", "text": "By hand."})
    row.refresh_from_db()
    assert row.status == RequestStatus.OPEN


def test_what_ends_on_a_page_of_its_own_is_not_ended_by_hand(system: Scope) -> None:
    row = desk.open_request(
        kind="enrollment.full_file", key="own", title="A full file waits", by=system, detail={"file": 1}
    )
    _me, client = at_desk(Team.ENROLLMENT)
    for status in REQUEST_OVER:
        client.post(page_of(row), {"do": "remark", "status": status, "text": "By hand."})
    row.refresh_from_db()
    assert row.status == RequestStatus.OPEN
    client.post(page_of(row), {"do": "remark", "status": "in_work", "text": "Looking at it."})
    row.refresh_from_db()
    assert row.status == RequestStatus.IN_WORK


def test_a_withdrawn_request_grants_nothing(row: DeskRequest, asker: User) -> None:
    _first, client = at_desk(Team.CLIENT_MANAGEMENT)
    second, other = at_desk(Team.CLIENT_MANAGEMENT)
    client.post(page_of(row), {"do": "propose", "decision-what": "door"})
    browser(asker).post(f"/employers/requests/{row.uuid}/", {"do": "withdraw"})
    other.post(page_of(row), requests.approval(row))
    row.refresh_from_db()
    assert row.status == RequestStatus.WITHDRAWN
    assert granted == []
    by = scope.Scope(actor=f"user:{second.pk}", portal=Portal.DESK, user_id=second.pk, permissions=ALL)
    with pytest.raises(desk_kinds.NotAllowed):
        desk_decisions.approve(request_id=row.pk, proposal_id=row.proposals.get().pk, by=by)


ALL = frozenset({"desk.work_queue", "team:client_management"})


# --- Whoever asked ------------------------------------------------------------------------------------------------


def test_the_page_of_whoever_asked_shows_answers_and_not_what_the_desk_notes(row: DeskRequest, asker: User) -> None:
    me, client = at_desk(Team.CLIENT_MANAGEMENT)
    client.post(page_of(row), {"do": "remark", "text": "Ask Otto first."})
    ledger.expect("desk.remark", by=me, on="desk_request")
    client.post(page_of(row), {"do": "reply", "reply-text": "Which door?", "reply-status": "waiting"})
    own = browser(asker)
    page = own.get(f"/employers/requests/{row.uuid}/").content.decode()
    assert "Which door?" in page
    assert "Ask Otto first." not in page
    assert "Waits for an answer" in page
    own.post(f"/employers/requests/{row.uuid}/", {"do": "write", "text": "The front one."})
    row.refresh_from_db()
    assert row.status == RequestStatus.IN_WORK, "it waited for this"
    assert row.owner is None, "whoever asked does not become the desk's owner"
    assert "The front one." in client.get(page_of(row)).content.decode()


def test_nobody_else_sees_a_request(row: DeskRequest, asker: User) -> None:
    url = f"/employers/requests/{row.uuid}/"
    place = asker.employer_places.get()
    colleague = people.employer_user(place.client)
    stranger = people.employer_user(people.client())
    for user in (colleague, stranger):
        client = browser(user)
        assert client.get(url).status_code == 404
        assert client.post(url, {"do": "withdraw"}).status_code == 404
        assert b"Open the door" not in client.get("/employers/requests/").content
    assert b"Open the door" in browser(asker).get("/employers/requests/").content


def test_each_step_is_mailed_and_the_mail_says_nothing_of_it(row: DeskRequest, asker: User) -> None:
    _me, client = at_desk(Team.CLIENT_MANAGEMENT)
    client.post(page_of(row), {"do": "remark", "status": "in_work", "text": "Secret thought."})
    client.post(page_of(row), {"do": "reply", "reply-text": "Secret answer."})
    mails = list(OutboxMail.objects.filter(to=asker.email).order_by("id"))
    assert [mail.subject for mail in mails] == [
        f"We received your request {row.number}",
        f"News of your request {row.number}",
        f"An answer to your request {row.number}",
    ]
    for mail in mails:
        assert f"/employers/requests/{row.uuid}/" in mail.body
        assert not re.search("Open the door|Secret", mail.subject + mail.body)


def test_files_go_both_ways_and_to_nobody_else(row: DeskRequest, asker: User) -> None:
    own, colleague = browser(asker), browser(people.employer_user(asker.employer_places.get().client))
    letter = documents.pdf()
    url = f"/employers/requests/{row.uuid}/"
    own.post(url, {"do": "write", "text": "Here it is.", "attached": SimpleUploadedFile("letter.pdf", letter)})
    _me, client = at_desk(Team.CLIENT_MANAGEMENT)
    _stranger, other = at_desk(Team.BILLING_OPERATIONS)
    reply = {"reply-text": "The form.", "reply-attached": SimpleUploadedFile("form.pdf", letter)}
    client.post(page_of(row), {"do": "reply", **reply})
    received, answered = StoredFile.objects.filter(kind="desk.attachment").order_by("id")
    for stored in (received, answered):
        assert own.get(f"{url}files/{stored.uuid}/").status_code == 200
        assert client.get(f"{page_of(row)}files/{stored.uuid}/")["Content-Disposition"].startswith("attachment")
        for stranger in (colleague, other):
            assert stranger.get(f"{url}files/{stored.uuid}/").status_code == 404
            assert stranger.get(f"{page_of(row)}files/{stored.uuid}/").status_code == 404
    assert own.get(f"{url}files/{received.uuid}/").content == letter
    second = desk.open_request(kind=GRANT, key="grant:other", title="Another", by=scope.system("test"))
    assert client.get(f"{page_of(second)}files/{received.uuid}/").status_code == 404, "a file is of its request"
    refused = own.post(url, {"do": "write", "text": "And this.", "attached": SimpleUploadedFile("x.pdf", b"<html>")})
    assert b"data-error-summary" in refused.content
    assert not row.remarks.filter(text="And this.").exists(), "nothing is half done"
    assert "letter.pdf" in own.get(url).content.decode()


def test_asking_twice_with_one_page_is_one_request(asker: User) -> None:
    client = browser(asker)
    once = re.search(r'name="once" value="([^"]+)"', client.get("/employers/requests/new/website/").content.decode())
    assert once
    sent = {"once": once.group(1), "subject": "A button is gone", "text": "It was there."}
    first, second = (client.post("/employers/requests/new/website/", sent) for _n in range(2))
    assert first.url == second.url
    made = DeskRequest.objects.get(kind="portal.website")
    assert (made.asked_by, made.team) == (asker, Team.HELP_DESK)
    refused = client.post("/employers/requests/new/website/", {"once": once.group(1)})
    assert b"data-error-summary" in refused.content
    assert client.get("/employers/requests/new/no-such-thing/").status_code == 404


def test_a_stranger_reads_the_own_request_by_the_address_in_the_mail(system: Scope) -> None:
    mail = "pat.nobody@agency.example"
    row = desk.open_request(
        kind="portal.website", key="web:2", title="No account", by=system, detail=WORDS, asker=Asker(reply_to=mail)
    )
    found = re.search(r"http://[^/]+(/requests/\S+)", OutboxMail.objects.get(to=mail).body)
    assert found
    client = Client()
    assert b"No account" in client.get(found.group(1)).content
    forged = re.sub(r"[0-9a-f]{4}-", "0000-", found.group(1), count=1)
    wrong = found.group(1).rstrip("/")[:-4] + "0000/"
    for url in (wrong, forged):
        assert client.get(url).status_code == 404
        assert client.post(url, {"do": "withdraw"}).status_code == 404
    client.post(found.group(1), {"do": "write", "text": "Any news?"})
    remark = row.remarks.get(text="Any news?")
    assert (remark.by, remark.shared) == ("nobody", True)
    other = desk.open_request(kind="portal.website", key="web:3", title="Other", by=system, asker=Asker(reply_to=mail))
    key = found.group(1).split("/")[-2]
    assert client.get(f"/requests/{other.uuid}/{key}/").status_code == 404, "a key opens one request"
