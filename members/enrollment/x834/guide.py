"""What an 834 may look like: tables of elements, segments and loops, and the walk through them.

The tables hold facts only (numbers, lengths, codes, order), written down for the segments of the two guides that we
read: 005010X220A1 (employers, producers) and 005010X307 (exchanges; looser, since few send it).

A segment is described by one line: element numbers in order, each with `!` (required), `?` (may stand) or `-` (must not
stand). Relations between elements are written as X12 writes them: P (all or none), R (at least one), E (at most one),
C (the first needs the others), L (the first needs one of the others).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Final

from portals.x12.wire import Delimiters


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


# number: (type, shortest, longest). AN text, ID code, DT day, TM time, N0 whole number, R decimal, DX a day or a range
# of days as the element before it says.
_ELEMENTS: Final[Mapping[str, tuple[str, int, int]]] = {
    number: (kind, int(low), int(high))
    for number, kind, low, high in (
        line.split(":")
        for line in _set(
            "1035:AN:1:60 1036:AN:1:35 1037:AN:1:25 1038:AN:1:10 1039:AN:1:10 1065:ID:1:1 1066:ID:1:2 1067:ID:1:1 "
            "1068:ID:1:1 1069:ID:2:2 1073:ID:1:1 1109:ID:1:1 1136:ID:1:1 1137:AN:1:15 1138:ID:1:1 1143:ID:1:1 "
            "1146:ID:1:1 1149:ID:2:3 1154:N0:1:2 1161:ID:1:1 116:ID:3:15 1165:ID:1:1 1176:ID:2:3 1201:AN:1:50 "
            "1203:ID:2:3 1204:AN:1:50 1205:ID:2:3 1207:ID:3:3 1209:ID:1:1 1211:ID:2:3 1212:ID:1:1 1213:ID:1:1 "
            "1214:AN:1:30 1215:ID:1:1 1216:ID:1:1 1218:ID:1:1 1219:ID:1:2 1220:ID:1:1 124:AN:2:15 1250:ID:2:3 "
            "1251:DX:1:35 127:AN:1:50 1270:ID:1:3 1271:AN:1:30 128:ID:2:3 1303:ID:1:2 1365:ID:1:2 142:AN:2:15 "
            "143:ID:3:3 1470:N0:1:9 1476:ID:1:1 156:ID:2:2 166:AN:1:55 1701:ID:1:1 1705:AN:1:35 1715:ID:1:3 19:AN:2:30 "
            "235:ID:2:2 26:ID:2:3 28:N0:1:9 306:ID:1:2 309:ID:1:2 310:AN:1:30 329:AN:4:9 337:TM:4:8 352:AN:1:80 "
            "353:ID:2:2 364:AN:1:256 365:ID:2:2 366:ID:2:2 373:DT:8:8 374:ID:3:3 380:R:1:15 423:ID:2:2 443:AN:1:20 "
            "447:AN:1:4 455:ID:1:2 478:ID:1:1 479:ID:2:2 480:AN:1:12 508:AN:1:35 522:ID:1:3 554:N0:1:6 569:ID:2:3 "
            "584:ID:2:2 594:ID:1:1 609:N0:1:9 61:AN:1:30 623:ID:2:2 640:ID:2:2 65:R:1:8 659:ID:1:1 66:ID:1:2 "
            "67:AN:2:80 673:ID:2:2 706:ID:2:2 782:R:1:18 786:ID:2:2 81:R:1:10 875:ID:3:3 93:AN:1:60 954:R:1:10 "
            "96:N0:1:10 97:N0:1:6 98:ID:2:3 100:ID:3:3 107:ID:1:2 C052:C:1:9 C056:C:1:80 C001:C:1:99 C040:C:1:99 "
            "C022:C:1:99"
        )
    )
}

# The parts of composite elements that are read.
_COMPONENTS: Final[Mapping[str, tuple[str, ...]]] = {
    "C052": ("1218!", "1701?"),
    "C056": ("1109?", "1270?", "1271?"),
}

STATES: Final = _set(
    "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK "
    "OR PA RI SC SD TN TX UT VT VA WA WV WI WY AS GU MP PR VI FM MH PW AA AE AP "
    "AB BC MB NB NF NL NS NT NU ON PE PQ QC SK YT"
)

HEADER_DATES: Final = _set("007 090 091 303 382 388")
MEMBER_DATES: Final = _set(
    "050 286 296 297 300 301 303 336 337 338 339 340 341 350 351 356 357 383 385 386 393 394 473 474"
)
COVERAGE_DATES: Final = _set("300 303 343 348 349 543 695")
_DISABILITY_DATES: Final = _set("360 361")
_COB_DATES: Final = _set("344 345")
_PLACED_DATES: Final = HEADER_DATES | MEMBER_DATES | COVERAGE_DATES | _DISABILITY_DATES | _COB_DATES

RELATIONSHIPS: Final = "01 03 04 05 06 07 08 09 10 11 12 13 14 15 16 17 18 19 23 24 25 26 31 38 53 60 D2 G8 G9"
MAINTENANCE: Final = "001 021 024 025 030"
REASONS: Final = (
    "01 02 03 04 05 06 07 08 09 10 11 14 15 16 17 18 20 21 22 25 26 27 28 29 31 32 33 37 38 39 40 41 43 59 "
    "AA AB AC AD AE AF AG AH AI AJ AL EC XN XT"
)
LINES: Final = "AG AH AJ AK DCP DEN EPO FAC HE HLT HMO LTC LTD MM MOD PDG POS PPO PRA STD UR VIS"
TIERS: Final = "CHD DEP E1D E2D E3D E5D E6D E7D E8D E9D ECH EMP ESP FAM IND SPC SPO TWO"


@dataclass(frozen=True, slots=True)
class ElementFault:
    """One wrong element of a segment: IK4's position, component, reference, code and value, and our words for it."""

    position: int
    component: int
    reference: str
    code: str
    value: str
    words: str
    noted: bool = False


