"""Putting a month of the ledger away: verified, written to files, read back, and only then dropped.

Whatever happens on the way leaves the ledger as it was: files without a manifest in the database are nobody's archive,
and the manifest, its event and the end of the tables are one transaction. docs/adr/0008-archives.md.
"""

import contextlib
import dataclasses
import datetime as dt
import os
import time
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import OperationalError, ProgrammingError, connection, transaction
from django.db.backends.utils import CursorWrapper
from psycopg2.errors import DeadlockDetected, LockNotAvailable

from audit import actions, verification
from audit.archive import format as archive_format
from audit.archive import holds
from audit.archive.format import Manifest, Part, Sealed
from audit.enums import Kind
from audit.models import Archive, Block
from audit.seal import format as seal_format
from audit.seal import keys, sealer
from audit.seal.comparison import Partition
from audit.seal.findings import Checkpoint, Finding, VerificationReport

LEAST_YEARS = 6  # 45 CFR 164.316(b)(2)(i)
ACTION = "audit.archive"
_TRIES, _PAUSE = 60, 1.0
_LOCK_WAIT = "500ms"  # less than the server's deadlock_timeout: we give way, never a page


class Refused(Exception):
    """The month is not archived, and nothing was changed; the message says why."""


@dataclasses.dataclass(frozen=True)
class Outcome:
    """`parts` without hashes where it was only tried; `again` where the month had been archived before."""

    month: str
    parts: tuple[Part, ...]
    manifest_hash: str = ""
    number: int = 0
    again: bool = False


def retention_years() -> int:
    """Whole years after a month's end before which it is not archived; never less than six."""
    return max(LEAST_YEARS, int(getattr(settings, "AUDIT_RETENTION_YEARS", LEAST_YEARS)))


def archive(*, month: dt.date, folder: Path, as_of: dt.date, actor: str, dry_run: bool = False) -> Outcome:
    """Archive the month (UTC) of this date into the folder; `as_of` is the day from which the retention counts back.

    As the tables' owner and with the seal's private key. Raises `Refused`. Again: what was archived stays, a file of
    the manifest that is missing in the folder is written, and files that were left by a killed run are made anew.
    """
    month = month.replace(day=1)
    done = Archive.objects.filter(month=month).first()
    if done is not None:
        return _again(done, folder, dry_run=dry_run)
    if not folder.is_dir():
        raise Refused(f"There is no folder {folder}.")
    _may(month, as_of)
    if dry_run:
        parts, _tail = _export(month, None)
        return Outcome(f"{month:%Y-%m}", parts)
    try:
        parts, tail = _export(month, folder)
    except OSError as error:
        raise Refused(f"The files cannot be written: {error.strerror}. Nothing was changed.") from error
    for part in parts:
        _read_back(folder, part)
    row = _drop_when_free(month, parts, tail, as_of=as_of, actor=actor)
    _write_manifest(folder, row)
    return _outcome(row)


# --- May it ------------------------------------------------------------------------------------------------------


def _may(month: dt.date, as_of: dt.date) -> None:
    """Raises `Refused` with the first reason why not."""
    name = f"{month:%Y-%m}"
    end = (month + dt.timedelta(days=32)).replace(day=1)
    years = retention_years()
    try:
        free = end.replace(year=end.year + years)
    except ValueError as error:
        raise Refused(f"{name} is not a month that can be archived.") from error
    if as_of < free:
        raise Refused(
            f"{name} must be kept for {years} years after its end: it may be archived from {free.isoformat()} on. "
            "Nothing was changed."
        )
    with connection.cursor() as cursor:
        cursor.execute("SELECT (now() AT TIME ZONE 'UTC')::date")
        if cursor.fetchone()[0] < end:
            raise Refused(f"{name} is not over. Nothing was changed.")
        if not _partitions(cursor, month):
            raise Refused(f"The ledger has no table of {name}. Nothing was changed.")
    held = holds.on(month)
    if held:
        named = "; ".join(f"hold {each.number}, matter {each.matter}" for each in held)
        raise Refused(f"{name} is under legal hold ({named}). Nothing was changed.")


def _partitions(cursor: CursorWrapper, month: dt.date) -> list[tuple[str, str]]:
    """In the order of `sealing.TABLES`."""
    existing = set(verification.partitions(cursor))
    places = [(table, archive_format.partition_of(table, month)) for table in seal_format.TABLES]
    return [place for place in places if place in existing]


