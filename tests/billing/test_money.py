"""Rounding, splitting, printing and reading of money."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing import money
from billing.money import AmountProblem


def test_one_rounding_half_up_away_from_zero() -> None:
    assert money.to_cents(Decimal("1381.029")) == 1_381_03
    assert money.to_cents(Decimal("2315.2545")) == 2_315_25
    assert money.to_cents(Decimal("0.005")) == 1
    assert money.to_cents(Decimal("-0.005")) == -1
    assert money.half_up(Fraction(1, 3)) == 0
    assert money.times(812_37, Decimal("1.70")) == 1_381_03
    assert money.prorate(812_37, 19, 28) == 551_25
    assert money.to_dollars(-812_37) == Decimal("-812.37")


@given(st.decimals(-10_000, 10_000, places=6))
def test_a_credit_is_exactly_the_charge_it_undoes(value: Decimal) -> None:
    assert money.half_up(-value) == -money.half_up(value)
    assert abs(Fraction(value) - money.half_up(value)) <= Fraction(1, 2)


def test_amounts_print_as_people_write_them() -> None:
    assert money.format_cents(44_180_22) == "$44,180.22"
    assert money.format_cents(-812_37) == "-$812.37"
    assert money.format_cents(5) == "$0.05"
    assert money.format_cents(-100_000_000) == "-$1,000,000.00"


@pytest.mark.parametrize(
    ("typed", "cents"),
    [
        ("6,000", 6_000_00), ("$6,000.00", 6_000_00), (" 6000 ", 6_000_00), ("$ 4210.55", 4_210_55), ("0.05", 5),
        ("99,999,999.99", money.MAX_TYPED_CENTS),
    ],
)  # fmt: skip
def test_typed_amounts_are_read(typed: str, cents: int) -> None:
    assert money.parse_amount(typed) == cents


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("", AmountProblem.EMPTY), ("  ", AmountProblem.EMPTY), ("six", AmountProblem.NOT_AN_AMOUNT),
        ("$", AmountProblem.NOT_AN_AMOUNT), (".50", AmountProblem.NOT_AN_AMOUNT), ("٦٠٠", AmountProblem.NOT_AN_AMOUNT),
        ("1e3", AmountProblem.NOT_AN_AMOUNT), ("1.2.3", AmountProblem.NOT_AN_AMOUNT),
        ("-5", AmountProblem.NEGATIVE), ("−5.00", AmountProblem.NEGATIVE), ("$-5", AmountProblem.NEGATIVE),
        ("(5.00)", AmountProblem.NEGATIVE), ("6,00", AmountProblem.GROUPING), ("6000,000", AmountProblem.GROUPING),
        (",600", AmountProblem.GROUPING), ("6.5", AmountProblem.CENTS), ("6.", AmountProblem.CENTS),
        ("6.005", AmountProblem.CENTS), ("100000000", AmountProblem.TOO_LARGE), ("9" * 5000, AmountProblem.TOO_LARGE),
    ],
)  # fmt: skip
def test_a_doubtful_amount_is_refused_with_what_is_wrong(typed: str, problem: AmountProblem) -> None:
    with pytest.raises(money.AmountError) as refusal:
        money.parse_amount(typed)
    assert refusal.value.problem is problem


@given(st.integers(0, money.MAX_TYPED_CENTS))
def test_what_is_printed_can_be_typed(cents: int) -> None:
    assert money.parse_amount(money.format_cents(cents)) == cents


@given(st.integers(-(10**9), 10**9), st.lists(st.integers(0, 1000), min_size=1, max_size=8).filter(any))
def test_no_share_loses_a_cent(cents: int, weights: list[int]) -> None:
    shares = money.split(cents, weights)
    assert sum(shares) == cents
    assert all(
        abs(share - Fraction(cents * weight, sum(weights))) < 1 for share, weight in zip(shares, weights, strict=True)
    )
    assert sum(money.split_evenly(cents, len(weights))) == cents


def test_odd_cents_go_to_the_first() -> None:
    assert money.split_evenly(100_00, 3) == [33_34, 33_33, 33_33]
    assert money.split_evenly(-100_01, 3) == [-33_35, -33_33, -33_33]
    assert money.split(100, [1, 1, 4]) == [17, 17, 66]
