"""Manage users: the employer's own people, invited and removed by its administrators."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from employers import queries
from employers.access import Employer
from employers.actions import users
from employers.enums import EmployerRole
from employers.models import EmployerUser
from portals.access_reviews import queries as review_queries
from portals.enums import InvitationState, Topic
from portals.help import directory as help_directory
from portals.http import Request
from portals.invitations import actions as invitations
from portals.invitations import kinds as invitation_kinds
from portals.invitations import queries as invitation_queries
from portals.invitations.forms import InviteForm
from portals.invitations.kinds import Invitee
from portals.invitations.views import follow
from portals.pages import NOTHING, Audience, page
from portals.plan import clock
from portals.step_up import RECENTLY


@page(
    audience=Audience.EMPLOYER,
    discloses=NOTHING,
    permission=Employer.SEE_MANAGERS,
    label=gettext_lazy("Employer's users"),
)
def user_list(request: Request) -> HttpResponseBase:
    """Administrators see everybody and who is invited; everyone else sees who manages access."""
    manages = Employer.MANAGE_USERS in request.scope.permissions
    rows = queries.colleagues(request.scope)
    waiting = invitation_queries.visible_to(request.scope).filter(accepted_at=None, ended_at=None) if manages else []
    return TemplateResponse(
        request,
        "employers/users.html",
        {
            "rows": rows,
            "managers": [row for row in rows if row.role == EmployerRole.ADMINISTRATOR],
            "manages": manages,
            "review": review_queries.banner(request.scope, as_of=clock.today()),
            "me_id": request.scope.user_id,
            "invited": [
                {
                    "row": row,
                    "role": EmployerRole(row.role).label,
                    "late": invitation_queries.state(row) is InvitationState.EXPIRED,
                }
                for row in waiting
            ],
            "contact": help_directory.contact_for(request.scope, Topic.CLIENT_MANAGEMENT, as_of=clock.today()),
        },
    )


@page(
    audience=Audience.EMPLOYER,
    discloses=NOTHING,
    permission=Employer.MANAGE_USERS,
    step_up=RECENTLY,
    label=gettext_lazy("Inviting a user of an employer"),
)
def invite(request: Request) -> HttpResponseBase:
    assert request.scope.party is not None
    form = InviteForm(request.POST or None, roles=EmployerRole.choices)
    if request.method == "POST" and form.is_valid():
        invitee = Invitee(party=request.scope.party, **form.cleaned_data)
        try:
            row = invitations.invite(by=request.scope, kind=users.KIND, invitee=invitee)
        except invitation_kinds.AlreadyThere:
            form.add_error("email", _("The person with this address has access here already."))
        else:
            messages.success(request, _("The invitation is on its way to %(email)s.") % {"email": row.email})
            return redirect("employers:users")
    return TemplateResponse(request, "employers/user_invite.html", {"form": form})


@page(
    audience=Audience.EMPLOYER,
    discloses=NOTHING,
    permission=Employer.MANAGE_USERS,
    step_up=RECENTLY,
    label=gettext_lazy("Removing a user of an employer"),
)
def remove(request: Request, place_id: int) -> HttpResponseBase:
    row = next((each for each in queries.colleagues(request.scope) if each.id == place_id), None)
    if row is None:
        raise Http404
    last = False
    if request.method == "POST":
        try:
            users.remove(by=request.scope, place_id=place_id)
        except EmployerUser.DoesNotExist as gone:
            raise Http404 from gone
        except users.LastAdministrator:
            last = True
        else:
            messages.success(request, _("%(name)s no longer has access.") % {"name": row.name})
            return redirect("door:home" if row.user_id == request.scope.user_id else "employers:users")
    contact = help_directory.contact_for(request.scope, Topic.CLIENT_MANAGEMENT, as_of=clock.today())
    return TemplateResponse(request, "employers/user_remove.html", {"row": row, "last": last, "contact": contact})


@page(
    audience=Audience.EMPLOYER,
    discloses=NOTHING,
    permission=Employer.MANAGE_USERS,
    step_up=RECENTLY,
    label=gettext_lazy("Invitation of an employer"),
)
def invited(request: Request, invitation: uuid.UUID) -> HttpResponseBase:
    """An invitation that waits: send it again, or take it back."""
    row = get_object_or_404(invitation_queries.visible_to(request.scope), uuid=invitation)
    if request.method == "POST":
        follow(request, row)
        return redirect("employers:users")
    return TemplateResponse(
        request,
        "employers/user_invited.html",
        {"row": row, "role": EmployerRole(row.role).label, "state": invitation_queries.state(row)},
    )
