"""Checking the ledger against its seals: reads only, with flat memory, in one snapshot.

First the chain (numbers, hashes, signatures, checkpoints kept elsewhere) and the manifests of archived months, then
every row of every partition in sealing order against the blocks. The blocks' leaves name the first row that differs.
"""

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.db import ProgrammingError, connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import BinaryField
from django.db.models.expressions import RawSQL

from audit import history
from audit.archive import format as archive_format
from audit.archive import holds
from audit.archive.format import Manifest, Part, Sealed
from audit.models import Archive, Block
from audit.seal import format as seal_format
from audit.seal import keys
from audit.seal.comparison import Partition
from audit.seal.findings import MAX_FINDINGS, Archived, Checkpoint, Finding, VerificationReport

__all__ = ["MAX_FINDINGS", "Archived", "Checkpoint", "Finding", "VerificationReport", "partitions", "verify"]

APPLICATION_ROLES = ["plan_app", "plan_bulk"]
BESIDE = ("audit_block", "audit_archive", "audit_hold")  # append-only as well, without partitions
_UNGUARDED = """
WITH kept AS (
    SELECT oid, relname FROM pg_class WHERE oid = ANY (%s::regclass[])
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
UNION ALL
SELECT 'audit_hold', 'one person may release what they hold' WHERE NOT EXISTS (
    SELECT FROM pg_trigger WHERE tgrelid = 'public.audit_hold'::regclass AND tgname = 'one_step_after_another'
    AND tgenabled = 'A'
)
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
Place = tuple[str, str]  # table, partition


class Known:
    """What is known of the chain beyond the chain itself: checkpoints, and what manifests say of its end."""

    def __init__(self, checkpoints: Iterable[Checkpoint]) -> None:
        self.checkpoints = list(checkpoints)
        self.hashes: dict[int, list[tuple[str, str, str]]] = {}
        for each in self.checkpoints:
            self.add(each.number, each.hash, "checkpoint", "the checkpoint")

    def add(self, number: int, block_hash: str, what: str, where: str) -> None:
        self.hashes.setdefault(number, []).append((block_hash, what, where))

    def furthest(self) -> Checkpoint | None:
        return max(self.checkpoints, key=lambda each: each.number, default=None)


def verify(
    *,
    trusted: Mapping[str, Ed25519PublicKey],
    first: dt.date | None = None,
    last: dt.date | None = None,
    checkpoints: Iterable[Checkpoint] = (),
    archive: Path | None = None,
) -> VerificationReport:
    """The whole chain and all manifests, and the rows of the months (UTC) from `first` to `last`, both inclusive.
    With `archive`, a folder, the files of archived months as well; without it their manifests must do."""
    report = VerificationReport()
    with transaction.atomic(), connection.cursor() as cursor:
        if not connection.savepoint_ids:  # the outermost transaction
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute(seal_format.PINNED)
        known = Known(checkpoints)
        away = _manifests(report, trusted, known)
        epochs, sealed = _chain(report, trusted, known)
        existing = partitions(cursor)
        for place in sorted({*existing, *sealed, *away}):
            if not _in_months(place[1], first, last):
                continue
            if place in existing:
                if place in away:
                    text = f"partition {place[1]} was archived, and is there again"
                    report.add(Finding("archive", text, place[0]))
                try:
                    with transaction.atomic():
                        Partition(cursor, report, epochs, *place).compare()
                except ProgrammingError as error:
                    reason = str(error).splitlines()[0]
                    report.add(Finding("partition", f"partition {place[1]} cannot be read: {reason}", place[0]))
            elif place in away:
                _put_away(report, *away[place], sealed.get(place, Sealed()), archive)
            else:
                text = f"partition {place[1]} is gone, with {sealed[place].rows} sealed rows"
                report.add(Finding("partition", text, place[0]))
        for finding in holds.findings(cursor, first, last):
            report.add(finding)
        _guards(cursor, report)
    return report


def walk(
    report: VerificationReport, trusted: Mapping[str, Ed25519PublicKey]
) -> tuple[list[seal_format.Epoch], dict[Place, Sealed]]:
    """The manifests and the chain alone: the epochs, and what each partition has under seal."""
    known = Known(())
    _manifests(report, trusted, known)
    return _chain(report, trusted, known)


def _guards(cursor: CursorWrapper, report: VerificationReport) -> None:
    """The ledger's tables that lost their trigger or that the application's roles may change, and the tables whose
    history is no longer kept."""
    tables = [f"public.{table}" for table in seal_format.TABLES]
    kept = [*tables, *(f"public.{table}" for table in BESIDE)]
    cursor.execute(_UNGUARDED, [kept, tables, APPLICATION_ROLES, APPLICATION_ROLES])
    for table, reason in cursor.fetchall():
        report.add(Finding("guard", f"{table} is no longer append-only: {reason}", table))
    watched = history.watched(connection)
    wanted = [(each.table, *trigger) for each in watched for trigger in history.triggers(each.table)]
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
    expected = [(each.table, history.function(each.table), each.source) for each in watched]
    cursor.execute(_BODIES, [list(column) for column in zip(*expected, strict=True)] or [[], [], []])
    for (table,) in cursor.fetchall():
        report.add(Finding("guard", f"the history of {table} is not whole: its function is another one", table))


# --- Archived months ------------------------------------------------------------------------------------------------


def _manifests(
    report: VerificationReport, trusted: Mapping[str, Ed25519PublicKey], known: Known
) -> dict[Place, tuple[Manifest, Part]]:
    """Which partitions were archived, by manifests that hold; the others are findings."""
    found: dict[Place, tuple[Manifest, Part]] = {}
    number, previous = 0, seal_format.GENESIS
    for row in Archive.objects.order_by("number"):
        month = f"{row.month:%Y-%m}"
        if row.number != number + 1 or bytes(row.previous_hash) != previous:
            report.add(Finding("archive", f"a manifest before that of {month} is gone or was replaced"))
        number, previous = row.number, bytes(row.hash)
        key = trusted.get(row.key_id)
        try:
            manifest = Manifest.read(row.manifest)
        except ValueError:
            manifest = None
        if key is None:
            report.add(Finding("archive", f"the manifest of {month} names the unknown key {row.key_id}"))
        elif (
            manifest is None
            or not archive_format.signed_by(row.manifest, key, bytes(row.signature))
            or (manifest.month, manifest.number, manifest.key_id) != (month, row.number, row.key_id)
            or (manifest.previous_hash, manifest.hash()) != (bytes(row.previous_hash).hex(), bytes(row.hash))
        ):
            report.add(Finding("archive", f"the manifest of {month} was rewritten: its signature does not hold"))
        else:
            found |= {(part.table, part.partition): (manifest, part) for part in manifest.parts}
            known.add(manifest.chain_number, manifest.chain_hash, "archive", f"the manifest of {month}")
    return found


def _put_away(report: VerificationReport, manifest: Manifest, part: Part, sealed: Sealed, archive: Path | None) -> None:
    """One table of an archived month against the blocks, and its file where the folder is given."""
    if not sealed.fits(part):
        text = f"the manifest of {manifest.month} does not fit the chain: {part.partition} has other blocks"
        report.add(Finding("archive", text, part.table))
        return
    if archive is not None:
        for finding in archive_format.compare(archive / part.file, part):
            report.add(finding)
        report.rows += part.rows
    report.archived.append(
        Archived(part.table, manifest.month, part.rows, part.file, part.file_hash, compared=archive is not None)
    )


# --- The chain ------------------------------------------------------------------------------------------------------


def _chain(
    report: VerificationReport, trusted: Mapping[str, Ed25519PublicKey], known: Known
) -> tuple[list[seal_format.Epoch], dict[Place, Sealed]]:
    """Walk the blocks; answers the epochs and what each partition has under seal."""
    epochs: list[seal_format.Epoch] = []
    sealed: dict[Place, Sealed] = {}
    number, previous = 0, seal_format.GENESIS
    tail = None
    for row in _blocks():
        block = seal_format.from_row(row)
        report.blocks += 1
        here = block.number
        if here != number + 1:
            gone = (
                f"block {number + 1} is gone" if here == number + 2 else f"blocks {number + 1} to {here - 1} are gone"
            )
            report.add(Finding("chain", gone, block=number + 1))
        elif block.previous_hash != previous:
            report.add(Finding("chain", f"block {here} does not follow block {number}", block=here))
        _block(report, row, block, trusted.get(block.key_id), known)
        if not epochs or epochs[-1].number != block.epoch:
            epochs.append(seal_format.Epoch(block.epoch, block.id_after, 0, block.id_after))
        epochs[-1].xid_to = max(epochs[-1].xid_to, block.xid_to)
        epochs[-1].max_id = max(epochs[-1].max_id, block.max_id)
        sealed.setdefault((block.table_name, block.partition), Sealed()).add(here, block.row_count, block.hash())
        number, previous, tail = here, block.hash(), block
    if tail:
        public = trusted.get(tail.key_id)
        report.tail = Checkpoint(
            number,
            previous.hex(),
            tail.sealed_at.isoformat(),
            tail.key_id,
            keys.public_bytes(public).hex() if public else "",
        )
        report.horizon = epochs[-1].xid_to
    _beyond(report, known, number)
    return epochs, sealed


def _block(
    report: VerificationReport,
    row: Mapping[str, Any],
    block: seal_format.Seal,
    key: Ed25519PublicKey | None,
    known: Known,
) -> None:
    """What of one block does not hold by itself: its form, key, signature and leaves, and what others know of it."""
    here = block.number
    if block.layout != seal_format.LAYOUT:
        report.add(Finding("block", f"block {here} has the unknown layout {block.layout}", block=here))
    elif key is None:
        report.add(Finding("block", f"block {here} names the unknown key {block.key_id}", block=here))
    elif bytes(row["hash"]) != block.hash() or not block.signed_by(key, bytes(row["signature"])):
        report.add(Finding("block", f"block {here} was rewritten: its signature does not hold", block=here))
    elif bytes(row["stored_leaves"]) != block.leaves_hash:
        report.add(Finding("block", f"the leaves of block {here} were rewritten", block=here))
    for wanted, what, where in known.hashes.get(here, ()):
        if wanted != block.hash().hex():
            text = f"block {here} is not the one of {where}: history was rewritten"
            report.add(Finding(what, text, block=here))


def _beyond(report: VerificationReport, known: Known, number: int) -> None:
    """What is known of blocks after the chain's last, `number`."""
    beyond = [
        where
        for at in sorted(known.hashes)
        if at > number
        for _hash, what, where in known.hashes[at]
        if what == "archive"
    ]
    for where in beyond:
        report.add(
            Finding("archive", f"{where} knows more blocks than the chain has: its end was removed", block=number)
        )
    furthest = known.furthest()
    if furthest and furthest.number > number:
        report.add(
            Finding(
                "checkpoint",
                f"the chain ends at block {number}, but the checkpoint knows block {furthest.number} sealed at "
                f"{furthest.sealed_at}: an older copy was restored, or the end was removed",
                block=number,
            )
        )


def _blocks() -> Iterator[dict[str, Any]]:
    stored = RawSQL("sha256(leaves)", [], output_field=BinaryField())
    rows = Block.objects.order_by("number").annotate(stored_leaves=stored)
    yield from rows.values(*seal_format.FIELDS, "hash", "signature", "stored_leaves").iterator(chunk_size=1_000)


def partitions(cursor: CursorWrapper) -> list[Place]:
    """The ledger's tables with the partitions that they have."""
    cursor.execute(
        "SELECT parent.relname, child.relname FROM pg_inherits JOIN pg_class parent ON parent.oid = inhparent"
        " JOIN pg_class child ON child.oid = inhrelid WHERE parent.oid = ANY (%s::regclass[])",
        [[f"public.{table}" for table in seal_format.TABLES]],
    )
    return [(table, partition) for table, partition in cursor.fetchall()]


def _in_months(partition: str, first: dt.date | None, last: dt.date | None) -> bool:
    named = re.search(r"_y(\d{4})m(\d{2})$", partition)
    if not named:
        return True  # not one that we made: always looked at
    month = int(named[1]), int(named[2])
    return (first is None or (first.year, first.month) <= month) and (last is None or month <= (last.year, last.month))
