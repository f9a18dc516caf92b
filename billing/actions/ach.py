"""ACH: the day's bank file, the settlement clock, and what the bank sends back."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from audit import actions as audit
from audit.enums import Kind
from billing import locks
from billing.actions import bank, payments, received
from billing.desk.request_kinds import change_notice, return_differs
from billing.enums import PAYMENT_TRANSITIONS, BankAccountKind, LedgerAccount, PaymentStatus, TransferKind
from billing.files import nacha
from billing.models import AchFile, BankFile, LedgerTransfer, Payment
from billing.rules import schedule
from portals.crypto import values as crypto
from portals.desk import actions as desk
from portals.files import stored as files
from portals.plan import periods
from portals.plan.brand import brand
from portals.scope import PartyRef, Scope

PLAN = "plan"  # owner of the plan's own files
RETURNS = "returns"
_TRACE_SEQUENCES = 9_999_999


# Out ----------------------------------------------------------------------------------------------------------------


def export(*, by: Scope, as_of: dt.date) -> AchFile | None:
    """The bank file of that day with every submitted payment whose file day has come; None if there is none.

    Asked again, it is the same file. What missed an earlier file goes with this one and its days move along. The bytes
    are stored in the transaction that marks the payments.
    """
    with transaction.atomic():
        _one_at_a_time()
        made = AchFile.objects.filter(file_date=as_of).first()
        if made is not None:
            return made
        due = list(
            Payment.objects.filter(status=PaymentStatus.ACCEPTED, file_date__lte=as_of)
            .select_related("bank_account")
            .order_by("pk")
            .select_for_update(of=("self",), no_key=True)
        )
        if not due:
            return None
        settle = periods.next_banking_day(as_of)
        traces = _traces(due)
        data = nacha.write(_file(due, traces, as_of, settle))
        row = AchFile.objects.create(
            file_date=as_of,
            stored=files.store(
                kind="ach", owner=PLAN, name=f"{reference(as_of)}.ach", content_type="text/plain", data=data
            ),
            entries=len(due),
            cents=sum(payment.cents for payment in due),
        )
        _mark(row, traces, settle)
        payments.change_status(list(traces), PaymentStatus.IN_FILE, by=by, at=_at(as_of, payments.cut_off()))
        _record("billing.export_ach", by, "ach_file", row.pk, file_date=as_of.isoformat(), entries=row.entries)
    return row


def reference(file_date: dt.date) -> str:
    """What the file header carries and the bank repeats on its statement: 20270129."""
    return f"{file_date:%Y%m%d}"


def _traces(due: list[Payment]) -> dict[int, str]:
    """Payment to trace number, which never repeats while a return can come."""
    odfi = str(brand()["ach"]["origin_routing"])[:8]
    return {payment.pk: nacha.trace_number(odfi, (payment.pk - 1) % _TRACE_SEQUENCES + 1) for payment in due}


def _file(due: list[Payment], traces: dict[int, str], as_of: dt.date, settle: dt.date) -> nacha.AchFile:
    plan: dict[str, Any] = brand()["ach"]
    entries = [_entry(payment, traces[payment.pk]) for payment in due]
    batch = nacha.Batch(
        company_name=plan["company_name"],
        company_id=plan["company_id"],
        odfi=str(plan["origin_routing"])[:8],
        number=1,
        effective_date=settle,
        entries=tuple(sorted(entries, key=lambda entry: entry.trace)),
    )
    return nacha.AchFile(
        destination=plan["destination_routing"],
        origin=plan["company_id"],
        created_at=dt.datetime.combine(as_of, payments.cut_off()),
        batches=(batch,),
        destination_name=plan["destination_name"],
        origin_name=plan["company_name"],
        reference=reference(as_of),
    )


def _entry(payment: Payment, trace: str) -> nacha.EntryDetail:
    source = payment.bank_account
    savings = source.kind == BankAccountKind.SAVINGS
    return nacha.EntryDetail(
        code=nacha.Code.SAVINGS_DEBIT if savings else nacha.Code.CHECKING_DEBIT,
        routing=source.routing,
        account=crypto.decrypt(bytes(source.number_cipher), context=bank.number_context(source.uuid)),
        cents=payment.cents,
        id=f"PAY{payment.pk:012d}",
        name=source.name_on_account,
        trace=trace,
    )


def _mark(row: AchFile, traces: dict[int, str], settle: dt.date) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE billing_payment p SET trace = t.trace, ach_file_id = %s, settle_date = %s, paid_date = %s"
            " FROM unnest(%s::bigint[], %s::text[]) AS t(id, trace) WHERE p.id = t.id",
            [row.pk, settle, schedule.paid_date(settle), list(traces), list(traces.values())],
        )


# The clock ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Settled:
    settled: int
    paid: int


def settle(*, by: Scope, as_of: dt.date) -> Settled:
    """Settle what is in a bank file and due, then call paid what was not returned by its day (ruling 1).

    Run each morning after the returns of the day are in: a payment is paid at the opening of its paid day. Raises
    `received.ReturnsNotRead` while returns of that day or an earlier one are not known.
    """
    with transaction.atomic():
        _one_at_a_time()
        for day in received.unread_days(until=as_of):
            raise received.ReturnsNotRead(day)
        settled = _settle_due(by=by, as_of=as_of)
        paid = _ids(Payment.objects.filter(status=PaymentStatus.SETTLED, paid_date__lte=as_of))
        if paid:
            payments.change_status(paid, PaymentStatus.PAID, by=by, at=_at(as_of))
        if settled or paid:
            _record("billing.settle_payments", by, "", None, as_of=as_of.isoformat(), settled=settled, paid=len(paid))
    return Settled(settled, len(paid))


_SETTLE = """
INSERT INTO billing_ledgertransfer (posted_on, kind, debit, credit, cents, account_id, payment_id)
SELECT p.settle_date, 'settlement', 'cash', 'in_transit', s.cents, s.account_id, s.payment_id
FROM billing_paymentshare s JOIN billing_payment p ON p.id = s.payment_id
WHERE p.id = ANY(%s) ORDER BY s.id
"""


def _settle_due(*, by: Scope, as_of: dt.date, only: list[int] | None = None) -> int:
    due = Payment.objects.filter(status=PaymentStatus.IN_FILE, settle_date__lte=as_of)
    ids = _ids(due if only is None else due.filter(pk__in=only))
    if ids:
        with connection.cursor() as cursor:
            cursor.execute(_SETTLE, [ids])
        payments.change_status(ids, PaymentStatus.SETTLED, by=by, at=_at(as_of))
    return len(ids)


# Back ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RefusedReturn:
    """A row of the bank's file that changed nothing; billing operations have a request for it."""

    line: int
    trace: str
    code: str
    reason: str  # unknown_trace, amount, not_a_debit, status, not_a_return; for what cannot be read, the reader's


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice of change: `unread` names what of it cannot be read."""

    line: int
    trace: str
    code: str
    unread: str = ""


@dataclass(slots=True)
class Returned:
    """`known` says that all of it was taken before, at `known_since`: nothing was done. `again` counts entries taken
    before beside new ones. `notes`: what was mended, or is information that cannot be read."""

    known: bool = False
    known_since: dt.datetime | None = None
    returned: int = 0
    cents: int = 0
    fees: int = 0
    notices: int = 0
    again: int = 0
    refused: list[RefusedReturn] = field(default_factory=list)
    notes: list[nacha.Note] = field(default_factory=list)


def take_returns(*, by: Scope, data: bytes, name: str, as_of: dt.date) -> Returned:
    """Take the entries of a return file once: each known entry's payment is returned with all its shares, its invoices
    are open again, and the fee is charged where the plan's settings list the code. What cannot be read beside it waits
    for a person. Raises `nacha.NachaError` for a file that cannot be read as a whole, or is no return file.
    """
    file = nacha.read(data)
    back, notices = nacha.read_returns(file), _notices(file)
    odd = [each for each in file.unread if each.moves_money]
    forward = [entry for _, entry in file.entries() if not _comes_back(entry)]
    if forward and not (back or notices or odd):
        raise nacha.NachaError(forward[0].line, nacha.Reason.UNSUPPORTED, "not_returns")
    digest = hashlib.sha256(data).hexdigest()
    with transaction.atomic():
        _one_at_a_time()
        refused = [(each.identity, RefusedReturn(each.line, each.trace, each.code, each.reason)) for each in odd]
        refused += [(each.trace, RefusedReturn(each.line, each.trace, "", "not_a_return")) for each in forward]
        marks = [_identity(each) for each in back]
        marks += [_identity(each) for each in notices] + [received.mark("refused", key) for key, _ in refused]
        before = received.known(RETURNS, marks)
        since = received.same_bytes(RETURNS, digest)
        result = Returned(notes=list(file.notes))
        found = _lock_by_trace([each.original_trace for each in back])
        taken: dict[int, nacha.Return] = {}
        for each in back:
            payment = found.get(each.original_trace)
            reason = _refusal(payment, each, taken)
            if not reason:
                assert payment is not None
                taken[payment.pk] = each
            elif reason == _AGAIN or _identity(each) in before:
                result.again += 1
            else:
                waits = RefusedReturn(each.line, each.original_trace, each.code, reason)
                refused.append((_identity(each), waits))
        new = [notice for notice in notices if _identity(notice) not in before]
        fresh = [(key, each) for key, each in refused if received.mark("refused", key) not in before]
        result.again += len(notices) - len(new) + len(refused) - len(fresh)
        known = bool(since or (result.again and not (taken or new or fresh)))
        received.returns_read(by=by, days={file.created_at.date(), *([] if known else [as_of])})
        if known:
            return Returned(known=True, known_since=since or _first(before, found))
        if taken:
            _settle_due(by=by, as_of=as_of, only=list(taken))
            _return(taken, by=by, as_of=as_of)
            result.returned, result.cents = len(taken), sum(each.cents for each in taken.values())
            result.fees = _charge_fees(taken, as_of)
        result.notices, result.refused = len(new), [each for _, each in fresh]
        result.notes += [nacha.Note(each.line, f"notice_{each.unread}") for each in new if each.unread]
        stored = files.store(kind="ach_returns", owner=PLAN, name=name, content_type="text/plain", data=data)
        told = {
            "returned": result.returned,
            "cents": result.cents,
            "refused": len(result.refused),
            "notices": result.notices,
            "notes": len(result.notes),
        }
        row = BankFile.objects.create(kind=RETURNS, stored=stored, sha256=digest, summary={**told, "marks": marks})
        _tell_operations(fresh, new, by)
        _record("billing.import_ach_returns", by, "bank_file", row.pk, **told)
    return result


_AGAIN = "again"


def _comes_back(entry: nacha.EntryDetail) -> bool:
    return any(isinstance(each, nacha.ReturnAddenda | nacha.ChangeAddenda) for each in entry.addenda)


def _notices(file: nacha.AchFile) -> list[Notice]:
    found = [Notice(each.line, each.original_trace, each.code, each.unread) for each in nacha.read_corrections(file)]
    odd = [each for each in file.unread if not each.moves_money]
    return found + [Notice(each.line, each.trace, each.code, each.what or each.reason) for each in odd]


def _identity(each: nacha.Return | Notice) -> str:
    """A payment comes back once, whatever day the file names; a notice may come once more on another day."""
    if isinstance(each, nacha.Return):
        return received.mark("return", each.original_trace, each.code, each.cents, each.is_debit)
    return received.mark("notice", each.trace or each.line, each.code, each.unread)


def _first(before: dict[str, dt.datetime], found: dict[str, Payment]) -> dt.datetime | None:
    """When the entries were taken; of payments returned before entries were remembered, their day."""
    days = [_at(payment.returned_on) for payment in found.values() if payment.returned_on]
    return min([*before.values(), *([] if before else days)], default=None)


def _lock_by_trace(traces: list[str]) -> dict[str, Payment]:
    """The payments of these entries, held after their accounts."""
    known = dict(Payment.objects.filter(trace__in=traces).values_list("pk", "trace"))
    accounts = Payment.objects.filter(pk__in=known).values_list("shares__account_id", flat=True)
    locks.accounts({account for account in accounts if account is not None})
    return {row.trace: row for row in locks.payments(known) if row.trace is not None}


def _refusal(payment: Payment | None, each: nacha.Return, taken: dict[int, nacha.Return]) -> str:
    if payment is None:
        return "unknown_trace"
    if not each.is_debit:
        return "not_a_debit"
    if payment.cents != each.cents:
        return "amount"
    if payment.status == PaymentStatus.RETURNED and payment.return_code == each.code:
        return _AGAIN
    allowed = PaymentStatus.RETURNED in PAYMENT_TRANSITIONS[payment.status]
    return "" if allowed and payment.pk not in taken else "status"


def _return(taken: dict[int, nacha.Return], *, by: Scope, as_of: dt.date) -> None:
    payments.reverse(list(taken), kind=TransferKind.RETURN, day=as_of)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE billing_payment p SET return_code = t.code, returned_on = %s"
            " FROM unnest(%s::bigint[], %s::text[]) AS t(id, code) WHERE p.id = t.id",
            [as_of, list(taken), [each.code for each in taken.values()]],
        )
    for code in sorted({each.code for each in taken.values()}):
        ids = [payment for payment, each in taken.items() if each.code == code]
        payments.change_status(ids, PaymentStatus.RETURNED, by=by, at=_at(as_of), note=code)


def _charge_fees(taken: dict[int, nacha.Return], as_of: dt.date) -> int:
    """One fee a returned payment, on the account whose share was largest; it stands by itself, on no invoice."""
    plan = brand()["ach"]
    charged = [payment for payment, each in taken.items() if each.code in plan["return_fee_codes"]]
    shares = Payment.objects.filter(pk__in=charged).order_by("pk", "-shares__cents", "shares__account_id")
    account: dict[int, int] = {}
    for payment, account_id in shares.values_list("pk", "shares__account_id"):
        account.setdefault(payment, account_id)
    LedgerTransfer.objects.bulk_create(
        LedgerTransfer(
            posted_on=as_of,
            kind=TransferKind.FEE,
            debit=LedgerAccount.RECEIVABLE,
            credit=LedgerAccount.FEES,
            cents=plan["return_fee_cents"],
            account_id=account_id,
        )
        for payment, account_id in account.items()
    )
    return len(account)


def _tell_operations(refused: list[tuple[str, RefusedReturn]], notices: list[Notice], by: Scope) -> None:
    for key, each in refused:
        words = _("ACH return %(code)s that fits no payment") if each.code else _("An entry of the bank's return file")
        desk.open_request(
            kind=return_differs.KIND,
            key=f"ach_return:{received.mark(key)}",
            title=words % {"code": each.code},
            detail={"trace": each.trace, "code": each.code, "reason": each.reason, "line": each.line},
            by=by,
        )
    holders = dict(
        Payment.objects.filter(trace__in=[notice.trace for notice in notices]).values_list("trace", "holder")
    )
    for notice in notices:
        holder = holders.get(notice.trace)
        words = (
            _("A notice of change that cannot be read (%(code)s)")
            if notice.unread
            else _("The bank corrects a payer's account (%(code)s)")
        )
        desk.open_request(
            kind=change_notice.KIND,
            key=f"ach_notice:{_identity(notice)}",
            title=words % {"code": notice.code or "?"},
            party=PartyRef.parse(holder) if holder else None,
            detail={"trace": notice.trace, "code": notice.code, "line": notice.line}
            | ({"reason": notice.unread} if notice.unread else {}),
            by=by,
        )


# ---------------------------------------------------------------------------------------------------------------------


def _ids(rows: Any) -> list[int]:
    return [row.pk for row in rows.order_by("pk").select_for_update(of=("self",), no_key=True)]


def _at(day: dt.date, time: dt.time = dt.time(0)) -> dt.datetime:
    return dt.datetime.combine(day, time, tzinfo=periods.PLAN_ZONE)


def _one_at_a_time() -> None:
    """Exports, settlements and returns follow one another."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('billing.ach'))")


def _record(action: str, by: Scope, kind: str, object_id: int | None, **detail: object) -> None:
    audit.record(
        kind=Kind.JOB,
        action=action,
        object_kind=kind,
        object_id="" if object_id is None else str(object_id),
        detail=detail,
        **by.audit(),
    )
