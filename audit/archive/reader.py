"""Reading archived files: who did and saw what in a month whose tables are gone.

Nothing is read of a file that is not the one of its manifest, and the reading is itself a row of the ledger, committed
before the first line is handed on.
"""

import dataclasses
import datetime as dt
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import psycopg2.extensions
from django.db import transaction

from audit import actions
from audit.archive import format as archive_format
from audit.archive.format import Manifest
from audit.enums import Kind
from audit.models import Archive
from audit.seal import format as seal_format
from audit.seal import keys

_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
EVENT, SUBJECT = "audit_event", "audit_subject"


class Unreadable(Exception):
    """Nothing was read; the message says why."""


@dataclasses.dataclass(frozen=True)
class Asked:
    """About whom, or by whom; one of the two."""

    subject: tuple[str, int] | None = None
    actor: str = ""


def read(*, folder: Path, asked: Asked, who: str, ticket: str = "") -> Iterator[dict[str, Any]]:
    """The events that were asked for in the folder's files, month by month in the order of the seals, with the subjects
    of each; of a question about a subject that one alone. Raises `Unreadable` before anything is told."""
    months = _months(folder)
    ids = {month: _ids(folder, manifest, asked) for month, manifest in months.items()}
    with transaction.atomic(durable=True):
        actions.record(
            kind=Kind.EXPORT,
            action="audit.read_archive",
            actor=who,
            subjects=[asked.subject] if asked.subject else [],
            fields=["audit.event"],
            detail={"months": list(months), "ticket": ticket, **({"actor": asked.actor} if asked.actor else {})},
        )
    return _events(folder, months, ids, asked)


def _months(folder: Path) -> dict[str, Manifest]:
    """The archived months whose files are in the folder, each proven by the manifest of the database."""
    trusted = keys.trusted()
    found: dict[str, Manifest] = {}
    for row in Archive.objects.order_by("month"):
        key = trusted.get(row.key_id)
        if key is None or not archive_format.signed_by(row.manifest, key, bytes(row.signature)):
            raise Unreadable(f"the manifest of {row.month:%Y-%m} does not hold; run verify_audit")
        manifest = Manifest.read(row.manifest)
        paths = [folder / part.file for part in manifest.parts]
        if not any(path.exists() for path in paths):
            continue
        for part, path in zip(manifest.parts, paths, strict=True):
            if not path.exists():
                raise Unreadable(f"{part.file} is missing beside the others of {manifest.month}")
            if archive_format.hash_of(path) != part.file_hash:
                raise Unreadable(f"{part.file} is not the file of its manifest; run verify_audit --archive")
        found[manifest.month] = manifest
    if not found:
        raise Unreadable("the folder holds no file of an archived month")
    return found


def _rows(folder: Path, manifest: Manifest, table: str) -> Iterator[dict[str, str | None]]:
    for part in manifest.parts:
        if part.table == table:
            for line in archive_format.lines(folder / part.file):
                yield dict(zip(seal_format.COLUMNS[table], _values(line), strict=True))


def _values(line: bytes) -> list[str | None]:
    """What COPY wrote, without its escapes."""
    return [None if text == "\\N" else _plain(text) for text in line.decode().removesuffix("\n").split("\t")]


def _plain(text: str) -> str:
    if "\\" not in text:
        return text
    out, letters = [], iter(text)
    for letter in letters:
        if letter == "\\":
            escaped = next(letters)
            out.append(_ESCAPES.get(escaped, escaped))
        else:
            out.append(letter)
    return "".join(out)


def _ids(folder: Path, manifest: Manifest, asked: Asked) -> set[str] | None:
    if asked.subject is None:
        return None
    kind, number = asked.subject[0], str(asked.subject[1])
    return {
        str(row["event_id"])
        for row in _rows(folder, manifest, SUBJECT)
        if row["kind"] == kind and row["subject_id"] == number
    }


def _events(
    folder: Path, months: dict[str, Manifest], ids: dict[str, set[str] | None], asked: Asked
) -> Iterator[dict[str, Any]]:
    for month, manifest in months.items():
        wanted = ids[month]
        if wanted is None:
            wanted = {str(row["id"]) for row in _rows(folder, manifest, EVENT) if row["actor"] == asked.actor}
        about = _subjects(folder, manifest, wanted, asked)
        for row in _rows(folder, manifest, EVENT):
            if row["id"] in wanted:
                yield {**_event(row), "subjects": about.get(str(row["id"]), [])}


def _subjects(folder: Path, manifest: Manifest, wanted: Iterable[str], asked: Asked) -> dict[str, list[str]]:
    """Other people whom a list disclosed beside the one that was asked about are nobody's business here."""
    found: dict[str, list[str]] = {row_id: [] for row_id in wanted}
    only = f"{asked.subject[0]}:{asked.subject[1]}" if asked.subject else ""
    for row in _rows(folder, manifest, SUBJECT):
        if row["event_id"] in found:
            subject = f"{row['kind']}:{row['subject_id']}"
            if only in ("", subject):
                found[str(row["event_id"])].append(subject)
    return found


def _event(row: dict[str, str | None]) -> dict[str, Any]:
    plain: dict[str, Any] = {("grant" if name == "grant_ref" else name): value for name, value in row.items()}
    del plain["xid"]
    plain["id"] = int(plain["id"])
    plain["fields"] = psycopg2.extensions.STRINGARRAY(plain["fields"].encode(), None)
    plain["recorded_at"] = dt.datetime.fromisoformat(plain["recorded_at"]).isoformat()
    return plain
