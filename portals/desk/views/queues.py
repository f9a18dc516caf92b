"""The desk's queues: what is to do, by whom, how late. One frame for every kind of request."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.enums import Kind
from portals.access import Desk
from portals.desk import kinds as desk_kinds
from portals.desk import queries as desk_queries
from portals.desk.forms import BusinessDateForm, QueueFilter
from portals.enums import RequestStatus, Team
from portals.files import csv_export
from portals.http import Request
from portals.models import DeskRequest
from portals.pages import NOTHING, Audience, disclose, page
from portals.plan import clock, periods
from portals.scope import Scope
from portals.step_up import ONCE_A_SESSION

PAGE = 50
LATELY = dt.timedelta(days=30)
TONES = {
    RequestStatus.OPEN: "warn",
    RequestStatus.IN_WORK: "info",
    RequestStatus.WAITING: "neutral",
    RequestStatus.PROPOSED: "warn",
    RequestStatus.DONE: "success",
    RequestStatus.DECLINED: "neutral",
    RequestStatus.WITHDRAWN: "neutral",
}


def queues(scope: Scope, current: str) -> list[dict[str, Any]]:
    """The list of queues beside every page of the desk's frame."""
    return [
        {
            "label": queue.team.label,
            "url": f"{reverse('desk:home')}?team={queue.team.value}",
            "count": queue.todo,
            "late": queue.late,
            "current": queue.team.value == current,
        }
        for queue in desk_queries.queues(scope, as_of=clock.today())
    ]


def _team(request: Request) -> Team:
    """The queue that is looked at: the one asked for, else the person's first."""
    own = desk_queries.teams(request.scope)
    team = request.GET.get("team") or own[0]
    if team not in own:
        raise Http404
    return Team(team)


def _filter(request: Request, team: Team) -> QueueFilter:
    own = desk_kinds.kinds_of([team])
    handed_over = {name: desk_kinds.kind_named(name) for name in desk_queries.kinds(team) if name not in own}
    kinds = {name: kind.label for name, kind in {**own, **handed_over}.items()}
    return QueueFilter({"status": "todo", **request.GET.dict()}, people=desk_queries.people(team), kinds=kinds)


def _filtered(request: Request, team: Team, form: QueueFilter) -> QuerySet[DeskRequest]:
    form.is_valid()
    criteria = {name: form.cleaned_data.get(name, "") for name in ("owner", "kind", "q", "sort")}
    status = form.cleaned_data.get("status") or "todo"
    return desk_queries.filtered(request.scope, team=team, as_of=clock.today(), status=status, **criteria)


@page(
    audience=Audience.DESK,
    discloses=("request.title",),
    permission=Desk.WORK_QUEUE,
    label=gettext_lazy("A queue of the service desk"),
)
def home(request: Request) -> HttpResponseBase:
    team = _team(request)
    form = _filter(request, team)
    requests = Paginator(_filtered(request, team, form), PAGE).get_page(request.GET.get("page"))
    disclose(request, subjects=[("desk_request", row.pk) for row in requests])
    filters = request.GET.copy()
    filters.pop("page", None)
    return TemplateResponse(
        request,
        "portals/desk_home.html",
        {
            "queues": queues(request.scope, team),
            "team": team,
            "requests": requests,
            "rows": [
                {"row": row, "tone": TONES[RequestStatus(row.status)], "kind": desk_kinds.kind_of(row).label}
                for row in requests
            ],
            "form": form,
            "filtered": any(value for name, value in filters.items() if name not in ("team", "sort")),
            "sort": form.cleaned_data.get("sort", ""),
            "query": filters.urlencode(),
        },
    )


@page(
    audience=Audience.DESK,
    discloses=("request.title",),
    permission=Desk.WORK_QUEUE,
    step_up=ONCE_A_SESSION,
    kind=Kind.EXPORT,
    label=gettext_lazy("A queue of the service desk as a file"),
)
def queue_csv(request: Request) -> HttpResponseBase:
    """Exactly the list that the page shows, all its pages."""
    team = _team(request)
    rows = list(_filtered(request, team, _filter(request, team)))
    disclose(request, subjects=[("desk_request", row.pk) for row in rows], rows=len(rows))
    head = ("number", "kind", "title", "status", "owner", "opened", "due", "closed")
    return csv_export.answer(f"{team.value}.csv", head, [_line(row) for row in rows])


def _line(row: DeskRequest) -> tuple[object, ...]:
    return (
        row.number,
        desk_kinds.kind_of(row).label,
        row.title,
        row.status,
        row.owner.display_name if row.owner else "",
        periods.plan_date(row.created_at),
        row.due_date or "",
        periods.plan_date(row.closed_at) if row.closed_at else "",
    )


@page(
    audience=Audience.DESK, discloses=NOTHING, permission=Desk.WORK_QUEUE, label=gettext_lazy("How the work is spread")
)
def load(request: Request) -> HttpResponseBase:
    """How the work of a team is spread over its people: colleagues and numbers, nobody whom a request is about."""
    team = _team(request)
    rows = desk_queries.load(team, as_of=clock.today(), done_since=timezone.now() - LATELY)
    return TemplateResponse(
        request,
        "portals/desk_load.html",
        {
            "queues": queues(request.scope, team),
            "team": team,
            "rows": rows,
            "most": max(row.todo for row in rows),
            "lately": LATELY.days,
        },
    )


@page(audience=Audience.DESK, discloses=NOTHING, permission=Desk.MOVE_CLOCK, label=gettext_lazy("The business date"))
def business_date(request: Request) -> HttpResponseBase:
    """The demo's business date, moved from the desk; a real plan follows the calendar and has no such page."""
    if not clock.movable():
        raise Http404
    form = BusinessDateForm(request.POST or None, today=clock.today())
    if request.method == "POST" and form.is_valid():
        clock.move_to(form.cleaned_data["business_date"], by=request.scope)
        messages.success(request, _("The business date is moved."))
        return redirect("desk:business_date")
    return TemplateResponse(request, "portals/business_date.html", {"form": form, "queues": queues(request.scope, "")})
