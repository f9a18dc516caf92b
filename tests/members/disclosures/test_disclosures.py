"""Disclosures at the desk: written down once, corrected beside, suspended for a time, read by privacy alone."""

from __future__ import annotations

import csv
import datetime as dt
import io
import time
import uuid
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client as Browser
from pytest_django import DjangoAssertNumQueries

from audit.models import Event, Subject
from members.disclosures import actions
from members.models import Disclosure, DisclosureEnd, Enrollee, Person, Suspension
from portals import scope as scopes
from portals.enums import Team
from portals.models import PlanClock, User
from portals.permissions import Refused
from portals.sessions.scope import STEPPED_UP_KEY
from portals.step_up import RECENTLY
from tests.factories import disclosures, documents, ledger, openings, people
from tests.factories.disclosures import TODAY

pytestmark = pytest.mark.django_db
LIST = "/desk/disclosures/"
SECRET = "Sealed claims of the Zanzibar clinic"
TYPED = {
    "first_on": "03/02/2026", "recipient": "Albany County Health Department",
    "recipient_address": "175 Invented Street", "description": SECRET, "purpose": "public_health",
    "statement": "The law asks for reports of this illness", "case_number": "PH-118",
}  # fmt: skip


@pytest.fixture(autouse=True)
def today() -> None:
    with scopes.entered(scopes.system("test")):
        PlanClock.objects.update_or_create(id=1, defaults={"business_date": TODAY})


@pytest.fixture
def officer() -> User:
    return people.staff_user(Team.PRIVACY)


@pytest.fixture
def privacy(officer: User) -> Browser:
    return people.browser(officer)


@pytest.fixture
def family() -> dict[str, Person]:
    return disclosures.family()


@pytest.fixture
def zelie(family: dict[str, Person]) -> Person:
    return family["subscriber"]


def rows() -> list[Disclosure]:
    with scopes.entered(scopes.system("test")):
        return list(Disclosure.objects.order_by("id").select_related("person", "request_file"))


def member_ids() -> list[str]:
    with scopes.entered(scopes.system("test")):
        return list(Enrollee.objects.order_by("id").values_list("member_id", flat=True))


def step(browser: Browser, url: str, do: str, **typed: Any) -> Any:
    return browser.post(url, {"once": str(uuid.uuid4()), **TYPED, **typed, "do": do}, follow=do == "save")


# --- Recording ----------------------------------------------------------------------------------------------------


def test_from_the_record_a_disclosure_is_checked_and_then_kept_with_its_paper(
    privacy: Browser, officer: User, zelie: Person
) -> None:
    record = privacy.get(f"/desk/members/{zelie.uuid}/").content.decode()
    url = f"/desk/disclosures/new/{zelie.uuid}/"
    assert url in record
    page = privacy.get(url).content.decode()
    for part in (
        "Zelie Marbright",
        "Treatment, payment",
        "signed authorization",
        "limited data set",
        "Incident",
        "National security",
        "Correctional",
    ):
        assert part in page, part
    once = str(uuid.uuid4())
    checked = step(privacy, url, "check", once=once).content.decode()
    assert "Record this of 1 member?" in checked and SECRET in checked and not rows()
    copy = SimpleUploadedFile("subpoena.pdf", documents.pdf(), "application/pdf")
    for _n in range(2):  # sent twice, it is one
        copy.seek(0)
        assert step(privacy, url, "save", once=once, request_file=copy).status_code == 200
    (row,) = rows()
    assert (row.person, row.recorded_by_id, row.times, row.description) == (zelie, officer.pk, 1, SECRET)
    assert row.first_on == row.last_on == dt.date(2026, 3, 2)
    event = Event.objects.get(action="members.disclosures.record")
    assert (event.kind, event.detail) == ("disclosure", {"purpose": "public_health", "people": 1})
    assert list(Subject.objects.filter(event_id=event.pk).values_list("kind", "subject_id")) == [("person", zelie.pk)]
    shown = privacy.get(f"{LIST}{row.uuid}/").content.decode()
    assert "subpoena.pdf" in shown and officer.display_name in shown and "PH-118" in shown
    answer = privacy.get(f"{LIST}{row.uuid}/request/")
    assert answer.content.startswith(b"%PDF") and "attachment" in answer["Content-Disposition"]


