"""Who may do what, and who is in which team."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.enums import Kind
from portals.access import TEAM_PERMISSIONS, Desk
from portals.enums import Team
from portals.files import csv_export
from portals.http import Request
from portals.models import StaffRole
from portals.pages import NOTHING, Audience, disclose, page
from portals.plan.periods import plan_date
from portals.staff import actions as staff
from portals.staff.forms import ProposeForm, StaffFilter
from portals.step_up import ONCE_A_SESSION, RECENTLY

PAGE = 50
NAMES = ("user.name", "user.username")


@page(audience=Audience.DESK, discloses=NOTHING, permission=Desk.WORK_QUEUE, label=gettext_lazy("Who may do what"))
def roles(request: Request) -> HttpResponseBase:
    """The table that an auditor reads; no person in it."""
    mine = {permission.removeprefix("team:") for permission in request.scope.permissions}
    return TemplateResponse(
        request,
        "portals/roles.html",
        {
            "rows": [(row.label, [team for team in Team if row in TEAM_PERMISSIONS[team]]) for row in Desk],
            "teams": [(team, team.value in mine) for team in Team],
            "sees_people": Desk.MANAGE_STAFF in request.scope.permissions,
        },
    )


@page(
    audience=Audience.DESK,
    discloses=NOTHING,
    permission=Desk.WORK_QUEUE,
    kind=Kind.EXPORT,
    step_up=ONCE_A_SESSION,
    label=gettext_lazy("Who may do what, as a file"),
)
def roles_csv(request: Request) -> HttpResponseBase:
    head = ("permission", "meaning", *Team.values)
    rows = [(row.value, row.label, *("yes" if row in TEAM_PERMISSIONS[team] else "" for team in Team)) for row in Desk]
    return csv_export.answer("who-may-do-what.csv", head, rows)


def _filtered(request: Request) -> tuple[StaffFilter, list[staff.Place]]:
    form = StaffFilter(request.GET or None)
    criteria = form.cleaned_data if form.is_valid() else {}
    return form, staff.places(
        request.scope,
        team=criteria.get("team", ""),
        query=criteria.get("q", "").replace("\0", ""),
        former=criteria.get("state") == "former",
    )


@page(audience=Audience.DESK, discloses=NAMES, permission=Desk.MANAGE_STAFF, label=gettext_lazy("Plan staff"))
def staff_list(request: Request) -> HttpResponseBase:
    form, results = _filtered(request)
    rows = Paginator(results, PAGE).get_page(request.GET.get("page"))
    proposals = list(staff.waiting(request.scope))
    people = [*(row.user_id for row in rows), *(row.user_id for row in proposals)]
    disclose(request, subjects=[("user", pk) for pk in people])
    filters = request.GET.copy()
    filters.pop("page", None)
    return TemplateResponse(
        request,
        "portals/staff.html",
        {
            "form": form,
            "rows": rows,
            "total": len(results),
            "proposals": [(row, Team(row.team).label, staff.may_decide(request.scope, row)) for row in proposals],
            "query": filters.urlencode(),
            "clear": any(filters.values()),
            "former": filters.get("state") == "former",
            "reads_ledger": Desk.READ_LEDGER in request.scope.permissions,
        },
    )


@page(
    audience=Audience.DESK,
    discloses=NAMES,
    permission=Desk.MANAGE_STAFF,
    kind=Kind.EXPORT,
    step_up=ONCE_A_SESSION,
    label=gettext_lazy("Plan staff as a file"),
)
def staff_csv(request: Request) -> HttpResponseBase:
    """Exactly the list that the page shows."""
    _form, rows = _filtered(request)
    disclose(request, subjects=[("user", row.user_id) for row in rows], rows=len(rows))
    head = ("team", "name", "username", "since", "until")
    return csv_export.answer(
        "plan-staff.csv",
        head,
        [
            (row.team.value, row.name, row.username, plan_date(row.since), plan_date(row.ended) if row.ended else "")
            for row in rows
        ],
    )


@page(
    audience=Audience.DESK,
    discloses=NOTHING,
    permission=Desk.MANAGE_STAFF,
    step_up=RECENTLY,
    label=gettext_lazy("Proposing somebody for a team"),
)
def propose(request: Request) -> HttpResponseBase:
    form = ProposeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = staff.account(form.cleaned_data["account"])
        if user is None:
            form.add_error("account", _("No open work account has this username or e-mail."))
        else:
            try:
                staff.propose(by=request.scope, user=user, team=Team(form.cleaned_data["team"]))
            except staff.AlreadyThere:
                form.add_error("team", _("The person is in this team already, or proposed for it."))
            else:
                messages.success(request, _("Proposed. A second person of the privacy officer's team decides."))
                return redirect("desk:staff")
    return TemplateResponse(request, "portals/staff_propose.html", {"form": form})


@page(
    audience=Audience.DESK,
    discloses=NAMES,
    permission=Desk.MANAGE_STAFF,
    step_up=RECENTLY,
    label=gettext_lazy("A proposal for a team"),
)
def proposal(request: Request, proposal_id: int) -> HttpResponseBase:
    row = get_object_or_404(staff.waiting(request.scope), pk=proposal_id)
    decision = request.POST.get("decision")
    if decision in ("give", "decline"):
        try:
            staff.decide(by=request.scope, proposal_id=row.pk, give=decision == "give")
        except staff.Decided:
            messages.error(request, _("Somebody else was quicker."))
        else:
            messages.success(request, _("The person is in the team.") if decision == "give" else _("Declined."))
        return redirect("desk:staff")
    disclose(request, subjects=[("user", row.user_id), ("user", row.proposed_by_id)])
    team = Team(row.team)
    return TemplateResponse(
        request,
        "portals/staff_proposal.html",
        {
            "row": row,
            "team": team,
            "permissions": Desk.labels(TEAM_PERMISSIONS[team]),
            "may_decide": staff.may_decide(request.scope, row),
        },
    )


@page(
    audience=Audience.DESK,
    discloses=NAMES,
    permission=Desk.MANAGE_STAFF,
    step_up=RECENTLY,
    label=gettext_lazy("Ending a place in a team"),
)
def end(request: Request, place_id: int) -> HttpResponseBase:
    row: Any = next((each for each in staff.places(request.scope) if each.id == place_id), None)
    if row is None:
        raise Http404
    last = False
    if request.method == "POST":
        try:
            staff.end(by=request.scope, place_id=place_id)
        except StaffRole.DoesNotExist as gone:
            raise Http404 from gone
        except staff.LastOne:
            last = True
        else:
            messages.success(request, _("%(name)s is no longer in this team.") % {"name": row.name})
            return redirect("door:home" if row.user_id == request.scope.user_id else "desk:staff")
    disclose(request, subjects=[("user", row.user_id)])
    return TemplateResponse(request, "portals/staff_end.html", {"row": row, "last": last})
