"""How the ledger is read for the alert rules: sets in SQL, never a query a row.

An evaluation first lays out two temporary tables, which every rule reads:

`alert_fresh`: the events that were not yet evaluated, of people and of nobody (`xid`, `id`, `recorded_at`, `kind`,
`action`, `actor`, `user_id`, `side`, `object_kind`, `object_id`, `people`).
`alert_seen`: people's records that were opened, one row for each event and person, of everybody who opened one among
the fresh events, an hour around those (`event_id`, `recorded_at`, `user_id`, `side`, `action`, `person_id`,
`unlisted`, `persons`, `fresh`).

`side` is where a person works: `desk` also while plan staff look at another portal, `producer` also while a producer
acts for a client. `unlisted` counts people whom an event tells of only by their number. Commands and jobs (`system:`)
are in neither table; `alert_seen` holds nothing of the member portal, where one sees oneself and one's family.

Events come by transaction id from the index `audit_event_sealing`, then by `audit_event_by_actor`; their subjects,
which were written in the same transaction, by `audit_subject_sealing`.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from audit.enums import OPENING
from portals import doors
from portals.privacy.alerts.rules import Found

DAY = "({at} AT TIME ZONE 'America/New_York')::date"

PEOPLE = "CASE WHEN jsonb_typeof(e.detail -> 'people') = 'number' THEN (e.detail ->> 'people')::numeric::int END"
# By the event's index (`recorded_at`, `event_id`): the one that begins with the kind has every person of the month.
PERSON = "s.kind || '' = 'person'"
SIDE = (
    "CASE WHEN e.kind = 'look' OR e.grant_ref LIKE 'view-as:%%' THEN 'desk'"
    " WHEN e.acting_for <> '' THEN 'producer' ELSE e.portal END"
)
_FRESH = f"""
CREATE TEMPORARY TABLE alert_fresh ON COMMIT DROP AS
SELECT e.xid, e.id, e.recorded_at, e.kind, e.action, e.actor, e.outcome, e.object_kind, e.object_id,
       CASE WHEN e.actor ~ '^user:[0-9]+$' THEN substr(e.actor, 6)::bigint END AS user_id,
       {SIDE} AS side, {PEOPLE} AS people
FROM audit_event e WHERE {{fresh}} AND e.actor NOT LIKE 'system:%%'
"""  # noqa: S608 - our own words only
_SEEN = f"""
CREATE TEMPORARY TABLE alert_seen ON COMMIT DROP AS
WITH looked AS (
    SELECT actor, user_id, min(recorded_at) - interval '65 minutes' AS since,
           max(recorded_at) + interval '65 minutes' AS until
    FROM alert_fresh WHERE user_id IS NOT NULL AND kind = ANY (%(opening)s) AND outcome = 'done' GROUP BY actor, user_id
)
SELECT e.id AS event_id, e.recorded_at, looked.user_id, {SIDE} AS side, e.action, s.subject_id AS person_id,
       CASE WHEN s.subject_id IS NULL THEN {PEOPLE} END AS unlisted,
       count(s.subject_id) OVER (PARTITION BY e.id) AS persons,
       f.id IS NOT NULL AS fresh
FROM looked
JOIN audit_event e ON e.actor = looked.actor AND e.recorded_at >= looked.since AND e.recorded_at <= looked.until
LEFT JOIN audit_subject s
       ON s.xid = e.xid AND s.event_id = e.id AND s.recorded_at = e.recorded_at AND {PERSON}
LEFT JOIN alert_fresh f ON f.id = e.id
WHERE e.kind = ANY (%(opening)s) AND e.outcome = 'done' AND {SIDE} <> 'member'
"""  # noqa: S608
_DROP = "DROP TABLE IF EXISTS pg_temp.alert_fresh, pg_temp.alert_seen"


def places() -> str:
    """(side, user_id, started_at, ended_at) of every membership that somebody has or had, by its door."""
    return " UNION ALL ".join(
        f"SELECT '{door.portal}' AS side, place.*"  # noqa: S608 - our own words only
        f" FROM ({_without_parameters(door.memberships.spans())}) AS place(user_id, started_at, ended_at)"
        for door in doors.every()
    )


def _without_parameters(found: QuerySet[Any, Any]) -> str:
    sql, params = found.query.sql_with_params()
    assert not params
    return str(sql)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Where the ledger stands: every transaction below `xid` has ended; of which database cluster; now."""

    xid: int
    system_identifier: str
    now: dt.datetime


def snapshot() -> Snapshot:
    """Asked before the events are read: what commits meanwhile is then read again the next time, never left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint,"
            " (SELECT system_identifier::text FROM pg_catalog.pg_control_system()), clock_timestamp()"
        )
        return Snapshot(*cursor.fetchone())


def lay_out(*, since_xid: int | None, since: dt.datetime | None) -> int:
    """Make the two tables of this transaction; how many fresh events there are. By transaction, or where `since` is
    given by time (inclusive)."""
    if since is not None or since_xid is None:
        fresh = "e.recorded_at >= %(since)s"
    else:
        # After a dump and restore transaction ids begin low again; ids go on (docs/adr/0002-audit-sealing.md).
        fresh = (
            "e.xid >= %(xid)s::text::xid8"
            " AND e.id > coalesce((SELECT id_after FROM audit_block ORDER BY number DESC LIMIT 1), 0)"
        )
    with connection.cursor() as cursor:
        cursor.execute(_DROP)
        cursor.execute(_FRESH.format(fresh=fresh), {"since": since, "xid": since_xid})
        cursor.execute("CREATE INDEX ON alert_fresh (id)")
        cursor.execute("ANALYZE alert_fresh")
        cursor.execute(_SEEN, {"opening": list(OPENING)})
        cursor.execute("ANALYZE alert_seen")
        cursor.execute("SELECT count(*) FROM alert_fresh")
        return int(cursor.fetchone()[0])


def rows(sql: str, params: dict[str, Any]) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def found(sql: str, params: dict[str, Any], *, subject: str = "", limit: str = "") -> list[Found]:
    """What a rule's query saw. Columns: `key`, `amount`, `ids` and `times` (arrays, in one order), and where they apply
    `user_id`, `party`, `side`, `subject_id`, `detail` (jsonb). `limit` names the parameter that stood for it, so that
    an alert tells which limit held then."""
    listed = []
    for row in rows(sql, params):
        detail = row.get("detail") or {}
        detail = json.loads(detail) if isinstance(detail, str) else dict(detail)
        if limit:
            detail["limit"] = params[limit]
        listed.append(
            Found(
                key=row["key"],
                user_id=row.get("user_id"),
                party=row.get("party") or "",
                portal=row.get("side") or "",
                subject=(subject, row["subject_id"]) if subject else None,
                amount=int(row["amount"]),
                detail=detail,
                events=list(zip(row["ids"], row["times"], strict=True)),
            )
        )
    return listed


def explained(sql: str, params: dict[str, Any]) -> Sequence[str]:
    """PostgreSQL's plan of a query, for the tests that hold it to its indexes."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {sql}", params)
        return [row[0] for row in cursor.fetchall()]


def seen_plan() -> Sequence[str]:
    """How the rows of `alert_seen` are found; after `lay_out`."""
    return explained(_SEEN.partition(" AS\n")[2], {"opening": list(OPENING)})