@dataclass(frozen=True, slots=True)
class Element:
    reference: str
    usage: str
    codes: frozenset[str] = frozenset()
    lenient: bool = False
    """A code outside the list is noted, not refused, unless it belongs to another place of the guide."""
    repeats: int = 1

    @property
    def kind(self) -> str:
        return _ELEMENTS[self.reference][0]


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    id: str
    elements: tuple[Element, ...]
    relations: tuple[tuple[str, tuple[int, ...]], ...] = ()

    @property
    def pairs(self) -> frozenset[int]:
        """First places of neighbors of which both or none must stand; the pattern checks them itself."""
        return frozenset(p[0] for letter, p in self.relations if letter == "P" and len(p) == 2 and p[1] == p[0] + 1)

    @property
    def related_from(self) -> int:
        """A segment with fewer elements that matches the pattern cannot break a relation."""
        open_ = [(letter, p) for letter, p in self.relations if letter != "P" or p[0] not in self.pairs]
        return min(({"E": p[1], "R": 0}.get(letter, p[0]) for letter, p in open_), default=99)


def segment(
    name: str, elements: str, codes: Mapping[int, str] | None = None, relations: str = "", *, lenient: int = 0
) -> Segment:
    built = []
    for place, token in enumerate(elements.split(), start=1):
        reference, usage, repeats = re.fullmatch(r"(\w+)([!?-])(\d*)", token).groups()  # type: ignore[union-attr]  # our own tables
        listed = frozenset((codes or {}).get(place, "").split())
        built.append(Element(reference, usage, listed, place == lenient, int(repeats or 1)))
    related = tuple(
        (rule[0], tuple(int(rule[i : i + 2]) for i in range(1, len(rule), 2))) for rule in relations.split()
    )
    return Segment(name, tuple(built), related)


@dataclass(frozen=True, slots=True, eq=False)
class Slot:
    """A place in a loop: which segment, with which first elements (none: any), where in the order, how often."""

    segment: Segment
    at: int
    qualifiers: frozenset[str]
    most: int
    required: bool
    loop: "Loop | None" = None


@dataclass(frozen=True, slots=True, eq=False)
class Loop:
    id: str
    table: Mapping[str, Mapping[str | None, Slot]]
    required: tuple[Slot, ...]
    bounded: str = ""
    """The identifier that LS gave to this loop."""
    slots: tuple[Slot, ...] = field(default=())


MANY: Final = 1_000_000_000


def slot(what: "Segment | Loop", at: int, qualifiers: str = "", most: int = 1, *, required: bool = False) -> Slot:
    if isinstance(what, Loop):
        first = what.slots[0]
        return Slot(first.segment, at, first.qualifiers, most, required, what)
    return Slot(what, at, frozenset(qualifiers.split()), most, required)


