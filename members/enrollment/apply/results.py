"""What came of a change of enrollment: applied, refused with reasons, or held for a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from members.enums import RowOutcome

HELD_CONTRACTS = 3  # settings of worked figure F12: a full file may end this many contracts,
HELD_PERCENT = 5  # or this share of them, whichever is more, before a person must look


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a member was not taken. `segment` is the file's, 1-based (0: a page); `value` a parameter of the reason."""

    segment: int
    segment_id: str
    sender_number: str
    reason: str
    value: str
    outcome: str = RowOutcome.REFUSED.value


@dataclass(frozen=True, slots=True)
class Applied:
    members: int
    refused: int
    """Members refused; each may have several reasons."""
    refusals: tuple[Refusal, ...]
    waiting: int = 0
    """Members of whom a person must say who is meant."""
    noted: int = 0
    """Members taken with a note."""
    people_created: int = 0
    contracts_created: int = 0
    coverages_superseded: int = 0
    coverages_written: int = 0
    segments_superseded: int = 0
    segments_written: int = 0
    absent: int = 0
    """People whose coverage ends because a full file does not name them."""


@dataclass(frozen=True, slots=True)
class Absence:
    """What a full file would end by not naming it."""

    contracts: int
    contracts_losing_people: int
    people: int
    active_contracts: int

    @property
    def most(self) -> int:
        """How many contracts may end without a person looking."""
        return max(HELD_CONTRACTS, self.active_contracts * HELD_PERCENT // 100)

    @property
    def is_held(self) -> bool:
        return self.contracts > self.most or self.contracts_losing_people > self.most


class HeldError(Exception):
    """A full file would end so much that a person must say so; nothing was applied."""

    def __init__(self, absence: Absence) -> None:
        super().__init__(f"{absence.contracts} of {absence.active_contracts} contracts would end")
        self.absence = absence


class RefusedError(Exception):
    """A page's change was not taken; `refusals` say why."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        super().__init__(", ".join(refusal.reason for refusal in refusals))
        self.refusals = refusals
