"""Billable segments from coverage: written in the transaction of each coverage change, the only thing billing reads.

Tiers price every account for now. Where a state's rule `rating` is "age", the price key will come from ages and area
instead: `_SPANS` is the one place that names it, and until then such an account finds no price and is parked.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from billing.enums import Tier
from billing.rules import tiers

_CONTRACTS = """
CREATE TEMPORARY TABLE segment_contract (contract_id bigint PRIMARY KEY, known_at timestamptz NOT NULL) ON COMMIT DROP
"""

# In key order, like everyone who touches an account's money: payments, bill run, coverage changes.
_LOCK = """
SELECT id FROM billing_billaccount WHERE id IN (
    SELECT CASE WHEN cover.cobra THEN coalesce(package.cobra_account_id, package.account_id)
                ELSE package.account_id END
    FROM segment_contract
    JOIN members_coverage cover USING (contract_id)
    JOIN members_benefitpackage package ON package.id = cover.package_id
    WHERE upper_inf(cover.known)
    UNION
    SELECT segment.account_id FROM segment_contract
    JOIN billing_billablesegment segment ON segment.contract = segment_contract.contract_id
    WHERE upper_inf(segment.known)
) ORDER BY id FOR NO KEY UPDATE
"""

# The stretches of members.rules.segments, its readable reference.
_SPANS = """
CREATE TEMPORARY TABLE segment_wanted ON COMMIT DROP AS
WITH covered AS MATERIALIZED (
    SELECT cover.contract_id AS contract, cover.line, lower(cover.effective) AS starts,
           coalesce(upper(cover.effective), 'infinity') AS ends, enrollee.suffix, enrollee.relationship,
           product.rated_id AS product_id,
           CASE WHEN cover.cobra THEN coalesce(package.cobra_account_id, package.account_id)
                ELSE package.account_id END AS account_id
    FROM segment_contract
    JOIN members_coverage cover USING (contract_id)
    JOIN members_enrollee enrollee ON enrollee.id = cover.enrollee_id
    JOIN members_benefitpackage package ON package.id = cover.package_id
    JOIN members_product product ON product.id = package.product_id
    WHERE upper_inf(cover.known)
), point AS (
    SELECT contract, line, starts AS day FROM covered UNION SELECT contract, line, ends FROM covered
), span AS (
    SELECT contract, line, day AS starts, lead(day) OVER (PARTITION BY contract, line ORDER BY day) AS ends FROM point
), priced AS (
    SELECT contract, line, span.starts, span.ends,
           (array_agg(product_id ORDER BY suffix))[1] AS product_id,
           (array_agg(account_id ORDER BY suffix))[1] AS account_id,
           CASE WHEN bool_or(relationship = ANY(%(partners)s))
                THEN CASE WHEN bool_or(relationship <> ALL(%(partners)s) AND relationship <> %(subscriber)s)
                          THEN %(family)s ELSE %(couple)s END
                ELSE CASE WHEN bool_or(relationship <> ALL(%(partners)s) AND relationship <> %(subscriber)s)
                          THEN %(parent)s ELSE %(single)s END
           END AS price_key,
           count(*)::smallint AS members_count
    FROM span JOIN covered USING (contract, line)
    WHERE covered.starts <= span.starts AND covered.ends >= span.ends
    GROUP BY contract, line, span.starts, span.ends
), marked AS (
    SELECT *, lag(ends) OVER run = starts AND lag(product_id) OVER run = product_id
              AND lag(account_id) OVER run = account_id AND lag(price_key) OVER run = price_key
              AND lag(members_count) OVER run = members_count AS goes_on
    FROM priced WINDOW run AS (PARTITION BY contract, line ORDER BY starts)
), islands AS (
    SELECT *, count(*) FILTER (WHERE goes_on IS NOT TRUE)
              OVER (PARTITION BY contract, line ORDER BY starts) AS island
    FROM marked
)
SELECT contract, line, product_id, account_id, price_key, members_count, min(starts) AS starts, max(ends) AS ends
FROM islands GROUP BY contract, line, island, product_id, account_id, price_key, members_count
"""

_HELD = """
CREATE TEMPORARY TABLE segment_held ON COMMIT DROP AS
SELECT segment.id, segment.contract, segment.line, segment.product_id, segment.account_id, segment.price_key,
       segment.members_count, lower(segment.effective) AS starts, coalesce(upper(segment.effective), 'infinity') AS ends
