"""Searching the ledger: by any of its columns, grouped by who opened a record, and which seal covers a row.

Who may ask is decided above; this floor knows no scope.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from audit import enums
from audit.queries import EventRow, Place, as_row

MOST_SUBJECTS = 1_000  # an event's subjects are counted no further than this


@dataclass(frozen=True)
class FoundRow(EventRow):
    """An event with the month's table that holds it."""

    partition: str


@dataclass(frozen=True, slots=True)
class Criteria:
    """What is looked for; blank asks nothing. `about` is a subject, the object, or whom was acted for; `since` is
    inclusive, `until` exclusive. `actions` and `action_like` are alternatives of each other; `but_actions` is a pattern
    of those left out."""

    actors: tuple[str, ...] = ()
    systems: bool = False
    but_actors: tuple[str, ...] = ()
    about: tuple[str, int] | None = None
    subject: tuple[str, int] | None = None
    kinds: tuple[str, ...] = ()
    portal: str = ""
    outcome: str = ""
    actions: tuple[str, ...] = ()
    action_like: str = ""
    but_actions: str = ""
    grant: str = ""
    request_id: str = ""
    source: str = ""
    since: dt.datetime | None = None
    until: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Concern:
    """How events concern a party: done for it, done under one of these grants, or done at one portal about one of these
    subjects or objects (kind, ids)."""

    acting_for: str
    grants: Sequence[str]
    portal: str
    subjects: tuple[str, Sequence[int]]
    objects: tuple[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Opener:
    """Everything that one actor opened of a record at one door, for one party or for none. `grants` are looks beyond
    a role."""

    actor: str
    portal: str
    acting_for: str
    count: int
    first: dt.datetime
    last: dt.datetime
    actions: tuple[str, ...]
    fields: tuple[str, ...]
    grants: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SealedIn:
    """The block that covers a row. Whether it still holds is `verify_audit`'s to say."""

    number: int
    sealed_at: dt.datetime
    key_id: str


@dataclass(frozen=True, slots=True)
class About:
    """The first subjects of an event (kind, id), and how many there are, at most `MOST_SUBJECTS`."""

    subjects: list[tuple[str, int]]
    count: int


_COLUMNS = (
    *((field.name, "grant_ref" if field.name == "grant" else field.name) for field in dataclasses.fields(EventRow)),
    ("partition", "(SELECT relname FROM pg_class WHERE oid = event.tableoid)"),
)
_NAMES = [name for name, _column in _COLUMNS]
_SELECT = ", ".join(column if column.startswith("(") else f"event.{column}" for _name, column in _COLUMNS)
# One look-up for each row that was found. Without the barrier (OFFSET 0) PostgreSQL may walk the whole ledger by time.
_EACH = (
    "CROSS JOIN LATERAL (SELECT one.*, one.tableoid FROM audit_event AS one WHERE one.id = found.event_id"
    " AND one.recorded_at = found.recorded_at OFFSET 0) AS event"
)
_LATEST = "ORDER BY event.recorded_at DESC, event.id DESC LIMIT %s"


def find(criteria: Criteria, *, before: Place | None = None, limit: int = 100) -> list[FoundRow]:
    """Events that fit, the newest first; `before` is the last row of the page before. One query."""
    source, params = _source(criteria)
    conditions, values = _conditions(criteria)
    if before is not None:
        conditions.append("(event.recorded_at, event.id) < (%s, %s)")
        values += before
    sql = f"SELECT {_SELECT} FROM {source} WHERE {' AND '.join(conditions) or 'true'} {_LATEST}"  # noqa: S608 - our words
    return _rows(sql, [*params, *values, limit])


def event(event_id: int) -> FoundRow | None:
    """One event by its id."""
    found = _rows(f"SELECT {_SELECT} FROM audit_event AS event WHERE event.id = %s {_LATEST}", [event_id, 1])  # noqa: S608
    return found[0] if found else None


def concerning(
    concern: Concern,
    *,
    kinds: Iterable[str],
    since: dt.datetime | None = None,
    before: Place | None = None,
    limit: int = 100,
) -> list[FoundRow]:
    """What was done of these kinds and concerns a party, the newest first. Each way in has its own index and brings at
    most a page; one query."""
    bounds: str = ""
    values: list[Any] = []
    if since is not None:
        bounds, values = f"{bounds} AND event.recorded_at >= %s", [*values, since]
    if before is not None:
        bounds, values = f"{bounds} AND (event.recorded_at, event.id) < (%s, %s)", [*values, *before]
    bounds = f"{bounds} AND event.kind = ANY (%s) AND event.outcome = %s {_LATEST}"
    values += [list(kinds), enums.Outcome.DONE.value, limit]
    subject_kind, subject_ids = concern.subjects
    object_kind, object_ids = concern.objects
    of_subjects = "SELECT event_id, recorded_at FROM audit_subject WHERE kind = %s AND subject_id = ANY (%s)"
    of_objects = "event.object_kind = %s AND event.object_id = ANY (%s) AND event.object_id <> ''"
    ways: list[tuple[str, list[Any]]] = [
        ("event.acting_for = %s AND event.acting_for <> ''", [concern.acting_for]),
        ("event.grant_ref = ANY (%s) AND event.grant_ref <> ''", [list(concern.grants)]),
        (
            f"event.portal = %s AND (event.id, event.recorded_at) IN ({of_subjects})",
            [concern.portal, subject_kind, list(subject_ids)],
        ),
        (f"event.portal = %s AND {of_objects}", [concern.portal, object_kind, list(object_ids)]),
    ]
    read = "SELECT event.id AS event_id, event.recorded_at FROM audit_event AS event WHERE"
    union = " UNION ".join(f"({read} {way}{bounds})" for way, _params in ways)
    params = [value for _way, own in ways for value in [*own, *values]]
    sql = f"SELECT {_SELECT} FROM ({union}) AS found {_EACH} {_LATEST}"  # noqa: S608
    return _rows(sql, [*params, limit])


def openers(
    subject: tuple[str, int],
    *,
    but_actions: str = "",
    since: dt.datetime | None = None,
    until: dt.datetime | None = None,
    limit: int = 500,
) -> list[Opener]:
    """Everybody who opened this record, grouped, whoever opened it last first. One query."""
    source, params = _source(Criteria(subject=subject, since=since, until=until))
    conditions, values = _conditions(
        Criteria(
            but_actions=but_actions, kinds=tuple(enums.OPENING), outcome=enums.Outcome.DONE, since=since, until=until
        )
    )
    who = "actor, portal, acting_for"
    sql = f"""
        WITH opened AS MATERIALIZED (
            SELECT event.recorded_at, event.actor, event.portal, event.acting_for, event.action, event.fields,
                   event.grant_ref
            FROM {source} WHERE {" AND ".join(conditions)}
        ), shown AS (
            SELECT {who}, array_agg(DISTINCT field) AS fields FROM opened, unnest(fields) AS field GROUP BY {who}
        ), grouped AS (
            SELECT {who}, count(*) AS count, min(recorded_at) AS first, max(recorded_at) AS last,
                   array_agg(DISTINCT action) AS actions,
                   coalesce(array_agg(DISTINCT grant_ref) FILTER (WHERE grant_ref ~ '^(break-glass|view-as):'),
                            '{{}}') AS grants
            FROM opened GROUP BY {who}
        )
        SELECT {who}, count, first, last, actions, coalesce(fields, '{{}}'), grants
        FROM grouped LEFT JOIN shown USING ({who}) ORDER BY last DESC, {who} LIMIT %s
    """  # noqa: S608 - our own words only
    with connection.cursor() as cursor:
        cursor.execute(sql, [*params, *values, limit])
        return [
            Opener(actor, portal, acting_for, count, first, last, tuple(actions), tuple(fields), tuple(grants))
            for actor, portal, acting_for, count, first, last, actions, fields, grants in cursor.fetchall()
        ]


def about(rows: Iterable[EventRow], *, most: int) -> dict[int, About]:
    """By event: the first `most` subjects in the order of kinds and ids, and how many there are. One query."""
    listed = list(rows)
    found = {row.id: About([], 0) for row in listed}
    if not listed:
        return found
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT listed.id, first.kind, first.subject_id, counted.n"
            " FROM unnest(%s::bigint[], %s::timestamptz[]) AS listed(id, at)"
            " CROSS JOIN LATERAL (SELECT count(*) AS n FROM (SELECT 1 FROM audit_subject"
            " WHERE recorded_at = listed.at AND event_id = listed.id LIMIT %s) AS few) AS counted"
            " CROSS JOIN LATERAL (SELECT DISTINCT kind, subject_id FROM audit_subject WHERE recorded_at = listed.at"
            " AND event_id = listed.id ORDER BY kind, subject_id LIMIT %s) AS first"
            " ORDER BY listed.id, first.kind, first.subject_id",
            [[row.id for row in listed], [row.recorded_at for row in listed], MOST_SUBJECTS, most],
        )
        for event_id, kind, subject_id, count in cursor.fetchall():
            subjects = [*found[event_id].subjects, (kind, subject_id)]
            found[event_id] = About(subjects, count)
    return found