def test_what_was_typed_survives_an_error_and_a_second_thought(privacy: Browser, zelie: Person) -> None:
    url = f"/desk/disclosures/new/{zelie.uuid}/"
    page = step(privacy, url, "check", first_on="12/15/2026").content.decode()
    assert "This day has not come yet." in page and SECRET in page and "PH-118" in page
    back = step(privacy, url, "change").content.decode()
    assert "Check what will be recorded" in back and SECRET in back
    wrong = SimpleUploadedFile("a.exe", b"MZ no paper", "application/pdf")
    again = step(privacy, url, "save", request_file=wrong).content.decode()
    assert "Record this of 1 member?" in again and SECRET in again and "PDF, JPEG or PNG" in again
    assert not rows()


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ({"last_on": "04/01/2026"}, "say how many times"),
        ({"last_on": "04/01/2026", "times": "1"}, "say how many times"),
        ({"last_on": "03/01/2026", "frequency": "weekly"}, "cannot be before the first"),
        ({"last_on": "12/15/2026", "frequency": "weekly"}, "has not come yet"),
        ({"times": "0"}, "greater than or equal to 1"),
        ({"recipient": " "}, "This field is required"),
        ({"purpose": "payment"}, "Select a valid choice"),
        ({"first_on": "03/02"}, "month/day/year"),
    ],
)
def test_bad_input_gets_a_clear_sentence(privacy: Browser, zelie: Person, typed: dict[str, str], error: str) -> None:
    page = step(privacy, f"/desk/disclosures/new/{zelie.uuid}/", "check", **typed)
    assert error in page.content.decode()
    assert not rows()


def test_a_repeated_disclosure_is_one_row_with_its_last_day(privacy: Browser, zelie: Person) -> None:
    url = f"/desk/disclosures/new/{zelie.uuid}/"
    step(privacy, url, "save", last_on="08/02/2026", times="6", frequency="every month")
    step(privacy, url, "save", last_on="08/02/2026", frequency="every month")
    counted, unknown = rows()
    assert (counted.times, counted.frequency, counted.last_on) == (6, "every month", dt.date(2026, 8, 2))
    assert (unknown.times, unknown.frequency) == (None, "every month")


def test_a_report_of_several_members_is_one_entry(privacy: Browser, family: dict[str, Person]) -> None:
    url = "/desk/disclosures/new/"
    first, second, third, *_rest = member_ids()
    spaced = f"{first[:3]} {first[3:7]} {first[7:11]} {first[11:]}"
    page = step(privacy, url, "check", members=f"Member ID\r\n{spaced}\r\n\r\n{second.lower()}")
    assert "Record this of 2 members?" in page.content.decode()
    listed = SimpleUploadedFile("list.csv", f"member_id,note\n{first},x\n{third},y\n".encode(), "text/csv")
    page = step(privacy, url, "check", members_file=listed)
    assert "Record this of 2 members?" in page.content.decode()
    kept = page.context["form"]["members"].value()
    assert third in kept, "the file's lines come along, and it need not be chosen again"
    step(privacy, url, "save", members=kept)
    recorded = rows()
    assert {row.person for row in recorded} == {family["subscriber"], family["child"]}
    assert len({row.entry for row in recorded}) == 1
    event = Event.objects.get(action="members.disclosures.record")
    assert event.detail == {"purpose": "public_health", "people": 2}
    assert Subject.objects.filter(event_id=event.pk).count() == 2
    assert SECRET not in str(list(Event.objects.values_list("detail", "fields", "object_id")))


