"""Checking the ledger against its seals: reads only, with flat memory, in one snapshot.

First the chain (numbers, hashes, signatures, a checkpoint kept elsewhere), then every row of every partition in
sealing order against the blocks. The blocks' leaves name the first row that differs.
"""

import bisect
import dataclasses
import datetime as dt
import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.db import ProgrammingError, connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import BinaryField
from django.db.models.expressions import RawSQL

from audit import keys, sealing, watching
from audit.models import Block

MAX_FINDINGS = 20
_BATCH_BLOCKS = 2_000
_CLOCK_TOLERANCE = dt.timedelta(minutes=1)
APPLICATION_ROLES = ["plan_app", "plan_bulk"]
_UNGUARDED = """
WITH kept AS (
    SELECT oid, relname FROM pg_class WHERE oid = 'public.audit_block'::regclass
    UNION SELECT oid, relname FROM pg_class WHERE oid = ANY (%s::regclass[])
    UNION SELECT child.oid, child.relname FROM pg_inherits JOIN pg_class AS child ON child.oid = inhrelid
    WHERE inhparent = ANY (%s::regclass[])
)
SELECT relname, 'its trigger is gone or disabled' FROM kept WHERE NOT EXISTS (
    SELECT FROM pg_trigger WHERE tgrelid = kept.oid AND tgname = 'append_only' AND tgenabled = 'A'
) UNION ALL
SELECT relname, rolname || ' may change or empty it' FROM kept, pg_roles
WHERE rolname = ANY (%s) AND has_table_privilege(pg_roles.oid, kept.oid, 'UPDATE, DELETE, TRUNCATE')
UNION ALL
SELECT relname, rolname || ' may write history of its own' FROM kept, pg_roles
WHERE rolname = ANY (%s) AND relname ~ '^audit_change' AND has_any_column_privilege(pg_roles.oid, kept.oid, 'INSERT')
ORDER BY 1, 2
"""
# The triggers that a watched table should have, each with the function that it should call, and their bodies.
_TRIGGERS = """
SELECT wanted.relation, wanted.name, held.tgenabled, to_regprocedure(wanted.function) IS NOT DISTINCT FROM held.tgfoid
FROM unnest(%s::text[], %s::text[], %s::text[]) AS wanted(relation, name, function)
LEFT JOIN pg_trigger AS held ON held.tgrelid = to_regclass('public.' || quote_ident(wanted.relation))
    AND held.tgname = wanted.name
ORDER BY 1, 2
"""
_BODIES = """
SELECT wanted.relation
FROM unnest(%s::text[], %s::text[], %s::text[]) AS wanted(relation, function, source)
LEFT JOIN pg_proc AS held ON held.oid = to_regprocedure(wanted.function)
WHERE held.prosrc IS DISTINCT FROM wanted.source OR NOT held.prosecdef
ORDER BY 1
"""
_FOR_EVER = 2**63 - 1


@dataclasses.dataclass(frozen=True)
class Finding:
    """What does not agree: with a row (table, id, recorded_at as far as known) or with the chain itself."""

    what: str  # changed, removed, inserted, re-ordered, back-dated, partition, block, chain, checkpoint, guard
    text: str
    table: str = ""
    row_id: int | None = None
    recorded_at: str = ""
    block: int | None = None


@dataclasses.dataclass(frozen=True)
class Checkpoint:
    """The chain's end at an instant, to be kept where the database's administrator cannot reach it."""

    number: int
    hash: str
    sealed_at: str
    key_id: str
    public_key: str


@dataclasses.dataclass
class Report:
    findings: list[Finding] = dataclasses.field(default_factory=list)
    blocks: int = 0
    rows: int = 0
    unsealed: int = 0
    lag_seconds: float = 0.0  # age of the oldest unsealed row
    horizon: int = 0
    tail: Checkpoint | None = None
    more: int = 0  # findings beyond those listed

    def add(self, finding: Finding) -> None:
        if len(self.findings) < MAX_FINDINGS:
            self.findings.append(finding)
        else:
            self.more += 1


