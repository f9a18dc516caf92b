"""Paying: one ACH debit for shares of one or more bill accounts, and each change of a payment's status."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Collection, Mapping
from enum import StrEnum

from django.db import connection, transaction

from audit import actions as audit
from audit.enums import Kind, Outcome
from billing import locks
from billing.actions import allocation
from billing.enums import PAYMENT_TRANSITIONS, LedgerAccount, PaymentStatus, TransferKind
from billing.files.nacha.records import MAX_CENTS
from billing.models import (
    BankAccount,
    BillAccount,
    Payment,
    PaymentEvent,
    PaymentShare,
    TermsAcceptance,
)
from billing.queries import accounts
from billing.rules import schedule, terms
from portals.plan import clock, periods
from portals.plan.brand import brand
from portals.scope import PartyRef, Scope


class PaymentProblem(StrEnum):
    """Why a payment is refused; the words live with the pages."""

    NOTHING = "nothing"  # no share, or one that is not above 0
    TERMS = "terms"  # this person has not accepted the terms in force for this holder
    BANK_ACCOUNT = "bank_account"  # ended, or not the holder's
    NOT_SHARED = "not_shared"  # acting, and the holder has not shared this bank account
    TOO_MUCH = "too_much"  # more than what may be paid now: it is paid, or a payment is under way
    TOO_LARGE = "too_large"  # more than one ACH entry carries
    KEY_REUSED = "key_reused"  # the key of another payment with other content


class PaymentRefused(ValueError):
    def __init__(self, problem: PaymentProblem) -> None:
        super().__init__(problem.value)
        self.problem = problem


class CannotCancel(ValueError):
    """The payment is in a bank file, or its cut-off is over, or someone else made it for the holder."""


class NotAllowed(ValueError):
    """The table of transitions does not know this change."""


def pay(
    *,
    by: Scope,
    shares: Mapping[int, int],
    bank_account: uuid.UUID,
    idempotency_key: str,
    at: dt.datetime | None = None,
) -> Payment:
    """Take `shares` (bill account to cents) from one bank account as one ACH entry.

    Each share is at most what may be paid on its account now (own charges + retro + fees - applied - under way), pays
    its oldest premium first and fees last. The same key again is the same payment; with other content it is refused.
    Raises `PaymentRefused`, whose audit row outlives the refusal, and BillAccount.DoesNotExist out of scope.
    """
    assert by.party is not None
    try:
        with transaction.atomic():
            return _pay(by, dict(shares), bank_account, _stored_key(by, idempotency_key), at or clock.now())
    except PaymentRefused as refused:
        audit.record(
            kind=Kind.DENIAL,
            action="billing.pay",
            outcome=Outcome.REFUSED,
            subjects=[(by.party.kind, by.party.id)],
            detail={"problem": refused.problem.value},
            **by.audit(),
        )
        raise


def _pay(by: Scope, shares: dict[int, int], bank_account: uuid.UUID, key: str, at: dt.datetime) -> Payment:
    assert by.user_id is not None and by.party is not None
    if not shares or min(shares.values()) <= 0:
        raise PaymentRefused(PaymentProblem.NOTHING)
    _one_at_a_time(key)
    if BillAccount.objects.visible_to(by).filter(pk__in=shares).count() != len(shares):
        raise BillAccount.DoesNotExist
    locks.accounts(shares)
    before = Payment.objects.filter(idempotency_key=key).select_related("bank_account").first()
    if before is not None:
        if dict(before.shares.values_list("account_id", "cents")) != shares or before.bank_account.uuid != bank_account:
            raise PaymentRefused(PaymentProblem.KEY_REUSED)
        return before
    if not TermsAcceptance.objects.filter(user_id=by.user_id, holder=str(by.party), version=terms.VERSION).exists():
        raise PaymentRefused(PaymentProblem.TERMS)
    source = BankAccount.objects.visible_to(by).filter(uuid=bank_account, ended_at=None).first()
    if source is None:
        raise PaymentRefused(PaymentProblem.BANK_ACCOUNT)
    if by.acting_for is not None and not source.shared_with_producers:
        raise PaymentRefused(PaymentProblem.NOT_SHARED)
    total = sum(shares.values())
    if total > MAX_CENTS:
        raise PaymentRefused(PaymentProblem.TOO_LARGE)
    opened = accounts.open_items(shares)
    if any(cents > opened[account].payable_cents for account, cents in shares.items()):
        raise PaymentRefused(PaymentProblem.TOO_MUCH)
    days = schedule.ach_dates(at, cut_off())
    payment = Payment.objects.create(
        holder=str(by.party),
        bank_account=source,
        cents=total,
        idempotency_key=key,
        accepted_at=at,
        file_date=days.file_date,
        settle_date=days.settlement_date,
        paid_date=days.paid_date,
        by=by.actor,
        acting_for=str(by.acting_for or ""),
    )
    PaymentShare.objects.bulk_create(
        PaymentShare(payment=payment, account_id=account, cents=cents) for account, cents in sorted(shares.items())
    )
    _allocate(payment, shares, days.accepted_date)
    PaymentEvent.objects.create(payment=payment, status=PaymentStatus.ACCEPTED, by=by.actor, at=at)
    audit.record(
        kind=Kind.CREATE,
        action="billing.pay",
        subjects=[(by.party.kind, by.party.id)],
        object_kind="payment",
        object_id=str(payment.uuid),
        detail={"accounts": sorted(shares), "file_date": days.file_date.isoformat()},
        **by.audit(),
    )
    return payment


def _allocate(payment: Payment, shares: dict[int, int], day: dt.date) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE payment_credit ON COMMIT DROP AS"
            " SELECT account_id, %s::bigint AS payment_id, cents"
            " FROM unnest(%s::bigint[], %s::bigint[]) AS given(account_id, cents)",
            [payment.pk, list(shares), list(shares.values())],
        )
        allocation.allocate(cursor, credits="payment_credit", debit=LedgerAccount.IN_TRANSIT, posted_on=day)
        cursor.execute("DROP TABLE payment_credit")


def cancel(*, by: Scope, payment: uuid.UUID, at: dt.datetime | None = None) -> Payment:
    """Take a submitted payment back before the cut-off of its bank file; its invoices are open again.

    Someone acting for the holder may take back only what they submitted. Raises Payment.DoesNotExist out of scope,
    `CannotCancel`.
    """
    when = at or clock.now()
    with transaction.atomic():
        found = Payment.objects.visible_to(by).get(uuid=payment)
        holder = PartyRef.parse(found.holder)
        locks.accounts(found.shares.values_list("account_id", flat=True))
        (row,) = locks.payments([found.pk])
        if not may_cancel(row, by=by, at=when):
            raise CannotCancel
        reverse([row.pk], kind=TransferKind.ALLOCATION, day=periods.plan_date(when))
        change_status([row.pk], PaymentStatus.CANCELED, by=by, at=when)
        audit.record(
            kind=Kind.CHANGE,
            action="billing.cancel_payment",
            subjects=[(holder.kind, holder.id)],
            object_kind="payment",
            object_id=str(row.uuid),
            **by.audit(),
        )
        row.refresh_from_db()
    return row


def may_cancel(payment: Payment, *, by: Scope, at: dt.datetime) -> bool:
    """Submitted, before the cut-off of its file, and by someone of the holder or by the same acting person."""
    own = by.acting_for is None or payment.by == by.actor
    return payment.status == PaymentStatus.ACCEPTED and at <= cancel_until(payment.file_date) and own


def cancel_until(file_date: dt.date) -> dt.datetime:
    """The last instant in which a payment of that file can be taken back."""
    return dt.datetime.combine(file_date, cut_off(), tzinfo=periods.PLAN_ZONE)


_REVERSE = """
INSERT INTO billing_ledgertransfer
    (posted_on, kind, debit, credit, cents, account_id, invoice_id, product_id, payment_id)
