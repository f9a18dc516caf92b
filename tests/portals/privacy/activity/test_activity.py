"""Each week of the ledger is counted, read, signed by somebody whom it does not name, and then stays as it is."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator

import pypdf
import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client as Browser
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from audit import actions as audit
from audit.enums import Kind
from audit.models import Event
from audit.queries import CHECK_ACTION, CHECK_ACTOR
from portals import jobs
from portals import scope as scopes
from portals.enums import ActivityState, RequestStatus, Team, UserKind
from portals.files import pdf
from portals.files import stored as files
from portals.models import ActivityReview, DeskRequest, Job, OutboxMail, StaffRole, User
from portals.permissions import Refused
from portals.privacy.activity import actions as activity
from portals.privacy.activity import figures as activity_figures
from portals.privacy.activity import report as activity_report
from portals.privacy.activity import table as activity_table
from portals.privacy.activity.tasks import review_activity
from tests.factories import alerts as alerts_made
from tests.factories import ledger, openings, people
from tests.factories.ledger import NOON

pytestmark = pytest.mark.django_db
WEEK = dt.date(2026, 3, 9)  # of NOON
TODAY = dt.date(2026, 3, 16)
DAY = dt.timedelta(days=1)
NOTE = "Nothing stands out; the exports were renewals."


@pytest.fixture(autouse=True)
def own_ledger() -> Iterator[None]:
    with scopes.entered(scopes.system("test")):
        ledger.shadow()
        yield


@pytest.fixture
def officer() -> User:
    return people.staff_user(Team.PRIVACY)


@pytest.fixture
def privacy(officer: User) -> Browser:
    return people.browser(officer)


def of_day(today: dt.date = TODAY) -> int:
    return activity.of_day(by=scopes.system("test"), today=today)


def made(week: dt.date = WEEK) -> ActivityReview:
    ledger.event(people.user(), at=NOON + (week - WEEK), people=[1])
    activity.make(by=scopes.system("test"), week=week, today=week + 7 * DAY)
    return ActivityReview.objects.get(week=week)


def sign(by: User, row: ActivityReview) -> ActivityReview:
    return activity.sign(by=openings.desk_scope(by), review_id=row.pk, note=NOTE)


# --- What is counted ----------------------------------------------------------------------------------------------


def test_a_week_is_counted_from_monday_to_sunday_of_the_plan() -> None:
    clerk, member = people.staff_user(Team.MEMBER_SERVICES), people.user(UserKind.MEMBER)
    first, until = activity_figures.bounds(WEEK)
    ledger.event(clerk, at=first, people=[1, 2])
    ledger.event(clerk, at=until - dt.timedelta(seconds=1), people=[2, 3])
    ledger.event(clerk, at=first - dt.timedelta(seconds=1), people=[4])
    ledger.event(clerk, at=until, people=[5])
    ledger.event(member, portal="member", people=[1])
    ledger.event(clerk, kind="export", people=range(10))
    ledger.event(clerk, kind="export", detail={"people": 7})
    for _n in range(10):
        ledger.event("nobody", kind="failure", portal="door", outcome="failed", object_kind="user", object_id="77")
    ledger.event(clerk, kind="denial", outcome="refused")
    figures = activity_figures.of_week(WEEK)
    assert ["view", "desk", "done", 2] in figures["events"]
    assert ["failure", "door", "failed", 10] in figures["events"]
    assert figures["opened"] == {"desk": 10, "member": 1}
    assert figures["exports"] == {"files": 2, "people": 17}
    assert figures["failures"] == {"accounts": 1, "shut": 0}
    assert [(each["user"], each["people"]) for each in figures["actors"]] == [(clerk.pk, 10)]


def test_the_ten_who_opened_most_stand_beside_their_own_four_weeks() -> None:
    first, _until = activity_figures.bounds(WEEK)
    readers = [people.staff_user(Team.MEMBER_SERVICES) for _n in range(11)]
    for n, reader in enumerate(readers):
        ledger.event(reader, people=range(n + 1))
    ledger.event(readers[10], at=first - dt.timedelta(seconds=1), people=[1, 2])  # the Sunday before
    ledger.event(readers[10], at=first - 7 * DAY, people=[2, 3])  # its Monday
    ledger.event(readers[10], at=first - 7 * DAY - dt.timedelta(seconds=1), people=[9])
    ledger.event(readers[10], at=first - 28 * DAY, people=range(4))
    ledger.event(readers[10], at=first - 28 * DAY - dt.timedelta(seconds=1), people=range(50))
    figures = activity_figures.of_week(WEEK)
    assert [each["people"] for each in figures["actors"]] == list(range(11, 1, -1))
    assert figures["actors"][0] == {"user": readers[10].pk, "people": 11, "before": [3, 1, 0, 4]}


def test_access_looks_and_alerts_of_the_week_are_counted() -> None:
    clerk = people.staff_user(Team.HELP_DESK)
    StaffRole.objects.filter(user=clerk).update(started_at=NOON, ended_at=NOON + DAY)
    today = activity.monday(timezone.localdate())
    row = alerts_made.made(clerk, found_at=timezone.now())
    look = openings.glass(people.staff_user(Team.HELP_DESK), people.person())
    openings.run_out(look)
    now = activity_figures.of_week(today)
    assert now["alerts"] == {row.rule: [1, 0, 1]}
    assert (now["looks"]["opened"], now["looks"]["waiting"], now["looks"]["late"]) == (1, 1, 0)
    type(look).objects.update(opened_at=NOON)
    figures = activity_figures.of_week(WEEK)
    assert figures["access"]["desk"] == [1, 1]
    assert figures["looks"] == {"opened": 1, "reviewed": 0, "waiting": 1, "late": 1}
    assert figures["alerts"] == {}


def test_figures_say_their_names_and_lead_to_what_they_count() -> None:
    figures = [{**made().figures, "alerts": {"many_records": [2, 1, 1]}}, made(WEEK - 7 * DAY).figures]
    sections = activity_table.sections(WEEK, figures)
    by_label = {str(row.label): row for section in sections for row in section.rows}
    assert by_label["All events"].values == [1, 1]
    found = by_label["Many records in a short time: made"]
    assert (found.now, found.before) == (2, [0])
    assert "rule=many_records" in found.url and "first=03/09/2026&last=03/15/2026" in found.url
    assert by_label["View"].values == [1, 1]
    assert "Print" not in by_label


def test_how_the_seals_were_last_checked_and_the_checkpoint_to_compare_stand_in_the_week() -> None:
    assert activity_figures.of_week(WEEK)["seal"]["check"] is None
    detail = {
        "whole": True, "since": "", "findings": 2, "rows": 10, "blocks": 3, "unsealed": 0, "archived": 0,
        "checkpoint": 3, "checkpoint_hash": "ab" * 32, "file": "",
    }  # fmt: skip
    audit.record(kind=Kind.JOB, action=CHECK_ACTION, actor=CHECK_ACTOR, detail=detail)
    told = activity_figures.of_week(WEEK)["seal"]["check"]
    assert (told["found"], told["block"], told["hash"]) == (2, 3, "ab" * 32)


# --- Making, once -------------------------------------------------------------------------------------------------


def test_a_week_is_reviewed_when_it_is_over_once_and_missed_ones_are_caught_up() -> None:
    ledger.event(people.user(), at=NOON - 14 * DAY, people=[1])
    assert of_day(TODAY - DAY) == 2  # Sunday: this week is not over
    assert of_day() == 1
    assert of_day() == 0
    weeks = list(ActivityReview.objects.order_by("week").values_list("week", flat=True))
    assert weeks == [WEEK - 14 * DAY, WEEK - 7 * DAY, WEEK]
    assert of_day(TODAY + 21 * DAY) == 3
    with pytest.raises(ValueError, match="not over"):
        activity.make(by=scopes.system("test"), week=TODAY, today=TODAY + 6 * DAY)


def test_the_clock_makes_the_week_before_and_signs_with_its_own_name() -> None:
    ledger.event(people.user(), at=timezone.now() - 7 * DAY, people=[1])
    review_activity()
    row = ActivityReview.objects.get()
    made = ledger.expect("activity.make", by="system", on="activity_review")
    assert (made.actor, made.object_id) == ("system:review_activity", str(row.pk))


def test_an_empty_ledger_has_no_weeks_and_an_old_one_not_all_of_them() -> None:
    assert of_day() == 0
    ledger.event(people.user(), at=NOON - 400 * DAY)
    assert of_day() == activity.FIRST_WEEKS


# --- Signing ------------------------------------------------------------------------------------------------------


def test_an_officer_signs_with_a_note_and_it_stays(privacy: Browser, officer: User) -> None:
    row = made()
    url = f"/desk/activity/{row.pk}/"
    for sent in ({"note": NOTE}, {"read": "on"}, {"read": "on", "note": "ok"}):
        assert b"Please correct the following" in privacy.post(url, {"do": "sign", **sent}).content
    privacy.post(url, {"do": "sign", "read": "on", "note": NOTE})
    row.refresh_from_db()
    assert (row.signed_by, row.note) == (officer, NOTE)
    assert ledger.expect("activity.sign", by=officer, on="activity_review").detail == {"week": str(WEEK)}
    assert NOTE in privacy.get(url).content.decode()
    with pytest.raises(activity.SignedAlready):
        sign(people.staff_user(Team.PRIVACY), row)
    again = privacy.post(url, {"do": "sign", "read": "on", "note": "Another note than before."}, follow=True)
    assert b"Somebody else was quicker" in again.content
    for sql in (
        "UPDATE portals_activityreview SET note = 'x'",
        "UPDATE portals_activityreview SET signed_at = NULL",
        "UPDATE portals_activityreview SET figures = '{}'",
        "DELETE FROM portals_activityreview",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)


def test_figures_stay_as_they_were_counted_also_before_the_signature() -> None:
    made()
    with pytest.raises(DatabaseError), transaction.atomic():
        ActivityReview.objects.update(figures={})


def test_whom_an_open_alert_of_the_week_names_does_not_sign_who_worked_the_alerts_may(officer: User) -> None:
    row = made()
    inside = alerts_made.made(officer, first_at=NOON, last_at=NOON)
    alerts_made.made(officer, first_at=NOON + 7 * DAY, last_at=NOON + 7 * DAY)
    with pytest.raises(Refused) as refused:
        sign(officer, row)
    assert refused.value.answer == activity.NAMED
    page = people.browser(officer).post(f"/desk/activity/{row.pk}/", {"do": "sign", "read": "on", "note": NOTE})
    assert page.status_code == 403
    assert b"names you" in page.content
    type(inside).objects.filter(pk=inside.pk).update(state="closed", finding="explained", closed_at=timezone.now())
    assert sign(officer, row).signed_by_id == officer.pk  # the other one is of another week
    of_another = alerts_made.made(people.user(), first_at=NOON, last_at=NOON)
    second = made(WEEK - 7 * DAY)
    of_another.owner = officer
    of_another.save()
    assert sign(officer, second).signed_by_id == officer.pk


def test_what_nobody_signed_in_time_is_a_mail_and_a_request_once_and_the_signature_ends_it(officer: User) -> None:
    row = made()
    assert row.sign_by == dt.date(2026, 3, 23)  # five business days after Monday the 16th
    by = scopes.system("test")
    assert activity.remind(by=by, today=row.sign_by) == 0
    assert activity.remind(by=by, today=row.sign_by + DAY) == 1
    assert activity.remind(by=by, today=row.sign_by + 2 * DAY) == 0
    assert OutboxMail.objects.get(key__startswith="activity-late").to == officer.email
    request = DeskRequest.objects.get(kind=activity.REQUEST_KIND)
    assert request.team == Team.PRIVACY
    row.refresh_from_db()
    assert activity.state_of(row, today=row.sign_by) == ActivityState.TO_SIGN
    assert activity.state_of(row, today=row.sign_by + DAY) == ActivityState.LATE
    sign(officer, row)
    request.refresh_from_db()
    assert request.status == RequestStatus.DONE


# --- The report ---------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not pdf.available(), reason="no Pango here")
def test_the_report_is_made_and_made_again_with_the_signature_and_each_download_leaves_a_row(
    privacy: Browser, officer: User
) -> None:
    row = made()
    url = f"/desk/activity/{row.pk}/report.pdf"
    assert privacy.get(url).status_code == 302  # it is being made
    jobs.run(Job.objects.get(kind=activity_report.REPORT).pk)
    assert OutboxMail.objects.get(key__startswith="activity.report").to == officer.email
    unsigned = privacy.get(url)
    assert unsigned["Content-Type"] == "application/pdf"
    assert privacy.post(f"/desk/activity/{row.pk}/", {"do": "sign", "read": "on", "note": NOTE}).status_code == 302
    assert privacy.get(url).status_code == 302  # of the signed one there is none yet
    jobs.run(Job.objects.get(kind=activity_report.REPORT, status="waiting").pk)
    row.refresh_from_db()
    stored = activity_report.stored(row)
    assert stored is not None
    read = pypdf.PdfReader(io.BytesIO(files.read(stored)))
    text = " ".join(page.extract_text() for page in read.pages)
    assert read.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert officer.display_name in text and "exports were renewals" in text
    assert privacy.get(url).status_code == 200
    assert Event.objects.filter(action="desk:activity_report", kind="export").count() == 2


# --- The pages ----------------------------------------------------------------------------------------------------


def test_the_list_is_filtered_and_downloaded(privacy: Browser, officer: User) -> None:
    first, second = made(), made(WEEK - 7 * DAY)
    sign(officer, second)
    listings = {"": [first, second], "?state=signed": [second], "?state=late": [first], "?state=to_sign": []}
    for query, wanted in listings.items():
        listed = privacy.get(f"/desk/activity/{query}").context["listed"]
        assert [row for row, _state, _tone in listed] == wanted, query
    lines = privacy.get("/desk/activity/list.csv?state=signed").content.decode().splitlines()
    assert len(lines) == 2
    assert lines[1].startswith("2026-03-02,signed,")


@pytest.mark.parametrize("team", [team for team in Team if team != Team.PRIVACY])
def test_to_others_the_gate_is_named(team: Team) -> None:
    row = made()
    browser = people.desk_browser(team)
    for url in ("", "list.csv", f"{row.pk}/", f"{row.pk}/report.pdf"):
        page = browser.get(f"/desk/activity/{url}")
        assert page.status_code == 403
        assert b"reviewed by the privacy officer" in page.content


def test_no_such_review_is_not_there(privacy: Browser) -> None:
    for url in ("/desk/activity/999999/", "/desk/activity/999999/report.pdf"):
        assert privacy.get(url).status_code == 404


def test_pages_cost_the_same_for_one_and_for_three(
    privacy: Browser, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    row = made()
    privacy.get("/desk/activity/")
    with django_assert_num_queries(12):
        privacy.get("/desk/activity/")
    with django_assert_num_queries(16):
        privacy.get(f"/desk/activity/{row.pk}/")
    for n in (1, 2):
        made(WEEK - n * 7 * DAY)
    for _n in range(3):
        ledger.event(people.user(), people=[1])
    with django_assert_num_queries(12):
        assert len(privacy.get("/desk/activity/").context["listed"]) == 3
    with django_assert_num_queries(16):
        assert len(privacy.get(f"/desk/activity/{row.pk}/").context["side"].before) == 2
