"""Reads X12 834 enrollment files (005010X220A1 and 005010X307): `check` first, then `members`.

`check(file)` walks the whole file once and says which transaction sets are sound in syntax; a set with one syntax error
is refused whole, since nothing says what else its sender lost. `members(file, report)` walks it again and gives the
members of the accepted sets only. Both read as a stream: memory does not grow with the file.

Dates are as on the wire: an end date is the last day covered. Whether a person or plan is known is not asked here.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, BinaryIO, Final, Literal

from members.enrollment.x834 import guide as guide_834
from members.enrollment.x834.guide import ElementFault, Loop, Slot
from portals.x12.wire import Delimiters, Interchange, Tokenizer, X12Error

FINDINGS_KEPT: Final = 500
"""Findings kept of one set; the rest are only counted."""

_NOTHING: Final[Mapping[str, Any]] = {}


def _nothing() -> Mapping[str, Any]:
    """One empty mapping for all: hundreds of thousands of empty ones would keep the garbage collector busy."""
    return _NOTHING


# --- What an 834 says ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TransactionSet:
    """The header of one transaction set, ST to the first INS."""

    control_number: str
    reference: str
    """BGN02, the sender's own number of this file."""
    action: str
    """BGN08: 2 change file, 4 full file to compare with, RX full file that replaces."""
    purpose: str = "00"
    """BGN01: 00 original, 15 re-submission, 22 information copy."""
    created_date: date | None = None
    created_time: str = ""
    guide: str = "005010X220A1"
    group_control_number: str = ""
    application_sender: str = ""
    application_receiver: str = ""
    master_policy: str = ""
    """REF*38. It grants nothing: whose members may be touched is decided by the upload."""
    sponsor_name: str = ""
    sponsor_id_qualifier: str = ""
    sponsor_tax_id: str = ""
    payer_name: str = ""
    payer_id_qualifier: str = ""
    payer_id: str = ""
    brokers: tuple[tuple[str, str], ...] = ()
    """Name and identifier of each producer or administrator named."""
    dates: Mapping[str, date] = field(default_factory=_nothing)
    quantities: Mapping[str, Decimal] = field(default_factory=_nothing)
    """QTY totals: TO all, ET employees, DT dependents."""
    number: int = field(default=1, compare=False)
    """Its place among the transaction sets of the file, from 1."""


@dataclass(frozen=True, slots=True)
class Address:
    line1: str
    line2: str = ""
    city: str = ""
    state: str = ""
    zip: str = ""
    country: str = ""
    county: str = ""


@dataclass(frozen=True, slots=True)
class FormerName:
    """NM1*70: what the sender had told us before, now corrected."""

    last_name: str
    first_name: str = ""
    middle_name: str = ""
    suffix: str = ""
    ssn: str = field(default="", repr=False)
    birth_date: date | None = None
    sex: str = ""


@dataclass(frozen=True, slots=True)
class PrimaryCare:
    """NM1*P3 below a coverage: the practice that the member chose."""

    name: str
    first_name: str = ""
    npi: str = ""
    other_id: str = ""
    established: bool | None = None
    """Whether the member is a patient there already (NM110: 25 yes, 26 no)."""


@dataclass(frozen=True, slots=True)
class OtherCoverage:
    """COB: insurance elsewhere."""

    sequence: str
    policy_number: str = ""
    coordination: str = ""
    begin_date: date | None = None
    end_date: date | None = None
    insurer_name: str = ""


