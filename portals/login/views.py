"""Sign-in, sign-out, the forced change of an initial password, step-up, and the way home."""

from __future__ import annotations

from typing import Any

from allauth.account.views import LoginView, LogoutView
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from audit import actions as audit
from audit.enums import Kind, Outcome
from portals import acting
from portals.forms import ConfirmForm, NewPasswordForm
from portals.http import Request
from portals.login import limits, session
from portals.pages import NOTHING, Audience, page
from portals.scope import Portal, standings

HOMES = {
    Portal.MEMBER: "members:home",
    Portal.EMPLOYER: "employers:home",
    Portal.PRODUCER: "producers:home",
    Portal.PROVIDER: "providers:home",
    Portal.DESK: "desk:home",
}


class _SignIn(LoginView):
    template_name = "door/sign_in.html"

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        limits.forget(door="sign_in", identifier=form.cleaned_data["login"])
        return response

    def form_invalid(self, form: Any) -> HttpResponse:
        limits.failed(door="sign_in", identifier=form.data.get("login", ""), address=self.request.scope.source)
        return super().form_invalid(form)


@page(audience=Audience.ANYONE, discloses=NOTHING)
def sign_in(request: Request) -> HttpResponseBase:
    if request.method == "POST":
        identifier = request.POST.get("login", "")
        if not limits.allowed(door="sign_in", identifier=identifier, address=request.scope.source):
            return TemplateResponse(request, "door/too_many.html", status=429)
    return _SignIn.as_view()(request)


@page(audience=Audience.ANYONE, discloses=NOTHING)
def sign_out(request: Request) -> HttpResponseBase:
    return LogoutView.as_view(template_name="door/sign_out.html")(request)


@page(audience=Audience.SIGNED_IN, discloses=NOTHING)
def home(request: Request) -> HttpResponseBase:
    """One door fits: straight in; several: the person chooses."""
    available = standings(request.user.pk)
    if not available:
        return TemplateResponse(request, "door/no_access.html", status=403)
    doors = {(s.portal, s.party): s for s in available}
    if len(doors) == 1:
        return redirect(reverse(HOMES[available[0].portal]))
    chosen = request.POST.get("standing")
    for number, standing in enumerate(available, 1):
        if chosen == str(number):
            acting.end(request, by=request.scope)
            session.choose(request, standing.party)
            return redirect(reverse(HOMES[standing.portal]))
    return TemplateResponse(request, "door/choose.html", {"standings": list(enumerate(available, 1))})


@page(audience=Audience.SETUP, discloses=NOTHING)
def change_password(request: Request) -> HttpResponseBase:
    """An initial password is replaced before any other page opens; anyone may come here to change their own, once
    they have typed the present one: an open screen is not enough."""
    if not request.user.must_change_password and not session.stepped_up(request, within=session.RECENTLY):
        return redirect(session.step_up_url(request))
    form = NewPasswordForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        request.user.set_password(form.cleaned_data["password"])
        request.user.must_change_password = False
        request.user.save(update_fields=["password", "must_change_password"])
        update_session_auth_hash(request, request.user)
        audit.record(
            kind=Kind.CHANGE,
            action="door:change_password",
            object_kind="user",
            object_id=str(request.user.pk),
            **request.scope.audit(),
        )
        messages.success(request, _("Your password is changed."))
        return redirect("door:home")
    return TemplateResponse(request, "door/change_password.html", {"form": form})


@page(audience=Audience.SIGNED_IN, discloses=NOTHING)
def confirm(request: Request) -> HttpResponseBase:
    """Step-up: the person shows once more that they are there, before a sensitive page."""
    target = request.POST.get("next") or request.GET.get("next", "")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        target = reverse("door:home")
    form = ConfirmForm(request.POST or None, user=request.user)
    if request.method == "POST":
        identifier = request.user.get_username()
        if not limits.allowed(door="confirm", identifier=identifier, address=request.scope.source):
            return TemplateResponse(request, "door/too_many.html", status=429)
        if form.is_valid():
            session.mark_stepped_up(request)
            return redirect(target)
        limits.failed(door="confirm", identifier=identifier, address=request.scope.source)
        audit.record(kind=Kind.FAILURE, action="door:confirm", outcome=Outcome.FAILED, **request.scope.audit())
    return TemplateResponse(request, "door/confirm.html", {"form": form, "next": target})
