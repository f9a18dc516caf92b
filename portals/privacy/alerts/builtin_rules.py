"""The rules of the door's own floor: much in a short time, outside the hours, after the access ended, turned away
often, emergencies often. Rules that need names or coverage are registered by the floors that hold those.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from typing import Any

from django.utils.translation import gettext_lazy as _

from portals.plan import clock
from portals.plan.periods import plan_date
from portals.privacy.alerts import ledger_sql
from portals.privacy.alerts.ledger_sql import DAY, PERSON, SIDE
from portals.privacy.alerts.rules import Found, Number, OpenHours, Rule, Values, is_off_hours, week_of

MANY, EXPORT, DENIALS = "many_records", "large_export", "many_denials"
ENDED, OFF_HOURS, GLASS = "after_access", "off_hours", "break_glass_often"

# An hour in steps of five minutes: every hour that anybody can choose lies within one of them.
_STEPS = """CROSS JOIN LATERAL generate_series(
    date_bin('5 minutes', {at}, timestamptz '2000-01-01') - interval '60 minutes',
    date_bin('5 minutes', {at}, timestamptz '2000-01-01'), interval '5 minutes') AS step(start)"""
# The officers' own pages name everybody of the alert or the look that they read.
_OVERSIGHT = "action !~ '^desk:(alert|look|activity|ledger)'"
_SIDES = (
    "(VALUES ('desk', %(desk)s), ('provider', %(provider)s), ('producer', %(producer)s), ('employer', %(employer)s))"
)


def _sides(desk: int, provider: int, producer: int, employer: int) -> tuple[Number, ...]:
    return (
        Number("desk", _("People, by one person of the plan"), desk),
        Number("provider", _("People, by one person of a practice"), provider),
        Number("producer", _("People, by one person of an agency"), producer),
        Number("employer", _("People, by one person of an employer"), employer),
    )


_MANY = f"""
WITH opened AS (SELECT * FROM alert_seen WHERE {_OVERSIGHT} AND (person_id IS NOT NULL OR unlisted > 0)),
busy AS (
    SELECT user_id, side, step.start, max(recorded_at) AS last,
           count(DISTINCT person_id) + coalesce(sum(unlisted), 0) AS people
    FROM opened {_STEPS.format(at="recorded_at")}
    GROUP BY user_id, side, step.start
), over AS (
    SELECT busy.*, {DAY.format(at="last")} AS day
    FROM busy JOIN {_SIDES} AS limits(side, people) ON limits.side = busy.side AND busy.people >= limits.people
), events AS (
    SELECT DISTINCT over.user_id, over.side, over.day, opened.event_id, opened.recorded_at
    FROM over JOIN opened ON opened.user_id = over.user_id AND opened.side = over.side
     AND opened.recorded_at >= over.start AND opened.recorded_at < over.start + interval '65 minutes'
)
SELECT user_id, side, user_id || ':' || side || ':' || day AS key,
       (SELECT max(people) FROM over WHERE (over.user_id, over.side, over.day) = (e.user_id, e.side, e.day)) AS amount,
       array_agg(event_id ORDER BY event_id) AS ids, array_agg(recorded_at ORDER BY event_id) AS times
FROM events e GROUP BY user_id, side, day
"""  # noqa: S608 - our own words only

_EXPORT = f"""
WITH sized AS (
    SELECT f.id, f.recorded_at, f.user_id, f.side, greatest(f.people, count(DISTINCT s.subject_id)) AS people
    FROM alert_fresh f LEFT JOIN audit_subject s
      ON s.xid = f.xid AND s.event_id = f.id AND s.recorded_at = f.recorded_at AND {PERSON}
    WHERE f.kind = 'export' AND f.outcome = 'done' AND f.user_id IS NOT NULL
    GROUP BY f.id, f.recorded_at, f.user_id, f.side, f.people
)
SELECT sized.user_id, sized.side, sized.id::text AS key, sized.people AS amount,
       ARRAY[id] AS ids, ARRAY[recorded_at] AS times