@dataclass(frozen=True, slots=True)
class CoverageChange:
    """One HD loop: what happens to one line of coverage."""

    maintenance: str
    """HD01: 021 add, 001 change, 024 end, 025 reinstate, 030 as it stands, 002 delete, 026 correct, 032 information."""
    line: str
    """HD03: HLT, DEN, VIS, PDG, HMO, PPO ..."""
    plan_code: str = ""
    tier: str = ""
    """HD05: EMP, ESP, ECH, FAM, IND ..."""
    begin_date: date | None = None
    end_date: date | None = None
    """Last day covered, as on the wire."""
    dates: Mapping[str, date] = field(default_factory=_nothing)
    """Days of the other qualifiers (300, 303, 343 ...); of a range its first day."""
    amounts: Mapping[str, Decimal] = field(default_factory=_nothing)
    references: Mapping[str, str] = field(default_factory=_nothing)
    primary_care: PrimaryCare | None = None
    other_coverage: tuple[OtherCoverage, ...] = ()
    segment_number: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Member:
    """One INS loop."""

    is_subscriber: bool
    relationship: str
    """INS02: 18 self, 01 spouse, 19 child, 53 life partner ..."""
    maintenance: str
    """INS03: 021 add, 001 change, 024 end, 025 reinstate, 030 compare."""
    subscriber_number: str
    """REF*0F (WH in the exchange guide); may be the legacy system's number."""
    last_name: str
    first_name: str = ""
    middle_name: str = ""
    prefix: str = ""
    suffix: str = ""
    corrected: bool = False
    """NM101 was 74: name, birth date or sex correct what was sent before."""
    reason: str = ""
    benefit_status: str = "A"
    """INS05: A active, C COBRA, S surviving insured, T TEFRA."""
    medicare_plan: str = ""
    medicare_reason: str = ""
    cobra_event: str = ""
    employment_status: str = ""
    student_status: str = ""
    disabled: bool | None = None
    death_date: date | None = None
    restricted: bool = False
    """INS13 is R: information about this person may not be passed on."""
    birth_sequence: str = ""
    group_number: str = ""
    references: Mapping[str, str] = field(default_factory=_nothing)
    """Other REF of the member: 17, 23, 3H, 6O, DX, F6, POL ..."""
    dates: Mapping[str, date] = field(default_factory=_nothing)
    """Days by qualifier: 356 eligible from, 357 eligible to, 336 employed from, 337 employed to ..."""
    ssn: str = field(default="", repr=False)
    """NM109 when NM108 is 34. May be missing; never a key."""
    other_id: str = ""
    birth_date: date | None = None
    sex: str = ""
    marital_status: str = ""
    phones: Mapping[str, str] = field(default_factory=_nothing)
    """HP home, WP work, CP cellular, TE unspecified, AP alternate."""
    email: str = ""
    address: Address | None = None
    mailing_address: Address | None = None
    """NM1*31: where mail goes instead; treat it as confidential."""
    former_name: FormerName | None = None
    school: str = ""
    coverages: tuple[CoverageChange, ...] = ()
    segment_number: int = field(default=0, compare=False)
    """Place of the INS in its transaction set; the ST is 1."""
    file_segment_number: int = field(default=0, compare=False)
    """Place of the INS in the file; the ISA is 1."""


Event = Interchange | TransactionSet | Member

# --- What is wrong with one ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SyntaxFinding:
    """One fault of syntax, in the terms of a 999, with a sentence for people. Never shows a Social Security number."""

    level: Literal["set", "segment", "element"]
    set_control: str
    segment_id: str
    segment_position: int
    """Within the set; the ST is 1."""
    loop: str
    code: str
    """By level: the code of IK5, IK3 or IK4."""
    sentence: str
    element_position: int = 0
    component: int = 0
    reference: str = ""
    """Number of the data element in the X12 dictionary."""
    bad_value: str = ""
    noted: bool = False
    """Told to the sender, but the set is accepted all the same."""
    bounded_loop: str = ""
    subscriber_number: str = ""


@dataclass(frozen=True, slots=True)
class SetReport:
    number: int
    """Place among the transaction sets of the file, from 1."""
    set_id: str
    control_number: str
    guide: str
    segment_count: int
    member_count: int
    findings: tuple[SyntaxFinding, ...]
    finding_count: int
    refused: bool

    @property
    def accepted(self) -> bool:
        return not self.refused

    @property
    def codes(self) -> tuple[str, ...]:
        """IK502 to IK506: why the set is refused."""
        found = {f.code for f in self.findings if f.level == "set"}
        if any(f.level != "set" for f in self.findings):
            found.add("5")
        return tuple(sorted(found, key=lambda code: (len(code), code)))[:5]


@dataclass(frozen=True, slots=True)
class GroupReport:
    functional_id: str
    sender: str
    receiver: str
    control_number: str
    guide: str
    declared_sets: int
    received_sets: int
    sets: tuple[SetReport, ...]
    codes: tuple[str, ...] = ()
    """AK905 to AK909: why the group itself is refused."""
    sentences: tuple[str, ...] = ()

    @property
    def accepted_sets(self) -> tuple[SetReport, ...]:
        return () if self.codes else tuple(s for s in self.sets if s.accepted)


@dataclass(frozen=True, slots=True)
class EnvelopeFault:
    """Why the whole interchange is refused; `note` is the TA1 note code."""

    note: str
    segment_number: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Report:
    """What `check` found in one file."""

    interchange: Interchange | None
    groups: tuple[GroupReport, ...] = ()
    fault: EnvelopeFault | None = None
    segment_count: int = 0

    @property
    def accepted_sets(self) -> tuple[SetReport, ...]:
        return () if self.fault else tuple(s for g in self.groups for s in g.accepted_sets)

    @property
    def rejected_sets(self) -> tuple[SetReport, ...]:
        accepted = {s.number for s in self.accepted_sets}
        return tuple(s for g in self.groups for s in g.sets if s.number not in accepted)

    @property
    def findings(self) -> tuple[SyntaxFinding, ...]:
        return tuple(f for g in self.groups for s in g.sets for f in s.findings)

    @property
    def member_count(self) -> int:
        """Members of the accepted sets."""
        return sum(s.member_count for s in self.accepted_sets)

    @property
    def sentences(self) -> tuple[str, ...]:
        """Every reason in order: envelope, groups, sets."""
        first = (f"Segment {self.fault.segment_number}: {self.fault.sentence}",) if self.fault else ()
        groups = tuple(s for g in self.groups for s in g.sentences)
        return first + groups + tuple(f.sentence for f in self.findings)