def test_nothing_or_all_and_each_line_with_its_reason(privacy: Browser, family: dict[str, Person]) -> None:
    first, *_rest = member_ids()
    page = step(privacy, "/desk/disclosures/new/", "save", members=f"{first}\nNGH000000001\n{first}")
    text = page.content.decode()
    assert "Line 2, NGH000000001: no member has this ID." in text
    assert f"Line 3, {first}: this member stands here already." in text
    assert first in page.context["form"]["members"].value() and SECRET in text
    assert not rows()
    many = "\n".join(f"X{n}" for n in range(25))
    text = step(privacy, "/desk/disclosures/new/", "check", members=many).content.decode()
    assert "Line 20, X19" in text and "Line 21, X20" not in text and "And 5 more lines." in text
    nobody = step(privacy, "/desk/disclosures/new/", "check", members="\n\n").content.decode()
    assert "Name at least one member." in nobody
    search = Event.objects.filter(action="members.disclosures.resolve").latest("id")
    assert search.detail == {"lines": 25, "people": 0}
    page = step(privacy, "/desk/disclosures/new/", "check", members=f"{first}\nX1", recipient="")
    assert set(page.context["form"].errors) == {"members", "recipient"}, "all that is wrong is told at once"


def test_a_file_that_is_no_list_is_refused(privacy: Browser, family: dict[str, Person]) -> None:
    both = SimpleUploadedFile("list.csv", b"NGH1\n", "text/csv")
    page = step(privacy, "/desk/disclosures/new/", "check", members="NGH2", members_file=both)
    assert "not both" in page.content.decode()
    pdf = SimpleUploadedFile("list.csv", documents.pdf(), "text/csv")
    assert "CSV" in step(privacy, "/desk/disclosures/new/", "check", members_file=pdf).content.decode()
    assert not rows()


def test_entering_asks_for_the_second_step(officer: User, zelie: Person) -> None:
    browser = people.browser(officer, stepped_up=False)
    row = disclosures.made(officer, zelie, purpose="oversight")
    for url in ("new/", f"new/{zelie.uuid}/", f"{row.uuid}/correct/", f"{row.uuid}/void/", f"{row.uuid}/suspend/"):
        assert browser.post(f"{LIST}{url}", TYPED).url.startswith("/confirm/"), url
    assert browser.get(f"{LIST}list.csv").url.startswith("/confirm/")


def test_a_proof_that_grew_old_loses_nothing_that_was_typed(privacy: Browser, zelie: Person) -> None:
    session = privacy.session
    session[STEPPED_UP_KEY] = time.time() - RECENTLY - 1
    session.save()
    page = step(privacy, f"/desk/disclosures/new/{zelie.uuid}/", "save").content.decode()
    assert "show once more who you are" in page and SECRET in page and not rows()


# --- Correcting, voiding, suspending ------------------------------------------------------------------------------


def test_a_correction_stands_beside_what_it_replaces(privacy: Browser, officer: User, zelie: Person) -> None:
    old = disclosures.made(officer, zelie, description="Claims of Febuary")
    url = f"{LIST}{old.uuid}/correct/"
    assert "Claims of Febuary" in privacy.get(url).content.decode()
    privacy.post(url, {**TYPED, "description": "Claims of February", "reason": "A slip of the pen"})
    _first, new = rows()
    page = privacy.get(f"{LIST}{old.uuid}/").content.decode()
    assert "Claims of Febuary" in page and "A slip of the pen" in page and str(new.uuid) in page
    assert "Correct it" not in page
    listed = privacy.get(LIST).context["listed"]
    assert [each["row"].pk for each in listed] == [new.pk]
    assert [each["row"].pk for each in privacy.get(f"{LIST}?state=ended").context["listed"]] == [old.pk]
    event = Event.objects.get(action="members.disclosures.correct")
    assert (event.kind, event.detail["purpose"]) == ("disclosure", "public_health")
    again = privacy.post(url, {**TYPED, "reason": "Once more"}, follow=True).content.decode()
    assert "somebody else was quicker" in again and len(rows()) == 2


