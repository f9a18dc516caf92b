"""Reading the ledger. Who may ask is decided above; this floor knows no scope."""

import dataclasses
import datetime as dt
import json
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import connection

from audit import enums


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


@dataclasses.dataclass(frozen=True)
class SealLag:
    """What the sealer has not reached yet."""

    rows: int
    seconds: float  # age of the oldest such row; 0 without any


Place = tuple[dt.datetime, int]  # (recorded_at, id) of the last row of a page: the next page begins after it

# By the subjects' own index; the join on (id, recorded_at) opens only the months that it needs.
_BY_SUBJECT = """(
    SELECT DISTINCT recorded_at, event_id FROM audit_subject WHERE kind = %s AND subject_id = %s
) AS subject JOIN audit_event AS event ON event.id = subject.event_id AND event.recorded_at = subject.recorded_at"""

_NAMES = tuple(field.name for field in dataclasses.fields(EventRow))


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
        return [_row(dict(zip(_NAMES, values, strict=True))) for values in cursor.fetchall()]


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
        subject=(subject_kind, subject_id), kinds=enums.OPENING, outcome=enums.Outcome.DONE, since=since, until=until,
        before=before, limit=limit,
    )  # fmt: skip


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
        return [_row(dict(zip(_NAMES, values, strict=True))) for values in cursor.fetchall()]


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


def seal_lag() -> SealLag:
    """For the alarm: rows that no block covers yet. One old writing transaction holds all sealing back."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH tail AS (SELECT xid_to, id_after FROM audit_block ORDER BY number DESC LIMIT 1),"
            " reached AS (SELECT coalesce((SELECT xid_to FROM tail), '0') AS xid,"
            " coalesce((SELECT id_after FROM tail), 0) AS id)"
            " SELECT count(*), coalesce(extract(epoch FROM clock_timestamp() - min(recorded_at)), 0)"
            " FROM (SELECT recorded_at FROM audit_event WHERE xid >= (SELECT xid FROM reached)"
            " AND id > (SELECT id FROM reached) UNION ALL SELECT recorded_at FROM audit_subject"
            " WHERE xid >= (SELECT xid FROM reached) AND id > (SELECT id FROM reached)) AS unsealed"
        )
        rows, seconds = cursor.fetchone()
        return SealLag(int(rows), float(seconds))


def _row(values: dict[str, Any]) -> EventRow:
    detail = values["detail"]
    values["detail"] = json.loads(detail) if isinstance(detail, str) else detail
    values["fields"] = tuple(values["fields"])
    return EventRow(**values)
