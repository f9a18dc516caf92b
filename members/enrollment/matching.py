"""Who a row of an enrollment file means: the same person, a new person, or one of whom a person must say who it is.

Pure: facts in, a decision out. `docs/matching.md` shows the table in words. `apply/matching_sql.py` writes the same
table as SQL for whole files, and a property test holds the two together. Everything that a file says was typed by
somebody else, so no single fact of it ever decides who somebody is; a likeness of names decides nothing at all.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final


class Place(StrEnum):
    """Where a person on file stands, seen from the row."""

    DEPENDENT = "dependent"  # on the contract that the row names, as the row is: a dependent
    SUBSCRIBER = "subscriber"  # the subscriber of the contract that the row names
    CLIENT = "client"  # a subscriber of the same client, under another number than the row's
    ELSEWHERE = "elsewhere"  # anybody else on file


class Fact(StrEnum):
    SAME = "same"
    OTHER = "other"
    UNKNOWN = "unknown"  # one of the two does not say it


class Verdict(StrEnum):
    SAME = "same"
    NEW = "new"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a person on file. Names as written; `ssn` only where `usable_ssn`."""

    first_name: str = ""
    middle_name: str = ""
    last_name: str = ""
    suffix: str = ""
    birth_date: dt.date | None = None
    sex: str = "U"
    ssn: str = ""
    birth_sequence: str = ""
    relationship: str = "19"
    address: str = ""


@dataclass(frozen=True, slots=True)
class Said(Facts):
    """What a row says of the person it means."""

    creates: bool = True
    """Whether the row may enroll somebody whom we do not know."""
    corrects: bool = False
    """NM1*74: the name, birth date or sex correct what was sent before."""
    former_first_name: str = ""
    former_birth_date: dt.date | None = None
    former_ssn: str = ""
    """NM1*70: what was sent before."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A row beside a person on file, fact by fact."""

    place: Place
    ssn: Fact
    birth: Fact
    first: Fact
    last: Fact
    sex: Fact
    apart: bool
    """Middle names, suffixes or the sequence of birth tell two people apart who share name and birth date."""
    kin: bool
    """Both are spouses, or neither is."""
    former: bool
    """What the row says was sent before is what is on file."""
    corrects: bool
    creates: bool
    address: Fact
    nameless: bool
    """One of the two first names stands for a newborn who had none yet."""
    absent: bool = False
    """The row is of a full file that names the person nowhere else."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the table: all of `when` must hold. The first that holds decides; earlier is stronger."""

    verdict: Verdict
    reason: str
    when: dict[str, tuple[object, ...]]


def _rule(verdict: Verdict, reason: str, *places: Place, **when: object) -> Rule:
    kept = {name: value if isinstance(value, tuple) else (value,) for name, value in when.items()}
    return Rule(verdict, reason, {"place": places, **kept})


_S, _O, _U = Fact.SAME, Fact.OTHER, Fact.UNKNOWN
_NOT_OTHER = (_S, _U)
_DEP, _SUB, _CLIENT, _ELSE = Place.DEPENDENT, Place.SUBSCRIBER, Place.CLIENT, Place.ELSEWHERE

