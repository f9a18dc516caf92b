"""A week of the ledger in figures, counted in sets. What is kept are counts and users' ids, so that a review says the
same for ever (`portals.privacy.activity.table` puts them into words).
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from audit import enums
from audit import queries as ledger
from portals.enums import AlertState
from portals.exceptional_access import openings
from portals.login.wrong_passwords import MOST
from portals.models import Alert, BreakGlass, User, ViewAs
from portals.plan.periods import PLAN_ZONE, plan_date, plan_time
from portals.privacy.alerts import ledger_sql
from portals.privacy.alerts.ledger_sql import DAY, PEOPLE, PERSON, SIDE

TOP = 10  # people who opened the records of most others
BEFORE = 4  # weeks that theirs is held against
MANY_FAILURES = 10  # at one account within the week

Figures = dict[str, Any]

_EVENTS = """
SELECT e.kind, e.portal, e.outcome, count(*) AS events FROM audit_event e
WHERE e.recorded_at >= %(first)s AND e.recorded_at < %(until)s GROUP BY e.kind, e.portal, e.outcome
ORDER BY e.kind, e.portal, e.outcome
"""
_OPENED = f"""
SELECT {SIDE} AS side, count(DISTINCT s.subject_id) AS people
FROM audit_event e JOIN audit_subject s
  ON s.xid = e.xid AND s.event_id = e.id AND s.recorded_at = e.recorded_at AND {PERSON}
WHERE e.recorded_at >= %(first)s AND e.recorded_at < %(until)s AND e.kind = ANY (%(opening)s) AND e.outcome = 'done'
  AND e.actor LIKE 'user:%%'
GROUP BY 1 ORDER BY 1
"""  # noqa: S608 - our own words only
_EXPORTS = f"""
SELECT count(*) AS files, coalesce(sum(people), 0) AS people FROM (
    SELECT greatest({PEOPLE},
                    (SELECT count(DISTINCT s.subject_id) FROM audit_subject s WHERE s.xid = e.xid
                     AND s.event_id = e.id AND s.recorded_at = e.recorded_at AND {PERSON})) AS people
    FROM audit_event e WHERE e.recorded_at >= %(first)s AND e.recorded_at < %(until)s
     AND e.kind = 'export' AND e.outcome = 'done'
) AS sized
"""  # noqa: S608
_FAILURES = """
SELECT count(*) AS accounts FROM (
    SELECT 1 FROM audit_event e WHERE e.recorded_at >= %(first)s AND e.recorded_at < %(until)s AND e.kind = 'failure'
     AND e.object_kind = 'user' AND e.object_id <> '' GROUP BY e.object_id HAVING count(*) >= %(many)s
) AS tried
"""
_ACCESS = """
SELECT side, count(*) FILTER (WHERE started_at >= %(first)s AND started_at < %(until)s) AS new,
       count(*) FILTER (WHERE ended_at >= %(first)s AND ended_at < %(until)s) AS ended
FROM ({places}) AS place GROUP BY side ORDER BY side
"""
_SEEN = f"""
SELECT e.actor, e.recorded_at, s.subject_id FROM audit_event e JOIN audit_subject s
  ON s.xid = e.xid AND s.event_id = e.id AND s.recorded_at = e.recorded_at AND {PERSON}
WHERE e.recorded_at >= {{since}} AND e.recorded_at < {{before}} AND e.kind = ANY (%(opening)s) AND e.outcome = 'done'
  AND e.actor LIKE 'user:%%' AND {SIDE} <> 'member'
"""  # noqa: S608
_TOP = f"""
WITH top AS (
    SELECT actor, count(DISTINCT subject_id) AS people
    FROM ({_SEEN.format(since="%(first)s", before="%(until)s")}) AS seen
    GROUP BY actor ORDER BY people DESC, actor LIMIT %(top)s
), earlier AS (
    SELECT seen.actor, (%(week)s::date - {DAY.format(at="seen.recorded_at")} - 1) / 7 + 1 AS week,
           count(DISTINCT seen.subject_id) AS people
    FROM ({_SEEN.format(since="%(earliest)s", before="%(first)s")}) AS seen
    WHERE seen.actor IN (SELECT actor FROM top) GROUP BY 1, 2
)
SELECT substr(top.actor, 6)::bigint AS user_id, top.people,
       ARRAY(SELECT coalesce((SELECT people FROM earlier WHERE earlier.actor = top.actor AND earlier.week = n), 0)
             FROM generate_series(1, %(before)s) AS n ORDER BY n) AS before
