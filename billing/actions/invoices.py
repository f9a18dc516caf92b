"""An issued invoice never changes; on its own day, unseen and unpaid, it may be voided."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from django.db import connection, transaction

from audit import actions as audit
from audit.enums import OPENING, Kind
from billing import locks
from billing.enums import InvoiceKind, LedgerAccount
from billing.models import DirtyAccount, Invoice, InvoiceVoid, LedgerTransfer
from portals.scope import Portal, Scope


class VoidProblem(StrEnum):
    """Why an invoice stays; the next one repairs it instead."""

    NOT_ISSUED = "not_issued"
    VOID_ALREADY = "void_already"
    NOT_TODAY = "not_today"
    SEEN = "seen"  # someone outside the plan has opened it
    PAID = "paid"  # money or a credit went to it, or its credit went to another


class VoidRefused(Exception):
    def __init__(self, problem: VoidProblem) -> None:
        super().__init__(problem.value)
        self.problem = problem


# Pages that show an invoice name it in the detail of their audit row.
_SEEN = """
SELECT EXISTS (SELECT 1 FROM audit_event
               WHERE recorded_at >= %s AND kind = ANY(%s) AND portal <> ALL(%s)
               AND (detail->>'invoice' = %s OR jsonb_exists(detail->'invoices', %s)))
"""

_UNDO = """
INSERT INTO billing_ledgertransfer (posted_on, kind, debit, credit, cents, account_id, invoice_id, product_id)
SELECT %s, 'issue', credit, debit, cents, account_id, invoice_id, product_id
FROM billing_ledgertransfer WHERE account_id = %s AND invoice_id = %s AND kind = 'issue'
"""


def void(*, invoice_id: int, reason: str, as_of: dt.date, by: Scope) -> InvoiceVoid:
    """Take back an invoice of this business day that nobody has seen or paid. It keeps its number and its lines; its
    charges are reversed, and the account is billed anew, under a new number, by the next day's run.

    Raises `VoidRefused`, and `Invoice.DoesNotExist` outside the scope.
    """
    with transaction.atomic():
        invoice = Invoice.objects.visible_to(by).get(pk=invoice_id)
        locks.accounts([invoice.account_id])
        problem = _problem(invoice, as_of)
        if problem:
            raise VoidRefused(problem)
        with connection.cursor() as cursor:
            cursor.execute(_UNDO, [as_of, invoice.account_id, invoice.pk])
        made = InvoiceVoid.objects.create(invoice=invoice, by=by.actor, reason=reason)
        # What the run took off the list of changed accounts is on it again.
        assert invoice.run is not None
        DirtyAccount.objects.create(account_id=invoice.account_id, since=invoice.period, at=invoice.run.cutoff)
        audit.record(
            kind=Kind.DELETE,
            action="billing.invoices.void",
            object_kind="invoice",
            object_id=invoice.number or "",
            subjects=[("account", invoice.account_id)],
            **by.audit(),
        )
    return made


def _problem(invoice: Invoice, as_of: dt.date) -> VoidProblem | None:
    if invoice.issued_at is None or invoice.kind != InvoiceKind.PREMIUM:
        return VoidProblem.NOT_ISSUED
    if InvoiceVoid.objects.filter(invoice=invoice).exists():
        return VoidProblem.VOID_ALREADY
    if invoice.issue_date != as_of:
        return VoidProblem.NOT_TODAY
    moved = LedgerTransfer.objects.filter(account_id=invoice.account_id, invoice=invoice)
    if moved.exclude(kind="issue").exists() or moved.filter(credit=LedgerAccount.RECEIVABLE).exists():
        return VoidProblem.PAID
    with connection.cursor() as cursor:
        inside = [Portal.DESK.value, Portal.SYSTEM.value]
        cursor.execute(
            _SEEN, [invoice.issued_at, [kind.value for kind in OPENING], inside, invoice.number, invoice.number]
        )
        (seen,) = cursor.fetchone()
    return VoidProblem.SEEN if seen else None
