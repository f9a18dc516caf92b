"""The full employee list: two people of the plan decide, a job writes it, and the client's administrators alone read
it."""

from __future__ import annotations

import csv
import datetime as dt
import io
import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange, DateTimeTZRange
from django.test import Client as Browser

from audit.models import Event, Subject
from employers.actions import full_lists
from employers.enums import EmployerRole
from employers.models import ClientDocument, EmployerUser
from members.enrollment import billable_segments
from members.models import Contract, Coverage, Enrollee, Person
from portals import jobs
from portals import scope as scopes
from portals.enums import JobStatus, RequestStatus, Team
from portals.files import stored as files
from portals.models import DeskRequest, Job, OutboxMail, User
from portals.plan import clock
from portals.scope import PartyRef, Portal, Scope
from producers.enums import Entitlement
from tests.factories import billing, ledger, members, people, requests
from tests.factories.members import Employer

pytestmark = pytest.mark.django_db
TODAY = dt.date(2027, 1, 14)
_numbers = itertools.count(70_000_001)


@dataclass
class World:
    ours: Employer
    theirs: Employer
    administrator: User
    producer: User


def enroll(at: Employer, *persons: Person, first: str = "2026-01-01", last: str | None = None) -> Contract:
    """One contract: the first person is the subscriber, the second the spouse."""
    number = f"NGH{next(_numbers)}"
    contract = Contract.objects.create(client=at.client, number=number, sender_number=number, subscriber=persons[0])
    end = None if last is None else dt.date.fromisoformat(last) + dt.timedelta(days=1)
    for place, person in enumerate(persons, start=1):
        enrollee = Enrollee.objects.create(
            client=at.client,
            contract=contract,
            person=person,
            relationship="18" if place == 1 else "01",
            suffix=f"{place:02}",
            member_id=f"{number}{place:02}",
            recorded_date=TODAY,
        )
        Coverage.objects.create(
            enrollee=enrollee,
            contract=contract,
            client=at.client,
            package=at.packages[0],
            line=at.packages[0].line,
            effective=DateRange(dt.date.fromisoformat(first), end),
            known=DateTimeTZRange(billing.LONG_AGO, None),
        )
    billable_segments.rebuild([contract.pk], known_at=billing.LONG_AGO)
    return contract


@pytest.fixture
def world() -> World:
    with scopes.entered(scopes.system("test")) as by:
        clock.move_to(TODAY, by=by)
        ours, theirs = members.employer(name="Ours"), members.employer(name="Theirs")
        for each in (ours, theirs):
            each.client.status = "migrated"
            each.client.save()
            each.offer(members.product())
        enroll(
            ours,
            people.person(first_name="ADA", last_name="ZYX", ssn_last_four="4321", address="9 Hidden Lane"),
            people.person(first_name="Bo", last_name="Zyx", confidential_address="1 Secret Road"),
        )
        enroll(ours, people.person(first_name="=Cy", last_name="Able"), last="2027-06-30")
        enroll(ours, people.person(first_name="Gone", last_name="Before"), last="2026-12-31")
        enroll(theirs, people.person(first_name="Not", last_name="Ours"))
        agency = people.agency("Hudson Benefits")
        people.grant(agency, ours.client)
        return World(
            ours,
            theirs,
            people.employer_user(ours.client),
            people.producer_user(agency, Entitlement.CLIENT_ADMINISTRATION),
        )


def once(page: bytes) -> str:
    found = re.search(r'name="once" value="([^"]+)"', page.decode())
    assert found
    return found.group(1)


def ask(by: Browser, url: str, /, **fields: object) -> DeskRequest:
    sent = by.post(url, {"once": once(by.get(url).content), **fields})
    assert sent.status_code == 302, sent.content.decode()[:3000]
    return DeskRequest.objects.latest("id")


def asked_by_client(world: World) -> DeskRequest:
    return ask(people.browser(world.administrator), "/employers/requests/new/full-list/", purpose="Payroll")


def decide(row: DeskRequest, **decision: object) -> tuple[Browser, Browser]:
    """Two people of client management propose and approve."""
    decision = {"group": "all", **decision}
    first, second = (people.desk_browser(Team.CLIENT_MANAGEMENT) for _n in range(2))
    first.post(f"/desk/requests/{row.pk}/", {"do": "propose", **{f"decision-{k}": v for k, v in decision.items()}})
    second.post(f"/desk/requests/{row.pk}/", requests.approval(row))
    row.refresh_from_db()
    return first, second


def run() -> None:
    for job in Job.objects.filter(kind=full_lists.JOB, status=JobStatus.WAITING):
        jobs.run(job.pk)


def made(row: DeskRequest) -> ClientDocument:
    with scopes.entered(scopes.system("test")):
        return ClientDocument.objects.get(request=row)