# Any nine digits in the grouping of a Social Security number; hides a few telephone numbers too, which does no harm.
_SSN_LIKE: Final = re.compile(r"\d{3}[-. ]?\d{2}[-. ]?\d{4}")


def _masked(value: str, *, wholly: bool) -> str:
    return "*" * len(value) if wholly else _SSN_LIKE.sub("*********", value)


def check(file: BinaryIO) -> Report:
    """One pass over the file. Never raises for what is in it: an unreadable file is a report with a `fault`."""
    try:
        tokens = Tokenizer(file)
    except X12Error as error:
        return Report(None, fault=EnvelopeFault(error.note, error.segment_number, error.sentence))
    checker = _Checker(tokens)
    try:
        checker.run()
    except X12Error as error:
        fault = EnvelopeFault(error.note, error.segment_number, error.sentence)
        return Report(tokens.interchange, fault=fault, segment_count=error.segment_number)
    return Report(tokens.interchange, tuple(checker.groups), None, checker.segment_count)


class _Frame:
    """One open loop while walking: how far in its order we are, and how often each place was used."""

    __slots__ = ("at", "counts", "loop", "missing")

    def __init__(self, loop: Loop) -> None:
        self.loop = loop
        self.at = 1
        self.counts: dict[Slot, int] = {}
        self.missing = len(loop.required)


class _Set:
    """One transaction set while it is checked."""

    def __init__(self, number: int, parts: list[str], start: int) -> None:
        padded = [*parts, "", "", ""]
        self.number = number
        # A control number is at most nine characters; what is longer was something else.
        self.shown = padded[2] if len(padded[2]) <= 9 else "?"
        self.set_id, self.control, self.guide = padded[1], padded[2], padded[3]
        self.start = start
        self.findings: list[SyntaxFinding] = []
        self.count = 0
        self.refused = False
        self.members = 0
        self.member_from = 0
        self.subscriber = ""

    def add(self, finding: SyntaxFinding) -> None:
        self.count += 1
        self.refused = self.refused or not finding.noted
        if len(self.findings) < FINDINGS_KEPT:
            self.findings.append(finding)

    def close_member(self) -> None:
        """Names the subscriber in the findings of the member just read, so that the sender finds the person."""
        if self.subscriber and not _SSN_LIKE.search(self.subscriber):
            for index in range(self.member_from, len(self.findings)):
                self.findings[index] = replace(self.findings[index], subscriber_number=self.subscriber)
        self.member_from = len(self.findings)
        self.subscriber = ""

    def report(self, segments: int) -> SetReport:
        return SetReport(
            self.number,
            self.set_id,
            self.control,
            self.guide,
            segments,
            self.members,
            tuple(self.findings),
            self.count,
            self.refused,
        )


