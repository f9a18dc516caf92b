"""BAI2 prior-day statements of the plan's bank: a reader, and a writer for the demo and tests.

Amounts are integer cents (the currency's minor unit), never signed in an entry: the type code says credit or debit.
Layout and checks are described in docs/files-bank.md; why this is not a library in docs/adr/0003-own-bai2-reader.md.
"""

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import groupby

from billing.files import text as bank_text
from billing.files.text import Note

FILE, GROUP, ACCOUNT, ENTRY, CONTINUED, ACCOUNT_END, GROUP_END, FILE_END = (
    "01", "02", "03", "16", "88", "49", "98", "99",
)  # fmt: skip
_CODES = (FILE, GROUP, ACCOUNT, ENTRY, CONTINUED, ACCOUNT_END, GROUP_END, FILE_END)
_FUNDS_WITH_FIELDS = {"V": 2, "S": 3}  # and D, which counts its own


class Side(StrEnum):
    CREDIT = "credit"
    DEBIT = "debit"
    NONE = "none"  # loans, balances, information


class Reason(StrEnum):
    EMPTY = "empty"
    RECORD = "record"  # an unknown record code
    ORDER = "record_order"
    FIELD = "field"
    FIELDS = "field_count"
    CONTROL = "control"
    VERSION = "version"
    NOT_UPDATE = "group_not_update"  # deletion, correction or test
    NOT_PRIOR_DAY = "not_prior_day"


class Bai2Error(ValueError):
    """A statement refused as a whole: `line` counts from 1, `what` names the field; values appear for totals only."""

    def __init__(
        self, line: int, reason: Reason, what: str = "", expected: int | None = None, found: int | None = None
    ) -> None:
        self.line, self.reason, self.what, self.expected, self.found = line, reason, what, expected, found
        totals = "" if expected is None else f" (expected {expected}, found {found})"
        super().__init__(f"line {line}: {reason}{f' {what}' if what else ''}{totals}")


@dataclass(frozen=True, slots=True)
class Funds:
    """When money is there: `kind` 0, 1, 2 days, Z unknown, V at `value_date`, S and D by `parts` (days, cents)."""

    kind: str = "Z"
    value_date: dt.date | None = None
    value_time: str = ""
    parts: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Summary:
    """A balance or total of an account, signed; `count` is the number of items it sums."""

    type_code: str
    cents: int | None
    count: int | None = None
    funds: Funds = Funds()


@dataclass(frozen=True, slots=True)
class StatementEntry:
    type_code: str
    cents: int
    funds: Funds = Funds()
    bank_reference: str = ""
    customer_reference: str = ""
    text: str = ""
    line: int = field(default=0, compare=False)

    @property
    def side(self) -> Side:
        return side_of(self.type_code)


@dataclass(frozen=True, slots=True)
class Account:
    """One account's day. `number` is the plan's own account."""

    number: str = field(repr=False)
    currency: str
    as_of_date: dt.date
    entries: tuple[StatementEntry, ...]
    summaries: tuple[Summary, ...] = ()
    as_of_time: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """`created_at` is the sender's local time; an end of day (2400 or 9999) is read as 23:59. `notes` say what was
    mended."""

    sender: str
    receiver: str
    created_at: dt.datetime
    file_id: str
    accounts: tuple[Account, ...]
    notes: tuple[Note, ...] = field(default=(), compare=False)


def side_of(type_code: str) -> Side:
    """Credits are 100-399 and the bank's own 920-959, debits 400-699 and 960-999."""
    code = int(type_code)
    if 100 <= code < 400 or 920 <= code < 960:
        return Side.CREDIT
    return Side.DEBIT if 400 <= code < 700 or 960 <= code < 1000 else Side.NONE


# Reader -------------------------------------------------------------------------------------------------------------


def read(data: bytes) -> Statement:
    """A statement with every control total and record count verified; raises `Bai2Error` at the first that is wrong.

    What transport does to text is mended and stands in `notes`. Refused too: groups that are a deletion, a correction
    or a test, and same-day (interim) reports, none of which may post money.
    """
    records = _Records(data)
    header = records.next(FILE, "file_header")
    sender, receiver, date, time, file_id, _record_length, _block_size, version = header.take(8)
    if version != "2":
        raise Bai2Error(header.line, Reason.VERSION, "version")
    accounts: list[Account] = []
    total = groups = 0
    while records.peek() == GROUP:
        of_group, group_total = _read_group(records)
        accounts += of_group
        total += group_total
        groups += 1
    trailer = records.next(FILE_END, "file_trailer")
    trailer.check(total, groups, records.taken)
    if records.peek():
        raise Bai2Error(records.ahead().line, Reason.ORDER, "after_file_trailer")
    created = dt.datetime.combine(_date(date, header.line, "created_date"), _time(time, header.line, "created_time"))
    notes = tuple({note.what: note for note in reversed(records.notes)}.values())[::-1]
    return Statement(sender, receiver, created, file_id, tuple(accounts), notes)


