"""Asking for portal access without having any: the state's form, filed with channel compensation."""

from __future__ import annotations

import re

from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from portals.help import directory as help_directory
from portals.http import Request
from portals.login import rate_limits
from portals.pages import NOTHING, Audience, page
from portals.plan import clock
from producers.desk.request_kinds import portal_access
from producers.enums import FormState
from producers.forms.access_request import StateForm, form_for

DOOR = "access_request"
SENT = "access_request_sent"  # in the session: the number of what this browser sent last


@page(audience=Audience.ANYONE, discloses=NOTHING)
def ask(request: Request) -> HttpResponseBase:
    """First the state, then its form. Whoever sent it reads how far it is at the address that is mailed to them, and
    nowhere else: a form typed with another's e-mail opens nothing to its sender."""
    state = request.GET.get("state", "")
    if state not in FormState.values:
        return _choose(request)
    form = form_for(state)(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        mailbox = re.sub(r"\+.*@", "@", data["email"])
        source = request.scope.source
        if not rate_limits.allowed(door=DOOR, identifier=mailbox, address=source, per_identifier=5, per_address=20):
            return TemplateResponse(request, "door/too_many.html", status=429)
        rate_limits.count(door=DOOR, identifier=mailbox, address=source, right=True)
        row = portal_access.ask(by=request.scope, data={**data, "state": state})
        request.session[SENT] = row.number
        return redirect("producers:access_request_sent")
    return TemplateResponse(
        request, "producers/access_request.html", {"form": form, "state": FormState(state), "contact": _contact()}
    )


def _choose(request: Request) -> HttpResponseBase:
    form = StateForm(request.GET if "state" in request.GET else None)
    return TemplateResponse(request, "producers/access_request_state.html", {"form": form, "contact": _contact()})


@page(audience=Audience.ANYONE, discloses=NOTHING)
def sent(request: Request) -> HttpResponseBase:
    number = request.session.get(SENT)
    if number is None:
        return redirect("producers:access_request")
    return TemplateResponse(request, "producers/access_request_sent.html", {"number": number, "contact": _contact()})


def _contact() -> help_directory.Contact | None:
    return help_directory.contact("channel-compensation", audience="producer", as_of=clock.today())
