"""The demo plan's larger book, as 834 files: invented people, the same for the same seed, byte for byte.

Nobody here exists. Names are drawn from short lists and from syllables, streets and towns are invented, telephone
numbers are of the 555-01xx kind, e-mail ends in example.com. Social Security numbers begin with 9, which is never
issued as one, with middle digits 01 to 49, which are never issued as a taxpayer number (ITIN) either; a check that asks
for an issuable SSN refuses them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import BinaryIO, Final, TypeVar

from members.enrollment.x834.records import Address, CoverageChange, Member, TransactionSet
from members.enrollment.x834.writer import write_834
from portals.x12.wire import Interchange


@dataclass(frozen=True, slots=True)
class BookGroup:
    """One group of one client: what its people are enrolled in, and how many contracts it has."""

    client_id: str
    group_number: str
    sponsor_name: str
    sponsor_tax_id: str
    plan_codes_by_line: Mapping[str, Sequence[str]] = field(hash=False)
    """For instance {"HLT": ("NY-EPO-GOLD", "NY-POS-SILVER"), "DEN": ("DEN-PPO",)}; codes go into HD04."""
    contracts: int
    effective_date: date
    state: str = ""
    """Where its people live: NY, PA, DE or WV; empty, anywhere among the four."""


def generate(seed: int, groups: Sequence[BookGroup], *, full: bool = False) -> Iterator[tuple[BookGroup, Member]]:
    """Everyone of the book in file order: each subscriber, then the dependents. `full` writes 030 in place of 021."""
    first = 0
    for group in groups:
        for member in people(seed, group, first_contract=first, full=full):
            yield group, member
        first += group.contracts


def spread(groups: Sequence[BookGroup], contracts: int) -> list[BookGroup]:
    """The same groups with `contracts` in all, in the proportion of their present numbers (at least one each)."""
    total = sum(group.contracts for group in groups)
    sized = [max(1, group.contracts * contracts // total) for group in groups]
    sized[0] = max(1, sized[0] + contracts - sum(sized))
    return [
        BookGroup(
            g.client_id,
            g.group_number,
            g.sponsor_name,
            g.sponsor_tax_id,
            g.plan_codes_by_line,
            size,
            g.effective_date,
            g.state,
        )
        for g, size in zip(groups, sized, strict=True)
    ]


def write_files(
    folder: Path,
    seed: int,
    groups: Sequence[BookGroup],
    *,
    created_at: datetime,
    contracts: int | None = None,
    receiver: str = "FRONTHOUSE",
    full: bool = False,
) -> list[Path]:
    """One 834 file a group, named `<client>-<group>.834`; `contracts` resizes the book first (see `spread`)."""
    if contracts is not None:
        groups = spread(groups, contracts)
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    first = 0
    for number, group in enumerate(groups, start=1):
        path = folder / f"{group.client_id}-{group.group_number}.834"
        with path.open("wb") as out:
            write_file(
                out,
                seed,
                group,
                control_number=number,
                created_at=created_at,
                first_contract=first,
                receiver=receiver,
                full=full,
            )
        paths.append(path)
        first += group.contracts
    return paths


def write_file(
    out: BinaryIO,
    seed: int,
    group: BookGroup,
    *,
    control_number: int,
    created_at: datetime,
    first_contract: int = 0,
    receiver: str = "FRONTHOUSE",
    full: bool = False,
    members: Iterable[Member] | None = None,
) -> int:
    """One group's file; returns its number of members. `first_contract` keeps numbers unique over several groups.
    `members` are written in place of the group's own people: what happened to some of them later."""
    sender = f"C{group.client_id}"[:15]
    interchange = Interchange(
        sender=sender,
        receiver=receiver,
        control_number=f"{control_number:09d}",
        prepared_date=created_at.strftime("%y%m%d"),
        prepared_time=created_at.strftime("%H%M"),
        usage="T",
    )
    header = TransactionSet(
        control_number="0001",
        reference=f"{group.group_number}-{group.effective_date:%Y%m%d}",
        action="4" if full else "2",
        created_date=created_at.date(),
        created_time=created_at.strftime("%H%M"),
        group_control_number=str(control_number),
        master_policy=group.group_number,
        sponsor_name=group.sponsor_name,
        sponsor_id_qualifier="FI",
        sponsor_tax_id=group.sponsor_tax_id,
        payer_name="FRONT HOUSE HEALTH PLAN",
        payer_id_qualifier="FI",
        payer_id="990000001",
    )
    everyone = people(seed, group, first_contract=first_contract, full=full) if members is None else members
    return write_834(out, interchange, [(header, everyone)], created_at=created_at)


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# --- People -------------------------------------------------------------------------------------------------------