RULES: Final[tuple[Rule, ...]] = (
    # The sender names what it had told us before.
    _rule(Verdict.SAME, "former", _DEP, _SUB, former=True),
    # A dependent on the contract that the sender names.
    _rule(Verdict.SAME, "all", _DEP, ssn=_S, birth=_S, first=_S, apart=False),
    _rule(Verdict.SAME, "name_and_birth", _DEP, ssn=_U, birth=_S, first=_S, apart=False),
    _rule(Verdict.SAME, "new_ssn", _DEP, ssn=_O, birth=_S, first=_S, apart=False, creates=False, corrects=True),
    _rule(Verdict.UNSURE, "other_ssn", _DEP, ssn=_O, birth=_S, first=_S, apart=False),
    _rule(Verdict.SAME, "new_middle_name", _DEP, ssn=_NOT_OTHER, birth=_S, first=_S, apart=True, corrects=True),
    _rule(Verdict.UNSURE, "twin_or_same", _DEP, ssn=_S, birth=_S, first=_S),
    _rule(Verdict.UNSURE, "twin_or_same", _DEP, birth=_S, first=_S, creates=False),
    _rule(Verdict.UNSURE, "twin_or_same", _DEP, birth=_S, first=_S, absent=True),
    _rule(Verdict.NEW, "twin", _DEP, birth=_S, first=_S),
    _rule(Verdict.SAME, "new_first_name", _DEP, ssn=_S, birth=_S, first=(_O, _U), corrects=True),
    _rule(Verdict.SAME, "ssn_and_birth", _DEP, ssn=_S, birth=_S, first=_U),
    _rule(Verdict.UNSURE, "other_first_name", _DEP, ssn=_S, birth=_S),
    _rule(Verdict.SAME, "new_birth_date", _DEP, ssn=_S, birth=_O, first=_S, kin=True, apart=False, sex=_NOT_OTHER),
    _rule(Verdict.NEW, "namesake", _DEP, birth=_O, first=_S, kin=False, creates=True),
    _rule(Verdict.UNSURE, "other_birth_date", _DEP, ssn=_S, birth=_O, first=_S),
    _rule(Verdict.UNSURE, "other_birth_date", _DEP, ssn=_U, birth=_O, first=_S, apart=False),
    _rule(Verdict.UNSURE, "other_birth_date", _DEP, birth=_O, first=_S, creates=False),
    _rule(Verdict.UNSURE, "other_birth_date", _DEP, birth=_O, first=_S, kin=True, absent=True),
    _rule(Verdict.SAME, "name_alone", _DEP, ssn=_NOT_OTHER, birth=_U, first=_S, apart=False, creates=False),
    _rule(Verdict.SAME, "ssn_and_name", _DEP, ssn=_S, birth=_U, first=_S, apart=False),
    _rule(Verdict.UNSURE, "no_birth_date", _DEP, birth=_U, first=_S),
    _rule(Verdict.UNSURE, "no_birth_date", _DEP, ssn=_S, birth=_U),
    _rule(Verdict.UNSURE, "no_first_name", _DEP, birth=_S, first=_U),
    _rule(Verdict.UNSURE, "newborn_named", _DEP, birth=_S, first=_O, nameless=True, kin=True),
    _rule(Verdict.UNSURE, "other_first_name", _DEP, birth=_S, first=_O, kin=True, absent=True),
    _rule(Verdict.UNSURE, "other_first_name", _DEP, birth=_S, first=_O, corrects=True),
    _rule(Verdict.NEW, "nobody", _DEP),
    # The subscriber of the contract that the sender names: its number, and two facts or one said to be corrected.
    _rule(Verdict.SAME, "all", _SUB, birth=_S, first=_S),
    _rule(Verdict.SAME, "new_first_name", _SUB, ssn=_S, birth=_S),
    _rule(Verdict.SAME, "new_birth_date", _SUB, ssn=_S, first=_S),
    _rule(Verdict.SAME, "corrected", _SUB, ssn=_NOT_OTHER, birth=_S, corrects=True),
    _rule(Verdict.SAME, "corrected", _SUB, ssn=_NOT_OTHER, first=_S, corrects=True),
    _rule(Verdict.SAME, "name_alone", _SUB, ssn=_U, birth=_U, first=_S),
    _rule(Verdict.SAME, "birth_alone", _SUB, ssn=_U, birth=_S, first=_U, last=_S),
    _rule(Verdict.NEW, "somebody_else", _SUB, ssn=_O, birth=_O),
    _rule(Verdict.UNSURE, "other_birth_date", _SUB, first=_S),
    _rule(Verdict.UNSURE, "other_first_name", _SUB, birth=_S),
    _rule(Verdict.UNSURE, "ssn_alone", _SUB, ssn=_S),
    _rule(Verdict.NEW, "somebody_else", _SUB),
    # A new number of a client: somebody whom it had numbered otherwise.
    _rule(Verdict.SAME, "all", _CLIENT, ssn=_S, birth=_S, first=_S),
    _rule(Verdict.UNSURE, "other_first_name", _CLIENT, ssn=_S, birth=_S),
    _rule(Verdict.UNSURE, "other_birth_date", _CLIENT, ssn=_S, first=_S),
    _rule(Verdict.UNSURE, "other_number", _CLIENT, birth=_S, first=_S, last=_S, apart=False),
    _rule(Verdict.UNSURE, "other_number", _CLIENT, birth=_S, first=_S, absent=True),
    _rule(Verdict.UNSURE, "other_number", _CLIENT, birth=_S, last=_S, absent=True),
    _rule(Verdict.UNSURE, "other_number", _CLIENT, birth=_S, address=_S, absent=True),
    _rule(Verdict.UNSURE, "other_number", _CLIENT, first=_S, last=_S, absent=True),
    _rule(Verdict.NEW, "nobody", _CLIENT),
    # Anybody else: only where everything agrees. The rest is proposed later, when nothing hangs on it.
    _rule(Verdict.SAME, "all", _ELSE, ssn=_S, birth=_S, first=_S, apart=False, sex=_NOT_OTHER),
    _rule(Verdict.NEW, "nobody", _ELSE),
)  # fmt: skip

