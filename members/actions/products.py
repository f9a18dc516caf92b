"""Plan designs and filed prices, from files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Model

from audit import actions as audit
from audit.enums import Kind
from billing.enums import CoverageLine, Tier
from billing.models import PriceRow, RatedProduct
from billing.rules import tiers
from members.models import Product
from portals.files import csv_import
from portals.files.csv_import import BadValue, Column, ImportReport, Refusal, Row, Table
from portals.plan import periods
from portals.plan.periods import Period
from portals.scope import Scope

_M = TypeVar("_M", bound=Model)

PLAN_TYPES = ("HMO", "POS", "EPO", "PPO", "FFS", "DEN", "VIS")


def _copays(typed: str) -> list[list[object]]:
    """`Primary care=25.00; Imaging=20 % after deductible` as [label, cents or text]."""
    listed: list[list[object]] = []
    for part in typed.split(";"):
        label, equals, amount = (piece.strip() for piece in part.partition("="))
        if not label or not equals or not amount:
            raise BadValue("expected Service=amount, parted by semicolons")
        try:
            listed.append([label, csv_import.cents(amount)])
        except BadValue:
            if amount.replace(".", "").replace(",", "").isdigit():
                raise
            listed.append([label, amount])
    return listed


def _states(typed: str) -> str:
    return " ".join(csv_import.state(part) for part in typed.split())


DESIGNS = (
    Column("product_code", csv_import.code(30)),
    Column("name", csv_import.text(100)),
    Column("line", csv_import.choice(*CoverageLine.values)),
    Column("plan_type", csv_import.choice(*PLAN_TYPES)),
    Column("network", csv_import.text(40)),
    Column("deductible_single", csv_import.cents, 0),
    Column("deductible_family", csv_import.cents, 0),
    Column("oop_single", csv_import.cents, 0),
    Column("oop_family", csv_import.cents, 0),
    Column("copays", _copays, []),
    Column("formulary", csv_import.text(40), ""),
    Column("rx_bin", csv_import.digits(6, 8), ""),
    Column("rx_pcn", csv_import.code(10), ""),
    Column("rx_group", csv_import.code(15), ""),
    Column("wellness_allowance", csv_import.cents, 0),
    Column("service_area_states", _states, "", optional=True),
)
RATES = (
    Column("product_code", csv_import.code(30)),
    Column("price_key", csv_import.code(30)),
    Column("filed_from", csv_import.day),
    Column("filed_through", csv_import.last_day),
    Column("amount", csv_import.cents),
)
_RATED = ("name", "line")
_FIELD_OF = {"wellness_allowance": "wellness_cents"}  # where a column is called otherwise than its field
_DESIGN = {  # field of Product: column
    _FIELD_OF.get(column.name, column.name): column.name
    for column in DESIGNS
    if column.name not in ("product_code", *_RATED)
}


def import_files(designs: Path, rates: Path | None, *, by: Scope) -> ImportReport:
    """Take plan designs and, beside them, filed prices; each row for itself, a second time without effect.

    A price is filed for plan years that start from `filed_from` to `filed_through`, both included. It cannot overlap
    another filing of the same product and price key, nor change once a plan year of that filing was billed.
    Raises `Unreadable` (nothing is written), `OSError`.
    """
    design_table = csv_import.read(designs, DESIGNS)
    rate_table = csv_import.read(rates, RATES) if rates else None
    report = ImportReport()
    with transaction.atomic():
        _alone()
        report.add(design_table, _take_designs(design_table, report))
        if rate_table:
            report.add(rate_table, _take_rates(rate_table, report))
        audit.record(
            kind=Kind.CHANGE,
            action="members.products.import",
            object_kind="product",
            detail={"rows": report.rows, "refused": report.refused_rows, **report.counts},
            **by.audit(),
        )
    return report


def _alone() -> None:
    """One import at a time, so that what was looked up still holds when it is written."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('members.products.import'))")


# --- Designs ------------------------------------------------------------------------------------------------------


def _take_designs(table: Table, report: ImportReport) -> list[Refusal]:
    refusals = []
    wanted: dict[str, Row] = {}
    rated = {row.code: row for row in RatedProduct.objects.filter(code__in={row["product_code"] for row in table.rows})}
    for row in table.rows:
        code = row["product_code"]
        if code in wanted:
            refusals.append(Refusal(row.line, "product_code", f"stands on line {wanted[code].line} too", table.name))
        elif code in rated and rated[code].line != row["line"]:
            refusals.append(Refusal(row.line, "line", "a product never changes its line of coverage", table.name))
        else:
            wanted[code] = row

    changed_names = _changed((rated[code], wanted[code].part(_RATED)) for code in wanted if code in rated)
    RatedProduct.objects.bulk_update(changed_names, _RATED)
    fresh = [RatedProduct(code=code, **row.part(_RATED)) for code, row in wanted.items() if code not in rated]
    rated |= {row.code: row for row in RatedProduct.objects.bulk_create(fresh)}

    designs = {row.rated_id: row for row in Product.objects.filter(rated__code__in=wanted)}
    values = {rated[code].pk: _design(row) for code, row in wanted.items()}
    changed = _changed((designs[pk], design) for pk, design in values.items() if pk in designs)
    Product.objects.bulk_update(changed, _DESIGN)
    made = [Product(rated_id=pk, **design) for pk, design in values.items() if pk not in designs]
    Product.objects.bulk_create(made)
    touched = {row.rated_id for row in changed} | {row.pk for row in changed_names}
    report.counts |= {"products_created": len(made), "products_changed": len(touched)}
    return refusals


