"""The statements of one shard: what its accounts owe, set-based. `billing.rules.proration` is the readable reference.

`bill_due` holds the shard's accounts with the month to bill; `bill_month` the earlier months that are recomputed for
those whose past may have changed. Both have `month`, `plan_year` and `proration`, so one text charges either.
`%(seen)s` is the last instant before the cutoff: a segment counts if it was held to be true then. The shard's accounts
lie between `%(first)s` and `%(last)s`, which lets one walk of an index serve a hash join: PostgreSQL cannot guess how
many rows such ranges of days hold, and a nested loop would be a bet on few.
"""

from __future__ import annotations

from collections.abc import Collection

from billing.enums import Proration

# Accounts are locked already. A month without an answer (closed account) is NULL and charges nothing.
DUE = """
CREATE TEMPORARY TABLE bill_due ON COMMIT DROP AS
SELECT account.id AS account_id, account.proration, account.billed_from, account.closed_from,
       planned.period, planned.due_date, planned.due_date + account.grace_days AS grace_ends,
       CASE WHEN planned.period < account.closed_from OR account.closed_from IS NULL THEN planned.period END AS month,
       rated.plan_year,
       (SELECT count(*) FROM billing_invoice earlier
        WHERE earlier.account_id = account.id AND earlier.period = planned.period AND earlier.kind = 'premium'
       )::smallint AS revision,
       EXISTS (SELECT 1 FROM billing_dirtyaccount dirty
               WHERE dirty.account_id = account.id AND dirty.at < %(cutoff)s)
       OR (account.billed_from < planned.period AND NOT EXISTS (
               SELECT 1 FROM billing_invoice before LEFT JOIN billing_invoicevoid void ON void.invoice_id = before.id
               WHERE before.account_id = account.id AND before.kind = 'premium' AND void.id IS NULL
                 AND before.period = (planned.period - interval '1 month')::date)) AS repaired
FROM billing_shardaccount planned
JOIN billing_billaccount account ON account.id = planned.account_id
LEFT JOIN billing_rateperiod rated ON rated.account_id = account.id AND rated.months @> planned.period
     AND rated.account_id BETWEEN %(first)s AND %(last)s
WHERE planned.shard_id = %(shard)s AND NOT EXISTS (
    SELECT 1 FROM billing_invoice live LEFT JOIN billing_invoicevoid void ON void.invoice_id = live.id
    WHERE live.account_id = account.id AND live.account_id BETWEEN %(first)s AND %(last)s
      AND live.period >= planned.period AND live.kind = 'premium' AND void.id IS NULL)
  AND account.id BETWEEN %(first)s AND %(last)s
"""

MONTHS = """
CREATE TEMPORARY TABLE bill_month ON COMMIT DROP AS
SELECT due.account_id, due.proration, past.month::date AS month, rated.plan_year
FROM bill_due due
CROSS JOIN generate_series(due.billed_from::timestamp,
                           least(due.period, due.closed_from) - interval '1 month', interval '1 month') AS past(month)
LEFT JOIN billing_rateperiod rated ON rated.account_id = due.account_id AND rated.months @> past.month::date
     AND rated.account_id BETWEEN %(first)s AND %(last)s
WHERE due.repaired
"""

DIRTY = """
CREATE TEMPORARY TABLE bill_dirty ON COMMIT DROP AS
SELECT dirty.id, dirty.account_id FROM billing_dirtyaccount dirty
JOIN bill_due due ON due.account_id = dirty.account_id WHERE dirty.at < %(cutoff)s
"""

# A month in full if the line is covered on the 15th and the 16th, by whatever segments; that of the 15th decides.
_FIFTEENTH = """
    SELECT due.account_id, segment.contract, segment.product_id, due.month, segment.price_key, segment.members_count,
           due.plan_year, 1 AS days, 1 AS of_days
    FROM {months} due
    JOIN billing_billablesegment segment ON segment.account_id = due.account_id
         AND segment.account_id BETWEEN %(first)s AND %(last)s
         AND segment.effective @> (due.month + 14) AND segment.known @> %(seen)s
    WHERE due.proration = 'fifteenth' AND (segment.effective @> (due.month + 15) OR EXISTS (
        SELECT 1 FROM billing_billablesegment further
        WHERE further.contract = segment.contract AND further.line = segment.line
          AND further.effective @> (due.month + 15) AND further.known @> %(seen)s))
"""

# Every touched month in full, at what held on the line's first covered day of the month.
_NONE = """
    SELECT due.account_id, segment.contract, segment.product_id, due.month, segment.price_key, segment.members_count,
           due.plan_year, 1 AS days, 1 AS of_days
    FROM {months} due
    JOIN billing_billablesegment segment ON segment.account_id = due.account_id
         AND segment.account_id BETWEEN %(first)s AND %(last)s
         AND segment.effective && daterange(due.month, (due.month + interval '1 month')::date)
         AND segment.known @> %(seen)s
    WHERE due.proration = 'none' AND (segment.effective @> due.month OR NOT EXISTS (
        SELECT 1 FROM billing_billablesegment earlier
        WHERE earlier.contract = segment.contract AND earlier.line = segment.line
          AND earlier.effective && daterange(due.month, lower(segment.effective)) AND earlier.known @> %(seen)s))
"""

