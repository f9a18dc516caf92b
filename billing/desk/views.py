"""Billing operations at the service desk: start a bill run, watch it, see who was left out."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.desk.forms import RunForm
from billing.queries import runs
from portals import jobs
from portals.access import Desk
from portals.enums import JobStatus
from portals.http import Request
from portals.models import Job
from portals.pages import NOTHING, Audience, page
from portals.plan import clock

WORDS = {
    "no_price": gettext_lazy("No price is filed for a product and tier of this account."),
    "no_rate_period": gettext_lazy("No plan year covers the month."),
    "error": gettext_lazy("The database refused this account; the log names the error."),
}


def _job(as_of: dt.date) -> Job | None:
    return Job.objects.filter(key=f"billing.run:{as_of}").first()


@page(audience=Audience.DESK, discloses=NOTHING, permission=Desk.RUN_BILLING, label=gettext_lazy("Bill runs"))
def run_list(request: Request) -> HttpResponseBase:
    """Amounts and counts of accounts: no person in it."""
    today = clock.today()
    form = RunForm(request.POST or None, today=today, initial={"as_of": f"{today:%m/%d/%Y}"})
    if request.method == "POST" and form.is_valid():
        as_of = form.cleaned_data["as_of"]
        earlier = runs.one(as_of)
        if earlier is not None and earlier.done:
            messages.info(request, _("The run of this day was made before; nothing was done again."))
            return redirect("billing:run", as_of)
        jobs.ask(
            kind="billing.run",
            key=f"billing.run:{as_of}",
            payload={"as_of": as_of.isoformat()},
            scope=request.scope,
            queue="bulk",
            again=True,
        )
        messages.success(request, _("The run is on its way. You may leave this page."))
        return redirect("billing:run", as_of)
    return TemplateResponse(request, "billing/runs.html", {"form": form, "rows": runs.recent()})


@page(audience=Audience.DESK, discloses=NOTHING, permission=Desk.RUN_BILLING, label=gettext_lazy("Bill run"))
def run_page(request: Request, as_of: dt.date) -> HttpResponseBase:
    row, job = runs.one(as_of), _job(as_of)
    if row is None and job is None:
        raise Http404
    over = job is None or job.status in (JobStatus.DONE, JobStatus.FAILED)
    context: dict[str, object] = {
        "as_of": as_of,
        "row": row,
        "over": over,
        "failed": job is not None and job.status == JobStatus.FAILED,
    }
    if request.headers.get("HX-Request"):
        response = TemplateResponse(request, "billing/_progress.html", context)
        if over:
            response["HX-Refresh"] = "true"
        return response
    context["parked"] = [(parked, WORDS[parked.reason]) for parked in runs.parked(as_of)]
    return TemplateResponse(request, "billing/run.html", context)
