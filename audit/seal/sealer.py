"""Closes what is committed and complete into signed blocks, alone by an advisory lock."""

import dataclasses
import datetime as dt
import hashlib
import time

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from audit.actions import AuditError
from audit.models import Block
from audit.seal import format as seal_format
from audit.seal import keys

_SEAL_LOCK = 7_236_401_985  # any number of our own: one sealer at a time

_RUN_ROWS = 500_000  # about as many rows are sealed in one transaction

_QUIET_TRIES, _QUIET_PAUSE = 200, 0.005

_SNAPSHOT = """
SELECT pg_snapshot_xmin(s)::text::bigint, pg_snapshot_xmax(s)::text::bigint, statement_timestamp(),
       (SELECT system_identifier::text FROM pg_catalog.pg_control_system())
FROM pg_current_snapshot() AS s
"""


def seal() -> int:
    """Seal every row whose transaction, and all older ones, have ended; answers how many rows.

    Alone by an advisory lock (a second sealer finds nothing to do), in transactions of its own, and resumable: each
    commit leaves a whole chain. docs/adr/0002-audit-sealing.md tells why the horizon is a transaction id, not a row id.
    """
    total = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            count, more = _seal_run(cursor)
        total += count
        if not more:
            return total


def hold_sealing() -> None:
    """No block is closed by others until this transaction ends; waits for the one that is being closed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_SEAL_LOCK])


@dataclasses.dataclass(frozen=True)
class _Run:
    """Rows that are sealed together, in as many blocks as partitions and their size ask for."""

    where: str
    epoch: int
    system_identifier: str
    carried: bool
    id_after: int
    xid_from: int
    xid_to: int
    floor_xid: int
    floor_at: dt.datetime
    next_floor_xid: int
    sealed_at: dt.datetime


def _seal_run(cursor: CursorWrapper) -> tuple[int, bool]:
    """Rows sealed, and whether the horizon allows more."""
    cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_SEAL_LOCK])
    if not cursor.fetchone()[0]:
        return 0, False
    cursor.execute(seal_format.PINNED)
    tail = _tail()
    cursor.execute(_SNAPSHOT)
    xmin, xmax, now, identifier = cursor.fetchone()
    more = False
    if tail is not None and tail.system_identifier != identifier:
        run = _carry(cursor, tail)
        if run is None:
            return 0, False
    else:
        low, id_after = (tail.xid_to, tail.id_after) if tail else (0, 0)
        high, more = _bounded(cursor, low, xmin, id_after)
        run = _Run(
            where=f"id > {id_after} AND xid >= '{low}' AND xid < '{high}'",
            epoch=tail.epoch if tail else 1,
            system_identifier=identifier,
            carried=False,
            id_after=id_after,
            xid_from=low,
            xid_to=high,
            floor_xid=tail.next_floor_xid if tail else 0,
            floor_at=tail.sealed_at if tail else seal_format.LONG_AGO,
            next_floor_xid=xmax,
            sealed_at=now,
        )
    total = 0
    for table in seal_format.TABLES:
        for partition in _partitions_with(cursor, table, run.where):
            count, tail = _seal_partition(cursor, table, partition, run, tail)
            total += count
    return total, more and total > 0


def _bounded(cursor: CursorWrapper, low: int, high: int, id_after: int) -> tuple[int, bool]:
    """The horizon, or a nearer one where there are more rows than one transaction should seal."""
    bounds = []
    for table in seal_format.TABLES:
        cursor.execute(
            f"SELECT xid::text::bigint FROM {table} WHERE xid >= '{low}' AND xid < '{high}' AND id > {id_after}"  # noqa: S608
            f" ORDER BY xid OFFSET {_RUN_ROWS} LIMIT 1"
        )
        bounds += [row[0] for row in cursor.fetchall()]
    if not bounds:
        return high, False
    first = " UNION ALL ".join(
        f"(SELECT xid::text::bigint AS xid FROM {table} WHERE xid >= '{low}' AND id > {id_after} ORDER BY {table}.xid LIMIT 1)"  # noqa: S608, E501
        for table in seal_format.TABLES
    )
    cursor.execute(f"SELECT min(xid) FROM ({first}) AS first")  # noqa: S608
    return max(min(bounds), cursor.fetchone()[0] + 1), True


def _carry(cursor: CursorWrapper, tail: seal_format.Seal) -> _Run | None:
    """The first run in a new cluster (after dump and restore), whose transaction ids began low again.

    It seals all that the old cluster left unsealed and all that was written since. That set must be told apart for
    ever from what comes later, so it waits for a moment in which no transaction is writing: then whatever has an id so
    far is visible, and everything later gets a greater one.
    """
    ids = " UNION ALL ".join(f"SELECT max(id) AS id FROM {table}" for table in seal_format.TABLES)  # noqa: S608
    for _ in range(_QUIET_TRIES):
        cursor.execute(
            f"SELECT shot.*, (SELECT max(id) FROM ({ids}) AS greatest) FROM ({_SNAPSHOT}) AS shot"  # noqa: S608
        )
        xmin, xmax, now, identifier, id_after = cursor.fetchone()
        if xmin == xmax and id_after is not None:
            return _Run(
                where=_old_epoch(tail).carried_rows(id_after),
                epoch=tail.epoch + 1,
                system_identifier=identifier,
                carried=True,
                id_after=id_after,
                xid_from=0,
                xid_to=xmin,
                floor_xid=0,
                floor_at=seal_format.LONG_AGO,
                next_floor_xid=xmax,
                sealed_at=now,
            )
        time.sleep(_QUIET_PAUSE)
    return None


def _old_epoch(tail: seal_format.Seal) -> seal_format.Epoch:
    blocks = Block.objects.filter(epoch=tail.epoch)
    greatest = blocks.order_by("-max_id").values_list("max_id", flat=True)[0]
    return seal_format.Epoch(tail.epoch, tail.id_after, tail.xid_to, max(greatest, tail.id_after))


def _partitions_with(cursor: CursorWrapper, table: str, where: str) -> list[str]:
    cursor.execute(
        f"SELECT (SELECT relname FROM pg_class WHERE oid = found.oid) FROM"  # noqa: S608
        f" (SELECT DISTINCT tableoid AS oid FROM {table} WHERE {where}) AS found ORDER BY 1"
    )
    return [row[0] for row in cursor.fetchall()]


def _seal_partition(
    cursor: CursorWrapper, table: str, partition: str, run: _Run, tail: seal_format.Seal | None
) -> tuple[int, seal_format.Seal | None]:
    total = 0
    where = run.where
    while True:
        stretch = seal_format.RowRun(table)
        cursor.copy_expert(seal_format.copy_sql(table, partition, where, seal_format.BLOCK_ROWS), stretch)
        if stretch.count:
            tail = _close(stretch, table, partition, run, tail)
            total += stretch.count
        if stretch.count < seal_format.BLOCK_ROWS:
            return total, tail
        where = f"{run.where} AND (xid, id) > ('{stretch.last_xid}'::xid8, {stretch.last_id})"


def _close(
    stretch: seal_format.RowRun, table: str, partition: str, run: _Run, tail: seal_format.Seal | None
) -> seal_format.Seal:
    key = keys.private_key()
    leaves = bytes(stretch.leaves)
    block = seal_format.Seal(
        number=tail.number + 1 if tail else 1,
        previous_hash=tail.hash() if tail else seal_format.GENESIS,
        layout=seal_format.LAYOUT,
        epoch=run.epoch,
        system_identifier=run.system_identifier,
        carried=run.carried,
        id_after=run.id_after,
        table_name=table,
        partition=partition,
        xid_from=run.xid_from,
        xid_to=run.xid_to,
        last_xid=stretch.last_xid,
        last_id=stretch.last_id,
        max_id=stretch.max_id,
        row_count=stretch.count,
        root=stretch.root(),
        leaves_hash=hashlib.sha256(leaves).digest(),
        floor_xid=run.floor_xid,
        floor_at=run.floor_at,
        next_floor_xid=run.next_floor_xid,
        sealed_at=run.sealed_at,
        key_id=keys.key_id(key.public_key()),
    )
    values = {name: getattr(block, name) for name in seal_format.FIELDS}
    Block.objects.create(**values, hash=block.hash(), leaves=leaves, signature=block.sign(key))
    return block


def _tail() -> seal_format.Seal | None:
    """The last block, if it is one of ours: a forged one is not built upon."""
    row = Block.objects.order_by("-number").values(*seal_format.FIELDS, "signature").first()
    if row is None:
        return None
    tail = seal_format.from_row(row)
    key = keys.trusted().get(tail.key_id)
    if key is None or not tail.signed_by(key, bytes(row["signature"])):
        raise AuditError(f"block {tail.number} is not signed by a trusted key; run verify_audit")
    return tail
