"""Postal codes as people and payrolls write them."""

from __future__ import annotations

from typing import Final

LENGTH: Final = 10
_US: Final = frozenset({"", "US", "USA", "PR", "VI", "GU", "AS", "MP"})
_LOST: Final = frozenset({3, 4})  # digits that a spreadsheet leaves of 00501 and 07030


def of_file(text: str, country: str = "") -> tuple[str, bool]:
    """As it is kept, and whether zeros that were lost in front were put back. ZIP codes come as 07030, 7030,
    07030-1234, 070301234, 70301234; a foreign code stays as it is."""
    shown = " ".join(text.upper().split())
    if country.upper() not in _US:
        return shown[:LENGTH], False
    front, hyphen, tail = shown.replace(" ", "").partition("-")
    digits = front + tail
    if not (digits.isascii() and digits.isdigit()) or len(tail) > 4:
        return shown[:LENGTH], False
    if not hyphen and len(front) in (7, 8, 9):
        front, tail = front[:-4], front[-4:]
    lost = len(front) in _LOST
    if len(front) != 5 and not lost:
        return shown[:LENGTH], False
    return front.zfill(5) + (f"-{tail.zfill(4)}" if tail else ""), lost


def key(text: str) -> str:
    """For comparison: letters and digits; of a ZIP code its five digits, whatever zeros were lost and whatever
    follows them."""
    bare = "".join(c for c in text.upper() if c.isalnum())
    if not (bare.isascii() and bare.isdigit()):
        return bare
    front, _hyphen, tail = text.replace(" ", "").partition("-")
    if len(bare) in (*_LOST, 5, 9) or (len(front), len(tail)) == (4, 4):
        return (front if tail else bare).zfill(5)[:5]
    return bare


def same(on_file: str, typed: str) -> bool:
    return bool(on_file) and key(on_file) == key(typed)