_STARTS: Final = _words(
    "ASH BRAM CALD DUN ELM FERN GALE HAZEL IVER JOR KEST LARK MARL NETH OAK PEN QUIL ROWAN SEDGE TARN UL VALE WILLOW "
    "YAR BIRCH COPPER DAL EVER FLINT GLEN HOL KIRK LOW MERE NOR OST PELL RAVEN STON THIS"
)
_ENDS: Final = _words(
    "FORD WELL BROOK MORE STEAD WICK GATE HURST LEY DALE WORTH CROFT FIELD MONT RIDGE SHAW TON WAY BECK COMBE"
)
_FEMALE: Final = _words(
    "ADA BEATRIX CORA DELIA EDITH FLORA GRETA HELENA INGRID JUNE KEZIA LENA MAEVE NORA OPAL PEARL RHEA SYLVIE TESSA "
    "UNA VERA WILMA YVETTE ZELDA AMARA BRIDGET CELESTE DINAH ESME FREYA"
)
_MALE: Final = _words(
    "ALDO BASIL CASPER DORIAN EMMETT FELIX GIDEON HUGO IVAN JASPER KELVIN LINUS MAGNUS NILES OTTO PERCY QUENTIN RUFUS "
    "SILAS TOBIAS ULRIC VICTOR WENDELL YORICK ZANE AMOS BENNO CYRUS DESMOND EZRA"
)
_STREETS: Final = _words(
    "ALDERBANK BELLWETHER CANDLEWICK DOVETAIL EIDERDOWN FOXGLOVE GOSSAMER HALYARD INKWELL JUNEBERRY KITTIWAKE LANTERN "
    "MILLRACE NUTHATCH OXBOW PENNYROYAL QUAYSIDE RUSHLIGHT SANDPIPER TEASEL UMBERLEA VELLUM WEATHERVANE YARROW ZEPHYR"
)
_WAYS: Final = ("ST", "AVE", "LN", "RD", "CT", "WAY", "TER", "PL")
_TOWNS: Final[Mapping[str, tuple[str, tuple[str, ...], tuple[str, ...]]]] = {
    # State: telephone area, ZIPs within the state's range, invented towns for them.
    "NY": ("716", ("14201", "14304", "12207", "13202", "14604", "10025"), (
        "LAKE HOLLOW", "NORTH HALYARD", "CANAL CORNERS", "SALT SPRINGS", "FLOUR MILLS", "RIVERGATE")),
    "PA": ("814", ("16501", "15222", "17101", "18503", "16601"), (
        "PRESQUE POINT", "THREE BRIDGES", "KEYSTONE FORGE", "LOWER COALTON", "SWITCHBACK")),
    "DE": ("302", ("19801", "19901", "19971"), ("BRANDY FALLS", "DOVECOTE", "CAPE LANTERN")),
    "WV": ("304", ("25301", "26003", "26505"), ("KANAWHA BEND", "WHEELWRIGHT", "MONTROSE GAP")),
}  # fmt: skip
_STATES: Final = ("NY", "NY", "NY", "PA", "PA", "DE", "WV")

_SSN_ROOM: Final = 100 * 49 * 9999
_PLACES_A_CONTRACT: Final = 8

_T = TypeVar("_T")


class _Dice:
    """Draws by `Random.random` alone, whose numbers Python promises to keep for a seed."""

    def __init__(self, seed: str) -> None:
        self._roll = Random(seed).random

    def pick(self, choices: Sequence[_T]) -> _T:
        return choices[int(self._roll() * len(choices))]

    def number(self, low: int, high: int) -> int:
        """Both ends included."""
        return low + int(self._roll() * (high - low + 1))

    def chance(self, share: float) -> bool:
        return self._roll() < share


@dataclass(frozen=True, slots=True)
class _Household:
    """What the people of one contract share."""

    contract: int
    subscriber_number: str
    last_name: str
    address: Address
    area: str
    tier: str
    plans: tuple[tuple[str, str], ...]
    cobra: bool


def people(seed: int, group: BookGroup, *, first_contract: int = 0, full: bool = False) -> Iterator[Member]:
    """The members of one group; contract numbers run from `first_contract`."""
    dice = _Dice(f"{seed}:{group.client_id}:{group.group_number}")
    for contract in range(first_contract, first_contract + group.contracts):
        yield from _contract(dice, seed, group, contract, full=full)


