"""How far the sealing is behind, told cheaply and to a monitor outside."""

import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit import actions, queries
from audit.seal import sealer
from tests.audit.conftest import Ledger


def lag(*options: str) -> tuple[int, dict[str, float]]:
    out, code = StringIO(), 0
    try:
        call_command("audit_lag", "--json", *options, stdout=out)
    except SystemExit as ending:
        code = int(str(ending.code))
    return code, json.loads(out.getvalue())


def view() -> None:
    actions.record(kind="view", action="a", actor="user:1", subjects=[("person", 1)])


def test_the_monitor_hears_of_it_above_its_limit(ledger: Ledger) -> None:
    assert lag()[0] == 0
    view()
    code, said = lag("--max", "3600")
    assert (code, said["rows"], said["late"]) == (0, 2, False)
    code, said = lag("--max", "0")
    assert (code, said["late"]) == (1, True)
    assert said["seconds"] > 0
    sealer.seal()
    assert lag("--max", "0") == (0, {"rows": 0, "seconds": 0.0, "max": 0.0, "late": False})


def test_a_row_of_a_transaction_that_was_open_at_the_sealing_is_counted(ledger: Ledger) -> None:
    """It is older than the last block, whose instant bounds only what began after it."""
    slow = ledger.connect("plan_app")
    with slow.cursor() as cursor:
        cursor.execute("INSERT INTO audit_event (kind, action, actor) VALUES ('job', 'slow', 'system:slow')")
    view()
    sealer.seal()
    slow.commit()
    assert queries.seal_lag().rows == 3
    sealer.seal()
    assert queries.seal_lag().rows == 0


def test_only_the_newest_months_are_opened(ledger: Ledger) -> None:
    view()
    sealer.seal()
    view()
    with CaptureQueriesContext(connection) as captured:
        assert queries.seal_lag().rows == 2
    with ledger.connect("postgres") as admin, admin.cursor() as cursor:
        cursor.execute("SELECT min(relname) FROM pg_class WHERE relname ~ '^audit_event_y' AND relkind = 'r'")
        oldest = cursor.fetchone()[0]
        cursor.execute(f"EXPLAIN {captured[-1]['sql']}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert oldest not in plan


@pytest.mark.parametrize("most", [1, 3])
def test_of_a_large_backlog_the_oldest_are_counted(ledger: Ledger, monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    for _ in range(5):
        view()
    monkeypatch.setattr(queries, "LAG_ROWS", most)
    assert queries.seal_lag().rows == 2 * most


def test_in_a_new_cluster_what_nobody_sealed_yet_is_counted(ledger: Ledger) -> None:
    """After a restore, transaction ids begin low again."""
    view()
    sealer.seal()
    ledger.tamper("UPDATE audit_block SET system_identifier = 'of the old server', xid_to = '99999999'")
    assert queries.seal_lag().rows == 0
    view()
    assert queries.seal_lag().rows == 2
