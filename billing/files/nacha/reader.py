"""Reads an ACH file and takes its returns and notices of change out of it."""

import datetime as dt
import re

from billing.files.nacha.records import (
    CHANGE_CODE,
    CREDITS,
    DEBITS,
    HASH,
    MIXED,
    PADDING,
    RECORD,
    RETURN_CODE,
    AchFile,
    Addenda,
    Batch,
    ChangeAddenda,
    Code,
    Correction,
    EntryDetail,
    NachaError,
    PaymentAddenda,
    Reason,
    Return,
    ReturnAddenda,
    Totals,
    check_entry,
)


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
    totals = Totals()
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


def _correction(addenda: ChangeAddenda, entry: EntryDetail, file_date: dt.date) -> Correction:
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
            return dt.date(2000 + int(value[:2]), int(value[2:4]), int(value[4:]))
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


def _read_batch(reader: _Reader) -> tuple[Batch, Totals]:
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
    totals = Totals()
    entries: list[EntryDetail] = []
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


def _read_entry(reader: _Reader, sec_code: str, kind: int) -> EntryDetail:
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
    entry = EntryDetail(
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
    check_entry(entry, sec_code, kind, line)
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
    if not (CHANGE_CODE if kind == "98" else RETURN_CODE).fullmatch(code):
        raise reader.error(Reason.FIELD, "addenda_code")
    for value, what in ((original, "original_trace"), (rdfi, "original_rdfi"), (trace, "addenda_trace")):
        if not value.isdigit():
            raise reader.error(Reason.FIELD, what)
    if kind == "98":
        return ChangeAddenda(code, original, rdfi, record[35:64].rstrip(), trace)
    died = reader.date(record, 21, "date_of_death") if code in ("R14", "R15") else None
    return ReturnAddenda(code, original, rdfi, trace, died, record[35:79].rstrip())
