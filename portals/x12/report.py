"""What a check of one X12 file found, in the terms of a 999 and in sentences for people."""

from dataclasses import dataclass
from typing import Final, Literal

from portals.x12.wire import Interchange

FINDINGS_KEPT: Final = 500
"""Findings kept of one set; the rest are only counted."""


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
class X12Report:
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
