"""Plan designs and filed prices come in as dollars and days, and stand as cents and half-open ranges."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from audit.models import Event
from billing.models import AccountAccess, BillAccount, Invoice, InvoiceLine, PriceRow, RatedProduct, RatePeriod
from members.models import Product
from portals import scope as scopes
from tests.members import tables

pytestmark = pytest.mark.django_db


def take(folder: Path, designs: list[dict[str, str]], rates: list[dict[str, str]]) -> tuple[int, dict[str, Any]]:
    return tables.run(
        "import_products",
        tables.write(folder / "designs.csv", tables.DESIGN, designs, bom=True),
        "--rates",
        tables.write(folder / "rates.csv", tables.RATE, rates),
    )


def test_a_design_and_its_four_filed_tiers_enter_once(tmp_path: Path) -> None:
    rates = [
        {"price_key": key, "amount": amount}
        for key, amount in (("EE", "771.04"), ("ES", "1542.08"), ("EC", "1310.77"), ("FAM", "2197.46"))
    ]
    code, summary = take(tmp_path, [{}], rates)
    assert (code, summary["refusals"], summary["notes"]) == (0, [], [])
    assert summary["counts"] == {
        "products_created": 1,
        "products_changed": 0,
        "prices_created": 4,
        "prices_changed": 0,
    }
    product = Product.objects.get(rated__code="HMO-GOLD-EX")
    assert (product.deductible_single, product.oop_family, product.wellness_cents) == (50000, 800000, 30000)
    assert product.copays == [["Primary care", 2500], ["Imaging", "20% after deductible"]]
    single = PriceRow.objects.get(product=product.rated, price_key="EE")
    assert (single.cents, single.filed.lower, single.filed.upper) == (77104, dt.date(2026, 1, 1), dt.date(2027, 1, 1))

    code, summary = take(tmp_path, [{}], rates)
    assert code == 0
    assert set(summary["counts"].values()) == {0}
    assert Event.objects.filter(action="members.products.import", actor="system:import_products").count() == 2


def test_each_bad_row_is_named_with_line_column_and_reason_and_good_rows_enter(tmp_path: Path) -> None:
    code, summary = take(
        tmp_path,
        [{}, {"product_code": "PPO-1", "line": "massage", "oop_single": "4,000"}, {"network": "again"}],
        [
            {},
            {"filed_from": "2026-07-01", "filed_through": "2027-06-30"},
            {"product_code": "NONE", "filed_through": "2026-02-30"},
            {"product_code": "NONE"},
            {"price_key": "ES", "filed_from": "2027-01-01"},
            {"price_key": "ES", "amount": "-1.00"},
        ],
    )
    assert code == 1
    assert tables.refused(summary) == [
        (3, "line"),
        (3, "oop_single"),
        (4, "product_code"),
        (3, "filed_from"),
        (4, "filed_through"),
        (5, "product_code"),
        (6, "filed_through"),
        (7, "amount"),
    ]
    overlap = next(r for r in summary["refusals"] if r["column"] == "filed_from")
    assert overlap["reason"] == "overlaps the filing of line 2, 2026-01-01 to 2026-12-31"
    assert (summary["rows"], summary["refused_rows"]) == (9, 7)
    assert RatedProduct.objects.filter(code="HMO-GOLD-EX").count() == PriceRow.objects.count() == 1


def test_a_header_that_does_not_fit_refuses_the_file_by_name(tmp_path: Path) -> None:
    file = tmp_path / "designs.csv"
    file.write_text("product_code,name,colour\nA,B,C\n")
    code, summary = tables.run("import_products", file)
    assert code == 2
    assert "missing columns: line, plan_type" in summary["error"]
    assert "unknown columns: colour" in summary["error"]
    assert not RatedProduct.objects.exists()


def test_new_york_amounts_that_are_not_single_times_factor_are_shown_to_a_person(tmp_path: Path) -> None:
    rates = [
        {"price_key": key, "amount": amount}
        for key, amount in (("EE", "812.37"), ("ES", "1624.74"), ("EC", "1381.02"), ("FAM", "2315.25"))
    ]
    code, summary = take(tmp_path, [{}], rates)
    assert code == 0
    assert len(summary["notes"]) == 1
    assert "EC is 138102 cents, single times New York's factor is 138103" in summary["notes"][0]


def test_a_price_changes_until_a_plan_year_of_its_filing_was_billed(tmp_path: Path) -> None:
    next_year = {"filed_from": "2027-01-01", "filed_through": "2027-12-31", "amount": "812.37"}
    take(tmp_path, [{}], [{}, next_year])
    code, summary = take(tmp_path, [{}], [{"amount": "771.05"}, next_year])
    assert (code, summary["counts"]["prices_changed"]) == (0, 1)

    bill_december_2026()
    code, summary = take(tmp_path, [{}], [{"amount": "771.06"}, {**next_year, "amount": "812.38"}])
    assert code == 1
    assert tables.refused(summary) == [(2, "amount")]
    assert sorted(PriceRow.objects.values_list("cents", flat=True)) == [77105, 81238]


def bill_december_2026() -> None:
    """One invoice with one line, rated by the plan year 2026."""
    with scopes.entered(scopes.system("test")), connection.cursor() as cursor:
        december = dt.date(2026, 12, 1)
        account = BillAccount.objects.create(
            number="X-1", name="Medical", state="NY", invoice_rule="fixed_day", invoice_day=15, billed_from=december
        )
        AccountAccess.objects.create(account=account, holder="client:1")
        RatePeriod.objects.create(
            account=account, months=(dt.date(2026, 1, 1), dt.date(2027, 1, 1)), plan_year=dt.date(2026, 1, 1)
        )
        invoice = Invoice.objects.create(
            account=account,
            period=december,
            issue_date=dt.date(2026, 11, 15),
            due_date=december,
            grace_ends=dt.date(2026, 12, 31),
            current_cents=77105,
            retro_cents=0,
            total_cents=77105,
            contracts_count=1,
            members_count=1,
            lines_count=1,
        )
        cursor.execute("SELECT billing_ensure_lines('2026-11-01')")
        InvoiceLine.objects.create(
            invoice=invoice,
            issue_month=dt.date(2026, 11, 1),
            account=account,
            contract=1,
            product=RatedProduct.objects.get(),
            kind="current",
            month=december,
            price_key="EE",
            members_count=1,
            cents=77105,
        )
