""" "This was not me": the answer to a notice, from a mail's link or with the letters of a printed one."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from portals.enums import NoticeKind, Topic
from portals.help import directory as help_directory
from portals.http import Request
from portals.login import notices, rate_limits
from portals.login.forms import NoticeForm
from portals.pages import NOTHING, Audience, page
from portals.plan.clock import today


@page(audience=Audience.ANYONE, discloses=NOTHING)
def type_token(request: Request) -> HttpResponseBase:
    """For a letter: its letters are typed here."""
    form = NoticeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return redirect("door:not_me", token=form.cleaned_data["token"])
    return TemplateResponse(request, "door/not_me_token.html", {"form": form})


@page(audience=Audience.ANYONE, discloses=NOTHING)
def not_me(request: Request, token: str) -> HttpResponseBase:
    """Says what happened and what the button does; only the button does it: mail programs open links by themselves."""
    source = request.scope.source
    if not rate_limits.allowed(door="not_me", identifier=source, address=source):  # nobody closes this page for others
        return TemplateResponse(request, "door/too_many.html", status=429)
    notice = notices.find(token)
    if notice is None:
        rate_limits.count(door="not_me", identifier=source, address=source)
    elif request.method == "POST":
        notices.deny(notice, by=request.scope)
        notice.refresh_from_db()
    contact = help_directory.contact_for(request.scope, Topic.PRIVACY, as_of=today())
    return TemplateResponse(
        request,
        "door/not_me.html",
        {
            "notice": notice,
            "kind": NoticeKind(notice.kind) if notice else None,
            "registered": notice is not None and notice.kind == NoticeKind.REGISTERED,
            "contact": contact,
        },
        status=200 if notice else 404,
    )