class _Checker:
    def __init__(self, tokens: Tokenizer) -> None:
        self.tokens = tokens
        self.delimiters: Delimiters = tokens.delimiters
        self.groups: list[GroupReport] = []
        self.segment_count = 0
        self.matchers: dict[guide_834.Segment, tuple[Callable[[str], Any], int]] = {}
        self.set: _Set | None = None
        self.stack: list[_Frame] = []
        self.lost = False
        self.sets: list[SetReport] = []
        self.group: list[str] | None = None
        self.group_codes: dict[str, str] = {}
        self.group_open_sets = 0
        self.set_number = 0

    # Envelope

    def run(self) -> None:
        separator = self.delimiters.element
        self._check_isa()
        number = 0
        ended = False
        for batch in self.tokens.batches():
            for text in batch:
                number += 1
                parts = text.split(separator, 2)
                seg_id = parts[0]
                current = self.set
                if current is not None and seg_id not in _ENVELOPE:
                    self._segment(current, text, seg_id, parts[1] if len(parts) > 1 else "", number)
                    continue
                if ended:
                    raise X12Error("stands after the IEA; send one interchange a file.", segment_number=number)
                ended = self._envelope(seg_id, text.split(separator), number)
        self.segment_count = number

    def _envelope(self, seg_id: str, parts: list[str], number: int) -> bool:
        if seg_id == "ISA" and number == 1:
            return False
        if seg_id == "ST" and self.group is not None:
            self._end_set(number, None)
            self._start_set(parts, number)
        elif seg_id == "SE" and self.set is not None:
            self._end_set(number, parts)
        elif seg_id == "GS" and self.group is None:
            self._start_group(parts, number)
        elif seg_id == "GE" and self.group is not None:
            self._end_set(number, None)
            self._end_group(parts, number)
        elif seg_id == "IEA":
            self._end_set(number, None)
            if self.group is not None:
                self.group_codes["3"] = f"Segment {number}: the GE of the functional group is missing."
                self._end_group(None, number)
            self._check_iea(parts, number)
            return True
        elif seg_id != "TA1" or self.group is not None:
            words = f"{_safe_id(seg_id)} may not stand between the envelopes."
            raise X12Error(words, segment_number=number, note="024")
        return False

    def _check_isa(self) -> None:
        parts = self.tokens.isa.split(self.delimiters.element)
        for place, expected, note, words in _ISA_RULES:
            if not re.fullmatch(expected, parts[place], re.ASCII):
                raise X12Error(f"ISA{place:02d} {words}.", segment_number=1, note=note)

    def _check_iea(self, parts: list[str], number: int) -> None:
        padded = [*parts, "", ""]
        if padded[2] != self.tokens.interchange.control_number:
            raise X12Error("the control number of the IEA is not that of the ISA.", segment_number=number, note="001")
        if padded[1] != str(len(self.groups)) and padded[1].lstrip("0") != str(len(self.groups)):
            raise X12Error(
                f"the IEA does not count the {len(self.groups)} functional groups that came.",
                segment_number=number,
                note="021",
            )

    def _start_group(self, parts: list[str], number: int) -> None:
        self.group = [*parts, *[""] * 9]
        self.sets = []
        self.group_codes = {}
        self.group_open_sets = 0
        guide = self.group[8]
        if self.group[1] != "BE":
            self.group_codes["1"] = f"Segment {number}: the functional group is not BE, benefit enrollment."
        elif guide not in guide_834.GUIDES:
            known = " and ".join(guide_834.GUIDES)
            self.group_codes["2"] = f"Segment {number}: GS08 names a guide that is not read here; {known} are."
        for fault in guide_834.faults(guide_834.GS, parts, self.delimiters):
            code = "6" if fault.position == 6 else "1"
            self.group_codes.setdefault(code, f"Segment {number}: GS{fault.position:02d} {fault.words}.")

    def _end_group(self, parts: list[str] | None, number: int) -> None:
        group = self.group or []
        declared = len(self.sets)
        if parts is not None:
            padded = [*parts, "", ""]
            if padded[2] != group[6]:
                self.group_codes["4"] = f"Segment {number}: the control number of the GE is not that of the GS."
            if padded[1].isascii() and padded[1].isdigit():
                declared = int(padded[1])
            if declared != len(self.sets) or not padded[1].isdigit():
                self.group_codes["5"] = f"Segment {number}: the GE does not count the {len(self.sets)} sets that came."
        self.groups.append(
            GroupReport(
                functional_id=group[1],
                sender=group[2],
                receiver=group[3],
                control_number=group[6],
                guide=group[8],
                declared_sets=declared,
                received_sets=len(self.sets),
                sets=tuple(self.sets),
                codes=tuple(sorted(self.group_codes))[:5],
                sentences=tuple(self.group_codes.values()),
            )
        )
        self.group = None

    def _start_set(self, parts: list[str], number: int) -> None:
        self.set_number += 1
        self.set = current = _Set(self.set_number, parts, number)
        guide = (self.group or [""] * 9)[8]
        top = guide_834.GUIDES.get(guide, guide_834.SET_220)
        self.stack = [_Frame(top)]
        self.lost = False
        for fault in guide_834.faults(guide_834.ST, parts, self.delimiters):
            self._element(current, "ST", number, "", "", fault, parts)
        if current.set_id != "834":
            self._set_finding(current, "1", number, "ST01 is not 834")
        if not current.control:
            self._set_finding(current, "7", number, "ST02, the control number, is missing")
        if any(s.control_number == current.control for s in self.sets):
            self._set_finding(current, "23", number, "ST02 was used before in this functional group")
        if current.guide != guide and guide in guide_834.GUIDES:
            fault = ElementFault(3, 0, "1705", "7", current.guide, "is not the guide of the functional group")
            self._element(current, "ST", number, "", "", fault, parts)

    def _end_set(self, number: int, parts: list[str] | None) -> None:
        """At an SE, or (without parts) where the SE of an open set should have stood."""
        current = self.set
        if current is None:
            return
        segments = number - current.start + 1
        # Beyond an unsupported guide nothing was walked, so nothing can be missing.
        if "2" not in self.group_codes and "1" not in self.group_codes:
            while self.stack:
                self._close_frame(current, self.stack.pop(), number)
        current.close_member()
        if parts is None:
            self._set_finding(current, "2", number, "the SE is missing")
            segments -= 1
        else:
            padded = [*parts, "", ""]
            if padded[2] != current.control:
                self._set_finding(current, "3", number, "SE02 is not the control number of the ST")
            if not (padded[1].isascii() and padded[1].isdigit() and int(padded[1]) == segments):
                shown = _masked(padded[1][:10], wholly=False) or "nothing"
                self._set_finding(current, "4", number, f"SE01 counts {shown} where {segments} segments came")
        self.sets.append(current.report(segments))
        self.set = None
        self.stack = []

    def _set_finding(self, current: _Set, code: str, number: int, words: str) -> None:
        position = number - current.start + 1
        sentence = f"Set {current.shown}, segment {position}: {words}."
        seg_id = "ST" if position == 1 else "SE"
        current.add(SyntaxFinding("set", current.control, seg_id, position, "", code, sentence))

    # Body of a set

    def _segment(self, current: _Set, text: str, seg_id: str, qualifier: str, number: int) -> None:
        if self.group_codes and ("1" in self.group_codes or "2" in self.group_codes):
            return
        stack = self.stack
        depth = len(stack) - 1
        chosen: Slot | None = None
        while depth >= 0:
            frame = stack[depth]
            row = frame.loop.table.get(seg_id)
            if row is not None:
                chosen = row.get(qualifier) or row.get(None)
                if chosen is not None and chosen.at >= frame.at:
                    break
                chosen = None
            depth -= 1
        if chosen is None:
            self._misplaced(current, text, seg_id, qualifier, number)
            return
        while len(stack) - 1 > depth:
            closed = stack.pop()
            if closed.missing:
                self._close_frame(current, closed, number)
        counts = frame.counts
        used = counts.get(chosen, 0) + 1
        counts[chosen] = used
        if chosen.at > frame.at:
            if frame.missing:
                self._check_required(current, frame, chosen.at, number)
            frame.at = chosen.at
        if chosen.required and used == 1:
            frame.missing -= 1
        inner = chosen.loop
        if used > chosen.most:
            # A segment too often has code 5, a whole loop too often code 4.
            self._too_often(current, seg_id, number, chosen, frame)
        if inner is not None:
            stack.append(_Frame(inner))
            self.lost = False
            if seg_id == "INS":
                current.close_member()
                current.members += 1
        spec = chosen.segment
        matcher = self.matchers.get(spec)
        if matcher is None:
            matcher = (guide_834.pattern(spec, self.delimiters).fullmatch, spec.related_from)
            self.matchers[spec] = matcher
        if matcher[0](text) is None or (matcher[1] < 99 and text.count(self.delimiters.element) >= matcher[1]):
            self._look_closely(current, spec, text, number, inner or frame.loop)
        if qualifier in _SUBSCRIBER and seg_id == "REF" and not current.subscriber:
            current.subscriber = (text.split(self.delimiters.element) + _PAD)[2]

    def _look_closely(self, current: _Set, spec: guide_834.Segment, text: str, number: int, loop: Loop) -> None:
        parts = text.split(self.delimiters.element)
        for fault in guide_834.faults(spec, parts, self.delimiters):
            self._element(current, spec.id, number, loop.id, loop.bounded, fault, parts)

    def _element(
        self, current: _Set, seg_id: str, number: int, loop: str, bounded: str, fault: ElementFault, parts: list[str]
    ) -> None:
        position = number - current.start + 1
        secret = (seg_id == "NM1" and fault.position == 9 and (loop[:4] == "2100" or parts[8:9] == ["34"])) or (
            seg_id == "REF" and fault.position == 2 and parts[1:2] == ["SY"]
        )
        value = _masked(fault.value, wholly=secret)
        place = f"element {fault.position}" + (f" component {fault.component}" if fault.component else "")
        quoted = f" “{value}”" if value else ""
        within = f" in loop {loop}" if loop else ""
        end = "; accepted all the same" if fault.noted else ""
        sentence = f"Set {current.shown}, segment {position} ({seg_id}{within}), {place}{quoted} {fault.words}{end}."
        current.add(
            SyntaxFinding(
                "element",
                current.control,
                seg_id,
                position,
                loop,
                fault.code,
                sentence,
                element_position=fault.position,
                component=fault.component,
                reference=fault.reference,
                bad_value=value,
                noted=fault.noted,
                bounded_loop=bounded,
            )
        )

    def _segment_finding(
        self, current: _Set, seg_id: str, number: int, loop: Loop | None, code: str, words: str
    ) -> None:
        position = number - current.start + 1
        name = loop.id if loop else ""
        within = f" in loop {name}" if name else ""
        shown = _safe_id(seg_id)
        sentence = f"Set {current.shown}, segment {position} ({shown}{within}) {words}."
        current.add(
            SyntaxFinding(
                "segment",
                current.control,
                shown,
                position,
                name,
                code,
                sentence,
                bounded_loop=loop.bounded if loop else "",
            )
        )

    def _misplaced(self, current: _Set, text: str, seg_id: str, qualifier: str, number: int) -> None:
        here = self.stack[-1].loop if self.stack else None
        if seg_id not in guide_834.LEGAL_IDS:
            self._segment_finding(current, seg_id, number, here, "1", "is not a segment of the 834")
            return
        if self.lost and seg_id not in ("NM1", "N1"):
            return
        self.lost = True
        for frame in reversed(self.stack):
            row = frame.loop.table.get(seg_id)
            chosen = row and (row.get(qualifier) or row.get(None))
            if chosen:
                if frame.counts.get(chosen, 0) >= chosen.most:
                    self._too_often(current, seg_id, number, chosen, frame)
                else:
                    self._segment_finding(current, seg_id, number, frame.loop, "7", "stands too late in its loop")
                return
        self._segment_finding(current, seg_id, number, here, "2", "is not expected here")

    def _too_often(self, current: _Set, seg_id: str, number: int, chosen: Slot, frame: _Frame) -> None:
        times = "once" if chosen.most == 1 else f"{chosen.most} times"
        inner = chosen.loop
        if inner is not None:
            words = f"begins loop {inner.id}, which may come {times}"
            self._segment_finding(current, seg_id, number, inner, "4", words)
        else:
            self._segment_finding(current, seg_id, number, frame.loop, "5", f"may come {times}")

    def _check_required(self, current: _Set, frame: _Frame, before: int, number: int) -> None:
        for needed in frame.loop.required:
            if needed.at < before and needed not in frame.counts:
                frame.counts[needed] = 0
                frame.missing -= 1
                first = min(needed.qualifiers) if needed.qualifiers else ""
                name = f"{needed.segment.id}*{first}" if first else needed.segment.id
                loop = needed.loop or frame.loop
                self._segment_finding(current, needed.segment.id, number, loop, "3", f"is missing (no {name} before)")

    def _close_frame(self, current: _Set, frame: _Frame, number: int) -> None:
        if frame.missing:
            self._check_required(current, frame, guide_834.MANY, number)