FROM sized JOIN {_SIDES} AS limits(side, people) ON limits.side = sized.side AND sized.people >= limits.people
"""  # noqa: S608

_DENIALS = f"""
WITH tried AS (
    SELECT actor, user_id, min(recorded_at) - interval '65 minutes' AS since,
           max(recorded_at) + interval '65 minutes' AS until
    FROM alert_fresh WHERE kind = 'denial' AND user_id IS NOT NULL GROUP BY actor, user_id
), denied AS (
    SELECT tried.user_id, {SIDE} AS side, e.id, e.recorded_at
    FROM tried JOIN audit_event e ON e.actor = tried.actor
     AND e.recorded_at >= tried.since AND e.recorded_at <= tried.until
    WHERE e.kind = 'denial'
), over AS (
    SELECT user_id, side, step.start, count(*) AS times, {DAY.format(at="max(recorded_at)")} AS day
    FROM denied {_STEPS.format(at="recorded_at")} GROUP BY user_id, side, step.start HAVING count(*) >= %(denials)s
), events AS (
    SELECT DISTINCT over.user_id, over.side, over.day, denied.id, denied.recorded_at
    FROM over JOIN denied ON denied.user_id = over.user_id AND denied.side = over.side
     AND denied.recorded_at >= over.start AND denied.recorded_at < over.start + interval '65 minutes'
)
SELECT user_id, side, user_id || ':' || side || ':' || day AS key,
       (SELECT max(times) FROM over WHERE (over.user_id, over.side, over.day) = (e.user_id, e.side, e.day)) AS amount,
       array_agg(id ORDER BY id) AS ids, array_agg(recorded_at ORDER BY id) AS times
FROM events e GROUP BY user_id, side, day
"""  # noqa: S608

# What an account does of its own, or what is tried at it, after it was closed or after the last of its places ended.
_ENDED = """
WITH tried AS (
    SELECT coalesce(user_id, CASE WHEN object_id ~ '^[0-9]+$' THEN object_id::bigint END) AS user_id,
           side, id, recorded_at
    FROM alert_fresh
    WHERE kind <> 'sign_out'
      AND (user_id IS NOT NULL OR (kind = 'failure' AND object_kind = 'user' AND object_id <> ''))
), place AS (
    SELECT user_id, max(ended_at) AS ended_at FROM ({places}) AS place
    WHERE user_id IN (SELECT user_id FROM tried) GROUP BY user_id HAVING bool_and(ended_at IS NOT NULL)
), closed AS (
    SELECT u.id AS user_id, max(e.recorded_at) AS ended_at
    FROM portals_user u
    JOIN audit_subject s ON s.kind = 'user' AND s.subject_id = u.id
    JOIN audit_event e ON e.id = s.event_id AND e.recorded_at = s.recorded_at AND e.action = 'sign_in_help.close'
    WHERE NOT u.is_active AND u.id IN (SELECT user_id FROM tried) GROUP BY u.id
), ended AS (
    SELECT user_id, min(ended_at) AS ended_at FROM (TABLE place UNION ALL TABLE closed) AS each GROUP BY user_id
)
SELECT tried.user_id, max(tried.side) AS side, tried.user_id || ':' || {day} AS key, count(*) AS amount,
       jsonb_build_object('days', min({day} - {ended})) AS detail,
       array_agg(id ORDER BY id) AS ids, array_agg(recorded_at ORDER BY id) AS times
FROM tried JOIN ended ON ended.user_id = tried.user_id AND tried.recorded_at > ended.ended_at
GROUP BY tried.user_id, {day} HAVING count(*) >= %(tries)s
"""

_GLASS = """
WITH lately AS (
    SELECT DISTINCT actor, user_id, date_trunc('week', recorded_at AT TIME ZONE 'America/New_York') AS week
    FROM alert_fresh WHERE action = 'break_glass.open' AND outcome = 'done' AND user_id IS NOT NULL
)
SELECT lately.user_id, 'desk' AS side, lately.user_id || ':' || week::date AS key, count(*) AS amount,
       array_agg(e.id ORDER BY e.id) AS ids, array_agg(e.recorded_at ORDER BY e.id) AS times
FROM lately JOIN audit_event e ON e.actor = lately.actor AND e.action = 'break_glass.open' AND e.outcome = 'done'
 AND e.recorded_at >= week AT TIME ZONE 'America/New_York'
 AND e.recorded_at < (week + interval '7 days') AT TIME ZONE 'America/New_York'
GROUP BY lately.user_id, week HAVING count(*) >= %(openings)s
"""

_DESK = """
SELECT DISTINCT user_id, event_id, recorded_at FROM alert_seen
WHERE side = 'desk' AND fresh AND (person_id IS NOT NULL OR unlisted > 0) ORDER BY user_id, recorded_at, event_id
"""


def find_many(values: Values) -> list[Found]:
    """The most people whose records one person opened within an hour, by day."""
    return [_with_limit(each, values) for each in ledger_sql.found(_MANY, dict(values))]


def find_exports(values: Values) -> list[Found]:
    """Files of many people's data, each its own alert."""
    return [_with_limit(each, values) for each in ledger_sql.found(_EXPORT, dict(values))]


def _with_limit(found: Found, values: Values) -> Found:
    return replace(found, detail={**found.detail, "limit": values[found.portal]})


