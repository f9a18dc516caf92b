"""Allocation, payable, returns and bank numbers: figures F3 and F6 as given."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.rules import allocation, bank_accounts, returns
from billing.rules.allocation import Allocation, ItemKind, OpenItem, Share
from billing.rules.bank_accounts import AccountProblem, RoutingProblem
from billing.rules.returns import Meaning, RetryRefusal

JANUARY = OpenItem("Jan", ItemKind.PREMIUM, dt.date(2027, 1, 1), 4_210_55)
FEBRUARY = OpenItem("Feb", ItemKind.PREMIUM, dt.date(2027, 2, 1), 4_398_15)
FEE = OpenItem("fee", ItemKind.FEE, dt.date(2026, 2, 3), 25_00)  # older than any premium, and still last


def test_a_payment_takes_the_oldest_premium_first() -> None:
    paid = allocation.allocate([FEBRUARY, JANUARY], 6_000_00)
    assert paid == Allocation((Share("Jan", 4_210_55), Share("Feb", 1_789_45)), 0)
    february = allocation.payable_cents(charges=4_398_15, retro=0, fees=0, applied=0, pending=1_789_45)
    assert february == 2_608_70


def test_fees_come_last_and_the_rest_stays_unapplied() -> None:
    assert sum(item.open_cents for item in (JANUARY, FEBRUARY, FEE)) == 8_633_70  # after the return
    check = allocation.allocate([FEE, FEBRUARY, JANUARY], 7_000_00)
    assert check == Allocation((Share("Jan", 4_210_55), Share("Feb", 2_789_45)), 0)
    february = OpenItem("Feb", ItemKind.PREMIUM, dt.date(2027, 2, 1), 4_398_15 - 2_789_45)
    wire = allocation.allocate([FEE, february], 1_700_00)
    assert wire == Allocation((Share("Feb", 1_608_70), Share("fee", 25_00)), 66_30)


def test_what_is_under_way_or_more_than_owed_is_not_payable() -> None:
    assert allocation.payable_cents(charges=100_00, retro=-20_00, fees=25_00, applied=50_00, pending=55_00) == 0
    assert allocation.payable_cents(charges=100_00, retro=-120_00, fees=0, applied=0, pending=0) == 0


def test_a_negative_amount_is_not_allocated() -> None:
    with pytest.raises(ValueError, match="reverses"):
        allocation.allocate([JANUARY], -1)


@given(
    st.lists(st.tuples(st.sampled_from(ItemKind), st.integers(0, 60), st.integers(0, 10_000)), max_size=6),
    st.integers(0, 40_000),
)
def test_no_cent_is_lost_and_none_is_unapplied_while_something_is_open(
    rows: list[tuple[ItemKind, int, int]], amount: int
) -> None:
    items = [
        OpenItem(index, kind, dt.date(2027, 1, 1) + dt.timedelta(days=days), cents, index)
        for index, (kind, days, cents) in enumerate(rows)
    ]
    result = allocation.allocate(items, amount)
    applied = sum(share.cents for share in result.shares)
    assert applied + result.unapplied_cents == amount
    assert applied == min(amount, sum(item.open_cents for item in items))


@pytest.mark.parametrize(
    ("code", "meaning", "may_retry", "stops"),
    [
        ("R01", Meaning.INSUFFICIENT_FUNDS, True, False),
        ("R02", Meaning.ACCOUNT_CLOSED, False, True),
        ("R03", Meaning.NO_ACCOUNT, False, True),
        ("R04", Meaning.INVALID_ACCOUNT_NUMBER, False, True),
        ("R07", Meaning.UNAUTHORIZED, False, True),
        ("R08", Meaning.STOPPED, False, False),
        ("R09", Meaning.UNCOLLECTED_FUNDS, True, False),
        ("R10", Meaning.UNAUTHORIZED, False, True),
        ("R16", Meaning.FROZEN, False, True),
        ("R29", Meaning.UNAUTHORIZED, False, True),
        ("R99", Meaning.OTHER, False, False),
    ],
)
def test_a_return_code_says_what_may_follow(code: str, meaning: Meaning, may_retry: bool, stops: bool) -> None:
    rule = returns.rule_for(code)
    assert (rule.meaning, rule.may_retry, rule.stops_autopay) == (meaning, may_retry, stops)


def test_a_second_return_within_six_months_stops_autopay() -> None:
    returned = dt.date(2027, 8, 3)
    assert not returns.stops_autopay("R01", returned, [])
    assert not returns.stops_autopay("R01", returned, [dt.date(2027, 2, 2)])
    assert returns.stops_autopay("R01", returned, [dt.date(2027, 2, 3)])
    assert returns.stops_autopay("R02", returned, [])


def refusal(code: str = "R01", days: int = 10, retries: int = 0, new_payment: bool = False) -> RetryRefusal | None:
    settled = dt.date(2027, 2, 1)
    retry_on = settled + dt.timedelta(days=days)
    return returns.retry_refusal(
        code, first_settled_on=settled, retry_on=retry_on, retries_so_far=retries, new_payment=new_payment
    )


def test_a_retry_is_for_lack_of_funds_twice_in_180_days_and_never_beside_a_new_payment() -> None:
    assert refusal() is None
    assert refusal("R09", days=180, retries=1) is None
    assert refusal("R02") is RetryRefusal.CODE
    assert refusal(retries=2) is RetryRefusal.TOO_MANY
    assert refusal(days=181) is RetryRefusal.TOO_LATE
    assert refusal(new_payment=True) is RetryRefusal.NEW_PAYMENT


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("231380104", None),
        ("0313-0001 2", None),
        ("091400606", None),
        ("231380105", RoutingProblem.CHECK_DIGIT),
        ("500000005", RoutingProblem.PREFIX),  # its check digit is right
        ("000000000", RoutingProblem.PREFIX),
        ("23138010", RoutingProblem.FORMAT),
        ("23138010x", RoutingProblem.FORMAT),
        ("٢٣١٣٨٠١٠٤", RoutingProblem.FORMAT),
    ],
)
def test_a_routing_number_needs_prefix_and_check_digit(typed: str, problem: RoutingProblem | None) -> None:
    assert bank_accounts.routing_problem(typed) is problem


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("744-5678-99", None),
        ("1234", None),
        ("12345678901234567", None),
        ("123", AccountProblem.LENGTH),
        ("123456789012345678", AccountProblem.LENGTH),
        ("12AB34", AccountProblem.FORMAT),
        ("", AccountProblem.FORMAT),
        ("000000", AccountProblem.ZEROS),
    ],
)
def test_an_account_number_is_4_to_17_digits(typed: str, problem: AccountProblem | None) -> None:
    assert bank_accounts.account_problem(typed) is problem


def test_only_the_last_four_are_shown() -> None:
    assert bank_accounts.last_four("744-5678-99") == "7899"
