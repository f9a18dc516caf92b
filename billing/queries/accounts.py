"""What a payer sees of its bill accounts: invoices with what is open, under way or paid on each, and fees."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db import connection

from billing.enums import PENDING, InvoiceKind, InvoiceRule, LedgerAccount
from billing.models import BillAccount, Invoice
from billing.rules import schedule
from billing.rules.allocation import ItemKind, OpenItem
from portals.page_cache import once_per_page
from portals.plan import periods
from portals.scope import Scope


class State(StrEnum):
    """What is to be said of an invoice, from the ledger."""

    OPEN = "open"
    PROCESSING = "processing"
    PAID = "paid"
    NOTHING = "nothing"  # no charge, or a credit
    VOID = "void"


@dataclass(frozen=True, slots=True)
class InvoiceRow:
    """`open_cents` can be paid now; `processing_cents` is under way and expected to be paid on `expected_date`."""

    id: int
    number: str
    account_id: int
    account_number: str
    account_name: str
    period: dt.date
    issue_date: dt.date
    due_date: dt.date
    grace_ends: dt.date
    total_cents: int
    open_cents: int
    processing_cents: int
    expected_date: dt.date | None
    paid_date: dt.date | None
    void: bool

    @property
    def state(self) -> State:
        if self.void:
            return State.VOID
        if self.open_cents > 0:
            return State.OPEN
        if self.processing_cents > 0:
            return State.PROCESSING
        return State.PAID if self.total_cents > 0 else State.NOTHING

    @property
    def shown_cents(self) -> int:
        """What a list says of it: what is still to pay, else what it came to."""
        return self.open_cents if self.state is State.OPEN else self.total_cents


@dataclass(frozen=True, slots=True)
class AccountRow:
    """`payable_cents` is what may be paid now: own charges, retro and fees, less what is applied or under way."""

    id: int
    number: str
    name: str
    cobra: bool
    payable_cents: int
    fee_cents: int
    processing_cents: int
    unapplied_cents: int
    due_day: int
    next_invoice_date: dt.date


@dataclass(frozen=True, slots=True)
class Items:
    """Open items of one account in the order in which they are paid, with the numbers of their invoices."""

    items: tuple[OpenItem, ...]
    invoice_numbers: Mapping[int, str]

    @property
    def payable_cents(self) -> int:
        return max(0, sum(item.open_cents for item in self.items))


ItemId = tuple[int | None, int | None]  # invoice, product; a fee has no product

_ITEMS = """
SELECT t.account_id, t.invoice_id, t.product_id, i.number, coalesce(i.due_date, min(t.posted_on)),
       t.invoice_id IS NULL OR (t.product_id IS NULL AND i.kind <> %(opening)s),
       sum(CASE WHEN t.debit = %(receivable)s THEN t.cents ELSE -t.cents END)
FROM billing_ledgertransfer t LEFT JOIN billing_invoice i ON i.id = t.invoice_id
WHERE t.account_id = ANY(%(accounts)s) AND %(receivable)s IN (t.debit, t.credit)
GROUP BY t.account_id, t.invoice_id, t.product_id, i.number, i.due_date, i.kind
HAVING sum(CASE WHEN t.debit = %(receivable)s THEN t.cents ELSE -t.cents END) <> 0
"""

_INVOICES = """
SELECT i.id, i.number, a.id, a.number, a.name, i.period, i.issue_date, i.due_date, i.grace_ends, i.total_cents,
       greatest(coalesce(r.open, 0), 0)::bigint, coalesce(r.processing, 0)::bigint, r.expected, r.paid,
       v.id IS NOT NULL
FROM billing_invoice i
JOIN billing_billaccount a ON a.id = i.account_id
LEFT JOIN billing_invoicevoid v ON v.invoice_id = i.id
LEFT JOIN LATERAL (
    SELECT sum(CASE WHEN t.debit = %(receivable)s THEN t.cents ELSE -t.cents END) AS open,
           sum(t.cents) FILTER (WHERE t.credit = %(receivable)s AND p.status = ANY(%(pending)s)) AS processing,
           max(p.paid_date) FILTER (WHERE t.credit = %(receivable)s AND p.status = ANY(%(pending)s)) AS expected,
           max(coalesce(p.paid_date, t.posted_on)) FILTER (
               WHERE t.credit = %(receivable)s AND (p.id IS NULL OR p.status = 'paid')) AS paid
    FROM billing_ledgertransfer t LEFT JOIN billing_payment p ON p.id = t.payment_id
    WHERE t.account_id = i.account_id AND t.invoice_id = i.id AND %(receivable)s IN (t.debit, t.credit)
) r ON true
WHERE i.issued_at IS NOT NULL
  AND i.account_id IN (SELECT h.account_id FROM billing_accountaccess h WHERE h.holder = %(holder)s)
ORDER BY i.due_date DESC, a.number, i.number DESC
"""

_BALANCES = """
SELECT a.id, a.number, a.name, a.cobra,
       coalesce(r.open, 0)::bigint, coalesce(r.fees, 0)::bigint, coalesce(r.processing, 0)::bigint,
       coalesce(r.unapplied, 0)::bigint, a.due_day, a.invoice_rule, a.invoice_day, a.billed_from,
       EXISTS (SELECT 1 FROM billing_invoice i WHERE i.account_id = a.id AND i.issued_at IS NOT NULL)
