"""Writes 834 files (005010X220A1) from the dataclasses that the reader gives, as a stream."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import BinaryIO, Final

from members.enrollment.x834.records import Address, CoverageChange, Member, TransactionSet
from portals.x12.wire import Interchange, Writer, plain

GUIDE: Final = "005010X220A1"


def write_834(
    out: BinaryIO,
    interchange: Interchange,
    sets: Iterable[tuple[TransactionSet, Iterable[Member]]],
    *,
    created_at: datetime,
) -> int:
    """One interchange with one functional group; returns how many members were written.

    Group and application codes are taken from the first set (empty: from the interchange). Text loses accents and
    delimiter signs on the way, as X12 requires. The caller sees to it that the subscriber comes before dependents.
    """
    writer = Writer(out, interchange.delimiters)
    writer.start_interchange(interchange)
    count = 0
    open_group = False
    for header, people in sets:
        if not open_group:
            sender = header.application_sender or interchange.sender
            receiver = header.application_receiver or interchange.receiver
            control = header.group_control_number or interchange.control_number.lstrip("0") or "1"
            writer.start_group("BE", sender, receiver, control, GUIDE, created_at)
            open_group = True
        _write_header(writer, header)
        for member in people:
            _write_member(writer, member)
            count += 1
        writer.end_set()
    if open_group:
        writer.end_group()
    writer.end_interchange()
    return count


def _text(value: str) -> str:
    # The cheap question first: almost every value is plain already.
    return value if value.isalnum() and value.isascii() else plain(value)


def _day(day: date | None) -> str:
    return day.strftime("%Y%m%d") if day else ""


def _write_header(writer: Writer, header: TransactionSet) -> None:
    writer.start_set("834", header.control_number, GUIDE)
    created = _day(header.created_date)
    writer.segment(
        "BGN", header.purpose, _text(header.reference), created, header.created_time, "", "", "", header.action
    )
    if header.master_policy:
        writer.segment("REF", "38", _text(header.master_policy))
    _write_dates(writer, header.dates)
    for qualifier, quantity in header.quantities.items():
        writer.segment("QTY", qualifier, _number(quantity))
    writer.segment("N1", "P5", _text(header.sponsor_name), header.sponsor_id_qualifier, _text(header.sponsor_tax_id))
    writer.segment("N1", "IN", _text(header.payer_name), header.payer_id_qualifier, _text(header.payer_id))
    for name, identifier in header.brokers:
        writer.segment("N1", "BO", _text(name), "FI", _text(identifier))


def _write_dates(writer: Writer, dates: Mapping[str, date]) -> None:
    for qualifier, day in dates.items():
        writer.segment("DTP", qualifier, "D8", _day(day))


def _number(value: Decimal) -> str:
    """Decimals without needless zeros."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") or "0" if "." in text else text


def _write_member(writer: Writer, m: Member) -> None:
    medicare = m.medicare_plan + (writer.delimiters.component + m.medicare_reason if m.medicare_reason else "")
    writer.segment(
        "INS",
        "Y" if m.is_subscriber else "N",
        m.relationship,
        m.maintenance,
        m.reason,
        m.benefit_status,
        medicare,
        m.cobra_event,
        m.employment_status,
        m.student_status,
        {None: "", True: "Y", False: "N"}[m.disabled],
        "D8" if m.death_date else "",
        _day(m.death_date),
        "R" if m.restricted else "",
        "",
        "",
        "",
        m.birth_sequence,
        composite=True,
    )
    writer.segment("REF", "0F", _text(m.subscriber_number))
    if m.group_number:
        writer.segment("REF", "1L", _text(m.group_number))
    for qualifier, value in m.references.items():
        writer.segment("REF", qualifier, _text(value))
    _write_dates(writer, m.dates)
    id_code, identifier = ("34", m.ssn) if m.ssn else ("ZZ", m.other_id) if m.other_id else ("", "")
    writer.segment(
        "NM1",
        "74" if m.corrected else "IL",
        "1",
        _text(m.last_name),
        _text(m.first_name),
        _text(m.middle_name),
        _text(m.prefix),
        _text(m.suffix),
        id_code,
        _text(identifier),
    )
    contacts = [part for kind, number in m.phones.items() for part in (kind, _text(number))]
    if m.email:
        contacts += ["EM", _text(m.email)]
    if contacts:
        writer.segment("PER", "IP", "", *contacts[:6])
    if m.address:
        _write_address(writer, m.address, county=m.address.county)
    if m.birth_date:
        writer.segment("DMG", "D8", _day(m.birth_date), m.sex or "U", m.marital_status)
    if m.former_name:
        f = m.former_name
        code = "34" if f.ssn else ""
        names = (_text(f.last_name), _text(f.first_name), _text(f.middle_name), "", _text(f.suffix))
        writer.segment("NM1", "70", "1", *names, code, f.ssn)
        if f.birth_date or f.sex:
            writer.segment("DMG", "D8" if f.birth_date else "", _day(f.birth_date), f.sex)
    if m.mailing_address:
        writer.segment("NM1", "31", "1")
        _write_address(writer, m.mailing_address)
    if m.school:
        writer.segment("NM1", "M8", "2", _text(m.school))
    for coverage in m.coverages:
        _write_coverage(writer, coverage)


def _write_address(writer: Writer, address: Address, *, county: str = "") -> None:
    writer.segment("N3", _text(address.line1), _text(address.line2))
    place = ("CY", _text(county)) if county else ("", "")
    writer.segment("N4", _text(address.city), address.state, _text(address.zip), address.country, *place)


def _write_coverage(writer: Writer, c: CoverageChange) -> None:
    writer.segment("HD", c.maintenance, "", c.line, _text(c.plan_code), c.tier)
    if c.begin_date:
        writer.segment("DTP", "348", "D8", _day(c.begin_date))
    if c.end_date:
        writer.segment("DTP", "349", "D8", _day(c.end_date))
    _write_dates(writer, c.dates)
    for qualifier, amount in c.amounts.items():
        writer.segment("AMT", qualifier, _number(amount))
    for qualifier, value in c.references.items():
        writer.segment("REF", qualifier, _text(value))
    if c.primary_care:
        p = c.primary_care
        code, identifier = ("XX", p.npi) if p.npi else ("SV", p.other_id) if p.other_id else ("", "")
        known = {True: "25", False: "26", None: "72"}[p.established]
        kind = "1" if p.first_name else "2"
        writer.segment("LX", "1")
        writer.segment(
            "NM1", "P3", kind, _text(p.name), _text(p.first_name), "", "", "", code, _text(identifier), known
        )
    for other in c.other_coverage:
        writer.segment("COB", other.sequence, _text(other.policy_number), other.coordination)
        if other.begin_date:
            writer.segment("DTP", "344", "D8", _day(other.begin_date))
        if other.end_date:
            writer.segment("DTP", "345", "D8", _day(other.end_date))
        if other.insurer_name:
            writer.segment("NM1", "IN", "2", _text(other.insurer_name))
