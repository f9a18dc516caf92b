"""Writes an ACH file."""

import re
import unicodedata

from billing.files.nacha.records import (
    BLOCK,
    CHANGE_CODE,
    HASH,
    PADDING,
    RECORD,
    RETURN_CODE,
    AchFile,
    Batch,
    ChangeAddenda,
    EntryDetail,
    NachaError,
    PaymentAddenda,
    Reason,
    Totals,
    check_entry,
    service_class,
)


def write(file: AchFile) -> bytes:
    """The same bytes for the same file, each record ended by a line feed. Raises `NachaError` with the line at fault.

    Names are made ASCII and cut to their width; identifiers that do not fit are refused.
    """
    out = _Writer()
    if not file.batches:
        raise NachaError(1, Reason.EMPTY, "batches")
    out.line(
        "101",
        _station(out, file.destination, "destination"),
        _station(out, file.origin, "origin"),
        f"{file.created_at:%y%m%d%H%M}",
        out.exact(file.modifier, r"[A-Z0-9]", "modifier"),
        "094101",
        out.name(file.destination_name, 23),
        out.name(file.origin_name, 23),
        out.text(file.reference, 8, "reference"),
    )
    totals = Totals()
    for batch in file.batches:
        totals.add(_write_batch(out, batch))
    blocks = -(-(len(out.lines) + 1) // BLOCK)
    out.line(
        "9",
        out.number(len(file.batches), 6, "batches"),
        out.number(blocks, 6, "blocks"),
        out.number(totals.count, 8, "count"),
        f"{totals.hash % HASH:010d}",
        out.number(totals.debits, 12, "debits"),
        out.number(totals.credits, 12, "credits"),
        " " * 39,
    )
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


def _write_batch(out: _Writer, batch: Batch) -> Totals:
    if not batch.entries:
        raise out.error(Reason.EMPTY, "entries")
    kind = batch.service_class or service_class(batch.entries)
    odfi = out.exact(batch.odfi, r"\d{8}", "odfi")
    company_id = out.text(batch.company_id, 10, "company_id")
    number = out.number(batch.number, 7, "batch_number")
    effective = f"{batch.effective_date:%y%m%d}" if batch.effective_date else " " * 6
    out.line(
        f"5{kind}",
        out.name(batch.company_name, 16),
        out.text(batch.company_data, 20, "company_data"),
        company_id,
        out.exact(batch.sec_code, r"[A-Z]{3}", "sec_code"),
        out.text(batch.entry_description, 10, "entry_description"),
        out.text(batch.descriptive_date, 6, "descriptive_date"),
        effective,
        out.text(batch.settlement_day, 3, "settlement_day"),
        out.text(batch.originator_status, 1, "originator_status"),
        odfi,
        number,
    )
    totals = Totals()
    previous = ""
    for entry in batch.entries:
        check_entry(entry, batch.sec_code, kind, len(out.lines) + 1)
        if entry.trace <= previous:
            raise out.error(Reason.TRACE_ORDER, "trace")
        previous = entry.trace
        _write_entry(out, entry)
        totals.take(entry)
    out.line(
        f"8{kind}",
        out.number(totals.count, 6, "count"),
        f"{totals.hash % HASH:010d}",
        out.number(totals.debits, 12, "debits"),
        out.number(totals.credits, 12, "credits"),
        company_id,
        " " * 25,
        odfi,
        number,
    )
    return totals


def _write_entry(out: _Writer, entry: EntryDetail) -> None:
    if entry.code.needs_amount and not entry.cents:
        raise out.error(Reason.AMOUNT, "cents")
    account = out.exact(entry.account, r"[0-9A-Za-z][ -~]{0,16}", "account")
    out.line(
        f"6{entry.code:d}",
        out.exact(entry.routing, r"\d{9}", "routing"),
        account.ljust(17),
        out.number(entry.cents, 10, "cents"),
        out.text(entry.id, 15, "id"),
        out.name(entry.name, 22),
        out.text(entry.discretionary, 2, "discretionary"),
        "1" if entry.addenda else "0",
        out.exact(entry.trace, r"\d{15}", "trace"),
    )
    for sequence, addenda in enumerate(entry.addenda, start=1):
        if isinstance(addenda, PaymentAddenda):
            out.line("705", out.text(addenda.text, 80, "addenda"), f"{sequence:04d}", entry.trace[-7:])
            continue
        pattern = CHANGE_CODE if isinstance(addenda, ChangeAddenda) else RETURN_CODE
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
