"""Reading the ledger. Who may ask is decided above; this floor knows no scope."""

import dataclasses
import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection

from audit import enums
from audit.models import Archive
from audit.seal import format as seal_format


@dataclasses.dataclass(frozen=True)
class EventRow:
    """One event as it was recorded. `detail` and `object_id` may point at a person: show them by need."""

    id: int
    recorded_at: dt.datetime
    kind: str
    action: str
    actor: str
    portal: str
    acting_for: str
    grant: str
    fields: tuple[str, ...]
    object_kind: str
    object_id: str
    outcome: str
    detail: Mapping[str, object]
    request_id: str
    source: str
    xid: int  # of its transaction: `changes_in` tells which rows that changed


@dataclasses.dataclass(frozen=True)
class SealLag:
    """What the sealer has not reached yet."""

    rows: int  # of each table at most `LAG_ROWS` are counted
    seconds: float  # age of the oldest such row; 0 without any


@dataclasses.dataclass(frozen=True)
class ChangeRow:
    """One row of a watched table that a statement added, changed or removed.

    `before` and `after` hold cleared fields only, by name: of an update those that changed, of a removed row all of
    them in `before`, of an added row none. `changed` names every field that an update changed, protected ones too.
    """

    xid: int
    id: int
    recorded_at: dt.datetime
    table_name: str
    operation: str
    row_id: int
    actor: str
    changed: tuple[str, ...]
    before: Mapping[str, object]
    after: Mapping[str, object]
    login: str
    program: str


LAG_ROWS = 100_000
_CLOCK_TOLERANCE = dt.timedelta(minutes=1)
# How far the sealing went: transaction and row id, and an instant before which no later transaction can have begun.
# In a new cluster, whose transaction ids began low again, whatever has a greater id than any sealed row is unsealed.
_REACHED = """
SELECT CASE WHEN here THEN xid_to::text::bigint ELSE 0 END,
       CASE WHEN here THEN id_after ELSE (SELECT max(max_id) FROM audit_block) END,
       CASE WHEN here THEN (SELECT sealed_at FROM audit_block WHERE epoch = tail.epoch AND next_floor_xid <= tail.xid_to
                            ORDER BY number DESC LIMIT 1) END
FROM (SELECT epoch, xid_to, id_after, system_identifier = (SELECT system_identifier::text FROM
             pg_catalog.pg_control_system()) AS here FROM audit_block ORDER BY number DESC LIMIT 1) AS tail
"""


Place = tuple[dt.datetime, int]  # (recorded_at, id) of the last row of a page: the next page begins after it

# By the subjects' own index; the join on (id, recorded_at) opens only the months that it needs.
_BY_SUBJECT = """(
    SELECT DISTINCT recorded_at, event_id FROM audit_subject WHERE kind = %s AND subject_id = %s
) AS subject JOIN audit_event AS event ON event.id = subject.event_id AND event.recorded_at = subject.recorded_at"""

_NAMES = tuple(field.name for field in dataclasses.fields(EventRow))
_CHANGE_NAMES = tuple(field.name for field in dataclasses.fields(ChangeRow))


def events(
    *,
    actor: str = "",
    actors: Iterable[str] = (),
    kinds: Iterable[str] = (),
    action: str = "",
    acting_for: str = "",
    grant: str = "",
    object_kind: str = "",
    object_id: str = "",
    outcome: str = "",
    subject: tuple[str, int] | None = None,
    since: dt.datetime | None = None,
    until: dt.datetime | None = None,
    before: Place | None = None,
    limit: int = 100,
) -> list[EventRow]:
    """Events by whatever is given, newest first; `since` is inclusive, `until` exclusive. Name the actors where
    they are known: the ledger has an index of them, and none of `acting_for`."""
    exact = {
        "actor": actor, "action": action, "acting_for": acting_for, "object_kind": object_kind,
        "object_id": object_id, "outcome": outcome, "grant_ref": grant,
    }  # fmt: skip
    params: list[Any] = []
    source = "audit_event AS event"
    if subject is not None:
        source = _BY_SUBJECT
        params += subject
    conditions = []
    for condition, value in (
        *((f"event.{name} = %s", value or None) for name, value in exact.items()),
        ("event.actor = ANY (%s)", list(actors) or None),
        ("event.kind = ANY (%s)", list(kinds) or None),
        ("event.recorded_at >= %s", since),
        ("event.recorded_at < %s", until),
    ):
        if value is not None:
            conditions.append(condition)
            params.append(value)
    if before is not None:
        conditions.append("(event.recorded_at, event.id) < (%s, %s)")
        params += before
    columns = ", ".join(f"event.{'grant_ref' if name == 'grant' else name}" for name in _NAMES)
    sql = (
        f"SELECT {columns} FROM {source} WHERE {' AND '.join(conditions) or 'true'}"  # noqa: S608 - our own words only
        " ORDER BY event.recorded_at DESC, event.id DESC LIMIT %s"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [*params, limit])
        return [EventRow(**as_row(dict(zip(_NAMES, values, strict=True)))) for values in cursor.fetchall()]


