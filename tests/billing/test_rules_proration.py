"""The fifteenth rule, retro lines and the three invoices of figure F4."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.enums import Proration
from billing.rules import proration, schedule
from billing.rules.proration import BilledKey, CoveredSegment, RetroLine

RATES = {
    2026: {"EE": 771_04, "ES": 1_542_08, "EC": 1_310_77, "FAM": 2_197_46},
    2027: {"EE": 812_37, "ES": 1_624_74, "EC": 1_381_03, "FAM": 2_315_25},
}
LONG_AGO = dt.date(2025, 1, 1)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def price_of(segment: CoveredSegment, month: dt.date) -> int:
    """The plan year begins on January 1."""
    return RATES[month.year][segment.price_key]


def covered(
    first: str, last: str | None, tier: str = "EE", *, product: str = "POS", account: str = "main"
) -> CoveredSegment:
    """A segment by its first and *last* day covered, as people say it."""
    end = None if last is None else day(last) + dt.timedelta(days=1)
    return CoveredSegment(day(first), end, product, tier, "medical", account)


def cents(segments: list[CoveredSegment], month: str, method: Proration = Proration.FIFTEENTH) -> int:
    return sum(charge.cents for charge in proration.charge_for_month(segments, day(month), method, price_of))


@pytest.mark.parametrize(
    ("first", "last", "charged"),
    [
        ("2027-01-01", None, True),
        ("2027-01-15", None, True),
        ("2027-01-16", None, False),
        ("2026-05-01", "2027-01-15", False),
        ("2026-05-01", "2027-01-16", True),
        ("2027-01-03", "2027-01-10", False),
        ("2027-01-10", "2027-01-20", True),
    ],
)
def test_a_month_is_charged_if_covered_on_the_15th_and_the_16th(first: str, last: str | None, charged: bool) -> None:
    assert cents([covered(first, last)], "2027-01-01") == (812_37 if charged else 0)


def test_a_tier_changed_on_the_16th_counts_from_the_next_month() -> None:
    history = [covered("2026-01-01", "2027-01-15", "FAM"), covered("2027-01-16", None, "ES")]
    assert cents(history, "2027-01-01") == 2_315_25
    assert sum(cents([alone], "2027-01-01") for alone in history) == 0  # the rule applied to each segment
    assert cents(history, "2027-02-01") == 1_624_74


def test_who_moves_to_cobra_on_the_16th_stays_on_the_first_account_for_that_month() -> None:
    history = [covered("2026-01-01", "2027-01-15"), covered("2027-01-16", None, product="HMO", account="cobra")]
    january = proration.charge_for_month(history, day("2027-01-01"), Proration.FIFTEENTH, price_of)
    february = proration.charge_for_month(history, day("2027-02-01"), Proration.FIFTEENTH, price_of)
    assert [(charge.account, charge.product, charge.cents) for charge in january] == [("main", "POS", 812_37)]
    assert [(charge.account, charge.product, charge.cents) for charge in february] == [("cobra", "HMO", 812_37)]


def test_daily_is_rate_by_days_rounded_once() -> None:
    assert cents([covered("2027-02-10", None)], "2027-02-01", Proration.DAILY) == 551_25
    assert (
        cents([covered("2027-02-10", "2027-02-19"), covered("2027-02-20", None)], "2027-02-01", Proration.DAILY)
        == 551_25
    )
    assert cents([covered("2026-02-10", None)], "2027-02-01", Proration.DAILY) == 812_37


def test_without_proration_a_touched_month_is_charged_whole_once() -> None:
    history = [covered("2027-01-31", "2027-02-10", "FAM"), covered("2027-02-11", None, "ES")]
    assert cents(history, "2027-01-01", Proration.NONE) == 2_315_25
    assert cents(history, "2027-02-01", Proration.NONE) == 2_315_25
    assert cents(history, "2027-03-01", Proration.NONE) == 1_624_74
    assert cents(history, "2026-12-01", Proration.NONE) == 0


def test_overlapping_segments_of_one_line_are_refused() -> None:
    with pytest.raises(proration.OverlapError):
        cents([covered("2027-01-01", "2027-01-20"), covered("2027-01-20", None)], "2027-01-01")
    dental = CoveredSegment(day("2027-01-01"), None, "DEN", "EE", "dental", "dental")
    assert cents([covered("2027-01-01", None), dental], "2027-01-01") == 2 * 812_37


@given(
    start=st.dates(dt.date(2026, 1, 1), dt.date(2027, 11, 30)),
    days=st.integers(1, 400),
    cut=st.integers(1, 399),
    method=st.sampled_from(Proration),
    month=st.dates(dt.date(2026, 1, 1), dt.date(2027, 12, 31)),
)
def test_cutting_a_segment_in_two_changes_no_charge(
    start: dt.date, days: int, cut: int, method: Proration, month: dt.date
) -> None:
    end = start + dt.timedelta(days=days)
    middle = min(start + dt.timedelta(days=cut), end)
    whole = [CoveredSegment(start, end, "POS", "EE", "medical", "main")]
    halves = [
        CoveredSegment(middle, end, "POS", "EE", "medical", "main"),
        CoveredSegment(start, middle, "POS", "EE", "medical", "main"),
    ]
    assert proration.charge_for_month(halves, month, method, price_of) == proration.charge_for_month(
        whole, month, method, price_of
    )


@dataclass(frozen=True)
class Known:
    """What was known of a contract from the day of its receipt on."""

    received: dt.date
    contract: str
    segments: list[CoveredSegment]


HISTORY = [
    Known(LONG_AGO, "A", [covered("2025-01-01", None, "EE")]),
    Known(LONG_AGO, "B", [covered("2025-01-01", None, "ES")]),
    Known(LONG_AGO, "C", [covered("2025-01-01", None, "EC")]),
    Known(LONG_AGO, "D", [covered("2025-01-01", None, "FAM")]),
    Known(day("2026-12-28"), "E", [covered("2027-01-11", None, "EE")]),
    Known(day("2027-01-08"), "A", [covered("2025-01-01", "2026-12-12", "EE")]),
    Known(day("2027-01-13"), "D", [covered("2025-01-01", "2027-01-15", "FAM"), covered("2027-01-16", None, "ES")]),
    Known(day("2027-02-03"), "A", [covered("2025-01-01", "2027-01-20", "EE")]),
    Known(day("2027-02-09"), "C", [covered("2025-01-01", "2027-01-31", "EC"), covered("2027-02-01", None, "FAM")]),
    Known(day("2027-02-10"), "E", [covered("2027-01-11", "2027-02-15", "EE")]),
]
DECEMBER, JANUARY, FEBRUARY, MARCH = (day(f"{month}-01") for month in ("2026-12", "2027-01", "2027-02", "2027-03"))
Billed = dict[str, dict[BilledKey, int]]


def bill(period: dt.date, billed: Billed) -> tuple[dict[str, int], dict[str, list[RetroLine]]]:
    """One invoice as the reference makes it: current charges and retro lines by contract; adds to what was billed."""
    made = schedule.generation_date(period, schedule.FixedDay(15))
    known = {row.contract: row.segments for row in HISTORY if row.received < made}
    current: dict[str, int] = {}
    retro: dict[str, list[RetroLine]] = {}
    open_months = [month for month in (DECEMBER, JANUARY, FEBRUARY) if month < period]
    for contract, segments in sorted(known.items()):
        past = [
            charge
            for month in open_months
            for charge in proration.charge_for_month(segments, month, Proration.FIFTEENTH, price_of)
        ]
        lines = proration.retro_lines(past, billed[contract])
        for line in lines:
            billed[contract][BilledKey(line.account, line.product, line.month)] = line.recomputed_cents
        if lines:
            retro[contract] = lines
        for charge in proration.charge_for_month(segments, period, Proration.FIFTEENTH, price_of):
            current[contract] = charge.cents
            billed[contract][charge.key] = charge.cents
    return current, retro


def amounts(retro: dict[str, list[RetroLine]]) -> dict[tuple[str, dt.date], int]:
    return {(contract, line.month): line.cents for contract, lines in retro.items() for line in lines}


def test_three_invoices_repair_each_other_until_every_month_is_the_truth() -> None:
    billed: Billed = defaultdict(dict)
    before, _ = bill(DECEMBER, billed)  # what the client had paid for December, at the rates of 2026
    assert sum(before.values()) == 5_821_35

    current, retro = bill(JANUARY, billed)
    assert current == {"A": 812_37, "B": 1_624_74, "C": 1_381_03, "D": 2_315_25}
    assert sum(current.values()) == 6_133_39
    assert retro == {}

    current, retro = bill(FEBRUARY, billed)
    assert current == {"B": 1_624_74, "C": 1_381_03, "D": 1_624_74, "E": 812_37}
    assert sum(current.values()) == 5_442_88
    assert amounts(retro) == {("A", DECEMBER): -771_04, ("A", JANUARY): -812_37, ("E", JANUARY): 812_37}
    assert sum(current.values()) + sum(amounts(retro).values()) == 4_671_84

    current, retro = bill(MARCH, billed)
    assert current == {"B": 1_624_74, "C": 2_315_25, "D": 1_624_74}
    assert sum(current.values()) == 5_564_73
    assert amounts(retro) == {
        ("A", DECEMBER): 771_04,
        ("A", JANUARY): 812_37,
        ("C", FEBRUARY): 934_22,
        ("E", FEBRUARY): -812_37,
    }
    (repaired,) = retro["C"]
    assert (repaired.billed_cents, repaired.recomputed_cents) == (1_381_03, 2_315_25)
    assert sum(amounts(retro).values()) == 1_705_26
    assert sum(current.values()) + sum(amounts(retro).values()) == 7_269_99

    by_month: dict[dt.date, int] = defaultdict(int)
    for keys in billed.values():
        for key, paid in keys.items():
            by_month[key.month] += paid
    assert by_month == {DECEMBER: 5_821_35, JANUARY: 6_945_76, FEBRUARY: 5_564_73, MARCH: 5_564_73}


def test_a_move_between_accounts_is_a_credit_here_and_a_charge_there() -> None:
    billed = {BilledKey("main", "POS", JANUARY): 812_37}
    moved = proration.charge_for_month(
        [covered("2027-01-01", None, account="cobra")], JANUARY, Proration.FIFTEENTH, price_of
    )
    lines = proration.retro_lines(moved, billed)
    assert [(line.account, line.cents) for line in lines] == [("cobra", 812_37), ("main", -812_37)]