CHANGE: Final = -2  # in place of a rule: the person is known, but the file changes who somebody with an account is
DECIDED: Final = -1  # in place of a rule: a person at the plan has said so

# Numbers that no person has: printed on a card in every wallet, in an advertisement, or the first that a hand types.
FILLERS: Final = frozenset(
    {
        "078051120",
        "219099999",
        "457555462",
        "123456789",
        "987654321",
        "012345678",
        "123121234",
        "111223333",
        "123123123",
    }
)
NAMELESS: Final = frozenset(
    {
        "baby", "babya", "babyb", "babyboy", "babygirl", "bb", "bg", "boy", "boya", "boyb", "child", "female", "fnu",
        "girl", "girla", "girlb", "infant", "infantboy", "infantgirl", "male", "na", "newborn", "newbornboy",
        "newborngirl", "nfn", "nofirstname", "noname", "none", "twin", "twina", "twinb", "twinone", "twintwo",
        "unknown", "unnamed",
    }
)  # fmt: skip


def usable_ssn(typed: str) -> str:
    """The nine digits of a number that a person may have, or nothing. Areas 000 and 666, group 00 and serial 0000 were
    never issued (SSA); a number in 9xx may be a taxpayer's (ITIN, ATIN) and counts."""
    digits = re.sub(r"[\s.-]", "", typed)
    if len(digits) != 9 or not (digits.isascii() and digits.isdigit()):
        return ""
    area, group, serial = digits[:3], digits[3:5], digits[5:]
    never = area in ("000", "666") or group == "00" or serial == "0000" or len(set(digits)) == 1
    advertised = digits[:8] == "98765432"
    return "" if never or advertised or digits in FILLERS else digits


def fold(name: str) -> str:
    """A name for comparison: letters without accents, lower case."""
    low = name.lower()
    if low.isascii() and low.isalpha():
        return low
    return re.sub("[^a-z]", "", unicodedata.normalize("NFKD", low))


def compare(said: Said, known: Facts, place: Place, *, shared_ssn: bool = False, absent: bool = False) -> Evidence:
    """The facts of a row beside those of a person on file. `shared_ssn`: the row's SSN stands for more than one person
    in this family, so it says nothing of either."""
    first, known_first = fold(said.first_name), fold(known.first_name)
    return Evidence(
        place=place,
        ssn=Fact.UNKNOWN if shared_ssn else _fact(said.ssn, known.ssn),
        birth=_fact(said.birth_date, known.birth_date),
        first=_first(said, known),
        last=_fact(fold(said.last_name), fold(known.last_name)),
        sex=_fact(said.sex.strip("U"), known.sex.strip("U")),
        apart=_apart(said, known),
        kin=_spouse(said) == _spouse(known),
        former=_former(said, known),
        corrects=said.corrects,
        creates=said.creates,
        address=_fact(said.address.upper(), known.address.upper()),
        nameless=first in NAMELESS or known_first in NAMELESS,
        absent=absent,
    )


