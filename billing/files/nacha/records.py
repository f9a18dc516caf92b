"""Records of an ACH file, what they must keep, and the error that names where they do not."""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

from billing.files.text import Note

RECORD = 94
BLOCK = 10
PADDING = "9" * RECORD
MAX_CENTS = 99_999_999_99  # ten digits
HASH = 10**10

MIXED, CREDITS, DEBITS = 200, 220, 225
MAX_ADDENDA = {"CTX": 9_999}
RETURN_CODE = re.compile(r"R[0-9]{2}")
CHANGE_CODE = re.compile(r"C[0-9]{2}")


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
    """A file or entry refused: `line` counts from 1, `what` names the field; values appear for totals only."""

    def __init__(
        self, line: int, reason: Reason, what: str = "", expected: int | None = None, found: int | None = None
    ):
        self.line, self.reason, self.what, self.expected, self.found = line, reason, what, expected, found
        totals = "" if expected is None else f" (expected {expected}, found {found})"
        super().__init__(f"line {line}: {reason}{f' {what}' if what else ''}{totals}")


@dataclass(frozen=True, slots=True)
class Unread:
    """An entry that cannot be read in a file whose totals are right. `moves_money` is False for a notice of change.
    `identity` is the same when the entry is sent again; it holds no account number.
    """

    line: int
    reason: Reason
    what: str
    moves_money: bool
    trace: str  # of the original entry, as sent
    code: str
    identity: str = field(default="", repr=False)


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
class EntryDetail:
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
    entries: tuple[EntryDetail, ...]
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
    `created_at` is local time to the minute; `modifier` A to Z, 0 to 9 tells files of one day apart. `notes` and
    `unread` are of a file that was read.
    """

    destination: str
    origin: str
    created_at: dt.datetime
    batches: tuple[Batch, ...]
    modifier: str = "A"
    destination_name: str = ""
    origin_name: str = ""
    reference: str = ""
    notes: tuple[Note, ...] = field(default=(), compare=False)
    unread: tuple[Unread, ...] = field(default=(), compare=False)

    def entries(self) -> Iterator[tuple[Batch, EntryDetail]]:
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
    """A notice of change: what is None stays as it is. `unread` names what of it makes no sense."""

    original_trace: str
    code: str
    id: str
    file_date: dt.date
    routing: str | None = None
    account: str | None = field(default=None, repr=False)
    transaction_code: int | None = None
    name: str | None = field(default=None, repr=False)
    individual_id: str | None = None
    unread: str = ""
    line: int = field(default=0, compare=False)


def trace_number(odfi: str, sequence: int) -> str:
    """Fifteen digits from the bank's eight and a sequence of 1 to 9,999,999."""
    if not re.fullmatch(r"[0-9]{8}", odfi) or not 0 < sequence < 10**7:
        raise ValueError("a trace number is eight digits of the bank and a sequence of at most seven")
    return f"{odfi}{sequence:07d}"


def check_digit(eight: str) -> str:
    """The ninth digit of a routing number."""
    return str(-sum(int(digit) * weight for digit, weight in zip(eight, (3, 7, 1) * 3, strict=False)) % 10)


def service_class(entries: tuple[EntryDetail, ...]) -> int:
    kinds = {entry.code.is_debit for entry in entries}
    return MIXED if len(kinds) == 2 else DEBITS if kinds == {True} else CREDITS


@dataclass(slots=True)
class Totals:
    """`open` names the totals to which an entry that cannot be read added something unknown."""

    count: int = 0
    hash: int = 0
    debits: int = 0
    credits: int = 0
    open: set[str] = field(default_factory=set)

    def take(self, entry: EntryDetail) -> None:
        self.count += 1 + len(entry.addenda)
        self.hash += int(entry.routing[:8])
        if entry.code.is_debit:
            self.debits += entry.cents
        else:
            self.credits += entry.cents

    def add(self, other: "Totals") -> None:
        self.count += other.count
        self.hash += other.hash
        self.debits += other.debits
        self.credits += other.credits
        self.open |= other.open


def check_entry(entry: EntryDetail, sec_code: str, kind: int, line: int) -> None:
    """What writer and reader both hold an entry to."""
    if not re.fullmatch(r"[0-9]{9}", entry.routing):
        raise NachaError(line, Reason.FIELD, "routing")
    if entry.routing[8] != check_digit(entry.routing[:8]):
        raise NachaError(line, Reason.CHECK_DIGIT, "routing")
    if entry.code.forbids_amount and entry.cents:
        raise NachaError(line, Reason.AMOUNT, "cents")
    if kind != MIXED and entry.code.is_debit != (kind == DEBITS):
        raise NachaError(line, Reason.SERVICE_CLASS, "transaction_code")
    payment = sum(isinstance(addenda, PaymentAddenda) for addenda in entry.addenda)
    if payment not in (0, len(entry.addenda)) or len(entry.addenda) > MAX_ADDENDA.get(sec_code, 1):
        raise NachaError(line, Reason.ADDENDA, "addenda")