def find_denials(values: Values) -> list[Found]:
    """The most refusals that one person met within an hour, by day."""
    return ledger_sql.found(_DENIALS, dict(values), limit="denials")


def find_after_access(values: Values) -> list[Found]:
    """Whatever was tried by, or at the account of, somebody whose access is over, by day."""
    day, ended = DAY.format(at="tried.recorded_at"), DAY.format(at="ended.ended_at")
    sql = _ENDED.format(places=ledger_sql.places(), day=day, ended=ended)
    return ledger_sql.found(sql, dict(values))


def find_glass(values: Values) -> list[Found]:
    """Records that one person opened in emergencies, by week."""
    return ledger_sql.found(_GLASS, dict(values), limit="openings")


def find_off_hours(values: Values) -> list[Found]:
    """Pages with members' data that plan staff opened while the plan was closed, by day."""
    week, closings = week_of(values), clock.closings()

    def key(row: dict[str, Any]) -> tuple[int, str]:
        return row["user_id"], plan_date(row["recorded_at"]).isoformat()

    late = [row for row in ledger_sql.rows(_DESK, {}) if is_off_hours(row["recorded_at"], week, closings)]
    return [
        Found(
            key=f"{user_id}:{day}",
            user_id=user_id,
            party="",
            portal="desk",
            subject=None,
            amount=len(listed),
            detail={},
            events=[(row["event_id"], row["recorded_at"]) for row in listed],
        )
        for (user_id, day), group in groupby(late, key=key)
        if len(listed := list(group)) >= values["pages"]
    ]


RULES = (
    Rule(
        code=MANY,
        title=_("Many records in a short time"),
        seeks=_("One person opens the records of many different people within an hour. Files count those in them."),
        why=_("Records are worked one after another. Many at once may be a search for somebody, or a copy of data."),
        seen=_("Records of %(amount)s people were opened within an hour. The limit was %(limit)s."),
        parameters=_sides(desk=60, provider=150, producer=200, employer=1000),
        find=find_many,
        group="amount",
    ),
    Rule(
        code=EXPORT,
        title=_("A large file of people's data"),
        seeks=_("Somebody downloads a file that holds many people's data."),
        why=_("A file leaves our protection. Each large one should have a purpose that somebody knows."),
        seen=_("A file with the data of %(amount)s people was downloaded. The limit was %(limit)s."),
        parameters=_sides(desk=200, provider=200, producer=200, employer=5000),
        find=find_exports,
        group="amount",
    ),
    Rule(
        code=DENIALS,
        title=_("Turned away many times"),
        seeks=_("One person is refused, or asks for pages that are not there, many times within an hour."),
        why=_("It may be a person who needs other access, or one who tries what is closed to them."),
        seen=_("Turned away %(amount)s times within an hour. The limit was %(limit)s."),
        parameters=(Number("denials", _("Times turned away, within an hour"), 20, least=2),),
        find=find_denials,
        group="access",
    ),
    Rule(
        code=ENDED,
        title=_("Tried after the access ended"),
        seeks=_("Somebody signs in, fails to, or asks for anything after their account or their last place was ended."),
        why=_("Access that is over should be over. It may also be a person who does not know that it is."),
        seen=_("Tried %(amount)s times, %(days)s days after the access ended."),
        parameters=(Number("tries", _("Times, in one day"), 1),),
        find=find_after_access,
        group="access",
    ),
    Rule(
        code=OFF_HOURS,
        title=_("Records opened while the plan is closed"),
        seeks=_("Plan staff open members' records outside the hours below, on a holiday or a day the plan is closed."),
        why=_("Nobody sits beside who works at night. It is often overtime, and sometimes curiosity."),
        seen=_("Members' records were on %(amount)s pages that were opened while the plan was closed."),
        parameters=(
            OpenHours("weekday", _("Hours, Monday to Friday"), "7 am - 8 pm"),
            OpenHours("saturday", _("Hours on Saturday"), "8 am - 2 pm"),
            OpenHours("sunday", _("Hours on Sunday"), ""),
            Number("pages", _("Pages, in one day"), 1),
        ),
        find=find_off_hours,
        group="time",
    ),
    Rule(
        code=GLASS,
        title=_("Emergencies often"),
        seeks=_("One person opens records in an emergency many times within a week, Monday to Sunday."),
        why=_("Emergencies are rare. Many of them may mean that a team lacks access that it needs every day."),
        seen=_("%(amount)s records were opened in an emergency within the week. The limit was %(limit)s."),
        parameters=(Number("openings", _("Records, in one week"), 5),),
        find=find_glass,
        group="access",
    ),
)  # fmt: skip
