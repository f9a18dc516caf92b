"""The desk's invitations: each team invites into the organizations that it looks after."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.enums import Kind
from portals.access import Desk
from portals.enums import InvitationState
from portals.files import csv_export
from portals.http import Request
from portals.invitations import actions as invitations
from portals.invitations import kinds as invitation_kinds
from portals.invitations import queries as invitation_queries
from portals.invitations.forms import InvitationFilter, InviteForm
from portals.invitations.kinds import Invitee, Organization
from portals.models import Invitation
from portals.pages import NOTHING, Audience, disclose, page
from portals.plan.periods import PLAN_ZONE
from portals.scope import PartyRef, Scope
from portals.step_up import ONCE_A_SESSION, RECENTLY

PAGE = 50
NAMES = ("invitation.name", "invitation.email")
TONES = {
    InvitationState.OPEN: "info",
    InvitationState.ACCEPTED: "success",
    InvitationState.EXPIRED: "warn",
    InvitationState.WITHDRAWN: "neutral",
}


def _filtered(scope: Scope, form: InvitationFilter) -> QuerySet[Invitation]:
    """What search and filter leave; anything not understood filters nothing."""
    rows = invitation_queries.visible_to(scope)
    if not form.is_valid():
        return rows
    query, state = form.cleaned_data["q"].strip(), form.cleaned_data["state"]
    if state:
        rows = invitation_queries.in_state(rows, InvitationState(state))
    if query:
        where = Q(email__icontains=query) | Q(given_name__icontains=query) | Q(family_name__icontains=query)
        parties = [party for kind in invitation_kinds.open_to(scope).values() if (party := kind.find(query))]
        rows = rows.filter(where | Q(party__in=[str(party) for party in parties]))
    return rows


def _shown(rows: Iterable[Invitation]) -> list[dict[str, Any]]:
    """With the organizations' names: one query for each kind, however many rows."""
    listed = list(rows)
    names: dict[str, Organization] = {}
    for name in {row.kind for row in listed}:
        of_kind = [row for row in listed if row.kind == name]
        parties = {PartyRef.parse(row.party) for row in of_kind}
        found = invitation_kinds.kind_of(of_kind[0]).named({party.id for party in parties})
        names |= {str(party): found[party.id] for party in parties}
    return [_one(row, names[row.party]) for row in listed]


def _one(row: Invitation, organization: Organization) -> dict[str, Any]:
    state, kind = invitation_queries.state(row), invitation_kinds.kind_of(row)
    return {
        "row": row,
        "name": f"{row.given_name} {row.family_name}",
        "organization": organization,
        "kind": kind,
        "role": kind.role_label(row.role),
        "state": state,
        "tone": TONES[state],
    }


@page(audience=Audience.DESK, discloses=NAMES, permission=Desk.SEE_INVITATIONS, label=gettext_lazy("Invitations"))
def invitation_list(request: Request) -> HttpResponseBase:
    form = InvitationFilter(request.GET or None)
    rows = Paginator(_filtered(request.scope, form), PAGE).get_page(request.GET.get("page"))
    disclose(request, subjects=[("invitation", row.pk) for row in rows])
    filters = request.GET.copy()
    filters.pop("page", None)
    return TemplateResponse(
        request,
        "portals/invitations.html",
        {
            "form": form,
            "rows": rows,
            "shown": _shown(rows),
            "total": rows.paginator.count,
            "query": filters.urlencode(),
            "clear": any(filters.values()),
            "kinds": invitation_kinds.open_to(request.scope).items(),
        },
    )


@page(
    audience=Audience.DESK,
    discloses=NAMES,
    permission=Desk.SEE_INVITATIONS,
    kind=Kind.EXPORT,
    step_up=ONCE_A_SESSION,
    label=gettext_lazy("Invitations as a file"),
)
def invitation_csv(request: Request) -> HttpResponseBase:
    """Exactly the list that the page shows."""
    rows = list(_filtered(request.scope, InvitationFilter(request.GET or None)))
    disclose(request, subjects=[("invitation", row.pk) for row in rows], rows=len(rows))
    head = ("organization", "number", "name", "email", "role", "state", "invited", "good_until", "accepted")
    return csv_export.answer("invitations.csv", head, [_line(each) for each in _shown(rows)])


def _line(each: dict[str, Any]) -> tuple[object, ...]:
    row, organization = each["row"], each["organization"]
    return (
        organization.name,
        organization.number,
        each["name"],
        row.email,
        row.role,
        each["state"].value,
        _day(row.created_at),
        _day(row.expires_at),
        _day(row.accepted_at),
    )


def _day(at: Any) -> str:
    return timezone.localtime(at, PLAN_ZONE).date().isoformat() if at else ""


@page(
    audience=Audience.DESK,
    discloses=NOTHING,
    permission=Desk.SEE_INVITATIONS,
    step_up=RECENTLY,
    label=gettext_lazy("Inviting somebody"),
)
def invite(request: Request, kind: str) -> HttpResponseBase:
    """A new one; the organization is found by the number that people know it by."""
    invitation_kind = invitation_kinds.open_to(request.scope).get(kind)
    if invitation_kind is None:
        raise Http404
    roles = [(value, label) for value, label in invitation_kind.roles if value in invitation_kind.desk_roles]
    form = InviteForm(request.POST or None, roles=roles, number_label=invitation_kind.number_label)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        party = invitation_kind.find(data.pop("number").strip())
        if party is None:
            form.add_error("number", _("We know nobody under this number. Check it."))
        else:
            try:
                row = invitations.invite(by=request.scope, kind=kind, invitee=Invitee(party=party, **data))
            except invitation_kinds.AlreadyThere:
                form.add_error("email", _("The person with this address has access there already."))
            else:
                messages.success(request, _("The invitation is on its way to %(email)s.") % {"email": row.email})
                return redirect("desk:invitation", row.uuid)
    return TemplateResponse(request, "portals/invitation_new.html", {"form": form, "kind": invitation_kind})


@page(
    audience=Audience.DESK,
    discloses=NAMES,
    permission=Desk.SEE_INVITATIONS,
    step_up=RECENTLY,
    label=gettext_lazy("An invitation"),
)
def invitation(request: Request, invitation: uuid.UUID) -> HttpResponseBase:
    """One invitation: send it again, or take it back."""
    row = get_object_or_404(invitation_queries.visible_to(request.scope), uuid=invitation)
    if request.method == "POST":
        return redirect("desk:invitation", follow(request, row).uuid)
    disclose(request, subjects=[("invitation", row.pk)])
    return TemplateResponse(
        request, "portals/invitation.html", {**_one(row, invitation_kinds.organization(row)), "State": InvitationState}
    )


def follow(request: Request, row: Invitation) -> Invitation:
    """What the buttons of an invitation's page do, at the desk and in an organization; the invitation that is next."""
    do = request.POST.get("do", "")
    try:
        if do == "again":
            row = invitations.again(by=request.scope, invitation=row)
            messages.success(request, _("A new link is on its way to %(email)s.") % {"email": row.email})
        elif do == "withdraw":
            invitations.withdraw(by=request.scope, invitation=row)
            messages.success(request, _("The invitation is withdrawn."))
    except (invitation_kinds.NotOpen, invitation_kinds.AlreadyThere):
        messages.error(request, _("Nothing was done: the person has accepted, or somebody else was quicker."))
    return row
