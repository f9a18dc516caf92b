"""The help desk's page for a caller who cannot sign in: first the caller's own username, then what can be done."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portals.access import Desk
from portals.enums import CallerCheck, HelpStep
from portals.forms import TAKEN_WORDS
from portals.help import directory as help_directory
from portals.help.directory import Contact
from portals.http import Request
from portals.memberships import Manager
from portals.models import User
from portals.pages import NOTHING, Audience, disclose, page
from portals.plan import clock
from portals.sign_in_help import actions as sign_in_help
from portals.sign_in_help.forms import HelpForm, LookUpForm
from portals.step_up import ONCE_A_SESSION

FOUND = "sign_in_help"  # in the session: the account that the caller named; no address opens one by its number


@page(audience=Audience.DESK, discloses=NOTHING, permission=Desk.HELP_SIGN_IN, label=gettext_lazy("Sign-in help"))
def look_up(request: Request) -> HttpResponseBase:
    form = LookUpForm(request.POST or None)
    missing = False
    request.session.pop(FOUND, None)
    if request.method == "POST" and form.is_valid():
        user = sign_in_help.look_up(by=request.scope, typed=form.cleaned_data["account"])
        if user is not None:
            request.session[FOUND] = user.pk
            return redirect("desk:sign_in_help_account")
        missing = True
    return TemplateResponse(
        request,
        "portals/sign_in_help.html",
        {
            "form": form,
            "missing": missing,
            "sees_as": Desk.VIEW_AS in request.scope.permissions,
            **whom_to_ask(clock.today()),
        },
    )


def whom_to_ask(as_of: dt.date) -> dict[str, Contact | None]:
    """Where a caller without an own username is sent, by whom they work for."""
    return {
        "members": help_directory.contact("member-services", audience="member", as_of=as_of),
        "employers": help_directory.contact("client-management", audience="employer", as_of=as_of),
        "producers": help_directory.contact("channel-compensation", audience="producer", as_of=as_of),
        "providers": help_directory.contact("customer-care", audience="provider", as_of=as_of),
    }


@page(
    audience=Audience.DESK,
    discloses=("user.name", "user.username", "user.email"),
    permission=Desk.HELP_SIGN_IN,
    step_up=ONCE_A_SESSION,
    label=gettext_lazy("An account in sign-in help"),
)
def account(request: Request) -> HttpResponseBase:
    user = User.objects.filter(pk=request.session.get(FOUND, 0)).first()
    if user is None:
        return redirect("desk:sign_in_help")
    card = sign_in_help.card(user)
    form = HelpForm(request.POST or None, steps=card.steps, initial={"account": user.pk})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        if data["account"] != user.pk:  # another window looked up somebody else meanwhile
            messages.error(request, _("Another account was looked up meanwhile. Nothing was done: look it up again."))
            return redirect("desk:sign_in_help")
        try:
            sign_in_help.help_caller(
                by=request.scope,
                user=user,
                step=HelpStep(data["step"]),
                check=CallerCheck(data["check"]),
                note=data["note"],
                email=data["email"],
            )
        except sign_in_help.AddressTaken:
            form.add_error("email", TAKEN_WORDS["email"])
        except sign_in_help.NoHelpPossible:
            form.add_error("step", _("There is nothing to do there any more. Look at the account again."))
        else:
            messages.success(request, _("Done, recorded, and told to the account's address where it is confirmed."))
            return redirect("desk:sign_in_help_account")
    managers = {manager.user_id for each in card.managed_by for manager in each.managed[0].people}
    disclose(request, subjects=[("user", pk) for pk in (user.pk, *sorted(managers))])
    return TemplateResponse(
        request,
        "portals/sign_in_help_account.html",
        {
            "card": card,
            "form": form,
            "managers": _managers(card),
            "explains": Desk.EXPLAIN_ACCESS in request.scope.permissions,
            "sees_as": Desk.VIEW_AS in request.scope.permissions,
        },
    )


def _managers(card: sign_in_help.Card) -> list[tuple[str, Sequence[Manager], help_directory.Contact | None]]:
    """Where, who manages the access there, and whom of the plan to call where nobody does. A query for each kind of
    organization at most."""
    today = clock.today()
    return [
        (each.label, managed.people, help_directory.behind(managed, portal=each.portal, as_of=today))
        for each in card.managed_by
        for managed in each.managed
    ]
