"""Who has no coverage loop is covered as the file means it, or said not to be; tiers are compared with people."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from members.enrollment.x834.records import CoverageChange, Member
from members.models import Coverage, Person
from tests.factories.members import Employer
from tests.members.enrollment.test_import_834 import FEB, JAN, MAR, Run, adds, as_full, billed, child, days, someone

pytestmark = pytest.mark.django_db
OPEN = [("GOLD", JAN, None)]


def led(tier: str, *, begin: dt.date = JAN, code: str = "021", **more: Any) -> Member:
    return someone(coverages=(replace(adds(begin=begin, code=code), tier=tier),), **more)


def bare(first: str = "BOB", relationship: str = "19", **more: Any) -> Member:
    return child(first=first, relationship=relationship, coverages=(), **more)


SPOUSE = bare("CAL", "01", birth_date=dt.date(1982, 6, 6))


@pytest.mark.parametrize(
    ("tier", "people", "billing"),
    [
        ("FAM", [SPOUSE, bare()], "FAM"),
        ("ESP", [SPOUSE], "ES"),
        ("ESP", [replace(SPOUSE, relationship="53")], "ES"),
        ("ECH", [bare(), bare("DOT")], "EC"),
        ("TWO", [bare()], "EC"),
        ("E2D", [bare(), bare("DOT")], "EC"),
    ],
)
def test_dependents_without_a_loop_are_covered_where_the_tier_says_so(
    acme: Employer, load: Callable[..., Run], tier: str, people: list[Member], billing: str
) -> None:
    run = load([*people[:1], led(tier), *people[1:]])  # dependents may stand before
    assert (run.code, run.summary["refused"]) == (0, 0)
    assert run.reasons == ["covered_as_subscriber"] * len(people)
    assert all(days(person.first_name) == OPEN for person in people)
    assert billed() == [(billing, 1 + len(people), JAN, None)]


@pytest.mark.parametrize(
    ("tier", "person"), [("EMP", bare()), ("IND", SPOUSE), ("ESP", bare()), ("ECH", SPOUSE), ("", bare())]
)
def test_others_are_refused_with_the_reason(
    acme: Employer, load: Callable[..., Run], tier: str, person: Member
) -> None:
    run = load([led(tier), person])
    assert (run.code, run.summary["accepted"]) == (1, 1)
    refused = [row for row in run.result if row["outcome"] == "refused"]
    assert [row["reason"] for row in refused] == ["covered_by_nothing"]
    assert tier in refused[0]["sentence"]
    assert not Person.objects.filter(first_name=person.first_name).exists()
    # The subscriber on file says nothing of the tier, and the next file may bring the dependent alone.
    assert load([person]).reasons == ["covered_by_nothing"]


def test_each_line_goes_by_its_own_tier_and_a_newborn_begins_with_birth(
    acme: Employer, load: Callable[..., Run]
) -> None:
    told = (replace(adds(), tier="FAM"), replace(adds("SMILE", line="DEN"), tier="EMP"))
    born = dt.date(2027, 1, 5)
    load([someone(coverages=told), bare(birth_date=born), replace(SPOUSE, dates={"356": FEB})])
    assert days("BOB") == [("GOLD", born, None)]
    assert days("CAL") == [("GOLD", FEB, None)]
    assert days("BOB", "dental") == []


def test_a_person_listed_without_coverage_where_nobody_has_any_is_noted(
    acme: Employer, load: Callable[..., Run]
) -> None:
    run = load([someone(coverages=()), bare()])
    assert (run.code, run.reasons) == (0, ["enrolled_uncovered", "enrolled_uncovered"])
    assert not Coverage.objects.exists()


def test_who_is_covered_already_needs_no_loop(acme: Employer, load: Callable[..., Run]) -> None:
    load([led("FAM"), SPOUSE, bare()])
    for people in (
        [bare(maintenance="001"), replace(SPOUSE, maintenance="021")],
        as_full([led("FAM"), SPOUSE, bare()]),
    ):
        run = load(people, action="4" if people[0].maintenance == "030" else "2")
        assert (run.code, run.result) == (0, [])
        assert days("BOB") == days("CAL") == OPEN


@pytest.mark.parametrize(
    ("tier", "people", "noted"),
    [
        ("FAM", [], "FAM, EE"),
        ("EMP", [child()], "EMP, EC"),
        ("ECH", [replace(SPOUSE, coverages=(adds(),))], "ECH, ES"),
        ("E3D", [child()], "E3D, EC"),
        ("EMP", [], None),
        ("ECH", [child()], None),
        ("FAM", [child(), replace(SPOUSE, coverages=(adds(),))], None),
        ("FAM", [child(coverages=(adds(begin=MAR),)), replace(SPOUSE, coverages=(adds(),))], None),  # from March on
        ("CHD", [child()], None),  # says nothing of the subscriber
    ],
)
def test_a_tier_that_is_not_that_of_the_people_is_told_and_people_are_billed(
    acme: Employer, load: Callable[..., Run], tier: str, people: list[Member], noted: str | None
) -> None:
    run = load([led(tier), *people])
    assert run.code == 0
    assert [row["sentence"].split(": ")[1] for row in run.result] == ([f"{noted}."] if noted else [])
    assert billed()[-1][1] == 1 + len(people)
    # An unchanged contract of a later file is looked at as well: a difference stays to be told.
    again = load([led(tier, code="001", maintenance="001")])
    assert again.reasons == (["tier_differs"] if noted else [])


def test_only_the_last_tier_of_a_line_counts(acme: Employer, load: Callable[..., Run]) -> None:
    ended = CoverageChange("024", "HLT", end_date=FEB - dt.timedelta(days=1), tier="FAM")
    run = load([led("FAM"), led("EMP", code="001", maintenance="001")])
    assert run.result == []
    assert load([someone(maintenance="001", coverages=(ended,))]).result == []
