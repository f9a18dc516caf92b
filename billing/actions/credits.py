"""Credits of invoices: products that came out negative, then whatever lies unapplied, at issue."""

from __future__ import annotations

import datetime as dt

from django.db.backends.utils import CursorWrapper

from billing.actions import allocation

# A negative product is moved to UNAPPLIED whole; the other products of its own invoice take of it first, so that an
# invoice that is positive in sum never lets another one profit.
_NET = """
WITH balance AS MATERIALIZED (
    SELECT moved.account_id, moved.invoice_id, moved.product_id,
           sum(CASE moved.debit WHEN 'receivable' THEN moved.cents ELSE -moved.cents END) AS cents
    FROM {invoices} made
    JOIN billing_ledgertransfer moved ON moved.account_id = made.account_id AND moved.invoice_id = made.invoice_id
    WHERE 'receivable' IN (moved.debit, moved.credit)
    GROUP BY moved.account_id, moved.invoice_id, moved.product_id
), spare AS (
    SELECT invoice_id, -sum(cents) AS cents FROM balance WHERE cents < 0 GROUP BY invoice_id
), item AS (
    SELECT account_id, invoice_id, product_id, cents,
           sum(cents) OVER (PARTITION BY invoice_id ORDER BY product_id NULLS FIRST) AS upto
    FROM balance WHERE cents > 0
)
INSERT INTO billing_ledgertransfer (posted_on, kind, debit, credit, cents, account_id, invoice_id, product_id)
SELECT %(posted_on)s, 'credit', 'receivable', 'unapplied', -cents, account_id, invoice_id, product_id
FROM balance WHERE cents < 0
UNION ALL
SELECT %(posted_on)s, 'credit', 'unapplied', 'receivable', least(item.cents, spare.cents - (upto - item.cents)),
       account_id, invoice_id, product_id
FROM item JOIN spare USING (invoice_id) WHERE spare.cents > upto - item.cents
"""


def settle(cursor: CursorWrapper, *, invoices: str, posted_on: dt.date) -> allocation.Allocated:
    """Use the credits of just made invoices, and what the accounts have unapplied, oldest open item first.

    `invoices` names a temporary table `(invoice_id, account_id)` of invoices whose receivables stand in the ledger;
    the accounts are locked. Every invoice afterwards is open for 0 or more on each product.
    """
    cursor.execute(_NET.format(invoices=invoices), {"posted_on": posted_on})
    return allocation.apply_unapplied(cursor, accounts=invoices, posted_on=posted_on)
