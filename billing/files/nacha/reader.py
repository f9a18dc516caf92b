"""Reads an ACH file and takes its returns and notices of change out of it."""

import datetime as dt
import hashlib
import re

from billing.files.nacha import lines
from billing.files.nacha.records import (
    CHANGE_CODE,
    CREDITS,
    DEBITS,
    HASH,
    MIXED,
    PADDING,
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
    Unread,
    check_digit,
    check_entry,
)
from billing.files.text import Note

NOTICES = "COR"  # the class of batches that hold notices of change: no money


def read(data: bytes) -> AchFile:
    """A file with every total, count and hash verified; raises `NachaError` at the first that is wrong.

    What transport does to text is mended and stands in `notes`. An entry that cannot be read stands in `unread`, the
    others are taken: its totals must be those of the whole file all the same. The number of blocks is not compared, as
    banks count missing padding differently. International entries (IAT) are refused.
    """
    reader = _Reader(*lines.records(data))
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
    number = 0
    while reader.peek() == "5":
        number += 1
        place, unread = reader.place, len(reader.unread)
        try:
            batch, of_batch = _read_batch(reader)
            batches.append(batch)
        except NachaError as error:
            reader.place = place
            del reader.unread[unread:]
            of_batch = _pass_over_notices(reader, error)
        totals.add(of_batch)
    control = reader.next("9", "file_control")
    reader.control(control, 1, 7, "batches", number)
    reader.totals(control, 13, 8, totals)
    return AchFile(
        destination=header[3:13].strip(),
        origin=header[13:23].strip(),
        created_at=dt.datetime.combine(created, dt.time(int(minutes[:2]), int(minutes[2:]))),
        batches=tuple(batches),
        modifier=header[33],
        destination_name=header[40:63].rstrip(),
        origin_name=header[63:86].rstrip(),
        reference=header[86:94].rstrip(),
        notes=tuple({note.what: note for note in reversed(reader.notes)}.values())[::-1],
        unread=tuple(reader.unread),
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
    plain = {
        "original_trace": addenda.original_trace.isdigit(),
        "routing": routing is None
        or (bool(re.fullmatch(r"\d{9}", routing)) and routing[8] == check_digit(routing[:8])),
        "account": account is None or bool(re.fullmatch(r"[0-9A-Za-z-]+( [0-9A-Za-z-]+)?", account.strip())),
        "transaction_code": code is None or code in _CODES,
        "corrected": bool(data.strip()) and not {"C03": data[9:12], "C06": data[17:20]}.get(addenda.code, "").strip(),
    }
    unread = next((what for what, right in plain.items() if not right), "")
    if unread:
        routing = account = code = None
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
        unread=unread,
        line=entry.line,
    )


_CODES = {str(code.value): code for code in Code}