def judge(evidence: Evidence) -> int:
    """The place in RULES of the line that decides; the smaller, the stronger."""
    for number, rule in enumerate(RULES):
        if all(getattr(evidence, name) in values for name, values in rule.when.items()):
            return number
    raise AssertionError("each place has a last line that always holds")


def resolve(judged: Sequence[tuple[int, int]], *, claimed: Iterable[int] = ()) -> tuple[Verdict, int | None]:
    """What (rule, person) pairs of one row come to. `claimed` are people whom another row of the file means beyond
    doubt; of two whom it may mean equally well, nobody is taken."""
    taken = set(claimed)
    same = sorted(pair for pair in judged if RULES[pair[0]].verdict is Verdict.SAME)
    if same:
        best = [person for rule, person in same if rule == same[0][0]]
        return (Verdict.SAME, best[0]) if len(best) == 1 else (Verdict.UNSURE, best[0])
    unsure = sorted(p for p in judged if RULES[p[0]].verdict is Verdict.UNSURE and p[1] not in taken)
    return (Verdict.UNSURE, unsure[0][1]) if unsure else (Verdict.NEW, None)


@dataclass(frozen=True, slots=True)
class Meant:
    """Whom one row means: `person` on file, or `row`, the place of the row that creates them (its own, or an earlier
    one's); neither where a person decides (UNSURE) or the row means nobody on file and may not create anybody."""

    verdict: Verdict
    person: int | None = None
    row: int | None = None


def family(
    rows: Sequence[Said], people: Mapping[int, Facts], *, full: bool = False, covered: Iterable[int] = ()
) -> list[Meant]:
    """Whom the rows of one contract mean, of which `people` are on file. `full`: the rows are the whole of what the
    sender says of the contract; who is `covered` and stands nowhere in it is missed. The subscriber is in `people`."""
    in_file = _shared_in_file(rows)
    pairs = [
        {
            key: compare(row, known, _SUB if _subscriber(row) else _DEP, shared_ssn=_shared(row, people, in_file))
            for key, known in people.items()
            if _subscriber(known) == _subscriber(row)
        }
        for row in rows
    ]
    sure = [resolve([(judge(evidence), key) for key, evidence in of_row.items()]) for of_row in pairs]
    claimed = {key for verdict, key in sure if verdict is Verdict.SAME and key is not None}
    missed = set(covered) - claimed if full else set()
    found = []
    for row, of_row, (verdict, key) in zip(rows, pairs, sure, strict=True):
        if any(RULES[judge(evidence)].verdict is Verdict.SAME for evidence in of_row.values()):
            found.append(Meant(verdict, key))
            continue
        judged = [(judge(replace(evidence, absent=person in missed)), person) for person, evidence in of_row.items()]
        found.append(Meant(*resolve(judged, claimed=claimed if row.creates else ())))
    return _grouped(rows, found)


def _grouped(rows: Sequence[Said], found: list[Meant]) -> list[Meant]:
    """Rows for one who is new: name and birth date make them one, unless they themselves tell two apart."""
    in_file = _shared_in_file(rows)
    buckets: dict[object, list[int]] = {}
    for place, (row, meant) in enumerate(zip(rows, found, strict=True)):
        if meant.verdict is Verdict.NEW and not _subscriber(row):
            buckets.setdefault((row.birth_date, fold(row.first_name)), []).append(place)
    for places in buckets.values():
        keys = _told_apart([rows[place] for place in places], in_file)
        first = next((place for place in places if _creates(rows[place])), None)
        for place, key in zip(places, keys, strict=True):
            same = [p for p, k in zip(places, keys, strict=True) if k == key and _creates(rows[p])]
            one = first if key is None and place == first else same[0] if key is not None and same else None
            found[place] = Meant(Verdict.NEW, row=one)
    return found


