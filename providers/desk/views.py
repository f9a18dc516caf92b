"""Calls of practices at the service desk: what the caller needs first, then one page for each kind of call."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit import actions as audit
from audit.enums import Kind, Outcome
from portals.access import Desk
from portals.enums import Reader, Topic
from portals.help import directory as help_directory
from portals.help import faq
from portals.http import Request
from portals.invitations import kinds as invitation_kinds
from portals.models import User
from portals.pages import NOTHING, Audience, disclose, page
from portals.plan import clock
from portals.scope import Scope
from portals.sign_in_help import actions as sign_in_help
from portals.sign_in_help.actions import ManagedBy
from portals.sign_in_help.forms import LookUpForm
from portals.step_up import ONCE_A_SESSION
from providers import queries
from providers.actions import calls, departures, offices
from providers.desk.forms import CallForm, FindPracticeForm, LeftForm, NumbersForm, OfficeCallForm
from providers.desk.request_kinds import texts
from providers.enums import About, Discipline, Heard, Situation, Successor
from providers.faq.by_situation import ANSWERS
from providers.models import Practice

# In the session, so that no address names who or what a call is about.
NUMBERS, PRACTICE, CALLER = "office_call", "left_practice", "provider_caller"


def _searched(scope: Scope, action: str, found: list[Practice]) -> None:
    audit.record(
        kind=Kind.SEARCH,
        action=action,
        outcome=Outcome.DONE if found else Outcome.FAILED,
        subjects=[("practice", practice.pk) for practice in found],
        object_kind="practice",
        **scope.audit(),
    )


@page(
    audience=Audience.DESK,
    discloses=NOTHING,
    permission=Desk.ANSWER_PROVIDERS,
    label=gettext_lazy("Calls of practices"),
)
def home(request: Request) -> HttpResponseBase:
    held = request.scope.permissions
    return TemplateResponse(
        request,
        "providers/calls.html",
        {"may_register": Desk.REGISTER_OFFICE in held, "may_end": Desk.END_ADMINISTRATOR in held},
    )


# --- A non-participating office calls -----------------------------------------------------------------------------


@page(audience=Audience.DESK, discloses=NOTHING, permission=Desk.REGISTER_OFFICE)
def office(request: Request) -> HttpResponseBase:
    """Do we know the office, and is this the way for it?"""
    request.session.pop(NUMBERS, None)
    form = NumbersForm(request.POST or None)
    other_way: dict[str, Any] = {}
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        known = queries.known_offices(tax_id=data["tax_id"], npi=data["npi"])
        _searched(request.scope, "providers.offices.look_up", known)
        other_way = _another_way(data["discipline"], known)
        if not other_way:
            request.session[NUMBERS] = {"tax_id": data["tax_id"], "npi": data["npi"]}
            return redirect("provider_calls:office_call")
    return TemplateResponse(request, "providers/office_call_numbers.html", {"form": form, **other_way})


def _another_way(discipline: str, known: list[Practice]) -> dict[str, Any]:
    """What to tell an office that does not get its access by this call; nothing for one that does."""
    today = clock.today()
    inside = [practice for practice in known if offices.participates(practice, today)]
    dental = discipline == Discipline.DENTAL or any(each.discipline == Discipline.DENTAL for each in known)
    if not dental and not inside:
        return {}
    slugs = ("dental-letter", "dental-letter-lost", "dental-no-claim") if dental else ("participating-medical",)
    return {
        "dental": dental,
        "known": known if dental else inside,
        "answers": faq.by_slug(slugs, reader=Reader.PROVIDER, as_of=today),
    }


@page(audience=Audience.DESK, discloses=NOTHING, permission=Desk.REGISTER_OFFICE, step_up=ONCE_A_SESSION)
def office_call(request: Request) -> HttpResponseBase:
    numbers = request.session.get(NUMBERS)
    if numbers is None:
        return redirect("provider_calls:office")
    known = {practice.pk: practice for practice in queries.known_offices(**numbers)}
    choices = [(pk, f"{each.name} · {each.provider_id} · {each.city}, {each.state}") for pk, each in known.items()]
    form = OfficeCallForm(request.POST or None, known=choices)
    if request.method == "POST" and form.is_valid():
        call = form.call()
        if known:
            chosen = known[call["practice"]]
            call |= {"name": chosen.name, "provider_id": chosen.provider_id}
        else:
            call |= numbers
        row = offices.take_call(by=request.scope, call=call, once=str(form.cleaned_data["once"]))
        request.session.pop(NUMBERS)
        messages.success(
            request,
            _("%(number)s is filed. When a colleague has approved it, the invitation leaves; tell the caller so.")
            % {"number": row.number},
        )
        return redirect("desk:request", row.pk)
    return TemplateResponse(
        request, "providers/office_call.html", {"form": form, "known": known, "numbers": texts.facts_of(numbers)}
    )


# --- Somebody left a practice -------------------------------------------------------------------------------------


@page(audience=Audience.DESK, discloses=NOTHING, permission=Desk.END_ADMINISTRATOR)
def left(request: Request) -> HttpResponseBase:
    request.session.pop(PRACTICE, None)
    form = FindPracticeForm(request.POST or None, initial={"provider_id": request.GET.get("provider_id", "")})
    if request.method == "POST" and form.is_valid():
        found = queries.called_office(**form.cleaned_data)
        _searched(request.scope, "providers.departures.look_up", found)
        if len(found) == 1:
            request.session[PRACTICE] = found[0].pk
            return redirect("provider_calls:left_practice")
        form.add_error(None, _several(found) if found else _("We know no such practice. Check it with the caller."))
    return TemplateResponse(request, "providers/left_find.html", {"form": form})


def _several(found: list[Practice]) -> str:
    names = ", ".join(f"{practice.name} ({practice.provider_id})" for practice in found)
    return _("Several practices fit; type the Provider ID of the right one: %(names)s.") % {"names": names}


@page(
    audience=Audience.DESK,
    discloses=("user.name",),
    permission=Desk.END_ADMINISTRATOR,
    step_up=ONCE_A_SESSION,
    label=gettext_lazy("Somebody left a practice"),
)
def left_practice(request: Request) -> HttpResponseBase:
    practice = Practice.objects.filter(pk=request.session.get(PRACTICE, 0)).first()
    if practice is None:
        return redirect("provider_calls:left")
    people = queries.people_of(practice)
    form = LeftForm(request.POST or None, office=practice, people=people)
    if request.method == "POST" and form.is_valid():
        if form.cleaned_data["practice"] != practice.pk:  # another window looked up another practice meanwhile
            messages.error(request, _("Another practice was looked up meanwhile. Nothing was done: look it up again."))
            return redirect("provider_calls:left")
        answer = _end(request, practice, form)
        if answer is not None:
            return answer
    disclose(request, subjects=[("user", place.user_id) for place in people])
    return TemplateResponse(
        request, "providers/left_practice.html", {"form": form, "practice": practice, "people": people}
    )


def _end(request: Request, practice: Practice, form: LeftForm) -> HttpResponseBase | None:
    """Where to go on, or None where the form says why nothing was done."""
    data = form.cleaned_data
    try:
        row = departures.end(
            by=request.scope, practice=practice, place_ids=data["places"], call=form.call(), once=str(data["once"])
        )
    except departures.Gone:
        form.add_error("places", _("Somebody else ended one of these meanwhile. Look again."))
    except departures.NobodyStays:
        form.add_error("successor", _("Then nobody is left who manages access. Invite somebody, or choose later."))
    except invitation_kinds.AlreadyThere:
        form.add_error("email", _("The person with this address has access there already."))
    else:
        messages.success(request, _("Done: the access has ended, also where somebody is signed in now."))
        if data["successor"] == Successor.INVITE:
            messages.success(request, _("The invitation is on its way to %(email)s.") % {"email": data["email"]})
        return redirect("desk:request", row.pk)
    return None


# --- Who manages this person's access -----------------------------------------------------------------------------


@page(audience=Audience.DESK, discloses=NOTHING, permission=Desk.ANSWER_PROVIDERS)
def manages(request: Request) -> HttpResponseBase:
    request.session.pop(CALLER, None)
    form = LookUpForm(request.POST or None)
    missing = False
    if request.method == "POST" and form.is_valid():
        user = sign_in_help.look_up(
            by=request.scope, typed=form.cleaned_data["account"], permission=Desk.ANSWER_PROVIDERS
        )
        if user is not None:
            request.session[CALLER] = user.pk
            return redirect("provider_calls:manages_person")
        missing = True
    return TemplateResponse(request, "providers/manages.html", {"form": form, "missing": missing})


@page(
    audience=Audience.DESK,
    discloses=("user.name", "user.username"),
    permission=Desk.ANSWER_PROVIDERS,
    label=gettext_lazy("Who manages a person's access"),
)
def manages_person(request: Request) -> HttpResponseBase:
    user = User.objects.filter(pk=request.session.get(CALLER, 0)).first()
    if user is None:
        return redirect("provider_calls:manages")
    places = queries.managed_by(user.pk)
    named: set[int] = {pk for place in places for pk, _name in place.people}
    disclose(request, subjects=[("user", pk) for pk in (user.pk, *sorted(named))])
    return TemplateResponse(
        request,
        "providers/manages_person.html",
        {"person": user, "places": places, "contact": _help_desk(places)},
    )


def _help_desk(places: list[ManagedBy]) -> help_directory.Contact | None:
    """Whom to call where no office manager decides."""
    if all(place.people for place in places):
        return None
    return help_directory.contact(Topic.WEB_HELP_DESK, audience=Reader.PROVIDER, as_of=clock.today())


# --- Registration help --------------------------------------------------------------------------------------------


@page(audience=Audience.DESK, discloses=NOTHING, permission=Desk.ANSWER_PROVIDERS)
def registration(request: Request) -> HttpResponseBase:
    """The answers of a situation, to be read out; and the record of the call."""
    asked = request.GET.get("situation", "")
    situation = Situation(asked) if asked in Situation.values else None
    form = CallForm(request.POST or None)
    if request.method == "POST" and situation and form.is_valid():
        data = form.cleaned_data
        call = calls.Call(
            situation=situation,
            about=About(data["about"]),
            username=data["username"],
            check=data["check"],
            note=data["note"],
            still_to_do=data["still_to_do"],
        )
        heard, row = calls.record(by=request.scope, call=call, once=str(data["once"]))
        return _after(request, heard, row.number)
    slugs = ANSWERS[situation] if situation else ()
    return TemplateResponse(
        request,
        "providers/registration_help.html",
        {
            "situation": situation,
            "situations": list(Situation),
            "answers": faq.by_slug(slugs, reader=Reader.PROVIDER, as_of=clock.today()),
            "form": form,
            "heard": request.GET.get("heard", ""),
            "Heard": Heard,
        },
    )


def _after(request: Request, heard: Heard, number: str) -> HttpResponseBase:
    """On to the next caller; a refusal says what to tell this one first."""
    messages.success(request, _("The call is recorded: %(number)s.") % {"number": number})
    refused = heard in (Heard.REFUSED, Heard.SHARED)
    answer = redirect("provider_calls:registration")
    if refused:
        answer["Location"] += f"?heard={heard.value}"
    return answer
