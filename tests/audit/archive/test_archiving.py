"""Archived months: refused while they may not go, put into files whole, and told apart from what was removed."""

import datetime as dt
import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django.fixtures import Settings

from audit import actions, archiving, verification
from audit.archive import format as archive_format
from audit.archive import holds
from audit.archive.format import Manifest
from audit.models import Archive, Block, Event
from audit.seal import format as seal_format
from audit.seal import sealer
from tests.audit.conftest import Ledger, point_at, today

LATER = dt.date(today().year + 8, 1, 15)  # the retention is over then
WHO = {"actor": "user:1", "portal": "desk"}


def last_month() -> dt.date:
    return (today().replace(day=1) - dt.timedelta(days=1)).replace(day=1)


def events_table() -> str:
    return archive_format.partition_of("audit_event", last_month())


def subjects_table() -> str:
    return archive_format.partition_of("audit_subject", last_month())


def past(ledger: Ledger, count: int = 6, month: dt.date | None = None) -> None:
    """Events of last month with two subjects each; only a superuser can date them."""
    ledger.tamper(
        "WITH event AS (INSERT INTO audit_event (recorded_at, kind, action, actor, fields, detail, source)"
        " SELECT %s::timestamptz + n * interval '1 hour', 'view', 'members.page', 'user:' || n,"
        """ '{name,"a b"}', '{"q": "tab\\tand \\\\ slash"}', E'line\\nbreak' FROM generate_series(1, %s) AS n"""
        " RETURNING id, recorded_at, actor)"
        " INSERT INTO audit_subject (recorded_at, event_id, kind, subject_id)"
        " SELECT recorded_at, id, 'person', s FROM event, unnest(ARRAY[7, 100 + id]) AS s",
        f"{month or last_month()} 12:00+00",
        count,
    )


@pytest.fixture
def old(ledger: Ledger) -> Ledger:
    """Last month's rows and a few of this one, sealed, seen as their owner."""
    past(ledger)
    actions.record(kind="view", action="members.card", actor="user:9", subjects=[("person", 7)])
    assert sealer.seal() == 20
    point_at(ledger.cluster, "plan_owner", ledger.database)
    assert ledger.verify()[0] == 0
    return ledger


def put_away(ledger: Ledger, *, folder: Path | None = None, as_of: dt.date = LATER) -> archiving.Outcome:
    to = folder or ledger.folder
    return archiving.archive(month=last_month(), folder=to, as_of=as_of, actor="system:archive_audit")


@pytest.fixture
def archived(old: Ledger) -> Ledger:
    put_away(old)
    sealer.seal()
    assert old.verify("--archive", str(old.folder))[0] == 0
    return old


def tables(ledger: Ledger) -> set[str]:
    with ledger.connect("postgres") as admin, admin.cursor() as cursor:
        return set(ledger.tables(cursor))


def test_a_month_becomes_files_that_hold_each_blocks_rows(old: Ledger) -> None:
    both = {events_table(), subjects_table()}
    blocks = {block.partition: block for block in Block.objects.filter(partition__in=both)}
    outcome = put_away(old)
    assert both & tables(old) == set()
    said = f"audit-{last_month():%Y-%m}.manifest.json"
    files = {f"{table}-{last_month():%Y-%m}.copy.gz" for table in seal_format.TABLES}
    assert {path.name for path in old.folder.iterdir()} == files | {said, f"{said}.sig"}
    for part in (each for each in outcome.parts if each.rows):
        path = old.folder / part.file
        assert hashlib.sha256(path.read_bytes()).hexdigest() == part.file_hash
        stretch = seal_format.RowRun(part.table)
        for line in gzip.decompress(path.read_bytes()).splitlines(keepends=True):
            stretch.write(line)
        assert stretch.root() == bytes(blocks[part.partition].root)
        assert (part.rows, part.first_block) == (stretch.count, blocks[part.partition].number)
        assert path.stat().st_mode & 0o777 == 0o600
    code, report = old.verify()
    assert (code, report.findings) == (0, [])
    assert {(each["table"], each["file_hash"], each["compared"]) for each in report.archived} == {  # type: ignore[index]
        (part.table, part.file_hash, False) for part in outcome.parts
    }
    event = Event.objects.get(action="audit.archive")
    assert event.detail["hash"] == outcome.manifest_hash
    assert (event.object_id, event.actor) == (f"{last_month():%Y-%m}", "system:archive_audit")