def opened(
    subject_kind: str,
    subject_id: int,
    *,
    since: dt.datetime | None = None,
    until: dt.datetime | None = None,
    before: Place | None = None,
    limit: int = 100,
) -> list[EventRow]:
    """Everyone who opened this record: what was shown, exported, printed or disclosed of it, newest first."""
    return events(
        subject=(subject_kind, subject_id),
        kinds=enums.OPENING,
        outcome=enums.Outcome.DONE,
        since=since,
        until=until,
        before=before,
        limit=limit,
    )


def by_ids(places: Iterable[tuple[int, dt.datetime]]) -> list[EventRow]:
    """These events (id, recorded_at), oldest first; those of archived months are left out. One query, by the key."""
    listed = list(places)
    if not listed:
        return []
    columns = ", ".join(f"event.{'grant_ref' if name == 'grant' else name}" for name in _NAMES)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {columns} FROM unnest(%s::bigint[], %s::timestamptz[]) AS wanted(id, recorded_at)"  # noqa: S608
            " JOIN audit_event AS event USING (id, recorded_at) ORDER BY event.recorded_at, event.id",
            [[pk for pk, _at in listed], [at for _pk, at in listed]],
        )
        return [EventRow(**as_row(dict(zip(_NAMES, values, strict=True)))) for values in cursor.fetchall()]


def subjects_of(rows: Iterable[EventRow]) -> dict[int, list[tuple[str, int]]]:
    """Whom these events were about: event id to (kind, subject id) pairs in the order of kinds and ids. One query."""
    listed = list(rows)
    found: dict[int, list[tuple[str, int]]] = {row.id: [] for row in listed}
    if not listed:
        return found
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT event_id, kind, subject_id FROM audit_subject WHERE recorded_at BETWEEN %s AND %s"
            " AND (event_id, recorded_at) IN (SELECT * FROM unnest(%s::bigint[], %s::timestamptz[]))"
            " ORDER BY event_id, kind, subject_id",
            [
                min(row.recorded_at for row in listed),
                max(row.recorded_at for row in listed),
                [row.id for row in listed],
                [row.recorded_at for row in listed],
            ],
        )
        for event_id, kind, subject_id in cursor.fetchall():
            found[event_id].append((kind, subject_id))
    return found


def changes_of(
    table: str,
    row_id: int,
    *,
    since: dt.datetime | None = None,
    until: dt.datetime | None = None,
    before: Place | None = None,
    limit: int = 100,
) -> list[ChangeRow]:
    """What became of one row of a watched table, newest first; `since` is inclusive, `until` exclusive."""
    dates, params = _between(since, until)
    if before is not None:
        dates += " AND (recorded_at, id) < (%s, %s)"
        params += before
    return _changes(
        f"table_name = %s AND row_id = %s{dates} ORDER BY recorded_at DESC, id DESC LIMIT %s",
        [table, row_id, *params, limit],
    )


def changes_in(
    xids: Iterable[int],
    *,
    since: dt.datetime | None = None,
    until: dt.datetime | None = None,
    limit: int = 1_000,
) -> list[ChangeRow]:
    """What these transactions changed in watched tables, in the order in which it happened; the transaction of an
    event is its `xid`. An import's is long, so no more than `limit` rows are answered.

    Transaction ids begin anew when the ledger is restored into another database server: `since` (inclusive) and
    `until` (exclusive), some hours around the event, keep an older one of the same number out.
    """
    listed = [str(int(xid)) for xid in xids]
    if not listed:
        return []
    dates, params = _between(since, until)
    return _changes(f"xid = ANY (%s::xid8[]){dates} ORDER BY xid, id LIMIT %s", [listed, *params, limit])


def _between(since: dt.datetime | None, until: dt.datetime | None) -> tuple[str, list[Any]]:
    given = [(f" AND recorded_at {sign} %s", at) for sign, at in ((">=", since), ("<", until)) if at is not None]
    return "".join(condition for condition, _ in given), [at for _, at in given]