# The rate by days of the month, rounded once for each price.
_DAILY = """
    SELECT due.account_id, segment.contract, segment.product_id, due.month, segment.price_key,
           (array_agg(segment.members_count ORDER BY lower(segment.effective)))[1] AS members_count, due.plan_year,
           sum(least(upper(segment.effective), (due.month + interval '1 month')::date)
               - greatest(lower(segment.effective), due.month))::int AS days,
           (due.month + interval '1 month')::date - due.month AS of_days
    FROM {months} due
    JOIN billing_billablesegment segment ON segment.account_id = due.account_id
         AND segment.account_id BETWEEN %(first)s AND %(last)s
         AND segment.effective && daterange(due.month, (due.month + interval '1 month')::date)
         AND segment.known @> %(seen)s
    WHERE due.proration = 'daily'
    GROUP BY due.account_id, segment.contract, segment.line, segment.product_id, due.month, segment.price_key,
             due.plan_year
"""

_METHODS = {Proration.FIFTEENTH: _FIFTEENTH, Proration.NONE: _NONE, Proration.DAILY: _DAILY}

# Half up; prices are never negative.
_CENTS = "(2 * price.cents * charge.days + charge.of_days) / (2 * charge.of_days)"

_CURRENT = """
    SELECT 'current' AS kind, charge.account_id, charge.contract, charge.product_id, charge.month, charge.price_key,
           charge.members_count, {cents} AS cents, charge.plan_year IS NULL AS unrated
    FROM ({charges}) AS charge
    LEFT JOIN price ON price.plan_year = charge.plan_year AND price.product_id = charge.product_id
         AND price.price_key = charge.price_key
"""

# Expected by coverage as known, minus what live invoices billed: whatever happened in between, nothing else.
_RETRO = """
), expected AS (
    SELECT charge.account_id, charge.contract, charge.product_id, charge.month, max(charge.price_key) AS price_key,
           max(charge.members_count) AS members_count,
           CASE WHEN bool_and(price.cents IS NOT NULL) THEN sum({cents}) END AS cents,
           bool_or(charge.plan_year IS NULL) AS unrated
    FROM ({charges}) AS charge
    LEFT JOIN price ON price.plan_year = charge.plan_year AND price.product_id = charge.product_id
         AND price.price_key = charge.price_key
    GROUP BY charge.account_id, charge.contract, charge.product_id, charge.month
), billed AS (
    SELECT line.account_id, line.contract, line.product_id, line.month, sum(line.cents) AS cents,
           (array_agg(line.price_key ORDER BY line.id DESC))[1] AS price_key,
           (array_agg(line.members_count ORDER BY line.id DESC))[1] AS members_count
    FROM bill_due due
    JOIN billing_invoiceline line ON line.account_id = due.account_id
         AND line.account_id BETWEEN %(first)s AND %(last)s
    LEFT JOIN billing_invoicevoid void ON void.invoice_id = line.invoice_id
    WHERE due.repaired AND void.id IS NULL AND line.month >= due.billed_from AND line.month < due.period
          {fresh}
    GROUP BY line.account_id, line.contract, line.product_id, line.month
), priced AS MATERIALIZED (
    SELECT * FROM current_charge
    UNION ALL
    SELECT 'retro', account_id, contract, product_id, month, coalesce(expected.price_key, billed.price_key),
           coalesce(expected.members_count, billed.members_count),
           (CASE WHEN expected.contract IS NULL THEN 0 ELSE expected.cents END - coalesce(billed.cents, 0))::bigint,
           coalesce(expected.unrated, false)
    FROM expected FULL JOIN billed USING (account_id, contract, product_id, month)
    WHERE (CASE WHEN expected.contract IS NULL THEN 0 ELSE expected.cents END)
          IS DISTINCT FROM coalesce(billed.cents, 0)
"""

_YEARS = "SELECT DISTINCT plan_year FROM bill_due"
_PAST_YEARS = " UNION SELECT plan_year FROM bill_month"
_NOT_FRESH = "AND (line.issue_month < %(issue_month)s OR line.issue_month > %(issue_month)s)"