def _read_group(records: "_Records") -> tuple[list[Account], int]:
    before = records.taken
    header = records.next(GROUP, "group_header")
    _receiver, _originator, status, date, time, currency, modifier = header.take(7)
    if status != "1":
        raise Bai2Error(header.line, Reason.NOT_UPDATE, "group_status")
    if modifier in ("3", "4"):
        raise Bai2Error(header.line, Reason.NOT_PRIOR_DAY, "as_of_modifier")
    as_of = _date(date, header.line, "as_of_date")
    accounts: list[Account] = []
    total = 0
    while records.peek() == ACCOUNT:
        account, account_total = _read_account(records, as_of, time, currency or "USD")
        accounts.append(account)
        total += account_total
    trailer = records.next(GROUP_END, "group_trailer")
    trailer.check(total, len(accounts), records.taken - before)
    return accounts, total


def _read_account(records: "_Records", as_of: dt.date, as_of_time: str, currency: str) -> tuple[Account, int]:
    before = records.taken
    header = records.next(ACCOUNT, "account")
    number, own_currency, *rest = header.fields if len(header.fields) > 1 else [*header.fields, ""]
    if not number:
        raise Bai2Error(header.line, Reason.FIELD, "account")
    fields = _Fields(rest, header.line)
    summaries: list[Summary] = []
    while fields.left > 1 or fields.any_left():
        code, amount, count = fields.text(), fields.text(), fields.text()
        funds = fields.funds()
        if code:
            summaries.append(
                Summary(
                    fields.type_code(code),
                    fields.cents(amount) if amount else None,
                    fields.count(count) if count else None,
                    funds,
                )
            )
        elif amount:
            raise Bai2Error(header.line, Reason.FIELD, "type_code")
    entries: list[StatementEntry] = []
    while records.peek() == ENTRY:
        entries.append(_read_entry(records.next(ENTRY, "entry")))
    total = sum(summary.cents or 0 for summary in summaries) + sum(entry.cents for entry in entries)
    records.next(ACCOUNT_END, "account_trailer").check(total, None, records.taken - before)
    account = Account(number, own_currency or currency, as_of, tuple(entries), tuple(summaries), as_of_time)
    return account, total


def _read_entry(record: "_Record") -> StatementEntry:
    fields = _Fields(record.fields, record.line)
    type_code = fields.type_code(fields.text())
    amount = fields.text()
    funds = fields.funds()
    if amount.startswith("-"):
        raise fields.error("amount")
    bank_reference, customer_reference = fields.text(), fields.text()
    return StatementEntry(
        type_code,
        fields.cents(amount) if amount else 0,
        funds,
        bank_reference.strip(),
        customer_reference.strip(),
        fields.rest().strip(),
        record.line,
    )


class _Record:
    """A logical record: its own line and what 88 lines continue. `taken` counts physical lines."""

    def __init__(self, code: str, line: int, fields: list[str]) -> None:
        self.code, self.line, self.fields = code, line, fields

    def take(self, count: int) -> list[str]:
        if len(self.fields) > count and any(self.fields[count:]):
            raise Bai2Error(self.line, Reason.FIELDS, "", count, len(self.fields))
        return [value.strip() for value in (self.fields + [""] * count)[:count]]

    def check(self, total: int, children: int | None, records: int) -> None:
        """A trailer's control total, number of parts (none for an account) and number of records."""
        expected = {"control_total": total, "number_of_records": records}
        if children is not None:
            expected = {"control_total": total, "number_of_parts": children, "number_of_records": records}
        for (what, value), text in zip(expected.items(), self.take(len(expected)), strict=True):
            if not re.fullmatch(r"[+-]?[0-9]+", text):
                raise Bai2Error(self.line, Reason.FIELD, what)
            if int(text) != value:
                raise Bai2Error(self.line, Reason.CONTROL, what, value, int(text))