_SUBSCRIBER: Final = frozenset(("0F", "WH"))
_ENVELOPE: Final = frozenset(("ISA", "GS", "ST", "SE", "GE", "IEA", "TA1"))

_ISA_RULES: Final = (
    (1, r"0[03]", "010", "holds an unknown qualifier"),
    (3, r"0[01]", "012", "holds an unknown qualifier"),
    (5, r"01|14|20|27|28|29|30|33|ZZ", "005", "holds an unknown qualifier"),
    (6, r".*\S.*", "006", "names no sender"),
    (7, r"01|14|20|27|28|29|30|33|ZZ", "007", "holds an unknown qualifier"),
    (8, r".*\S.*", "008", "names no receiver"),
    (9, r"\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])", "014", "is not a day"),
    (10, r"([01]\d|2[0-3])[0-5]\d", "015", "is not a time"),
    (12, r"00501", "017", "is not version 00501"),
    (13, r"\d{9}", "018", "is not a control number of nine digits"),
    (14, r"[01]", "019", "is neither 0 nor 1"),
    (15, r"[PT]", "020", "is neither P nor T"),
)


def _safe_id(seg_id: str) -> str:
    """The segment id if it can be one; else a sign for "unreadable", since it may be any data."""
    return seg_id if re.fullmatch(r"[A-Z][A-Z0-9]{1,2}", seg_id) else "???"