def verify(
    *,
    trusted: Mapping[str, Ed25519PublicKey],
    first: dt.date | None = None,
    last: dt.date | None = None,
    checkpoint: Checkpoint | None = None,
) -> Report:
    """The whole chain, and the rows of the months (UTC) from `first` to `last`, both inclusive."""
    report = Report()
    with transaction.atomic(), connection.cursor() as cursor:
        if not connection.savepoint_ids:  # the outermost transaction
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute(sealing.PINNED)
        epochs, named = _chain(report, trusted, checkpoint)
        existing = _partitions(cursor)
        for table, partition in sorted({*existing, *named}):
            if not _in_months(partition, first, last):
                continue
            if (table, partition) in existing:
                try:
                    with transaction.atomic():
                        _Partition(cursor, report, epochs, table, partition).compare()
                except ProgrammingError as error:
                    reason = str(error).splitlines()[0]
                    report.add(Finding("partition", f"partition {partition} cannot be read: {reason}", table))
            else:
                report.add(
                    Finding(
                        "partition", f"partition {partition} is gone, with {named[table, partition]} sealed rows", table
                    )
                )
        _guards(cursor, report)
    return report


def _guards(cursor: CursorWrapper, report: Report) -> None:
    """The ledger's tables that lost their trigger or that the application's roles may change, and the tables whose
    history is no longer kept."""
    kept = [f"public.{table}" for table in sealing.TABLES]
    cursor.execute(_UNGUARDED, [kept, kept, APPLICATION_ROLES, APPLICATION_ROLES])
    for table, reason in cursor.fetchall():
        report.add(Finding("guard", f"{table} is no longer append-only: {reason}", table))
    watched = watching.watched(connection)
    wanted = [(each.table, *trigger) for each in watched for trigger in watching.triggers(each.table)]
    cursor.execute(_TRIGGERS, [list(column) for column in zip(*wanted, strict=True)] or [[], [], []])
    for table, name, enabled, ours in cursor.fetchall():
        if enabled is None:
            reason = f"its trigger {name} is gone"
        elif enabled != "A":
            reason = f"its trigger {name} " + ("is disabled" if enabled == "D" else "can be passed by")
        elif not ours:
            reason = f"{name} calls another function"
        else:
            continue
        report.add(Finding("guard", f"the history of {table} is not whole: {reason}", table))
    expected = [(each.table, watching.function(each.table), each.source) for each in watched]
    cursor.execute(_BODIES, [list(column) for column in zip(*expected, strict=True)] or [[], [], []])
    for (table,) in cursor.fetchall():
        report.add(Finding("guard", f"the history of {table} is not whole: its function is another one", table))


