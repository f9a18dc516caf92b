"""Coverage tiers from the people covered, and New York's factors as a check of the filed amounts."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal

from billing import money
from billing.enums import Tier

SUBSCRIBER = "18"
PARTNERS = frozenset({"01", "53"})  # spouse, life partner: one tier


NY_FACTORS: Mapping[Tier, Decimal] = {
    Tier.SINGLE: Decimal("1.00"),
    Tier.COUPLE: Decimal("2.00"),
    Tier.PARENT: Decimal("1.70"),
    Tier.FAMILY: Decimal("2.85"),
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
        return Tier.FAMILY if child else Tier.COUPLE
    return Tier.PARENT if child else Tier.SINGLE


def by_factor(single_cents: int, factors: Mapping[Tier, Decimal] = NY_FACTORS) -> dict[Tier, int]:
    return {tier: money.times(single_cents, factor) for tier, factor in factors.items()}


def check_filed(filed: Mapping[Tier, int], factors: Mapping[Tier, Decimal] = NY_FACTORS) -> list[TierDifference]:
    """Where the filed amounts differ from single x factor. The filed ones prevail: this is for a person to look at."""
    return [
        TierDifference(tier, filed[tier], cents)
        for tier, cents in by_factor(filed[Tier.SINGLE], factors).items()
        if filed[tier] != cents
    ]
