"""Sealing and verifying, with rows really committed and tampering as superuser."""

import datetime as dt
import shutil
import signal
import subprocess
from pathlib import Path

import pytest
from django.db import IntegrityError, connection, transaction
from pytest_django.fixtures import Settings

from audit import actions, queries, search
from audit.models import Block, Event, Subject
from audit.seal import sealer
from launch import children, postgres, testbed
from tests.audit.conftest import Ledger, month, point_at


def fill(count: int = 5, subjects: int = 2) -> list[int]:
    return [
        actions.record(
            kind="view",
            action="members.page",
            actor=f"user:{n}",
            subjects=[("person", n * 10 + s) for s in range(subjects)],
        )
        for n in range(1, count + 1)
    ]


def block_of(event_id: int) -> Block:
    """The block that readers of the event are told of."""
    row = search.event(event_id)
    assert row is not None
    found = search.sealed_in(row)
    assert found is not None
    return Block.objects.get(number=found.number)


@pytest.fixture
def sealed(ledger: Ledger) -> tuple[Ledger, list[int]]:
    """Ten events with their subjects, sealed in two runs, and verified clean."""
    events = fill()
    assert sealer.seal() == 15
    events += fill()
    assert sealer.seal() == 15
    code, report = ledger.verify()
    assert (code, report.rows, report.unsealed, report.blocks) == (0, 30, 0, 4)
    return ledger, events


def test_sealing_again_finds_nothing_to_do(sealed: tuple[Ledger, list[int]]) -> None:
    assert sealer.seal() == 0
    assert Block.objects.count() == 4


def test_unsealed_rows_are_counted_with_their_age(sealed: tuple[Ledger, list[int]]) -> None:
    ledger, _ = sealed
    fill(2)
    code, report = ledger.verify()
    assert (code, report.unsealed) == (0, 6)
    assert 0 < report.lag_seconds < 60
    assert queries.seal_lag().rows == 6


def test_sealing_waits_for_an_older_transaction_and_its_rows_are_not_lost(ledger: Ledger) -> None:
    slow = ledger.connect("plan_app")
    with slow.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_event (kind, action, actor) VALUES ('job', 'slow', 'system:slow') RETURNING id"
        )
        ((slow_id,),) = cursor.fetchall()
    younger = fill(3)
    assert slow_id < younger[0]
    assert sealer.seal() == 0
    assert ledger.verify()[1].unsealed == 9
    slow.commit()
    assert sealer.seal() == 10
    assert Event.objects.filter(id=slow_id).exists()
    code, report = ledger.verify()
    assert (code, report.rows, report.unsealed) == (0, 10, 0)


def test_rows_older_than_the_open_transaction_are_sealed_while_it_lasts(ledger: Ledger) -> None:
    fill(2)
    slow = ledger.connect("plan_app")
    with slow.cursor() as cursor:
        cursor.execute("INSERT INTO audit_event (kind, action, actor) VALUES ('job', 'slow', 'system:slow')")
    fill(1)
    assert sealer.seal() == 6
    slow.rollback()
    assert sealer.seal() == 3
    assert ledger.verify()[0] == 0


def test_a_second_sealer_leaves_the_work_to_the_first(ledger: Ledger) -> None:
    fill(1)
    with ledger.connect("plan_app") as other, other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [sealer._SEAL_LOCK])
        assert sealer.seal() == 0
    assert sealer.seal() == 3


def test_one_large_transaction_becomes_several_blocks_that_verify(ledger: Ledger) -> None:
    with transaction.atomic():
        event = actions.record(kind="export", action="list", actor="user:1")
        actions.record_subjects(event, "SELECT 'person', n FROM generate_series(1, 120000) AS n")
    fill(1)
    assert sealer.seal() == 120_004
    assert list(Block.objects.filter(table_name="audit_subject").values_list("row_count", flat=True)) == [
        50_000,
        50_000,
        20_002,
    ]
    assert ledger.verify()[0] == 0
    middle = Subject.objects.order_by("id")[70_000]
    ledger.tamper("UPDATE audit_subject SET subject_id = 0 WHERE id = %s", middle.id)
    code, report = ledger.verify()
    assert code == 1
    assert [(found.what, found.row_id) for found in report.findings] == [("changed", middle.id)]


def test_a_fork_of_the_chain_is_refused(sealed: tuple[Ledger, list[int]]) -> None:
    tail = Block.objects.order_by("-number")[0]
    with pytest.raises(IntegrityError):
        tail.pk = tail.number + 1
        tail.save(force_insert=True)


