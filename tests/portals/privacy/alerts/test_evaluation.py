"""Each alert rule at its limit, below and above, and whom it must leave alone; twice is once; nothing is missed."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from members.models import Person
from portals import scope as scopes
from portals.enums import AlertFinding, AlertState, Team, UserKind
from portals.models import (
    Alert,
    AlertEvent,
    AlertMark,
    AlertNote,
    AlertSetting,
    OutboxMail,
    PlanClosing,
    StaffRole,
    User,
)
from portals.privacy.alerts import evaluation as alerts
from portals.privacy.alerts import ledger_sql, rule_settings
from portals.privacy.alerts.evaluation import Evaluation
from producers.models import ProducerUser
from tests.factories import ledger, openings, people
from tests.factories import members as enrollment
from tests.factories.ledger import NOON

pytestmark = pytest.mark.django_db
HOUR, MINUTE, DAY = dt.timedelta(hours=1), dt.timedelta(minutes=1), dt.timedelta(days=1)
LONG_AGO = NOON - dt.timedelta(days=60)


@pytest.fixture(autouse=True)
def own_ledger() -> Iterator[None]:
    with scopes.entered(scopes.system("test")):
        ledger.shadow()
        yield


@pytest.fixture
def clerk() -> User:
    return people.staff_user(Team.MEMBER_SERVICES)


def evaluate(since: dt.datetime | None = LONG_AGO) -> Evaluation:
    return alerts.evaluate(by=scopes.system("test"), since=since)


def of(rule: str) -> list[Alert]:
    return list(Alert.objects.filter(rule=rule).order_by("pk"))


def limit(rule: str, **values: object) -> None:
    found = rule_settings.rule(rule)
    assert found is not None
    officer = openings.desk_scope(people.staff_user(Team.PRIVACY))
    standing = rule_settings.setting_of(found)
    rule_settings.change(
        by=officer,
        rule=found,
        enabled=True,
        values={**standing.values, **values},
        why="For a test",
        read=standing.row.pk if standing.row else 0,
    )


# --- Many records in a short time ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("count", "alerted"), [(4, False), (5, True), (6, True)])
def test_many_people_within_an_hour(clerk: User, count: int, alerted: bool) -> None:
    limit("many_records", desk=5)
    ledger.events(clerk, count)
    evaluate()
    assert [row.amount for row in of("many_records")] == ([count] if alerted else [])
    assert AlertEvent.objects.count() == (count if alerted else 0)


def test_an_hour_counts_wherever_it_begins_and_two_hours_do_not(clerk: User) -> None:
    limit("many_records", desk=4)
    colleague = people.staff_user(Team.MEMBER_SERVICES)
    for n in range(4):
        ledger.event(clerk, at=NOON + 27 * MINUTE + n * 20 * MINUTE, people=[n + 1])  # 12:27 to 13:27
        ledger.event(colleague, at=NOON + n * 25 * MINUTE, people=[n + 1])  # 75 minutes
    evaluate()
    (row,) = of("many_records")
    assert row.user == clerk
    assert row.detail == {"limit": 4}


def test_the_same_person_again_counts_once_and_each_door_has_its_limit(clerk: User) -> None:
    limit("many_records", desk=3, provider=5)
    nurse, place = people.user(), people.practice()
    for n in range(9):
        ledger.event(clerk, at=NOON + n * MINUTE, people=[1 + n % 2])
    ledger.events(nurse, 4, portal="provider", acting_for="")
    assert place
    evaluate()
    assert of("many_records") == []


def test_files_count_their_people_also_where_only_their_number_stands(clerk: User) -> None:
    limit("many_records", desk=50)
    ledger.event(clerk, kind="export", people=range(1, 31))
    ledger.event(clerk, kind="export", at=NOON + MINUTE, detail={"people": 20})
    evaluate()
    assert [row.amount for row in of("many_records")] == [50]


def test_commands_jobs_strangers_and_members_at_home_never_alert(clerk: User) -> None:
    limit("many_records", desk=2, employer=2, producer=2, provider=2)
    member = people.user(UserKind.MEMBER)
    ledger.events("system:run_billing", 9, portal="system")
    ledger.events("nobody", 9, portal="door")
    ledger.events(member, 9, portal="member", action="members:card")
    ledger.events(clerk, 9, kind="change")  # a change is no opening
    ledger.events(clerk, 9, outcome="refused")
    ledger.events(clerk, 9, action="desk:alert")  # the officer's own pages name whom an alert is about
    evaluate()
    assert not of("many_records")


def test_plan_staff_who_look_as_a_member_are_plan_staff(clerk: User) -> None:
    limit("many_records", desk=3)
    ledger.events(clerk, 3, portal="member", kind="look", grant_ref="view-as:7")
    evaluate()
    (row,) = of("many_records")
    assert row.portal == "desk"


# --- Files, denials, emergencies ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("count", "alerted"), [(199, False), (200, True), (201, True)])
def test_a_large_file(clerk: User, count: int, alerted: bool) -> None:
    ledger.event(clerk, kind="export", people=range(1, count + 1))
    ledger.event(people.user(), kind="export", portal="employer", people=range(1, count + 1))  # their own people
    evaluate()
    assert [row.amount for row in of("large_export")] == ([count] if alerted else [])


def test_each_large_file_is_its_own(clerk: User) -> None:
    for n in range(2):
        ledger.event(clerk, kind="export", at=NOON + n * MINUTE, detail={"people": 300})
    evaluate()
    assert len(of("large_export")) == 2


@pytest.mark.parametrize(("count", "alerted"), [(19, False), (20, True), (21, True)])
def test_turned_away_many_times(count: int, alerted: bool) -> None:
    nurse, other = people.user(), people.user()
    for n in range(count):
        ledger.event(nurse, kind="denial", outcome="refused", portal="provider", at=NOON + n * MINUTE)
        ledger.event(other, kind="denial", outcome="refused", portal="provider", at=NOON + n * 4 * MINUTE)  # slowly
    evaluate()
    assert [(row.user_id, row.amount) for row in of("many_denials")] == ([(nurse.pk, count)] if alerted else [])


@pytest.mark.parametrize(("count", "alerted"), [(4, False), (5, True), (6, True)])
def test_emergencies_within_a_week_of_the_plan(clerk: User, count: int, alerted: bool) -> None:
    monday = dt.datetime(2026, 3, 9, 0, 0, tzinfo=NOON.tzinfo)
    for n in range(count):
        ledger.event(clerk, kind="acting", action="break_glass.open", at=monday + n * DAY, people=[n])
        ledger.event(people.user(), kind="acting", action="break_glass.open", at=monday + n * DAY, people=[n])
    for n in range(4):
        ledger.event(clerk, kind="acting", action="break_glass.open", at=monday - MINUTE - n * DAY, people=[n])
    evaluate()
    assert [row.amount for row in of("break_glass_often")] == ([count] if alerted else [])


# --- After the access ended ---------------------------------------------------------------------------------------


def ended(user: User, at: dt.datetime) -> None:
    StaffRole.objects.filter(user=user).update(ended_at=at, started_at=at - DAY)


def test_what_is_tried_after_the_last_place_ended_alerts_failed_sign_ins_and_denials_included(clerk: User) -> None:
    ended(clerk, NOON - 3 * DAY)
    ledger.event(clerk, at=NOON - 3 * DAY - MINUTE)  # before
    ledger.event(clerk, at=NOON - 3 * DAY + MINUTE, kind="sign_out", action="door.end_sessions")
    ledger.event(
        "nobody", kind="failure", action="sign_in", outcome="failed", object_kind="user", object_id=str(clerk.pk)
    )
    ledger.event(clerk, at=NOON + MINUTE, kind="denial", outcome="refused")
    evaluate()
    (row,) = of("after_access")
    assert (row.user, row.amount, row.detail) == (clerk, 2, {"days": 3})


def test_who_still_has_a_place_anywhere_or_never_had_one_is_left_alone(clerk: User) -> None:
    ended(clerk, NOON - 3 * DAY)
    people.producer_user(people.agency())
    with_another = people.staff_user(Team.HELP_DESK)
    ended(with_another, NOON - 3 * DAY)
    ProducerUser.objects.create(agency=people.agency(), user=with_another)
    for user in (with_another, people.user()):
        ledger.event(user, kind="sign_in", action="sign_in")
    ledger.event("nobody", kind="failure", action="sign_in", outcome="failed", object_kind="user", object_id="")
    evaluate()
    assert not of("after_access")


def test_a_closed_account_is_over_though_its_place_stands(clerk: User) -> None:
    User.objects.filter(pk=clerk.pk).update(is_active=False)
    ledger.event(clerk, at=NOON - HOUR)
    closer = people.staff_user(Team.HELP_DESK)
    ledger.event(closer, action="sign_in_help.close", kind="change", subject_kind="user", people=[clerk.pk])
    evaluate()
    assert not of("after_access")
    ledger.event(
        "nobody", at=NOON + HOUR, kind="failure", action="sign_in", object_kind="user", object_id=str(clerk.pk)
    )
    evaluate()
    assert [row.user for row in of("after_access")] == [clerk]


# --- Off hours ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "alerted"),
    [
        (dt.datetime(2026, 3, 11, 6, 59), True),
        (dt.datetime(2026, 3, 11, 7, 0), False),
        (dt.datetime(2026, 3, 11, 19, 59), False),
        (dt.datetime(2026, 3, 11, 20, 0), True),
        (dt.datetime(2026, 3, 14, 9, 0), False),  # Saturday
        (dt.datetime(2026, 3, 15, 9, 0), True),  # Sunday
        (dt.datetime(2026, 2, 16, 12, 0), True),  # Washington's birthday
        (dt.datetime(2026, 3, 12, 12, 0), True),  # closed by the plan itself
    ],
)
def test_plan_staff_outside_the_plans_hours(clerk: User, at: dt.datetime, alerted: bool) -> None:
    PlanClosing.objects.create(day=dt.date(2026, 3, 12), reason="Moving")
    ledger.event(clerk, at=at.replace(tzinfo=NOON.tzinfo), people=[1])
    ledger.event(clerk, at=at.replace(tzinfo=NOON.tzinfo), people=[], action="desk:home")  # nobody's record
    ledger.event(people.user(), at=at.replace(tzinfo=NOON.tzinfo), people=[1], portal="provider")
    evaluate()
    assert [row.user for row in of("off_hours")] == ([clerk] if alerted else [])


# --- Names and coverage -------------------------------------------------------------------------------------------


def named(given: str, family: str, **fields: object) -> User:
    user = people.staff_user(Team.MEMBER_SERVICES)
    for name, value in {"given_name": given, "family_name": family, **fields}.items():
        setattr(user, name, value)
    user.save()
    return user


@pytest.mark.parametrize("written", ["Muñoz-O'Brien", "MUNOZ OBRIEN", "muñoz o’brien"])
def test_the_same_last_name_however_it_is_written(written: str) -> None:
    reader = named("Ada", "Muñoz-O'Brien")
    relative, other = people.person(last_name=written), people.person(last_name="Munoz")
    ledger.event(reader, people=[relative.pk, other.pk])
    evaluate()
    (row,) = of("same_last_name")
    assert (row.subject_kind, row.subject_id) == ("person", relative.pk)


def test_a_name_in_a_long_list_or_among_an_employers_own_people_tells_nothing() -> None:
    reader = named("Ada", "Quorndon")
    relative = people.person(last_name="Quorndon")
    ledger.event(reader, people=[relative.pk, *range(10_000, 10_010)])  # eleven
    ledger.event(reader, portal="employer", people=[relative.pk])
    ledger.event(reader, portal="member", people=[relative.pk])
    evaluate()
    assert not of("same_last_name")
    ledger.event(reader, people=[relative.pk, *range(10_000, 10_009)])  # ten
    ledger.event(reader, portal="employer", acting_for="client:1", people=[relative.pk], at=NOON + DAY)
    evaluate()
    assert [row.portal for row in of("same_last_name")] == ["desk", "producer"]


def test_a_record_like_their_own_is_that_and_not_a_relatives_too() -> None:
    reader = named("José", "Ibáñez", email="jose@work.example")
    own, by_mail = people.person(first_name="JOSE", last_name="IBANEZ"), people.person(email="JOSE@work.example")
    sister = people.person(first_name="Ana", last_name="Ibáñez")
    ledger.event(reader, people=[own.pk])
    ledger.event(reader, people=[by_mail.pk])
    ledger.event(reader, people=[sister.pk])
    ledger.event(reader, portal="member", people=[own.pk], at=NOON + DAY)
    evaluate()
    assert {row.subject_id for row in of("own_record")} == {own.pk, by_mail.pk}
    assert [row.subject_id for row in of("same_last_name")] == [sister.pk]


def test_people_without_a_last_name_are_like_nobody() -> None:
    reader, somebody = named("", "", email=""), people.person(first_name="-", last_name="-", email="")
    ledger.event(reader, people=[somebody.pk])
    evaluate()
    assert not of("same_last_name") and not of("own_record")


def covered(last_day: dt.date | None) -> Person:
    return enrollment.covered_until(last_day)


@pytest.mark.parametrize(("days", "alerted"), [(180, False), (181, True)])
def test_long_after_coverage_ended(clerk: User, days: int, alerted: bool) -> None:
    over = covered(NOON.date() - dt.timedelta(days=days))
    ledger.event(clerk, people=[over.pk, covered(None).pk, people.person().pk])
    evaluate()
    assert [(row.subject_id, row.detail["since"]) for row in of("after_coverage")] == (
        [(over.pk, days)] if alerted else []
    )


# --- An agency's unusual day --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("usual", "today", "alerted"), [(20, 59, False), (20, 60, True), (10, 39, False), (10, 40, True), (0, 40, True)]
)
def test_an_agencys_day_against_its_own_days(usual: int, today: int, alerted: bool) -> None:
    agency = people.agency()
    ann, ben = people.producer_user(agency), people.producer_user(agency)
    ProducerUser.objects.update(started_at=LONG_AGO)
    for n in range(1, 6 if usual else 1):
        ledger.event(ann, portal="producer", at=NOON - n * DAY, people=range(usual))
    ledger.event(ann, portal="producer", people=range(today // 2))
    ledger.event(ben, portal="employer", acting_for="client:1", people=range(today // 2, today))
    ledger.event(people.producer_user(people.agency()), portal="producer", people=range(30))
    evaluate(since=NOON - HOUR)
    found = of("agency_volume")
    assert [(row.party, row.amount, row.user) for row in found] == (
        [(f"agency:{agency.pk}", today, None)] if alerted else []
    )
    if found:
        assert found[0].detail == {"usual": float(usual)}
        assert found[0].events.count() == 2


def test_days_older_than_thirty_are_no_measure_and_who_left_counts_no_more() -> None:
    agency = people.agency()
    ann, gone = people.producer_user(agency), people.producer_user(agency)
    ProducerUser.objects.update(started_at=LONG_AGO)
    ProducerUser.objects.filter(user=gone).update(ended_at=NOON - HOUR)
    ledger.event(ann, portal="producer", at=NOON - 31 * DAY, people=range(500))
    ledger.event(ann, portal="producer", people=range(40))
    ledger.event(gone, portal="producer", people=range(40, 90))
    evaluate(since=NOON - HOUR)
    assert [row.amount for row in of("agency_volume")] == [40]


# --- Twice is once, and nothing is missed -------------------------------------------------------------------------


def test_doubled_and_overlapping_evaluations_are_one_alert_that_grows(clerk: User) -> None:
    limit("many_records", desk=5)
    ledger.events(clerk, 5)
    assert evaluate().made == 1
    again = evaluate()
    assert (again.made, again.grown, again.reopened) == (0, 0, 0)
    ledger.events(clerk, 3, at=NOON + MINUTE, first=50)
    again = evaluate(since=NOON + MINUTE)  # reads three, and finds the hour around them
    assert (again.made, again.grown) == (0, 1)
    (row,) = of("many_records")
    assert (row.amount, row.events.count()) == (8, 8)


def test_what_happens_after_the_closing_opens_it_again_and_what_was_known_does_not(clerk: User) -> None:
    limit("many_denials", denials=2)
    now = timezone.now()
    for n in range(2):
        ledger.event(clerk, kind="denial", at=now - (2 - n) * MINUTE)
    evaluate(since=now - HOUR)
    Alert.objects.update(state=AlertState.CLOSED, closed_at=now, finding=AlertFinding.EXPLAINED)
    ledger.event(clerk, kind="denial", at=now - MINUTE)  # of before, committed late
    assert evaluate(since=now - HOUR).reopened == 0
    assert of("many_denials")[0].state == AlertState.CLOSED
    ledger.event(clerk, kind="denial", at=now + MINUTE)
    assert evaluate(since=now - HOUR).reopened == 1
    assert of("many_denials")[0].state == AlertState.OPEN
    assert AlertNote.objects.get().step == "more"


def test_a_rule_that_is_switched_off_finds_nothing(clerk: User) -> None:
    rule = rule_settings.rule("many_denials")
    assert rule
    officer = openings.desk_scope(people.staff_user(Team.PRIVACY))
    rule_settings.change(by=officer, rule=rule, enabled=False, values=rule.defaults, why="Too many", read=0)
    for n in range(30):
        ledger.event(clerk, kind="denial", at=NOON + n * dt.timedelta(seconds=1))
    evaluate()
    assert not of("many_denials")
    assert AlertSetting.objects.count() == 1


def test_a_user_who_is_not_there_any_more_is_no_error() -> None:
    ledger.events("user:999999999", 70)
    evaluate()
    assert not Alert.objects.exists()


def test_the_team_is_mailed_once_an_hour_and_the_mail_says_nothing(clerk: User) -> None:
    officer = people.staff_user(Team.PRIVACY)
    limit("many_denials", denials=2)
    for n in range(2):
        ledger.event(clerk, kind="denial", at=NOON + n * MINUTE)
    evaluate()
    mail = OutboxMail.objects.get(to=officer.email)
    assert clerk.family_name not in mail.subject + mail.body
    other = people.staff_user(Team.HELP_DESK)
    for n in range(2):
        ledger.event(other, kind="denial", at=NOON + n * MINUTE)
    evaluate()
    assert OutboxMail.objects.filter(to=officer.email).count() == 1
    AlertMark.objects.update(told_at=timezone.now() - HOUR)  # the second one is told when the hour is over
    Alert.objects.filter(user=other).update(found_at=timezone.now())
    evaluate()
    assert OutboxMail.objects.filter(to=officer.email).count() == 2
    AlertMark.objects.update(told_at=timezone.now() - HOUR + MINUTE)
    evaluate()
    AlertMark.objects.update(told_at=timezone.now())
    assert alerts.tell(by=scopes.system("test")) == 0
    assert OutboxMail.objects.filter(to=officer.email).count() == 2


def test_a_ledger_that_moved_to_another_cluster_is_read_again_by_time(clerk: User) -> None:
    limit("many_denials", denials=2)
    evaluate(since=None)
    AlertMark.objects.update(system_identifier="another", xid=2**40)  # as after a dump and restore: ids are low again
    now = timezone.now()
    for n in range(2):
        ledger.event(clerk, kind="denial", at=now - n * MINUTE)
    assert evaluate(since=None).by_rule == {"many_denials": 1}
    assert AlertMark.objects.get().xid < 2**40


def test_the_command_says_what_it_did_and_again_nothing(clerk: User, capsys: pytest.CaptureFixture[str]) -> None:
    for n in range(20):
        ledger.event(clerk, kind="denial", at=NOON + n * MINUTE)
    for made in (1, 0):
        call_command("evaluate_alerts", "--since", "2026-03-11T11:00", "--json")
        assert json.loads(capsys.readouterr().out)["made"] == made
    assert ledger.expect("alerts.evaluate", by="system").detail["many_denials"] == 1
    call_command("evaluate_alerts", "--since", "2026-03-11")
    assert "20 events read: 0 alerts made" in capsys.readouterr().out


def test_what_happened_before_since_is_not_read(clerk: User) -> None:
    ledger.events(clerk, 70, at=NOON)
    assert evaluate(since=NOON + HOUR) == Evaluation(0, 0, 0, 0, {})


# --- By which way the rows are found ------------------------------------------------------------------------------


def test_rows_are_found_by_the_ledgers_indexes_and_only_in_the_months_that_are_asked_for() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE pg_temp.audit_event, pg_temp.audit_subject")
        cursor.execute("SET LOCAL enable_seqscan = off")
        ledger_sql.lay_out(since_xid=ledger_sql.snapshot().xid, since=None)
        plan = "\n".join(ledger_sql.seen_plan())
    assert "Index Cond: ((recorded_at = e.recorded_at) AND (event_id = e.id))" in plan, plan
    assert "Index Cond: ((actor = alert_fresh.actor) AND (recorded_at >= " in plan, plan
    assert "Seq Scan on audit_" not in plan, plan
