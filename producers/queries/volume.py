"""The alert rule about an agency whose people see unusually many members in a day, measured by the agency itself."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import Any

from django.utils.translation import gettext_lazy as _

from audit.enums import OPENING
from portals.privacy.alerts import ledger_sql
from portals.privacy.alerts.ledger_sql import DAY, PERSON
from portals.privacy.alerts.rules import Found, Number, Rule, Values, is_unusual, usual

CODE = "agency_volume"
DAYS = 30  # of an agency's own past that its day is held against

# People seen by everybody who had a place in the agency at that moment, by day; the days of fresh events and those
# before.
_COUNTS = f"""
WITH touched AS (
    SELECT place.agency_id, min({DAY.format(at="seen.recorded_at")}) AS first,
           max({DAY.format(at="seen.recorded_at")}) AS last
    FROM alert_seen seen JOIN producers_produceruser place ON place.user_id = seen.user_id
     AND place.started_at <= seen.recorded_at AND (place.ended_at IS NULL OR place.ended_at > seen.recorded_at)
    WHERE seen.fresh AND seen.side = 'producer' GROUP BY place.agency_id
)
SELECT touched.agency_id, {DAY.format(at="e.recorded_at")} AS day, touched.first,
       count(DISTINCT s.subject_id) AS people
FROM touched
JOIN producers_produceruser place ON place.agency_id = touched.agency_id
JOIN audit_event e ON e.actor = 'user:' || place.user_id
 AND e.recorded_at >= (touched.first - %(days)s)::timestamp AT TIME ZONE 'America/New_York'
 AND e.recorded_at < (touched.last + 1)::timestamp AT TIME ZONE 'America/New_York'
 AND e.recorded_at >= place.started_at AND (place.ended_at IS NULL OR e.recorded_at < place.ended_at)
JOIN audit_subject s ON s.xid = e.xid AND s.event_id = e.id AND s.recorded_at = e.recorded_at AND {PERSON}
WHERE e.kind = ANY (%(opening)s) AND e.outcome = 'done' AND (e.portal = 'producer' OR e.acting_for <> '')
GROUP BY touched.agency_id, touched.first, day
"""  # noqa: S608 - our own words only

_EVENTS = f"""
SELECT wanted.agency_id, wanted.day, array_agg(e.id ORDER BY e.id) AS ids,
       array_agg(e.recorded_at ORDER BY e.id) AS times
FROM unnest(%(agencies)s::bigint[], %(wanted)s::date[]) AS wanted(agency_id, day)
JOIN producers_produceruser place ON place.agency_id = wanted.agency_id
JOIN audit_event e ON e.actor = 'user:' || place.user_id
 AND e.recorded_at >= wanted.day::timestamp AT TIME ZONE 'America/New_York'
 AND e.recorded_at < (wanted.day + 1)::timestamp AT TIME ZONE 'America/New_York'
 AND e.recorded_at >= place.started_at AND (place.ended_at IS NULL OR e.recorded_at < place.ended_at)
WHERE e.kind = ANY (%(opening)s) AND e.outcome = 'done' AND (e.portal = 'producer' OR e.acting_for <> '')
  AND EXISTS (SELECT 1 FROM audit_subject s WHERE s.xid = e.xid AND s.event_id = e.id
              AND s.recorded_at = e.recorded_at AND {PERSON})
GROUP BY wanted.agency_id, wanted.day
"""  # noqa: S608


def find(values: Values) -> list[Found]:
    """Days on which an agency's people saw at least `people` members and at least `factor` times its usual day (the
    median of the days with any among the `DAYS` before). Two queries."""
    counts: dict[int, dict[dt.date, int]] = defaultdict(dict)
    first: dict[int, dt.date] = {}
    for row in ledger_sql.rows(_COUNTS, {"days": DAYS, "opening": list(OPENING)}):
        counts[row["agency_id"]][row["day"]] = row["people"]
        first[row["agency_id"]] = row["first"]
    busy: dict[tuple[int, dt.date], tuple[int, float]] = {}
    for agency_id, days in counts.items():
        for day, people in days.items():
            past = [n for other, n in days.items() if day - dt.timedelta(days=DAYS) <= other < day]
            if day >= first[agency_id] and is_unusual(people, past, factor=values["factor"], least=values["people"]):
                busy[agency_id, day] = (people, usual(past))
    return _found(busy)


def _found(busy: dict[tuple[int, dt.date], tuple[int, float]]) -> list[Found]:
    if not busy:
        return []
    params: dict[str, Any] = {
        "agencies": [agency for agency, _day in busy],
        "wanted": [day for _agency, day in busy],
        "opening": list(OPENING),
    }
    listed = []
    for row in ledger_sql.rows(_EVENTS, params):
        people, median = busy[row["agency_id"], row["day"]]
        listed.append(
            Found(
                key=f"{row['agency_id']}:{row['day']}",
                user_id=None,
                party=f"agency:{row['agency_id']}",
                portal="producer",
                subject=None,
                amount=people,
                detail={"usual": round(median, 1)},
                events=list(zip(row["ids"], row["times"], strict=True)),
            )
        )
    return listed


RULE = Rule(
    code=CODE,
    title=_("An agency's unusual day"),
    seeks=_("The people of an agency see many more members in a day than the agency usually does (median of 30 days)."),
    why=_("Renewals bring busy days. A copy of the book brings one as well, for example before somebody leaves."),
    seen=_("The agency's people saw %(amount)s members in a day. Its usual day has %(usual)s."),
    parameters=(
        Number("people", _("Members, at least"), 40),
        Number("factor", _("Times its usual day, at least"), 3, most=100),
    ),
    find=find,
    group="amount",
)