def test_a_void_one_says_why_and_stays(privacy: Browser, officer: User, zelie: Person) -> None:
    row = disclosures.made(officer, zelie)
    url = f"{LIST}{row.uuid}/void/"
    assert "This field is required" in privacy.post(url, {"reason": ""}).content.decode()
    page = privacy.post(url, {"reason": "It was a payment"}, follow=True).content.decode()
    assert "It was a payment" in page and "Void" in page
    ledger.expect("members.disclosures.void", by=officer, about="person", on="disclosure")
    assert len(rows()) == 1
    with scopes.entered(scopes.system("test")):
        assert DisclosureEnd.objects.get().replacement_id is None
    assert "somebody else was quicker" in privacy.post(url, {"reason": "Again"}, follow=True).content.decode()


def test_what_agencies_said_is_kept_and_the_latest_holds(privacy: Browser, officer: User, zelie: Person) -> None:
    row = disclosures.made(officer, zelie, purpose="law_enforcement")
    url, page = f"{LIST}{row.uuid}/suspend/", f"{LIST}{row.uuid}/"
    said = {"official": "Inspector Quill, State Police", "statement": "It would impede", "stated_on": "12/14/2026"}
    late = privacy.post(url, {**said, "form": "oral", "until": "01/14/2027"}).content.decode()
    assert "to 01/13/2027 at most" in late
    privacy.post(url, {**said, "form": "oral", "until": "01/13/2027"})
    shown = privacy.get(page).content.decode()
    assert "The member is not told of this now" in shown and "Inspector Quill" in shown
    assert [each["state"] for each in privacy.get(f"{LIST}?state=suspended").context["listed"]] == ["Suspended"]
    twice = privacy.post(url, {**said, "form": "oral", "until": "01/10/2027"}).content.decode()
    assert "only a written one lasts longer" in twice
    paper = SimpleUploadedFile("statement.pdf", documents.pdf(), "application/pdf")
    privacy.post(url, {**said, "form": "written", "until": "06/30/2027", "document": paper})
    assert "statement.pdf" in privacy.get(page).content.decode()
    with scopes.entered(scopes.system("test")):
        written = Suspension.objects.latest("id")
    assert privacy.get(f"{page}statements/{written.pk}/").content.startswith(b"%PDF")
    privacy.post(url, {**said, "form": "withdrawn", "until": ""})
    assert not privacy.get(f"{LIST}?state=suspended").context["listed"]
    detail = Event.objects.filter(action="members.disclosures.suspend").values_list("detail", flat=True)
    assert [each["form"] for each in detail.order_by("id")] == ["oral", "written", "withdrawn"]


def test_a_suspension_goes_on_with_the_correction(privacy: Browser, officer: User, zelie: Person) -> None:
    row = disclosures.made(officer, zelie, purpose="law_enforcement")
    disclosures.suspended(officer, row, until=dt.date(2027, 6, 30))
    privacy.post(f"{LIST}{row.uuid}/correct/", {**TYPED, "purpose": "law_enforcement", "reason": "Another address"})
    (listed,) = privacy.get(f"{LIST}?state=suspended").context["listed"]
    assert listed["row"].pk == rows()[-1].pk


def test_other_purposes_are_never_suspended(privacy: Browser, officer: User, zelie: Person) -> None:
    row = disclosures.made(officer, zelie)
    assert privacy.get(f"{LIST}{row.uuid}/suspend/").status_code == 404
    with pytest.raises(actions.NotSuspendable):
        disclosures.suspended(officer, row, until=dt.date(2027, 1, 1))


# --- The list -----------------------------------------------------------------------------------------------------


