"""Bringing what is stored under the current keys (`manage.py rotate_keys`), in batches that each stand alone: a run
that was killed goes on where it stopped, since what is not under the current key says so itself.

Each app registers its encrypted columns in `AppConfig.ready`:

    rotation.register(Encrypted(model=Person, column="ssn_cipher", index="ssn_index", purpose="ssn"))
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, cast

from cryptography.exceptions import InvalidTag
from django.db import connection, models
from django.db.backends.utils import CursorWrapper

from audit import actions as audit
from audit.enums import Kind
from portals import scope as scopes
from portals.crypto import keys
from portals.crypto import values as crypto
from portals.files import stored as files
from portals.models import AuthenticatorApp, Draft, StoredFile
from portals.scope import Scope

BATCH: Final = 5_000  # rows of a transaction; bounds memory and how long a row is locked
FILE_BYTES: Final = 8 * 1024 * 1024  # of stored files in one transaction, or one larger file
_PASSES: Final = 3  # rows that somebody else held are met again by the next pass

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Encrypted:
    """A column of `crypto.encrypt` and, where the value is looked up, the column of its blind index.

    The context of the cipher is `table.name.row-uuid`, where the name is the column's without `_cipher`; `uuid` is the
    column that holds the row's uuid. With `index`, `purpose` is what `crypto.blind_index` was given. `lock` names the
    advisory lock under which others look values up by index and write: a batch between the two would make them miss."""

    model: type[models.Model]
    column: str
    uuid: str = "uuid"
    index: str = ""
    purpose: str = ""
    lock: str = ""

    @property
    def table(self) -> str:
        return self.model._meta.db_table

    @property
    def label(self) -> str:
        return f"{self.table}.{self.column}"

    def context(self, row_uuid: object) -> str:
        return f"{self.table}.{self.column.removesuffix('_cipher')}.{row_uuid}"


@dataclass(slots=True)
class Done:
    """What a run did with one column. `remaining` are the rows that are still under another key than the current one:
    held by somebody else just then, or `unreadable` (no key of the ring opens them)."""

    label: str
    rewritten: int = 0
    unreadable: int = 0
    remaining: int = 0


@dataclass(slots=True)
class RotationReport:
    columns: list[Done] = field(default_factory=list)
    used: dict[str, dict[str, int]] = field(default_factory=dict)
    """Ring to key id to how many values are under it."""
    unused: dict[str, list[str]] = field(default_factory=dict)
    """Ring to the ids of its keys, other than the current one, under which nothing registered is."""

    @property
    def remaining(self) -> int:
        return sum(each.remaining for each in self.columns)


_registered: dict[str, Encrypted] = {}


def register(column: Encrypted) -> None:
    """Once an app, in `AppConfig.ready`. Every column of `crypto.encrypt` is registered: a house test looks."""
    if bool(column.index) != bool(column.purpose):
        raise ValueError(f"{column.label}: an index and its purpose go together")
    _registered[column.label] = column


def registered() -> list[Encrypted]:
    return [_registered[label] for label in sorted(_registered)]


def new_key(name: str, *, by: Scope) -> str:
    """A fresh current key of a ring; answers its id. What is stored stays readable and is rewritten by `run`."""
    with scopes.entered(by):
        # The row first: a key that nobody recorded must not come into use.
        audit.record(kind=Kind.CREATE, action="portals.new_key", object_kind="key_ring", object_id=name, **by.audit())
        return keys.add(name)


def run(*, by: Scope, tell: Progress = lambda _: None, batch: int = BATCH) -> RotationReport:
    """Rewrite whatever is not under the current keys, then count. Every batch is a transaction of its own."""
    report = RotationReport()
    with scopes.entered(by):
        audit.record(kind=Kind.JOB, action="portals.rotate_keys.begin", detail=_current(), **by.audit())
    for column in registered():
        report.columns.append(_rotate(column, by, tell, batch))
    report.columns.append(_rotate_files(by, tell))
    with scopes.entered(by, bulk=True):
        report.used = usage()
    report.unused = {
        name: [key_id for key_id in list(keys.ring(name))[:-1] if not report.used[name].get(key_id)]
        for name in keys.RINGS
    }
    with scopes.entered(by):
        detail: dict[str, object] = {
            each.label: {"rewritten": each.rewritten, "unreadable": each.unreadable, "remaining": each.remaining}
            for each in report.columns
        }
        detail |= {**_current(), "used": report.used}
        audit.record(kind=Kind.JOB, action="portals.rotate_keys", detail=detail, **by.audit())
    return report


def usage() -> dict[str, dict[str, int]]:
    """Ring to key id to how many registered values are under it; the caller sees all rows."""
    found: dict[str, Counter[str]] = {name: Counter() for name in keys.RINGS}
    with connection.cursor() as cursor:
        for column in registered():
            cursor.execute(_USED.format(**_names(column)))
            found["field"].update(dict(cursor.fetchall()))
            if column.index:
                cursor.execute(_USED_INDEX.format(**_names(column)), {"digest": crypto.BLIND_INDEX})
                found["pepper"].update(dict(cursor.fetchall()))
        cursor.execute("SELECT key_id, count(*) FROM portals_storedfile GROUP BY key_id")
        found["file"].update(dict(cursor.fetchall()))
    return {name: dict(sorted(counts.items())) for name, counts in found.items()}


def _current() -> Mapping[str, object]:
    return {"current": {name: keys.current(name)[0] for name in keys.RINGS}}


# --- Columns ------------------------------------------------------------------------------------------------------

_USED = """
SELECT convert_from(substring({column} FROM 1 FOR position(':'::bytea IN {column}) - 1), 'UTF8'), count(*)
FROM {table} WHERE {column} IS NOT NULL GROUP BY 1
"""
_USED_INDEX = "SELECT split_part({index}, ':', 1), count(*) FROM {table} WHERE {index} ~ %(digest)s GROUP BY 1"

_OLD = "substring({column} FROM 1 FOR %(length)s) <> %(field)s"
_OLD_INDEX = "({old} OR substring({index} FROM 1 FOR %(index_length)s) <> %(pepper)s)"

# Rows that somebody else holds are left to the next pass: waiting for them while holding others could deadlock.
_NEXT = """
SELECT id, {uuid}, {column} FROM {table}
WHERE id > %(after)s AND {column} IS NOT NULL AND {old}
ORDER BY id LIMIT %(batch)s FOR UPDATE SKIP LOCKED
"""
# The range says to the planner that few rows are meant.
_WRITE = """
UPDATE {table} row SET {column} = fresh.cipher{set_index}
FROM unnest(%(ids)s::bigint[], %(ciphers)s::bytea[], %(indexes)s::text[]) AS fresh(id, cipher, index)
WHERE row.id = fresh.id AND row.id BETWEEN %(first)s AND %(last)s
"""
_REMAINING = "SELECT count(*) FROM {table} WHERE {column} IS NOT NULL AND {old}"
# Without its cipher an index cannot be made anew.
_ORPHANS = """
SELECT count(*) FROM {table}
WHERE {column} IS NULL AND {index} ~ %(digest)s AND substring({index} FROM 1 FOR %(index_length)s) <> %(pepper)s
"""


def _names(column: Encrypted) -> dict[str, str]:
    quote = connection.ops.quote_name

    def real(name: str) -> str:
        return quote(cast("models.Field[Any, Any]", column.model._meta.get_field(name)).column or name)

    names = {"table": quote(column.table), "column": real(column.column), "uuid": real(column.uuid)}
    if column.index:
        names["index"] = real(column.index)
    old = _OLD.format(**names)
    names["old"] = _OLD_INDEX.format(**names, old=old) if column.index else old
    names["set_index"] = f", {names['index']} = fresh.index" if column.index else ""
    return names


def _marks() -> dict[str, Any]:
    """How values under the current keys begin."""
    own, pepper = f"{keys.current('field')[0]}:", f"{keys.current('pepper')[0]}:"
    return {
        "field": own.encode(),
        "length": len(own),
        "pepper": pepper,
        "index_length": len(pepper),
        "digest": crypto.BLIND_INDEX,
    }


def _rotate(column: Encrypted, by: Scope, tell: Progress, batch: int) -> Done:
    done = Done(column.label)
    names = _names(column)
    for _ in range(_PASSES):
        before, after, done.unreadable = done.rewritten, 0, 0
        while (last := _batch(column, names, by, done, after, batch)) is not None:
            after = last
            tell(f"{column.label}: {done.rewritten} rewritten")
        if done.rewritten == before:
            break
    with scopes.entered(by, bulk=True), connection.cursor() as cursor:
        for statement in (_REMAINING, _ORPHANS) if column.index else (_REMAINING,):
            cursor.execute(statement.format(**names), _marks())
            done.remaining += int(cursor.fetchone()[0])
    return done


def _batch(column: Encrypted, names: dict[str, str], by: Scope, done: Done, after: int, batch: int) -> int | None:
    """The next rows after a key; answers the last one's, or None at the end."""
    with scopes.entered(by, bulk=True), connection.cursor() as cursor:
        if column.lock:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [column.lock])
        cursor.execute(_NEXT.format(**names), {**_marks(), "after": after, "batch": batch})
        rows = cursor.fetchall()
        if not rows:
            return None
        fresh = list(_fresh(column, rows))
        if fresh:
            _write(cursor, names, fresh)
        done.rewritten += len(fresh)
        done.unreadable += len(rows) - len(fresh)
        return int(rows[-1][0])