# `previous_cents` shows money that had settled before the day of the run: a payment still under way is still owed.
_BILL = """
WITH price AS MATERIALIZED (
    SELECT year.plan_year, filed.product_id, filed.price_key, filed.cents
    FROM ({years}) AS year JOIN billing_pricerow filed ON filed.filed @> year.plan_year
), {priced}
), refused AS MATERIALIZED (
    SELECT priced.account_id, CASE WHEN bool_or(unrated) THEN 'no_rate_period' ELSE 'no_price' END AS reason,
           min(product.code || ' ' || priced.price_key || ' ' || to_char(priced.month, 'YYYY-MM')) AS detail
    FROM priced JOIN billing_ratedproduct product ON product.id = priced.product_id
    WHERE priced.cents IS NULL GROUP BY priced.account_id
), parked AS (
    INSERT INTO billing_parkedaccount (run_id, account_id, reason, detail)
    SELECT %(run)s, account_id, reason, left(detail, 300) FROM refused
    ON CONFLICT DO NOTHING
), owed AS MATERIALIZED (
    SELECT account_id, product_id, count(*) AS lines, sum(cents) AS cents,
           coalesce(sum(cents) FILTER (WHERE kind = 'current'), 0) AS current_cents
    FROM priced WHERE account_id NOT IN (SELECT account_id FROM refused)
    GROUP BY account_id, product_id
), whole AS (
    SELECT account_id, sum(lines) AS lines, sum(cents) AS cents, sum(current_cents) AS current_cents
    FROM owed GROUP BY account_id
), covered AS (
    SELECT account_id, count(*) AS contracts, sum(members) AS members
    FROM (SELECT account_id, contract, max(members_count) AS members FROM priced WHERE kind = 'current'
          GROUP BY account_id, contract) AS each
    GROUP BY account_id
), before AS (
    SELECT moved.account_id, max(moved.id) AS watermark,
           sum(CASE WHEN payment.settle_date >= %(as_of)s THEN 0 WHEN moved.debit = 'receivable' THEN moved.cents
                    WHEN moved.credit = 'receivable' THEN -moved.cents ELSE 0 END) AS cents
    FROM bill_due due
    JOIN billing_ledgertransfer moved ON moved.account_id = due.account_id
         AND moved.account_id BETWEEN %(first)s AND %(last)s
    LEFT JOIN billing_payment payment ON payment.id = moved.payment_id
    GROUP BY moved.account_id
), invoice AS (
    INSERT INTO billing_invoice
        (uuid, account_id, run_id, kind, period, revision, issue_date, due_date, grace_ends, current_cents,
         retro_cents, total_cents, previous_cents, contracts_count, members_count, lines_count, watermark)
    SELECT gen_random_uuid(), due.account_id, %(run)s, 'premium', due.period, due.revision, %(as_of)s, due.due_date,
           due.grace_ends, whole.current_cents, whole.cents - whole.current_cents, whole.cents,
           coalesce(before.cents, 0), coalesce(covered.contracts, 0), coalesce(covered.members, 0), whole.lines,
           coalesce(before.watermark, 0)
    FROM bill_due due
    JOIN whole USING (account_id) LEFT JOIN covered USING (account_id) LEFT JOIN before USING (account_id)
    ON CONFLICT DO NOTHING
    RETURNING id, account_id
), posted AS (
    INSERT INTO billing_ledgertransfer
        (posted_on, kind, debit, credit, cents, account_id, invoice_id, product_id)
    SELECT %(as_of)s, 'issue', CASE WHEN cents > 0 THEN 'receivable' ELSE 'premium' END,
           CASE WHEN cents > 0 THEN 'premium' ELSE 'receivable' END, abs(cents), account_id, invoice.id, product_id
    FROM owed JOIN invoice USING (account_id) WHERE cents <> 0
), line AS (
    INSERT INTO billing_invoiceline
        (invoice_id, issue_month, account_id, contract, product_id, kind, month, price_key, members_count, cents)
    SELECT invoice.id, %(issue_month)s, account_id, priced.contract, priced.product_id, priced.kind, priced.month,
           priced.price_key, priced.members_count, priced.cents
    FROM priced JOIN invoice USING (account_id)
    RETURNING cents
)
SELECT count(*), coalesce(sum(cents), 0)::bigint FROM line
"""


def _charges(methods: Collection[str], months: str) -> str:
    return "UNION ALL".join(_METHODS[Proration(method)].format(months=months) for method in sorted(methods))


def statement(methods: Collection[str], *, repairs: bool, indexed: bool) -> str:
    """The one statement of a shard: parks what has no price, writes invoices, transfers and lines, answers how many
    lines with how many cents.

    `methods` are the prorations that occur. `repairs`: some account's past months are recomputed. `indexed`: the
    partition of this month's lines has its index; where it has not, this run made it, and no account has lines there.
    """
    current = _CURRENT.format(cents=_CENTS, charges=_charges(methods, "bill_due"))
    if not repairs:
        return _BILL.format(years=_YEARS, priced=f"priced AS MATERIALIZED ({current}")
    retro = _RETRO.format(cents=_CENTS, charges=_charges(methods, "bill_month"), fresh="" if indexed else _NOT_FRESH)
    return _BILL.format(years=_YEARS + _PAST_YEARS, priced=f"current_charge AS ({current}{retro}")