def test_the_list_is_searched_by_everything_but_a_part_of_a_member(
    privacy: Browser, officer: User, family: dict[str, Person]
) -> None:
    zelie, rune = family["subscriber"], family["spouse"]
    other = people.staff_user(Team.PRIVACY)
    disclosures.made(officer, zelie)
    disclosures.made(other, rune, recipient="Kings County Court", purpose="judicial", first_on=dt.date(2025, 1, 5))

    def shown(query: str) -> list[str]:
        return [each["row"].recipient for each in privacy.get(f"{LIST}?{query}").context["listed"]]

    county, court = disclosures.RECIPIENT, "Kings County Court"
    assert shown("") == [county, court]
    assert shown("q=county") == [county, court]
    assert shown("q=county+health") == [county]
    assert shown("purpose=judicial") == [court]
    assert shown("first_on=01/06/2025") == [county]
    assert shown("last_on=01/05/2025") == [court]
    assert shown(f"by={other.pk}") == [court]
    assert shown(f"person={zelie.uuid}") == [county]
    assert shown("q=Marbright") == [], "nobody is found by a part of the name"
    number = member_ids()[1]
    found = privacy.post(LIST, {"number": number})
    assert found.url == f"{LIST}?person={rune.uuid}", "no address holds the number"
    assert "No member has this number." in privacy.post(LIST, {"number": number[:-1]}).content.decode()
    text = privacy.get(f"{LIST}list.csv?purpose=judicial").content.decode("utf-8-sig")
    _head, line = csv.reader(io.StringIO(text))
    assert line[0] == "Rune Marbright" and court in line
    export = Event.objects.get(kind="export", action="disclosures:list_csv")
    assert export.detail["rows"] == 1


@pytest.mark.parametrize("count", [1, 3])
def test_the_pages_cost_the_same_for_more_rows(
    privacy: Browser, officer: User, zelie: Person, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _n in range(count):
        row = disclosures.made(officer, zelie, purpose="oversight")
        disclosures.suspended(officer, row, until=dt.date(2027, 1, 1))
        row = disclosures.made(officer, zelie, purpose="oversight")
        with scopes.entered(openings.desk_scope(officer)) as by:
            for _again in range(count):
                row = actions.correct(by=by, disclosure=row.uuid, what=disclosures.what(), reason="Wrong")
    with django_assert_num_queries(13):
        privacy.get(LIST)
    with django_assert_num_queries(14):
        privacy.get(f"{LIST}{row.uuid}/")


# --- Who may ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("team", [team for team in Team if team != Team.PRIVACY])
def test_to_other_teams_it_is_closed(team: Team, officer: User, zelie: Person) -> None:
    row = disclosures.made(officer, zelie, description=SECRET)
    browser = people.desk_browser(team)
    for url in ("", "list.csv", "new/", f"new/{zelie.uuid}/", f"{row.uuid}/", f"{row.uuid}/void/", "accountings/"):
        page = browser.get(f"{LIST}{url}")
        assert page.status_code == 403 and SECRET not in page.content.decode(), url
        assert "recorded and accounted for by the privacy officer" in page.content.decode()
    record = browser.get(f"/desk/members/{zelie.uuid}/")
    assert "Record a disclosure" not in record.content.decode()


def test_actions_ask_for_the_permission_too(officer: User, zelie: Person) -> None:
    row = disclosures.made(officer, zelie)
    by = openings.desk_scope(people.staff_user(Team.MEMBER_SERVICES))
    calls: list[Any] = [
        lambda: actions.record(by=by, people=[zelie.pk], what=disclosures.what(), once=uuid.uuid4()),
        lambda: actions.resolve(by=by, lines=[(1, "NGH")]),
        lambda: actions.correct(by=by, disclosure=row.uuid, what=disclosures.what(), reason="x"),
        lambda: actions.void(by=by, disclosure=row.uuid, reason="x"),
    ]
    for call in calls:
        with pytest.raises(Refused), scopes.entered(by):
            call()
    with scopes.entered(by):
        assert not Disclosure.objects.visible_to(by).exists()


def test_no_member_sees_the_rows_themselves(officer: User, zelie: Person) -> None:
    disclosures.made(officer, zelie)
    by = disclosures.member_scope(people.member_user(zelie), zelie)
    with scopes.entered(by):
        assert not Disclosure.objects.filter(person=zelie).exists()
        assert not Suspension.objects.exists() and not DisclosureEnd.objects.exists()


# --- What the database holds to -----------------------------------------------------------------------------------


def refuses(sql: str, *params: object) -> str:
    with pytest.raises((IntegrityError, DatabaseError)) as caught, scopes.entered(scopes.system("test")):  # noqa: SIM117
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, params)
    return str(caught.value)