def loop(name: str, *slots: Slot, bounded: str = "") -> Loop:
    table: dict[str, dict[str | None, Slot]] = {}
    for place in slots[1:]:  # the first segment opens the loop: its parent looks for it
        row = table.setdefault(place.segment.id, {})
        for qualifier in place.qualifiers or {None}:
            row[qualifier] = place
    return Loop(name, table, tuple(s for s in slots if s.required), bounded, slots)


# --- Segments -------------------------------------------------------------------------------------------------------

_PHONES = "AP BN CP EM EX FX HP TE WP"


def _per(qualifier: str, name: str = "-") -> Segment:
    codes = {1: qualifier, 3: _PHONES, 5: _PHONES, 7: _PHONES}
    return segment("PER", f"366! 93{name} 365! 364! 365? 364? 365? 364? 443-", codes, "P0304 P0506 P0708")


def _nm1(qualifiers: str, kinds: str, use: str, id_codes: str = "", relations: str = "P0809") -> Segment:
    """`use` gives the usage of NM103 to NM110 in order."""
    numbers = ("1035", "1036", "1037", "1038", "1039", "66", "67", "706")
    rest = " ".join(number + usage for number, usage in zip(numbers, use, strict=True))
    codes = {1: qualifiers, 2: kinds, 8: id_codes, 10: "25 26 72"}
    return segment("NM1", f"98! 1065! {rest} 98- 1035-", codes, relations)


def _ref(qualifiers: str) -> Segment:
    return segment("REF", "128! 127! 352- C040-", {1: qualifiers})


def _dtp(qualifiers: Iterable[str], formats: str = "D8", *, lenient: bool = False) -> Segment:
    return segment("DTP", "374! 1250! 1251!", {1: " ".join(qualifiers), 2: formats}, lenient=1 if lenient else 0)


def _n1(qualifiers: str, name: str, id_codes: str) -> Segment:
    return segment("N1", f"98! 93{name} 66! 67! 706- 98-", {1: qualifiers, 3: id_codes})


def _amt() -> Segment:
    return segment("AMT", "522! 782! 478-", {1: "B9 C1 D2 EBA FK P3 R"})


ST = segment("ST", "143! 329! 1705!", {1: "834"})
SE = segment("SE", "96! 329!")
GS = segment("GS", "479! 142! 124! 373! 337! 28! 455! 480!", {7: "X"})
GE = segment("GE", "97! 28!")
_BGN = segment(
    "BGN",
    "353! 127! 373! 337! 623? 127? 640- 306! 786-",
    {1: "00 15 22", 8: "2 4 RX"},
    "C0504",
)
_QTY = segment("QTY", "673! 380! C001- 61-", {1: "DT ET TO"})
_N3 = segment("N3", "166! 166?")
_STATES = " ".join(sorted(STATES))
_N4_COUNTY = segment("N4", "19! 156? 116? 26? 309? 310? 1715?", {2: _STATES, 5: "60 CY"}, "E0207 C0605 C0704")
_N4 = segment("N4", "19! 156? 116? 26? 309- 310- 1715?", {2: _STATES}, "E0207 C0704")
_ACT = segment("ACT", "508! 93- 66- 67- 569- 508? 352- 107- 1216-")
_INS = segment(
    "INS",
    "1073! 1069! 875! 1203? 1216! C052? 1219? 584? 1220? 1073? 1250? 1251? 1165? 19- 156- 26- 1470?",
    {
        1: "N Y",
        2: RELATIONSHIPS,
        3: MAINTENANCE,
        4: REASONS,
        5: "A C S T",
        6: "A B C D E",
        7: "1 10 2 3 4 5 6 7 8 9 ZZ",
        8: "AC AO AU FT L1 PT RT TE",
        9: "F N P",
        10: "N Y",
        11: "D8",
        13: "R U",
    },
    "P1112",
)
_MEMBER_REFS = "17 23 3H 4A 6O ABB D3 DX F6 P5 Q4 QQ ZZ"
_DMG = segment(
    "DMG",
    "1250! 1251! 1068! 1067? C056?10 1066? 26- 659- 380- 1270? 1271?",
    {1: "D8", 3: "F M U", 4: "B D I M R S U W X", 6: "1 2 3 4 5 6 7", 10: "REC"},
    "P1011 C1105",
)
_DMG_OPEN = segment(
    "DMG",
    "1250? 1251? 1068? 1067? C056?10 1066? 26- 659- 380- 1270? 1271?",
    {1: "D8", 3: "F M U", 4: "B D I M R S U W X", 6: "1 2 3 4 5 6 7", 10: "REC"},
    "P0102 P1011 C1105",
)
_EC = segment("EC", "1176! 1176? 1176? 954- 1201- 1149-")
_ICM = segment("ICM", "594! 782! 380? 310? 1214? 100-", {1: "1 2 3 4 6 7 8 9 B C H Q S U"})
_HLH = segment("HLH", "1212! 65? 81? 81- 352- 1213- 352-", {1: "N S T U X"})
_LUI = segment("LUI", "66? 67? 352? 1303? 1476-", {1: "LD LE", 4: "5 6 7 8"}, "P0102 L040203")
_DSB = segment("DSB", "1146! 380- 1149- 1154- 1161- 782- 235? 1137?", {1: "1 2 3 4", 7: "DX ZZ"}, "P0708")
_HD = segment(
    "HD",
    "875! 1203- 1205! 1204? 1207? 609- 609- 1209- 1073? 1211- 1073-",
    {1: "001 002 021 024 025 026 030 032", 3: LINES, 5: TIERS, 9: "N Y"},
)
_IDC = segment("IDC", "1204! 1215! 380? 306?", {2: "D H P", 4: "1 2 RX"})
_LX = segment("LX", "554!")
_PLA = segment("PLA", "306! 98! 373! 337- 1203!", {1: "2", 2: "1P"})
_COB = segment("COB", "1138! 127? 1143! 1365?9", {1: "P S T U", 3: "1 5 6"})
_LS = segment("LS", "447!", {1: "2700"})
_LE = segment("LE", "447!", {1: "2700"})
_HI = segment("HI", "C022! " + "C022? " * 11)