def _changes(rest: str, params: Sequence[Any]) -> list[ChangeRow]:
    sql = f"SELECT {', '.join(_CHANGE_NAMES)} FROM audit_change WHERE {rest}"  # noqa: S608 - our own words only
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return [_change(dict(zip(_CHANGE_NAMES, values, strict=True))) for values in cursor.fetchall()]


def seal_lag() -> SealLag:
    """For the alarm: rows that no block covers yet. One old writing transaction holds all sealing back.

    Cheap at any size: the blocks tell before which instant no unsealed row can have been recorded, so that only the
    newest months are opened, and of a large backlog the oldest `LAG_ROWS` of each table are counted.
    """
    with connection.cursor() as cursor:
        cursor.execute(_REACHED)
        xid, row_id, since = cursor.fetchone() or (0, 0, None)
        since = since - _CLOCK_TOLERANCE if since else seal_format.LONG_AGO
        unsealed = " UNION ALL ".join(
            f"(SELECT recorded_at FROM {table} WHERE xid >= '{int(xid)}' AND id > {int(row_id)}"  # noqa: S608
            f" AND recorded_at >= %s ORDER BY {table}.xid, {table}.id LIMIT {LAG_ROWS})"
            for table in seal_format.TABLES
        )
        cursor.execute(
            "SELECT count(*), coalesce(extract(epoch FROM clock_timestamp() - min(recorded_at)), 0)"  # noqa: S608
            f" FROM ({unsealed}) AS unsealed",
            [since] * len(seal_format.TABLES),
        )
        rows, seconds = cursor.fetchone()
        return SealLag(int(rows), float(seconds))


def _change(values: dict[str, Any]) -> ChangeRow:
    for name in ("before", "after"):
        held = values[name]
        values[name] = json.loads(held) if isinstance(held, str) else held or {}
    values["xid"], values["changed"] = int(values["xid"]), tuple(values["changed"])
    return ChangeRow(**values)


@dataclasses.dataclass(frozen=True)
class LedgerCheck:
    """What the ledger says of one nightly check of itself (`portals.privacy.ledger.nightly_check`)."""

    at: dt.datetime
    whole: bool  # every month's rows; else those of `since` and later, beside the whole chain
    since: str  # YYYY-MM-DD, blank for the whole
    findings: int
    rows: int
    blocks: int
    unsealed: int
    archived: int  # tables of archived months whose manifests hold
    checkpoint: int  # number and hash of the last block then; 0 and blank without any
    checkpoint_hash: str
    file: str  # the checkpoint's file, blank where none was written

    @property
    def clean(self) -> bool:
        return self.findings == 0


@dataclasses.dataclass(frozen=True)
class ArchivedMonth:
    """A month whose tables are gone and whose files somebody keeps."""

    month: dt.date  # its first day
    number: int
    rows: int  # of all its tables
    at: dt.datetime
    manifest_hash: str


def archived_months() -> list[ArchivedMonth]:
    """The latest archive first."""
    return [
        ArchivedMonth(
            month=row.month,
            number=row.number,
            rows=sum(int(part["rows"]) for part in json.loads(row.manifest)["parts"]),
            at=row.recorded_at,
            manifest_hash=bytes(row.hash).hex(),
        )
        for row in Archive.objects.order_by("-number")
    ]


CHECK_ACTOR, CHECK_ACTION = "system:check_ledger", "audit.check"


def last_check(*, whole: bool = False) -> LedgerCheck | None:
    """The latest check, or the latest of the whole ledger; none in the last two months is none at all."""
    found = events(
        actor=CHECK_ACTOR,
        action=CHECK_ACTION,
        since=dt.datetime.now(dt.UTC) - dt.timedelta(days=62),
        limit=100 if whole else 1,
    )
    names = {field.name for field in dataclasses.fields(LedgerCheck)} - {"at"}
    for event in found:
        told: dict[str, Any] = {name: event.detail[name] for name in names}
        if told["whole"] or not whole:
            return LedgerCheck(at=event.recorded_at, **told)
    return None


def as_row(values: dict[str, Any]) -> dict[str, Any]:
    """The columns of an event as `EventRow` holds them."""
    detail = values["detail"]
    values["detail"] = json.loads(detail) if isinstance(detail, str) else detail
    values["fields"], values["xid"] = tuple(values["fields"]), int(values["xid"])
    return values
