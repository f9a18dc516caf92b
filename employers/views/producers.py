"""Your producer: which agencies work for the employer, and everything that their people did here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.enums import Kind
from employers import producer_activity, producer_grants
from employers.access import Employer
from employers.forms import PERIODS, ActivityFilter
from employers.producer_grants import Access
from employers.queries import producers as reads
from employers.queries.producers import ActingPeriod
from portals.files import csv_export
from portals.http import Request
from portals.models import ActingSession
from portals.pages import Audience, disclose, page
from portals.plan import clock
from portals.scope import Scope
from portals.step_up import ONCE_A_SESSION

PAGE = 10  # stretches, each with what was done in it
SHOWN = 25  # events of a stretch; the file has all
LEDGER = ("event.detail",)


@page(
    audience=Audience.EMPLOYER,
    discloses=LEDGER,
    permission=Employer.SEE_PRODUCERS,
    label=gettext_lazy("What an employer's producer did"),
)
def access(request: Request) -> HttpResponseBase:
    today = clock.today()
    accesses = _accesses(request.scope)
    form = ActivityFilter(request.GET, people=reads.people(request.scope))
    rows = Paginator(_asked(request.scope, form), PAGE).get_page(request.GET.get("page"))
    shown = reads.acting_periods(request.scope, list(rows), reads.agency_names(accesses))
    disclose(request, subjects=[], stretches=len(shown))
    filters = {name: value for name, value in form.cleaned_data.items() if value}
    return TemplateResponse(
        request,
        "employers/producers.html",
        {
            "standing": [each for each in accesses if each.stands(today)],
            "former": [each for each in accesses if not each.stands(today)],
            "sees_opened": Employer.SEE_LOOKS in request.scope.permissions,
            "may_end": Employer.END_PRODUCER in request.scope.permissions,
            "form": form,
            "filters": filters,
            "rows": rows,
            "stretches": [_described(each) for each in shown],
            "query": urlencode(filters),
        },
    )


@page(
    audience=Audience.EMPLOYER,
    discloses=LEDGER,
    permission=Employer.SEE_PRODUCERS,
    step_up=ONCE_A_SESSION,
    kind=Kind.EXPORT,
    label=gettext_lazy("What an employer's producer did, as a file"),
)
def deeds_csv(request: Request) -> HttpResponseBase:
    """Every event of the stretches that the page's filters leave."""
    form = ActivityFilter(request.GET, people=reads.people(request.scope))
    agencies = reads.agency_names(_accesses(request.scope))
    shown = reads.acting_periods(request.scope, list(_asked(request.scope, form)), agencies)
    disclose(request, subjects=[], stretches=len(shown))
    head = [_("Person"), _("Agency"), _("Began"), _("Ended"), _("When"), _("What")]
    return csv_export.answer(
        "producer.csv",
        head,
        (
            (each.name, each.agency, _instant(each.began_at), _instant(each.ended_at), _instant(at), what)
            for each in shown
            for at, what in _activity(each) or [(each.began_at, _("Looked at the overview only"))]
        ),
    )


def _accesses(scope: Scope) -> list[Access]:
    assert scope.party is not None
    return producer_grants.of(scope.party.id)


def _asked(scope: Scope, form: ActivityFilter) -> QuerySet[ActingSession]:
    form.is_valid()
    person, period = form.cleaned_data.get("person"), form.cleaned_data.get("period")
    since = timezone.now() - dt.timedelta(days=PERIODS[period]) if period else None
    return reads.sessions(scope, user_id=int(person) if person else None, since=since)


def _activity(stretch: ActingPeriod) -> Sequence[tuple[dt.datetime, str]]:
    return [(event.recorded_at, producer_activity.activity_label(event)) for event in stretch.events]


def _described(stretch: ActingPeriod) -> dict[str, object]:
    events = _activity(stretch)
    return {"row": stretch, "events": events[:SHOWN], "more": max(0, len(events) - SHOWN), "count": len(events)}


def _instant(at: dt.datetime | None) -> str:
    return timezone.localtime(at).isoformat(" ", "seconds") if at else ""
