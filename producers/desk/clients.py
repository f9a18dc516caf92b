"""Clients at the service desk: who at the plan manages each, and which agencies may work for it."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.enums import Kind
from members.actions import managers
from members.queries import clients
from members.queries.clients import ManagedRow
from portals.access import Desk
from portals.desk import decisions as desk_decisions
from portals.desk import own_requests
from portals.desk import queries as desk_queries
from portals.enums import Team
from portals.files import csv_export
from portals.http import Request
from portals.pages import NOTHING, Audience, page
from portals.plan import clock
from portals.scope import PartyRef
from portals.step_up import ONCE_A_SESSION, RECENTLY
from producers import grant_texts
from producers.actions import clients as grants
from producers.actions.intervals import GrantNotPossible
from producers.desk.request_kinds.clients import KIND
from producers.enums import EndReason
from producers.forms import portal as forms
from producers.forms.portal import EndForm, ManagerFilter, ManagerForm, OpenClientForm
from producers.models import Agency, ClientGrant
from producers.queries import gates, market

PAGE = 50


def _filtered(request: Request, people: list[tuple[int, str]]) -> tuple[ManagerFilter, list[ManagedRow]]:
    form = ManagerFilter(request.GET or None, people=people)
    criteria = form.cleaned_data if form.is_valid() else {}
    return form, clients.managed(search=criteria.get("q", ""), manager=criteria.get("manager", ""))


@page(
    audience=Audience.DESK,
    discloses=NOTHING,
    permission=Desk.GRANT_CLIENTS,
    label=gettext_lazy("Clients at the service desk"),
)
def client_list(request: Request) -> HttpResponseBase:
    form, results = _filtered(request, desk_queries.people(Team.CLIENT_MANAGEMENT))
    rows = Paginator(results, PAGE).get_page(request.GET.get("page"))
    agencies = market.agencies_with([row.client.id for row in rows], as_of=clock.today())
    filters = request.GET.copy()
    filters.pop("page", None)
    return TemplateResponse(
        request,
        "producers/desk_clients.html",
        {
            "form": form,
            "rows": rows,
            "shown": [(row, agencies[row.client.id]) for row in rows],
            "total": len(results),
            "filtered": any(filters.values()),
            "query": filters.urlencode(),
        },
    )


@page(
    audience=Audience.DESK, discloses=NOTHING, permission=Desk.GRANT_CLIENTS, step_up=ONCE_A_SESSION, kind=Kind.EXPORT
)
def client_csv(request: Request) -> HttpResponseBase:
    """Exactly the list that the page shows: clients and their managers, nobody who is covered."""
    _form, rows = _filtered(request, desk_queries.people(Team.CLIENT_MANAGEMENT))
    agencies = market.agencies_with([row.client.id for row in rows], as_of=clock.today())
    head = ("client_id", "name", "state", "moved_here", "manager", "agencies")
    return csv_export.answer(
        "clients.csv",
        head,
        (
            (
                row.client.client_id,
                row.client.name,
                row.client.state,
                row.client.migrated_on or "",
                row.manager,
                "; ".join(agencies[row.client.id]),
            )
            for row in rows
        ),
    )


@page(
    audience=Audience.DESK,
    discloses=NOTHING,
    permission=Desk.GRANT_CLIENTS,
    label=gettext_lazy("A client at the service desk"),
)
def client(request: Request, client_id: str) -> HttpResponseBase:
    """Its manager, which can be changed here, and every agency that may or might work for it."""
    row = _row(client_id)
    form = ManagerForm(
        request.POST or None,
        people=desk_queries.people(Team.CLIENT_MANAGEMENT),
        initial={"manager": row.manager_id or ""},
    )
    if request.method == "POST" and form.is_valid():
        wanted = form.cleaned_data["manager"]
        try:
            managers.assign(by=request.scope, client_id=client_id, user_id=int(wanted) if wanted else None)
        except managers.NotAManager:
            form.add_error("manager", _("This person is no longer of client management."))
        else:
            messages.success(request, _("Saved."))
            return redirect("market:client", client_id)
    today = clock.today()
    found = market.granted_on(row.client.id)
    texts = grant_texts.of_grants(found, as_of=today)
    return TemplateResponse(
        request,
        "producers/desk_client.html",
        {
            "row": row,
            "form": form,
            "grants": [
                (texts.spell(f"{grant.agency.name} · {grant.agency.agent_id}", grant), grant, grant.is_over(today))
                for grant in gates.latest_first(found, today)
                if isinstance(grant, ClientGrant)
            ],
        },
    )


def _row(client_id: str) -> ManagedRow:
    row = next((row for row in clients.managed(search=client_id) if row.client.client_id == client_id), None)
    if row is None:
        raise Http404
    return row


@page(audience=Audience.DESK, discloses=NOTHING, permission=Desk.GRANT_CLIENTS, step_up=RECENTLY)
def propose(request: Request, client_id: str) -> HttpResponseBase:
    """On a call or a letter: which agency is to work for the client, for a second person to approve."""
    row = _row(client_id)
    form = OpenClientForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        agency = Agency.objects.filter(agent_id=form.cleaned_data["agent_id"].strip()).first()
        if agency is None:
            form.add_error("agent_id", _("We know nobody under this number. Check it."))
        else:
            ids = [row.client.client_id]
            filed = desk_decisions.file(
                kind=KIND,
                key=own_requests.key(KIND, request.scope, form.cleaned_data),
                title=_("Access to %(client)s") % {"client": row.client.name},
                detail={"client_ids": ids, "reason": form.cleaned_data["reason"], "agency": agency.pk},
                party=PartyRef("agency", agency.pk),
                decision={"client_ids": ids},
                by=request.scope,
            )
            messages.success(request, _("Proposed. Another person of your team approves it."))
            return redirect("desk:request", filed.pk)
    return TemplateResponse(request, "producers/desk_client_propose.html", {"form": form, "row": row})


@page(audience=Audience.DESK, discloses=NOTHING, permission=Desk.GRANT_CLIENTS, step_up=RECENTLY)
def end(request: Request, grant_id: int) -> HttpResponseBase:
    """At once, or after a last day; one person suffices to take access away."""
    row = get_object_or_404(ClientGrant.objects.select_related("agency"), pk=grant_id)
    named = clients.named([row.client_id])[row.client_id]
    form = EndForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            grants.end(
                by=request.scope, grant_id=row.pk, why=EndReason(data["why"]), today=clock.today(), last=data["last"]
            )
        except GrantNotPossible as refused:
            forms.say(form, refused.problem)
        else:
            messages.success(request, _("The end is set."))
            return redirect("market:client", named.client_id)
    return TemplateResponse(
        request,
        "producers/desk_grant_end.html",
        {
            "form": form,
            "what": named.name,
            "who": row.agency.name,
            "back_url": reverse("market:client", args=[named.client_id]),
            "back_label": named.name,
        },
    )
