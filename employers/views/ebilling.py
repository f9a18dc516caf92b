"""eBilling: what is to pay, and the list of invoices."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.enums import Kind
from billing import money
from billing.queries import accounts
from billing.queries.accounts import InvoiceRow
from employers.access import Employer
from employers.forms import InvoiceFilter
from employers.queries import ebilling
from employers.views.gates import made_for, need_first_invoice
from portals.enums import Topic
from portals.files import csv_export
from portals.help import directory as help_directory
from portals.http import Request
from portals.pages import Audience, disclose, page
from portals.plan import clock
from portals.step_up import ONCE_A_SESSION

PAGE = 50
SORTS: dict[str, Callable[[InvoiceRow], Any]] = {
    "number": lambda row: row.number,
    "account": lambda row: row.account_name.casefold(),
    "due": lambda row: row.due_date,
    "total": lambda row: row.total_cents,
    "open": lambda row: row.open_cents,
}


@page(
    audience=Audience.EMPLOYER,
    discloses=("billing.amounts",),
    permission=Employer.SEE_BILLING,
    label=gettext_lazy("eBilling: what is to pay"),
)
def summary(request: Request) -> HttpResponseBase:
    """The number to pay and the next action; before the first invoice, why there is nothing and when there will be."""
    today = clock.today()
    found = ebilling.desk(request.scope, as_of=today)
    if found is None:
        return TemplateResponse(
            request,
            "employers/ebilling_closed.html",
            {
                "first_date": accounts.first_invoice_date(request.scope, as_of=today),
                "contact": help_directory.contact_for(request.scope, Topic.BILLING_ENROLLMENT, as_of=today),
            },
        )
    disclose(request, subjects=[], invoices=[row.number for row in found.rows])
    return TemplateResponse(
        request,
        "employers/ebilling.html",
        {"page": found, "may_pay": Employer.PAY in request.scope.permissions},
    )


@page(
    audience=Audience.EMPLOYER,
    discloses=("billing.amounts",),
    permission=Employer.SEE_BILLING,
    label=gettext_lazy("List of invoices"),
)
def invoices(request: Request) -> HttpResponseBase:
    """Every invoice, with filters, search by number and the same list as CSV."""
    form, shown, sort = _listed(request)
    filters = {name: value for name, value in form.cleaned_data.items() if value}
    return TemplateResponse(
        request,
        "employers/ebilling_invoices.html",
        {
            "form": form,
            "rows": Paginator(shown, PAGE).get_page(request.GET.get("page")),
            "sort": sort,
            "total": len(shown),
            "filters": filters,
            "clear_url": reverse("employers:ebilling_invoices") if filters else "",
            "csv_url": csv_export.url_of(request, "employers:ebilling_invoices_csv"),
        },
    )


def _listed(request: Request) -> tuple[InvoiceFilter, list[InvoiceRow], str]:
    """The filters, exactly the rows that page and file show, and their order."""
    need_first_invoice(request.scope)
    rows = accounts.invoices(request.scope)
    form = InvoiceFilter(
        request.GET,
        accounts=sorted({(row.account_id, row.account_name) for row in rows}, key=lambda each: each[1]),
        years=sorted({row.period.year for row in rows}, reverse=True),
    )
    form.is_valid()
    sort = request.GET.get("sort", "-due")
    shown = _sorted(_filtered(rows, form.cleaned_data), sort)
    disclose(request, subjects=[], invoices=[row.number for row in shown])
    return form, shown, sort


def _filtered(rows: list[InvoiceRow], criteria: dict[str, str]) -> list[InvoiceRow]:
    number = (criteria.get("q") or "").strip().casefold()
    return [
        row
        for row in rows
        if number in row.number.casefold()
        and (not criteria.get("account") or str(row.account_id) == criteria["account"])
        and (not criteria.get("status") or row.state == criteria["status"])
        and (not criteria.get("year") or str(row.period.year) == criteria["year"])
    ]


def _sorted(rows: list[InvoiceRow], sort: str) -> list[InvoiceRow]:
    """By the column asked for, "-" downward; what is not a column keeps the latest due first."""
    key = SORTS.get(sort.removeprefix("-"))
    return sorted(rows, key=key, reverse=sort.startswith("-")) if key else rows


@page(
    audience=Audience.EMPLOYER,
    discloses=("billing.amounts",),
    permission=Employer.SEE_BILLING,
    kind=Kind.EXPORT,
    step_up=ONCE_A_SESSION,
    label=gettext_lazy("List of invoices as a file"),
)
def invoices_csv(request: Request) -> HttpResponseBase:
    """Exactly the list that the page shows."""
    _form, rows, _sort = _listed(request)
    head = [
        _("Invoice"), _("Bill account"), _("Name"), _("Month"), _("Issued"), _("Due"), _("Grace period ends"),
        _("Total"), _("To pay"), _("Processing"), _("Status"), _("Paid on"),
    ]  # fmt: skip
    return csv_export.answer(
        "invoices.csv",
        head,
        (
            (
                row.number,
                row.account_number,
                row.account_name,
                row.period.isoformat()[:7],
                row.issue_date,
                row.due_date,
                row.grace_ends,
                money.to_dollars(row.total_cents),
                money.to_dollars(row.open_cents),
                money.to_dollars(row.processing_cents),
                row.state.value,
                row.paid_date or "",
            )
            for row in rows
        ),
        made_for=made_for(request.scope),
    )