# --- Loops of 005010X220A1 --------------------------------------------------------------------------------------------


def _address(at: int, n4: Segment = _N4, *, required: bool = False) -> tuple[Slot, Slot]:
    return slot(_N3, at, required=required), slot(n4, at + 1, required=required)


def _party(name: str, nm1: Segment, per: Segment | None) -> Loop:
    qualifiers = " ".join(nm1.elements[0].codes)
    contact = (slot(per, 2),) if per else ()
    return loop(name, slot(nm1, 1, qualifiers), *contact, *_address(3))


_MEMBER_NAME = loop(
    "2100A",
    slot(_nm1("74 IL", "1", "!??????-", "34 ZZ"), 1, "74 IL"),
    slot(_per("IP"), 2, "IP"),
    *_address(3, _N4_COUNTY),
    slot(_DMG, 5),
    slot(_EC, 6, most=MANY),
    slot(_ICM, 7),
    slot(_amt(), 8, most=7),
    slot(_HLH, 9),
    slot(_LUI, 10, most=MANY),
)
_FORMER_NAME = loop("2100B", slot(_nm1("70", "1", "!??????-", "34 ZZ"), 1, "70"), slot(_DMG_OPEN, 2))
_MAILING = loop("2100C", slot(_nm1("31", "1", "--------"), 1, "31"), *_address(2, required=True))
_EMPLOYER = _party("2100D", _nm1("36", "1 2", "???????-", "24 34"), _per("EP", "?"))
_SCHOOL = _party("2100E", _nm1("M8", "2", "!-------"), _per("SK", "?"))
_CUSTODIAN = _party("2100F", _nm1("S3", "1", "!!?????-", "34 ZZ"), _per("PQ"))
_RESPONSIBLE = _party("2100G", _nm1("6Y 9K E1 EI EXS GB GD J6 LR QD S1 TZ X4", "1", "!??????-", "34 ZZ"), _per("RP"))
_DROP_OFF = _party("2100H", _nm1("45", "1", "?????---"), None)
_DISABILITY = loop("2200", slot(_DSB, 1), slot(_dtp(_DISABILITY_DATES), 2, most=2))
_PROVIDER = loop(
    "2310",
    slot(_LX, 1),
    slot(
        _nm1("1X 3D 80 FA OD P3 QA QN Y2", "1 2", "???????!", "34 FI SV XX"),
        2,
        "1X 3D 80 FA OD P3 QA QN Y2",
        required=True,
    ),
    slot(_N3, 3, most=2),
    slot(_N4, 4),
    slot(_per("IC"), 5, "IC", 2),
    slot(_PLA, 6),
)
_OTHER_INSURER = loop(
    "2330",
    slot(_nm1("36 GW IN", "2", "?----??-", "FI NI XV"), 1, "36 GW IN"),
    *_address(2),
    slot(_per("CN"), 4, "CN"),
)
_OTHER_COVERAGE = loop(
    "2320",
    slot(_COB, 1),
    slot(_ref("60 6P SY ZZ"), 2, most=4),
    slot(_dtp(_COB_DATES), 3, most=2),
    slot(_OTHER_INSURER, 4, most=3),
)
_COVERAGE_REFS = "17 1L 9V CE E8 M7 PID RB X9 XM XX1 XX2 ZX ZZ"
_COVERAGE = loop(
    "2300",
    slot(_HD, 1),
    slot(_dtp(COVERAGE_DATES, "D8 RD8", lenient=True), 2, most=6, required=True),
    slot(_amt(), 3, most=9),
    slot(_ref("QQ"), 4, "QQ"),
    slot(_ref(_COVERAGE_REFS), 4, most=14),
    slot(_IDC, 5, most=3),
    slot(_PROVIDER, 6, most=30),
    slot(_OTHER_COVERAGE, 7, most=5),
)
_CATEGORY = loop(
    "2700",
    slot(_LX, 1),
    slot(segment("N1", "98! 93! 66- 67- 706- 98-", {1: "75"}), 2, "75"),
    slot(_ref("00 17 18 19 26 3L 6M 9V 9X GE LU PID XX1 XX2 YY ZZ"), 3),
    slot(_dtp(["007"], "D8 RD8"), 4),
    bounded="2700",
)
_CATEGORIES = loop("2700", slot(_LS, 1), slot(_CATEGORY, 2, most=MANY), slot(_LE, 3), bounded="2700")
_MEMBER = loop(
    "2000",
    slot(_INS, 1),
    slot(_ref("0F"), 2, "0F", required=True),
    slot(_ref("1L"), 2, "1L"),
    slot(_ref("0F 1L " + _MEMBER_REFS), 2, most=13),
    slot(_dtp(MEMBER_DATES, lenient=True), 3, most=24),
    slot(_MEMBER_NAME, 4, required=True),
    slot(_FORMER_NAME, 4),
    slot(_MAILING, 4),
    slot(_EMPLOYER, 4, most=3),
    slot(_SCHOOL, 4, most=3),
    slot(_CUSTODIAN, 4),
    slot(_RESPONSIBLE, 4, most=13),
    slot(_DROP_OFF, 5),
    slot(_DISABILITY, 6, most=MANY),
    slot(_COVERAGE, 7, most=99),
    slot(_CATEGORIES, 8),
)
_SPONSOR = loop("1000A", slot(_n1("P5", "?", "24 94 FI"), 1, "P5"))
_PAYER = loop("1000B", slot(_n1("IN", "?", "94 FI XV"), 1, "IN"))
_BROKER_ACCOUNT = loop("1100C", slot(_ACT, 1))
_BROKER = loop("1000C", slot(_n1("BO TV", "!", "94 FI XV"), 1, "BO TV"), slot(_BROKER_ACCOUNT, 2))
_ST_SLOT = slot(ST, 1)

