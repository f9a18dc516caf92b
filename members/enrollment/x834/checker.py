"""Checks X12 834 enrollment files (005010X220A1 and 005010X307). `reader.members` then reads the sets accepted here.

Whether a person or plan is known is not asked here.
"""

from typing import BinaryIO, Final

from members.enrollment.x834.guide import GUIDES, PLACED_DATES
from portals.x12 import checker
from portals.x12.grammar import Standard
from portals.x12.report import X12Report


def _is_secret(segment_id: str, position: int, loop: str, parts: list[str]) -> bool:
    """A Social Security number, or what stands in its place."""
    if segment_id == "NM1":
        return position == 9 and (loop[:4] == "2100" or parts[8:9] == ["34"])
    return segment_id == "REF" and position == 2 and parts[1:2] == ["SY"]


ENROLLMENT: Final = Standard(
    set_id="834",
    functional_id="BE",
    purpose="benefit enrollment",
    guides=GUIDES,
    codes_of_other_places=PLACED_DATES,
    member_id="INS",
    subscriber_qualifiers=frozenset(("0F", "WH")),
    is_secret=_is_secret,
)


def check(file: BinaryIO) -> X12Report:
    """One pass over the file. Never raises for what is in it: an unreadable file is a report with a `fault`."""
    return checker.check(file, ENROLLMENT)