def _read_back(folder: Path, part: Part) -> None:
    found = list(archive_format.compare(folder / part.file, part))
    if found:
        raise Refused(f"The written file does not read back: {found[0].text}. Nothing was changed.")


# --- Verifying and writing, in one pass ---------------------------------------------------------------------------


def _export(month: dt.date, folder: Path | None) -> tuple[tuple[Part, ...], Checkpoint]:
    """The chain and the month's rows are verified now, and what was compared is written in the same pass and snapshot;
    without a folder nothing is. Raises `Refused` on any finding, and leaves no file then."""
    report = VerificationReport()
    trusted = keys.trusted()
    parts = []
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute(seal_format.PINNED)
        epochs, sealed = verification.walk(report, trusted)
        for finding in holds.findings(cursor):
            report.add(finding)
        _refuse_if(report)
        if report.tail is None:
            raise Refused("The ledger has no sealed block yet. Nothing was changed.")
        with contextlib.ExitStack() as kept:
            for table, partition in _partitions(cursor, month):
                writer = kept.enter_context(_written(folder and folder / archive_format.file_of(table, month)))
                Partition(cursor, report, epochs, table, partition, keep=writer.write).compare()
                _refuse_if(report)
                parts.append(_part(table, partition, month, writer, sealed.get((table, partition), Sealed())))
    if folder is None:
        return tuple(parts), report.tail
    _settle(folder)
    return tuple(
        dataclasses.replace(part, file_hash=archive_format.hash_of(folder / part.file)) for part in parts
    ), report.tail


def _refuse_if(report: VerificationReport) -> None:
    if report.findings:
        raise Refused(f"The ledger does not verify: {report.findings[0].text}. Nothing was changed.")
    if report.unsealed:
        raise Refused(f"{report.unsealed} rows of the month are not sealed yet. Nothing was changed.")


@contextlib.contextmanager
def _written(target: Path | None) -> Iterator[archive_format.Writer]:
    """Under its name only once everything went well; an older one of a killed run is replaced."""
    temporary = target and target.with_name(f".{target.name}.{os.getpid()}")
    writer = archive_format.Writer(temporary)
    try:
        yield writer
        writer.close()
        if target and temporary:
            temporary.replace(target)
    finally:
        if temporary:
            temporary.unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # of a full disk it was told already
            writer.close()