SET_220: Final = loop(
    "",
    _ST_SLOT,
    slot(_BGN, 2, required=True),
    slot(_ref("38"), 3, "38"),
    slot(_dtp(HEADER_DATES), 4, most=MANY),
    slot(_QTY, 5, most=3),
    slot(_SPONSOR, 6, required=True),
    slot(_PAYER, 7, required=True),
    slot(_BROKER, 8, most=2),
    slot(_MEMBER, 9, most=MANY, required=True),
)

# --- Loops of 005010X307: other header, other member references; qualifiers are not held to a list -------------------

_ANY_REF = segment("REF", "128! 127! 352? C040?")
_ANY_DTP = segment("DTP", "374! 1250! 1251!")
_ANY_N1 = segment("N1", "98! 93? 66? 67? 706? 98?", None, "R0203 P0304")
_ANY_PER = segment("PER", "366! 93? 365! 364! 365? 364? 365? 364? 443?", None, "P0304 P0506 P0708")
_ANY_AMT = segment("AMT", "522! 782! 478?")
_ANY_NM1 = segment("NM1", "98! 1065! 1035? 1036? 1037? 1038? 1039? 66? 67? 706? 98? 1035?", {2: "1 2"}, "P0809")


def _any_party(name: str, qualifiers: str) -> Loop:
    return loop(
        name,
        slot(_ANY_NM1, 1, qualifiers),
        slot(_ANY_PER, 2, most=3),
        *_address(3, _N4_COUNTY),
        slot(_DMG_OPEN, 5),
    )


