"""Rows against their blocks, table by table and stretch by stretch, with flat memory."""

import bisect
import datetime as dt
import hashlib
from collections.abc import Callable

from django.db import connection
from django.db.backends.utils import CursorWrapper

from audit.models import Block
from audit.seal import format as seal_format
from audit.seal.findings import MAX_FINDINGS, Finding, VerificationReport

_BATCH_BLOCKS = 2_000
_CLOCK_TOLERANCE = dt.timedelta(minutes=1)
_FOR_EVER = 2**63 - 1


SAID = {
    "changed": "was changed",
    "inserted": "was inserted",
    "re-ordered": "was moved within the order",
    "removed": "was removed",
}
Leaves = list[tuple[int, bytes]]


def first_difference(expected: Leaves, found: Leaves) -> tuple[str, int, int] | None:
    """The first row in which what was found differs from a block's leaves: what (a key of `SAID`), its id, its place in
    the order; None where nothing differs. What is called removed may stand elsewhere."""
    at = next((i for i, pair in enumerate(zip(expected, found, strict=False)) if pair[0] != pair[1]), None)
    if at is None:
        at = min(len(expected), len(found))
    wanted = expected[at][0] if at < len(expected) else None
    present = found[at][0] if at < len(found) else None
    if wanted is None or (present is not None and wanted in {row_id for row_id, _ in found}):
        if present is None:
            return None
        if wanted == present:
            return "changed", present, at
        if present not in {row_id for row_id, _ in expected}:
            return "inserted", present, at
        return "re-ordered", present if wanted is None else wanted, at
    return "removed", wanted, at


class Partition:
    """One partition's rows against its blocks."""

    def __init__(
        self,
        cursor: CursorWrapper,
        report: VerificationReport,
        epochs: list[seal_format.Epoch],
        table: str,
        partition: str,
        keep: Callable[[bytes], None] | None = None,
    ) -> None:
        """`keep` is given every compared line, in the order of the blocks."""
        self.cursor = cursor
        self.keep = keep
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
        while rows := list(mine.filter(number__gt=number).values(*seal_format.FIELDS)[:_BATCH_BLOCKS]):
            blocks = [seal_format.from_row(row) for row in rows]
            end = blocks[-1]
            rest = mine.filter(number__gt=end.number, xid_to=end.xid_to)  # the same run's further blocks
            blocks += [seal_format.from_row(row) for row in rest.values(*seal_format.FIELDS)]
            number = blocks[-1].number
            bounds = "" if carried else f" AND xid >= '{reached}' AND xid < '{end.xid_to}'"
            self._compare_batch(blocks, where + bounds, carried=carried)
            reached = end.xid_to
        if carried and not number:
            self._uncovered(where)
        return reached

    def _compare_batch(self, blocks: list[seal_format.Seal], where: str, *, carried: bool) -> None:
        comparison = Comparison(self.table, blocks, carried=carried, keep=self.keep)
        with connection.wrap_database_errors:
            self.cursor.copy_expert(seal_format.copy_sql(self.table, self.partition, where), comparison)
        comparison.finish()
        self.report.rows += comparison.rows
        for block, leaves in comparison.differing:
            self._name(block, leaves)
        for block, row_id, recorded_at, reason in comparison.misdated:
            self._found("back-dated", row_id, f"is dated {recorded_at}, {reason}", block.number, recorded_at)

    def _name(self, block: seal_format.Seal, actual: bytes | None) -> None:
        """Name the first row in which a block and the table differ."""
        stored = bytes(Block.objects.values_list("leaves", flat=True).get(number=block.number))
        if actual is None or hashlib.sha256(stored).digest() != block.leaves_hash:
            text = f"the rows of block {block.number} differ from its seal; the first cannot be named"
            self.report.add(Finding("changed", text, self.table, block=block.number))
            return
        expected, found = seal_format.leaves_of(stored), seal_format.leaves_of(actual)
        first = first_difference(expected, found)
        if first is None:
            return  # the rows are right: the block's own figures were rewritten, which its signature has shown
        what, row_id, at = first
        if what != "removed":
            self._found(what, row_id, SAID[what], block.number)
        elif place := self._place(row_id):
            self._found("re-ordered", row_id, f"was moved: it now stands in {place}", block.number)
        else:
            near = found[at - 1][0] if 0 < at <= len(found) else None
            after = f" (it followed row {near}, recorded {self._recorded(near)})" if near is not None else ""
            self._found(what, row_id, SAID[what] + after, block.number)

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


class Comparison:
    """The file that COPY writes a batch of blocks' rows to; cuts the stream where the blocks say they end."""

    def __init__(
        self,
        table: str,
        blocks: list[seal_format.Seal],
        *,
        carried: bool,
        keep: Callable[[bytes], None] | None = None,
    ) -> None:
        self._table = table
        self._keep = keep
        self._blocks = blocks
        self._ends = [
            (block.last_xid, block.last_id)
            if after is not None and after.run == block.run
            else ((_FOR_EVER, 0) if carried else (block.xid_to, -1))
            for block, after in zip(blocks, [*blocks[1:], None], strict=True)
        ]
        self.rows = 0
        self.differing: list[tuple[seal_format.Seal, bytes | None]] = []
        self.misdated: list[tuple[seal_format.Seal, int, str, str]] = []
        self._open(0)

    def _open(self, at: int) -> None:
        self._at = at
        self._stretch = seal_format.RowRun(self._table)
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
        if self._keep is not None:
            self._keep(line)
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
