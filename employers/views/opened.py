"""Who looked at our records: plan staff and producers, at the employer's enrollment and billing."""

from __future__ import annotations

import datetime as dt

from django.http import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.enums import Kind
from employers.access import Employer
from employers.forms import PERIODS, AccessFilter
from employers.queries import opened as reads
from employers.queries.opened import Row
from portals.files import csv_export
from portals.http import Request
from portals.pages import Audience, disclose, page
from portals.pagination import place_of, place_text
from portals.plan.periods import plan_time
from portals.step_up import ONCE_A_SESSION

PAGE = 50
MOST_ROWS = 5_000  # of a file
LEDGER = ("event.who", "event.detail")


def _filters(request: Request) -> dict[str, str]:
    """Those that are understood."""
    form = AccessFilter(request.GET)
    form.is_valid()
    return {name: value for name, value in form.cleaned_data.items() if value}


def _since(filters: dict[str, str]) -> dt.datetime | None:
    period = filters.get("period")
    return timezone.now() - dt.timedelta(days=PERIODS[period]) if period else None


@page(
    audience=Audience.EMPLOYER,
    discloses=LEDGER,
    permission=Employer.SEE_LOOKS,
    label=gettext_lazy("Who looked at an employer's records"),
)
def opened(request: Request) -> HttpResponseBase:
    filters = _filters(request)
    before = place_of(request.GET.get("before", ""))
    found = reads.rows(request.scope, who=filters.get("who", ""), since=_since(filters), before=before, limit=PAGE + 1)
    shown = found[:PAGE]
    disclose(request, subjects=[], rows=len(shown))
    here = f"{reverse('employers:opened')}?{urlencode(filters)}"
    return TemplateResponse(
        request,
        "employers/opened.html",
        {
            "form": AccessFilter(request.GET),
            "filters": filters,
            "rows": shown,
            "query": urlencode(filters),
            "older": f"{here}&before={place_text(shown[-1].at, shown[-1].event_id)}" if len(found) > PAGE else "",
            "newest": here if before else "",
            "sees_producers": Employer.SEE_PRODUCERS in request.scope.permissions,
        },
    )


@page(
    audience=Audience.EMPLOYER,
    discloses=LEDGER,
    permission=Employer.SEE_LOOKS,
    step_up=ONCE_A_SESSION,
    kind=Kind.EXPORT,
    label=gettext_lazy("Who looked at an employer's records, as a file"),
)
def opened_csv(request: Request) -> HttpResponseBase:
    """The list that the filters leave, its newest `MOST_ROWS`."""
    filters = _filters(request)
    found = reads.rows(request.scope, who=filters.get("who", ""), since=_since(filters), limit=MOST_ROWS + 1)
    shown = found[:MOST_ROWS]
    disclose(request, subjects=[], rows=len(shown), cut=len(found) > MOST_ROWS)
    head = [_("When"), _("Person"), _("Of"), _("What"), _("Invoice"), _("People")]
    cells: list[tuple[object, ...]] = [_cells(row) for row in shown]
    if len(found) > MOST_ROWS:
        cells.append((_("Cut after %(count)s rows: choose a shorter time for older ones.") % {"count": MOST_ROWS},))
    return csv_export.answer("who-looked.csv", head, cells)


def _cells(row: Row) -> tuple[object, ...]:
    at = plan_time(row.at).isoformat(" ", "seconds")
    return (at, row.who, row.place, row.what, row.invoice, row.people or "")