class _Reader:
    """A cursor over the records; `number` is the line of the record taken last."""

    def __init__(self, records: list[lines.Line], notes: list[Note]) -> None:
        self.records, self.notes = records, notes
        self.unread: list[Unread] = []
        self.place = 0

    @property
    def number(self) -> int:
        taken = min(self.place, len(self.records)) - 1
        return (self.records[taken][0] if taken >= 0 else 1) + max(0, self.place - len(self.records))

    def peek(self) -> str:
        return self.records[self.place][1][0] if self.place < len(self.records) else ""

    def next(self, kind: str, what: str) -> str:
        found = self.peek()
        self.place += 1
        if found != kind or self.records[self.place - 1][1] == PADDING:
            raise self.error(Reason.ORDER, what)
        return self.records[self.place - 1][1]

    def error(self, reason: Reason, what: str) -> NachaError:
        return NachaError(self.number, reason, what)

    def note(self, what: str) -> None:
        self.notes.append(Note(self.number, what))

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

    def date_told(self, record: str, start: int, what: str) -> dt.date | None:
        """A date that nothing hangs on."""
        try:
            return self.date(record, start, what)
        except NachaError:
            self.note(what)
            return None

    def control(self, record: str, start: int, end: int, what: str, expected: int) -> None:
        found = self.digits(record, start, end, what)
        if found != expected:
            raise NachaError(self.number, Reason.CONTROL, what, expected, found)

    def totals(self, record: str, start: int, width: int, totals: Totals) -> None:
        """Count (of that width), hash, debits and credits of a batch or file. What an entry that cannot be read added
        to a total is unknown where that very field is at fault: then the total is at least that of the others."""
        if "count" not in totals.open:
            self.control(record, start, start + width, "count", totals.count)
        start += width
        if "hash" not in totals.open:
            self.control(record, start, start + 10, "hash", totals.hash % HASH)
        for place, what in ((start + 10, "debits"), (start + 22, "credits")):
            known = totals.debits if what == "debits" else totals.credits
            found = self.digits(record, place, place + 12, what)
            if found != known and (what not in totals.open or found < known):
                raise NachaError(self.number, Reason.CONTROL, what, known, found)


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
    effective = reader.date_told(header, 69, "effective_date")
    totals = Totals()
    entries: list[EntryDetail] = []
    while reader.peek() == "6":
        place = reader.place
        try:
            entry = _read_entry(reader, sec_code, kind)
        except NachaError as error:
            reader.place = place
            reader.unread.append(_pass_over(reader, error, sec_code, kind, totals))
            continue
        if entries and entry.trace <= entries[-1].trace:
            reader.note("trace_order")
        entries.append(entry)
        totals.take(entry)
    control = reader.next("8", "batch_control")
    reader.control(control, 1, 4, "service_class", kind)
    reader.totals(control, 4, 6, totals)
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


def _pass_over_notices(reader: _Reader, error: NachaError) -> Totals:
    """Over a batch of notices of change that is wrong as a whole: none of it moves money. Any other one is refused."""
    header = reader.next("5", "batch_header")
    totals = Totals(open={"count", "hash"})
    found = []
    while reader.peek() == "6":
        found.append(_pass_over(reader, error, NOTICES, 0, totals))
    if header[50:53] != NOTICES or reader.peek() != "8" or any(each.moves_money for each in found):
        raise error
    reader.next("8", "batch_control")
    reader.unread += found
    return totals


def _pass_over(reader: _Reader, error: NachaError, sec_code: str, kind: int, totals: Totals) -> Unread:
    """Over an entry that cannot be read and its addenda, with what it adds to the totals as far as that is plain."""
    record = reader.next("6", "entry")
    addenda: list[str] = []
    while reader.peek() == "7":
        addenda.append(reader.next("7", "addenda"))
    hashed, cents = record[3:11], record[29:39]
    code = _CODES.get(record[1:3])
    totals.count += 1 + len(addenda)
    if hashed.isdigit():
        totals.hash += int(hashed)
    else:
        totals.open.add("hash")
    if code is not None and cents.isdigit():
        totals.debits += int(cents) if code.is_debit else 0
        totals.credits += 0 if code.is_debit else int(cents)
    elif code is not None:
        totals.open.add("debits" if code.is_debit else "credits")
    elif cents.strip("0 "):
        totals.open |= {"debits", "credits"}
    notice = sec_code == NOTICES or any(each[1:3] == "98" for each in addenda)
    first = addenda[0] if addenda else ""
    told = "|".join([record[:12], record[29:], *addenda] if not notice else [record[:12], record[29:]])
    return Unread(
        line=error.line,
        reason=error.reason,
        what=error.what,
        moves_money=not notice or (cents.isdigit() and int(cents) > 0),
        trace=first[6:21].strip(),
        code=first[3:6].strip(),
        identity=hashlib.sha256(f"{sec_code}{kind}{told}".encode()).hexdigest(),
    )


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
    for value, what in ((rdfi, "original_rdfi"), (trace, "addenda_trace")):
        if not value.isdigit():
            reader.note(what)
    if kind == "98":
        return ChangeAddenda(code, original, rdfi, record[35:64].rstrip(), trace)
    if not original.isdigit():
        raise reader.error(Reason.FIELD, "original_trace")
    died = reader.date_told(record, 21, "date_of_death") if code in ("R14", "R15") else None
    return ReturnAddenda(code, original, rdfi, trace, died, record[35:79].rstrip())
