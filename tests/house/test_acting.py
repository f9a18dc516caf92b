"""Whoever acts for an employer: both identities on every row, paper, file and job; no list of people, no bank form."""

from __future__ import annotations

import csv
import datetime as dt
import io

import pypdf
import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from django.urls import reverse

from audit.enums import Kind
from audit.models import Event
from employers.access import ACTING_PERMISSIONS
from employers.models import EmployerUser
from portals import jobs, scope
from portals.enums import JobStatus
from portals.files import pdf
from portals.models import Job, User
from portals.pages import Audience
from producers.models import ClientGrant
from tests.factories import payers
from tests.house import objects
from tests.house.objects import A, World
from tests.house.test_urls import PAGES, address, declaration

pytestmark = pytest.mark.django_db
EMPLOYER = [name for name in PAGES if declaration(name).audience is Audience.EMPLOYER]
NO_PEOPLE = {"employers:ebilling_invoices_csv", "employers:ebilling_payments_csv"}  # amounts and numbers, nobody named
CLOSED = [
    name
    for name in EMPLOYER
    if name not in NO_PEOPLE
    and (declaration(name).kind == Kind.EXPORT or declaration(name).permission == "employer.manage_bank")
]


@pytest.fixture
def world() -> World:
    return objects.build()


def acting(world: World) -> Client:
    browser = world.browser("producer", A)
    begun = browser.post(f"/producers/clients/{world.objects['producers:act']['client_id']}/log-in/")
    assert begun["Location"] == "/employers/"
    return browser


def identities(world: World) -> tuple[str, str, str]:
    place = EmployerUser.objects.filter(user=world.users["employer", A]).get()
    grant = ClientGrant.objects.get(client=place.client_id)
    return f"user:{world.users['producer', A].pk}", f"client:{place.client_id}", f"client-grant:{grant.pk}"


def test_every_row_of_a_walk_while_acting_carries_both_identities(world: World) -> None:
    browser = acting(world)
    expected = identities(world)
    before = Event.objects.latest("id").pk
    for name in EMPLOYER:
        answer = browser.get(address(name, world))
        assert answer.status_code in (200, 302, 403), f"{name}: {answer.status_code}"
        browser.post(address(name, world), {})
    rows = Event.objects.filter(pk__gt=before)
    assert rows.count() >= len(EMPLOYER)
    for row in rows:
        assert (row.actor, row.acting_for, row.grant) == expected, row.action


@pytest.mark.parametrize("name", CLOSED)
def test_lists_of_people_and_bank_forms_are_refused_by_name_with_whom_to_call(world: World, name: str) -> None:
    browser = acting(world)
    for answer in (browser.get(address(name, world)), browser.post(address(name, world), {})):
        page = answer.content.decode()
        assert answer.status_code == 403
        assert "Your role does not include this" not in page, "the gate has words of its own"
        assert "Nobody can who works for the employer from outside" in page
        assert "Walk team" in page, "client management, as the directory names it"
        assert "1-800-555-0170" in page
    assert declaration(name).permission not in ACTING_PERMISSIONS


def pdf_text(browser: Client, number: str) -> str:
    answer = browser.get(f"/employers/ebilling/invoices/{number}/invoice.pdf")
    assert answer["Content-Type"] == "application/pdf"
    return " ".join(pypdf.PdfReader(io.BytesIO(answer.content)).pages[0].extract_text().split())


def test_a_paper_asked_for_while_acting_says_so_and_is_never_the_clients(world: World) -> None:
    if not pdf.available():
        pytest.skip(f"Pango is not here: {pdf.INSTALL}")
    producer = world.users["producer", A]
    User.objects.filter(pk=producer.pk).update(given_name="Marta", family_name="Diaz")
    number = str(world.objects["employers:ebilling_pdf"]["number"])
    other, own = acting(world), world.browser("employer", A)
    for browser in (other, own):
        browser.get(f"/employers/ebilling/invoices/{number}/pdf/")
    stamped, plain = Job.objects.filter(kind="billing.invoice_pdf").order_by("id")
    jobs.run(stamped.pk)
    assert own.get(f"/employers/ebilling/invoices/{number}/invoice.pdf").status_code == 302, "theirs is not yet made"
    jobs.run(plain.pk)
    words = "Made for Client A by Marta Diaz, Agency A, acting for the employer,"
    assert words in pdf_text(other, number)
    assert "Marta" not in pdf_text(own, number)
    made = Event.objects.filter(action="employers.invoice_pdf").order_by("id")[0]
    assert (made.actor, made.acting_for, made.grant) == identities(world)


def test_a_file_taken_while_acting_names_who_took_it_for_whom(world: World) -> None:
    for path in ("payments", "invoices"):
        for browser, stamped in ((acting(world), True), (world.browser("employer", A), False)):
            answer = browser.get(reverse(f"employers:ebilling_{path}_csv"))
            (line,) = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
            assert ("Made by" in line) is stamped
            assert not stamped or "Agency A, acting for the employer" in line["Made by"]


def test_a_job_whose_grant_ended_ends_without_being_done_and_says_why(world: World) -> None:
    ran: list[int] = []
    jobs.register("test.while_acting", lambda job: ran.append(job.pk))
    actor, acting_for, grant = identities(world)
    place = world.users["producer", A].producer_places.get()
    by = scope.Scope(
        actor=actor,
        portal=scope.Portal.EMPLOYER,
        user_id=world.users["producer", A].pk,
        party=scope.PartyRef.parse(acting_for),
        home=scope.PartyRef("agency", place.agency_id),
        acting_for=scope.PartyRef.parse(acting_for),
        grant=grant,
    )
    first, second = (jobs.ask(kind="test.while_acting", key=f"acting:{n}", scope=by) for n in range(2))
    jobs.run(first.pk)
    with scope.entered(payers.system()):
        ClientGrant.objects.all().update(effective=DateRange(dt.date(2020, 1, 1), dt.date(2020, 2, 1)))
    jobs.run(second.pk)
    assert ran == [first.pk]
    second.refresh_from_db()
    assert (second.status, second.error) == (JobStatus.FAILED, jobs.NO_LONGER_ALLOWED)
    denial = Event.objects.get(kind="denial", action="test.while_acting")
    assert (denial.actor, denial.acting_for, denial.grant) == (actor, acting_for, grant)


def test_the_progress_page_says_that_it_is_no_longer_allowed(world: World) -> None:
    if not pdf.available():
        pytest.skip(f"Pango is not here: {pdf.INSTALL}")
    number = str(world.objects["employers:ebilling_pdf"]["number"])
    browser = acting(world)
    browser.get(f"/employers/ebilling/invoices/{number}/pdf/")
    job = Job.objects.get(kind="billing.invoice_pdf")
    kept = ClientGrant.objects.get(pk=int(identities(world)[2].partition(":")[2]))
    ClientGrant.objects.filter(pk=kept.pk).update(effective=DateRange(dt.date(2020, 1, 1), dt.date(2020, 2, 1)))
    jobs.run(job.pk)
    ClientGrant.objects.filter(pk=kept.pk).update(effective=kept.effective)
    page = browser.get(f"/employers/ebilling/invoices/{number}/pdf/?poll=1").content.decode()
    assert "No longer allowed" in page
    page = browser.get(f"/employers/ebilling/invoices/{number}/pdf/").content.decode()
    assert "Making your PDF" in page, "asked for anew while the access stands again"
