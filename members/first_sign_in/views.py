"""A member's first sign-in: who are you, then code and own username. Hit and miss look the same."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from members.cards import rules as cards
from members.first_sign_in import actions as first_sign_in
from members.first_sign_in.forms import LocateForm, RegisterForm
from portals import users
from portals.crypto import values as crypto
from portals.http import Request
from portals.login import on_sign_in, rate_limits
from portals.pages import NOTHING, Audience, page
from portals.plan import clock
from portals.scope import PartyRef
from portals.sessions import scope as session_scope

LOCATED = "first_sign_in"  # in the session: whom the identifiers located ("" for nobody)
TYPED = "first_sign_in_typed"  # keyed hash of what was typed: tries are counted by it, for nobody as for somebody
PER_ADDRESS = 300  # right tries count too, and an employer's people enroll behind one address


@page(audience=Audience.ANYONE, discloses=NOTHING)
def start(request: Request) -> HttpResponseBase:
    form = LocateForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        source = request.scope.source
        typed = crypto.blind_index(cards.typed_identifier(data["identifier"]), purpose=TYPED)
        if not rate_limits.allowed(door="first_sign_in", identifier=typed, address=source, per_address=PER_ADDRESS):
            return TemplateResponse(request, "door/too_many.html", status=429)
        person = first_sign_in.locate(
            by=request.scope,
            identifier=data["identifier"],
            birth_date=data["birth_date"],
            zip_code=data["zip_code"],
            at=clock.now(),
        )
        right = person is not None  # every try counts, but only those that locate nobody towards the alarm
        rate_limits.count(door="first_sign_in", identifier=typed, address=source, right=right)
        request.session[LOCATED], request.session[TYPED] = str(person or ""), typed
        return redirect("members:first_sign_in_code")
    return TemplateResponse(request, "members/first_sign_in.html", {"form": form})


@page(audience=Audience.ANYONE, discloses=NOTHING)
def code(request: Request) -> HttpResponseBase:
    if TYPED not in request.session:
        return redirect("members:first_sign_in")
    located, typed = request.session[LOCATED], request.session[TYPED]
    person = PartyRef.parse(located) if located else None
    form = RegisterForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if not rate_limits.allowed(door="first_code", identifier=typed, address=request.scope.source):
            return TemplateResponse(request, "door/too_many.html", status=429)
        data = form.cleaned_data
        try:
            user = first_sign_in.register(
                by=request.scope,
                person=person,
                code=data["code"],
                username=data["username"],
                email=data["email"],
                password=data["password"],
                at=clock.now(),
            )
        except users.TakenError as taken:  # a try as well: one code is not to ask for every username that exists
            rate_limits.count(door="first_code", identifier=typed, address=request.scope.source)
            form.say_taken(taken.fields)
            return TemplateResponse(request, "members/first_sign_in_code.html", {"form": form})
        if user is not None:
            del request.session[LOCATED], request.session[TYPED]
            on_sign_in.let_in(request, user)
            session_scope.mark_stepped_up(request)  # code and own password were typed just now
            messages.success(
                request,
                _("Your account is ready. Make it safer with a second step: under your name, Signing in and security."),
            )
            return redirect("members:home")
        rate_limits.count(door="first_code", identifier=typed, address=request.scope.source)
        form.add_error("code", _("This code does not fit. Check it, or start again to get a new one."))
    return TemplateResponse(request, "members/first_sign_in_code.html", {"form": form})
