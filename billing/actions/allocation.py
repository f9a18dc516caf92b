"""Where money goes, set-based: the SQL twin of `billing.rules.allocation` for any number of accounts at once.

How the ledger speaks:

- A *receivable item* is (account, invoice, product); what is open on it is its debits minus its credits on
  `RECEIVABLE`. Opening balances are invoices of that kind. Fees have no invoice and no product: one item an account.
- Every transfer that a payment causes carries the payment, also when its rest lies on `UNAPPLIED` and is used later.
  So a return takes back, by (account, invoice, product), the payment's credits minus debits on `RECEIVABLE`, and by
  account those on `UNAPPLIED`. A fee for a return is not part of the payment and does not carry it.
- `UNAPPLIED` is kept by (account, payment); without a payment it is the credit of a net-negative invoice.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import connection
from django.db.backends.utils import CursorWrapper

from billing.enums import LedgerAccount, TransferKind

_ALLOCATE = """
WITH credit AS MATERIALIZED (
    SELECT account_id, payment_id, cents,
           sum(cents) OVER (PARTITION BY account_id ORDER BY payment_id NULLS FIRST) AS upto
    FROM (SELECT account_id, payment_id, sum(cents) AS cents FROM {credits} GROUP BY account_id, payment_id) AS given
), item AS MATERIALIZED (
    SELECT account_id, invoice_id, product_id, cents,
           sum(cents) OVER (PARTITION BY account_id
                            ORDER BY invoice_id IS NULL, due_date, invoice_id, product_id NULLS FIRST) AS upto
    FROM (
        SELECT moved.account_id, moved.invoice_id, moved.product_id, invoice.due_date,
               sum(CASE moved.debit WHEN 'receivable' THEN moved.cents ELSE -moved.cents END) AS cents
        FROM billing_ledgertransfer moved
        LEFT JOIN billing_invoice invoice ON invoice.id = moved.invoice_id
        WHERE moved.account_id IN (SELECT account_id FROM {credits}) AND 'receivable' IN (moved.debit, moved.credit)
        GROUP BY moved.account_id, moved.invoice_id, moved.product_id, invoice.due_date
    ) AS balance
    WHERE cents > 0
), share AS MATERIALIZED (
    SELECT account_id, payment_id, item.invoice_id, item.product_id,
           least(credit.upto, item.upto) - greatest(credit.upto - credit.cents, item.upto - item.cents) AS cents
    FROM credit JOIN item USING (account_id)
    WHERE credit.upto - credit.cents < item.upto AND item.upto - item.cents < credit.upto
), rest AS (
    SELECT credit.account_id, payment_id,
           credit.cents - greatest(0, least(upto, coalesce(item.cents, 0)) - (upto - credit.cents)) AS cents
    FROM credit LEFT JOIN (SELECT account_id, sum(cents) AS cents FROM item GROUP BY account_id) AS item
         ON item.account_id = credit.account_id
), posted AS (
    INSERT INTO billing_ledgertransfer
        (posted_on, kind, debit, credit, cents, account_id, invoice_id, product_id, payment_id)
    SELECT %(posted_on)s, %(kind)s, %(debit)s, 'receivable', cents, account_id, invoice_id, product_id, payment_id
    FROM share
    UNION ALL
    SELECT %(posted_on)s, %(kind)s, %(debit)s, 'unapplied', cents, account_id, NULL, NULL, payment_id
    FROM rest WHERE cents > 0 AND %(debit)s <> 'unapplied'
)
SELECT (SELECT coalesce(sum(cents), 0) FROM share)::bigint, (SELECT coalesce(sum(cents), 0) FROM credit)::bigint
"""

_UNAPPLIED = """
CREATE TEMPORARY TABLE unapplied_credit ON COMMIT DROP AS
SELECT account_id, payment_id,
       sum(CASE credit WHEN 'unapplied' THEN cents ELSE -cents END)::bigint AS cents
FROM billing_ledgertransfer
WHERE account_id IN (SELECT account_id FROM {accounts}) AND 'unapplied' IN (debit, credit)
GROUP BY account_id, payment_id
HAVING sum(CASE credit WHEN 'unapplied' THEN cents ELSE -cents END) > 0
"""


@dataclass(frozen=True, slots=True)
class Allocated:
    """Cents that went to open items and cents that found none."""

    applied_cents: int
    unapplied_cents: int


def allocate(
    cursor: CursorWrapper,
    *,
    credits: str,
    debit: LedgerAccount,
    posted_on: dt.date,
    kind: TransferKind = TransferKind.ALLOCATION,
) -> Allocated:
    """Post money to the open items of its accounts: premium before fees, oldest due first, then the earlier invoice
    and product; what is left over goes to `UNAPPLIED` (and stays there if it came from there).

    `credits` names a temporary table with `account_id bigint`, `payment_id bigint` (NULL: no payment) and
    `cents bigint` > 0; rows of one account and payment are added up, several payments of one account are used in the
    order of their ids. `debit` is where the money comes from: `IN_TRANSIT` for an ACH debit at acceptance, `CASH` for
    a check or wire, `UNAPPLIED`. `posted_on` is the business date.

    The caller holds the accounts' rows (`FOR NO KEY UPDATE`, in key order) in this transaction, or two payments could
    take the same item; and its scope sees all rows of these accounts.
    """
    cursor.execute(
        _ALLOCATE.format(credits=connection.ops.quote_name(credits)),
        {"posted_on": posted_on, "kind": kind.value, "debit": debit.value},
    )
    applied, given = cursor.fetchone()
    return Allocated(applied, given - applied)


def apply_unapplied(cursor: CursorWrapper, *, accounts: str, posted_on: dt.date) -> Allocated:
    """Use what lies unapplied for the open items of the accounts in the temporary table `accounts (account_id)`.
    Each cent keeps the payment that it came from. Locks as in `allocate`."""
    cursor.execute(_UNAPPLIED.format(accounts=connection.ops.quote_name(accounts)))
    found = cursor.rowcount
    done = Allocated(0, 0)
    if found:
        done = allocate(
            cursor,
            credits="unapplied_credit",
            debit=LedgerAccount.UNAPPLIED,
            posted_on=posted_on,
            kind=TransferKind.CREDIT,
        )
    cursor.execute("DROP TABLE unapplied_credit")
    return done