class _Records:
    """Logical records in order; `taken` counts the physical records of those taken, 88 included."""

    def __init__(self, data: bytes) -> None:
        self.taken = 0
        self._last_line = 1
        lines, self.notes = bank_text.lines(data)
        self._records = _logical(_unwrapped(lines, self.notes), self.notes)
        self._ahead = next(self._records, None)
        if self._ahead is None:
            raise Bai2Error(1, Reason.EMPTY)

    def peek(self) -> str:
        return self._ahead[0].code if self._ahead else ""

    def ahead(self) -> _Record:
        assert self._ahead
        return self._ahead[0]

    def next(self, code: str, what: str) -> _Record:
        if self._ahead is None:
            raise Bai2Error(self._last_line, Reason.ORDER, what)
        record, lines = self._ahead
        if record.code != code:
            raise Bai2Error(record.line, Reason.ORDER, what)
        self.taken += lines
        self._last_line = record.line
        self._ahead = next(self._records, None)
        return record


def _unwrapped(lines: list[tuple[int, str]], notes: list[Note]) -> list[tuple[int, str]]:
    """Physical records: a line that begins with no record code belongs to the one before, where that one's text or its
    end is open; before the file header and after its trailer it is no part of the statement."""
    found: list[tuple[int, str]] = []
    for number, line in lines:
        if re.match(r"[0-9]{2}([,/]|$)", line):
            found.append((number, line))
        elif not found or found[-1][1][:2] == FILE_END:
            notes.append(Note(number, "text_outside"))
        else:
            at, before = found[-1]
            in_text = before[:2] == CONTINUED or (before[:2] == ENTRY and _in_text(before[3:].split(",")))
            if before.endswith("/") and not in_text:
                raise Bai2Error(number, Reason.RECORD, "record_code")
            found[-1] = (at, f"{before} {line}" if in_text else before + line)
            notes.append(Note(number, "wrapped"))
    return found


def _in_text(fields: Sequence[str]) -> bool:
    """Do the fields of an entry reach its text? It is the one that may hold anything."""
    kind = fields[2].strip() if len(fields) > 2 else ""
    more = _FUNDS_WITH_FIELDS.get(kind, 0)
    if kind == "D" and len(fields) > 3 and re.fullmatch(r"[0-9]{1,3}", fields[3].strip()):
        more = 1 + 2 * int(fields[3])
    return len(fields) > 5 + more


def _logical(lines: list[tuple[int, str]], notes: list[Note]) -> Iterator[tuple[_Record, int]]:
    """Each record with the number of physical ones it takes. A text without "/" at its end goes on, after a space, in
    the 88 that may follow; any other record ends with its line.
    """
    record: _Record | None = None
    count, text_open = 0, False
    for number, line in lines:
        code, body = line[:2], line[3:]
        if code not in _CODES:
            raise Bai2Error(number, Reason.RECORD, "record_code")
        ended = line.endswith("/")
        fields = (body.removesuffix("/") if code in (ENTRY, CONTINUED) else body.rstrip("/")).split(",")
        if code == CONTINUED:
            if record is None or record.code == FILE_END:
                raise Bai2Error(number, Reason.ORDER, "continuation")
            if text_open:
                record.fields[-1] = f"{record.fields[-1].rstrip()} {fields[0].lstrip()}"
                fields = fields[1:]
            record.fields += fields
            count += 1
        else:
            if record is not None:
                yield record, count
            record, count = _Record(code, number, fields), 1
        in_text = record.code == ENTRY and _in_text(record.fields)
        text_open = not ended and in_text
        if not ended and not in_text:
            notes.append(Note(number, "record_end"))
    if record is not None:
        yield record, count


