"""Case managers: whom the agency that holds a case names for its client."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from members.queries import clients
from portals.http import Request
from portals.pages import NOTHING, Audience, page
from portals.plan import clock
from portals.step_up import RECENTLY
from producers import grant_texts
from producers.access import Producer
from producers.actions import cases
from producers.actions.intervals import GrantNotPossible, GrantProblem
from producers.enums import EndReason
from producers.forms import portal as forms
from producers.forms.portal import CaseFilter, CaseForm, EndForm
from producers.models import CaseManagerGrant
from producers.queries import people

PAGE = 50


@page(audience=Audience.PRODUCER, discloses=NOTHING, permission=Producer.NAME_CASE_MANAGERS)
def case_managers(request: Request) -> HttpResponseBase:
    """Who is, will be, or (`over`) was named."""
    today = clock.today()
    form = CaseFilter(request.GET or None)
    search = form.cleaned_data["q"] if form.is_valid() else ""
    over = "over" in request.GET
    found = people.case_managers(request.scope, as_of=today, search=search, over=over)
    rows = Paginator(found, PAGE).get_page(request.GET.get("page"))
    texts = grant_texts.of_grants([row.grant for row in rows], as_of=today)
    return TemplateResponse(
        request,
        "producers/case_managers.html",
        {
            "form": form,
            "rows": rows,
            "shown": [{"row": row, "spell": texts.spell(row.name, row.grant)} for row in rows],
            "total": len(found),
            "q": search,
            "over": over,
        },
    )


@page(audience=Audience.PRODUCER, discloses=NOTHING, permission=Producer.NAME_CASE_MANAGERS, step_up=RECENTLY)
def name(request: Request) -> HttpResponseBase:
    choices = [(each.pk, f"{each.user.display_name} · {each.agency.name}") for each in people.candidates(request.scope)]
    today = clock.today()
    form = CaseForm(request.POST or None, people=choices, today=today)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        client = clients.numbered([data["client_id"].strip()]).get(data["client_id"].strip())
        try:
            if client is None:
                raise GrantNotPossible(GrantProblem.NOT_OURS)
            cases.name(
                by=request.scope,
                place_id=data["place"],
                client_id=client.id,
                first=data["first"],
                last=data["last"],
                today=today,
            )
        except GrantNotPossible as refused:
            forms.say(form, refused.problem)
        else:
            person = dict(choices)[data["place"]]
            messages.success(
                request, _("%(person)s: case manager of %(client)s.") % {"person": person, "client": client.name}
            )
            return redirect("producers:agency_cases")
    return TemplateResponse(request, "producers/case_name.html", {"form": form})


@page(audience=Audience.PRODUCER, discloses=NOTHING, permission=Producer.NAME_CASE_MANAGERS, step_up=RECENTLY)
def end(request: Request, grant_id: int) -> HttpResponseBase:
    rows = CaseManagerGrant.objects.visible_to(request.scope).select_related("place__user", "place__agency")
    row = get_object_or_404(rows, pk=grant_id)
    client = clients.named([row.client_id])[row.client_id]
    form = EndForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            cases.end(
                by=request.scope, grant_id=row.pk, why=EndReason(data["why"]), last=data["last"], today=clock.today()
            )
        except CaseManagerGrant.DoesNotExist as gone:
            raise Http404 from gone
        except GrantNotPossible as refused:
            forms.say(form, refused.problem)
        else:
            messages.success(request, _("The end is set."))
            return redirect("producers:agency_cases")
    return TemplateResponse(
        request,
        "producers/grant_end.html",
        {
            "form": form,
            "what": _("Case manager of %(client)s") % {"client": client.name},
            "person": row.place.user.display_name,
            "back": "producers:agency_cases",
            "back_label": _("Case managers"),
        },
    )
