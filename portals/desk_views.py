"""The desk's pages. Its queue is one frame for every kind of request."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portals import clock, desk
from portals.access import Desk
from portals.context import NavEntry
from portals.enums import REQUEST_TRANSITIONS, RequestStatus, Team
from portals.forms import CHANGED_MEANWHILE, BusinessDateForm, RequestForm
from portals.http import Request
from portals.models import DeskRequest, User
from portals.pages import NOTHING, Audience, disclose, page
from portals.scope import Scope

PAGE = 50
TONES = {
    RequestStatus.OPEN: "warn",
    RequestStatus.IN_WORK: "info",
    RequestStatus.DONE: "success",
    RequestStatus.DECLINED: "neutral",
}
SHOWN = [("todo", gettext_lazy("To do")), *RequestStatus.choices, ("all", gettext_lazy("All"))]


def navigation(scope: Scope) -> list[NavEntry]:
    entries: list[NavEntry] = [(gettext_lazy("Queues"), "desk:home", "desk:home")]
    if Desk.RUN_BILLING in scope.permissions:
        entries.append((gettext_lazy("Bill runs"), "billing:runs", "billing:run"))
    if Desk.DECIDE_FILE in scope.permissions:
        entries.append((gettext_lazy("Enrollment files"), "enrollment:files", "enrollment:file"))
    if Desk.FIND_MEMBER in scope.permissions:
        entries.append((gettext_lazy("Members"), "records:search", "records:"))
    if Desk.HELP_SIGN_IN in scope.permissions:
        entries.append((gettext_lazy("Sign-in help"), "desk:sign_in_help", "desk:sign_in_help"))
    if Desk.SEE_INVITATIONS in scope.permissions:
        entries.append((gettext_lazy("Invitations"), "desk:invitations", "desk:invit"))
    if Desk.EDIT_HELP in scope.permissions:
        entries.append((gettext_lazy("Help directory"), "directory:contacts", "directory:"))
        entries.append((gettext_lazy("Announcements"), "news:list", "news:"))
    if Desk.VIEW_AS in scope.permissions and Desk.HELP_SIGN_IN not in scope.permissions:  # else by the caller's card
        entries.append((gettext_lazy("See as a user"), "desk:view_as", "desk:view_as"))
    if Desk.REVIEW_LOOKS in scope.permissions:
        entries.append((gettext_lazy("Looks to review"), "desk:looks", "desk:look"))
    if Desk.MANAGE_STAFF in scope.permissions:
        entries.append((gettext_lazy("Plan staff"), "desk:staff", "desk:staff"))
    if Desk.MOVE_CLOCK in scope.permissions:
        entries.append((gettext_lazy("Business date"), "desk:business_date", "desk:business_date"))
    return entries


def _teams(scope: Scope) -> list[str]:
    return sorted(p.removeprefix("team:") for p in scope.permissions if p.startswith("team:"))


def _mine(scope: Scope) -> QuerySet[DeskRequest]:
    return DeskRequest.objects.filter(team__in=_teams(scope))


def _queues(scope: Scope, current: str) -> list[dict[str, Any]]:
    counts = dict(
        _mine(scope)
        .filter(status__in=[RequestStatus.OPEN, RequestStatus.IN_WORK])
        .values_list("team")
        .annotate(n=Count("id"))
    )
    return [
        {
            "label": Team(team).label,
            "url": f"{reverse('desk:home')}?team={team}",
            "count": counts.get(team, 0),
            "current": team == current,
        }
        for team in _teams(scope)
    ]


@page(audience=Audience.DESK, discloses=("request.title",), permission=Desk.WORK_QUEUE)
def home(request: Request) -> HttpResponseBase:
    scope: Scope = request.scope
    team = request.GET.get("team") or _teams(scope)[0]
    if team not in _teams(scope):
        raise Http404
    status = request.GET.get("status", "todo")
    query = request.GET.get("q", "").replace("\0", "").strip()
    rows = _mine(scope).filter(team=team).select_related("owner").order_by("created_at")
    if status == "todo":
        rows = rows.filter(status__in=[RequestStatus.OPEN, RequestStatus.IN_WORK])
    elif status in RequestStatus.values:
        rows = rows.filter(status=status)
    if query:
        rows = rows.filter(Q(title__icontains=query))
    requests = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    disclose(request, subjects=[("desk_request", row.pk) for row in requests])
    return TemplateResponse(
        request,
        "portals/desk_home.html",
        {
            "queues": _queues(scope, team),
            "team": team,
            "team_label": Team(team).label,
            "requests": requests,
            "rows": [
                {"row": row, "tone": TONES[RequestStatus(row.status)], "kind": desk.kind_of(row).label}
                for row in requests
            ],
            "query": query,
            "status": status,
            "statuses": SHOWN,
        },
    )


@page(audience=Audience.DESK, discloses=("request.title", "request.detail"), permission=Desk.WORK_QUEUE)
def request_page(request: Request, request_id: int) -> HttpResponseBase:
    scope: Scope = request.scope
    row = get_object_or_404(_mine(scope).select_related("owner"), pk=request_id)
    form = RequestForm(request.POST or None, statuses=sorted(REQUEST_TRANSITIONS[row.status]))
    if request.method == "POST" and form.is_valid():
        status, text = form.cleaned_data["status"], form.cleaned_data["text"]
        try:
            if status:
                desk.change_status(request_id=row.pk, status=status, by=scope, text=text)
            elif text:
                desk.remark(request=row, by=scope, text=text)
        except desk.NotAllowed:
            row.refresh_from_db()
            form.add_error(None, CHANGED_MEANWHILE)
        else:
            messages.success(request, _("Saved."))
            return redirect("desk:request", row.pk)
    remarks = list(row.remarks.order_by("id"))
    people = User.objects.in_bulk([int(r.by.removeprefix("user:")) for r in remarks if r.by.startswith("user:")])
    names = {f"user:{user.pk}": user.display_name for user in people.values()}
    kind = desk.kind_of(row)
    disclose(request, subjects=[("desk_request", row.pk)])
    return TemplateResponse(
        request,
        "portals/desk_request.html",
        {
            "queues": _queues(scope, row.team),
            "row": row,
            "kind_label": kind.label,
            "own_url": kind.url(row) if kind.url else "",
            "details": [(name.replace("_", " ").capitalize(), value) for name, value in row.detail.items()],
            "tone": TONES[RequestStatus(row.status)],
            "remarks": [{"row": remark, "who": names.get(remark.by, _("The system"))} for remark in remarks],
            "form": form,
        },
    )


@page(audience=Audience.DESK, discloses=NOTHING, permission=Desk.MOVE_CLOCK)
def business_date(request: Request) -> HttpResponseBase:
    """The demo's business date, moved from the desk; a real plan follows the calendar and has no such page."""
    if not clock.movable():
        raise Http404
    form = BusinessDateForm(request.POST or None, today=clock.today())
    if request.method == "POST" and form.is_valid():
        clock.move_to(form.cleaned_data["business_date"], by=request.scope)
        messages.success(request, _("The business date is moved."))
        return redirect("desk:business_date")
    return TemplateResponse(request, "portals/business_date.html", {"form": form, "queues": _queues(request.scope, "")})