FROM segment_contract
JOIN billing_billablesegment segment ON segment.contract = segment_contract.contract_id
WHERE upper_inf(segment.known)
"""

# What stays as it is leaves both sides; the rest is superseded and written.
_SAME = """
WITH same AS (
    DELETE FROM segment_held held USING segment_wanted wanted
    WHERE (held.contract, held.line, held.product_id, held.account_id, held.price_key, held.members_count,
           held.starts, held.ends)
        = (wanted.contract, wanted.line, wanted.product_id, wanted.account_id, wanted.price_key, wanted.members_count,
           wanted.starts, wanted.ends)
    RETURNING held.contract, held.line, held.starts
)
DELETE FROM segment_wanted wanted USING same
WHERE (wanted.contract, wanted.line, wanted.starts) = (same.contract, same.line, same.starts)
"""

_SUPERSEDE = """
UPDATE billing_billablesegment segment SET known = tstzrange(lower(segment.known), known_at)
FROM segment_held held JOIN segment_contract ON contract_id = held.contract WHERE segment.id = held.id
"""

_INSERT = """
INSERT INTO billing_billablesegment
    (account_id, contract, product_id, line, price_key, members_count, effective, known)
SELECT account_id, contract, product_id, line, price_key, members_count,
       daterange(starts, nullif(ends, 'infinity')), tstzrange(known_at, NULL)
FROM segment_wanted JOIN segment_contract ON contract_id = contract
"""

# A stretch that only ends on another day than before changed from the earlier of the two ends.
_DIRTY = """
INSERT INTO billing_dirtyaccount (account_id, since, at)
SELECT account_id, date_trunc('month', min(since))::date, known_at
FROM (
    SELECT held.account_id, held.contract,
           CASE WHEN wanted.starts IS NULL THEN held.starts ELSE least(held.ends, wanted.ends) END
    FROM segment_held held
    LEFT JOIN segment_wanted wanted USING (contract, line, product_id, account_id, price_key, members_count, starts)
    UNION ALL
    SELECT wanted.account_id, wanted.contract, wanted.starts
    FROM segment_wanted wanted
    LEFT JOIN segment_held held USING (contract, line, product_id, account_id, price_key, members_count, starts)
    WHERE held.id IS NULL
    UNION ALL
    -- the 16th decides across accounts: another account on which this contract goes on unchanged may owe another amount
    SELECT other.account_id, touched.contract, touched.since
    FROM (
        SELECT contract, line, min(starts) AS since, array_agg(account_id) AS accounts
        FROM (SELECT contract, line, starts, account_id FROM segment_held
              UNION ALL SELECT contract, line, starts, account_id FROM segment_wanted) AS either
        GROUP BY contract, line
    ) AS touched
    JOIN billing_billablesegment other ON other.contract = touched.contract AND other.line = touched.line
    WHERE upper_inf(other.known) AND other.account_id <> ALL(touched.accounts)
) AS changed (account_id, contract, since)
JOIN segment_contract ON contract_id = contract
GROUP BY account_id, known_at
"""

_TABLES = ("segment_contract", "segment_wanted", "segment_held")


@dataclass(frozen=True, slots=True)
class Rebuilt:
    superseded: int
    written: int
    accounts: int
    """Bill accounts of which something changed."""


def rebuild(contracts: Iterable[int] | str, *, known_at: dt.datetime | None = None) -> Rebuilt:
    """Bring the billable segments of these contracts in line with the coverage known now, in the caller's transaction.

    `contracts` are ids, or the name of a temporary table with the columns `contract_id` and `known_at`. Their bill
    accounts are locked first; what changed is superseded at `known_at` (later than all that is known of them) and named
    to the bill run.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("segments are written in the transaction of the coverage change")
    with connection.cursor() as cursor:
        cursor.execute(_CONTRACTS)
        if isinstance(contracts, str):
            name = connection.ops.quote_name(contracts)
            cursor.execute(f"INSERT INTO segment_contract SELECT contract_id, known_at FROM {name}")  # noqa: S608
        else:
            cursor.execute(
                "INSERT INTO segment_contract SELECT DISTINCT unnest(%s::bigint[]), %s::timestamptz",
                [list(contracts), known_at],
            )
        cursor.execute("ANALYZE segment_contract")
        return _rebuild(cursor)


def _rebuild(cursor: CursorWrapper) -> Rebuilt:
    cursor.execute(_LOCK)
    cursor.execute(
        _SPANS,
        {
            "partners": sorted(tiers.PARTNERS),
            "subscriber": tiers.SUBSCRIBER,
            "single": Tier.SINGLE.value,
            "couple": Tier.COUPLE.value,
            "parent": Tier.PARENT.value,
            "family": Tier.FAMILY.value,
        },
    )
    cursor.execute(_HELD)
    cursor.execute("ANALYZE segment_wanted, segment_held")
    cursor.execute(_SAME)
    cursor.execute(_SUPERSEDE)
    superseded = cursor.rowcount
    cursor.execute(_INSERT)
    written = cursor.rowcount
    cursor.execute(_DIRTY)
    accounts = cursor.rowcount
    cursor.execute(f"DROP TABLE {', '.join(_TABLES)}")
    return Rebuilt(superseded, written, accounts)