def test_nothing_is_changed_or_removed(officer: User, zelie: Person) -> None:
    row = disclosures.made(officer, zelie, purpose="oversight")
    disclosures.suspended(officer, row, until=dt.date(2027, 1, 1))
    with scopes.entered(openings.desk_scope(officer)) as by:
        actions.void(by=by, disclosure=row.uuid, reason="Wrong member")
    for table in ("members_disclosure", "members_disclosureend", "members_suspension"):
        for sql in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):  # noqa: S608
            assert "denied" in refuses(sql) or "append-only" in refuses(sql), sql


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("last_on = '2026-03-01'", "disclosure_days_in_order"),
        ("times = 0", "disclosure_once_or_how_often"),
        ("last_on = '2026-04-01'", "disclosure_once_or_how_often"),
        ("times = NULL", "disclosure_once_or_how_often"),
        ("recipient = ''", "disclosure_is_whole"),
        ("statement = ''", "disclosure_is_whole"),
        ("purpose = 'payment'", "disclosure_has_a_purpose"),
        ("uuid = gen_random_uuid(), id = id + 1000", "disclosure_once"),
    ],
)
def test_the_database_refuses_what_is_no_disclosure(officer: User, zelie: Person, change: str, constraint: str) -> None:
    row = disclosures.made(officer, zelie)
    fresh = "" if constraint == "disclosure_once" else ", uuid = gen_random_uuid(), entry = gen_random_uuid()"
    sql = (
        "CREATE TEMPORARY TABLE copied ON COMMIT DROP AS SELECT * FROM members_disclosure WHERE id = %s;"  # noqa: S608
        f"UPDATE copied SET id = nextval('members_disclosure_id_seq'){fresh};"
        f"UPDATE copied SET {change};"
        "INSERT INTO members_disclosure SELECT * FROM copied"
    )
    assert constraint in refuses(sql, row.pk)


def test_the_database_refuses_ends_and_suspensions_that_do_not_fit(officer: User, family: dict[str, Person]) -> None:
    zelie, rune = family["subscriber"], family["spouse"]
    row, of_another = disclosures.made(officer, zelie), disclosures.made(officer, rune)
    police = disclosures.made(officer, zelie, purpose="law_enforcement")
    end = "INSERT INTO members_disclosureend (disclosure_id, replacement_id, reason, by_id) VALUES (%s, %s, %s, %s)"
    assert "disclosure_replaced_by_another" in refuses(end, row.pk, row.pk, "x", officer.pk)
    assert "same person" in refuses(end, row.pk, of_another.pk, "x", officer.pk)
    assert "disclosure_end_has_a_reason" in refuses(end, row.pk, None, "", officer.pk)
    said = (
        "INSERT INTO members_suspension (disclosure_id, form, official, statement, stated_on, until, by_id)"
        " VALUES (%s, %s, %s, 'x', '2026-12-14', %s, %s)"
    )
    assert "never suspended" in refuses(said, row.pk, "written", "Quill", "2027-01-01", officer.pk)
    for form, until in (("oral", "2027-01-14"), ("oral", None), ("written", "2026-12-13"), ("withdrawn", "2027-01-01")):
        assert "suspension_has_its_time" in refuses(said, police.pk, form, "Quill", until, officer.pk), form
    assert "suspension_is_documented" in refuses(said, police.pk, "written", "", "2027-01-01", officer.pk)
    disclosures.suspended(officer, police, form="oral", until=dt.date(2027, 1, 13))
    assert "one_oral_suspension" in refuses(said, police.pk, "oral", "Quill", "2027-01-13", officer.pk)
