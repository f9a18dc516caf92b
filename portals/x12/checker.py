"""Checks X12 files against the tables of their guides (`portals.x12.grammar`): one pass, in a stream.

`check(file, standard)` walks the whole file once and says which transaction sets are sound in syntax; a set with one
syntax error is refused whole, since nothing says what else its sender lost. Memory does not grow with the file.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any, BinaryIO, Final

from portals.x12.grammar import GS, MANY, ElementFault, Loop, Segment, Slot, Standard, faults, pattern
from portals.x12.report import FINDINGS_KEPT, EnvelopeFault, GroupReport, SetReport, SyntaxFinding, X12Report
from portals.x12.wire import Delimiters, Tokenizer, X12Error

# --- What an 834 says ---------------------------------------------------------------------------------------------


# --- What is wrong with one ---------------------------------------------------------------------------------------


# Any nine digits in the grouping of a Social Security number; hides a few telephone numbers too, which does no harm.
_SSN_LIKE: Final = re.compile(r"\d{3}[-. ]?\d{2}[-. ]?\d{4}")


def _masked(value: str, *, wholly: bool) -> str:
    return "*" * len(value) if wholly else _SSN_LIKE.sub("*********", value)


def check(file: BinaryIO, standard: Standard) -> X12Report:
    """One pass over the file. Never raises for what is in it: an unreadable file is a report with a `fault`."""
    try:
        tokens = Tokenizer(file)
    except X12Error as error:
        return X12Report(None, fault=EnvelopeFault(error.note, error.segment_number, error.sentence))
    checker = _Checker(tokens, standard)
    try:
        checker.run()
    except X12Error as error:
        fault = EnvelopeFault(error.note, error.segment_number, error.sentence)
        return X12Report(tokens.interchange, fault=fault, segment_count=error.segment_number)
    return X12Report(tokens.interchange, tuple(checker.groups), None, checker.segment_count)


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
    def __init__(self, tokens: Tokenizer, standard: Standard) -> None:
        self.tokens = tokens
        self.standard = standard
        self.delimiters: Delimiters = tokens.delimiters
        self.groups: list[GroupReport] = []
        self.segment_count = 0
        self.matchers: dict[Segment, tuple[Callable[[str], Any], int]] = {}
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
        if self.group[1] != self.standard.functional_id:
            what = f"{self.standard.functional_id}, {self.standard.purpose}"
            self.group_codes["1"] = f"Segment {number}: the functional group is not {what}."
        elif guide not in self.standard.guides:
            known = " and ".join(self.standard.guides)
            self.group_codes["2"] = f"Segment {number}: GS08 names a guide that is not read here; {known} are."
        for fault in self._faults(GS, parts):
            code = "6" if fault.position == 6 else "1"
            self.group_codes.setdefault(code, f"Segment {number}: GS{fault.position:02d} {fault.text}.")

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
        top = self.standard.guides.get(guide) or next(iter(self.standard.guides.values()))
        self.stack = [_Frame(top)]
        self.lost = False
        for fault in self._faults(top.slots[0].segment, parts):
            self._element(current, "ST", number, "", "", fault, parts)
        if current.set_id != self.standard.set_id:
            self._set_finding(current, "1", number, f"ST01 is not {self.standard.set_id}")
        if not current.control:
            self._set_finding(current, "7", number, "ST02, the control number, is missing")
        if any(s.control_number == current.control for s in self.sets):
            self._set_finding(current, "23", number, "ST02 was used before in this functional group")
        if current.guide != guide and guide in self.standard.guides:
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

    def _faults(self, spec: Segment, parts: list[str]) -> list[ElementFault]:
        return faults(spec, parts, self.delimiters, self.standard.codes_of_other_places)

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
            if seg_id == self.standard.member_id:
                current.close_member()
                current.members += 1
        spec = chosen.segment
        matcher = self.matchers.get(spec)
        if matcher is None:
            matcher = (pattern(spec, self.delimiters).fullmatch, spec.related_from)
            self.matchers[spec] = matcher
        if matcher[0](text) is None or (matcher[1] < 99 and text.count(self.delimiters.element) >= matcher[1]):
            self._look_closely(current, spec, text, number, inner or frame.loop)
        if qualifier in self.standard.subscriber_qualifiers and seg_id == "REF" and not current.subscriber:
            current.subscriber = (text.split(self.delimiters.element) + _PAD)[2]

    def _look_closely(self, current: _Set, spec: Segment, text: str, number: int, loop: Loop) -> None:
        parts = text.split(self.delimiters.element)
        for fault in self._faults(spec, parts):
            self._element(current, spec.id, number, loop.id, loop.bounded, fault, parts)

    def _element(
        self, current: _Set, seg_id: str, number: int, loop: str, bounded: str, fault: ElementFault, parts: list[str]
    ) -> None:
        position = number - current.start + 1
        secret = self.standard.is_secret(seg_id, fault.position, loop, parts)
        value = _masked(fault.value, wholly=secret)
        place = f"element {fault.position}" + (f" component {fault.component}" if fault.component else "")
        quoted = f" “{value}”" if value else ""
        within = f" in loop {loop}" if loop else ""
        end = "; accepted all the same" if fault.noted else ""
        sentence = f"Set {current.shown}, segment {position} ({seg_id}{within}), {place}{quoted} {fault.text}{end}."
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
        if seg_id not in self.standard.segment_ids:
            self._segment_finding(current, seg_id, number, here, "1", f"is not a segment of the {self.standard.set_id}")
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
            self._check_required(current, frame, MANY, number)


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


_PAD: Final = [""] * 18