def _chain(
    report: Report, trusted: Mapping[str, Ed25519PublicKey], checkpoint: Checkpoint | None
) -> tuple[list[sealing.Epoch], dict[tuple[str, str], int]]:
    """Walk the blocks; answers the epochs and how many rows each partition has under seal."""
    epochs: list[sealing.Epoch] = []
    sealed: dict[tuple[str, str], int] = {}
    number, previous = 0, sealing.GENESIS
    tail = None
    for row in _blocks():
        block = sealing.from_row(row)
        report.blocks += 1
        here = block.number
        if here != number + 1:
            gone = (
                f"block {number + 1} is gone" if here == number + 2 else f"blocks {number + 1} to {here - 1} are gone"
            )
            report.add(Finding("chain", gone, block=number + 1))
        elif block.previous_hash != previous:
            report.add(Finding("chain", f"block {here} does not follow block {number}", block=here))
        key = trusted.get(block.key_id)
        if block.layout != sealing.LAYOUT:
            report.add(Finding("block", f"block {here} has the unknown layout {block.layout}", block=here))
        elif key is None:
            report.add(Finding("block", f"block {here} names the unknown key {block.key_id}", block=here))
        elif bytes(row["hash"]) != block.hash() or not block.signed_by(key, bytes(row["signature"])):
            report.add(Finding("block", f"block {here} was rewritten: its signature does not hold", block=here))
        elif bytes(row["stored_leaves"]) != block.leaves_hash:
            report.add(Finding("block", f"the leaves of block {here} were rewritten", block=here))
        if checkpoint and checkpoint.number == here and checkpoint.hash != block.hash().hex():
            report.add(
                Finding(
                    "checkpoint", f"block {here} is not the one of the checkpoint: history was rewritten", block=here
                )
            )
        if not epochs or epochs[-1].number != block.epoch:
            epochs.append(sealing.Epoch(block.epoch, block.id_after, 0, block.id_after))
        epochs[-1].xid_to = max(epochs[-1].xid_to, block.xid_to)
        epochs[-1].max_id = max(epochs[-1].max_id, block.max_id)
        place = block.table_name, block.partition
        sealed[place] = sealed.get(place, 0) + block.row_count
        number, previous, tail = here, block.hash(), block
    if tail:
        public = trusted.get(tail.key_id)
        report.tail = Checkpoint(
            number, previous.hex(), tail.sealed_at.isoformat(), tail.key_id,
            keys.public_bytes(public).hex() if public else "",
        )  # fmt: skip
        report.horizon = epochs[-1].xid_to
    if checkpoint and checkpoint.number > number:
        report.add(
            Finding(
                "checkpoint",
                f"the chain ends at block {number}, but the checkpoint knows block {checkpoint.number} sealed at "
                f"{checkpoint.sealed_at}: an older copy was restored, or the end was removed",
                block=number,
            )
        )
    return epochs, sealed


def _blocks() -> Iterator[dict[str, Any]]:
    stored = RawSQL("sha256(leaves)", [], output_field=BinaryField())
    rows = Block.objects.order_by("number").annotate(stored_leaves=stored)
    yield from rows.values(*sealing.FIELDS, "hash", "signature", "stored_leaves").iterator(chunk_size=1_000)


def _partitions(cursor: CursorWrapper) -> list[tuple[str, str]]:
    cursor.execute(
        "SELECT parent.relname, child.relname FROM pg_inherits JOIN pg_class parent ON parent.oid = inhparent"
        " JOIN pg_class child ON child.oid = inhrelid WHERE parent.oid = ANY (%s::regclass[])",
        [[f"public.{table}" for table in sealing.TABLES]],
    )
    return [(table, partition) for table, partition in cursor.fetchall()]


def _in_months(partition: str, first: dt.date | None, last: dt.date | None) -> bool:
    named = re.search(r"_y(\d{4})m(\d{2})$", partition)
    if not named:
        return True  # not one that we made: always looked at
    month = int(named[1]), int(named[2])
    return (first is None or (first.year, first.month) <= month) and (last is None or month <= (last.year, last.month))


