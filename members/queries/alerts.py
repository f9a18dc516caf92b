"""Alert rules that need members' names and coverage: the same last name, one's own record, long after coverage ended.

They read `alert_seen` (`portals.privacy.alerts.ledger_sql`), which holds nothing of the member portal: whoever opens
their own record or their family's there is in none of them. An employer's own people are in none of the two about
names.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from portals import folding
from portals.privacy.alerts import ledger_sql
from portals.privacy.alerts.ledger_sql import DAY
from portals.privacy.alerts.rules import Found, Number, Rule, Values

SAME_NAME, OWN, PAST = "same_last_name", "own_record", "after_coverage"

FOLD = folding.SQL

_NAMED = f"""
WITH pair AS MATERIALIZED (
    SELECT user_id, side, person_id, {DAY.format(at="recorded_at")} AS day, event_id, recorded_at
    FROM alert_seen WHERE fresh AND side IN ('desk', 'provider', 'producer') AND persons BETWEEN 1 AND %(page)s
), named AS (
    SELECT pair.*, {FOLD.format(name="u.family_name")} AS own_last, {FOLD.format(name="p.last_name")} AS last,
           {FOLD.format(name="u.given_name")} AS own_first, {FOLD.format(name="p.first_name")} AS first,
           u.email <> '' AND upper(u.email) = upper(p.email) AS same_mail
    FROM pair JOIN portals_user u ON u.id = pair.user_id JOIN members_person p ON p.id = pair.person_id
), fits AS (
    SELECT *, same_mail OR (own_last <> '' AND own_last = last AND own_first <> '' AND own_first = first) AS own
    FROM named WHERE same_mail OR (own_last <> '' AND own_last = last)
)
SELECT user_id, side, person_id AS subject_id, user_id || ':' || person_id || ':' || day AS key,
       count(DISTINCT event_id) AS amount,
       array_agg(event_id ORDER BY event_id) AS ids, array_agg(recorded_at ORDER BY event_id) AS times
FROM fits WHERE own = %(own)s GROUP BY user_id, side, person_id, day
"""  # noqa: S608 - our own words only

_PAST = f"""
WITH pair AS MATERIALIZED (
    SELECT user_id, side, person_id, {DAY.format(at="recorded_at")} AS day, event_id, recorded_at
    FROM alert_seen WHERE fresh AND persons BETWEEN 1 AND %(page)s
), covered AS (
    SELECT e.person_id, CASE WHEN bool_or(upper_inf(c.effective)) THEN NULL ELSE max(upper(c.effective)) END AS ended
    FROM members_enrollee e JOIN members_coverage c ON c.enrollee_id = e.id AND upper_inf(c.known)
    WHERE e.person_id IN (SELECT person_id FROM pair) GROUP BY e.person_id
)
SELECT user_id, side, pair.person_id AS subject_id, user_id || ':' || pair.person_id || ':' || day AS key,
       count(*) AS amount, jsonb_build_object('since', min(day - covered.ended + 1)) AS detail,
       array_agg(event_id ORDER BY event_id) AS ids, array_agg(recorded_at ORDER BY event_id) AS times
FROM pair JOIN covered ON covered.person_id = pair.person_id AND day - covered.ended + 1 > %(days)s
GROUP BY user_id, side, pair.person_id, day
"""  # noqa: S608


def find_same_name(values: Values) -> list[Found]:
    """Records of people with the reader's last name, who is not the same person; by reader, person and day."""
    return ledger_sql.found(_NAMED, {**values, "own": False}, subject="person")


def find_own(values: Values) -> list[Found]:
    """Records of people with the reader's whole name or e-mail address; by reader, person and day."""
    return ledger_sql.found(_NAMED, {**values, "own": True}, subject="person")


def find_past(values: Values) -> list[Found]:
    """Records opened more than `days` days after the last day of coverage, as coverage is known now."""
    return ledger_sql.found(_PAST, dict(values), subject="person", limit="days")


_PAGE = Number("page", _("Pages with at most this many people: longer lists tell nothing of one"), 10, most=100)
RULES = (
    Rule(
        code=OWN,
        title=_("A record like their own"),
        seeks=_(
            "Plan staff, a practice's or an agency's people open the record of somebody with their own full name or "
            "e-mail address. In the member portal everybody may see themselves."
        ),
        why=_("Nobody works on their own record: what is changed there should be changed by somebody else."),
        seen=_("A record with the reader's own name or e-mail address was opened. Times: %(amount)s."),
        parameters=(_PAGE,),
        find=find_own,
        group="person",
    ),
    Rule(
        code=SAME_NAME,
        title=_("The same last name"),
        seeks=_(
            "Plan staff, a practice's or an agency's people open the record of somebody with their own last name, "
            "however it is written. An employer's own people are left out."
        ),
        why=_("It may be a relative. Most often it is chance, and a common name."),
        seen=_("The record of somebody with the reader's last name was opened. Times: %(amount)s."),
        parameters=(_PAGE,),
        find=find_same_name,
        group="person",
    ),
    Rule(
        code=PAST,
        title=_("Long after coverage ended"),
        seeks=_("Somebody opens the record of a person whose last coverage ended long ago."),
        why=_("There is seldom work with such a record: late claims and corrections come within months."),
        seen=_("The record was opened %(since)s days after the last day of coverage. The limit was %(limit)s."),
        parameters=(Number("days", _("Days after the last day of coverage"), 180, most=3650), _PAGE),
        find=find_past,
        group="person",
    ),
)
