"""Legal holds on the ledger, and what was archived of it: the privacy officer's pages."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit import queries
from audit.enums import HoldStep, Kind
from portals.access import Desk
from portals.files import csv_export
from portals.http import Request
from portals.pages import NOTHING, Audience, disclose, page
from portals.plan.periods import plan_time
from portals.privacy.holds import actions as holds
from portals.privacy.holds.actions import Held
from portals.privacy.holds.forms import STATES, HoldsFilter, PlaceForm, ProposeForm, ReleaseForm
from portals.step_up import ONCE_A_SESSION, RECENTLY

PAGE = 50
SHOWN = ("user.name", "hold.matter", "hold.reason")
TONES = {HoldStep.PLACED: "info", HoldStep.RELEASE_PROPOSED: "warn", HoldStep.RELEASED: "neutral"}


def _filtered(request: Request) -> tuple[HoldsFilter, list[Held]]:
    form = HoldsFilter(request.GET or None)
    criteria = form.cleaned_data if form.is_valid() else {}
    query = criteria.get("q", "").replace("\0", "")
    return form, holds.listed(request.scope, query=query, state=criteria.get("state", ""))


def _line(held: Held, names: dict[str, str]) -> dict[str, Any]:
    placed = held.steps[0]
    return {
        "held": held,
        "state": STATES[held.state],
        "tone": TONES[held.state],
        "by": names.get(placed.actor, placed.actor),
        "at": placed.recorded_at,
    }


def _named(request: Request, listed: list[Held]) -> dict[str, str]:
    disclose(request, subjects=[("user", pk) for pk in holds.actors(listed).values()])
    return holds.names(listed)


@page(audience=Audience.DESK, discloses=SHOWN, permission=Desk.HOLD_LEDGER, label=gettext_lazy("Legal holds"))
def hold_list(request: Request) -> HttpResponseBase:
    form, results = _filtered(request)
    rows = Paginator(results, PAGE).get_page(request.GET.get("page"))
    names = _named(request, list(rows))
    filters = request.GET.copy()
    filters.pop("page", None)
    return TemplateResponse(
        request,
        "portals/holds.html",
        {
            "form": form,
            "rows": rows,
            "listed": [_line(held, names) for held in rows],
            "total": len(results),
            "clear": any(filters.values()),
            "csv_url": csv_export.url_of(request, "desk:holds_csv"),
            "archived": queries.archived_months(),
            "check": queries.last_check(),
        },
    )


@page(
    audience=Audience.DESK,
    discloses=SHOWN,
    permission=Desk.HOLD_LEDGER,
    kind=Kind.EXPORT,
    step_up=ONCE_A_SESSION,
    label=gettext_lazy("Legal holds as a file"),
)
def hold_csv(request: Request) -> HttpResponseBase:
    """Exactly the list that the page shows, each hold with all its steps."""
    _form, results = _filtered(request)
    names = _named(request, results)
    disclose(request, subjects=[], rows=len(results))
    head = ("hold", "matter", "first_month", "last_month", "step", "by", "at", "reason")
    return csv_export.answer("legal-holds.csv", head, [line for held in results for line in _steps(held, names)])


def _steps(held: Held, names: dict[str, str]) -> list[tuple[object, ...]]:
    last = f"{held.last_month:%Y-%m}" if held.last_month else ""
    return [
        (
            held.number,
            held.matter,
            f"{held.first_month:%Y-%m}",
            last,
            step.step,
            names.get(step.actor, step.actor),
            plan_time(step.recorded_at).isoformat(timespec="seconds"),
            step.reason,
        )
        for step in held.steps
    ]


@page(audience=Audience.DESK, discloses=NOTHING, permission=Desk.HOLD_LEDGER, step_up=RECENTLY)
def place(request: Request) -> HttpResponseBase:
    """Typed, read once more, and then placed."""
    form = PlaceForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and "edit" not in request.POST:
        data = form.cleaned_data
        if "place" not in request.POST:
            typed = [(name, form.data.get(name, "")) for name in form.fields]
            return TemplateResponse(request, "portals/hold_check.html", {**data, "typed": typed})
        try:
            number = holds.place(by=request.scope, **data)
        except holds.AlreadyHeld:
            form.add_error("matter", _("A hold for this matter and these months is in force already."))
        else:
            messages.success(request, _("The hold is in force."))
            return redirect("desk:hold", number)
    return TemplateResponse(request, "portals/hold_place.html", {"form": form})


def _found(request: Request, number: int) -> Held:
    held = holds.one(request.scope, number)
    if held is None:
        raise Http404
    return held


@page(audience=Audience.DESK, discloses=SHOWN, permission=Desk.HOLD_LEDGER, label=gettext_lazy("A legal hold"))
def hold(request: Request, number: int) -> HttpResponseBase:
    """One hold with its steps."""
    held = _found(request, number)
    names = _named(request, [held])
    return TemplateResponse(
        request,
        "portals/hold.html",
        {
            **_line(held, names),
            "steps": [(HoldStep(step.step).label, step, names.get(step.actor, step.actor)) for step in held.steps],
            "archived": holds.archived_within(request.scope, held),
            "released": held.state is HoldStep.RELEASED,
        },
    )


@page(
    audience=Audience.DESK,
    discloses=SHOWN,
    permission=Desk.HOLD_LEDGER,
    step_up=RECENTLY,
    label=gettext_lazy("Releasing a legal hold"),
)
def release(request: Request, number: int) -> HttpResponseBase:
    """One person proposes the end of a hold, another one decides."""
    held = _found(request, number)
    if held.state is HoldStep.RELEASED:
        raise Http404
    proposal = held.proposal
    kind = ReleaseForm if proposal else ProposeForm
    kept = request.POST.get("do") == "keep"
    form = kind(request.POST if request.method == "POST" and not kept else None)
    if request.method == "POST":
        try:
            if kept:
                holds.keep(by=request.scope, number=number)
                messages.success(request, _("The hold stays in force."))
                return redirect("desk:hold", number)
            if form.is_valid():
                _go_on(request, held, form.cleaned_data["reason"])
                return redirect("desk:hold", number)
        except holds.NotThen:
            messages.error(request, _("Somebody else was quicker."))
            return redirect("desk:hold", number)
    names = _named(request, [held])
    return TemplateResponse(
        request,
        "portals/hold_release.html",
        {
            **_line(held, names),
            "form": form,
            "proposal": proposal,
            "proposed_by": names.get(proposal.actor, proposal.actor) if proposal else "",
            "may_release": holds.may_release(request.scope, held),
        },
    )


def _go_on(request: Request, held: Held, reason: str) -> None:
    """The button says what its page showed: a proposal that came meanwhile is not approved by the way."""
    if request.POST.get("do") == "release":
        holds.release(by=request.scope, number=held.number, reason=reason)
        messages.success(request, _("The hold is released."))
    else:
        holds.propose_release(by=request.scope, number=held.number, reason=reason)
        messages.success(request, _("Proposed. A second person of the privacy officer's team decides."))
