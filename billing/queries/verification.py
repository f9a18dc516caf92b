"""What no constraint can say of so many rows: do lines, invoices, ledger and number series agree?"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from portals.scope import Scope

EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """A check that failed, how often, and a few examples (invoice numbers, account numbers or keys; no person)."""

    check: str
    count: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BillingReport:
    invoices: int
    lines: int
    transfers: int
    findings: tuple[Finding, ...]


# Each answers one row per finding: its name.
CHECKS = {
    "line without its invoice": """
        SELECT 'line ' || line.id FROM billing_invoiceline line
        LEFT JOIN billing_invoice invoice ON invoice.id = line.invoice_id AND invoice.account_id = line.account_id
             AND line.issue_month = date_trunc('month', invoice.issue_date)::date
        WHERE invoice.id IS NULL""",
    "line without its product": """
        SELECT 'line ' || line.id FROM billing_invoiceline line
        LEFT JOIN billing_ratedproduct product ON product.id = line.product_id WHERE product.id IS NULL""",
    "line without a segment": """
        SELECT DISTINCT 'contract ' || line.contract FROM billing_invoiceline line
        LEFT JOIN billing_billablesegment segment
             ON segment.account_id = line.account_id AND segment.contract = line.contract
        WHERE segment.id IS NULL""",
    "invoice that is not its lines": """
        SELECT coalesce(invoice.number, 'invoice ' || invoice.id)
        FROM billing_invoice invoice
        LEFT JOIN (SELECT invoice_id, count(*) AS lines,
                          coalesce(sum(cents) FILTER (WHERE kind = 'current'), 0) AS current_cents,
                          coalesce(sum(cents) FILTER (WHERE kind = 'retro'), 0) AS retro_cents
                   FROM billing_invoiceline GROUP BY invoice_id) AS line ON line.invoice_id = invoice.id
        WHERE invoice.kind = 'premium'
          AND (coalesce(line.lines, 0), coalesce(line.current_cents, 0), coalesce(line.retro_cents, 0))
              <> (invoice.lines_count, invoice.current_cents, invoice.retro_cents)""",
    "invoice that is not its transfers": """
        SELECT coalesce(invoice.number, 'invoice ' || invoice.id)
        FROM billing_invoice invoice
        LEFT JOIN billing_invoicevoid void ON void.invoice_id = invoice.id
        LEFT JOIN (SELECT invoice_id, sum(CASE debit WHEN 'receivable' THEN cents ELSE -cents END) AS cents
                   FROM billing_ledgertransfer
                   WHERE kind IN ('issue', 'opening') AND 'receivable' IN (debit, credit) GROUP BY invoice_id
        ) AS moved ON moved.invoice_id = invoice.id
        WHERE coalesce(moved.cents, 0) <> CASE WHEN void.id IS NULL THEN invoice.total_cents ELSE 0 END""",
    "product of an invoice that is not its transfers": """
        SELECT coalesce(invoice.number, 'invoice ' || invoice.id) FROM (
            SELECT coalesce(line.invoice_id, moved.invoice_id) AS invoice_id
            FROM (SELECT invoice_id, product_id, sum(cents) AS cents FROM billing_invoiceline GROUP BY 1, 2) AS line
            FULL JOIN (
                SELECT transfer.invoice_id, transfer.product_id,
                       sum(CASE debit WHEN 'receivable' THEN transfer.cents ELSE -transfer.cents END) AS cents
                FROM billing_ledgertransfer transfer
                WHERE transfer.kind = 'issue' AND 'receivable' IN (debit, credit) GROUP BY 1, 2
            ) AS moved ON moved.invoice_id = line.invoice_id AND moved.product_id = line.product_id
            WHERE coalesce(line.cents, 0) <> coalesce(moved.cents, 0)
        ) AS differing
        JOIN billing_invoice invoice ON invoice.id = differing.invoice_id
        WHERE NOT EXISTS (SELECT 1 FROM billing_invoicevoid void WHERE void.invoice_id = invoice.id)""",
    "invoice open for less than nothing or more than its total": """
        SELECT coalesce(invoice.number, 'invoice ' || invoice.id)
        FROM billing_invoice invoice
        JOIN (SELECT invoice_id, sum(CASE debit WHEN 'receivable' THEN cents ELSE -cents END) AS cents
              FROM billing_ledgertransfer WHERE 'receivable' IN (debit, credit) GROUP BY invoice_id
        ) AS balance ON balance.invoice_id = invoice.id
        WHERE balance.cents NOT BETWEEN 0 AND greatest(invoice.total_cents, 0)""",
    "account with a receivable or unapplied money below nothing": """
        SELECT account.number FROM billing_billaccount account
        JOIN (SELECT account_id,
                     sum(CASE WHEN debit = 'receivable' THEN cents WHEN credit = 'receivable' THEN -cents END) AS open,
                     sum(CASE WHEN credit = 'unapplied' THEN cents WHEN debit = 'unapplied' THEN -cents END) AS spare
              FROM billing_ledgertransfer GROUP BY account_id
        ) AS balance ON balance.account_id = account.id
        WHERE balance.open < 0 OR balance.spare < 0""",
    "share of a payment that is not allocated": """
        SELECT 'payment ' || payment.id FROM billing_payment payment
        JOIN billing_paymentshare share ON share.payment_id = payment.id
        LEFT JOIN (SELECT payment_id, account_id,
                          sum(CASE WHEN credit IN ('receivable', 'unapplied') THEN cents ELSE 0 END
                              - CASE WHEN debit IN ('receivable', 'unapplied') THEN cents ELSE 0 END) AS cents
                   FROM billing_ledgertransfer WHERE payment_id IS NOT NULL AND kind <> 'fee' GROUP BY 1, 2
        ) AS moved ON moved.payment_id = payment.id AND moved.account_id = share.account_id
        WHERE coalesce(moved.cents, 0)
              <> CASE WHEN payment.status IN ('returned', 'canceled') THEN 0 ELSE share.cents END""",
    "gap or stranger in a number series": """
        SELECT 'series ' || series.year FROM billing_invoiceseries series
        LEFT JOIN (SELECT extract(year FROM period)::int AS year, count(*) AS count,
                          min(substring(number FROM '[0-9]+$')::bigint) AS least,
                          max(substring(number FROM '[0-9]+$')::bigint) AS greatest
                   FROM billing_invoice WHERE number ~ '^INV-[0-9]{4}-[0-9]+$' GROUP BY 1
        ) AS given ON given.year = series.year
        WHERE (coalesce(given.count, 0), coalesce(given.greatest, 0)) <> (series.last, series.last)
              OR coalesce(given.least, 1) <> 1""",
    "invoice without number or issue": """
        SELECT 'invoice ' || id FROM billing_invoice
        WHERE kind = 'premium' AND (number IS NULL OR issued_at IS NULL)""",
    "two live invoices of an account and month": """
        SELECT account.number || ' ' || to_char(live.period, 'YYYY-MM')
        FROM billing_invoice live JOIN billing_billaccount account ON account.id = live.account_id
        WHERE live.kind = 'premium'
          AND NOT EXISTS (SELECT 1 FROM billing_invoicevoid void WHERE void.invoice_id = live.id)
        GROUP BY account.number, live.period HAVING count(*) > 1""",
    "contract, product and month billed twice": """
        SELECT account.number || ' ' || to_char(line.month, 'YYYY-MM')
        FROM billing_invoiceline line
        JOIN billing_billaccount account ON account.id = line.account_id
        WHERE line.kind = 'current'
          AND NOT EXISTS (SELECT 1 FROM billing_invoicevoid void WHERE void.invoice_id = line.invoice_id)
        GROUP BY account.number, line.account_id, line.contract, line.product_id, line.month,
                 CASE account.proration WHEN 'daily' THEN line.price_key END
        HAVING count(*) > 1""",
}


def verify(scope: Scope) -> BillingReport:
    """Every check over all rows; the scope must see them all (`scopes.entered(system, bulk=True)`)."""
    if scope.portal != "system":
        raise PermissionError("only the system sees all rows")
    findings = []
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '64MB'; SET LOCAL jit = off")
        for check, sql in CHECKS.items():
            cursor.execute(
                f"SELECT count(*), (array_agg(name ORDER BY name))[1:{EXAMPLES}] FROM ({sql}) AS found(name)"  # noqa: S608 - own texts
            )
            count, examples = cursor.fetchone()
            if count:
                findings.append(Finding(check, count, tuple(examples)))
        cursor.execute(
            "SELECT (SELECT count(*) FROM billing_invoice), (SELECT count(*) FROM billing_invoiceline),"
            " (SELECT count(*) FROM billing_ledgertransfer)"
        )
        invoices, lines, transfers = cursor.fetchone()
    return BillingReport(invoices, lines, transfers, tuple(findings))