def test_the_ledger_goes_on_after_a_month_is_gone(archived: Ledger) -> None:
    point_at(archived.cluster, "plan_app", archived.database)
    actions.record(kind="view", action="members.card", actor="user:9", subjects=[("person", 7)])
    assert sealer.seal() == 2
    code, report = archived.verify("--archive", str(archived.folder))
    assert (code, report.unsealed) == (0, 0)
    assert all(each["compared"] for each in report.archived)  # type: ignore[index]


def test_again_changes_nothing_and_writes_a_missing_manifest(archived: Ledger) -> None:
    before = Archive.objects.get()
    (archived.folder / archive_format.manifest_file(f"{last_month():%Y-%m}")).unlink()
    outcome = put_away(archived)
    assert outcome.again and outcome.manifest_hash == bytes(before.hash).hex()
    text = (archived.folder / archive_format.manifest_file(f"{last_month():%Y-%m}")).read_text()
    assert text == before.manifest == Manifest.read(text).content()
    assert Event.objects.filter(action="audit.archive").count() == Archive.objects.count() == 1


def test_again_beside_a_changed_file_says_so(archived: Ledger) -> None:
    path = archived.folder / archive_format.file_of("audit_event", last_month())
    path.write_bytes(gzip.compress(b"x", mtime=0))
    with pytest.raises(archiving.Refused, match="was archived before, and"):
        put_away(archived)


def refused(ledger: Ledger, words: str, *, as_of: dt.date = LATER) -> None:
    """In that sentence, and nothing is different afterwards."""
    before = tables(ledger), Event.objects.count(), Block.objects.count()
    with pytest.raises(archiving.Refused, match=words):
        put_away(ledger, as_of=as_of)
    assert (tables(ledger), Event.objects.count(), Block.objects.count()) == before
    assert not Archive.objects.exists()
    assert list(ledger.folder.iterdir()) == []


def test_what_is_not_six_years_old_stays(old: Ledger, settings: Settings) -> None:
    end = today().replace(day=1)
    early = end.replace(year=end.year + 6) - dt.timedelta(days=1)
    refused(old, f"may be archived from {early + dt.timedelta(days=1)} on", as_of=early)
    settings.AUDIT_RETENTION_YEARS = 2
    refused(old, "kept for 6 years", as_of=early)
    settings.AUDIT_RETENTION_YEARS = 10
    refused(old, "kept for 10 years", as_of=early + dt.timedelta(days=1))


def test_the_command_counts_from_today_and_refuses(old: Ledger) -> None:
    with pytest.raises(CommandError, match="Nothing was changed") as error:
        call_command("archive_audit", "--month", f"{last_month():%Y-%m}", "--to", str(old.folder))
    assert error.value.returncode == 2
    assert events_table() in tables(old)


def test_a_month_that_goes_on_stays_whatever_day_is_claimed(old: Ledger) -> None:
    with pytest.raises(archiving.Refused, match="is not over"):
        archiving.archive(month=today(), folder=old.folder, as_of=LATER, actor="system:archive_audit")


def test_unsealed_rows_keep_their_month(old: Ledger) -> None:
    past(old, 1)
    refused(old, "1 rows of the month are not sealed yet")


def test_a_changed_row_keeps_its_month(old: Ledger) -> None:
    old.tamper("UPDATE audit_event SET actor = 'user:99' WHERE actor = 'user:3'")
    refused(old, "does not verify: .*was changed")


def test_a_rewritten_block_anywhere_keeps_every_month(old: Ledger) -> None:
    old.tamper("UPDATE audit_block SET root = sha256('x') WHERE number = (SELECT max(number) FROM audit_block)")
    refused(old, "does not verify: block")


def test_a_legal_hold_keeps_its_months_and_is_named(old: Ledger) -> None:
    number = holds.place(first_month=last_month(), last_month=None, matter="2026-CV-118", reason="Subpoena", who=WHO)
    refused(old, f"under legal hold .hold {number}, matter 2026-CV-118")
    holds.propose_release(number=number, reason="Case closed", who=WHO)
    refused(old, "under legal hold")
    holds.release(number=number, reason="Seen the letter", who={**WHO, "actor": "user:2"})
    assert put_away(old).number == 1


