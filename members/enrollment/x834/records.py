"""What an 834 says: transaction sets, members, coverage changes. Dates are as on the wire: an end date is the last day
covered.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final

from portals.x12.wire import Interchange

_NOTHING: Final[Mapping[str, Any]] = {}


def _nothing() -> Mapping[str, Any]:
    """One empty mapping for all: hundreds of thousands of empty ones would keep the garbage collector busy."""
    return _NOTHING


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
