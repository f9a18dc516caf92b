"""Agencies at the service desk: their people with every entitlement, which channel compensation grants and ends."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portals.access import Desk
from portals.desk import decisions as desk_decisions
from portals.desk import own_requests
from portals.http import Request
from portals.pages import NOTHING, Audience, page
from portals.plan import clock
from portals.scope import PartyRef
from portals.step_up import RECENTLY
from producers import grant_texts
from producers.actions import entitlements
from producers.actions.intervals import GrantNotPossible
from producers.desk.request_kinds.entitlements import KIND
from producers.enums import EndReason, Entitlement
from producers.forms import portal as forms
from producers.forms.portal import AgencyFilter, EndForm, ProposeForm
from producers.models import Agency, EntitlementGrant, ProducerUser
from producers.queries import gates, market

PAGE = 50


@page(
    audience=Audience.DESK,
    discloses=NOTHING,
    permission=Desk.GRANT_ENTITLEMENTS,
    label=gettext_lazy("Agencies at the service desk"),
)
def agencies(request: Request) -> HttpResponseBase:
    form = AgencyFilter(request.GET or None)
    search = form.cleaned_data["q"] if form.is_valid() else ""
    rows = Paginator(market.agencies(request.scope, search=search), PAGE).get_page(request.GET.get("page"))
    return TemplateResponse(request, "producers/desk_agencies.html", {"form": form, "rows": rows, "q": search})


@page(
    audience=Audience.DESK,
    discloses=NOTHING,
    permission=Desk.GRANT_ENTITLEMENTS,
    label=gettext_lazy("An agency at the service desk"),
)
def agency(request: Request, agency_id: int) -> HttpResponseBase:
    """Its people, of now and before, and what each holds and held."""
    row = get_object_or_404(Agency.objects.select_related("general_agency"), pk=agency_id)
    today = clock.today()
    people = market.people(row)
    granted = market.granted_to(row)
    texts = grant_texts.of_grants([*(g for p in people for g in p.grants), *(g.grant for g in granted)], as_of=today)
    return TemplateResponse(
        request,
        "producers/desk_agency.html",
        {
            "agency": row,
            "people": [
                {
                    "place": each.place,
                    "spells": [
                        (texts.spell(Entitlement(grant.entitlement).label, grant), grant, grant.is_over(today))
                        for grant in gates.latest_first(each.grants, today)
                        if isinstance(grant, EntitlementGrant)
                    ],
                }
                for each in people
            ],
            "granted": [texts.spell(f"{each.client.name} · {each.client.client_id}", each.grant) for each in granted],
        },
    )


@page(audience=Audience.DESK, discloses=NOTHING, permission=Desk.GRANT_ENTITLEMENTS, step_up=RECENTLY)
def propose(request: Request, agency_id: int, place_id: int) -> HttpResponseBase:
    """On a call or a letter: what to grant, for a second person to approve."""
    place = get_object_or_404(
        ProducerUser.objects.select_related("user", "agency"), pk=place_id, agency_id=agency_id, ended_at=None
    )
    form = ProposeForm(request.POST or None, direct_writer=place.agency.direct_writer)
    if request.method == "POST" and form.is_valid():
        wanted = form.cleaned_data["entitlements"]
        row = desk_decisions.file(
            kind=KIND,
            key=own_requests.key(KIND, request.scope, form.cleaned_data),
            title=_("Entitlements for %(name)s") % {"name": place.user.display_name},
            detail={"place": place.pk, "entitlements": wanted, "reason": form.cleaned_data["reason"]},
            party=PartyRef("agency", place.agency_id),
            decision={"entitlements": wanted},
            by=request.scope,
        )
        messages.success(request, _("Proposed. Another person of your team approves it."))
        return redirect("desk:request", row.pk)
    return TemplateResponse(request, "producers/desk_propose.html", {"form": form, "place": place})


@page(audience=Audience.DESK, discloses=NOTHING, permission=Desk.GRANT_ENTITLEMENTS, step_up=RECENTLY)
def end(request: Request, grant_id: int) -> HttpResponseBase:
    """At once, or after a last day; one person suffices to take access away."""
    row = get_object_or_404(EntitlementGrant.objects.select_related("place__user", "place__agency"), pk=grant_id)
    form = EndForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            entitlements.end(
                by=request.scope, grant_id=row.pk, why=EndReason(data["why"]), today=clock.today(), last=data["last"]
            )
        except GrantNotPossible as refused:
            forms.say(form, refused.problem)
        else:
            messages.success(request, _("The end is set."))
            return redirect("market:agency", row.place.agency_id)
    return TemplateResponse(
        request,
        "producers/desk_grant_end.html",
        {
            "form": form,
            "what": Entitlement(row.entitlement).label,
            "who": row.place.user.display_name,
            "back_url": reverse("market:agency", args=[row.place.agency_id]),
            "back_label": row.place.agency.name,
        },
    )
