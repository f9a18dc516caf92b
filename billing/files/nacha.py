"""The ACH file of 94 columns: writer and strict reader, returns and notices of change.

Amounts are integer cents. Dates of the wire (YYMMDD) are taken as 20YY. Account numbers never appear in an error or
in the `repr` of a record. Layout and checks are described in docs/files-bank.md.
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

RECORD = 94
BLOCK = 10
PADDING = "9" * RECORD
MAX_CENTS = 99_999_999_99  # ten digits
HASH = 10**10

MIXED, CREDITS, DEBITS = 200, 220, 225
_MAX_ADDENDA = {"CTX": 9_999}
_RETURN_CODE = re.compile(r"R\d\d")
_CHANGE_CODE = re.compile(r"C\d\d")


class Code(IntEnum):
    """Transaction codes of checking (2x) and savings (3x) accounts. Returns and notices of change carry x1 and x6."""

    CHECKING_CREDIT_RETURN = 21
    CHECKING_CREDIT = 22
    CHECKING_CREDIT_PRENOTE = 23
    CHECKING_CREDIT_ZERO = 24
    CHECKING_DEBIT_RETURN = 26
    CHECKING_DEBIT = 27
    CHECKING_DEBIT_PRENOTE = 28
    CHECKING_DEBIT_ZERO = 29
    SAVINGS_CREDIT_RETURN = 31
    SAVINGS_CREDIT = 32
    SAVINGS_CREDIT_PRENOTE = 33
    SAVINGS_CREDIT_ZERO = 34
    SAVINGS_DEBIT_RETURN = 36
    SAVINGS_DEBIT = 37
    SAVINGS_DEBIT_PRENOTE = 38
    SAVINGS_DEBIT_ZERO = 39

    @property
    def is_debit(self) -> bool:
        return self % 10 > 5

    @property
    def needs_amount(self) -> bool:
        return self % 10 in (2, 7)

    @property
    def forbids_amount(self) -> bool:
        return self % 10 in (3, 4, 8, 9)

    @property
    def as_return(self) -> "Code":
        """The code under which the receiving bank sends an entry of this code back."""
        return Code(self - self % 10 + (6 if self.is_debit else 1))


class Reason(StrEnum):
    NOT_ASCII = "not_ascii"
    LENGTH = "record_length"
    ORDER = "record_order"
    FIELD = "field"
    UNSUPPORTED = "unsupported"
    CHECK_DIGIT = "check_digit"
    AMOUNT = "amount"
    SERVICE_CLASS = "service_class"
    ADDENDA = "addenda"
    TRACE_ORDER = "trace_order"
    CONTROL = "control"
    EMPTY = "empty"


class NachaError(ValueError):
    """A file that is refused as a whole: `line` counts from 1, `what` names the field; values appear for totals only."""

    def __init__(
        self, line: int, reason: Reason, what: str = "", expected: int | None = None, found: int | None = None
    ):
        self.line, self.reason, self.what, self.expected, self.found = line, reason, what, expected, found
        totals = "" if expected is None else f" (expected {expected}, found {found})"
        super().__init__(f"line {line}: {reason}{f' {what}' if what else ''}{totals}")


# Records ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PaymentAddenda:
    """Type 05: up to 80 characters about the payment."""

    text: str


@dataclass(frozen=True, slots=True)
class ChangeAddenda:
    """Type 98, a notice of change; `corrected` is laid out by `code` (see `corrections`)."""

    code: str
    original_trace: str
    original_rdfi: str
    corrected: str = field(repr=False)
    trace: str


@dataclass(frozen=True, slots=True)
class ReturnAddenda:
    """Type 99; `date_of_death` comes with R14 and R15. Dishonored and contested returns (R61 and above) keep their
    own fields in `information`.
    """

    code: str
    original_trace: str
    original_rdfi: str
    trace: str
    date_of_death: dt.date | None = None
    information: str = ""


Addenda = PaymentAddenda | ChangeAddenda | ReturnAddenda


@dataclass(frozen=True, slots=True)
class Entry:
    """`routing` has nine digits, `account` is as sent, `id` (15) is ours and comes back with a return, `trace` has 15
    digits: eight of the originating bank and a number that rises within the batch. `line` is where it was read.
    """

    code: Code
    routing: str
    account: str = field(repr=False)
    cents: int
    id: str
    name: str = field(repr=False)
    trace: str
    addenda: tuple[Addenda, ...] = ()
    discretionary: str = ""
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Batch:
    """`odfi` are the originating bank's eight digits. The writer works out a `service_class` that is None."""

    company_name: str
    company_id: str
    odfi: str
    number: int
    effective_date: dt.date | None
    entries: tuple[Entry, ...]
    sec_code: str = "CCD"
    entry_description: str = "PREMIUM"
    company_data: str = ""
    descriptive_date: str = ""
    settlement_day: str = ""
    originator_status: str = "1"
    service_class: int | None = None