# --- Reading ------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1 << 16)
def _day(text: str) -> date | None:
    return date(int(text[:4]), int(text[4:6]), int(text[6:8])) if text else None


def members(file: BinaryIO, report: Report) -> Iterator[tuple[TransactionSet, Member]]:
    """The members of the sets that `check` accepted, in the order of the file."""
    wanted = frozenset(s.number for s in report.accepted_sets)
    header: TransactionSet | None = None
    if not wanted:
        return
    for event in read(file, wanted):
        if isinstance(event, Member):
            assert header is not None
            yield header, event
        elif isinstance(event, TransactionSet):
            header = event


def read(file: BinaryIO, sets: frozenset[int] | None = None) -> Iterator[Event]:
    """The interchange, then each transaction set followed by its members; `sets` picks sets by number (none: all).

    Meant for sets that `check` accepted. Raises `X12Error` where a value cannot be read.
    """
    tokens = Tokenizer(file)
    yield tokens.interchange
    number = 0
    reader = _Reader(tokens.delimiters)
    wanted = False
    for batch in tokens.batches():
        for text in batch:
            number += 1
            head = text[:2]
            if head == "ST":
                wanted = sets is None or reader.number + 1 in sets
                reader.start(text, number)
            elif head == "GS":
                reader.group(text)
            elif head == "SE":
                if wanted:
                    yield from reader.finish()
                wanted = False
            elif wanted:
                try:
                    if head == "IN":
                        yield from reader.finish()
                    reader.segment(text, number)
                except (ValueError, ArithmeticError) as error:
                    raise X12Error("holds a value that cannot be read.", segment_number=number) from error


_PAD: Final = [""] * 18
_PHONE_CODES: Final = frozenset(("HP", "WP", "CP", "TE", "AP", "BN", "FX", "EX"))