def lines(client: Browser, document: ClientDocument) -> list[dict[str, str]]:
    answer = client.get(f"/employers/documents/{document.uuid}/file/")
    assert answer.status_code == 200
    assert answer["Content-Disposition"] == f'attachment; filename="{document.name}"'
    assert answer["Content-Security-Policy"].startswith("sandbox;"), "nothing in it runs within our site"
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


@pytest.mark.promise("E12", "P13")
def test_a_producer_asks_and_only_the_client_gets_the_list(world: World) -> None:
    producer = people.browser(world.producer)
    with scopes.entered(scopes.system("test")):
        people.grant(people.agency("Other"), world.theirs.client)
    url = "/producers/requests/new/client-full-list/"
    form = producer.get(url)
    assert world.theirs.client.client_id.encode() not in form.content
    wrong = {"once": once(form.content), "client": world.theirs.client.client_id, "purpose": "Curious"}
    assert b"data-error-summary" in producer.post(url, wrong).content
    row = ask(producer, url, client=world.ours.client.client_id, purpose="Renewal")
    assert (row.team, row.party) == (Team.CLIENT_MANAGEMENT, f"client:{world.ours.client.pk}")

    first, second = decide(row)
    assert row.status == RequestStatus.DONE
    run()
    document = made(row)
    page = producer.get(f"/producers/requests/{row.uuid}/").content.decode()
    assert "among the client&#x27;s documents" in page or "among the client's documents" in page
    assert "Zyx" not in page
    for path in ("", f"{document.uuid}/file/"):
        assert producer.get(f"/employers/documents/{path}").status_code == 404
    producer.post(f"/producers/clients/{world.ours.client.client_id}/log-in/")
    for path in ("", f"{document.uuid}/file/"):
        answer = producer.get(f"/employers/documents/{path}")
        assert answer.status_code == 403
        assert b"for its own administrators only" in answer.content
        assert b"Zyx" not in answer.content
    mail = OutboxMail.objects.get(to=world.administrator.email)
    assert (mail.subject, "Zyx" in mail.body) == ("A document is ready", False)
    assert len(lines(people.browser(world.administrator), document)) == 3
    assert first and second


def test_the_list_is_enrollment_and_nothing_else(world: World) -> None:
    row = asked_by_client(world)
    decide(row)
    run()
    found = lines(people.browser(world.administrator), made(row))
    assert [line["Name"] for line in found] == ["'=Cy Able", "Ada Zyx", "Bo Zyx"], "by contract holder, then suffix"
    assert list(found[0]) == [
        "Member ID",
        "Name",
        "Relationship",
        "Group number",
        "Coverage",
        "Plan",
        "Tier",
        "Effective from",
        "Last day covered",
        "COBRA",
    ]
    assert (found[0]["Last day covered"], found[1]["Last day covered"]) == ("2027-06-30", "")
    assert (found[1]["Tier"], found[1]["Relationship"], found[2]["Relationship"]) == ("Couple", "Subscriber", "Spouse")
    assert found[1]["Effective from"] == "2026-01-01"
    assert not re.search("4321|Hidden|Secret|1985", str(found))


def test_what_was_decided_of_details_and_group_is_what_is_made(world: World) -> None:
    row = asked_by_client(world)
    with scopes.entered(scopes.system("test")):
        other = members.Group.objects.create(client=world.ours.client, number="W-77", name="Warehouse")
        elsewhere = members.Employer(world.ours.client, other, world.ours.account, world.ours.cobra_account)
        elsewhere.offer(members.product())
        enroll(elsewhere, people.person(first_name="Dee", last_name="Ware", ssn_last_four="7788"))
    foreign, _second = decide(row, group=world.theirs.group.pk)
    assert row.status == RequestStatus.OPEN, "another client's group is no choice"
    assert foreign.get(f"/desk/requests/{row.pk}/").status_code == 200
    decide(row, group=other.pk, details="on")
    run()
    (line,) = lines(people.browser(world.administrator), made(row))
    assert (line["Name"], line["Group number"]) == ("Dee Ware", "W-77")
    assert (line["Birth date"], line["Last four of SSN"]) == ("1985-04-28", "7788")
    event = Event.objects.get(action=full_lists.JOB)
    assert "person.ssn_last_four" in event.fields


def test_making_and_every_download_name_everybody_on_it_in_the_ledger(world: World) -> None:
    row = asked_by_client(world)
    decide(row)
    run()
    document = made(row)
    administrator = people.browser(world.administrator, stepped_up=False)
    file = f"/employers/documents/{document.uuid}/file/"
    assert administrator.get(file)["Location"].startswith("/confirm/"), "step-up"
    people.step_up(administrator, world.administrator)
    for _n in range(2):
        lines(administrator, document)
    on_it = set(document.people)
    making = ledger.expect("employers.full_list", by="user", about="person", on="client_document")
    looks = Event.objects.filter(action="employers:document_file", outcome="done")
    assert {making.kind, *looks.values_list("kind", flat=True)} == {"export"}
    assert looks.count() == 2
    for event in (making, *looks):
        subjects = Subject.objects.filter(event_id=event.pk, kind="person")
        assert set(subjects.values_list("subject_id", flat=True)) == on_it
        assert event.detail["people"] == 3
    assert len(on_it) == 3
    assert b"Zyx" not in bytes(b"".join(bytes(c.cipher) for c in document.stored.chunks.all())), "encrypted"