def _design(row: Row) -> dict[str, Any]:
    return {field: row.values.get(column) for field, column in _DESIGN.items()}


def _changed(pairs: Iterable[tuple[_M, dict[str, Any]]]) -> list[_M]:
    """The rows that differ from what is wanted, with the wanted values set."""
    changed = []
    for row, values in pairs:
        if any(getattr(row, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(row, name, value)
            changed.append(row)
    return changed


# --- Prices -------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Filing:
    """A price with the line that names it in this file, 0 when none does."""

    price: PriceRow
    line: int = 0

    @property
    def period(self) -> Period:
        return Period(self.price.filed.lower, self.price.filed.upper)


def _take_rates(table: Table, report: ImportReport) -> list[Refusal]:
    refusals = []
    codes = {row["product_code"] for row in table.rows}
    products = {row.code: row for row in RatedProduct.objects.filter(code__in=codes)}
    filings: dict[tuple[str, str], list[_Filing]] = defaultdict(list)
    for price in PriceRow.objects.filter(product__code__in=codes).select_related("product"):
        filings[price.product.code, price.price_key].append(_Filing(price))

    made: list[PriceRow] = []
    changed: list[tuple[_Filing, int]] = []
    for row in table.rows:
        known = filings[row["product_code"], row["price_key"]]
        period = Period(row["filed_from"], periods.from_last_day(row["filed_through"]))
        same = next((filing for filing in known if filing.period == period), None)
        problem = _problem(row, products, known, same)
        if problem:
            refusals.append(Refusal(row.line, *problem, table.name))
        elif same is None:
            price = PriceRow(
                product=products[row["product_code"]],
                price_key=row["price_key"],
                filed=DateRange(*period),
                cents=row["amount"],
            )
            known.append(_Filing(price, row.line))
            made.append(price)
        else:
            same.line = row.line
            if same.price.cents != row["amount"]:
                changed.append((same, row["amount"]))

    billed = _billed([filing.price.pk for filing, _ in changed])
    allowed = []
    for filing, cents in changed:
        if filing.price.pk in billed:
            reason = "a plan year of this filing was billed; file a new period instead"
            refusals.append(Refusal(filing.line, "amount", reason, table.name))
        else:
            filing.price.cents = cents
            allowed.append(filing.price)
    PriceRow.objects.bulk_create(made, batch_size=5000)
    PriceRow.objects.bulk_update(allowed, ["cents"], batch_size=1000)
    report.counts |= {"prices_created": len(made), "prices_changed": len(allowed)}
    report.notes += _factor_notes(made + allowed)
    return refusals


def _problem(
    row: Row, products: dict[str, RatedProduct], known: Sequence[_Filing], same: _Filing | None
) -> tuple[str, str] | None:
    """Column and reason."""
    if row["product_code"] not in products:
        return "product_code", "no such product"
    if row["filed_through"] < row["filed_from"]:
        return "filed_through", "is before filed_from"
    if same and same.line:
        return "filed_from", f"stands on line {same.line} too"
    period = Period(row["filed_from"], periods.from_last_day(row["filed_through"]))
    for other in known:
        if other is not same and other.period.overlaps(period):
            where = f"of line {other.line}" if other.line else "that we hold"
            through = periods.last_day_covered(other.period.end) or "(open)"
            return "filed_from", f"overlaps the filing {where}, {other.period.start} to {through}"
    return None


def _billed(price_ids: Sequence[int]) -> set[int]:
    """Those of the prices by which a line of an invoice was rated."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT price.id FROM billing_pricerow price
            WHERE price.id = ANY(%s) AND EXISTS (
                SELECT 1 FROM billing_invoiceline line
                JOIN billing_rateperiod year ON year.account_id = line.account_id AND year.months @> line.month
                WHERE line.product_id = price.product_id AND line.price_key = price.price_key
                  AND price.filed @> year.plan_year
            )
            """,
            [list(price_ids)],
        )
        return {row[0] for row in cursor.fetchall()}


def _factor_notes(prices: Sequence[PriceRow]) -> list[str]:
    """Where New York's four filed tiers differ from single x factor. The filed amounts prevail (F2)."""
    touched = {(price.product_id, price.filed.lower) for price in prices if price.price_key in Tier.values}
    by_state = Product.objects.filter(rated__in={pk for pk, _ in touched}, service_area_states="NY")
    in_ny = set(by_state.values_list("rated_id", flat=True))
    filed: dict[tuple[int, object], dict[Tier, int]] = defaultdict(dict)
    codes = {}
    for row in PriceRow.objects.filter(product__in=in_ny, price_key__in=Tier.values).select_related("product"):
        if (row.product_id, row.filed.lower) in touched:
            filed[row.product_id, row.filed.lower][Tier(row.price_key)] = row.cents
            codes[row.product_id] = row.product.code
    return [
        f"{codes[product]} filed from {start}: {found.tier.value} is {found.filed_cents} cents, "
        f"single times New York's factor is {found.by_factor_cents}"
        for (product, start), amounts in filed.items()
        if len(amounts) == len(Tier)
        for found in tiers.check_filed(amounts)
    ]