def test_a_hold_on_other_months_keeps_nothing_else(old: Ledger) -> None:
    for first, last in ((dt.date(2001, 1, 1), dt.date(2001, 12, 1)), (today().replace(day=1), None)):
        holds.place(first_month=first, last_month=last, matter="m", reason="r", who=WHO)
    assert put_away(old).number == 1


def test_a_removed_hold_keeps_the_month_all_the_same(old: Ledger) -> None:
    holds.place(first_month=last_month(), last_month=None, matter="2026-CV-118", reason="Subpoena", who=WHO)
    old.tamper("DELETE FROM audit_hold")
    refused(old, "its row is gone, and the ledger's event tells of it")


def test_trying_writes_nothing(old: Ledger) -> None:
    before, month = tables(old), last_month()
    outcome = archiving.archive(month=month, folder=old.folder, as_of=LATER, actor="system:archive_audit", dry_run=True)
    assert [(part.table, part.rows) for part in outcome.parts][:2] == [("audit_event", 6), ("audit_subject", 12)]
    assert (tables(old), list(old.folder.iterdir()), Archive.objects.count()) == (before, [], 0)


def test_the_site_cannot_archive(old: Ledger) -> None:
    point_at(old.cluster, "plan_app", old.database)
    with pytest.raises(archiving.Refused, match="permission denied"):
        put_away(old)
    assert events_table() in tables(old)
    assert old.verify()[0] == 0


def test_rows_that_came_between_files_and_drop_stop_it(old: Ledger) -> None:
    parts, tail = archiving._export(last_month(), old.folder)
    put_back(old, "15:00")
    with pytest.raises(archiving.Refused, match="written to meanwhile"):
        archiving._drop_when_free(last_month(), parts, tail, as_of=LATER, actor="system:archive_audit")
    assert events_table() in tables(old)


def test_files_that_cannot_be_written_are_told_and_leave_none(old: Ledger) -> None:
    (old.folder / archive_format.file_of("audit_subject", last_month())).mkdir()
    with pytest.raises(archiving.Refused, match="cannot be written: Is a directory"):
        put_away(old)
    assert not [path for path in old.folder.iterdir() if path.name.startswith(".")]
    assert events_table() in tables(old)


def waits_for_the_reader(ledger: Ledger, worker: "subprocess.Popen[bytes]") -> bool:
    """Whether the command comes to stand before the tables that a page reads; it waits there in short tries."""
    with ledger.connect("postgres") as admin, admin.cursor() as cursor:
        deadline = time.monotonic() + 60
        while worker.poll() is None and time.monotonic() < deadline:
            cursor.execute(
                "SELECT count(*) FROM pg_locks WHERE NOT granted AND mode = 'AccessExclusiveLock'"
                " AND relation = 'audit_event'::regclass"
            )
            if cursor.fetchone()[0]:
                return True
            time.sleep(0.01)
    return False


def test_killed_between_files_and_drop_leaves_nothing_half_done(old: Ledger) -> None:
    """A page that stays open keeps the tables from going; meanwhile the command dies."""
    reader = old.connect("plan_app")
    with reader.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM audit_event")
    code = (
        "import datetime as dt, pathlib, django; django.setup(); from audit import archiving;"
        f"archiving.archive(month=dt.date.fromisoformat('{last_month()}'), folder=pathlib.Path('{old.folder}'),"
        f" as_of=dt.date.fromisoformat('{LATER}'), actor='system:archive_audit')"
    )
    environ = {**os.environ, "DATABASE_URL": old.cluster.url("plan_owner", old.database), "PLAN_DB_ROLE": ""}
    worker = subprocess.Popen([sys.executable, "-c", code], env=environ)
    try:
        assert waits_for_the_reader(old, worker), "it came to the drop, and not further"
    finally:
        worker.kill()
        worker.wait()
    assert (old.folder / archive_format.file_of("audit_subject", last_month())).exists()
    reader.rollback()
    assert {events_table(), subjects_table()} <= tables(old)
    assert not Archive.objects.exists()
    assert old.verify()[0] == 0
    assert put_away(old).number == 1
    assert old.verify("--archive", str(old.folder))[0] == 0
    assert len(list(old.folder.iterdir())) == len(seal_format.TABLES) + 2


def test_the_same_rows_give_the_same_file(old: Ledger, tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("one", "two")]
    for folder in folders:
        folder.mkdir()
        archiving._export(last_month(), folder)
    for name in (archive_format.file_of(table, last_month()) for table in seal_format.TABLES):
        assert (folders[0] / name).read_bytes() == (folders[1] / name).read_bytes()