def sealed_in(row: FoundRow) -> SealedIn | None:
    """The block that covers this event; None while it is not sealed. A cluster's transaction ids begin low again after
    a dump is restored: an epoch is told by the rows' ids, which go on. One query."""
    sql = """
        SELECT number, sealed_at, key_id FROM audit_block
        WHERE table_name = 'audit_event' AND partition = %(partition)s AND %(id)s <= max_id
          AND (last_xid, last_id) >= (%(xid)s::xid8, %(id)s)
          AND CASE WHEN carried THEN %(id)s <= id_after
                   ELSE %(id)s > id_after AND %(xid)s::xid8 >= xid_from AND %(xid)s::xid8 < xid_to END
        ORDER BY carried, number LIMIT 1
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, {"partition": row.partition, "id": row.id, "xid": str(row.xid)})
        found = cursor.fetchone()
    return SealedIn(*found) if found else None


def _source(criteria: Criteria) -> tuple[str, list[Any]]:
    """What is read from: the events, or those that are about somebody, by the indexes of subjects and objects."""
    if criteria.about is None and criteria.subject is None:
        return "audit_event AS event", []
    when, moments = _period("recorded_at", criteria)
    pair = criteria.subject or criteria.about
    assert pair is not None
    kind, number = pair
    ways = [f"SELECT recorded_at, event_id FROM audit_subject WHERE kind = %s AND subject_id = %s{when}"]  # noqa: S608
    params: list[Any] = [kind, number, *moments]
    if criteria.about is not None:
        read = "SELECT recorded_at, id FROM audit_event WHERE"
        ways += [
            f"{read} object_kind = %s AND object_id = %s AND object_id <> ''{when}",
            f"{read} acting_for = %s AND acting_for <> ''{when}",
        ]
        params += [kind, str(number), *moments, f"{kind}:{number}", *moments]
    union = " UNION ".join(ways if len(ways) > 1 else [ways[0].replace("SELECT", "SELECT DISTINCT", 1)])
    return f"({union}) AS found {_EACH}", params


def _period(column: str, criteria: Criteria) -> tuple[str, list[Any]]:
    bounds = [(f" AND {column} >= %s", criteria.since), (f" AND {column} < %s", criteria.until)]
    return "".join(sql for sql, value in bounds if value), [value for _sql, value in bounds if value]


def _conditions(criteria: Criteria) -> tuple[list[str], list[Any]]:
    asked: tuple[tuple[str, Any], ...] = (
        ("event.actor = ANY (%s)", list(criteria.actors) or None),
        ("starts_with(event.actor, %s)", "system:" if criteria.systems else None),
        ("event.actor <> ALL (%s)", list(criteria.but_actors) or None),
        ("event.action !~ %s", criteria.but_actions or None),
        ("event.kind = ANY (%s)", list(criteria.kinds) or None),
        ("event.portal = %s", criteria.portal or None),
        ("event.outcome = %s", criteria.outcome or None),
        ("event.grant_ref = %s", criteria.grant or None),
        ("event.request_id = %s", criteria.request_id or None),
        ("event.source = %s", criteria.source or None),
        ("event.recorded_at >= %s", criteria.since),
        ("event.recorded_at < %s", criteria.until),
    )
    conditions = [condition for condition, value in asked if value is not None]
    values = [value for _condition, value in asked if value is not None]
    if criteria.action_like:
        conditions.append("(event.action = ANY (%s) OR strpos(event.action, %s) > 0)")
        values += [list(criteria.actions), criteria.action_like.lower()]
    return conditions, values


def _rows(sql: str, params: Sequence[Any]) -> list[FoundRow]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return [FoundRow(**as_row(dict(zip(_NAMES, values, strict=True)))) for values in cursor.fetchall()]
