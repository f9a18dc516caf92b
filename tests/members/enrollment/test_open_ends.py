"""A last day that never comes is no end: payroll systems write one where they must write something."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from billing.models import PriceRow
from members.enrollment.x834.records import CoverageChange
from portals.forms import day_field
from portals.plan import periods
from providers.models import Practice
from tests.factories.members import Employer
from tests.members import tables
from tests.members.enrollment.test_import_834 import JAN, MAR, Run, adds, as_full, child, days, someone
from tests.members.test_import_clients import DENTAL
from tests.providers.test_import_providers import ROW

NEVER = [dt.date(2099, 12, 31), dt.date(2999, 12, 31), dt.date(9999, 12, 31)]


@pytest.mark.parametrize("never", NEVER)
def test_no_last_day_is_stored_for_a_day_that_never_comes(never: dt.date) -> None:
    assert periods.from_last_day(never) is None
    assert periods.from_last_day(dt.date(2098, 12, 31)) == dt.date(2099, 1, 1)


@pytest.mark.django_db
@pytest.mark.parametrize("never", NEVER)
def test_coverage_that_ends_never_is_open(acme: Employer, load: Callable[..., Run], never: dt.date) -> None:
    told = CoverageChange("021", "HLT", plan_code="GOLD", begin_date=JAN, end_date=never)
    run = load([someone(coverages=(told,), dates={"357": never}), someone("E2", "GOOD", coverages=(told,))])
    assert (run.code, run.result) == (0, [])
    assert days() == days("GOOD") == [("GOLD", JAN, None)]
    # What was to end goes on when its sender says that it never ends.
    load([someone(maintenance="001", coverages=(CoverageChange("024", "HLT", end_date=dt.date(2027, 6, 30)),))])
    load([someone(maintenance="001", coverages=(CoverageChange("001", "HLT", "GOLD", "", JAN, never),))])
    assert days() == [("GOLD", JAN, None)]


@pytest.mark.django_db
def test_what_needs_a_day_takes_none_that_never_comes(acme: Employer, load: Callable[..., Run]) -> None:
    never = NEVER[-1]
    load([someone(), child()])
    run = load(
        [
            someone(maintenance="024", coverages=(), dates={"357": never}),
            someone("E2", "BEA", coverages=(adds(begin=never),)),
            child(maintenance="001", benefit_status="C", coverages=(), dates={"340": never}),
        ]
    )
    assert run.reasons == ["missing_date", "missing_date", "missing_date"]
    assert days() == days("BOB") == [("GOLD", JAN, None)]
    full = as_full([someone(), child()])
    assert load(full, action="4", dates={"007": never}, as_of=MAR).code == 0


@pytest.mark.django_db
def test_a_filing_and_a_practice_stay_open(tmp_path: Path) -> None:
    rates = tables.write(tmp_path / "rates.csv", tables.RATE, [{"filed_through": "9999-12-31"}])
    designs = tables.write(tmp_path / "designs.csv", tables.DESIGN, [{}])
    for created in (1, 0):  # a second time it is the same filing
        code, summary = tables.run("import_products", designs, "--rates", rates)
        assert (code, summary["counts"]["prices_created"]) == (0, created)
    assert PriceRow.objects.get().filed.upper is None
    later = [{"filed_through": "9999-12-31"}, {"filed_from": "2031-01-01", "filed_through": "2031-12-31"}]
    _, summary = tables.run("import_products", designs, "--rates", tables.write(rates, tables.RATE, later))
    assert "2026-01-01 to (open)" in summary["refusals"][0]["reason"]
    practices = tables.write(tmp_path / "providers.csv", ROW, [{"participating_through": "9999-12-31"}])
    assert tables.run("import_providers", practices)[0] == 0
    participating = Practice.objects.get().participating
    assert participating is not None
    assert participating.upper is None


@pytest.mark.django_db
def test_a_first_day_that_never_comes_is_refused_in_its_row(tmp_path: Path) -> None:
    far = {"plan_year_start": "9999-12-01", "billed_from": "9999-12-01", "migrated_on": "9999-12-31"}
    file = tables.write(tmp_path / "clients.csv", tables.CLIENT, [far, DENTAL])
    code, summary = tables.run("import_clients", file)
    assert code == 2
    assert {(2, column) for column in far} <= set(tables.refused(summary))


def test_a_form_takes_an_open_end_only_where_there_may_be_one() -> None:
    field = day_field("Day")
    with pytest.raises(Exception, match="too far away"):
        field.clean("12/31/9999")
    assert day_field("Last day", may_be_open=True).clean("12/31/9999") == NEVER[-1]