def test_the_manifest_knows_the_end_of_the_chain_and_the_manifest_before(archived: Ledger) -> None:
    manifest = Manifest.read(Archive.objects.get().manifest)
    assert (manifest.number, manifest.previous_hash) == (1, seal_format.GENESIS.hex())
    assert manifest.chain_number == 4
    assert manifest.chain_hash == bytes(Block.objects.get(number=4).hash).hex()


def test_of_two_months_the_second_manifest_names_the_first(ledger: Ledger) -> None:
    before = (last_month() - dt.timedelta(days=1)).replace(day=1)
    for table in seal_format.TABLES:
        make(ledger, table, before)
    past(ledger, month=before)
    past(ledger)
    sealer.seal()
    point_at(ledger.cluster, "plan_owner", ledger.database)
    for month in (before, last_month()):
        archiving.archive(month=month, folder=ledger.folder, as_of=LATER, actor="system:archive_audit")
        sealer.seal()
    first, second = Archive.objects.order_by("number")
    assert (first.month, second.month, bytes(second.previous_hash)) == (before, last_month(), bytes(first.hash))
    code, report = ledger.verify("--archive", str(ledger.folder))
    assert (code, len(report.archived)) == (0, 2 * len(seal_format.TABLES))
    ledger.tamper("DELETE FROM audit_archive WHERE number = 1")
    code, report = ledger.verify()
    assert code == 1
    assert f"a manifest before that of {last_month():%Y-%m} is gone" in report.findings[0].text


