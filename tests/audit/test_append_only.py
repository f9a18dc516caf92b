"""What the ledger refuses, with rows really committed."""

import datetime as dt

import pytest
from django.db import ProgrammingError, connection

from audit import actions
from audit.enums import Kind
from tests.audit.conftest import Ledger, month


def test_subjects_cannot_join_an_event_of_another_transaction(ledger: Ledger) -> None:
    event = actions.record(kind=Kind.EXPORT, action="a", actor="system:test")
    with pytest.raises(actions.AuditError):
        actions.record_subjects(event, "SELECT 'person', 1")


@pytest.mark.parametrize("statement", ["UPDATE {} SET actor = 'x'", "DELETE FROM {}", "TRUNCATE {}"])
@pytest.mark.parametrize("table", ["audit_event", "audit_event_{month}", "audit_change", "audit_change_{month}"])
def test_triggers_refuse_even_a_superuser_in_replica_mode(ledger: Ledger, table: str, statement: str) -> None:
    actions.record(kind=Kind.VIEW, action="a", actor="user:1")
    admin = ledger.connect("postgres")
    with admin, admin.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        with pytest.raises(Exception, match="append-only"):
            cursor.execute(statement.format(table.format(month=month())))


@pytest.mark.parametrize("table", ["audit_subject", "audit_change"])
def test_a_new_partition_is_append_only_from_its_first_moment(ledger: Ledger, table: str) -> None:
    actions.ensure_partitions(months_ahead=20)
    new = f"{table}_{(dt.datetime.now(dt.UTC).replace(day=1) + dt.timedelta(days=31 * 18)):y%Ym%m}"
    with connection.cursor() as cursor, pytest.raises(ProgrammingError, match="permission denied"):
        cursor.execute(f"TRUNCATE {new}")
    with ledger.connect("postgres") as admin, admin.cursor() as cursor, pytest.raises(Exception, match="append-only"):
        cursor.execute(f"TRUNCATE {new}")