class _Partition:
    """One partition's rows against its blocks."""

    def __init__(
        self, cursor: CursorWrapper, report: Report, epochs: list[sealing.Epoch], table: str, partition: str
    ) -> None:
        self.cursor = cursor
        self.report = report
        self.epochs = epochs
        self.table = table
        self.partition = partition
        self.source = 'public."' + partition.replace('"', '""') + '"'

    def compare(self) -> None:
        if not self.epochs:
            self._unsealed("true")
        for at, epoch in enumerate(self.epochs):
            following = self.epochs[at + 1] if at + 1 < len(self.epochs) else None
            if at:
                self._segment(epoch.number, self.epochs[at - 1].carried_rows(epoch.id_after), carried=True)
            elif epoch.id_after:
                self._segment(epoch.number, f"id <= {epoch.id_after}", carried=True)
            where = epoch.sealed_rows(following.id_after if following else None)
            reached = self._segment(epoch.number, where, carried=False)
            self._uncovered(f"{where} AND xid >= '{reached}' AND xid < '{epoch.xid_to}'")
            if following is None:
                self._unsealed(f"{where} AND xid >= '{epoch.xid_to}'")

    def _segment(self, epoch: int, where: str, *, carried: bool) -> int:
        """Compare the blocks of one kind in one epoch; answers up to which transaction id they reach."""
        mine = Block.objects.filter(table_name=self.table, partition=self.partition, epoch=epoch, carried=carried)
        mine = mine.order_by("number")
        number = reached = 0
        while rows := list(mine.filter(number__gt=number).values(*sealing.FIELDS)[:_BATCH_BLOCKS]):
            blocks = [sealing.from_row(row) for row in rows]
            end = blocks[-1]
            rest = mine.filter(number__gt=end.number, xid_to=end.xid_to)  # the same run's further blocks
            blocks += [sealing.from_row(row) for row in rest.values(*sealing.FIELDS)]
            number = blocks[-1].number
            bounds = "" if carried else f" AND xid >= '{reached}' AND xid < '{end.xid_to}'"
            self._compare_batch(blocks, where + bounds, carried=carried)
            reached = end.xid_to
        if carried and not number:
            self._uncovered(where)
        return reached

    def _compare_batch(self, blocks: list[sealing.Seal], where: str, *, carried: bool) -> None:
        comparison = _Comparison(self.table, blocks, carried=carried)
        with connection.wrap_database_errors:
            self.cursor.copy_expert(sealing.copy_sql(self.table, self.partition, where), comparison)
        comparison.finish()
        self.report.rows += comparison.rows
        for block, leaves in comparison.differing:
            self._name(block, leaves)
        for block, row_id, recorded_at, reason in comparison.misdated:
            self._found("back-dated", row_id, f"is dated {recorded_at}, {reason}", block.number, recorded_at)

    def _name(self, block: sealing.Seal, actual: bytes | None) -> None:
        """Name the first row in which a block and the table differ."""
        stored = bytes(Block.objects.values_list("leaves", flat=True).get(number=block.number))
        if actual is None or hashlib.sha256(stored).digest() != block.leaves_hash:
            text = f"the rows of block {block.number} differ from its seal; the first cannot be named"
            self.report.add(Finding("changed", text, self.table, block=block.number))
            return
        expected, found = sealing.leaves_of(stored), sealing.leaves_of(actual)
        at = next((i for i, pair in enumerate(zip(expected, found, strict=False)) if pair[0] != pair[1]), None)
        if at is None:
            at = min(len(expected), len(found))
        wanted = expected[at][0] if at < len(expected) else None
        present = found[at][0] if at < len(found) else None
        if wanted is None and present is None:
            return  # the rows are right: the block's own figures were rewritten, which its signature has shown
        if wanted is not None and wanted == present:
            self._found("changed", wanted, "was changed", block.number)
        elif wanted is None or wanted in {row_id for row_id, _ in found}:
            if present is not None and present not in {row_id for row_id, _ in expected}:
                self._found("inserted", present, "was inserted", block.number)
            else:
                self._found("re-ordered", wanted or present, "was moved within the order", block.number)
        elif place := self._place(wanted):
            self._found("re-ordered", wanted, f"was moved: it now stands in {place}", block.number)
        else:
            near = found[at - 1][0] if 0 < at <= len(found) else None
            after = f" (it followed row {near}, recorded {self._recorded(near)})" if near is not None else ""
            self._found("removed", wanted, f"was removed{after}", block.number)

    def _found(self, what: str, row_id: int | None, text: str, block: int | None, recorded_at: str = "") -> None:
        recorded_at = recorded_at or self._recorded(row_id)
        dated = f", recorded {recorded_at}," if recorded_at and what != "back-dated" else ""
        sentence = f"{self.partition}: row {row_id}{dated} {text}"
        if block is not None:
            sentence += f" [block {block}]"
        self.report.add(Finding(what, sentence, self.table, row_id, recorded_at, block))

    def _recorded(self, row_id: int | None) -> str:
        if row_id is None:
            return ""
        self.cursor.execute(f"SELECT recorded_at::text FROM ONLY {self.source} WHERE id = %s LIMIT 1", [row_id])  # noqa: S608
        row = self.cursor.fetchone()
        return row[0] if row else ""

    def _place(self, row_id: int) -> str:
        self.cursor.execute(
            f"SELECT (SELECT relname FROM pg_class WHERE oid = moved.tableoid), xid::text, recorded_at::text"  # noqa: S608
            f" FROM {self.table} AS moved WHERE id = %s LIMIT 1",
            [row_id],
        )
        row = self.cursor.fetchone()
        return f"{row[0]} under transaction {row[1]}, recorded {row[2]}" if row else ""

    def _uncovered(self, where: str) -> None:
        """Rows below the horizon that no block knows."""
        self.cursor.execute(f"SELECT id FROM ONLY {self.source} WHERE {where} ORDER BY xid, id LIMIT 1")  # noqa: S608
        row = self.cursor.fetchone()
        if row:
            self._found("inserted", row[0], "was inserted where all was sealed", None)

    def _unsealed(self, where: str) -> None:
        self.cursor.execute(
            f"SELECT count(*), coalesce(extract(epoch FROM clock_timestamp() - min(recorded_at)), 0)"  # noqa: S608
            f" FROM ONLY {self.source} WHERE {where}"
        )
        count, age = self.cursor.fetchone()
        self.report.unsealed += count
        self.report.lag_seconds = max(self.report.lag_seconds, float(age))


