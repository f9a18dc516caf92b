"""The bank's prior-day statement: it proves what we booked as cash, and names what differs."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from dataclasses import dataclass, field

from django.db import connection, transaction
from django.utils.translation import gettext as _

from audit import actions as audit
from audit.enums import Kind
from billing.actions import ach
from billing.desk.request_kinds import statement_differs
from billing.enums import PaymentStatus
from billing.files import bai2
from billing.models import AchFile, BankEntry, BankFile, Payment
from billing.money import format_cents
from portals.desk import actions as desk
from portals.files import stored as files
from portals.plan import periods
from portals.plan.brand import brand
from portals.scope import Scope

STATEMENT = "bai2"


@dataclass(frozen=True, slots=True)
class Difference:
    """`number` is the entry's place on the statement, 0 for a credit that is missing from it. Reasons: foreign_account,
    unknown_reference, amount, not_returned, missing_credit."""

    number: int
    value_date: dt.date
    cents: int
    reference: str
    reason: str


@dataclass(slots=True)
class Proven:
    """`known` says that this content was taken before: nothing was done."""

    known: bool = False
    entries: int = 0
    files_proven: int = 0
    returns_proven: int = 0
    cents: int = 0  # credits less debits
    differences: list[Difference] = field(default_factory=list)


def take_statement(*, by: Scope, data: bytes, name: str, as_of: dt.date) -> Proven:
    """Store a statement once and hold it against our bank files (by reference and cents) and returned payments (by
    trace and cents). A difference opens a request for billing operations; nothing is posted from a statement.

    Raises `bai2.Bai2Error` for a statement that cannot be read as a whole.
    """
    statement = bai2.read(data)
    digest = hashlib.sha256(data).hexdigest()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('billing.statement'))")
        if BankFile.objects.filter(kind=STATEMENT, sha256=digest).exists():
            return Proven(known=True)
        result = Proven()
        row = BankFile.objects.create(
            kind=STATEMENT,
            stored=files.store(kind="bai2", owner=ach.PLAN, name=name, content_type="text/plain", data=data),
            sha256=digest,
        )
        entries = _entries(row, statement, result)
        _prove(entries, result)
        BankEntry.objects.bulk_create(entries)
        days = {account.as_of_date for account in statement.accounts if _ours(account)}
        result.differences += _missing(days)
        row.summary = {
            "entries": result.entries, "files_proven": result.files_proven, "returns_proven": result.returns_proven,
            "cents": result.cents, "differences": len(result.differences),
        }  # fmt: skip
        row.save(update_fields=["summary"])
        _tell_operations(result, digest, by, as_of)
        audit.record(
            kind=Kind.JOB,
            action="billing.import_bai2",
            object_kind="bank_file",
            object_id=str(row.pk),
            detail=row.summary,
            **by.audit(),
        )
    return result


def _ours(account: bai2.Account) -> bool:
    return account.number == brand()["ach"]["bank_account"] and account.currency == "USD"


def _entries(file: BankFile, statement: bai2.Statement, result: Proven) -> list[BankEntry]:
    entries: list[BankEntry] = []
    number = 0
    for account in statement.accounts:
        for each in account.entries:
            number += 1
            cents = -each.cents if each.side is bai2.Side.DEBIT else each.cents
            day = each.funds.value_date or account.as_of_date
            mark = each.customer_reference or each.bank_reference
            if not _ours(account):
                result.differences.append(Difference(number, day, cents, mark, "foreign_account"))
            elif each.side is not bai2.Side.NONE:
                entries.append(
                    BankEntry(
                        file=file,
                        number=number,
                        value_date=day,
                        type_code=each.type_code,
                        cents=cents,
                        reference=mark[:80],
                        text=each.text[:200],
                    )
                )
    result.entries = len(entries)
    result.cents = sum(entry.cents for entry in entries)
    return entries


def _prove(entries: list[BankEntry], result: Proven) -> None:
    """Our files by the reference that the bank repeats, returned payments by their trace."""
    dates = {_file_date(entry.reference): entry.reference for entry in entries}
    ours = {row.file_date: row for row in AchFile.objects.filter(file_date__in=[day for day in dates if day])}
    proven = set(BankEntry.objects.filter(ach_file__in=ours.values()).values_list("ach_file_id", flat=True))
    traces = [entry.reference for entry in entries if entry.cents < 0]
    returned = {row.trace: row for row in Payment.objects.filter(trace__in=traces)}
    for entry in entries:
        reason = ""
        file = ours.get(_file_date(entry.reference) or dt.date.min)
        payment = returned.get(entry.reference)
        if entry.cents > 0 and file is not None:
            if file.cents != entry.cents or file.pk in proven:
                reason = "amount"
            else:
                entry.ach_file = file
                proven.add(file.pk)
                result.files_proven += 1
        elif entry.cents < 0 and payment is not None:
            if payment.cents != -entry.cents:
                reason = "amount"
            elif payment.status != PaymentStatus.RETURNED:
                reason = "not_returned"
            else:
                result.returns_proven += 1
        else:
            reason = "unknown_reference"
        if reason:
            result.differences.append(Difference(entry.number, entry.value_date, entry.cents, entry.reference, reason))


def _file_date(text: str) -> dt.date | None:
    if not re.fullmatch(r"20[0-9]{6}", text):
        return None
    try:
        return dt.datetime.strptime(text, "%Y%m%d").date()
    except ValueError:
        return None


def _missing(days: set[dt.date]) -> list[Difference]:
    """Files that should have settled on one of the statement's days and that no credit proves."""
    before = {day: periods.add_banking_days(day, -1) for day in days}
    unproven = AchFile.objects.filter(file_date__in=before.values()).exclude(
        pk__in=BankEntry.objects.exclude(ach_file=None).values("ach_file_id")
    )
    settled_on = {file_date: day for day, file_date in before.items()}
    return [
        Difference(0, settled_on[row.file_date], row.cents, ach.reference(row.file_date), "missing_credit")
        for row in unproven.order_by("file_date")
    ]


def _tell_operations(result: Proven, digest: str, by: Scope, as_of: dt.date) -> None:
    for each in result.differences:
        desk.open_request(
            kind=statement_differs.KIND,
            key=f"bai2:{digest[:16]}:{each.number}:{each.reference}",
            title=_("Bank statement: %(amount)s on %(day)s differs")
            % {"amount": format_cents(each.cents), "day": each.value_date.isoformat()},
            detail={"reason": each.reason, "reference": each.reference, "entry": each.number, "cents": each.cents},
            due_date=periods.add_business_days(as_of, 1),
            by=by,
        )
