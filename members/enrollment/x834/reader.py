"""Reads the members of an 834 whose sets `checker.check` accepted, as a stream: memory does not grow with the file."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, BinaryIO, Final

from members.enrollment.x834.records import (
    Address,
    CoverageChange,
    Event,
    FormerName,
    Member,
    OtherCoverage,
    PrimaryCare,
    TransactionSet,
)
from portals.x12.report import X12Report
from portals.x12.wire import Delimiters, Tokenizer, X12Error


@lru_cache(maxsize=1 << 16)
def _day(text: str) -> date | None:
    return date(int(text[:4]), int(text[4:6]), int(text[6:8])) if text else None


def members(file: BinaryIO, report: X12Report) -> Iterator[tuple[TransactionSet, Member]]:
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


def describe(report: X12Report) -> Mapping[str, int]:
    """Counts of a report for a summary: sets, accepted sets, members and findings."""
    return Counter(
        sets=sum(len(g.sets) for g in report.groups),
        accepted_sets=len(report.accepted_sets),
        members=report.member_count,
        findings=sum(s.finding_count for g in report.groups for s in g.sets),
    )
