"""Payments of a payer, its bank accounts, and whether the terms are accepted."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, field

from django.db import connection

from billing.enums import PENDING, PaymentStatus
from billing.models import BankAccount, Payment, TermsAcceptance
from billing.queries import accounts
from billing.rules import terms
from billing.rules.allocation import Share, allocate
from portals.scope import Scope


@dataclass(frozen=True, slots=True)
class BankRow:
    """A bank account as it is shown: never its numbers."""

    uuid: uuid.UUID
    nickname: str
    last_four: str
    kind: str
    shared: bool
    added_at: dt.datetime

    @property
    def label(self) -> str:
        return f"{self.nickname} ····{self.last_four}"


@dataclass(frozen=True, slots=True)
class Part:
    """What a payment paid: an invoice's number, or nothing for a fee."""

    account_name: str
    invoice_number: str
    cents: int


@dataclass(frozen=True, slots=True)
class PaymentRow:
    uuid: uuid.UUID
    id: int
    status: PaymentStatus
    cents: int
    accepted_at: dt.datetime
    file_date: dt.date
    settle_date: dt.date
    paid_date: dt.date
    returned_on: dt.date | None
    return_code: str
    bank_label: str
    by: str
    acting: bool
    shares: tuple[tuple[str, int], ...] = field(default=())

    @property
    def pending(self) -> bool:
        return self.status in PENDING


def payments(scope: Scope, *, only: uuid.UUID | None = None) -> list[PaymentRow]:
    """The payer's payments, latest first. Two queries."""
    rows = Payment.objects.visible_to(scope).select_related("bank_account").prefetch_related("shares__account")
    if only is not None:
        rows = rows.filter(uuid=only)
    return [
        PaymentRow(
            uuid=row.uuid,
            id=row.pk,
            status=PaymentStatus(row.status),
            cents=row.cents,
            accepted_at=row.accepted_at,
            file_date=row.file_date,
            settle_date=row.settle_date,
            paid_date=row.paid_date,
            returned_on=row.returned_on,
            return_code=row.return_code,
            bank_label=_bank_label(scope, row.bank_account),
            by=row.by,
            acting=bool(row.acting_for),
            shares=tuple((share.account.name, share.cents) for share in row.shares.all()),
        )
        for row in rows.order_by("-accepted_at", "-id")
    ]


def _bank_label(scope: Scope, account: BankAccount) -> str:
    """A producer acting knows of an account only what was shared with it (rulings 11)."""
    if scope.acting_for is not None and not account.shared_with_producers:
        return "····"
    return f"{account.nickname} ····{account.last_four}"


_PARTS = """
SELECT a.name, coalesce(i.number, ''), sum(t.cents)::bigint
FROM billing_ledgertransfer t
JOIN billing_billaccount a ON a.id = t.account_id
LEFT JOIN billing_invoice i ON i.id = t.invoice_id
WHERE t.payment_id = %s AND t.kind = 'allocation' AND t.debit = 'in_transit'
GROUP BY a.name, a.number, i.number, i.due_date ORDER BY a.number, i.due_date NULLS LAST
"""


def parts(payment_id: int) -> list[Part]:
    """What a payment was applied to when it was accepted, oldest first in each account."""
    with connection.cursor() as cursor:
        cursor.execute(_PARTS, [payment_id])
        return [Part(*row) for row in cursor.fetchall()]


def preview(shares: dict[int, int]) -> dict[int, list[tuple[str, int]]]:
    """Account to (invoice number or nothing for a fee, cents) that paying these shares now would pay, in order."""
    found: dict[int, list[tuple[str, int]]] = {}
    for account, opened in accounts.open_items(shares).items():
        allocation = allocate((item for item in opened.items if item.open_cents > 0), shares[account])
        by_number: dict[str, int] = {}
        for share in allocation.shares:
            number = _number(share, opened)
            by_number[number] = by_number.get(number, 0) + share.cents
        found[account] = list(by_number.items())
    return found


def _number(share: Share, opened: accounts.Items) -> str:
    assert isinstance(share.item_id, tuple)
    invoice, _product = share.item_id
    return opened.invoice_numbers.get(invoice, "")


def bank_accounts(scope: Scope) -> list[BankRow]:
    """What can be paid from: the payer's live accounts; for someone acting, the shared ones only."""
    rows = BankAccount.objects.visible_to(scope).filter(ended_at=None).order_by("-added_at", "-id")
    if scope.acting_for is not None:
        rows = rows.filter(shared_with_producers=True)
    return [
        BankRow(row.uuid, row.nickname, row.last_four, row.get_kind_display(), row.shared_with_producers, row.added_at)
        for row in rows
    ]


def terms_accepted(scope: Scope) -> bool:
    """Has this person accepted the terms in force for this payer?"""
    return TermsAcceptance.objects.filter(
        user_id=scope.user_id or 0, holder=str(scope.party or ""), version=terms.VERSION
    ).exists()
