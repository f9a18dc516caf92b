"""What an X12 transaction set may look like: elements, segments and loops as tables, and what is wrong with a segment.

Each kind of set has a guide of such tables (`members/enrollment/x834/guide.py` is one). A segment is described by one
line: element numbers in order, each with `!` (required), `?` (may stand) or `-` (must not stand). Relations between
elements are written as X12 writes them: P (all or none), R (at least one), E (at most one), C (the first needs the
others), L (the first needs one of the others).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Final

from portals.x12.wire import Delimiters


def code_set(text: str) -> frozenset[str]:
    return frozenset(text.split())


# number: (type, shortest, longest). AN text, ID code, DT day, TM time, N0 whole number, R decimal, DX a day or a range
# of days as the element before it says.
_ELEMENTS: Final[Mapping[str, tuple[str, int, int]]] = {
    number: (kind, int(low), int(high))
    for number, kind, low, high in (
        line.split(":")
        for line in code_set(
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


@dataclass(frozen=True, slots=True)
class ElementFault:
    """One wrong element of a segment: IK4's position, component, reference, code and value, and our words for it."""

    position: int
    component: int
    reference: str
    code: str
    value: str
    text: str
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


@dataclass(frozen=True, slots=True, eq=False)
class Standard:
    """One kind of transaction set that is read here."""

    set_id: str
    """ST01."""
    functional_id: str
    """GS01."""
    purpose: str
    """What GS01 means, in words."""
    guides: Mapping[str, Loop]
    """By GS08. A set of another guide is walked by the first."""
    codes_of_other_places: frozenset[str] = frozenset()
    """Codes known to the guide: at a place that does not list them they are wrong, while any other may be noted."""
    member_id: str = ""
    """The segment that opens one member (or claim, or payment) of the set."""
    subscriber_qualifiers: frozenset[str] = frozenset()
    """REF01 of the number that names the member in findings."""
    is_secret: Callable[[str, int, str, list[str]], bool] = lambda *place: False
    """(segment id, element position, loop id, elements): whether a wrong value there is hidden whole."""
    segment_ids: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        found = {"SE"}.union(*(_segment_ids(guide) for guide in self.guides.values()))
        object.__setattr__(self, "segment_ids", frozenset(found))


def _segment_ids(top: Loop) -> set[str]:
    found = set(top.table)
    for place in top.slots:
        if place.loop:
            found |= _segment_ids(place.loop)
    return found


SE: Final = segment("SE", "96! 329!")
GS: Final = segment("GS", "479! 142! 124! 373! 337! 28! 455! 480!", {7: "X"})
GE: Final = segment("GE", "97! 28!")

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


def faults(
    spec: Segment, parts: list[str], delimiters: Delimiters, codes_of_other_places: frozenset[str] = frozenset()
) -> list[ElementFault]:
    """Every wrong element of one segment, one fault an element (the most telling). `parts[0]` is the segment id.

    A code that a lenient element does not list is noted only, unless it is one of `codes_of_other_places`.
    """
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
            fault = _value_fault(element, value, format_, codes_of_other_places)
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
            fault = _value_fault(part, value, "", frozenset())
            if fault:
                found.append(ElementFault(place, number, reference, fault[0], value, fault[1]))
    return found


def _value_fault(
    element: Element, value: str, format_: str, codes_of_other_places: frozenset[str]
) -> tuple[str, str, bool] | None:
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
        noted = element.lenient and value.isalnum() and value not in codes_of_other_places
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
