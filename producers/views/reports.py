"""Agency Reports for the people of agencies under a general agency: its contact grants and ends them (P5)."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from portals.http import Request
from portals.pages import NOTHING, Audience, page
from portals.plan import clock
from portals.step_up import RECENTLY
from producers import grant_texts
from producers.access import Producer
from producers.actions import entitlements
from producers.actions.intervals import GrantNotPossible
from producers.enums import EndReason, Entitlement
from producers.forms import portal as forms
from producers.forms.portal import EndForm, GrantForm, PeopleFilter
from producers.models import EntitlementGrant, ProducerUser
from producers.queries import people
from producers.views.agency import searched

PAGE = 50


@page(audience=Audience.PRODUCER, discloses=NOTHING, permission=Producer.GRANT_REPORTS)
def reports(request: Request) -> HttpResponseBase:
    today, search = clock.today(), searched(request)
    found = people.under(request.scope, as_of=today, search=search)
    rows = Paginator(found, PAGE).get_page(request.GET.get("page"))
    grants = people.reports_of([row.id for row in rows], as_of=today)
    texts = grant_texts.of_grants(list(grants.values()), as_of=today)
    return TemplateResponse(
        request,
        "producers/reports.html",
        {
            "form": PeopleFilter(request.GET or None),
            "rows": rows,
            "shown": [
                {"row": row, "grant": grant, "spell": grant and texts.spell(row.name, grant)}
                for row in rows
                for grant in [grants.get(row.id)]
            ],
            "total": len(found),
            "q": search,
        },
    )


@page(audience=Audience.PRODUCER, discloses=NOTHING, permission=Producer.GRANT_REPORTS, step_up=RECENTLY)
def grant(request: Request, place_id: int) -> HttpResponseBase:
    today = clock.today()
    row = next((each for each in people.under(request.scope, as_of=today) if each.id == place_id), None)
    if row is None:
        raise Http404
    form = GrantForm(request.POST or None, today=today)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            entitlements.grant_reports(
                by=request.scope, place_id=place_id, first=data["first"], last=data["last"], today=today
            )
        except ProducerUser.DoesNotExist as gone:
            raise Http404 from gone
        except GrantNotPossible as refused:
            forms.say(form, refused.problem)
        else:
            messages.success(request, _("Agency Reports is granted to %(name)s.") % {"name": row.name})
            return redirect("producers:agency_reports")
    return TemplateResponse(request, "producers/report_grant.html", {"form": form, "row": row})


@page(audience=Audience.PRODUCER, discloses=NOTHING, permission=Producer.GRANT_REPORTS, step_up=RECENTLY)
def end(request: Request, grant_id: int) -> HttpResponseBase:
    row = get_object_or_404(people.reports_under(request.scope), pk=grant_id)
    form = EndForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            entitlements.end_reports(
                by=request.scope, grant_id=row.pk, why=EndReason(data["why"]), last=data["last"], today=clock.today()
            )
        except EntitlementGrant.DoesNotExist as gone:
            raise Http404 from gone
        except GrantNotPossible as refused:
            forms.say(form, refused.problem)
        else:
            messages.success(request, _("The end is set."))
            return redirect("producers:agency_reports")
    return TemplateResponse(
        request,
        "producers/grant_end.html",
        {
            "form": form,
            "what": Entitlement.AGENCY_REPORTS.label,
            "person": row.place.user.display_name,
            "back": "producers:agency_reports",
            "back_label": _("Agency Reports"),
        },
    )