def _contract(dice: _Dice, seed: int, group: BookGroup, contract: int, *, full: bool) -> Iterator[Member]:
    shape = dice.number(1, 100)
    partner, children = False, 0
    if shape > 60:
        partner = True
    elif shape > 45:
        children = dice.pick((1, 1, 2, 2, 3))
    if shape > 75:
        children = dice.pick((1, 1, 2, 2, 2, 3, 3, 4, 5))
    tier = {(False, False): "EMP", (True, False): "ESP", (False, True): "ECH", (True, True): "FAM"}[
        partner, bool(children)
    ]
    state = group.state or dice.pick(_STATES)
    area, zips, towns = _TOWNS[state]
    place = dice.number(0, len(zips) - 1)
    street = contract % (len(_STREETS) * len(_WAYS))
    house = 100 + contract // (len(_STREETS) * len(_WAYS))
    line = f"{house} {_STREETS[street % len(_STREETS)]} {_WAYS[street // len(_STREETS)]}".title()
    plans = tuple(
        (kind, dice.pick(codes))
        for kind, codes in group.plan_codes_by_line.items()
        if codes and (kind == "HLT" or dice.chance(0.7))
    )
    home = _Household(
        contract=contract,
        subscriber_number=f"FH{contract + 1:07d}",
        last_name=_surname(dice),
        address=Address(
            line, f"Apt {dice.number(1, 40)}" if dice.chance(0.2) else "", towns[place].title(), state, zips[place]
        ),
        area=area,
        tier=tier,
        plans=plans,
        cobra=dice.chance(0.01),
    )
    least = 24 if partner or children else 20
    age = dice.number(max(least, 22 + 2 * children), 56 if children else 64)
    sex = dice.pick("FM")
    yield _person(dice, seed, group, home, 0, "18", sex, age, full=full)
    if partner:
        other = sex if dice.chance(0.04) else ("M" if sex == "F" else "F")
        code = "53" if dice.chance(0.1) else "01"
        yield _person(dice, seed, group, home, 1, code, other, max(20, age + dice.number(-6, 6)), full=full)
    oldest = min(25, age - 19)
    for number in range(children):
        yield _person(dice, seed, group, home, 2 + number, "19", dice.pick("FM"), dice.number(0, oldest), full=full)


def _surname(dice: _Dice) -> str:
    return dice.pick(_STARTS) + dice.pick(_ENDS)


def _person(
    dice: _Dice,
    seed: int,
    group: BookGroup,
    home: _Household,
    place: int,
    relationship: str,
    sex: str,
    age: int,
    *,
    full: bool,
) -> Member:
    subscriber = relationship == "18"
    adult = relationship != "19"
    effective = group.effective_date
    first_name = dice.pick(_FEMALE if sex == "F" else _MALE)
    middle_name = dice.pick((*_STARTS[:12], "", "", "", "", "", "", "", "")) if dice.chance(0.8) else ""
    middle_name = middle_name if dice.chance(0.3) else middle_name[:1]
    last_name = home.last_name
    if not subscriber and adult:
        roll = dice.number(1, 20)
        last_name = f"{home.last_name}-{_surname(dice)}" if roll == 1 else _surname(dice) if roll < 5 else last_name
    suffix = dice.pick(("JR", "III")) if sex == "M" and dice.chance(0.02) else ""
    if home.contract == 0 and subscriber:
        # The longest name of the book, for cards and narrow columns.
        sex, first_name, middle_name, last_name, suffix = "F", "ALEXANDRIA", "MARGUERITE", "FEATHERSTONEHAUGH", ""
    born = effective - timedelta(days=age * 365 + age // 4 + dice.number(1, 360))
    number = home.contract * _PLACES_A_CONTRACT + place
    confidential = adult and dice.chance(0.006)
    phone = f"{home.area}55501{number % 100:02d}"
    reachable = adult and dice.chance(0.85)
    coverages = tuple(
        CoverageChange(
            maintenance="030" if full else "021",
            line=line,
            plan_code=code,
            tier=home.tier,
            begin_date=effective,
        )
        for line, code in home.plans
    )
    dates = {"356": effective}
    if subscriber:
        dates = {"336": effective - timedelta(days=dice.number(30, min(4000, (age - 17) * 300))), "356": effective}
    return Member(
        is_subscriber=subscriber,
        relationship=relationship,
        maintenance="030" if full else "021",
        reason="XN" if full else "28",
        benefit_status="C" if home.cobra else "A",
        cobra_event="1" if home.cobra and subscriber else "",
        employment_status=("TE" if home.cobra else "FT") if subscriber else "",
        restricted=confidential,
        subscriber_number=home.subscriber_number,
        group_number=group.group_number,
        dates=dates,
        last_name=last_name.title(),
        first_name=first_name.title(),
        middle_name=middle_name.title(),
        suffix=suffix,
        ssn="" if dice.chance(0.25 if age < 2 else 0.03) else _ssn(seed, number),
        phones={"HP": phone} if reachable else {},
        email=f"{first_name}.{number}@example.com".lower() if reachable and dice.chance(0.8) else "",
        # As many payrolls send it: the dependents live where the subscriber does, and their rows do not say so.
        address=home.address if subscriber or home.contract % 3 == 0 else None,
        mailing_address=_elsewhere(dice, number, home) if confidential else None,
        birth_date=min(born, effective - timedelta(days=1)),
        sex=sex,
        coverages=coverages,
    )


def _elsewhere(dice: _Dice, number: int, home: _Household) -> Address:
    """A mailing address that is not the home's."""
    _, zips, towns = _TOWNS[home.address.state]
    at = dice.number(0, len(zips) - 1)
    return Address(f"PO Box {1000 + number}", "", towns[at].title(), home.address.state, zips[at])


def _ssn(seed: int, number: int) -> str:
    """One number a person, unique within a book of up to six million contracts."""
    mixed = (number * 15_485_863 + seed * 7_919) % _SSN_ROOM
    area, rest = divmod(mixed, 49 * 9999)
    middle, serial = divmod(rest, 9999)
    return f"{900 + area}{middle + 1:02d}{serial + 1:04d}"