_X_ACCOUNT = loop(
    "1100C",
    slot(_ACT, 1),
    slot(_ANY_REF, 2, most=MANY),
    *_address(3, _N4_COUNTY),
    slot(_ANY_PER, 5, most=MANY),
    slot(_ANY_DTP, 6, most=MANY),
    slot(_ANY_AMT, 7, most=MANY),
)
_X_PARTY = loop(
    "1000",
    slot(_ANY_N1, 1),
    *_address(2, _N4_COUNTY),
    slot(_ANY_PER, 4, most=MANY),
    slot(_X_ACCOUNT, 5, most=MANY),
)
_X_NAME = loop(
    "2100A",
    slot(_ANY_NM1, 1, "74 IL"),
    slot(_ANY_PER, 2),
    *_address(3, _N4_COUNTY),
    slot(_DMG, 5),
    slot(_EC, 6, most=MANY),
    slot(_ICM, 7),
    slot(_ANY_AMT, 8, most=MANY),
    slot(_HLH, 9),
    slot(_HI, 10, most=MANY),
    slot(_LUI, 11, most=MANY),
)
_X_OTHER = loop(
    "2320",
    slot(_COB, 1),
    slot(_ANY_REF, 2, most=MANY),
    slot(_ANY_DTP, 3, most=MANY),
    slot(_any_party("2330", "36 GW IN"), 4, most=3),
)
_X_COVERAGE = loop(
    "2300",
    slot(_HD, 1),
    slot(_ANY_DTP, 2, most=MANY, required=True),
    slot(_ANY_AMT, 3, most=MANY),
    slot(_ANY_REF, 4, most=MANY),
    slot(_IDC, 5, most=3),
    slot(_PROVIDER, 6, most=30),
    slot(_X_OTHER, 7, most=5),
)
_X_CATEGORY = loop(
    "2700",
    slot(_LX, 1),
    slot(_ANY_N1, 2),
    slot(_ANY_REF, 3, most=MANY),
    slot(_ANY_DTP, 4, most=MANY),
    bounded="2700",
)
_X_CATEGORIES = loop("2700", slot(_LS, 1), slot(_X_CATEGORY, 2, most=MANY), slot(_LE, 3), bounded="2700")
_X_MEMBER = loop(
    "2000",
    slot(_INS, 1),
    slot(_ANY_REF, 2, "WH", required=True),
    slot(_ANY_REF, 2, most=MANY),
    slot(_ANY_DTP, 3, most=MANY),
    slot(_X_NAME, 4, required=True),
    slot(_any_party("2100B", "70"), 4),
    slot(_any_party("2100C", "31"), 4),
    slot(_any_party("2100D", "36 P5"), 4, most=3),
    slot(_any_party("2100F", "S3"), 4),
    slot(_any_party("2100G", "6Y 9K E1 EI EXS GB GD J6 LR QD S1 TZ X4"), 4, most=13),
    slot(_DISABILITY, 6, most=MANY),
    slot(_X_COVERAGE, 7, most=99),
    slot(_X_CATEGORIES, 8),
)
SET_307: Final = loop(
    "",
    _ST_SLOT,
    slot(_BGN, 2, required=True),
    slot(_ANY_REF, 3, most=MANY),
    slot(_ANY_DTP, 4, most=MANY),
    slot(_QTY, 5, most=3),
    slot(_X_PARTY, 6, most=MANY, required=True),
    slot(_X_MEMBER, 9, most=MANY, required=True),
)

GUIDES: Final[Mapping[str, Loop]] = {"005010X220A1": SET_220, "005010X307": SET_307}


def _ids(top: Loop) -> set[str]:
    found = set(top.table)
    for place in top.slots:
        if place.loop:
            found |= _ids(place.loop)
    return found


LEGAL_IDS: Final = frozenset(_ids(SET_220) | _ids(SET_307) | {"SE"})


def belongs_elsewhere(qualifier: str) -> bool:
    """A date qualifier that the guide knows, but at another place."""
    return qualifier in _PLACED_DATES


