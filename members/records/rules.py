"""Whether somebody on file is called what a caller says, decided on values only: the whole name, however it is
written, as it stands on the card, or with only the first of several first names; never a part of the last name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from members.cards import rules as cards
from portals.folding import fold

_SUFFIXES: Final = frozenset({"jr", "sr", "ii", "iii", "iv", "v"})
_BETWEEN: Final = re.compile(r"[\s\-\u2010-\u2015]+")


@dataclass(frozen=True, slots=True)
class Named:
    """A name on file."""

    first: str
    middle: str
    last: str
    suffix: str


def is_called(on_file: Named, *, first: str, last: str) -> bool:
    """`first` may be blank: who asks does not know it, or there is none."""
    typed = _bare(f"{first} {last}")
    if typed in _whole(on_file):
        return True
    if fold(_without_suffix(last)) != fold(_without_suffix(on_file.last)):
        return False
    return _same_first(first, on_file.first)


def _same_first(typed: str, on_file: str) -> bool:
    """Where one has more words, the other's are the first of them; one that is blank fits any. After the first word an
    initial will do."""
    if fold(typed) == fold(on_file):
        return True
    pairs = list(zip(_words(typed), _words(on_file), strict=False))
    return all(one == other for one, other in pairs[:1]) and all(
        one == other or (1 in (len(one), len(other)) and one[0] == other[0]) for one, other in pairs[1:]
    )


def _whole(name: Named) -> set[str]:
    """The whole name in one, so that it does not matter which part somebody took for the first name."""
    printed = cards.printed_name(first=name.first, middle=name.middle, last=name.last, suffix=name.suffix)
    forms = [printed, f"{name.first} {name.last}", f"{name.last} {name.first}"]
    forms += [f"{name.first} {middle} {name.last}" for middle in (name.middle, name.middle[:1])]
    return {_bare(form) for form in forms}


def _bare(text: str) -> str:
    return fold(_without_suffix(text))


def _without_suffix(text: str) -> str:
    *others, last = text.replace(",", " ").split() or [""]
    return " ".join(others) if others and fold(last) in _SUFFIXES else text


def _words(text: str) -> list[str]:
    return [word for part in _BETWEEN.split(text) if (word := fold(part))]