def _told_apart(rows: Sequence[Said], in_file: frozenset[str]) -> list[str | None]:
    """One key for rows that are one person's; None where it cannot be told whose a row is."""
    numbers = ["" if row.ssn in in_file else row.ssn for row in rows]
    sequences = [row.birth_sequence for row in rows]
    middles, suffixes = [fold(row.middle_name) for row in rows], [fold(row.suffix) for row in rows]
    if len(set(sequences) - {""}) > 1:
        return [sequence or None for sequence in sequences] if all(sequences) else [None] * len(rows)
    if len(set(numbers) - {""}) > 1:
        return [number or None for number in numbers] if all(numbers) else [None] * len(rows)
    if len(set(middles) - {""}) > 1 or len(set(suffixes) - {""}) > 1:
        told = all(map(str.__add__, middles, suffixes)) and not any(numbers)
        return [f"{a} {b}" for a, b in zip(middles, suffixes, strict=True)] if told else [None] * len(rows)
    return [""] * len(rows)


def _creates(row: Said) -> bool:
    return row.creates and row.birth_date is not None


def _subscriber(facts: Facts) -> bool:
    return facts.relationship == "18"


def _shared_in_file(rows: Sequence[Said]) -> frozenset[str]:
    """The numbers that stand for several people of this family: a filler, or the parent's sent for the children."""
    names: dict[str, set[object]] = {}
    births: dict[str, set[object]] = {}
    for row in rows:
        if row.ssn:
            name = fold(row.former_first_name) or fold(row.first_name)
            names.setdefault(row.ssn, set()).add((_subscriber(row), name))
            births.setdefault(row.ssn, set()).update({row.former_birth_date or row.birth_date} - {None})
    return frozenset(ssn for ssn in names if len(names[ssn]) > 1 or len(births[ssn]) > 1)


def _shared(row: Said, people: Mapping[int, Facts], in_file: frozenset[str]) -> bool:
    holders = [known for known in people.values() if row.ssn and known.ssn == row.ssn]
    return row.ssn in in_file or len(holders) > 1 or any(_subscriber(k) != _subscriber(row) for k in holders)


def _fact(said: object, known: object) -> Fact:
    if not said or not known:
        return Fact.UNKNOWN
    return Fact.SAME if said == known else Fact.OTHER


def _first(said: Facts, known: Facts) -> Fact:
    """Given names are written in one field or in two; who has none is compared by the last name."""
    first, other = fold(said.first_name), fold(known.first_name)
    if not first and not other:
        return _fact(fold(said.last_name), fold(known.last_name))
    if not first or not other:
        return Fact.UNKNOWN
    whole, other_whole = first + fold(said.middle_name), other + fold(known.middle_name)
    return Fact.SAME if {first, whole} & {other, other_whole} else Fact.OTHER


def _apart(said: Facts, known: Facts) -> bool:
    middle, other = fold(said.middle_name), fold(known.middle_name)
    suffixes = {fold(said.suffix), fold(known.suffix)}
    sequences = {said.birth_sequence, known.birth_sequence}
    return bool(
        (middle and other and not middle.startswith(other) and not other.startswith(middle))
        or ("" not in suffixes and len(suffixes) > 1)
        or ("" not in sequences and len(sequences) > 1)
    )


def _spouse(facts: Facts) -> bool:
    return facts.relationship in ("01", "53")


def _former(said: Said, known: Facts) -> bool:
    """Two facts of what was sent before agree with what is on file: name and birth date, or the SSN and one of them."""
    if not (said.former_first_name or said.former_birth_date or said.former_ssn):
        return False
    name = fold(said.former_first_name) or fold(said.first_name)
    named = bool(name) and name == fold(known.first_name)
    born = (said.former_birth_date or said.birth_date) == known.birth_date
    numbered = bool(said.former_ssn) and said.former_ssn == known.ssn
    contradicted = bool(said.former_ssn) and bool(known.ssn) and said.former_ssn != known.ssn
    return not contradicted and ((named and born) or (numbered and (named or born)))