@dataclass(frozen=True, slots=True)
class AchFile:
    """`destination` and `origin` are 9 or 10 characters (a bank's routing number, a company's number);
    `created_at` is local time to the minute; `modifier` A to Z, 0 to 9 tells files of one day apart.
    """

    destination: str
    origin: str
    created_at: dt.datetime
    batches: tuple[Batch, ...]
    modifier: str = "A"
    destination_name: str = ""
    origin_name: str = ""
    reference: str = ""

    def entries(self) -> Iterator[tuple[Batch, Entry]]:
        return ((batch, entry) for batch in self.batches for entry in batch.entries)


@dataclass(frozen=True, slots=True)
class Return:
    """`rdfi` are the eight digits of the bank that sent it back, `file_date` the day of its file."""

    original_trace: str
    code: str
    cents: int
    is_debit: bool
    rdfi: str
    last_four: str
    id: str
    name: str = field(repr=False)
    file_date: dt.date
    trace: str
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Correction:
    """A notice of change: what is None stays as it is."""

    original_trace: str
    code: str
    id: str
    file_date: dt.date
    routing: str | None = None
    account: str | None = field(default=None, repr=False)
    transaction_code: int | None = None
    name: str | None = field(default=None, repr=False)
    individual_id: str | None = None
    line: int = field(default=0, compare=False)


def trace_number(odfi: str, sequence: int) -> str:
    """Fifteen digits from the bank's eight and a sequence of 1 to 9,999,999."""
    if not re.fullmatch(r"\d{8}", odfi) or not 0 < sequence < 10**7:
        raise ValueError("a trace number is eight digits of the bank and a sequence of at most seven")
    return f"{odfi}{sequence:07d}"


def check_digit(eight: str) -> str:
    """The ninth digit of a routing number."""
    return str(-sum(int(digit) * weight for digit, weight in zip(eight, (3, 7, 1) * 3, strict=False)) % 10)


def service_class(entries: tuple[Entry, ...]) -> int:
    kinds = {entry.code.is_debit for entry in entries}
    return MIXED if len(kinds) == 2 else DEBITS if kinds == {True} else CREDITS


@dataclass(slots=True)
class _Totals:
    count: int = 0
    hash: int = 0
    debits: int = 0
    credits: int = 0

    def take(self, entry: Entry) -> None:
        self.count += 1 + len(entry.addenda)
        self.hash += int(entry.routing[:8])
        if entry.code.is_debit:
            self.debits += entry.cents
        else:
            self.credits += entry.cents

    def add(self, other: "_Totals") -> None:
        self.count += other.count
        self.hash += other.hash
        self.debits += other.debits
        self.credits += other.credits


# Writer -------------------------------------------------------------------------------------------------------------


