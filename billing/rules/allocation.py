"""Where a payment or a credit goes in one bill account: premium before fees, oldest due first, the rest unapplied."""

import datetime as dt
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from enum import StrEnum


class ItemKind(StrEnum):
    PREMIUM = "premium"
    FEE = "fee"


@dataclass(frozen=True, slots=True)
class OpenItem:
    """What is still open of one invoice and product, or of one fee; `sequence` decides within a due date."""

    id: Hashable
    kind: ItemKind
    due_date: dt.date
    open_cents: int
    sequence: int = 0


@dataclass(frozen=True, slots=True)
class Share:
    item_id: Hashable
    cents: int


@dataclass(frozen=True, slots=True)
class Allocation:
    """Shares of more than 0 cents in the order they were given; with `unapplied_cents` they add up to the amount."""

    shares: tuple[Share, ...]
    unapplied_cents: int


def allocate(items: Iterable[OpenItem], amount_cents: int) -> Allocation:
    """A payment, a credit of a net-negative invoice, or unapplied money used at the next issue: all go the same way."""
    if amount_cents < 0:
        raise ValueError("a return reverses the shares of its payment; it is not allocated")
    left = amount_cents
    shares: list[Share] = []
    for item in sorted(items, key=lambda item: (item.kind is ItemKind.FEE, item.due_date, item.sequence)):
        cents = min(left, item.open_cents)
        if cents > 0:
            shares.append(Share(item.id, cents))
            left -= cents
    return Allocation(tuple(shares), left)


def payable_cents(*, charges: int, retro: int, fees: int, applied: int, pending: int) -> int:
    """What may be paid on an invoice: its own charges + retro + fees - applied - pending, never less than 0.

    `pending` is what is under way, which cannot be taken again.
    """
    return max(0, charges + retro + fees - applied - pending)
