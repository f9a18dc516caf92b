"""Seeing a portal as one of its users: whose account, which place, why; and the way out."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portals.access import Desk
from portals.exceptional_access import view_as
from portals.exceptional_access.forms import ViewAsForm, ViewedForm
from portals.http import Request
from portals.memberships import Membership
from portals.models import User
from portals.pages import NOTHING, Audience, disclose, page
from portals.plan.brand import brand
from portals.step_up import RECENTLY

FOUND = "view_as"  # in the session: the account that was named; no address opens one by its number


@page(
    audience=Audience.DESK, discloses=NOTHING, permission=Desk.VIEW_AS, label=gettext_lazy("Seeing a portal as a user")
)
def look_up(request: Request) -> HttpResponseBase:
    form = ViewedForm(request.POST or None)
    request.session.pop(FOUND, None)
    if request.method == "POST" and form.is_valid():
        user = view_as.look_up(by=request.scope, typed=form.cleaned_data["account"])
        if user is not None:
            request.session[FOUND] = user.pk
            return redirect("desk:view_as_begin")
        form.add_error("account", _("No account has this username or e-mail. That you looked is recorded."))
    return TemplateResponse(request, "portals/view_as.html", {"form": form})


def _key(membership: Membership) -> str:
    return f"{membership.portal.value}|{membership.party or ''}"


@page(
    audience=Audience.DESK,
    discloses=("user.name", "user.username"),
    permission=Desk.VIEW_AS,
    step_up=RECENTLY,
    label=gettext_lazy("Beginning to see a portal as a user"),
)
def begin(request: Request) -> HttpResponseBase:
    viewed = User.objects.filter(pk=request.session.get(FOUND, 0), is_active=True).first()
    if viewed is None:
        return redirect("desk:view_as")
    places = {_key(each): each for each in view_as.memberships(request.scope, viewed)}
    names = brand()["portal_names"]
    words = [
        (key, " · ".join(filter(None, (names.get(each.portal.value, ""), each.label)))) for key, each in places.items()
    ]
    form = ViewAsForm(request.POST or None, places=words, initial={"account": viewed.pk})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        if data["account"] != viewed.pk:  # another window looked up somebody else meanwhile
            messages.error(request, _("Another account was looked up meanwhile. Nothing was done: look it up again."))
            return redirect("desk:view_as")
        membership = places[data["place"]]
        view_as.begin(
            request,
            by=request.scope,
            viewed=viewed,
            membership=membership,
            reason=data["reason"],
            ticket=data["ticket"],
        )
        return redirect(view_as.home(membership.portal))
    disclose(request, subjects=[("user", viewed.pk)])
    return TemplateResponse(
        request,
        "portals/view_as_begin.html",
        {"viewed": viewed, "form": form if words else None, "minutes": view_as.minutes()},
    )


@page(audience=Audience.DESK, discloses=NOTHING)
def end(request: Request) -> HttpResponseBase:
    """The way out: a form on every page meanwhile."""
    if request.method == "POST":
        view_as.end(request, by=request.scope)
        messages.success(request, _("You see your own pages again."))
        return redirect("desk:view_as" if Desk.VIEW_AS in request.scope.permissions else "desk:home")
    return redirect("desk:home")