SELECT %(day)s, %(kind)s, given.name,
       CASE WHEN EXISTS (SELECT 1 FROM billing_ledgertransfer s
                         WHERE s.payment_id = given.payment_id AND s.kind = 'settlement')
            THEN 'cash' ELSE 'in_transit' END,
       given.cents, given.account_id, given.invoice_id, given.product_id, given.payment_id
FROM (
    SELECT side.name, t.payment_id, t.account_id,
           CASE side.name WHEN 'receivable' THEN t.invoice_id END AS invoice_id,
           CASE side.name WHEN 'receivable' THEN t.product_id END AS product_id,
           sum(CASE side.name WHEN t.credit THEN t.cents ELSE -t.cents END) AS cents
    FROM billing_ledgertransfer t
    JOIN (VALUES ('receivable'), ('unapplied')) AS side(name) ON side.name IN (t.debit, t.credit)
    WHERE t.payment_id = ANY(%(payments)s)
    GROUP BY 1, 2, 3, 4, 5
) AS given
WHERE given.cents > 0
ORDER BY given.payment_id, given.account_id, given.name, given.invoice_id, given.product_id
"""


def reverse(payment_ids: Collection[int], *, kind: TransferKind, day: dt.date) -> None:
    """Undo what payments paid, each cent back to the same invoice and product or out of the unapplied rest: out of cash
    where the money had settled, else out of what is in transit. The caller holds accounts and payments."""
    with connection.cursor() as cursor:
        cursor.execute(_REVERSE, {"day": day, "kind": kind.value, "payments": list(payment_ids)})


_CHANGE = """
WITH changed AS (
    UPDATE billing_payment SET status = %(status)s
    WHERE id = ANY(%(payments)s) AND status = ANY(%(before)s) RETURNING id)
INSERT INTO billing_paymentevent (payment_id, status, "by", at, note)
SELECT id, %(status)s, %(actor)s, %(at)s, %(note)s FROM changed ORDER BY id
"""


def change_status(
    payment_ids: Collection[int], status: PaymentStatus, *, by: Scope, at: dt.datetime, note: str = ""
) -> None:
    """The one door of a payment's status: allowed by the table, with who, when (business time) and why.

    All of them change or none: raises `NotAllowed`. The caller holds the rows.
    """
    before = [old for old, allowed in PAYMENT_TRANSITIONS.items() if status in allowed]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            _CHANGE,
            {
                "payments": list(payment_ids),
                "status": status.value,
                "before": [str(old) for old in before],
                "actor": by.actor,
                "at": at,
                "note": note,
            },
        )
        if cursor.rowcount != len(set(payment_ids)):
            raise NotAllowed(f"{len(set(payment_ids)) - cursor.rowcount} payments cannot become {status.value}")


def cut_off() -> dt.time:
    """Until when a payment of a banking day is in that day's file (plan's time)."""
    return dt.time.fromisoformat(brand()["ach"]["cut_off"])


def _stored_key(by: Scope, key: str) -> str:
    """Keys are the payer's own: another tenant's equal key is another key."""
    return hashlib.sha256(f"{by.party}|{key}".encode()).hexdigest()


def _one_at_a_time(key: str) -> None:
    """A doubled click waits here for the first one and then finds its payment."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('billing.pay'), hashtext(%s))", [key])
