"""Changes of enrollment as rows, applied set-wise (`changes.apply_staged`): an 834 stages many, a page one.
Ends become half-open here: a last day covered is stored as the day after.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final, NamedTuple

from billing.enums import CoverageLine
from members.enrollment.x834.records import Address, CoverageChange, Member, TransactionSet
from members.enums import Relationship, Sex
from members.models import Enrollee
from members.rules import emails, zips
from portals.plan import periods

ADD, CHANGE, END, REINSTATE, COMPARE = "021", "001", "024", "025", "030"
FULL_FILES: Final = frozenset({"4", "RX"})  # BGN08
COBRA: Final = "C"  # INS05
ACTIVE: Final = "A"

# HD03: line of coverage, and the plan type that it names, if it names one.
_LINES: Final[Mapping[str, tuple[CoverageLine, str]]] = {
    "HLT": (CoverageLine.MEDICAL, ""),
    "MM": (CoverageLine.MEDICAL, ""),
    "HMO": (CoverageLine.MEDICAL, "HMO"),
    "POS": (CoverageLine.MEDICAL, "POS"),
    "EPO": (CoverageLine.MEDICAL, "EPO"),
    "PPO": (CoverageLine.MEDICAL, "PPO"),
    "DEN": (CoverageLine.DENTAL, ""),
    "DCP": (CoverageLine.DENTAL, ""),
    "VIS": (CoverageLine.VISION, ""),
}
# HD01: 026 corrects like a change, 002 says that a coverage never was: it ends on the day it began.
_VERBS: Final[Mapping[str, str]] = {
    "021": ADD, "001": CHANGE, "026": CHANGE, "024": END, "002": END, "025": REINSTATE, "030": COMPARE,
}  # fmt: skip
_NEVER_WAS: Final = "002"
# INS02: adopted, foster and stepchildren, wards and sponsored children are children; whoever is none of these counts
# as another dependent.
_CHILDREN: Final = frozenset({"09", "10", "15", "16", "17", "19", "31"})
_KEPT: Final = frozenset(Relationship.values)
_SEXES: Final = frozenset(Sex.values)
_PHONES: Final = ("HP", "CP", "TE", "WP", "AP")


class MemberRow(NamedTuple):
    """A person and what is said of them. Empty text and None mean "not said"."""

    seq: int
    """Order; unique. Later rows win."""
    segment: int
    """Of the file, 1-based; 0 for a page."""
    subscriber: bool
    relationship: str
    maintenance: str
    """021, 001, 024, 025, 030: INS03."""
    creates: bool
    """Whether the row may enroll a person whom we do not know yet."""
    full: bool
    """Part of a full file: who is absent ends."""
    reason: str
    cobra: bool
    cobra_from: dt.date | None
    ends: dt.date | None
    """024: the first day no longer covered."""
    sender_number: str
    """How the sender names the subscriber, or our contract number."""
    group_number: str
    class_name: str
    enrollee_id: int | None
    """Known to pages; a file's people are found by what it says of them."""
    first_name: str
    middle_name: str
    last_name: str
    suffix: str
    birth_date: dt.date | None
    sex: str
    ssn: str
    former_name: str
    former_birth_date: dt.date | None
    former_ssn: str
    address: str
    address2: str
    city: str
    state: str
    zip: str
    phone: str
    email: str
    confidential_address: str
    birth_sequence: str = ""
    """INS17: which of several born at once."""
    corrects: bool = False
    """NM1*74: name, birth date or sex put right what was sent before, and the name is whole: a middle name or
    suffix that is not said is none."""
    notes: tuple[tuple[str, str], ...] = ()
    """What the sender must know of it (`refusal_reasons`) though it is taken: reason and value."""
    named_day: dt.date | None = None
    """When what the row says takes effect, where no line says it: DTP*303, else 356."""
    active: bool = False
    """INS05 is A, and a file says it."""
    active_from: dt.date | None = None
    """Back from COBRA: the day after its end (DTP*341), else 303."""


class LineRow(NamedTuple):
    """What happens to one line of coverage of a member."""

    seq: int
    member_seq: int
    segment: int
    verb: str
    line: str
    """Empty for a line of coverage that we do not have."""
    plan_type: str
    plan_code: str
    begins: dt.date | None
    ends: dt.date | None
    code: str
    """As sent (HD04, else HD03), for the error report."""
    tier: str = ""
    """HD05, whom the sender means to be covered."""


_SAYS_NOTHING: Final = (
    "group_number", "class_name", "first_name", "middle_name", "last_name", "suffix", "sex", "ssn", "former_name",
    "former_ssn", "birth_sequence", "address", "address2", "city", "state", "zip", "phone", "email",
    "confidential_address",
)  # fmt: skip


def relationship(code: str) -> str:
    if code in _CHILDREN:
        return Relationship.CHILD.value
    return code if code in _KEPT else Relationship.OTHER.value


