"""Money: integer cents everywhere, `Decimal` or `Fraction` only while a rate is computed, one rounding (half up).

"Half up" is away from zero, so that a credit is exactly the charge it undoes.
"""

import re
from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

MAX_TYPED_CENTS = 99_999_999_99  # ten digits: what one ACH entry can carry

_GROUPED = re.compile(r"[0-9]{1,3}(,[0-9]{3})+")


class AmountProblem(StrEnum):
    EMPTY = "empty"
    NOT_AN_AMOUNT = "not_an_amount"
    NEGATIVE = "negative"
    GROUPING = "grouping"  # commas that do not part thousands, such as 6,00
    CENTS = "cents"  # a point that is not followed by two digits
    TOO_LARGE = "too_large"


class AmountError(ValueError):
    """A typed amount that cannot be read; the words for `problem` belong to the form."""

    def __init__(self, problem: AmountProblem) -> None:
        super().__init__(problem.value)
        self.problem = problem


def half_up(value: Decimal | Fraction | int) -> int:
    """The nearest whole number, halves away from zero. The only rounding in the product."""
    exact = Fraction(value)
    whole = (2 * abs(exact.numerator) + exact.denominator) // (2 * exact.denominator)
    return whole if exact >= 0 else -whole


def to_cents(dollars: Decimal) -> int:
    """Dollars to cents, rounded once, half up."""
    return half_up(Fraction(dollars) * 100)


def to_dollars(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)


def times(cents: int, factor: Decimal | Fraction | int) -> int:
    """`cents` times a factor, rounded once."""
    return half_up(Fraction(factor) * cents)


def prorate(cents: int, days: int, days_of: int) -> int:
    """The share of `days` in `days_of`, rounded once."""
    return half_up(Fraction(cents * days, days_of))


def split_evenly(cents: int, parts: int) -> list[int]:
    """Shares that add up exactly; each is rounded toward zero and the odd cents go to the first."""
    share = abs(cents) // parts
    shares = [share] * parts
    shares[0] += abs(cents) - share * parts
    return shares if cents >= 0 else [-each for each in shares]


def split(cents: int, weights: Sequence[int]) -> list[int]:
    """Shares by weight that add up exactly: odd cents go where rounding down took most, the earlier one on a tie."""
    total = sum(weights)
    if total <= 0 or min(weights) < 0:
        raise ValueError("weights are not negative and at least one is positive")
    shares, remainders = [], []
    for weight in weights:
        share, remainder = divmod(abs(cents) * weight, total)
        shares.append(share)
        remainders.append(remainder)
    by_loss = sorted(range(len(weights)), key=lambda index: -remainders[index])
    for index in by_loss[: abs(cents) - sum(shares)]:
        shares[index] += 1
    return shares if cents >= 0 else [-each for each in shares]


def format_cents(cents: int) -> str:
    """`$44,180.22`, `-$812.37`: the same in English and Spanish, as US plans print it."""
    dollars, rest = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}${dollars:,}.{rest:02d}"


def parse_amount(text: str) -> int:
    """Cents of an amount as people type it: `6000`, `6,000`, `$6,000.00`. Raises `AmountError`."""
    typed = text.strip()
    if not typed:
        raise AmountError(AmountProblem.EMPTY)
    if re.fullmatch(r"(-|−)\s*\$?.*|\$\s*(-|−).*|\(.*\)", typed):
        raise AmountError(AmountProblem.NEGATIVE)
    whole, point, fraction = typed.removeprefix("$").lstrip().partition(".")
    if not whole or re.search(r"[^0-9,]", whole + fraction):
        raise AmountError(AmountProblem.NOT_AN_AMOUNT)
    if "," in whole and not _GROUPED.fullmatch(whole):
        raise AmountError(AmountProblem.GROUPING)
    if "," in fraction or (point and len(fraction) != 2):
        raise AmountError(AmountProblem.CENTS)
    cents = int(whole.replace(",", "")) * 100 + int(fraction or "0") if len(whole) <= 20 else MAX_TYPED_CENTS + 1
    if cents > MAX_TYPED_CENTS:
        raise AmountError(AmountProblem.TOO_LARGE)
    return cents