def finding(ledger: Ledger, *options: str) -> tuple[str, str, int | None]:
    code, report = ledger.verify(*options)
    assert code == 1, "the tampering was not found"
    first = report.findings[0]
    return first.what, first.table, first.row_id


def test_a_changed_row_is_named(sealed: tuple[Ledger, list[int]]) -> None:
    ledger, events = sealed
    recorded_at = Event.objects.get(id=events[3]).recorded_at
    ledger.tamper("UPDATE audit_event SET actor = 'user:99' WHERE id = ANY (%s)", events[3:6])
    code, report = ledger.verify()
    assert code == 1
    first = report.findings[0]
    assert (first.what, first.table, first.row_id) == ("changed", "audit_event", events[3])
    assert dt.datetime.fromisoformat(first.recorded_at) == recorded_at


@pytest.mark.parametrize(
    "change",
    [
        "detail = '{\"x\": 1}'", "fields = '{ssn}'", "source = '::1'", "outcome = 'failed'", "grant_ref = 'g'",
        "recorded_at = recorded_at + interval '1 microsecond'", "request_id = 'r'", "acting_for = 'client:1'",
    ],
)  # fmt: skip
def test_every_column_is_under_the_seal(sealed: tuple[Ledger, list[int]], change: str) -> None:
    ledger, events = sealed
    ledger.tamper(f"UPDATE audit_event SET {change} WHERE id = %s", events[7])  # noqa: S608
    assert finding(ledger) == ("changed", "audit_event", events[7])


@pytest.fixture
def history(sealed: tuple[Ledger, list[int]]) -> tuple[Ledger, list[int]]:
    """Three changes of one row, as a watched table's trigger writes them, sealed."""
    ledger, _ = sealed
    admin = ledger.connect("postgres")
    with admin, admin.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_change (table_name, operation, row_id, actor, changed, before, after)"
            " SELECT 'members_client', 'update', 7, 'user:1', '{city}', '{\"city\": \"Troy\"}', '{\"city\": \"Rome\"}'"
            " FROM generate_series(1, 3) RETURNING id"
        )
        changes = [row[0] for row in cursor.fetchall()]
    assert queries.seal_lag().rows == 3
    assert sealer.seal() == 3
    assert ledger.verify()[0] == 0
    return ledger, changes


@pytest.mark.parametrize(
    "change",
    [
        "actor = 'user:2'", "changed = '{}'", "before = NULL", "after = '{\"city\": \"Utica\"}'", "login = 'plan_app'",
        "program = 'psql'", "row_id = 8", "operation = 'delete'", "table_name = 'members_group'",
    ],
)  # fmt: skip
def test_every_column_of_history_is_under_the_seal(history: tuple[Ledger, list[int]], change: str) -> None:
    ledger, changes = history
    ledger.tamper(f"UPDATE audit_change SET {change} WHERE id = %s", changes[1])  # noqa: S608
    assert finding(ledger) == ("changed", "audit_change", changes[1])


def test_history_that_was_removed_is_named(history: tuple[Ledger, list[int]]) -> None:
    ledger, changes = history
    ledger.tamper("DELETE FROM audit_change WHERE id = %s", changes[1])
    assert finding(ledger) == ("removed", "audit_change", changes[1])


def test_history_that_was_invented_is_named(history: tuple[Ledger, list[int]]) -> None:
    ledger, changes = history
    ledger.tamper(
        "INSERT INTO audit_change (xid, id, recorded_at, table_name, operation, row_id, actor)"
        " SELECT xid, 1000, recorded_at, table_name, operation, row_id, actor FROM audit_change WHERE id = %s",
        changes[1],
    )
    assert finding(ledger) == ("inserted", "audit_change", 1000)


@pytest.mark.parametrize(
    "change", ["GRANT INSERT ON audit_change TO plan_app", "DROP TRIGGER append_only ON audit_change_{month}"]
)
def test_history_that_may_be_forged_is_found(sealed: tuple[Ledger, list[int]], change: str) -> None:
    ledger, _ = sealed
    with ledger.connect("postgres") as admin, admin.cursor() as cursor:
        cursor.execute(change.format(month=month()))
    assert finding(ledger)[:2] == ("guard", "audit_change" + (f"_{month()}" if "DROP" in change else ""))


