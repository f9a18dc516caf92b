"""Changes of one contract in one file act one after the other, and a reinstatement follows the day that it names."""

import datetime as dt
import itertools
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from members.enrollment.x834.records import CoverageChange, Member
from members.models import Coverage, Enrollee
from tests.factories.members import Employer
from tests.members.enrollment.test_import_834 import (
    FEB,
    JAN,
    MAR,
    Run,
    adds,
    as_full,
    billed,
    child,
    days,
    ends,
    someone,
)

pytestmark = pytest.mark.django_db

APR, MAY = dt.date(2027, 4, 1), dt.date(2027, 5, 1)
ONE = dt.timedelta(days=1)
OPEN = [("GOLD", JAN, None)]
GAP = [("GOLD", JAN, FEB - ONE), ("GOLD", APR, None)]
OTHER = [("GOLD", JAN, FEB - ONE), ("SILVER", APR, None)]


def gone(last: dt.date, **more: Any) -> Member:
    return someone(maintenance="024", coverages=(), dates={"357": last}, **more)


def back(**more: Any) -> Member:
    return someone(**{"maintenance": "025", "reason": "", "coverages": ()} | more)


def again(begin: dt.date | None = None, **more: Any) -> CoverageChange:
    """Signed on some day, which is not when it begins (each HD names a day)."""
    return CoverageChange("025", "HLT", begin_date=begin, dates={"300": JAN}, **more)


# --- Reinstated from a day ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "told",
    [
        back(dates={"303": APR}),
        back(dates={"356": APR}),
        back(coverages=(again(APR),)),
        back(coverages=(CoverageChange("025", "HLT", dates={"303": APR}),)),
        back(coverages=(again(),), dates={"303": APR}),
        someone(maintenance="001", coverages=(again(APR),)),
    ],
)
def test_who_is_reinstated_from_a_day_is_neither_covered_nor_billed_before(
    acme: Employer, load: Callable[..., Run], told: Member
) -> None:
    load([someone(), child()])
    load([gone(FEB - ONE)])
    run = load([told])
    assert (run.code, run.result) == (0, [])
    assert days() == days("BOB") == [("GOLD", JAN, FEB - ONE), ("GOLD", APR, None)]
    assert billed() == [("EC", 2, JAN, FEB - ONE), ("EC", 2, APR, None)]


def test_a_reinstatement_without_a_day_goes_on_and_says_so(acme: Employer, load: Callable[..., Run]) -> None:
    load([someone()])
    load([gone(FEB - ONE)])
    run = load([back()])
    assert days() == OPEN
    assert (run.code, run.reasons, run.result[0]["outcome"]) == (0, ["goes_on_undated"], "noted")
    assert "2027-02-01" in run.result[0]["sentence"]


def test_a_day_before_the_end_leaves_no_gap_and_an_end_is_kept(acme: Employer, load: Callable[..., Run]) -> None:
    load([someone()])
    load([gone(FEB - ONE)])
    assert load([back(coverages=(again(JAN, end_date=APR - ONE),))]).result == []
    assert days() == [("GOLD", JAN, APR - ONE)]


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        (back(coverages=(CoverageChange("025", "HLT", "SILVER", "", APR),)), "ended_in_other_plan"),
        (back(coverages=(again(APR, end_date=MAR),)), "ends_before_start"),
        (back(coverages=(CoverageChange("025", "DEN", begin_date=APR),)), "nothing_to_reinstate"),
    ],
)
def test_what_cannot_be_reinstated_as_told_is_refused(
    acme: Employer, load: Callable[..., Run], told: Member, reason: str
) -> None:
    load([someone()])
    load([gone(FEB - ONE)])
    assert load([told]).reasons == [reason]
    assert days() == [("GOLD", JAN, FEB - ONE)]


def test_what_had_not_ended_is_told(acme: Employer, load: Callable[..., Run]) -> None:
    load([someone()])
    run = load([back(dates={"303": APR})])
    assert (run.code, run.reasons) == (0, ["not_ended"])
    assert days() == OPEN


# --- One after the other ------------------------------------------------------------------------------------------


def line(*changes: CoverageChange) -> Member:
    return someone(maintenance="001", coverages=changes)


@pytest.mark.parametrize(
    ("rows", "held"),
    [
        ([gone(FEB - ONE), back()], OPEN),
        ([gone(FEB - ONE), back(dates={"303": APR})], GAP),
        ([gone(FEB - ONE), gone(APR - ONE)], [("GOLD", JAN, APR - ONE)]),
        ([gone(APR - ONE), gone(FEB - ONE)], [("GOLD", JAN, FEB - ONE)]),
        ([gone(FEB - ONE), someone(coverages=(adds("SILVER", APR),))], OTHER),
        ([gone(FEB - ONE), back(), gone(MAR - ONE)], [("GOLD", JAN, MAR - ONE)]),
        ([gone(JAN - ONE), someone(coverages=(adds("SILVER", FEB),))], [("SILVER", FEB, None)]),
        ([line(ends(FEB - ONE), again(APR))], GAP),
        ([line(ends(FEB - ONE), again())], OPEN),
    ],
)  # fmt: skip
def test_changes_of_what_is_on_file_act_in_the_order_of_the_file(
    acme: Employer, load: Callable[..., Run], rows: list[Member], held: list[Any]
) -> None:
    load([someone(), child()])
    run = load([*rows, someone("E2", "GOOD")])
    assert (run.code, run.summary["refused"]) == (0, 0)
    assert days() == held
    assert days("GOOD") == OPEN
    if not any(change.maintenance == "021" for row in rows for change in row.coverages):
        assert days("BOB") == held, "who had ended with the subscriber comes back with them"


