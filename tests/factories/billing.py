"""Bill accounts, prices and segments for tests: billing alone, without any party. Call inside a system scope."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Mapping

from django.db.backends.postgresql.psycopg_any import DateRange, DateTimeTZRange

from billing.enums import CoverageLine, InvoiceRule, LedgerAccount, TransferKind
from billing.models import (
    BillableSegment,
    BillAccount,
    DirtyAccount,
    Invoice,
    LedgerTransfer,
    PriceRow,
    RatedProduct,
    RatePeriod,
)
from portals.plan.periods import PLAN_ZONE

_numbers = itertools.count(1)

NY_RATES = {
    2026: {"EE": 771_04, "ES": 1_542_08, "EC": 1_310_77, "FAM": 2_197_46},
    2027: {"EE": 812_37, "ES": 1_624_74, "EC": 1_381_03, "FAM": 2_315_25},
}
LONG_AGO = dt.datetime(2025, 1, 1, tzinfo=PLAN_ZONE)


def at(day: str, hour: int = 10) -> dt.datetime:
    """A business instant of that Eastern day."""
    return dt.datetime.combine(dt.date.fromisoformat(day), dt.time(hour), tzinfo=PLAN_ZONE)


def product(
    line: CoverageLine = CoverageLine.MEDICAL, rates: Mapping[int, Mapping[str, int]] = NY_RATES, *, code: str = ""
) -> RatedProduct:
    """A product with prices by plan year and price key."""
    made = RatedProduct.objects.create(code=code or f"PROD-{next(_numbers)}", name="Some plan", line=line)
    PriceRow.objects.bulk_create(
        PriceRow(
            product=made,
            price_key=key,
            filed=DateRange(dt.date(year, 1, 1), dt.date(year + 1, 1, 1)),
            cents=cents,
        )
        for year, keys in rates.items()
        for key, cents in keys.items()
    )
    return made


def account(**fields: object) -> BillAccount:
    """Billed on the 15th of the month before, from January 2027 on, with plan years from January 1."""
    number = next(_numbers)
    years = fields.pop("years", (2025, 2026, 2027, 2028))
    values: dict[str, object] = {
        "number": f"BA-{number:06}",
        "name": f"Account {number}",
        "state": "NY",
        "invoice_rule": InvoiceRule.FIXED_DAY,
        "invoice_day": 15,
        "billed_from": dt.date(2027, 1, 1),
    } | fields
    made = BillAccount.objects.create(**values)
    assert isinstance(years, tuple)
    RatePeriod.objects.bulk_create(
        RatePeriod(
            account=made,
            months=DateRange(dt.date(year, 1, 1), dt.date(year + 1, 1, 1)),
            plan_year=dt.date(year, 1, 1),
        )
        for year in years
    )
    return made


def segment(
    of: BillAccount,
    contract: int,
    rated: RatedProduct,
    first: str,
    last: str | None = None,
    key: str = "EE",
    *,
    known: dt.datetime = LONG_AGO,
    members: int = 1,
) -> BillableSegment:
    """Covered from `first` to `last`, both included."""
    end = None if last is None else dt.date.fromisoformat(last) + dt.timedelta(days=1)
    return BillableSegment.objects.create(
        account=of,
        contract=contract,
        product=rated,
        line=rated.line,
        price_key=key,
        members_count=members,
        effective=DateRange(dt.date.fromisoformat(first), end),
        known=DateTimeTZRange(known, None),
    )


def supersede(contract: int, known: dt.datetime, *, line: CoverageLine = CoverageLine.MEDICAL) -> list[int]:
    """What was held of a contract is no longer from `known` on; its accounts are marked for the next run."""
    held = BillableSegment.objects.filter(contract=contract, line=line, known__endswith=None)
    accounts = []
    for row in held:
        row.known = DateTimeTZRange(row.known.lower, known)
        row.save(update_fields=["known"])
        dirty(row.account_id, known)
        accounts.append(row.account_id)
    return accounts


def dirty(account_id: int, known: dt.datetime) -> None:
    DirtyAccount.objects.create(account_id=account_id, since=known.date().replace(day=1), at=known)


def premium(of: BillAccount, rated: RatedProduct, period: str, cents: int, *, due: str = "") -> Invoice:
    """An issued invoice by hand, with its receivable but without lines."""
    day = dt.date.fromisoformat(due or period)
    made = Invoice.objects.create(
        account=of,
        kind="opening",
        period=dt.date.fromisoformat(period),
        issue_date=day,
        due_date=day,
        grace_ends=day + dt.timedelta(days=30),
        current_cents=cents,
        retro_cents=0,
        total_cents=cents,
        contracts_count=0,
        members_count=0,
        lines_count=0,
        issued_at=LONG_AGO,
    )
    transfer(of, cents, debit=LedgerAccount.RECEIVABLE, credit=LedgerAccount.OPENING, invoice=made, product=rated)
    return made


def fee(of: BillAccount, cents: int) -> LedgerTransfer:
    return transfer(of, cents, debit=LedgerAccount.RECEIVABLE, credit=LedgerAccount.FEES, kind=TransferKind.FEE)


def transfer(of: BillAccount, cents: int, **fields: object) -> LedgerTransfer:
    values: dict[str, object] = {"posted_on": dt.date(2027, 1, 1), "kind": TransferKind.OPENING} | fields
    return LedgerTransfer.objects.create(account=of, cents=cents, **values)
