"""Who looked at an employer's records: the plan's people and its producers, and nothing of members or practices."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from dataclasses import dataclass

import pytest
from django.test import Client as Browser
from pytest_django import DjangoAssertNumQueries

from audit import actions as audit
from audit.enums import Kind
from audit.models import Event
from employers.enums import EmployerRole
from employers.models import ClientDocument
from employers.views import opened as views
from members.models import EnrollmentFile
from portals import scope as scopes
from portals.desk import actions as desk
from portals.desk.actions import Asker
from portals.enums import Team
from portals.files import stored as files
from portals.models import User
from portals.plan import clock
from portals.scope import PartyRef
from producers.enums import Entitlement
from tests.factories import looks, payers, people
from tests.factories.payers import Payer

pytestmark = pytest.mark.django_db
PAGE = "/employers/who-looked/"


@dataclass
class World:
    payer: Payer
    other: Payer
    producer: User
    clerk: User
    person: int


@pytest.fixture
def world() -> World:
    with scopes.entered(payers.system()) as by:
        clock.move_to(dt.date(2026, 12, 26), by=by)
        payer, other = payers.payer("Medical"), payers.payer("Dental", name="Elsewhere Inc.")
        holder = payers.contract(payer.client, first_name="Iris", last_name="Secretname")
        payers.invoice(payer.accounts[0], 812_37, dt.date(2027, 1, 1), holders=[(holder, "EE", 812_37)])
        agency = people.agency("Hudson Benefits")
        people.grant(agency, payer.client)
        people.grant(agency, other.client)
        producer = people.producer_user(agency, Entitlement.CLIENT_ADMINISTRATION)
        return World(payer, other, producer, people.staff_user(Team.ENROLLMENT), holder.subscriber_id)


def note(action: str, **columns: object) -> int:
    values = {"kind": Kind.VIEW, "actor": "system:test", "portal": "desk"} | columns
    with scopes.entered(scopes.system("test")):
        return audit.record(action=action, **values)  # type: ignore[arg-type]


def enrollment_file(of: Payer | None) -> int:
    with scopes.entered(scopes.system("test")):
        stored = files.store(kind="834", owner="plan", name="a.834", content_type="application/edi-x12", data=b"ISA")
        row = EnrollmentFile.objects.create(
            stored=stored,
            sha256=str(stored.pk).zfill(64),
            sender="X",
            client=of.client if of else None,
            by="system:t",
            received_at=dt.datetime(2026, 12, 12, tzinfo=dt.UTC),
        )
        return row.pk


def document(of: Payer) -> str:
    party = PartyRef("client", of.client.pk)
    with scopes.entered(scopes.system("test")) as by:
        request = desk.open_request(
            kind="client.full_list",
            key=f"list:{party}",
            title="List",
            detail={"purpose": "p"},
            party=party,
            by=by,
            asker=Asker(user_id=of.user.pk, party=party),
        )
        stored = files.store(kind="full_list", owner=party, name="l.csv", content_type="text/csv", data=b"x")
        row = ClientDocument.objects.create(
            client=of.client,
            kind="full_list",
            name="l.csv",
            as_of=dt.date(2026, 12, 14),
            stored=stored,
            request=request,
            people=[],
            people_count=0,
            made_by="system:test",
        )
        return str(row.uuid)


def shown(user: User, query: str = "") -> list[tuple[str, str, str, int]]:
    answer = people.browser(user).get(PAGE + query)
    assert answer.status_code == 200
    return [(row.who, row.place, row.what, row.people) for row in answer.context["rows"]]


@pytest.mark.promise("X3")
def test_the_plans_and_the_producers_looks_are_listed_with_numbers_of_people(world: World) -> None:
    viewed = looks.view(world.clerk, world.payer.user, world.payer.client)
    me, agency = f"user:{world.clerk.pk}", f"user:{world.producer.pk}"
    client = f"client:{world.payer.client.pk}"
    note("enrollment:file", actor=me, subjects=[("enrollment_file", enrollment_file(world.payer))])
    note(
        "employers.full_list",
        actor=me,
        kind=Kind.EXPORT,
        object_kind="client_document",
        object_id=document(world.payer),
        detail={"people": 7},
        subjects=[("person", world.person)],
    )
    note("employers:ebilling", actor=me, kind=Kind.LOOK, portal="employer", grant=f"view-as:{viewed.pk}")
    note(
        "employers:ebilling_invoice",
        actor=agency,
        portal="employer",
        acting_for=client,
        grant="client-grant:1",
        subjects=[("person", world.person)],
        detail={"people": 1, "invoice": "INV-7"},
    )
    assert shown(world.payer.user) == [
        (world.producer.display_name, "Hudson Benefits", "Invoice", 1),
        (world.clerk.display_name, "Enrollment", "eBilling: what is to pay", 0),
        (world.clerk.display_name, "Enrollment", "Full employee list made", 7),
        (world.clerk.display_name, "Enrollment", "Enrollment file", 0),
    ]
    assert [row[2] for row in shown(world.payer.user, "?who=producer")] == ["Invoice"]
    assert len(shown(world.payer.user, "?who=plan")) == 3
    assert len(shown(world.payer.user, "?who=zebra&period=zebra")) == 4, "not understood"
    page = people.browser(world.payer.user).get(PAGE).content.decode()
    assert "INV-7" in page
    assert "Secretname" not in page
    assert shown(world.other.user) == []


def test_nothing_of_members_practices_others_and_refusals_is_listed(world: World) -> None:
    me, whom = f"user:{world.clerk.pk}", [("person", world.person)]
    client, other = f"client:{world.payer.client.pk}", f"client:{world.other.client.pk}"
    viewed = looks.view(world.clerk, world.other.user, world.other.client)
    with scopes.entered(scopes.system("test")):
        doctor = people.practice_user(people.practice())
    note("records:person", actor=me, kind=Kind.LOOK, subjects=whom)
    note("records:card", actor=me, kind=Kind.LOOK, subjects=whom)
    note("practice.look", actor=f"user:{doctor.pk}", portal="provider", subjects=whom)
    note("members:home", actor="user:1", portal="member", subjects=whom)
    note("employers:ebilling", actor=f"user:{world.payer.user.pk}", portal="employer", subjects=whom)
    note("of.other", acting_for=other, portal="employer")
    note("of.other.view", kind=Kind.LOOK, portal="employer", grant=f"view-as:{viewed.pk}")
    note("of.other.file", subjects=[("enrollment_file", enrollment_file(world.other))])
    note("of.all.file", subjects=[("enrollment_file", enrollment_file(None))])
    note("of.other.list", object_kind="client_document", object_id=document(world.other))
    note("refused", kind=Kind.DENIAL, outcome="refused", acting_for=client, portal="employer")
    note("acting.begin", kind=Kind.ACTING, acting_for=client, portal="producer")
    note("changed", kind=Kind.CHANGE, acting_for=client, portal="employer")
    note(
        "own.file",
        portal="employer",
        actor=f"user:{world.payer.user.pk}",
        subjects=[("enrollment_file", enrollment_file(world.payer))],
    )
    assert shown(world.payer.user) == []
    assert len(shown(world.other.user)) == 4


def test_whoever_acts_and_other_doors_never_see_it(world: World) -> None:
    note("x", acting_for=f"client:{world.payer.client.pk}", portal="employer")
    acting = people.browser(world.producer)
    assert acting.post(f"/producers/clients/{world.payer.client.client_id}/log-in/").status_code == 302
    for path in (PAGE, f"{PAGE}list.csv"):
        answer = acting.get(path)
        assert answer.status_code == 403, path
        assert b"for its own users only" in answer.content
    assert b"who-looked" not in acting.get("/employers/").content
    assert people.browser(world.clerk).get(PAGE).status_code == 404
    with scopes.entered(scopes.system("test")):
        member = people.member_user(people.person())
    assert people.browser(member).get(PAGE).status_code == 404


@pytest.mark.parametrize("role", list(EmployerRole))
def test_every_role_of_the_employer_reads_it(world: World, role: EmployerRole) -> None:
    with scopes.entered(scopes.system("test")):
        user = people.employer_user(world.payer.client, role)
    browser = people.browser(user)
    assert browser.get(PAGE).status_code == 200
    assert f'href="{PAGE}"' in browser.get("/employers/").content.decode()


def test_pages_and_the_file_hold_the_same(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "PAGE", 2)
    client = f"client:{world.payer.client.pk}"
    for number in range(5):
        note(f"flood.{number}", actor=f"user:{world.producer.pk}", acting_for=client, portal="employer")
    browser, seen, query = people.browser(world.payer.user), [], "?who=producer"
    for _page in range(3):
        answer = browser.get(PAGE + query)
        seen += [row.what for row in answer.context["rows"]]
        query = answer.context["older"].removeprefix(PAGE)
    assert seen == [f"flood.{number}" for number in (4, 3, 2, 1, 0)]
    assert [row["What"] for row in table(browser, "?who=producer")] == seen
    monkeypatch.setattr(views, "MOST_ROWS", 2)
    rows = table(browser, "?period=30")
    assert [row["What"] for row in rows[:2]] == seen[:2]
    assert re.match("Cut after 2 rows", rows[2]["When"])
    row = Event.objects.filter(action="employers:opened_csv").latest("id")
    assert (row.kind, row.detail) == ("export", {"rows": 2, "cut": True})
    fresh = people.browser(world.payer.user, stepped_up=False)
    assert fresh.get(f"{PAGE}list.csv")["Location"].startswith("/confirm/")


def table(browser: Browser, query: str) -> list[dict[str, str]]:
    answer = browser.get(f"{PAGE}list.csv{query}")
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


@pytest.mark.parametrize("count", [1, 3])
def test_queries_do_not_grow(world: World, count: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    client = f"client:{world.payer.client.pk}"
    for _n in range(count):
        clerk = people.staff_user(Team.ENROLLMENT)
        viewed = looks.view(clerk, world.payer.user, world.payer.client)
        note("a", actor=f"user:{clerk.pk}", subjects=[("enrollment_file", enrollment_file(world.payer))])
        note("b", actor=f"user:{clerk.pk}", kind=Kind.LOOK, portal="employer", grant=f"view-as:{viewed.pk}")
        note("c", actor=f"user:{world.producer.pk}", acting_for=client, portal="employer")
    browser = people.browser(world.payer.user)
    with django_assert_num_queries(19):
        assert browser.get(PAGE).status_code == 200