class _Comparison:
    """The file that COPY writes a batch of blocks' rows to; cuts the stream where the blocks say they end."""

    def __init__(self, table: str, blocks: list[sealing.Seal], *, carried: bool) -> None:
        self._table = table
        self._blocks = blocks
        self._ends = [
            (block.last_xid, block.last_id)
            if after is not None and after.run == block.run
            else ((_FOR_EVER, 0) if carried else (block.xid_to, -1))
            for block, after in zip(blocks, [*blocks[1:], None], strict=True)
        ]
        self.rows = 0
        self.differing: list[tuple[sealing.Seal, bytes | None]] = []
        self.misdated: list[tuple[sealing.Seal, int, str, str]] = []
        self._open(0)

    def _open(self, at: int) -> None:
        self._at = at
        self._stretch = sealing.Stretch(self._table)
        block = self._blocks[at]
        self._floor_xid = block.floor_xid
        self._floor = _stamp(block.floor_at - _CLOCK_TOLERANCE)
        self._ceiling = _stamp(block.sealed_at + _CLOCK_TOLERANCE)

    def write(self, line: bytes) -> None:
        first, second, recorded_at, _ = line.split(b"\t", 3)
        xid, row_id = int(first), int(second)
        if (xid, row_id) > self._ends[self._at]:
            self._advance(xid, row_id)
        self.rows += 1
        self._stretch.add(xid, row_id, line)
        if recorded_at > self._ceiling:
            self._misdate(row_id, recorded_at, "after it was sealed")
        elif xid >= self._floor_xid and recorded_at < self._floor:
            self._misdate(row_id, recorded_at, "but its transaction began after that was sealed")

    def _advance(self, xid: int, row_id: int) -> None:
        target = min(bisect.bisect_left(self._ends, (xid, row_id), lo=self._at), len(self._ends) - 1)
        while self._at < target:
            self._close()
            self._open(self._at + 1)

    def _close(self) -> None:
        block, stretch = self._blocks[self._at], self._stretch
        leaves = bytes(stretch.leaves)
        if (
            stretch.count != block.row_count
            or stretch.root() != block.root
            or hashlib.sha256(leaves).digest() != block.leaves_hash
        ):
            self.differing.append((block, leaves if len(self.differing) < MAX_FINDINGS else None))

    def _misdate(self, row_id: int, recorded_at: bytes, reason: str) -> None:
        if len(self.misdated) < MAX_FINDINGS:
            self.misdated.append((self._blocks[self._at], row_id, recorded_at.decode(), reason))

    def finish(self) -> None:
        self._advance(_FOR_EVER, _FOR_EVER)
        self._close()


def _stamp(moment: dt.datetime) -> bytes:
    """As PostgreSQL writes it under the pinned settings: comparable byte by byte."""
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M:%S").encode()