class _Reader:
    """Builds the header and one member at a time from segments in order."""

    def __init__(self, delimiters: Delimiters) -> None:
        self.separator = delimiters.element
        self.component = delimiters.component
        self.number = 0
        self.gs: list[str] = _PAD
        self.header: dict[str, Any] | None = None
        self.member: dict[str, Any] | None = None
        self.coverage: dict[str, Any] | None = None
        self.other: dict[str, Any] | None = None
        self.party = ""
        self.first = 0
        self.coverages: list[CoverageChange] = []
        self.others: list[OtherCoverage] = []
        self.handlers: dict[str, Callable[[list[str], int], None]] = {
            name[4:].upper(): getattr(self, name) for name in dir(self) if name.startswith("_on_")
        }

    def group(self, text: str) -> None:
        self.gs = text.split(self.separator) + _PAD

    def start(self, text: str, number: int) -> None:
        parts = text.split(self.separator) + _PAD
        self.number += 1
        self.first = number
        self.member = self.coverage = self.other = None
        self.party = ""
        self.header = {
            "control_number": parts[2],
            "guide": self.gs[8],
            "group_control_number": self.gs[6],
            "application_sender": self.gs[2],
            "application_receiver": self.gs[3],
            "reference": "",
            "action": "",
            "number": self.number,
            "dates": {},
            "quantities": {},
            "brokers": (),
        }

    def segment(self, text: str, number: int) -> None:
        parts = text.split(self.separator)
        handler = self.handlers.get(parts[0])
        if handler is not None:
            parts += _PAD
            handler(parts, number)

    def finish(self) -> Iterator[TransactionSet | Member]:
        """What is complete: the header before the first member, else the member before."""
        if self.header is not None:
            done = TransactionSet(**self.header)
            self.header = None
            yield done
        if self.member is not None:
            self._end_coverage()
            if self.coverages:
                self.member["coverages"] = tuple(self.coverages)
                self.coverages = []
            member = Member(**self.member)
            self.member = None
            yield member

    def _end_coverage(self) -> None:
        if self.coverage is not None:
            self._end_other()
            if self.others:
                self.coverage["other_coverage"] = tuple(self.others)
                self.others = []
            self.coverages.append(CoverageChange(**self.coverage))
            self.coverage = None

    def _end_other(self) -> None:
        if self.other is not None:
            self.others.append(OtherCoverage(**self.other))
            self.other = None

    # Header

    def _on_bgn(self, p: list[str], number: int) -> None:
        assert self.header is not None
        self.header.update(purpose=p[1], reference=p[2], created_date=_day(p[3]), created_time=p[4], action=p[8])

    def _on_qty(self, p: list[str], number: int) -> None:
        if self.header is not None:
            self.header["quantities"][p[1]] = Decimal(p[2])

    def _on_n1(self, p: list[str], number: int) -> None:
        header = self.header
        if header is None:
            return
        self.party = p[1]
        if p[1] == "P5" or (p[1] == "62" and "sponsor_name" not in header):
            header.update(sponsor_name=p[2], sponsor_id_qualifier=p[3], sponsor_tax_id=p[4])
        elif p[1] == "IN":
            header.update(payer_name=p[2], payer_id_qualifier=p[3], payer_id=p[4])
        elif p[1] in ("BO", "TV"):
            header["brokers"] += ((p[2], p[4]),)

    # Member

    def _on_ins(self, p: list[str], number: int) -> None:
        self.party = ""
        medicare = p[6].split(self.component) if p[6] else _PAD
        self.member = m = {
            "is_subscriber": p[1] == "Y",
            "relationship": p[2],
            "maintenance": p[3],
            "reason": p[4],
            "benefit_status": p[5],
            "employment_status": p[8],
            "subscriber_number": "",
            "last_name": "",
            "segment_number": number - self.first + 1,
            "file_segment_number": number,
        }
        if p[6]:
            m["medicare_plan"] = medicare[0]
            m["medicare_reason"] = medicare[1] if len(medicare) > 1 else ""
        if p[7]:
            m["cobra_event"] = p[7]
        if p[9]:
            m["student_status"] = p[9]
        if p[10]:
            m["disabled"] = p[10] == "Y"
        if p[12]:
            m["death_date"] = _day(p[12])
        if p[13]:
            m["restricted"] = p[13] == "R"
        if p[17]:
            m["birth_sequence"] = p[17]

    def _on_ref(self, p: list[str], number: int) -> None:
        qualifier = p[1]
        member = self.member
        if member is None:
            if self.header is not None and qualifier == "38":
                self.header["master_policy"] = p[2]
        elif self.party in ("LS", "COB"):
            return
        elif self.coverage is not None:
            self.coverage.setdefault("references", {})[qualifier] = p[2]
        elif qualifier == "0F" or qualifier == "WH":
            member["subscriber_number"] = p[2]
        elif qualifier == "1L":
            member["group_number"] = p[2]
        else:
            member.setdefault("references", {})[qualifier] = p[2]

    def _on_dtp(self, p: list[str], number: int) -> None:
        if p[2] not in ("D8", "RD8"):
            return
        qualifier, text = p[1], p[3]
        day = _day(text[:8])
        member, coverage = self.member, self.coverage
        if member is None:
            if self.header is not None:
                self.header["dates"][qualifier] = day
        elif self.party == "COB" and self.other is not None:
            if qualifier == "344":
                self.other["begin_date"] = day
            elif qualifier == "345":
                self.other["end_date"] = day
        elif self.party in ("LS", "DSB"):
            return
        elif coverage is None:
            member.setdefault("dates", {})[qualifier] = day
        elif qualifier == "348":
            coverage["begin_date"] = day
            if p[2] == "RD8":
                coverage["end_date"] = _day(text[9:])
        elif qualifier == "349":
            coverage["end_date"] = _day(text[9:]) if p[2] == "RD8" else day
        else:
            coverage.setdefault("dates", {})[qualifier] = day

    def _on_nm1(self, p: list[str], number: int) -> None:
        member = self.member
        if member is None:
            return
        if self.other is not None:
            if not self.other.get("insurer_name"):
                self.other["insurer_name"] = p[3]
            return
        self.party = qualifier = p[1]
        if self.coverage is not None:
            if qualifier == "P3":
                npi = p[9] if p[8] == "XX" else ""
                self.coverage["primary_care"] = PrimaryCare(
                    p[3], p[4], npi, "" if npi else p[9], {"25": True, "26": False}.get(p[10])
                )
        elif qualifier == "IL" or qualifier == "74":
            member["last_name"] = p[3]
            member["first_name"] = p[4]
            member["middle_name"] = p[5]
            if p[6]:
                member["prefix"] = p[6]
            if p[7]:
                member["suffix"] = p[7]
            if p[8] == "34":
                member["ssn"] = p[9]
            elif p[9]:
                member["other_id"] = p[9]
            if qualifier == "74":
                member["corrected"] = True
        elif qualifier == "70":
            ssn = p[9] if p[8] == "34" else ""
            member["former_name"] = FormerName(p[3], p[4], p[5], p[7], ssn)
        elif qualifier == "M8":
            member["school"] = p[3]

    def _on_per(self, p: list[str], number: int) -> None:
        member = self.member
        if member is None or self.party not in ("IL", "74"):
            return
        phones = {}
        for place in (3, 5, 7):
            if p[place] == "EM":
                member["email"] = p[place + 1]
            elif p[place] in _PHONE_CODES:
                phones[p[place]] = p[place + 1]
        if phones:
            member["phones"] = phones

    def _on_n3(self, p: list[str], number: int) -> None:
        if self.member is not None and self.coverage is None:
            key = _ADDRESS_OF.get(self.party)
            if key:
                self.member[key] = Address(p[1], p[2])

    def _on_n4(self, p: list[str], number: int) -> None:
        if self.member is not None and self.coverage is None:
            key = _ADDRESS_OF.get(self.party)
            if key:
                street = self.member.get(key)
                county = p[6] if p[5] == "CY" else ""
                line1, line2 = (street.line1, street.line2) if street else ("", "")
                self.member[key] = Address(line1, line2, p[1], p[2], p[3], p[4], county)

    def _on_dmg(self, p: list[str], number: int) -> None:
        member = self.member
        if member is None:
            return
        if self.party in ("IL", "74"):
            member["birth_date"] = _day(p[2])
            member["sex"] = p[3]
            if p[4]:
                member["marital_status"] = p[4]
        elif self.party == "70":
            member["former_name"] = replace(member["former_name"], birth_date=_day(p[2]), sex=p[3])

    def _on_dsb(self, p: list[str], number: int) -> None:
        self.party = "DSB"

    # Coverage

    def _on_hd(self, p: list[str], number: int) -> None:
        self._end_coverage()
        self.party = "HD"
        self.coverage = {
            "maintenance": p[1],
            "line": p[3],
            "plan_code": p[4],
            "tier": p[5],
            "segment_number": number - self.first + 1,
        }

    def _on_amt(self, p: list[str], number: int) -> None:
        if self.coverage is not None:
            self.coverage.setdefault("amounts", {})[p[1]] = Decimal(p[2])

    def _on_cob(self, p: list[str], number: int) -> None:
        self._end_other()
        self.party = "COB"
        self.other = {"sequence": p[1], "policy_number": p[2], "coordination": p[3]}

    def _on_ls(self, p: list[str], number: int) -> None:
        self._end_coverage()
        self.party = "LS"


_ADDRESS_OF: Final = {"IL": "address", "74": "address", "31": "mailing_address"}


def describe(report: Report) -> Mapping[str, int]:
    """Counts of a report for a summary: sets, accepted sets, members and findings."""
    return Counter(
        sets=sum(len(g.sets) for g in report.groups),
        accepted_sets=len(report.accepted_sets),
        members=report.member_count,
        findings=sum(s.finding_count for g in report.groups for s in g.sets),
    )