def test_it_is_made_once_however_often_the_job_is_delivered(world: World) -> None:
    row = asked_by_client(world)
    decide(row)
    run()
    job = Job.objects.get(kind=full_lists.JOB)
    Job.objects.filter(pk=job.pk).update(status=JobStatus.WAITING)
    run()
    made(row)
    assert Event.objects.filter(action=full_lists.JOB).count() == 1
    assert row.remarks.filter(text__startswith="The list is made").count() == 1


@pytest.mark.parametrize(("role", "code"), [(EmployerRole.BILLING, 403), (EmployerRole.ENROLLMENT, 403)])
def test_only_administrators_read_documents_or_ask_for_the_list(world: World, role: EmployerRole, code: int) -> None:
    row = asked_by_client(world)
    decide(row)
    run()
    colleague = people.browser(people.employer_user(world.ours.client, role))
    assert colleague.get("/employers/documents/").status_code == code
    assert colleague.get(f"/employers/documents/{made(row).uuid}/file/").status_code == code
    assert colleague.get("/employers/requests/new/full-list/").status_code == 404
    assert b"Documents" not in colleague.get("/employers/help/").content
    stranger = people.browser(people.employer_user(world.theirs.client))
    assert stranger.get(f"/employers/documents/{made(row).uuid}/file/").status_code == 404
    assert b"employees-" not in stranger.get("/employers/documents/").content


def test_the_database_keeps_a_clients_documents_from_another(world: World) -> None:
    row = asked_by_client(world)
    decide(row)
    run()
    made(row)
    party = PartyRef("client", world.theirs.client.pk)
    with scopes.entered(Scope("user:1", Portal.EMPLOYER, 1, party, party)):
        assert ClientDocument.objects.count() == 0
    with pytest.raises(PermissionError), scopes.entered(Scope("user:1", Portal.EMPLOYER, 1, party, party)) as by:
        list(full_lists.full_lists.rows(by, party.id, as_of=TODAY))


def test_without_an_administrator_nothing_is_made(world: World) -> None:
    row = ask(
        people.browser(world.producer),
        "/producers/requests/new/client-full-list/",
        client=world.ours.client.client_id,
        purpose="Renewal",
    )
    EmployerUser.objects.all().delete()
    _first, second = decide(row)
    assert row.status == RequestStatus.PROPOSED
    answer = second.post(f"/desk/requests/{row.pk}/", requests.approval(row), follow=True)
    assert b"no administrator here who could read the list" in answer.content
    assert not Job.objects.filter(kind=full_lists.JOB).exists()


def test_a_list_that_cannot_be_stored_comes_back_to_the_desk(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    row = asked_by_client(world)
    decide(row)
    job = Job.objects.get(kind=full_lists.JOB)
    monkeypatch.setattr(files, "LIMIT", 10)
    for _n in range(jobs.MAX_TRIES):
        Job.objects.filter(pk=job.pk).update(leased_until=None)
        with pytest.raises(files.FileTooLarge):
            jobs.run(job.pk)
    row.refresh_from_db()
    assert row.status == RequestStatus.OPEN
    assert row.remarks.filter(text__contains="one group number at a time").exists()
    monkeypatch.undo()
    decide(row)
    run()
    assert made(row).people_count == 3


def test_documents_are_found_by_name_and_sorted(world: World) -> None:
    administrator = people.browser(world.administrator)
    assert b"No documents yet" in administrator.get("/employers/documents/").content
    for _n in range(2):
        decide(asked_by_client(world))
        run()
    page = administrator.get("/employers/documents/").content.decode()
    assert "2 documents" in page
    assert page.count("Client management") >= 2, "who made it"
    for query, found in (("?q=employees", "2 documents"), ("?q=full+employee", "2 documents"), ("?sort=people", "2 ")):
        assert found in administrator.get(f"/employers/documents/{query}").content.decode()
    assert b"No document matches" in administrator.get("/employers/documents/?q=zebra").content


@pytest.mark.parametrize("count", [1, 3])
def test_the_documents_ask_the_same_however_many(
    world: World, count: int, django_assert_num_queries: Callable[..., Any]
) -> None:
    for _n in range(count):
        decide(asked_by_client(world))
        run()
    administrator = people.browser(world.administrator)
    administrator.get("/employers/documents/")
    with django_assert_num_queries(QUERIES_DOCUMENTS):
        administrator.get("/employers/documents/")


QUERIES_DOCUMENTS = 13