FROM billing_billaccount a
JOIN billing_accountaccess h ON h.account_id = a.id AND h.holder = %(holder)s
LEFT JOIN LATERAL (
    SELECT sum(CASE WHEN t.debit = %(receivable)s THEN t.cents ELSE -t.cents END)
               FILTER (WHERE %(receivable)s IN (t.debit, t.credit)) AS open,
           sum(CASE WHEN t.debit = %(receivable)s THEN t.cents ELSE -t.cents END)
               FILTER (WHERE t.invoice_id IS NULL AND %(receivable)s IN (t.debit, t.credit)) AS fees,
           sum(CASE WHEN t.debit = %(transit)s THEN t.cents ELSE -t.cents END)
               FILTER (WHERE %(transit)s IN (t.debit, t.credit) AND t.kind <> 'settlement'
                       AND p.status = ANY(%(pending)s)) AS processing,
           sum(CASE WHEN t.credit = %(unapplied)s THEN t.cents ELSE -t.cents END)
               FILTER (WHERE %(unapplied)s IN (t.debit, t.credit)) AS unapplied
    FROM billing_ledgertransfer t LEFT JOIN billing_payment p ON p.id = t.payment_id
    WHERE t.account_id = a.id
) r ON true
ORDER BY a.number
"""


def _rows(sql: str, **values: str | list[int]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(
            sql,
            {
                "receivable": LedgerAccount.RECEIVABLE.value,
                "transit": LedgerAccount.IN_TRANSIT.value,
                "unapplied": LedgerAccount.UNAPPLIED.value,
                "opening": InvoiceKind.OPENING.value,
                "pending": [status.value for status in PENDING],
                **values,
            },
        )
        return list(cursor.fetchall())


def open_items(account_ids: Iterable[int]) -> dict[int, Items]:
    """What is open on each of these accounts, credits included (below 0). The caller has locked or scoped them."""
    wanted = list(account_ids)
    found: dict[int, list[OpenItem]] = {account: [] for account in wanted}
    numbers: dict[int, dict[int, str]] = {account: {} for account in wanted}
    for account, invoice, product, number, due, is_fee, cents in _rows(_ITEMS, accounts=wanted):
        kind = ItemKind.FEE if is_fee else ItemKind.PREMIUM
        item_id: ItemId = (invoice, product)
        found[account].append(OpenItem(item_id, kind, due, int(cents), (invoice or 0) * 10**9 + (product or 0)))
        if invoice is not None and number:
            numbers[account][invoice] = number
    return {
        account: Items(
            tuple(sorted(items, key=lambda item: (item.kind is ItemKind.FEE, item.due_date, item.sequence))),
            numbers[account],
        )
        for account, items in found.items()
    }


def invoices(scope: Scope) -> list[InvoiceRow]:
    """The holder's issued invoices, latest due first. One query."""
    return [InvoiceRow(*row) for row in _rows(_INVOICES, holder=str(scope.party or ""))]


def accounts(scope: Scope, *, as_of: dt.date) -> list[AccountRow]:
    """The holder's bill accounts by number with what may be paid on each. One query."""
    found: list[AccountRow] = []
    for values in _rows(_BALANCES, holder=str(scope.party or "")):
        row_id, number, name, cobra, opened, fees, processing, unapplied, due_day, rule, day, billed_from, any_yet = (
            values
        )
        timing = BillAccount(due_day=due_day, invoice_rule=rule, invoice_day=day, billed_from=billed_from)
        found.append(
            AccountRow(
                id=row_id,
                number=number,
                name=name,
                cobra=cobra,
                payable_cents=max(0, opened),
                fee_cents=fees,
                processing_cents=processing,
                unapplied_cents=unapplied,
                due_day=due_day,
                next_invoice_date=next_invoice_date(timing, as_of=as_of, any_yet=any_yet),
            )
        )
    return found


@once_per_page
def has_invoice(scope: Scope) -> bool:
    """Is eBilling open to this payer? It is from its first issued invoice on (E4, B9)."""
    return Invoice.objects.visible_to(scope).filter(issued_at__isnull=False).exists()


def first_invoice_date(scope: Scope, *, as_of: dt.date) -> dt.date | None:
    """When the first invoice of a payer without any will be made; None while it has no bill account."""
    rows = BillAccount.objects.visible_to(scope)
    return min((next_invoice_date(row, as_of=as_of, any_yet=False) for row in rows), default=None)


def next_invoice_date(account: BillAccount, *, as_of: dt.date, any_yet: bool) -> dt.date:
    """The day on which the next invoice of the account is made; today where the first one is late."""
    rule: schedule.GenerationRule
    if account.invoice_rule == InvoiceRule.DAYS_BEFORE_DUE:
        rule = schedule.DaysBeforeDue(account.invoice_day)
    else:
        rule = schedule.FixedDay(account.invoice_day)
    if not any_yet:
        return max(as_of, schedule.generation_date(account.billed_from, rule, account.due_day))
    made_until = schedule.invoice_period(as_of, rule, account.due_day)
    period = max(account.billed_from, periods.add_months(made_until, 1))
    return schedule.generation_date(period, rule, account.due_day)