def test_a_removed_row_is_named(sealed: tuple[Ledger, list[int]]) -> None:
    ledger, events = sealed
    ledger.tamper("DELETE FROM audit_event WHERE id = %s", events[2])
    assert finding(ledger) == ("removed", "audit_event", events[2])


def test_a_removed_subject_is_named(sealed: tuple[Ledger, list[int]]) -> None:
    ledger, events = sealed
    gone = Subject.objects.filter(event_id=events[4]).order_by("id")[1].id
    ledger.tamper("DELETE FROM audit_subject WHERE id = %s", gone)
    assert finding(ledger) == ("removed", "audit_subject", gone)


def test_the_last_sealed_rows_removed_are_named(sealed: tuple[Ledger, list[int]]) -> None:
    ledger, events = sealed
    ledger.tamper("DELETE FROM audit_event WHERE id >= %s", events[8])
    assert finding(ledger) == ("removed", "audit_event", events[8])


def test_a_row_inserted_in_the_past_is_named(sealed: tuple[Ledger, list[int]]) -> None:
    ledger, events = sealed
    ledger.tamper(
        "INSERT INTO audit_event (xid, id, recorded_at, kind, action, actor)"
        " SELECT xid, 1000, recorded_at, kind, action, 'user:5' FROM audit_event WHERE id = %s",
        events[4],
    )
    assert finding(ledger) == ("inserted", "audit_event", 1000)


def test_a_row_inserted_into_a_month_without_blocks_is_named(sealed: tuple[Ledger, list[int]]) -> None:
    ledger, events = sealed
    ledger.tamper(
        "INSERT INTO audit_event (xid, id, recorded_at, kind, action, actor)"
        " SELECT xid, 1000, recorded_at - interval '1 month', kind, action, 'user:5' FROM audit_event WHERE id = %s",
        events[4],
    )
    assert finding(ledger) == ("inserted", "audit_event", 1000)


def test_a_row_dated_back_under_a_new_transaction_is_named(sealed: tuple[Ledger, list[int]]) -> None:
    ledger, _ = sealed
    ledger.tamper(
        "INSERT INTO audit_event (id, recorded_at, kind, action, actor)"
        " VALUES (1000, now() - interval '1 hour', 'view', 'a', 'user:5')"
    )
    assert sealer.seal() == 1
    assert finding(ledger) == ("back-dated", "audit_event", 1000)


def test_rows_in_another_order_are_named(sealed: tuple[Ledger, list[int]]) -> None:
    ledger, events = sealed
    one, two = events[1], events[3]
    ledger.tamper(
        "UPDATE audit_event AS e SET xid = other.xid FROM audit_event AS other"
        " WHERE (e.id, other.id) IN ((%s, %s), (%s, %s))",
        one,
        two,
        two,
        one,
    )
    assert finding(ledger) == ("re-ordered", "audit_event", one)


def test_a_row_moved_behind_the_horizon_is_named(sealed: tuple[Ledger, list[int]]) -> None:
    ledger, events = sealed
    ledger.tamper("UPDATE audit_event SET xid = '99999999' WHERE id = %s", events[1])
    assert finding(ledger) == ("re-ordered", "audit_event", events[1])


def test_a_swapped_partition_is_found(sealed: tuple[Ledger, list[int]]) -> None:
    ledger, _ = sealed
    ledger.tamper(
        f"ALTER TABLE audit_event DETACH PARTITION audit_event_{month()};"  # noqa: S608
        f"ALTER TABLE audit_event_{month()} RENAME TO audit_event_old;"
        f"CREATE TABLE audit_event_{month()} (LIKE audit_event_old INCLUDING ALL);"
        f"INSERT INTO audit_event_{month()} SELECT * FROM audit_event_old WHERE actor <> 'user:3';"
        f"ALTER TABLE audit_event ATTACH PARTITION audit_event_{month()} FOR VALUES FROM"
        " (date_trunc('month', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC')"
        " TO ((date_trunc('month', now() AT TIME ZONE 'UTC') + interval '1 month') AT TIME ZONE 'UTC');"
        f"CREATE TRIGGER append_only BEFORE UPDATE ON audit_event_{month()} EXECUTE FUNCTION audit_refuse();"
        f"GRANT SELECT ON audit_event_{month()} TO plan_app"
    )
    assert finding(ledger)[:2] == ("removed", "audit_event")