def of_member(header: TransactionSet, member: Member, seq: int, first_line: int) -> tuple[MemberRow, list[LineRow]]:
    """The rows of one member loop; `first_line` numbers its lines on. HD 032 (information only) asks for nothing."""
    dates = member.dates
    lines = list(_lines(member, seq, first_line))
    former = member.former_name
    notes: list[tuple[str, str]] = []
    home = _read_zip(member.address, notes) if member.address else _NOWHERE
    mailing = _read_zip(member.mailing_address, notes) if member.mailing_address else None
    email = member.email.strip()
    if email and not emails.mailable(email):
        notes.append(("email_not_mailable", email))
        email = ""
    row = MemberRow(
        seq=seq,
        segment=member.file_segment_number,
        subscriber=member.is_subscriber,
        relationship=relationship(member.relationship),
        maintenance=member.maintenance,
        creates=member.maintenance in (ADD, COMPARE) or any(line.verb in (ADD, COMPARE) for line in lines),
        full=header.action in FULL_FILES,
        reason=member.reason,
        cobra=member.benefit_status == COBRA,
        cobra_from=_first_day(dates.get("340") or dates.get("303")),
        ends=_end(member, lines) if member.maintenance == END else None,
        sender_number=member.subscriber_number,
        group_number=member.group_number or header.master_policy,
        class_name=member.references.get("17", ""),
        enrollee_id=None,
        first_name=member.first_name,
        middle_name=member.middle_name,
        last_name=member.last_name,
        suffix=member.suffix,
        birth_date=member.birth_date,
        sex=member.sex if member.sex in _SEXES else "",
        ssn=member.ssn,
        former_name=former.first_name if former else "",
        former_birth_date=former.birth_date if former else None,
        former_ssn=former.ssn if former else "",
        address=home.line1,
        address2=home.line2[:60],
        city=home.city,
        state=home.state[:2],
        zip=home.zip,
        phone=next((member.phones[kind][:20] for kind in _PHONES if kind in member.phones), ""),
        email=email,
        confidential_address=_block(mailing) if mailing else "",
        birth_sequence=member.birth_sequence.lstrip("0"),
        corrects=member.corrected,
        notes=tuple(notes),
        active=member.benefit_status == ACTIVE,
        active_from=periods.from_last_day(dates.get("341")) or _first_day(dates.get("303")),
        named_day=_first_day(dates.get("303") or dates.get("356")),
    )
    return row, lines


def of_enrollee(enrollee: Enrollee, maintenance: str, *, reason: str, ends: dt.date | None) -> MemberRow:
    """The row by which a page changes somebody's coverage; it says nothing about the person."""
    return MemberRow(
        seq=1,
        segment=0,
        subscriber=enrollee.relationship == Relationship.SELF,
        relationship=enrollee.relationship,
        maintenance=maintenance,
        creates=False,
        full=False,
        reason=reason,
        cobra=False,
        cobra_from=None,
        ends=ends,
        sender_number=enrollee.contract.number,
        enrollee_id=enrollee.pk,
        birth_date=None,
        former_birth_date=None,
        corrects=False,
        notes=(),
        named_day=None,
        active_from=None,
        active=False,
        **dict.fromkeys(_SAYS_NOTHING, ""),
    )


def _lines(member: Member, seq: int, first: int) -> Iterable[LineRow]:
    offset = member.file_segment_number - member.segment_number
    for change in member.coverages:
        verb = _VERBS.get(change.maintenance)
        if verb is None:
            continue
        line, plan_type = _LINES.get(change.line, ("", ""))
        begins = _first_day(_begin(change, verb, member.dates))
        yield LineRow(
            first,
            seq,
            change.segment_number + offset,
            verb,
            str(line),
            plan_type,
            change.plan_code,
            begins,
            _line_end(change),
            change.plan_code or change.line,
            change.tier,
        )
        first += 1


def _begin(change: CoverageChange, verb: str, of_member: Mapping[str, dt.date]) -> dt.date | None:
    """The day from which a line holds: its own (348, 303), else the member's."""
    named = change.begin_date or change.dates.get("303")
    if verb == REINSTATE:
        named = named or of_member.get("303")
    return named or of_member.get("356")


def _first_day(day: dt.date | None) -> dt.date | None:
    """Nothing begins on a day that never comes: such a date says nothing."""
    return None if day is None or day >= periods.NO_END else day


def _line_end(change: CoverageChange) -> dt.date | None:
    if change.maintenance == _NEVER_WAS:
        return _first_day(change.begin_date)
    return periods.from_last_day(change.end_date)


def _end(member: Member, lines: list[LineRow]) -> dt.date | None:
    """The last day of a person: eligibility end, else the latest end among the lines."""
    if "357" in member.dates:
        return periods.from_last_day(member.dates["357"])
    return max((line.ends for line in lines if line.ends), default=None)


_NOWHERE: Final = Address("")


def _read_zip(address: Address, notes: list[tuple[str, str]]) -> Address:
    code, padded = zips.of_file(address.zip, address.country)
    if padded:
        notes.append(("zip_padded", address.zip))
    return replace(address, zip=code) if code != address.zip else address


def _block(address: Address) -> str:
    place = f"{address.city}, {address.state} {address.zip}".strip(" ,")
    return "\n".join(part for part in (address.line1, address.line2, place) if part)
