"""Later starts, returns from COBRA, dependents before the subscriber, late files: done as said, or told."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from billing.models import BillableSegment
from members.enrollment.x834.records import CoverageChange, Member
from members.models import Coverage
from portals.plan import periods
from tests.factories.members import Employer
from tests.members.enrollment.test_import_834 import FEB, JAN, MAR, Run, adds, as_full, child, days, ends, someone

pytestmark = pytest.mark.django_db
ONE = dt.timedelta(days=1)
OPEN = [("GOLD", JAN, None)]


def change(begin: dt.date, *, code: str = "001", **more: Any) -> Member:
    return someone(maintenance="001", coverages=(adds(begin=begin, code=code),), **more)


# --- A later start ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "header"),
    [
        (change(FEB), {}),
        (change(FEB, code="030"), {}),
        (change(FEB, code="026"), {}),
        (someone(coverages=(adds(begin=FEB),)), {}),
        (as_full([someone(coverages=(adds(begin=FEB),))])[0], {"action": "4", "dates": {"007": JAN}}),
    ],
)
def test_a_later_start_is_told_and_coverage_stays(
    acme: Employer, load: Callable[..., Run], told: Member, header: dict[str, Any]
) -> None:
    load([someone()])
    run = load([told], **header)
    assert (run.code, run.reasons, run.result[0]["outcome"]) == (0, ["later_start"], "noted")
    assert "2027-01-01" in run.result[0]["sentence"]
    assert days() == OPEN


def test_the_way_to_a_later_start_that_the_note_names(acme: Employer, load: Callable[..., Run]) -> None:
    load([someone()])
    run = load([someone(maintenance="024", coverages=(ends(JAN - ONE),)), someone(coverages=(adds(begin=FEB),))])
    assert (run.code, run.result) == (0, [])
    assert days() == [("GOLD", FEB, None)]


def test_a_date_as_of_which_somebody_else_comes_or_goes_is_no_later_start(
    acme: Employer, load: Callable[..., Run]
) -> None:
    load([someone()])
    assert load([change(FEB), child(coverages=(adds(begin=FEB),))]).result == []
    assert load([change(MAR), child(maintenance="001", coverages=(ends(MAR - ONE),))]).result == []
    assert load([change(JAN)]).result == []
    assert load([change(dt.date(2026, 12, 1))]).result == []
    assert days() == [("GOLD", dt.date(2026, 12, 1), None)]


# --- Back from COBRA ----------------------------------------------------------------------------------------------


def to_cobra(**more: Any) -> Member:
    values: dict[str, Any] = {"maintenance": "001", "benefit_status": "C", "coverages": (), "dates": {"340": FEB}}
    return someone(**values | more)


def accounts(acme: Employer) -> list[tuple[str, dt.date]]:
    names = {acme.account.pk: "active", acme.cobra_account.pk: "cobra"}
    rows = BillableSegment.objects.filter(known__upper_inf=True).order_by("effective")
    return [(names[row.account_id], row.effective.lower) for row in rows]


BACK = [("active", JAN), ("cobra", FEB), ("active", MAR)]


@pytest.mark.parametrize(
    "told",
    [
        change(MAR),
        change(MAR, code="030"),
        someone(coverages=(adds(begin=MAR),)),
        someone(maintenance="001", coverages=(), dates={"303": MAR}),
        someone(maintenance="001", coverages=(), dates={"341": MAR - ONE}),
        someone(maintenance="030", coverages=(adds(code="030"),), dates={"341": MAR - ONE}),
    ],
)
def test_who_is_active_again_is_billed_so_from_that_day(acme: Employer, load: Callable[..., Run], told: Member) -> None:
    load([someone(), child()])
    load([to_cobra()])
    run = load([told])
    assert (run.code, run.result) == (0, [])
    assert accounts(acme) == BACK
    if told.maintenance != "021":
        assert not Coverage.objects.filter(known__upper_inf=True, effective__contains=MAR, cobra=True).exists()


def test_reinstatement_follows_the_status_that_it_names(acme: Employer, load: Callable[..., Run]) -> None:
    load([someone()])
    load([someone(maintenance="024", coverages=(ends(FEB - ONE),))])
    load([someone(maintenance="025", benefit_status="C", coverages=(), dates={"303": FEB})])
    assert accounts(acme) == [("active", JAN), ("cobra", FEB)]
    load([someone(maintenance="024", coverages=(ends(MAR - ONE),))])
    load([someone(maintenance="025", coverages=(), dates={"303": MAR})])
    assert accounts(acme) == BACK


def test_a_status_without_a_day_changes_nothing_and_is_told(acme: Employer, load: Callable[..., Run]) -> None:
    load([someone(), child()])
    full = as_full([someone(), child()])
    run = load([replace(full[0], benefit_status="C"), full[1]], action="4")
    assert (run.code, run.reasons) == (0, ["stays_active"])
    load([to_cobra()])
    assert load([someone(maintenance="001", coverages=())]).reasons == ["stays_cobra"]
    run = load([full[0]])
    assert (run.code, run.reasons) == (0, ["stays_cobra"])
    assert "2027-02-01" in run.result[0]["sentence"]
    assert accounts(acme) == [("active", JAN), ("cobra", FEB)]


def test_a_full_file_moves_to_cobra_from_a_day_of_its_own(acme: Employer, load: Callable[..., Run]) -> None:
    load([someone()])
    told = replace(as_full([someone(coverages=(adds(begin=FEB),))])[0], benefit_status="C")
    assert load([told], action="4").result == []
    assert accounts(acme) == [("active", JAN), ("cobra", FEB)]


# --- A dependent before the subscriber ----------------------------------------------------------------------------


def spouse(begin: dt.date, **more: Any) -> Member:
    return someone(first="CAL", relationship="01", coverages=(adds(begin=begin),), **more)


def test_a_dependent_is_not_covered_before_the_subscriber(acme: Employer, load: Callable[..., Run]) -> None:
    run = load([spouse(JAN), someone(coverages=(adds(begin=FEB),)), child(coverages=(adds(begin=FEB),))])
    assert (run.code, run.reasons) == (1, ["before_subscriber"])
    assert "2027-02-01" in run.result[0]["sentence"]
    assert days() == days("BOB") == [("GOLD", FEB, None)]
    assert load([spouse(JAN)]).reasons == ["before_subscriber"]
    load([someone(coverages=(adds("SILVER", FEB),), maintenance="001"), spouse(FEB)])
    assert days("CAL") == [("GOLD", FEB, None)]


def test_a_dependent_may_come_with_an_earlier_start_of_the_subscriber(acme: Employer, load: Callable[..., Run]) -> None:
    load([someone(coverages=(adds(begin=FEB),))])
    run = load([spouse(JAN), change(JAN)])
    assert (run.code, run.result) == (0, [])
    assert days() == days("CAL") == OPEN


def test_who_alone_is_covered_needs_no_subscriber(acme: Employer, load: Callable[..., Run]) -> None:
    dental = CoverageChange("021", "DEN", "SMILE", begin_date=JAN)
    run = load([someone(coverages=(adds(begin=FEB),)), child(coverages=(dental,))])
    assert run.code == 0
    assert days("BOB", "dental") == [("SMILE", JAN, None)]


# --- Late files ---------------------------------------------------------------------------------------------------


def test_each_contract_of_a_late_file_keeps_its_own_known_date(acme: Employer, load: Callable[..., Run]) -> None:
    early, late = dt.date(2027, 1, 10), dt.date(2027, 2, 10)
    load([someone("E1"), someone("E2", "BEA")], as_of=dt.date(2026, 12, 1))
    load([someone("E1", maintenance="024", coverages=(ends(MAR - ONE),))], as_of=late)
    load(
        [
            change(JAN),
            someone("E2", "BEA", maintenance="024", coverages=(ends(FEB - ONE),)),
            change(dt.date(2026, 12, 1)),
        ],
        as_of=early,
    )
    at = {day: dt.datetime(day.year, day.month, day.day, 12, tzinfo=periods.PLAN_ZONE) for day in (early, late)}
    bea = Coverage.objects.get(enrollee__person__first_name="BEA", known__upper_inf=True)
    assert bea.known.lower == at[early]
    ada = Coverage.objects.get(enrollee__person__first_name="ADA", known__upper_inf=True)
    assert ada.known.lower == at[late] + dt.timedelta(microseconds=1)
    segments = BillableSegment.objects.filter(known__upper_inf=True)
    assert {row.contract: row.known.lower for row in segments} == {
        row.contract_id: row.known.lower for row in (ada, bea)
    }


def test_a_row_that_names_no_group_is_told_so(acme: Employer, load: Callable[..., Run]) -> None:
    run = load([someone(group_number="")])
    assert run.reasons == ["no_group"]
    assert "“”" not in run.result[0]["sentence"]
    assert load([someone(group_number="NO-SUCH")]).reasons == ["unknown_group"]
