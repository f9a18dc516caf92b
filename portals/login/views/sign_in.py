"""Signing in and out: username and password, the second step, and the way home."""

from __future__ import annotations

from typing import Any

from allauth.account.views import LoginView, LogoutView
from django.contrib import messages
from django.db.models import F
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit import actions as audit
from audit.enums import Kind, Outcome
from portals import acting, doors
from portals.enums import Factor, NoticeKind
from portals.http import Request
from portals.login import factors, notices, passkeys, rate_limits, stages, wrong_passwords
from portals.login.forms import SecondStepForm
from portals.memberships import Membership
from portals.models import User
from portals.pages import NOTHING, Audience, page
from portals.sessions import browsers
from portals.sessions import scope as session_scope

SUSPICIOUS = 5  # wrong codes after a right password, at which its owner is told, and at each further five
MOST_FAILED_STEPS = 100  # in a row, however slowly: then a new password or the help desk opens the account again


class _SignIn(LoginView):
    template_name = "door/sign_in.html"

    def _redirect_to_pending_stage(self, request: Any, stage: Any) -> None:
        """Whoever comes back to this page starts again: it may be another person at the same browser."""

    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        rate_limits.forget(door="sign_in", identifier=self.request.counted_as)
        wrong_passwords.forget(form.user)
        return response

    def form_invalid(self, form: Any) -> HttpResponse:
        rate_limits.count(door="sign_in", identifier=self.request.counted_as, address=self.request.scope.source)
        response: HttpResponse = super().form_invalid(form)
        return response


@page(audience=Audience.ANYONE, discloses=NOTHING)
def sign_in(request: Request) -> HttpResponseBase:
    if request.method == "POST":
        request.counted_as = browsers.counted_as(request, request.POST.get("login", "").replace("\0", "").strip())
        if not rate_limits.allowed(door="sign_in", identifier=request.counted_as, address=request.scope.source):
            return TemplateResponse(request, "door/too_many.html", status=429)
    response: HttpResponseBase = _SignIn.as_view()(request)
    return response


@page(audience=Audience.ANYONE, discloses=NOTHING, label=gettext_lazy("Second step of signing in"))
def second_step(request: Request) -> HttpResponseBase:
    """The password was right; now the strongest factor that the person holds, or another of theirs if they ask."""
    stage = stages.waiting(request)
    if stage is None:
        return redirect("door:sign_in")
    user = stage.login.user
    ways = factors.ways(user)
    if not ways:
        return redirect("door:sign_in")
    form = SecondStepForm(request.POST or None, ways=ways, asked=request.GET.get("way", ""), address=user.email)
    if request.method == "POST":
        identifier, source = str(user.pk), request.scope.source
        shut = user.failed_steps >= MOST_FAILED_STEPS
        if shut or not rate_limits.allowed(door="second_step", identifier=identifier, address=source):
            return TemplateResponse(request, "door/too_many.html", {"shut": shut}, status=429)
        if form.is_valid():
            device = prove(request, user, form)
            if device is not None:
                rate_limits.forget(door="second_step", identifier=identifier)
                User.objects.filter(pk=user.pk).update(failed_steps=0)
                user.otp_device = device
                request.session[session_scope.FACTOR_KEY] = form.way.value
                signed_in: HttpResponseBase = stage.exit()
                return signed_in
            rate_limits.count(door="second_step", identifier=identifier, address=source)
            User.objects.filter(pk=user.pk).update(failed_steps=F("failed_steps") + 1)
            if (user.failed_steps + 1) % SUSPICIOUS == 0:
                notices.tell(user, NoticeKind.WRONG_CODES)
            audit.record(
                kind=Kind.FAILURE,
                action="door:second_step",
                outcome=Outcome.FAILED,
                object_kind="user",
                object_id=identifier,
                **request.scope.audit(),
            )
    if form.way is Factor.EMAIL:
        factors.send_code(user)
    question = passkeys.question(request, user) if form.way is Factor.PASSKEY else ""
    return TemplateResponse(request, "door/second_step.html", {"form": form, "question": question})


def prove(request: Request, user: Any, form: SecondStepForm) -> Any:
    """The device that the person just proved, or None with the reason on the form."""
    typed = form.cleaned_data["code"]
    if form.way is Factor.PASSKEY:
        device = passkeys.proven(request, user, typed)
    else:
        device = factors.take_code(user, form.way, typed)
    if device is None:
        form.refuse()
    return device


@page(audience=Audience.ANYONE, discloses=NOTHING)
def dormant(request: Request) -> HttpResponseBase:
    """The password was right, and nobody used this work account for 180 days."""
    return TemplateResponse(request, "door/dormant.html")


@page(audience=Audience.ANYONE, discloses=NOTHING)
def closed(request: Request) -> HttpResponseBase:
    """The password was right, and the account was closed: it was not its person's own, or the plan ended it."""
    return TemplateResponse(request, "door/closed.html")


@page(audience=Audience.ANYONE, discloses=NOTHING)
def sign_out(request: Request) -> HttpResponseBase:
    answer: HttpResponseBase = LogoutView.as_view(template_name="door/sign_out.html")(request)
    if request.method == "POST":
        messages.success(request, _("You are signed out."))
    return answer


@page(audience=Audience.SIGNED_IN, discloses=NOTHING)
def home(request: Request) -> HttpResponseBase:
    """One door fits: straight in; several: the person chooses."""
    available = doors.memberships(request.user.pk)
    if not available:
        return TemplateResponse(request, "door/no_access.html", status=403)
    places = {_door(each): each for each in available}
    session_scope.remember_doors(request, len(places))
    if len(places) == 1:
        return redirect(reverse(doors.of(available[0].portal).home))
    chosen = places.get(request.POST.get("standing", ""))  # by name: a list may have changed since the page was made
    if chosen is not None:
        acting.end(request, by=request.scope)
        session_scope.choose(request, chosen.party)
        return redirect(reverse(doors.of(chosen.portal).home))
    return TemplateResponse(request, "door/choose.html", {"doors": list(places.items())})


def _door(membership: Membership) -> str:
    return f"{membership.portal}|{membership.party or ''}"