@pytest.mark.parametrize(
    ("rows", "held"),
    [
        ([someone(), gone(APR - ONE)], [("GOLD", JAN, APR - ONE)]),
        ([someone(), gone(FEB - ONE), someone(coverages=(adds(begin=APR),))], GAP),
        ([someone(), gone(FEB - ONE), back()], OPEN),
        ([someone(coverages=(adds(), ends(APR - ONE)))], [("GOLD", JAN, APR - ONE)]),
        ([someone(coverages=(adds(), ends(JAN - ONE)))], OPEN),  # another plan's end, before this one began
    ],
)  # fmt: skip
def test_changes_of_somebody_new_act_in_the_order_of_the_file(
    acme: Employer, load: Callable[..., Run], rows: list[Member], held: list[Any]
) -> None:
    if len(rows[0].coverages) > 1 and held == OPEN:
        load([someone(coverages=(adds("SILVER", dt.date(2026, 1, 1)),))])
        held = [("SILVER", dt.date(2026, 1, 1), JAN - ONE), *held]
    run = load(rows)
    assert (run.code, run.summary["refused"]) == (0, 0)
    assert days() == held


def test_a_refused_change_leaves_what_was_said_before_and_after_it(acme: Employer, load: Callable[..., Run]) -> None:
    load([someone()])
    run = load([gone(FEB - ONE), someone(coverages=(adds("NO-SUCH", MAR),)), someone(coverages=(adds("SILVER", APR),))])
    assert run.reasons == ["unknown_plan"]
    assert days() == [("GOLD", JAN, FEB - ONE), ("SILVER", APR, None)]


def test_a_family_that_ends_member_by_member_ends_once(acme: Employer, load: Callable[..., Run]) -> None:
    load([someone(), child(), child(first="DOT")])
    rows = [gone(FEB - ONE), *(child(first=n, maintenance="024", coverages=(ends(FEB - ONE),)) for n in ("BOB", "DOT"))]
    for turn in (rows, rows[::-1]):
        assert load(turn).result == []
        assert days() == days("BOB") == days("DOT") == [("GOLD", JAN, FEB - ONE)]
    assert Coverage.objects.count() == 6  # three as they were held, three as they are; the second file wrote none


def test_a_full_file_ends_who_is_absent_after_what_it_says(acme: Employer, load: Callable[..., Run]) -> None:
    load([someone(), child()])
    told = [gone(FEB - ONE), *as_full([someone(coverages=(adds(begin=MAR),))])]
    run = load(told, action="4", dates={"007": MAR})
    assert run.summary["refused"] == 0
    assert days() == [("GOLD", JAN, FEB - ONE), ("GOLD", MAR, None)]
    assert days("BOB") == [("GOLD", JAN, FEB - ONE)]


# --- Any order: against one file for each row ---------------------------------------------------------------------

STEPS = (
    gone(FEB - ONE),
    gone(APR - ONE),
    back(),
    back(dates={"303": MAY}),
    someone(coverages=(adds("SILVER", APR),)),
    line(ends(MAR - ONE), adds("SILVER", MAR)),
    child(),
    child(maintenance="024", coverages=(ends(MAR - ONE),)),
    child(maintenance="025", coverages=(CoverageChange("025", "HLT", begin_date=APR),)),
)
CHOSEN = random.Random(834).sample(list(itertools.product(range(len(STEPS)), repeat=3)), 30)


def state(number: str) -> dict[str, list[tuple[str, dt.date, dt.date | None]]]:
    held: dict[str, list[tuple[str, dt.date, dt.date | None]]] = {}
    for enrollee in Enrollee.objects.filter(contract__sender_number=number).select_related("person"):
        rows = Coverage.objects.filter(enrollee=enrollee, known__upper_inf=True).order_by("effective")
        held[enrollee.person.first_name] = [
            (row.package.product.rated.code, row.effective.lower, row.effective.upper) for row in rows
        ]
    return held


def of(number: str, rows: Sequence[Member]) -> list[Member]:
    return [replace(row, subscriber_number=number) for row in rows]


def test_one_file_of_many_changes_does_what_many_files_do(acme: Employer, load: Callable[..., Run]) -> None:
    start = [someone(), child()]
    load([row for n in range(len(CHOSEN)) for side in "AB" for row in of(f"{side}{n}", start)])
    for turn in range(3):
        load([row for n, steps in enumerate(CHOSEN) for row in of(f"A{n}", [STEPS[steps[turn]]])])
    load([row for n, steps in enumerate(CHOSEN) for row in of(f"B{n}", [STEPS[step] for step in steps])])
    for n, steps in enumerate(CHOSEN):
        assert state(f"B{n}") == state(f"A{n}"), steps


def test_rounds_are_as_many_as_one_contract_needs(acme: Employer, load: Callable[..., Run]) -> None:
    def statements(people: Sequence[Member]) -> int:
        with CaptureQueriesContext(connection) as captured:
            load(people)
        return len(captured)

    load([row for n in range(12) for row in of(f"E{n}", [someone(), child()])])
    pair = [gone(FEB - ONE), back()]
    assert statements(of("E0", pair)) == statements([row for n in range(1, 12) for row in of(f"E{n}", pair)])
