"""What an 834 may look like: the tables of its two guides.

The tables hold facts only (numbers, lengths, codes, order), written down for the segments of the two guides that we
read: 005010X220A1 (employers, producers) and 005010X307 (exchanges; looser, since few send it). `portals.x12.grammar`
says how a line of them is read.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from portals.x12.grammar import MANY, Loop, Segment, Slot, code_set, loop, segment, slot

STATES: Final = code_set(
    "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK "
    "OR PA RI SC SD TN TX UT VT VA WA WV WI WY AS GU MP PR VI FM MH PW AA AE AP "
    "AB BC MB NB NF NL NS NT NU ON PE PQ QC SK YT"
)

HEADER_DATES: Final = code_set("007 090 091 303 382 388")
MEMBER_DATES: Final = code_set(
    "050 286 296 297 300 301 303 336 337 338 339 340 341 350 351 356 357 383 385 386 393 394 473 474"
)
COVERAGE_DATES: Final = code_set("300 303 343 348 349 543 695")
_DISABILITY_DATES: Final = code_set("360 361")
_COB_DATES: Final = code_set("344 345")
PLACED_DATES: Final = HEADER_DATES | MEMBER_DATES | COVERAGE_DATES | _DISABILITY_DATES | _COB_DATES

RELATIONSHIPS: Final = "01 03 04 05 06 07 08 09 10 11 12 13 14 15 16 17 18 19 23 24 25 26 31 38 53 60 D2 G8 G9"
MAINTENANCE: Final = "001 021 024 025 030"
REASONS: Final = (
    "01 02 03 04 05 06 07 08 09 10 11 14 15 16 17 18 20 21 22 25 26 27 28 29 31 32 33 37 38 39 40 41 43 59 "
    "AA AB AC AD AE AF AG AH AI AJ AL EC XN XT"
)
LINES: Final = "AG AH AJ AK DCP DEN EPO FAC HE HLT HMO LTC LTD MM MOD PDG POS PPO PRA STD UR VIS"
TIERS: Final = "CHD DEP E1D E2D E3D E5D E6D E7D E8D E9D ECH EMP ESP FAM IND SPC SPO TWO"


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