# --- Elements: a generated pattern says "sound" fast, the slow look says what is wrong -------------------------------

_DAY = (
    r"(?:18|19|20|21)\d\d"
    r"(?:(?:0[13578]|1[02])(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)(?:0[1-9]|[12]\d|30)|02(?:0[1-9]|1\d|2[0-8]))"
)
_TIME = r"(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d(?:\d\d?)?)?"


@cache
def pattern(spec: Segment, delimiters: Delimiters) -> re.Pattern[str]:
    """Matches only segments without an element fault (relations apart); a sound segment may fail to match."""
    separator = re.escape(delimiters.element)
    marks = delimiters.element + delimiters.component + delimiters.segment + delimiters.repetition
    solid = "[" + "".join(re.escape(chr(c)) for c in range(33, 127) if chr(c) not in marks) + "]"
    sign = "[ " + solid[1:]

    def value(element: Element) -> str:
        kind, low, high = _ELEMENTS[element.reference]
        if element.codes:
            return "(?:" + "|".join(map(re.escape, sorted(element.codes))) + ")"
        if kind == "DT":
            return _DAY
        if kind == "TM":
            return _TIME
        if kind == "N0":
            return rf"\d{{{low},{high}}}"
        if kind == "R":
            return rf"(?:\d{{1,{high - 2}}}(?:\.\d{{1,2}})?)"
        if kind == "C":
            parts = _COMPONENTS.get(element.reference)
            return solid + "{1,1}" if parts else "(?!)"
        return rf"(?:{sign}{{{low - 1},{high - 1}}}{solid})"

    tail = ""
    needed = max((i for i, e in enumerate(spec.elements) if e.usage == "!"), default=-1)
    index = len(spec.elements) - 1
    while index >= 0:
        element = spec.elements[index]
        if index in spec.pairs and element.kind != "DX":  # places count from 1: the pair is this one and the one before
            first = spec.elements[index - 1]
            piece = f"{value(first)}{separator}{value(element)}"
            if element.usage != "!":
                piece = f"(?:{piece}|{separator})"
            width = 2
        elif element.kind == "DX":
            before = spec.elements[index - 1]
            formats = before.codes or frozenset({"D8", "RD8"})
            choices = [rf"D8{separator}{_DAY}"] if "D8" in formats else []
            if "RD8" in formats:
                choices.append(rf"RD8{separator}{_DAY}-{_DAY}")
            piece = "(?:" + "|".join(choices) + ")"
            if element.usage != "!":
                piece = f"(?:{piece}|{separator})"
            width = 2
        else:
            piece = "" if element.usage == "-" else value(element)
            if element.usage == "?":
                piece = f"(?:{piece})?"
            width = 1
        index -= width
        tail = f"{separator}{piece}{tail}"
        if index + 1 > needed:
            tail = f"(?:{tail})?"
    return re.compile(spec.id + tail, re.ASCII)


def is_day(text: str) -> bool:
    if len(text) != 8 or not (text.isascii() and text.isdigit()) or text < "1800":
        return False
    try:
        date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return False
    return True


def faults(spec: Segment, parts: list[str], delimiters: Delimiters) -> list[ElementFault]:
    """Every wrong element of one segment, one fault an element (the most telling). `parts[0]` is the segment id."""
    found: list[ElementFault] = []
    known = len(spec.elements)
    if len(parts) - 1 > known:
        found.append(
            ElementFault(known + 1, 0, "", "3", parts[known + 1], f"is one too many: {known} elements are allowed")
        )
    for place, element in enumerate(spec.elements, start=1):
        text = parts[place] if place < len(parts) else ""
        if not text:
            if element.usage == "!":
                found.append(ElementFault(place, 0, element.reference, "1", "", "is missing"))
            continue
        if element.usage == "-":
            # IK4 I10: the standard knows the element, the guide does not use it.
            found.append(ElementFault(place, 0, element.reference, "I10", text, "is not used here"))
            continue
        if element.kind == "C":
            found += _composite_faults(place, element, text, delimiters)
            continue
        if delimiters.component in text:
            found.append(ElementFault(place, 0, element.reference, "6", text, "holds the component separator"))
            continue
        values = text.split(delimiters.repetition) if delimiters.repetition else [text]
        if len(values) > element.repeats:
            found.append(ElementFault(place, 0, element.reference, "12", text, f"is repeated {len(values)} times"))
            continue
        for value in values:
            format_ = parts[place - 1] if element.kind == "DX" else ""
            fault = _value_fault(element, value, format_)
            if fault:
                code, words, noted = fault
                found.append(ElementFault(place, 0, element.reference, code, value, words, noted))
                break
    named = {fault.position for fault in found}
    return found + [fault for fault in _relation_faults(spec, parts) if fault.position not in named]


