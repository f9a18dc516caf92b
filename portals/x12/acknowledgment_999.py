"""Writes the 999 (005010X231A1) that answers an 834, and reads one back.

A 999 speaks of syntax only. An interchange whose envelope is broken gets a TA1 and nothing else. What is wrong with a
person or a plan goes to the result file of the import, because a 999 has no words for it.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import BinaryIO, Final, Literal

from portals.x12.report import GroupReport, SetReport, SyntaxFinding, X12Report
from portals.x12.wire import Interchange, Tokenizer, Writer, plain

GUIDE: Final = "005010X231A1"

Answer = Literal["A", "E", "P", "R"]
"""A accepted, E accepted with faults noted, P partly accepted, R rejected."""


def set_answer(report: SetReport) -> Answer:
    if report.refused:
        return "R"
    return "E" if report.finding_count else "A"


def group_answer(report: GroupReport) -> Answer:
    accepted = report.accepted_sets
    if not accepted:
        return "R"
    if len(accepted) < len(report.sets):
        return "P"
    return "E" if any(s.finding_count for s in accepted) else "A"


def write_999(
    report: X12Report, *, control_number: int, created_at: datetime, sender: str = "", receiver: str = ""
) -> bytes:
    """The answer to one checked file: a 999 set a functional group, or a TA1 alone where the envelope is broken.

    `sender` and `receiver` are ours and theirs as in the ISA; empty, the two of the file change places.
    `control_number` (1 to 999999999) serves the interchange and its group. `created_at` is in the plan's own zone.
    Raises ValueError when not even the ISA could be read: then nobody is known to answer to.
    """
    theirs = report.interchange
    if theirs is None:
        raise ValueError("The file has no readable ISA, so no acknowledgment can be addressed.")
    out = io.BytesIO()
    writer = Writer(out)
    control = f"{control_number:09d}"
    sender, receiver = plain(sender or theirs.receiver), plain(receiver or theirs.sender)
    writer.start_interchange(
        Interchange(
            sender=sender,
            receiver=receiver,
            control_number=control,
            # What the file called us, unless it was the qualifier itself that was unknown.
            sender_qualifier=_qualifier(theirs.receiver_qualifier),
            receiver_qualifier=_qualifier(theirs.sender_qualifier),
            prepared_date=created_at.strftime("%y%m%d"),
            prepared_time=created_at.strftime("%H%M"),
            usage=theirs.usage if theirs.usage in ("P", "T") else "P",
        )
    )
    if report.fault or theirs.acknowledgment_requested:
        code, note = ("R", report.fault.note) if report.fault else ("A", "000")
        answered = (theirs.control_number, theirs.prepared_date, theirs.prepared_time)
        writer.segment("TA1", *map(plain, answered), code, note)
    if not report.fault and report.groups:
        first = report.groups[0]
        group_sender, group_receiver = _party(first.receiver, sender), _party(first.sender, receiver)
        writer.start_group("FA", group_sender, group_receiver, str(control_number), GUIDE, created_at)
        for number, group in enumerate(report.groups, start=1):
            writer.start_set("999", f"{number:04d}", GUIDE)
            _write_group(writer, group)
            writer.end_set()
        writer.end_group()
    writer.end_interchange()
    return out.getvalue()


def _qualifier(qualifier: str) -> str:
    return qualifier if qualifier in ("01", "14", "20", "27", "28", "29", "30", "33", "ZZ") else "ZZ"


def _party(named: str, fallback: str) -> str:
    return plain(named) if 2 <= len(plain(named)) <= 15 else fallback


def _write_group(writer: Writer, group: GroupReport) -> None:
    control = group.control_number if group.control_number.isdigit() and len(group.control_number) <= 9 else "0"
    writer.segment("AK1", plain(group.functional_id) or "BE", control, plain(group.guide)[:12])
    if not group.codes:
        for report in group.sets:
            _write_set(writer, report)
    counts = (group.declared_sets, group.received_sets, len(group.accepted_sets))
    writer.segment("AK9", group_answer(group), *(str(min(count, 999_999)) for count in counts), *group.codes)


def _write_set(writer: Writer, report: SetReport) -> None:
    control = plain(report.control_number)[:9].ljust(4, "0") if report.control_number else "0000"
    writer.segment("AK2", plain(report.set_id)[:3] or "834", control, plain(report.guide)[:35])
    located = [f for f in report.findings if f.level != "set"]
    for _, group in groupby(located, key=lambda f: (f.segment_position, f.segment_id)):
        found = list(group)
        for finding in found:
            if finding.level == "segment":
                _write_segment(writer, finding, finding.code)
        elements = [f for f in found if f.level == "element"]
        if elements:
            _write_segment(writer, elements[0], "8")
            for finding in elements:
                _write_element(writer, finding)
    writer.segment("IK5", set_answer(report), *report.codes)


def _write_segment(writer: Writer, finding: SyntaxFinding, code: str) -> None:
    writer.segment("IK3", finding.segment_id, str(finding.segment_position), finding.bounded_loop, code)
    subscriber = plain(finding.subscriber_number)
    if subscriber and len(subscriber) <= 35:
        writer.segment("CTX", f"SUBSCRIBER NUMBER REF02:{subscriber}", composite=True)


def _write_element(writer: Writer, finding: SyntaxFinding) -> None:
    place = str(finding.element_position) + (f":{finding.component}" if finding.component else "")
    reference = finding.reference if finding.reference.isdigit() else ""
    writer.segment("IK4", place, reference, finding.code, plain(finding.bad_value)[:99], composite=True)


# --- Reading ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ElementAnswer:
    position: int
    component: int
    reference: str
    code: str
    bad_value: str


@dataclass(frozen=True, slots=True)
class SegmentAnswer:
    segment_id: str
    position: int
    code: str
    context: str = ""
    elements: tuple[ElementAnswer, ...] = ()


@dataclass(frozen=True, slots=True)
class SetAnswer:
    set_id: str
    control_number: str
    answer: str
    codes: tuple[str, ...] = ()
    segments: tuple[SegmentAnswer, ...] = ()


@dataclass(frozen=True, slots=True)
class GroupAnswer:
    functional_id: str
    control_number: str
    guide: str
    answer: str
    included: int
    received: int
    accepted: int
    codes: tuple[str, ...] = ()
    sets: tuple[SetAnswer, ...] = ()


@dataclass(frozen=True, slots=True)
class Acknowledgment:
    interchange: Interchange
    groups: tuple[GroupAnswer, ...] = ()
    interchange_answer: str = ""
    """TA104 (A, E or R), empty without a TA1."""
    interchange_note: str = ""
    answered_control_number: str = field(default="")
    """TA101: the interchange that the TA1 answers."""


def read_999(file: BinaryIO) -> Acknowledgment:
    """Reads one acknowledgment. Raises `X12Error` when it is no X12; what a 999 does not know is passed over."""
    tokens = Tokenizer(file)
    ta1 = ["", "", "", "", "", ""]
    groups: list[GroupAnswer] = []
    segments: list[SegmentAnswer] = []
    elements: list[ElementAnswer] = []
    sets: list[SetAnswer] = []
    ak1: list[str] = []
    ak2: list[str] = []
    for parts in _split(tokens):
        name = parts[0]
        if name in ("IK3", "IK5") and elements:
            last = segments.pop()
            segments.append(SegmentAnswer(last.segment_id, last.position, last.code, last.context, tuple(elements)))
            elements = []
        if name == "TA1":
            ta1 = parts
        elif name == "AK1":
            ak1, sets = parts, []
        elif name == "AK2":
            ak2, segments = parts, []
        elif name == "IK3":
            segments.append(SegmentAnswer(parts[1], int(parts[2]), parts[4]))
        elif name == "CTX" and segments and not elements:
            last = segments.pop()
            segments.append(SegmentAnswer(last.segment_id, last.position, last.code, parts[1]))
        elif name == "IK4":
            place, _, component = parts[1].partition(tokens.delimiters.component)
            elements.append(ElementAnswer(int(place), int(component or 0), parts[2], parts[3], parts[4]))
        elif name == "IK5":
            codes = tuple(filter(None, parts[2:7]))
            sets.append(SetAnswer(ak2[1], ak2[2], parts[1], codes, tuple(segments)))
        elif name == "AK9":
            included, received, accepted = (int(text) for text in parts[2:5])
            codes = tuple(filter(None, parts[5:10]))
            groups.append(
                GroupAnswer(ak1[1], ak1[2], ak1[3], parts[1], included, received, accepted, codes, tuple(sets))
            )
    return Acknowledgment(tokens.interchange, tuple(groups), ta1[4], ta1[5], ta1[1])


def _split(tokens: Tokenizer) -> Iterator[list[str]]:
    for text in tokens:
        yield [*text.split(tokens.delimiters.element), *[""] * 10]