def test_a_month_that_lived_in_two_database_servers_is_archived_in_the_order_of_its_blocks(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a dump and restore the blocks of a new epoch begin with what was carried over."""
    past(ledger)
    sealer.seal()
    past(ledger, 2)
    monkeypatch.setattr(
        sealer, "_SNAPSHOT", sealer._SNAPSHOT.replace("system_identifier::text", "'new' || system_identifier::text")
    )
    sealer.seal()
    blocks = Block.objects.filter(partition=events_table()).order_by("number")
    assert list(blocks.values_list("epoch", "carried", "row_count")) == [(1, False, 6), (2, True, 2)]
    point_at(ledger.cluster, "plan_owner", ledger.database)
    assert [part.rows for part in put_away(ledger).parts][:2] == [8, 16]
    assert ledger.verify("--archive", str(ledger.folder))[0] == 0
    lines = lines_of(ledger)
    row_id = int(lines[7].split(b"\t")[1])
    lines[7] = lines[7].replace(b"members.page", b"members.card")
    rewritten(ledger, "audit_event", lines)
    assert row_findings(ledger) == [("changed", row_id)]


# --- What a superuser could do --------------------------------------------------------------------------------------


def found(ledger: Ledger, *options: str) -> verification.Finding:
    code, report = ledger.verify(*options)
    assert code == 1, "the tampering was not found"
    return report.findings[0]


def rewritten(ledger: Ledger, table: str, change: list[bytes]) -> None:
    path = ledger.folder / archive_format.file_of(table, last_month())
    path.write_bytes(gzip.compress(b"".join(change), mtime=0))


def lines_of(ledger: Ledger, table: str = "audit_event") -> list[bytes]:
    path = ledger.folder / archive_format.file_of(table, last_month())
    return gzip.decompress(path.read_bytes()).splitlines(keepends=True)


def row_findings(ledger: Ledger) -> list[tuple[str, int | None]]:
    code, report = ledger.verify("--archive", str(ledger.folder))
    assert code == 1
    assert "is not the file of the manifest" in report.findings[0].text
    return [(each.what, each.row_id) for each in report.findings if each.row_id is not None]


def test_a_changed_row_of_a_file_is_named(archived: Ledger) -> None:
    lines = lines_of(archived)
    row_id = int(lines[2].split(b"\t")[1])
    lines[2] = lines[2].replace(b"user:3", b"user:4")
    rewritten(archived, "audit_event", lines)
    assert row_findings(archived) == [("changed", row_id)]
    assert archived.verify()[0] == 0, "without the folder only the manifest is known"


def test_a_row_removed_from_a_file_is_named(archived: Ledger) -> None:
    lines = lines_of(archived, "audit_subject")
    row_id = int(lines[4].split(b"\t")[1])
    del lines[4]
    rewritten(archived, "audit_subject", lines)
    assert row_findings(archived) == [("removed", row_id)]


def test_rows_cut_from_the_end_of_a_file_are_named(archived: Ledger) -> None:
    lines = lines_of(archived)
    row_id = int(lines[4].split(b"\t")[1])
    rewritten(archived, "audit_event", lines[:4])
    assert row_findings(archived) == [("removed", row_id)]


@pytest.mark.parametrize("at", [0, 3, 6])
def test_a_row_inserted_into_a_file_is_named(archived: Ledger, at: int) -> None:
    lines = lines_of(archived)
    xid, _id, rest = lines[min(at, 5)].split(b"\t", 2)
    lines.insert(at, b"\t".join([xid, b"999999", rest]))
    rewritten(archived, "audit_event", lines)
    assert row_findings(archived) == [("inserted", 999999)]


def test_rows_of_a_file_in_another_order_are_named(archived: Ledger) -> None:
    lines = lines_of(archived)
    row_id = int(lines[1].split(b"\t")[1])
    lines[1], lines[2] = lines[2], lines[1]
    rewritten(archived, "audit_event", lines)
    assert row_findings(archived) == [("re-ordered", row_id)]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "differ|removed"),
        (b"no gzip", "cannot be read on after 0 rows"),
        (gzip.compress(b"no row\n", mtime=0), "is no row"),
    ],
    ids=["empty", "no gzip", "no row"],
)
def test_a_file_that_is_none_is_found(archived: Ledger, content: bytes, words: str) -> None:
    (archived.folder / archive_format.file_of("audit_event", last_month())).write_bytes(content)
    code, report = archived.verify("--archive", str(archived.folder))
    assert code == 1
    assert any(word in each.text for each in report.findings for word in words.split("|"))


def test_a_cut_or_missing_file_is_found(archived: Ledger) -> None:
    path = archived.folder / archive_format.file_of("audit_event", last_month())
    path.write_bytes(path.read_bytes()[:-20])
    assert found(archived, "--archive", str(archived.folder)).what == "archive"
    path.unlink()
    assert "No such file" in found(archived, "--archive", str(archived.folder)).text


def test_a_removed_manifest_leaves_a_table_that_is_gone(archived: Ledger) -> None:
    archived.tamper("DELETE FROM audit_archive")
    code, report = archived.verify()
    assert code == 1
    assert [(each.what, each.table) for each in report.findings[:2]] == [
        ("partition", "audit_event"),
        ("partition", "audit_subject"),
    ]
    assert "the ledger's event tells of it" in report.findings[2].text


@pytest.mark.parametrize(
    "change",
    [
        "manifest = replace(manifest, '\"rows\": 6', '\"rows\": 5')",
        "manifest = manifest || ' '",
        "manifest = '{}'",
        "signature = sha256(signature) || sha256(signature)",
        "hash = sha256('x')",
        "month = month - interval '1 month'",
        "key_id = 'other'",
        "previous_hash = sha256('x')",
    ],
)
def test_a_rewritten_manifest_is_found(archived: Ledger, change: str) -> None:
    archived.tamper(f"UPDATE audit_archive SET {change}")  # noqa: S608
    assert found(archived).what == "archive"


def test_a_manifest_copied_from_another_month_covers_nothing(archived: Ledger) -> None:
    """This month's table is dropped, and the manifest of last month put in once more under its name."""
    this = archive_format.partition_of("audit_event", today())
    archived.tamper(f"DROP TABLE {this}")
    archived.tamper(
        "INSERT INTO audit_archive (number, month, previous_hash, hash, manifest, key_id, signature)"
        " SELECT 2, %s, hash, hash, manifest, key_id, signature FROM audit_archive",
        today().replace(day=1),
    )
    texts = [each.text for each in archived.verify()[1].findings]
    assert any(f"the manifest of {today():%Y-%m} was rewritten" in text for text in texts)
    assert any(f"partition {this} is gone" in text for text in texts)


def test_a_manifest_signed_by_another_key_is_found(old: Ledger, settings: Settings, tmp_path: Path) -> None:
    """Whoever has the database but not the key drops the month and signs with a key of their own."""
    public = tmp_path / "seal.pub"
    assert old.verify("--write-public-key", str(public))[0] == 0
    folder = tmp_path / "away"
    folder.mkdir()
    settings.AUDIT_SEAL_KEY = "11" * 32
    (tmp_path / "older").mkdir()
    shutil.copy(public, tmp_path / "older" / "seal.pub")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("PLAN_VAR_DIR", str(tmp_path / "older"))
        put_away(old, folder=folder)
    found_now = found(old, "--public-key", str(public))
    assert found_now.what == "archive" and "unknown key" in found_now.text


def make(ledger: Ledger, table: str, month: dt.date) -> None:
    """A month's table, as an owner could make it."""
    made, end = archive_format.partition_of(table, month), (month + dt.timedelta(days=31)).replace(day=1)
    ledger.tamper(
        f"CREATE TABLE {made} (LIKE {table} INCLUDING ALL);"
        f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {made} EXECUTE FUNCTION audit_refuse();"
        f"ALTER TABLE {table} ATTACH PARTITION {made} FOR VALUES FROM ('{month} 00:00+00') TO ('{end} 00:00+00');"
        f"ALTER TABLE {made} OWNER TO plan_owner; GRANT SELECT ON {made} TO plan_app"
    )


def make_again(ledger: Ledger) -> None:
    make(ledger, "audit_event", last_month())
    put_back(ledger, "13:00")


def put_back(ledger: Ledger, hour: str) -> None:
    row = "(recorded_at, kind, action, actor) VALUES (%s, 'view', 'a', 'user:5')"
    ledger.tamper(f"INSERT INTO {events_table()} {row}", f"{last_month()} {hour}+00")


def test_an_archived_month_that_is_there_again_is_found(archived: Ledger) -> None:
    make_again(archived)
    assert "was archived, and is there again" in found(archived).text


def test_blocks_of_an_archived_month_that_were_added_to_are_found(archived: Ledger) -> None:
    """Rows are put back, sealed by the site's own worker, and dropped again."""
    make_again(archived)
    assert sealer.seal() == 1
    archived.tamper(f"DROP TABLE {events_table()}")
    assert "does not fit the chain" in found(archived).text


def test_a_chain_rebuilt_below_a_manifest_is_found(archived: Ledger) -> None:
    """The manifest knows the chain's end of its day, like a checkpoint."""
    point_at(archived.cluster, "plan_app", archived.database)
    archived.tamper("DELETE FROM audit_block WHERE number >= 3")
    texts = [each.text for each in archived.verify()[1].findings]
    assert any("its end was removed" in text for text in texts), texts


def test_the_months_to_check_may_be_others(archived: Ledger) -> None:
    rewritten(archived, "audit_event", lines_of(archived)[1:])
    code, report = archived.verify("--from", f"{today():%Y-%m}", "--archive", str(archived.folder))
    assert (code, report.archived) == (0, [])


@pytest.mark.parametrize("table", ["audit_archive", "audit_hold"])
def test_manifests_and_holds_are_append_only(archived: Ledger, table: str) -> None:
    holds.place(first_month=last_month(), last_month=None, matter="m", reason="r", who=WHO)
    for statement in ("UPDATE {} SET actor = 'x'", "DELETE FROM {}", "TRUNCATE {}"):
        with archived.connect("postgres") as admin, admin.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            with pytest.raises(Exception, match="append-only"):
                cursor.execute(statement.format(table).replace("actor", "number").replace("'x'", "9"))
    with archived.connect("postgres") as admin, admin.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER append_only")
    assert found(archived).what == "guard"


def test_what_the_command_says(old: Ledger) -> None:
    put_away(old)
    out = StringIO()
    call_command("archive_audit", "--month", f"{last_month():%Y-%m}", "--to", str(old.folder), "--json", stdout=out)
    said, month = json.loads(out.getvalue()), f"{last_month():%Y-%m}"
    assert (said["month"], said["again"], len(said["parts"])) == (month, True, len(seal_format.TABLES))
    out = StringIO()
    call_command("verify_audit", stdout=out)
    assert f"audit_event {month}: archived, 6 rows, file hash {said['parts'][0]['file_hash']}." in out.getvalue()


def test_the_clock_of_the_database_says_when(archived: Ledger) -> None:
    row = Archive.objects.get()
    manifest = Manifest.read(row.manifest)
    with connection.cursor() as cursor:
        cursor.execute("SELECT now() - %s::timestamptz < interval '5 minutes'", [manifest.archived_at])
        assert cursor.fetchone()[0]
    assert manifest.as_of == LATER.isoformat()