def test_a_partition_that_cannot_be_read_is_found(sealed: tuple[Ledger, list[int]]) -> None:
    ledger, _ = sealed
    ledger.tamper(f"REVOKE SELECT ON audit_event_{month()} FROM plan_app")  # noqa: S608
    assert finding(ledger) == ("partition", "audit_event", None)


@pytest.mark.parametrize(
    "change",
    [
        "DROP TRIGGER append_only ON audit_subject_{month}",
        "GRANT UPDATE ON audit_event TO plan_app",
        "GRANT DELETE ON audit_block TO plan_bulk",
    ],
)
def test_a_ledger_that_may_be_changed_again_is_found(sealed: tuple[Ledger, list[int]], change: str) -> None:
    ledger, _ = sealed
    with ledger.connect("postgres") as admin, admin.cursor() as cursor:
        cursor.execute(change.format(month=month()))
    assert finding(ledger)[0] == "guard"


def test_a_dropped_partition_is_found(sealed: tuple[Ledger, list[int]]) -> None:
    ledger, _ = sealed
    ledger.tamper(f"DROP TABLE audit_subject_{month()}")
    assert finding(ledger) == ("partition", "audit_subject", None)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ("row_count = row_count + 1", "block"),
        ("root = sha256('x')", "block"),
        ("xid_to = '4'", "block"),
        ("signature = sha256(signature) || sha256(signature)", "block"),
        ("leaves = set_byte(leaves, 20, 255 - get_byte(leaves, 20))", "block"),
        ("sealed_at = sealed_at - interval '1 day'", "block"),
        ("number = 9", "chain"),
    ],
)
def test_a_rewritten_block_is_found(sealed: tuple[Ledger, list[int]], change: str, what: str) -> None:
    ledger, _ = sealed
    ledger.tamper(f"UPDATE audit_block SET {change} WHERE number = 2")  # noqa: S608
    code, report = ledger.verify()
    assert code == 1
    assert (report.findings[0].what, report.findings[0].block) == (what, 2)


def test_a_block_resealed_under_another_key_is_found(
    sealed: tuple[Ledger, list[int]], settings: Settings, tmp_path: Path
) -> None:
    """Whoever holds the database but not the key can rebuild the chain only under a key of their own."""
    ledger, events = sealed
    public = tmp_path / "seal.pub"
    assert ledger.verify("--write-public-key", str(public))[0] == 0
    ledger.tamper("UPDATE audit_event SET actor = 'user:99' WHERE id = %s", events[0])
    ledger.tamper("TRUNCATE audit_block")
    settings.AUDIT_SEAL_KEY = "11" * 32
    assert sealer.seal() == 30
    assert ledger.verify()[0] == 0, "with the forger's own key it looks whole"
    code, report = ledger.verify("--public-key", str(public))
    assert code == 1
    assert report.findings[0].what == "block"