class _Fields:
    """A cursor over the fields of a record whose number varies."""

    def __init__(self, fields: Sequence[str], line: int) -> None:
        self._fields = list(fields)
        self._line = line

    @property
    def left(self) -> int:
        return len(self._fields)

    def any_left(self) -> bool:
        return any(value.strip() for value in self._fields)

    def text(self) -> str:
        return self._fields.pop(0).strip() if self._fields else ""

    def rest(self) -> str:
        return ",".join(self._fields)

    def error(self, what: str) -> Bai2Error:
        return Bai2Error(self._line, Reason.FIELD, what)

    def type_code(self, value: str) -> str:
        if not re.fullmatch(r"[0-9]{3}", value):
            raise self.error("type_code")
        return value

    def cents(self, value: str) -> int:
        if not re.fullmatch(r"[+-]?[0-9]{1,18}", value):
            raise self.error("amount")
        return int(value)

    def count(self, value: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", value):
            raise self.error("count")
        return int(value)

    def funds(self) -> Funds:
        kind = self.text() or "Z"
        if kind in ("0", "1", "2", "Z"):
            return Funds(kind)
        if kind == "V":
            date, time = self.text(), self.text()
            return Funds("V", _date(date, self._line, "value_date") if date else None, time)
        if kind == "S":
            return Funds("S", parts=tuple((days, self.cents(self.text() or "0")) for days in range(3)))
        if kind != "D":
            raise self.error("funds_type")
        number = self.count(self.text())
        if 2 * number > self.left:
            raise self.error("funds_type")
        return Funds("D", parts=tuple((self.count(self.text()), self.cents(self.text())) for _ in range(number)))


def _date(value: str, line: int, what: str) -> dt.date:
    if not re.fullmatch(r"[0-9]{6}", value):
        raise Bai2Error(line, Reason.FIELD, what)
    try:
        return dt.date(2000 + int(value[:2]), int(value[2:4]), int(value[4:]))
    except ValueError:
        raise Bai2Error(line, Reason.FIELD, what) from None


def _time(value: str, line: int, what: str) -> dt.time:
    if value in ("2400", "9999"):
        return dt.time(23, 59)
    if not value:
        return dt.time(0)
    if not re.fullmatch(r"([01][0-9]|2[0-3])[0-5][0-9]", value):
        raise Bai2Error(line, Reason.FIELD, what)
    return dt.time(int(value[:2]), int(value[2:]))


# Writer -------------------------------------------------------------------------------------------------------------


def write(statement: Statement) -> bytes:
    """The same bytes for the same statement; one group for each run of accounts of one day."""
    created = statement.created_at
    lines = [
        _row(
            FILE,
            statement.sender,
            statement.receiver,
            f"{created:%y%m%d}",
            f"{created:%H%M}",
            statement.file_id,
            "",
            "",
            "2",
        )
    ]
    file_total = groups = 0
    for (as_of, as_of_time), run in groupby(statement.accounts, key=lambda each: (each.as_of_date, each.as_of_time)):
        group = [_row(GROUP, statement.receiver, statement.sender, "1", f"{as_of:%y%m%d}", as_of_time, "", "2")]
        accounts = list(run)
        group_total = 0
        for account in accounts:
            rows, total = _write_account(account)
            group += rows
            group_total += total
        group.append(_row(GROUP_END, f"{group_total}", f"{len(accounts)}", f"{len(group) + 1}"))
        lines += group
        file_total += group_total
        groups += 1
    lines.append(_row(FILE_END, f"{file_total}", f"{groups}", f"{len(lines) + 1}"))
    return "".join(f"{line}\n" for line in lines).encode("ascii")


def _write_account(account: Account) -> tuple[list[str], int]:
    fields: list[str] = []
    for summary in account.summaries:
        cents = "" if summary.cents is None else f"{summary.cents:+d}"
        fields += [summary.type_code, cents, "" if summary.count is None else f"{summary.count}"]
        fields += _funds(summary.funds)
    rows = [_row(ACCOUNT, account.number, account.currency, *(fields or ["", "", "", ""]))]
    total = sum(summary.cents or 0 for summary in account.summaries)
    for entry in account.entries:
        if entry.cents < 0:
            raise ValueError("an entry's amount has no sign; its type code says credit or debit")
        references = (entry.bank_reference, entry.customer_reference)
        rows.append(_row(ENTRY, entry.type_code, f"{entry.cents}", *_funds(entry.funds), *references, text=entry.text))
        total += entry.cents
    rows.append(_row(ACCOUNT_END, f"{total}", f"{len(rows) + 1}"))
    return rows, total


def _funds(funds: Funds) -> list[str]:
    if funds.kind == "V":
        return ["V", f"{funds.value_date:%y%m%d}" if funds.value_date else "", funds.value_time]
    if funds.kind == "S":
        return ["S", *(f"{cents}" for _, cents in funds.parts)]
    if funds.kind == "D":
        return ["D", f"{len(funds.parts)}", *(f"{value}" for part in funds.parts for value in part)]
    return [funds.kind]


def _row(code: str, *fields: str, text: str | None = None) -> str:
    """A physical record. Only the text, which comes last, may hold commas."""
    if any(not re.fullmatch(r"[ -+\--.0-~]*", value) for value in fields) or not re.fullmatch(r"[ -~]*", text or ""):
        raise ValueError("a field of a BAI2 record is ASCII without comma or slash")
    return ",".join([code, *fields, *([] if text is None else [text])]) + "/"
