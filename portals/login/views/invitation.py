"""An invitation's link: who invites to what, and the two ways in. Looking at it consumes nothing."""

from __future__ import annotations

from dataclasses import replace

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from portals import users
from portals.enums import InvitationState, Topic, UserKind
from portals.help import directory as help_directory
from portals.http import Request
from portals.invitations import actions as invitations
from portals.invitations import kinds as invitation_kinds
from portals.invitations import queries as invitation_queries
from portals.invitations.forms import InvitedForm
from portals.login import arrival, emails, rate_limits
from portals.models import Invitation, User
from portals.pages import NOTHING, Audience, page
from portals.plan.clock import today
from portals.scope import NOBODY, PartyRef


@page(audience=Audience.ANYONE, discloses=NOTHING)
def invitation(request: Request, token: str) -> HttpResponseBase:
    source = request.scope.source
    if not rate_limits.allowed(door="invitation", identifier=source, address=source):
        return TemplateResponse(request, "door/too_many.html", status=429)
    row = invitation_queries.find(token)
    if row is None:
        rate_limits.count(door="invitation", identifier=source, address=source)
        return _closed(request, None)
    if invitation_queries.state(row) is not InvitationState.OPEN or not invitation_queries.vouched(row):
        return _closed(request, row)
    try:
        if request.scope.user_id is None:
            return _newcomer(request, row)
        return _known(request, row)
    except invitation_kinds.NotOpen:  # another tab was quicker
        row.refresh_from_db()
        return _closed(request, row)


def _closed(request: Request, row: Invitation | None) -> HttpResponseBase:
    state = invitation_queries.state(row) if row else None
    if state is InvitationState.OPEN:  # its sender may not invite any more
        state = InvitationState.WITHDRAWN
    mine = row is not None and row.accepted_by_id is not None and row.accepted_by_id == request.scope.user_id
    return TemplateResponse(
        request,
        "door/invitation_closed.html",
        {"state": state, "State": InvitationState, "mine": mine},
        status=410 if row else 404,
    )


def _newcomer(request: Request, row: Invitation) -> HttpResponseBase:
    """Nobody is signed in: an own account here, or sign in with the one that the person has."""
    taken = emails.taken(User(), row.email)
    form = InvitedForm(request.POST or None, invitation=row, taken=taken)
    if request.method == "POST" and form.is_valid():
        identifier, source = str(row.pk), request.scope.source
        if not rate_limits.allowed(door="invited", identifier=identifier, address=source):
            return TemplateResponse(request, "door/too_many.html", status=429)
        data = form.cleaned_data
        try:
            user = invitations.accept_as_new(
                by=request.scope,
                invitation=row,
                username=data["username"],
                password=data["password"],
                email=data.get("email") or row.email,
                given_name=data["given_name"],
                family_name=data["family_name"],
            )
        except users.TakenError as error:
            # One link is not to ask for every username that exists.
            rate_limits.count(door="invited", identifier=identifier, address=source)
            taken = taken or "email" in error.fields
            form = InvitedForm(request.POST, invitation=row, taken=taken)
            form.say_taken(error.fields)
        else:
            arrival.let_in(request, user)
            return redirect("door:home")
    return _open(request, row, form=form, taken=taken)


def _known(request: Request, row: Invitation) -> HttpResponseBase:
    """Somebody is signed in: one button adds the new place to a work account."""
    user: User = request.user
    there = False
    if request.method == "POST" and user.kind == UserKind.WORK:
        if request.scope.must_set_up:  # whoever else knows an initial password gets no new place with it
            return redirect(request.scope.must_set_up)
        try:
            invitations.accept(by=request.scope, invitation=row, user=user)
        except invitation_kinds.AlreadyThere:
            there = True
        else:
            messages.success(
                request,
                _("%(organization)s is added to your account.")
                % {"organization": invitation_kinds.organization(row).name},
            )
            return redirect("door:home")
    return _open(request, row, form=None, there=there)


def _open(
    request: Request, row: Invitation, *, form: InvitedForm | None, taken: bool = False, there: bool = False
) -> HttpResponseBase:
    kind = invitation_kinds.kind_of(row)
    there_as = replace(NOBODY, portal=kind.portal, party=PartyRef.parse(row.party))
    return TemplateResponse(
        request,
        "door/invitation.html",
        {
            "row": row,
            "organization": invitation_kinds.organization(row),
            "kind": kind,
            "role": kind.invited.role_label(row.role),
            "form": form,
            "taken": taken,
            "there": there,
            "member": form is None and request.user.kind == UserKind.MEMBER,
            "sign_in_url": f"{reverse('door:sign_in')}?{urlencode({'next': request.path})}",
            "contact": help_directory.contact_for(there_as, Topic.PORTAL, as_of=today()),
        },
    )
