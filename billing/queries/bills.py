"""One invoice as page, paper and file: its frozen totals and lines. No names: who is billed are contract numbers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Q, Sum

from billing.enums import CoverageLine, LineKind, Tier
from billing.models import Invoice, InvoiceLine
from billing.queries import accounts
from billing.queries.accounts import InvoiceRow
from portals.plan import periods
from portals.scope import Scope


@dataclass(frozen=True, slots=True)
class Bill:
    """`carried_cents` was due on the invoice before; with `since_cents` (payments, credits and fees since then, below
    0 where they reduced it) it makes `previous_cents`. All of it as of the day of issue."""

    row: InvoiceRow
    carried_cents: int
    since_cents: int
    previous_cents: int
    current_cents: int
    retro: tuple[tuple[dt.date, int], ...]
    due_cents: int
    contracts_count: int
    members_count: int
    lines_count: int


@dataclass(frozen=True, slots=True)
class BillLine:
    id: int
    contract: int
    product_name: str
    line: str
    kind: str
    month: dt.date
    price_key: str
    members_count: int
    cents: int

    @property
    def line_label(self) -> str:
        return str(CoverageLine(self.line).label)

    @property
    def tier_label(self) -> str:
        """Words of a tier; a rate by age and area keeps its key."""
        return str(Tier(self.price_key).label) if self.price_key in Tier.values else self.price_key

    @property
    def is_retro(self) -> bool:
        return self.kind == LineKind.RETRO


def bill(scope: Scope, number: str) -> Bill | None:
    """An issued invoice of the scope's payer by its number. Three queries."""
    row = next((row for row in accounts.invoices(scope) if row.number == number), None)
    if row is None:
        return None
    standing = (
        Invoice.objects.visible_to(scope)
        .filter(account_id=row.account_id, issued_at__isnull=False, period__lte=row.period)
        .filter(Q(pk=row.id) | Q(period__lt=row.period, void=None))
        .order_by("-period", "-revision")[:2]
    )
    invoice, *earlier = sorted(standing, key=lambda each: each.pk != row.id)
    carried = earlier[0].previous_cents + earlier[0].total_cents if earlier else 0
    retro = (
        _lines(scope, row)
        .filter(kind=LineKind.RETRO)
        .values_list("month")
        .annotate(cents=Sum("cents"))
        .order_by("month")
    )
    return Bill(
        row=row,
        carried_cents=carried,
        since_cents=invoice.previous_cents - carried,
        previous_cents=invoice.previous_cents,
        current_cents=invoice.current_cents,
        retro=tuple((month, int(cents)) for month, cents in retro),
        due_cents=invoice.previous_cents + invoice.total_cents,
        contracts_count=invoice.contracts_count,
        members_count=invoice.members_count,
        lines_count=invoice.lines_count,
    )


def contracts(scope: Scope, row: InvoiceRow) -> list[int]:
    """The contracts that the invoice bills, each once."""
    return list(_lines(scope, row).order_by().values_list("contract", flat=True).distinct())


def lines(scope: Scope, row: InvoiceRow, *, only: Collection[int] | None = None) -> list[BillLine]:
    """Lines by contract, product and month; of `only` these contracts."""
    found = _lines(scope, row) if only is None else _lines(scope, row).filter(contract__in=list(only))
    return [
        BillLine(*values)
        for values in found.order_by("contract", "product__line", "product__name", "month", "id").values_list(
            "id", "contract", "product__name", "product__line", "kind", "month", "price_key", "members_count", "cents"
        )
    ]


def _lines(scope: Scope, row: InvoiceRow):  # type: ignore[no-untyped-def]  # a queryset of InvoiceLine
    month = periods.month_start(row.issue_date)  # names the one partition
    return InvoiceLine.objects.visible_to(scope).filter(invoice_id=row.id, issue_month=month)