FROM top ORDER BY top.people DESC, top.actor
"""  # noqa: S608


def bounds(week: dt.date) -> tuple[dt.datetime, dt.datetime]:
    """From its Monday, 0:00 in the plan's time, to the next one, not included."""
    first = dt.datetime.combine(week, dt.time(), tzinfo=PLAN_ZONE)
    return first, dt.datetime.combine(week + dt.timedelta(days=7), dt.time(), tzinfo=PLAN_ZONE)


def of_week(week: dt.date) -> Figures:
    """Everything that is kept of that week. A fixed number of queries, each over the months that the week touches."""
    first, until = bounds(week)
    params: dict[str, Any] = {
        "first": first, "until": until, "opening": list(enums.OPENING), "many": MANY_FAILURES, "top": TOP,
        "before": BEFORE, "week": week, "earliest": bounds(week - dt.timedelta(weeks=BEFORE))[0],
    }  # fmt: skip
    (exports,) = ledger_sql.rows(_EXPORTS, params)
    (failures,) = ledger_sql.rows(_FAILURES, params)
    access = ledger_sql.rows(_ACCESS.format(places=ledger_sql.places()), params)
    return {
        "events": [list(row.values()) for row in ledger_sql.rows(_EVENTS, params)],
        "opened": {row["side"]: row["people"] for row in ledger_sql.rows(_OPENED, params)},
        "exports": {"files": exports["files"], "people": int(exports["people"])},
        "failures": {"accounts": failures["accounts"], "shut": User.objects.filter(failed_passwords__gte=MOST).count()},
        "looks": _exceptional_access(first, until),
        "alerts": _alerts(first, until),
        "access": {row["side"]: [row["new"], row["ended"]] for row in access},
        "seal": _seal(),
        "actors": [
            {"user": row["user_id"], "people": row["people"], "before": list(row["before"])}
            for row in ledger_sql.rows(_TOP, params)
        ],
    }


def _exceptional_access(first: dt.datetime, until: dt.datetime) -> dict[str, int]:
    """Of both kinds: opened and reviewed in the week; not reviewed when this is made, of those past their time."""
    opened = Q(opened_at__gte=first, opened_at__lt=until)
    reviewed = Q(reviewed_at__gte=first, reviewed_at__lt=until)
    waiting = Q(reviewed_at=None, opened_at__lt=until)
    late = waiting & Q(opened_at__date__lte=openings.overdue_until(plan_date(timezone.now())))
    total = {"opened": 0, "reviewed": 0, "waiting": 0, "late": 0}
    for model in (BreakGlass, ViewAs):
        found = model._default_manager.aggregate(
            opened=Count("id", filter=opened),
            reviewed=Count("id", filter=reviewed),
            waiting=Count("id", filter=waiting),
            late=Count("id", filter=late),
        )
        total = {name: count + found[name] for name, count in total.items()}
    return total


def _alerts(first: dt.datetime, until: dt.datetime) -> dict[str, list[int]]:
    """By rule: made in the week, closed in the week, not closed when this is made."""
    rows = (
        Alert.objects.filter(found_at__lt=until)
        .order_by("rule")
        .values_list("rule")
        .annotate(
            made=Count("id", filter=Q(found_at__gte=first)),
            closed=Count("id", filter=Q(closed_at__gte=first, closed_at__lt=until)),
            open=Count("id", filter=~Q(state=AlertState.CLOSED)),
        )
    )
    return {rule: [made, closed, still] for rule, made, closed, still in rows if made or closed or still}


def _seal() -> dict[str, Any]:
    lag = ledger.seal_lag()
    check = ledger.last_check()
    checked = check and {
        "at": plan_time(check.at).isoformat(sep=" ", timespec="minutes"),
        "found": check.findings,
        "block": check.checkpoint,
        "hash": check.checkpoint_hash,
    }
    return {"rows": lag.rows, "seconds": round(lag.seconds), "check": checked}
