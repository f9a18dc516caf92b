"""Coverage tiers from the people covered, and New York's factors as a check of the filed amounts."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from billing import money

SUBSCRIBER = "18"
PARTNERS = frozenset({"01", "53"})  # spouse, life partner: one tier


class Tier(StrEnum):
    EE = "EE"
    ES = "ES"
    EC = "EC"
    FAM = "FAM"


NY_FACTORS: Mapping[Tier, Decimal] = {
    Tier.EE: Decimal("1.00"),
    Tier.ES: Decimal("2.00"),
    Tier.EC: Decimal("1.70"),
    Tier.FAM: Decimal("2.85"),
}


@dataclass(frozen=True, slots=True)
class TierDifference:
    tier: Tier
    filed_cents: int
    by_factor_cents: int


def tier_of(relationships: Collection[str]) -> Tier:
    """The tier of the people covered, by X12 relationship code (INS02), the subscriber's own included or not.

    Whoever is neither the subscriber nor a partner counts as a child; how many there are changes nothing.
    """
    partner = any(code in PARTNERS for code in relationships)
    child = any(code != SUBSCRIBER and code not in PARTNERS for code in relationships)
    if partner:
        return Tier.FAM if child else Tier.ES
    return Tier.EC if child else Tier.EE


def by_factor(single_cents: int, factors: Mapping[Tier, Decimal] = NY_FACTORS) -> dict[Tier, int]:
    return {tier: money.times(single_cents, factor) for tier, factor in factors.items()}


def check_filed(filed: Mapping[Tier, int], factors: Mapping[Tier, Decimal] = NY_FACTORS) -> list[TierDifference]:
    """Where the filed amounts differ from single x factor. The filed ones prevail: this is for a person to look at."""
    return [
        TierDifference(tier, filed[tier], cents)
        for tier, cents in by_factor(filed[Tier.EE], factors).items()
        if filed[tier] != cents
    ]
