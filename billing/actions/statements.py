"""The bank's prior-day statement: it proves what we booked as cash, and names what differs."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections import Counter
from dataclasses import dataclass, field

from django.db import connection, transaction
from django.utils.translation import gettext as _

from audit import actions as audit
from audit.enums import Kind
from billing.actions import ach, received
from billing.desk.request_kinds import statement_differs
from billing.enums import PaymentStatus
from billing.files import bai2
from billing.files.text import Note
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
    """`known` says that all of it was taken before, at `known_since`: nothing was done. `again` counts entries taken
    before beside new ones; `notes` say what was mended."""

    known: bool = False
    known_since: dt.datetime | None = None
    again: int = 0
    entries: int = 0
    files_proven: int = 0
    returns_proven: int = 0
    cents: int = 0  # credits less debits
    differences: list[Difference] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Line:
    """An entry of an account's day; `mark` is the same when the bank sends it again, in whatever file."""

    number: int
    account: bai2.Account
    entry: bai2.StatementEntry
    mark: str

    @property
    def cents(self) -> int:
        return -self.entry.cents if self.entry.side is bai2.Side.DEBIT else self.entry.cents

    @property
    def day(self) -> dt.date:
        return self.entry.funds.value_date or self.account.as_of_date

    @property
    def reference(self) -> str:
        return self.entry.customer_reference or self.entry.bank_reference


def take_statement(*, by: Scope, data: bytes, name: str, as_of: dt.date) -> Proven:
    """Take the entries of a statement once, by account, day and content, and hold them against our bank files (by
    reference and cents) and returned payments (by trace and cents). A difference opens a request for billing
    operations; nothing is posted from a statement.

    Raises `bai2.Bai2Error` for a statement that cannot be read as a whole.
    """
    statement = bai2.read(data)
    digest = hashlib.sha256(data).hexdigest()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('billing.statement'))")
        lines, days = _lines(statement)
        before = received.known(STATEMENT, [*(line.mark for line in lines), *days])
        since = received.same_bytes(STATEMENT, digest)
        new = [line for line in lines if line.mark not in before]
        if since or (before and not new and all(day in before for day in days)):
            return Proven(known=True, known_since=since or min(before.values()))
        result = Proven(again=len(lines) - len(new), notes=list(statement.notes))
        row = BankFile.objects.create(
            kind=STATEMENT,
            stored=files.store(kind="bai2", owner=ach.PLAN, name=name, content_type="text/plain", data=data),
            sha256=digest,
        )
        entries = _entries(row, new, result)
        _prove(entries, result)
        BankEntry.objects.bulk_create(entries)
        result.differences += _missing({day for mark, day in days.items() if day and mark not in before})
        told = {
            "entries": result.entries, "files_proven": result.files_proven, "returns_proven": result.returns_proven,
            "cents": result.cents, "differences": len(result.differences), "notes": len(result.notes),
        }  # fmt: skip
        row.summary = {**told, "marks": [*(line.mark for line in lines), *days]}
        row.save(update_fields=["summary"])
        _tell_operations(result, {line.number: line.mark for line in new}, by, as_of)
        audit.record(
            kind=Kind.JOB,
            action="billing.import_bai2",
            object_kind="bank_file",
            object_id=str(row.pk),
            detail=told,
            **by.audit(),
        )
    return result


def _ours(account: bai2.Account) -> bool:
    return account.number == brand()["ach"]["bank_account"] and account.currency == "USD"


def _lines(statement: bai2.Statement) -> tuple[list[_Line], dict[str, dt.date | None]]:
    """Every entry, and every account's day by its mark; the day itself where the account is ours."""
    lines: list[_Line] = []
    days: dict[str, dt.date | None] = {}
    seen: Counter[tuple[object, ...]] = Counter()
    for account in statement.accounts:
        of_day = (account.number, account.currency, account.as_of_date)
        days[received.mark("day", *of_day)] = account.as_of_date if _ours(account) else None
        for each in account.entries:
            content = (*of_day, each.type_code, each.cents, each.bank_reference, each.customer_reference)
            seen[content] += 1
            lines.append(_Line(len(lines) + 1, account, each, received.mark("entry", *content, seen[content])))
    return lines, days


def _entries(file: BankFile, lines: list[_Line], result: Proven) -> list[BankEntry]:
    entries: list[BankEntry] = []
    for line in lines:
        if not _ours(line.account):
            result.differences.append(
                Difference(line.number, line.day, line.cents, line.reference, "foreign_account"),
            )
        elif line.entry.side is not bai2.Side.NONE:
            entries.append(
                BankEntry(
                    file=file,
                    number=line.number,
                    value_date=line.day,
                    type_code=line.entry.type_code,
                    cents=line.cents,
                    reference=line.reference[:80],
                    text=line.entry.text[:200],
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


def _tell_operations(result: Proven, marks: dict[int, str], by: Scope, as_of: dt.date) -> None:
    for each in result.differences:
        desk.open_request(
            kind=statement_differs.KIND,
            key=f"bai2:{marks.get(each.number) or received.mark('missing', each.value_date, each.reference)}",
            title=_("Bank statement: %(amount)s on %(day)s differs")
            % {"amount": format_cents(each.cents), "day": each.value_date.isoformat()},
            detail={"reason": each.reason, "reference": each.reference, "entry": each.number, "cents": each.cents},
            due_date=periods.add_business_days(as_of, 1),
            by=by,
        )