def _composite_faults(place: int, element: Element, text: str, delimiters: Delimiters) -> list[ElementFault]:
    described = _COMPONENTS.get(element.reference)
    if described is None:
        return []
    found = []
    repeats = text.split(delimiters.repetition) if delimiters.repetition else [text]
    if len(repeats) > element.repeats:
        return [ElementFault(place, 0, element.reference, "12", text, f"is repeated {len(repeats)} times")]
    for repeat in repeats:
        values = repeat.split(delimiters.component)
        if len(values) > len(described):
            extra = len(described)
            found.append(ElementFault(place, extra + 1, "", "3", values[extra], "is one component too many"))
        for number, token in enumerate(described, start=1):
            value = values[number - 1] if number <= len(values) else ""
            reference, usage = token[:-1], token[-1]
            if not value:
                if usage == "!":
                    found.append(ElementFault(place, number, reference, "1", "", "is missing"))
                continue
            part = Element(reference, usage, element.codes if number == 1 else frozenset())
            fault = _value_fault(part, value, "")
            if fault:
                found.append(ElementFault(place, number, reference, fault[0], value, fault[1]))
    return found


def _value_fault(element: Element, value: str, format_: str) -> tuple[str, str, bool] | None:
    """(IK4 code, words, noted only) for one value, or None when it is sound."""
    kind, low, high = _ELEMENTS[element.reference]
    if not (value.isascii() and value.isprintable()):
        return "6", "holds a control sign or a line end", False
    length = len(value.replace("-", "").replace(".", "")) if kind in ("N0", "R") else len(value)
    blanks = value != value.rstrip()
    if length < low:
        return "4", f"has {length} characters where at least {low} are needed", False
    if length > high:
        ending = " and ends in blanks" if blanks else ""
        return "5", f"has {length} characters where at most {high} are allowed{ending}", False
    if kind == "DX":
        ends = value.split("-") if format_ == "RD8" else [value]
        if format_ in ("D8", "RD8") and not (len(ends) == (2 if format_ == "RD8" else 1) and all(map(is_day, ends))):
            return "8", f"is not a day of the form {'CCYYMMDD-CCYYMMDD' if format_ == 'RD8' else 'CCYYMMDD'}", False
        return None
    if blanks and kind in ("AN", "ID") and len(value.rstrip()) >= low:
        return "6", "ends in blanks", False
    if element.codes and value not in element.codes:
        noted = element.lenient and value.isalnum() and not belongs_elsewhere(value)
        return "7", "is not a code that this place allows", noted
    if kind == "DT" and not is_day(value):
        return "8", "is not a day of the form CCYYMMDD", False
    if kind == "TM" and not re.fullmatch(_TIME, value, re.ASCII):
        return "9", "is not a time of the form HHMM", False
    if kind == "N0" and not re.fullmatch(r"-?\d+", value, re.ASCII):
        return "6", "is not a whole number", False
    if kind == "R" and not re.fullmatch(r"-?\d*(?:\.\d+)?", value, re.ASCII):
        return "6", "is not a number", False
    return None


def _relation_faults(spec: Segment, parts: list[str]) -> list[ElementFault]:
    found = []
    for letter, places in spec.relations:
        filled = [place for place in places if place < len(parts) and parts[place]]
        empty = [place for place in places if place not in filled]
        first_empty = empty[0] if empty else 0
        if (
            (letter == "P" and filled and empty)
            or (letter == "R" and not filled)
            or (letter == "C" and places[0] in filled and empty)
            or (letter == "L" and filled == [places[0]])
        ):
            reference = spec.elements[first_empty - 1].reference
            names = ", ".join(f"{spec.id}{place:02d}" for place in filled)
            words = f"is needed beside {names}" if names else "is missing"
            found.append(ElementFault(first_empty, 0, reference, "2", "", words))
        elif letter == "E" and len(filled) > 1:
            place = filled[1]
            words = f"may not stand beside {spec.id}{filled[0]:02d}"
            found.append(ElementFault(place, 0, spec.elements[place - 1].reference, "10", parts[place], words))
    return found
