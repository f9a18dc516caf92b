"""Passwords: the change of one's own, and the way back for who forgot it."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit import actions as audit
from audit.enums import Kind
from portals import step_up
from portals.enums import NoticeKind
from portals.forms import NewPasswordForm
from portals.http import Request
from portals.login import factors, notices, rate_limits, reset
from portals.login.forms import ForgottenForm, ResetForm
from portals.pages import NOTHING, Audience, page
from portals.scope import PartyRef
from portals.sessions import log as session_log
from portals.sessions import scope as session_scope
from portals.sessions import session_ends

ASKED = "reset"  # in the session: what the code is for, of nobody as of somebody


@page(audience=Audience.SETUP, discloses=NOTHING, label=gettext_lazy("Changing the password"))
def change_password(request: Request) -> HttpResponseBase:
    """An initial password is replaced before any other page opens; anyone may come here to change their own, once
    they have shown that they are there: an open screen is not enough."""
    forced = request.user.must_change_password
    if not forced and not session_scope.stepped_up(request, within=step_up.RECENTLY):
        return redirect(session_scope.step_up_url(request))
    form = NewPasswordForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        request.user.set_password(form.cleaned_data["password"])
        request.user.must_change_password = False
        request.user.save(update_fields=["password", "must_change_password"])
        factors.forget_waiting(request.user)  # whoever knew the initial password may have seen its key
        session_ends.everywhere(request.user, by=request.scope, but=request.session.session_key or "")
        former_key = request.session.session_key or ""
        update_session_auth_hash(request, request.user)
        session_log.rekeyed(request, former_key)
        audit.record(
            kind=Kind.CHANGE,
            action="door:change_password",
            object_kind="user",
            object_id=str(request.user.pk),
            **request.scope.audit(),
        )
        if not forced:
            notices.tell(request.user, NoticeKind.PASSWORD)
        messages.success(request, _("Your password is changed."))
        return redirect("door:home" if forced else "door:security")
    return TemplateResponse(request, "door/change_password.html", {"form": form})


@page(audience=Audience.ANYONE, discloses=NOTHING)
def forgotten(request: Request) -> HttpResponseBase:
    """Which account? The answer is the same whether there is one."""
    form = ForgottenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        typed, source = form.cleaned_data["account"], request.scope.source
        if not rate_limits.allowed(door="forgotten", identifier=typed, address=source):
            return TemplateResponse(request, "door/too_many.html", status=429)
        rate_limits.count(door="forgotten", identifier=typed, address=source)  # every try counts
        request.session[ASKED] = str(reset.ask(by=request.scope, typed=typed))
        return redirect("door:reset")
    return TemplateResponse(request, "door/forgotten.html", {"form": form})


@page(audience=Audience.ANYONE, discloses=NOTHING)
def reset_password(request: Request) -> HttpResponseBase:
    """The code from the mail and the new password."""
    if ASKED not in request.session:
        return redirect("door:forgotten")
    asked = request.session[ASKED]
    form = ResetForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        source = request.scope.source
        if not rate_limits.allowed(door="reset", identifier=asked, address=source):
            return TemplateResponse(request, "door/too_many.html", status=429)
        user = reset.set_password(
            by=request.scope,
            asked=PartyRef.parse(asked),
            code=form.cleaned_data["code"],
            password=form.cleaned_data["password"],
        )
        if user is not None:
            del request.session[ASKED]
            messages.success(
                request,
                _("Your password is changed. Sign in with it; your username is %(username)s.")
                % {"username": user.get_username()},
            )
            return redirect("door:sign_in")
        rate_limits.count(door="reset", identifier=asked, address=source)
        form.add_error("code", _("This code does not fit. Check it, or start again to get a new one."))
    return TemplateResponse(request, "door/reset.html", {"form": form})