def _settle(folder: Path) -> None:
    """Names are on the disk before the tables go."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _part(table: str, partition: str, month: dt.date, writer: archive_format.Writer, sealed: Sealed) -> Part:
    part = Part(
        table=table,
        partition=partition,
        file=archive_format.file_of(table, month),
        rows=writer.rows,
        blocks=sealed.blocks,
        first_block=sealed.first,
        last_block=sealed.last,
        blocks_hash=sealed.hash(),
        lines_hash=writer.lines_hash(),
        file_hash="",
    )
    if not sealed.fits(part):
        raise Refused(f"{partition} has {writer.rows} rows, its blocks {sealed.rows}. Nothing was changed.")
    return part


# --- Dropping ----------------------------------------------------------------------------------------------------


def _drop_when_free(
    month: dt.date, parts: tuple[Part, ...], tail: Checkpoint, *, as_of: dt.date, actor: str
) -> Archive:
    """The end of the tables needs a moment in which nobody reads or writes the ledger; it is waited for in short tries,
    so that no page stands behind us for long."""
    for _try in range(_TRIES):
        try:
            with transaction.atomic(durable=True), connection.cursor() as cursor:
                return _drop(cursor, month, parts, tail, as_of=as_of, actor=actor)
        except OperationalError as error:
            if not isinstance(error.__cause__, (LockNotAvailable, DeadlockDetected)):
                raise
            time.sleep(_PAUSE)
        except ProgrammingError as error:
            raise Refused(
                f"The tables cannot be dropped: {str(error).splitlines()[0]}. Nothing was changed."
            ) from error
    raise Refused("The ledger was busy all the time. Nothing was changed; run the command again.")


def _drop(
    cursor: CursorWrapper, month: dt.date, parts: tuple[Part, ...], tail: Checkpoint, *, as_of: dt.date, actor: str
) -> Archive:
    cursor.execute(
        "SELECT set_config('lock_timeout', %s, true), set_config('statement_timeout', '0', true)", [_LOCK_WAIT]
    )
    sealer.hold_sealing()
    holds.lock()
    _may(month, as_of)
    if _partitions(cursor, month) != [(part.table, part.partition) for part in parts]:
        raise Refused("The month's tables are others than those that were written. Nothing was changed.")
    for part in parts:  # an old month's own lock stops nobody else
        cursor.execute(f'LOCK TABLE public."{part.partition}" IN SHARE ROW EXCLUSIVE MODE')
        cursor.execute(f'SELECT count(*) FROM ONLY public."{part.partition}"')  # noqa: S608
        if cursor.fetchone()[0] != part.rows or not _sealed(part).fits(part):
            raise Refused(f"{part.partition} was written to meanwhile. Nothing was changed; run the command again.")
    parents = ", ".join(f"ONLY public.{table}" for table in seal_format.TABLES)
    cursor.execute(f"LOCK TABLE {parents} IN ACCESS EXCLUSIVE MODE")
    row = _manifested(cursor, month, parts, tail, as_of=as_of, actor=actor)
    for part in parts:
        cursor.execute(f'ALTER TABLE public.{part.table} DETACH PARTITION public."{part.partition}"')
        cursor.execute(f'DROP TABLE public."{part.partition}"')
    return row


def _sealed(part: Part) -> Sealed:
    sealed = Sealed()
    blocks = Block.objects.filter(table_name=part.table, partition=part.partition).order_by("number")
    for number, rows, block_hash in blocks.values_list("number", "row_count", "hash").iterator(chunk_size=1_000):
        sealed.add(number, rows, bytes(block_hash))
    return sealed


def _manifested(
    cursor: CursorWrapper, month: dt.date, parts: tuple[Part, ...], tail: Checkpoint, *, as_of: dt.date, actor: str
) -> Archive:
    """The signed row, and the ledger's event of it."""
    key = keys.private_key()
    before = Archive.objects.order_by("-number").first()
    cursor.execute("SELECT clock_timestamp()")
    manifest = Manifest(
        number=before.number + 1 if before else 1,
        previous_hash=bytes(before.hash if before else seal_format.GENESIS).hex(),
        month=f"{month:%Y-%m}",
        parts=parts,
        chain_number=tail.number,
        chain_hash=tail.hash,
        archived_at=cursor.fetchone()[0].astimezone(dt.UTC).isoformat(),
        as_of=as_of.isoformat(),
        retention_years=retention_years(),
        actor=actor,
        key_id=keys.key_id(key.public_key()),
    )
    cursor.execute(
        "INSERT INTO audit_archive (number, month, previous_hash, hash, manifest, key_id, signature)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s)",
        [
            manifest.number,
            month,
            bytes.fromhex(manifest.previous_hash),
            manifest.hash(),
            manifest.content(),
            manifest.key_id,
            manifest.sign(key),
        ],
    )
    actions.record(
        kind=Kind.JOB,
        action=ACTION,
        actor=actor,
        object_kind=holds.ARCHIVED,
        object_id=manifest.month,
        detail={"hash": manifest.hash().hex(), "rows": manifest.rows(), "number": manifest.number},
    )
    return Archive.objects.get(number=manifest.number)


# --- Again -------------------------------------------------------------------------------------------------------


def _outcome(row: Archive, *, again: bool = False) -> Outcome:
    manifest = Manifest.read(row.manifest)
    return Outcome(manifest.month, manifest.parts, bytes(row.hash).hex(), row.number, again)


def _again(row: Archive, folder: Path, *, dry_run: bool) -> Outcome:
    """Of what was archived before: the files in this folder, if any, must be those of the manifest."""
    outcome = _outcome(row, again=True)
    present = [part for part in outcome.parts if (folder / part.file).exists()]
    wrong: list[Finding] = [finding for part in present for finding in archive_format.compare(folder / part.file, part)]
    if wrong:
        raise Refused(f"{outcome.month} was archived before, and {wrong[0].text}. Nothing was changed.")
    if present and not dry_run:
        _write_manifest(folder, row)
    return outcome


def _write_manifest(folder: Path, row: Archive) -> None:
    """Beside the files, for whoever holds them; the one that counts is in the database."""
    name = archive_format.manifest_file(f"{row.month:%Y-%m}")
    for path, text in ((folder / name, row.manifest), (folder / f"{name}.sig", f"{bytes(row.signature).hex()}\n")):
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        temporary.write_text(text)
        temporary.replace(path)
    _settle(folder)