def _fresh(column: Encrypted, rows: Iterable[tuple[int, object, bytes]]) -> Iterable[tuple[int, str, str]]:
    """Key, cipher and index under the current keys, of the rows that a key of the ring opens."""
    for key, row_uuid, cipher in rows:
        context = column.context(row_uuid)
        try:
            value = crypto.decrypt(bytes(cipher), context=context)
        except (KeyError, InvalidTag):
            continue
        index = crypto.blind_index(value, purpose=column.purpose) if column.index else ""
        yield key, crypto.encrypt(value, context=context).hex(), index


def _write(cursor: CursorWrapper, names: dict[str, str], fresh: list[tuple[int, str, str]]) -> None:
    ids, ciphers, indexes = zip(*fresh, strict=True)
    cursor.execute(
        _WRITE.format(**names),
        {
            "ids": "{" + ",".join(map(str, ids)) + "}",
            "ciphers": "{" + ",".join(f'"\\\\x{cipher}"' for cipher in ciphers) + "}",
            "indexes": "{" + ",".join(f'"{index}"' for index in indexes) + "}",
            "first": ids[0],
            "last": ids[-1],
        },
    )


# --- Stored files -------------------------------------------------------------------------------------------------


def _rotate_files(by: Scope, tell: Progress) -> Done:
    done = Done(StoredFile._meta.db_table)
    for _ in range(_PASSES):
        before, after, done.unreadable = done.rewritten, 0, 0
        while (last := _batch_of_files(by, done, after)) is not None:
            after = last
            tell(f"{done.label}: {done.rewritten} rewritten")
        if done.rewritten == before:
            break
    with scopes.entered(by, bulk=True):
        done.remaining = StoredFile.objects.exclude(key_id=keys.current("file")[0]).count()
    return done


def _batch_of_files(by: Scope, done: Done, after: int) -> int | None:
    with scopes.entered(by, bulk=True):
        rows = (
            StoredFile.objects.select_for_update(skip_locked=True, no_key=True)
            .exclude(key_id=keys.current("file")[0])
            .filter(pk__gt=after)
            .order_by("pk")[:100]
        )
        last, weight = None, 0
        for row in rows:
            if last is not None and weight + row.size > FILE_BYTES:
                break
            last, weight = row.pk, weight + row.size
            try:
                files.encrypt_anew(row)
            except (KeyError, InvalidTag, ValueError):
                done.unreadable += 1
            else:
                done.rewritten += 1
        return last


# The door's own.
register(Encrypted(model=AuthenticatorApp, column="key"))
register(Encrypted(model=Draft, column="fields"))
