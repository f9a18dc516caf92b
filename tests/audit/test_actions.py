"""Writing to the ledger as the application's role."""

import datetime as dt

import pytest
from django.db import Error, ProgrammingError, connection, transaction

from audit import actions, queries
from audit.enums import Kind
from audit.models import Event, Subject
from tests.audit.conftest import month

pytestmark = pytest.mark.django_db


def execute(sql: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall() if cursor.description else []


def test_an_event_keeps_who_saw_what_of_whom_for_whom_and_from_where() -> None:
    recorded = actions.record(
        kind=Kind.VIEW,
        action="members.card",
        actor="user:12",
        portal="producer",
        acting_for="client:7",
        grant="grant:3",
        subjects=[("person", 4), ("person", 5), ("person", 4)],
        fields=["name", "member_id"],
        object_kind="card",
        object_id="99",
        detail={"as_of": dt.date(2026, 8, 1)},
        request_id="r-1",
        source="192.0.2.7",
    )
    (event,) = queries.opened("person", 5)
    assert event.id == recorded
    assert (event.actor, event.acting_for, event.grant, event.portal) == ("user:12", "client:7", "grant:3", "producer")
    assert (event.fields, event.source, event.request_id) == (("name", "member_id"), "192.0.2.7", "r-1")
    assert event.detail == {"as_of": "2026-08-01"}
    subjects = Subject.objects.filter(event_id=recorded)
    assert sorted(subjects.values_list("subject_id", flat=True)) == [4, 5]
    assert set(subjects.values_list("recorded_at", flat=True)) == {event.recorded_at}


def test_many_subjects_cost_one_statement(django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    with django_assert_num_queries(1):
        actions.record(kind=Kind.SEARCH, action="a", actor="user:1", subjects=[("person", n) for n in range(500)])


@pytest.mark.parametrize("actor", ["", " "])
def test_nothing_is_recorded_without_an_actor(actor: str) -> None:
    with pytest.raises(actions.AuditError):
        actions.record(kind=Kind.VIEW, action="a", actor=actor)
    with pytest.raises(Error, match="actor_check"):
        execute("INSERT INTO audit_event (kind, action, actor) VALUES ('view', 'a', '')")


def test_hostile_text_does_not_stop_its_own_row() -> None:
    recorded = actions.record(
        kind=Kind.FAILURE, action="sign_in", actor="nobody", detail={"typed": "a\0b"}, source="\udcff\0"
    )
    assert Event.objects.get(id=recorded).detail == {"typed": "a\N{REPLACEMENT CHARACTER}b"}


def test_a_rolled_back_transaction_leaves_nothing() -> None:
    before = Event.objects.count(), Subject.objects.count()
    with pytest.raises(RuntimeError), transaction.atomic():
        actions.record(kind=Kind.CHANGE, action="a", actor="user:1", subjects=[("person", 1)])
        raise RuntimeError
    assert (Event.objects.count(), Subject.objects.count()) == before


def test_subjects_of_bulk_work_come_from_sql_and_count_once() -> None:
    event = actions.record(kind=Kind.EXPORT, action="a", actor="system:test")
    count = actions.record_subjects(event, "SELECT 'person', n / %s FROM generate_series(2, 9) AS n", [2])
    assert count == 4
    assert sorted(Subject.objects.filter(event_id=event).values_list("subject_id", flat=True)) == [1, 2, 3, 4]


REFUSED = r"permission denied|must be owner"


@pytest.mark.parametrize("role", ["plan_app", "plan_bulk"])
@pytest.mark.parametrize("table", ["audit_event", "audit_subject", "audit_block", "audit_event_{month}"])
@pytest.mark.parametrize(
    "statement", ["UPDATE {} SET xid = xid", "DELETE FROM {}", "TRUNCATE {}", "ALTER TABLE {} DISABLE TRIGGER ALL"]
)
def test_rows_are_only_ever_added(role: str, table: str, statement: str) -> None:
    sql = statement.format(table.format(month=month()))
    if table == "audit_block":
        sql = sql.replace("xid = xid", "xid_to = xid_to")
    execute(f"SET LOCAL ROLE {role}")
    with pytest.raises(ProgrammingError, match=REFUSED):
        execute(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO audit_event (kind, action, actor, xid) VALUES ('view', 'a', 'b', '5')",
        "INSERT INTO audit_event (kind, action, actor, recorded_at) VALUES ('view', 'a', 'b', '2026-01-01')",
        "INSERT INTO audit_event (kind, action, actor, id) VALUES ('view', 'a', 'b', 5)",
        "INSERT INTO audit_event_{month} (kind, action, actor) VALUES ('view', 'a', 'b')",
        "SELECT setval('audit_row_id_seq', 1)",
        "ALTER TABLE audit_event DETACH PARTITION audit_event_{month}",
    ],
)
def test_the_application_cannot_choose_a_rows_id_time_or_transaction(sql: str) -> None:
    with pytest.raises(ProgrammingError, match=REFUSED):
        execute(sql.format(month=month()))


def test_partitions_stand_a_year_ahead_and_are_made_on_demand_by_the_application() -> None:
    ahead = actions.ensure_partitions(months_ahead=14)
    assert ahead in {0, 1, 2}
    assert actions.ensure_partitions(months_ahead=14) == 0
    assert len(execute("SELECT 1 FROM pg_inherits WHERE inhparent = 'audit_event'::regclass")) >= 15
    with pytest.raises(Error, match="the ledger holds what happens now"):
        execute("SELECT audit_ensure_partition('2100-01-01')")