def write(file: AchFile) -> bytes:
    """The same bytes for the same file, each record ended by a line feed. Raises `NachaError` with the line at fault.

    Names are made ASCII and cut to their width; identifiers that do not fit are refused.
    """
    out = _Writer()
    if not file.batches:
        raise NachaError(1, Reason.EMPTY, "batches")
    out.line(
        "101", out.name(_station(out, file.destination, "destination"), 10), _station(out, file.origin, "origin"),
        f"{file.created_at:%y%m%d%H%M}", out.exact(file.modifier, r"[A-Z0-9]", "modifier"), "094101",
        out.name(file.destination_name, 23), out.name(file.origin_name, 23), out.text(file.reference, 8, "reference"),
    )  # fmt: skip
    totals = _Totals()
    for batch in file.batches:
        totals.add(_write_batch(out, batch))
    blocks = -(-(len(out.lines) + 1) // BLOCK)
    out.line("9", out.number(len(file.batches), 6, "batches"), out.number(blocks, 6, "blocks"),
             out.number(totals.count, 8, "count"), f"{totals.hash % HASH:010d}", out.number(totals.debits, 12, "debits"),
             out.number(totals.credits, 12, "credits"), " " * 39)  # fmt: skip
    while len(out.lines) % BLOCK:
        out.line(PADDING)
    return "".join(f"{line}\n" for line in out.lines).encode("ascii")


class _Writer:
    def __init__(self) -> None:
        self.lines: list[str] = []

    def error(self, reason: Reason, what: str) -> NachaError:
        return NachaError(len(self.lines) + 1, reason, what)

    def line(self, *fields: str) -> None:
        record = "".join(fields)
        assert len(record) == RECORD
        self.lines.append(record)

    def text(self, value: str, width: int, what: str) -> str:
        if len(value) > width or not re.fullmatch(r"[ -~]*", value):
            raise self.error(Reason.FIELD, what)
        return value.ljust(width)

    def exact(self, value: str, pattern: str, what: str) -> str:
        if not re.fullmatch(pattern, value, re.ASCII):
            raise self.error(Reason.FIELD, what)
        return value

    def number(self, value: int, width: int, what: str) -> str:
        if not 0 <= value < 10**width:
            raise self.error(Reason.AMOUNT, what)
        return f"{value:0{width}d}"

    @staticmethod
    def name(value: str, width: int) -> str:
        plain = unicodedata.normalize("NFKD", value).encode("ascii", "ignore").decode()
        return re.sub(r"[^ -~]", " ", plain)[:width].ljust(width)


def _station(out: _Writer, value: str, what: str) -> str:
    return out.exact(value, r"[A-Z0-9]{9,10}", what).rjust(10)


def _write_batch(out: _Writer, batch: Batch) -> _Totals:
    if not batch.entries:
        raise out.error(Reason.EMPTY, "entries")
    kind = batch.service_class or service_class(batch.entries)
    odfi = out.exact(batch.odfi, r"\d{8}", "odfi")
    company_id = out.text(batch.company_id, 10, "company_id")
    number = out.number(batch.number, 7, "batch_number")
    effective = f"{batch.effective_date:%y%m%d}" if batch.effective_date else " " * 6
    out.line(
        f"5{kind}", out.name(batch.company_name, 16), out.text(batch.company_data, 20, "company_data"), company_id,
        out.exact(batch.sec_code, r"[A-Z]{3}", "sec_code"), out.text(batch.entry_description, 10, "entry_description"),
        out.text(batch.descriptive_date, 6, "descriptive_date"), effective,
        out.text(batch.settlement_day, 3, "settlement_day"), out.text(batch.originator_status, 1, "originator_status"),
        odfi, number,
    )  # fmt: skip
    totals = _Totals()
    previous = ""
    for entry in batch.entries:
        _check_entry(entry, batch.sec_code, kind, len(out.lines) + 1)
        if entry.trace <= previous:
            raise out.error(Reason.TRACE_ORDER, "trace")
        previous = entry.trace
        _write_entry(out, entry)
        totals.take(entry)
    out.line(f"8{kind}", out.number(totals.count, 6, "count"), f"{totals.hash % HASH:010d}",
             out.number(totals.debits, 12, "debits"), out.number(totals.credits, 12, "credits"), company_id, " " * 25,
             odfi, number)  # fmt: skip
    return totals


def _write_entry(out: _Writer, entry: Entry) -> None:
    if entry.code.needs_amount and not entry.cents:
        raise out.error(Reason.AMOUNT, "cents")
    account = out.exact(entry.account, r"[0-9A-Za-z][ -~]{0,16}", "account")
    out.line(
        f"6{entry.code:d}", out.exact(entry.routing, r"\d{9}", "routing"), account.ljust(17),
        out.number(entry.cents, 10, "cents"), out.text(entry.id, 15, "id"), out.name(entry.name, 22),
        out.text(entry.discretionary, 2, "discretionary"), "1" if entry.addenda else "0",
        out.exact(entry.trace, r"\d{15}", "trace"),
    )  # fmt: skip
    for sequence, addenda in enumerate(entry.addenda, start=1):
        if isinstance(addenda, PaymentAddenda):
            out.line("705", out.text(addenda.text, 80, "addenda"), f"{sequence:04d}", entry.trace[-7:])
            continue
        pattern = _CHANGE_CODE if isinstance(addenda, ChangeAddenda) else _RETURN_CODE
        code = out.exact(addenda.code, pattern.pattern, "addenda_code")
        trace = out.exact(addenda.trace, r"\d{15}", "addenda_trace")
        original = out.exact(addenda.original_trace, r"\d{15}", "original_trace")
        rdfi = out.exact(addenda.original_rdfi, r"\d{8}", "original_rdfi")
        if isinstance(addenda, ChangeAddenda):
            out.line(
                "798", code, original, " " * 6, rdfi, out.text(addenda.corrected, 29, "corrected"), " " * 15, trace
            )
        else:
            died = f"{addenda.date_of_death:%y%m%d}" if addenda.date_of_death else " " * 6
            out.line("799", code, original, died, rdfi, out.text(addenda.information, 44, "information"), trace)


def _check_entry(entry: Entry, sec_code: str, kind: int, line: int) -> None:
    """What writer and reader both hold an entry to."""
    if entry.routing[8:] != check_digit(entry.routing[:8]):
        raise NachaError(line, Reason.CHECK_DIGIT, "routing")
    if entry.code.forbids_amount and entry.cents:
        raise NachaError(line, Reason.AMOUNT, "cents")
    if kind != MIXED and entry.code.is_debit != (kind == DEBITS):
        raise NachaError(line, Reason.SERVICE_CLASS, "transaction_code")
    payment = sum(isinstance(addenda, PaymentAddenda) for addenda in entry.addenda)
    if payment not in (0, len(entry.addenda)) or len(entry.addenda) > _MAX_ADDENDA.get(sec_code, 1):
        raise NachaError(line, Reason.ADDENDA, "addenda")


# Reader -------------------------------------------------------------------------------------------------------------


def read(data: bytes) -> AchFile:
    """A file with every total, count, hash and check digit verified; raises `NachaError` at the first that is wrong.

    Takes records ended by LF or CRLF, or not at all, with or without padding. The number of blocks is not compared,
    as banks count missing padding differently. International entries (IAT) are refused.
    """
    lines = _lines(data)
    reader = _Reader(lines)
    header = reader.next("1", "file_header")
    if header[1:3] != "01" or header[34:40] != "094101":
        raise reader.error(Reason.FIELD, "file_header")
    created = reader.date(header, 23, "created_date")
    if created is None:
        raise reader.error(Reason.FIELD, "created_date")
    minutes = header[29:33].strip() or "0000"
    if not re.fullmatch(r"([01]\d|2[0-3])[0-5]\d", minutes, re.ASCII):
        raise reader.error(Reason.FIELD, "created_time")
    batches: list[Batch] = []
    totals = _Totals()
    while reader.peek() == "5":
        batch, of_batch = _read_batch(reader)
        batches.append(batch)
        totals.add(of_batch)
    control = reader.next("9", "file_control")
    reader.control(control, 1, 7, "batches", len(batches))
    reader.control(control, 13, 21, "count", totals.count)
    reader.control(control, 21, 31, "hash", totals.hash % HASH)
    reader.control(control, 31, 43, "debits", totals.debits)
    reader.control(control, 43, 55, "credits", totals.credits)
    reader.padding()
    return AchFile(
        destination=header[3:13].strip(),
        origin=header[13:23].strip(),
        created_at=dt.datetime.combine(created, dt.time(int(minutes[:2]), int(minutes[2:]))),
        batches=tuple(batches),
        modifier=header[33],
        destination_name=header[40:63].rstrip(),
        origin_name=header[63:86].rstrip(),
        reference=header[86:94].rstrip(),
    )


def read_returns(file: AchFile) -> list[Return]:
    """The returned entries of a file that was read, in its order."""
    return [
        Return(
            original_trace=addenda.original_trace,
            code=addenda.code,
            cents=entry.cents,
            is_debit=entry.code.is_debit,
            rdfi=addenda.original_rdfi,
            last_four=entry.account.strip()[-4:],
            id=entry.id.strip(),
            name=entry.name.strip(),
            file_date=file.created_at.date(),
            trace=entry.trace,
            line=entry.line,
        )
        for _, entry in file.entries()
        for addenda in entry.addenda
        if isinstance(addenda, ReturnAddenda)
    ]


def read_corrections(file: AchFile) -> list[Correction]:
    """The notices of change of a file that was read: what to use from the next entry on."""
    return [
        _correction(addenda, entry, file.created_at.date())
        for _, entry in file.entries()
        for addenda in entry.addenda
        if isinstance(addenda, ChangeAddenda)
    ]


def _correction(addenda: ChangeAddenda, entry: Entry, file_date: dt.date) -> Correction:
    data = addenda.corrected.ljust(29)
    routing = data[:9] if addenda.code in ("C02", "C03", "C07") else None
    account = {"C01": data[:17], "C06": data[:17], "C03": data[12:], "C07": data[9:26]}.get(addenda.code)
    code = {"C05": data[:2], "C06": data[20:22], "C07": data[26:28]}.get(addenda.code)
    if (routing and not re.fullmatch(r"\d{9}", routing)) or (code and code not in _CODES):
        raise NachaError(entry.line, Reason.FIELD, "corrected")
    return Correction(
        original_trace=addenda.original_trace,
        code=addenda.code,
        id=entry.id.strip(),
        file_date=file_date,
        routing=routing,
        account=account.strip() if account else None,
        transaction_code=int(code) if code else None,
        name=data[:22].strip() if addenda.code == "C04" else None,
        individual_id=data[:22].strip() if addenda.code == "C09" else None,
        line=entry.line,
    )


_CODES = {str(code.value): code for code in Code}


def _lines(data: bytes) -> list[str]:
    try:
        text = data.decode("ascii")
    except UnicodeDecodeError as error:
        raise NachaError(data[: error.start].count(b"\n") + 1, Reason.NOT_ASCII) from None
    if not text.strip():
        raise NachaError(1, Reason.EMPTY)
    if "\n" not in text and len(text) > RECORD:
        lines = [text[start : start + RECORD] for start in range(0, len(text), RECORD)]
    else:
        lines = [line.removesuffix("\r") for line in text.removesuffix("\n").split("\n")]
    for number, line in enumerate(lines, start=1):
        if len(line) != RECORD:
            raise NachaError(number, Reason.LENGTH, "", RECORD, len(line))
        if not re.fullmatch(r"[ -~]*", line):
            raise NachaError(number, Reason.NOT_ASCII)
    return lines


class _Reader:
    """A cursor over the records; `number` is the line of the record taken last."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.number = 0

    def peek(self) -> str:
        return self.lines[self.number][0] if self.number < len(self.lines) else ""

    def next(self, kind: str, what: str) -> str:
        found = self.peek()
        self.number += 1
        if found != kind or self.lines[self.number - 1] == PADDING:
            raise self.error(Reason.ORDER, what)
        return self.lines[self.number - 1]

    def error(self, reason: Reason, what: str) -> NachaError:
        return NachaError(self.number, reason, what)

    def digits(self, record: str, start: int, end: int, what: str) -> int:
        value = record[start:end]
        if not value.isdigit():
            raise self.error(Reason.FIELD, what)
        return int(value)

    def date(self, record: str, start: int, what: str) -> dt.date | None:
        value = record[start : start + 6]
        if not value.strip():
            return None
        try:
            return dt.datetime.strptime(f"20{value}", "%Y%m%d").date()
        except ValueError:
            raise self.error(Reason.FIELD, what) from None

    def control(self, record: str, start: int, end: int, what: str, expected: int) -> None:
        found = self.digits(record, start, end, what)
        if found != expected:
            raise NachaError(self.number, Reason.CONTROL, what, expected, found)

    def padding(self) -> None:
        for number, line in enumerate(self.lines[self.number :], start=self.number + 1):
            if line != PADDING:
                raise NachaError(number, Reason.ORDER, "padding")


def _read_batch(reader: _Reader) -> tuple[Batch, _Totals]:
    header = reader.next("5", "batch_header")
    kind = reader.digits(header, 1, 4, "service_class")
    if kind not in (MIXED, CREDITS, DEBITS):
        raise reader.error(Reason.SERVICE_CLASS, "service_class")
    sec_code = header[50:53]
    if sec_code == "IAT" or not re.fullmatch(r"[A-Z]{3}", sec_code):
        raise reader.error(Reason.UNSUPPORTED, "sec_code")
    reader.digits(header, 79, 87, "odfi")
    number = reader.digits(header, 87, 94, "batch_number")
    effective = reader.date(header, 69, "effective_date")
    totals = _Totals()
    entries: list[Entry] = []
    while reader.peek() == "6":
        entry = _read_entry(reader, sec_code, kind)
        if entries and entry.trace <= entries[-1].trace:
            raise NachaError(entry.line, Reason.TRACE_ORDER, "trace")
        entries.append(entry)
        totals.take(entry)
    control = reader.next("8", "batch_control")
    reader.control(control, 1, 4, "service_class", kind)
    reader.control(control, 4, 10, "count", totals.count)
    reader.control(control, 10, 20, "hash", totals.hash % HASH)
    reader.control(control, 20, 32, "debits", totals.debits)
    reader.control(control, 32, 44, "credits", totals.credits)
    if control[44:54].strip() != header[40:50].strip():
        raise reader.error(Reason.CONTROL, "company_id")
    if control[79:87] != header[79:87]:
        raise reader.error(Reason.CONTROL, "odfi")
    reader.control(control, 87, 94, "batch_number", number)
    batch = Batch(
        company_name=header[4:20].rstrip(),
        company_id=header[40:50].strip(),
        odfi=header[79:87],
        number=number,
        effective_date=effective,
        entries=tuple(entries),
        sec_code=sec_code,
        entry_description=header[53:63].rstrip(),
        company_data=header[20:40].rstrip(),
        descriptive_date=header[63:69].rstrip(),
        settlement_day=header[75:78].rstrip(),
        originator_status=header[78].rstrip(),
        service_class=kind,
    )
    return batch, totals


def _read_entry(reader: _Reader, sec_code: str, kind: int) -> Entry:
    record = reader.next("6", "entry")
    line = reader.number
    code = _CODES.get(record[1:3])
    if code is None:
        raise reader.error(Reason.UNSUPPORTED, "transaction_code")
    reader.digits(record, 3, 12, "routing")
    reader.digits(record, 79, 94, "trace")
    if record[78] not in "01":
        raise reader.error(Reason.FIELD, "addenda_indicator")
    cents = reader.digits(record, 29, 39, "cents")
    addenda: list[Addenda] = []
    while reader.peek() == "7":
        addenda.append(_read_addenda(reader, record[87:94], len(addenda) + 1))
    if (record[78] == "1") != bool(addenda):
        raise NachaError(line, Reason.ADDENDA, "addenda_indicator")
    entry = Entry(
        code=code,
        routing=record[3:12],
        account=record[12:29].rstrip(),
        cents=cents,
        id=record[39:54].rstrip(),
        name=record[54:76].rstrip(),
        trace=record[79:94],
        addenda=tuple(addenda),
        discretionary=record[76:78].rstrip(),
        line=line,
    )
    _check_entry(entry, sec_code, kind, line)
    return entry


def _read_addenda(reader: _Reader, entry_sequence: str, sequence: int) -> Addenda:
    record = reader.next("7", "addenda")
    kind, code, original, rdfi, trace = record[1:3], record[3:6], record[6:21], record[27:35], record[79:94]
    if kind == "05":
        reader.control(record, 83, 87, "addenda_sequence", sequence)
        if record[87:94] != entry_sequence:
            raise reader.error(Reason.ADDENDA, "entry_sequence")
        return PaymentAddenda(record[3:83].rstrip())
    if kind not in ("98", "99"):
        raise reader.error(Reason.UNSUPPORTED, "addenda_type")
    if not (_CHANGE_CODE if kind == "98" else _RETURN_CODE).fullmatch(code):
        raise reader.error(Reason.FIELD, "addenda_code")
    for value, what in ((original, "original_trace"), (rdfi, "original_rdfi"), (trace, "addenda_trace")):
        if not value.isdigit():
            raise reader.error(Reason.FIELD, what)
    if kind == "98":
        return ChangeAddenda(code, original, rdfi, record[35:64].rstrip(), trace)
    died = reader.date(record, 21, "date_of_death") if code in ("R14", "R15") else None
    return ReturnAddenda(code, original, rdfi, trace, died, record[35:79].rstrip())