def test_blocks_under_an_older_key_verify_while_it_is_listed(
    sealed: tuple[Ledger, list[int]],
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ledger, _ = sealed
    older = tmp_path / "seal.pub"
    ledger.verify("--write-public-key", str(older))
    monkeypatch.setenv("PLAN_VAR_DIR", str(tmp_path))
    settings.AUDIT_SEAL_KEY = "22" * 32
    fill(1)
    assert sealer.seal() == 3
    assert ledger.verify()[0] == 0
    older.unlink()
    code, report = ledger.verify()
    assert (code, [found.block for found in report.findings]) == (1, [1, 2, 3, 4])


def test_a_forged_end_is_not_built_upon(sealed: tuple[Ledger, list[int]]) -> None:
    """The application's role may insert blocks; without the key they stop the sealing and are found."""
    ledger, _ = sealed
    with connection.cursor() as cursor:
        columns = ", ".join(str(field.column) for field in Block._meta.concrete_fields[3:])
        cursor.execute(
            f"INSERT INTO audit_block (number, previous_hash, hash, {columns})"  # noqa: S608
            f" SELECT 5, hash, sha256('x'), {columns} FROM audit_block WHERE number = 4"
        )
    fill(1)
    with pytest.raises(actions.AuditError, match="not signed by a trusted key"):
        sealer.seal()
    assert ledger.verify()[1].findings[0].block == 5


def test_a_checkpoint_shows_that_the_end_was_removed_and_history_rewritten(
    sealed: tuple[Ledger, list[int]], tmp_path: Path
) -> None:
    ledger, events = sealed
    checkpoint = tmp_path / "checkpoint.json"
    assert ledger.verify("--write-checkpoint", str(checkpoint))[0] == 0
    fill(1)
    sealer.seal()
    assert ledger.verify("--checkpoint", str(checkpoint))[0] == 0
    # The end goes, rows and blocks alike, as after restoring an older copy: only the checkpoint knows.
    ledger.tamper("DELETE FROM audit_block WHERE number >= 3")
    ledger.tamper("DELETE FROM audit_event WHERE id >= %s", events[5])
    ledger.tamper("DELETE FROM audit_subject WHERE event_id >= %s", events[5])
    assert ledger.verify()[0] == 0
    assert finding(ledger, "--checkpoint", str(checkpoint))[0] == "checkpoint"
    # The sealer goes on from there and grows past the checkpoint: its block is still another one.
    for _ in range(2):
        fill(1)
        sealer.seal()
    code, report = ledger.verify("--checkpoint", str(checkpoint))
    assert code == 1
    assert "history was rewritten" in report.findings[0].text


def test_months_can_be_verified_apart(sealed: tuple[Ledger, list[int]]) -> None:
    ledger, events = sealed
    ledger.tamper("DELETE FROM audit_event WHERE id = %s", events[2])
    assert ledger.verify("--to", "2001-01-31")[0] == 0
    assert finding(ledger, "--from", f"{dt.datetime.now(dt.UTC):%Y-%m}")[0] == "removed"


def test_a_restored_ledger_goes_on_in_a_new_epoch_and_still_verifies(
    sealed: tuple[Ledger, list[int]], tmp_path: Path
) -> None:
    """Dump and restore into a new cluster, whose transaction ids begin low again."""
    ledger, events = sealed
    with ledger.connect("postgres") as admin:  # well ahead of where a new cluster begins
        for _ in range(2_000):
            with admin.cursor() as cursor:
                cursor.execute("SELECT pg_current_xact_id()")
            admin.commit()
    events += fill(1)
    assert sealer.seal() == 3
    late = fill(2)  # unsealed when the dump is taken
    dump = subprocess.run(
        [*ledger.cluster._program("pg_dump"), ledger.cluster.url("postgres", ledger.database)],
        capture_output=True,
        check=True,
    ).stdout
    before = dict(connection.settings_dict)
    home = testbed.FOLDER / f"restored-{testbed.NAME}"
    restored = postgres.Cluster(home, testbed.LOGS / f"restored-{testbed.WORKER}.log", testing=True)
    process = restored.start()
    try:
        postgres.provision(restored.url("postgres", "postgres"), "plan", restored.passwords)
        subprocess.run(
            [*restored._program("psql"), "-q", "-v", "ON_ERROR_STOP=0", restored.url("postgres", "plan")],
            input=dump,
            capture_output=True,
            check=True,
        )
        moved = Ledger(restored, "plan", tmp_path)
        point_at(restored, "plan_app", "plan")
        code, report = moved.verify()
        assert (code, report.rows) == (0, 33), report.findings
        new = fill(2)
        assert min(new) > max(late)
        assert Event.objects.get(id=new[-1]).xid < Event.objects.get(id=events[-1]).xid
        assert sealer.seal() == 12
        last = fill(1)
        assert sealer.seal() == 3
        assert list(Block.objects.order_by("epoch").values_list("epoch", flat=True).distinct()) == [1, 2]
        assert set(Block.objects.filter(epoch=2).values_list("carried", flat=True)) == {True, False}
        code, report = moved.verify()
        assert (code, report.rows, report.unsealed) == (0, 48, 0), report.findings
        blocks = {pk: block_of(pk) for pk in (*events, *late, *new, *last)}
        assert {blocks[pk].epoch for pk in events} == {1}
        assert {(blocks[pk].epoch, blocks[pk].carried) for pk in (*late, *new)} == {(2, True)}
        assert [(blocks[pk].epoch, blocks[pk].carried) for pk in last] == [(2, False)]
        moved.tamper("UPDATE audit_event SET source = 'x' WHERE id = ANY (%s)", [events[1], late[0], new[0]])
        code, report = moved.verify()
        assert code == 1
        named = {found.row_id: found.block for found in report.findings if found.row_id}
        assert named == {pk: blocks[pk].number for pk in (events[1], new[0])}
        for other in moved.opened:
            other.close()
    finally:
        connection.close()
        connection.settings_dict.update(before)
        children.stop(process, signal.SIGINT)
        shutil.rmtree(home)
        shutil.rmtree(restored.sockets)
