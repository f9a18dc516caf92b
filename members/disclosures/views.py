"""Disclosures at the desk: the privacy officer's people write down, correct, void and suspend them."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.enums import Kind
from members.cards import rules as cards
from members.disclosures import actions as disclosures
from members.disclosures import forms, queries, rules
from members.disclosures.queries import Filter
from members.enums import Purpose, Statement
from members.records import actions as lookups
from members.records import queries as records
from members.records.forms import NumberForm
from members.records.queries import Criteria
from members.records.views import FOUND
from members.rules import names
from portals.access import Desk
from portals.files import csv_export
from portals.files import stored as files
from portals.http import Request
from portals.pages import Audience, disclose, page
from portals.plan import clock
from portals.plan.periods import plan_time
from portals.sessions.scope import step_up_url, stepped_up
from portals.step_up import ONCE_A_SESSION, RECENTLY

PAGE = 50
SHOWN = 25  # names on the page that asks for the confirmation
LISTED = (
    "person.name", "member_id", "disclosure.days", "disclosure.recipient", "disclosure.description",
    "disclosure.statement",
)  # fmt: skip


# --- The list -----------------------------------------------------------------------------------------------------


def _filtered(request: Request) -> tuple[forms.DisclosuresFilter, Any]:
    """The list that the filter leaves; what is not understood filters nothing."""
    form = forms.DisclosuresFilter(request.GET or None, people=queries.recorders(request.scope))
    form.is_valid()
    criteria = form.cleaned_data if form.is_bound else {}
    rows = queries.listed(
        request.scope,
        Filter(
            person=criteria.get("person"),
            recipient=criteria.get("q") or "",
            purpose=criteria.get("purpose") or "",
            first_on=criteria.get("first_on"),
            last_on=criteria.get("last_on"),
            by=criteria.get("by"),
            state=criteria.get("state") or "standing",
        ),
        as_of=clock.today(),
    )
    return form, rows


def _line(row: Any) -> dict[str, Any]:
    ended = getattr(row, "end", None)
    tone, state = "success", _("Stands")
    if ended is not None:
        tone, state = ("neutral", _("Corrected") if ended.replacement_id else _("Void"))
    elif queries.suspended_on(row, clock.today()):
        tone, state = "warn", _("Suspended")
    return {
        "row": row,
        "name": names.readable(row.person.full_name),
        "member_id": cards.spaced_member_id(row.member_id) if row.member_id else "",
        "tone": tone,
        "state": state,
    }


@page(
    audience=Audience.DESK,
    discloses=LISTED,
    permission=Desk.RECORD_DISCLOSURES,
    label=gettext_lazy("Disclosures at the service desk"),
)
def disclosure_list(request: Request) -> HttpResponseBase:
    """A member is found by an exact number, which no address holds: the list is narrowed by the person's own id."""
    look_up = NumberForm(request.POST or None)
    missing = False
    if request.method == "POST" and look_up.is_valid():
        found = lookups.search(by=request.scope, criteria=Criteria(**look_up.cleaned_data))
        people = queries.subjects(request.scope, found)
        if len(people) == 1:
            return redirect(f"{request.path}?person={people[0].uuid}")
        if people:
            request.session[FOUND] = found
            return redirect("records:found")
        missing = True
    form, results = _filtered(request)
    rows = Paginator(results, PAGE).get_page(request.GET.get("page"))
    filters = request.GET.copy()
    filters.pop("page", None)
    person = form.cleaned_data.get("person") if form.is_bound else None
    person_id = records.person_of(request.scope, person) if person else None
    about = queries.subjects(request.scope, [person_id]) if person_id else []
    disclose(request, subjects=[("person", pk) for pk in {each.person_id for each in [*rows, *about]}])
    return TemplateResponse(
        request,
        "members/disclosures.html",
        {
            "form": form,
            "look_up": look_up,
            "missing": missing,
            "rows": rows,
            "listed": [_line(row) for row in rows],
            "total": rows.paginator.count,
            "about": about[0] if about else None,
            "query": filters.urlencode(),
            "clear": any(filters.get(name) for name in forms.DisclosuresFilter.base_fields),
        },
    )


@page(
    audience=Audience.DESK,
    discloses=LISTED,
    permission=Desk.RECORD_DISCLOSURES,
    kind=Kind.EXPORT,
    step_up=ONCE_A_SESSION,
    label=gettext_lazy("Disclosures as a file"),
)
def disclosure_csv(request: Request) -> HttpResponseBase:
    """Exactly the list that the page shows, all its pages."""
    _form, results = _filtered(request)
    rows = list(results)
    disclose(request, subjects=[("person", pk) for pk in {row.person_id for row in rows}], rows=len(rows))
    head = (
        "member", "member_id", "first_day", "last_day", "times", "frequency", "recipient", "address", "description",
        "purpose", "statement", "case_number", "state", "recorded_by", "recorded",
    )  # fmt: skip
    return csv_export.answer("disclosures.csv", head, [_cells(row) for row in rows])


def _cells(row: Any) -> tuple[object, ...]:
    line = _line(row)
    return (
        line["name"],
        line["member_id"],
        row.first_on,
        row.last_on,
        row.times or "",
        row.frequency,
        row.recipient,
        row.recipient_address,
        row.description,
        row.purpose,
        row.statement,
        row.case_number,
        line["state"],
        row.recorded_by.display_name,
        plan_time(row.recorded_at).isoformat(timespec="seconds"),
    )


# --- A new entry --------------------------------------------------------------------------------------------------


@page(
    audience=Audience.DESK,
    discloses=("person.name", "member_id"),
    permission=Desk.RECORD_DISCLOSURES,
    step_up=ONCE_A_SESSION,
    kind=Kind.LOOK,
    label=gettext_lazy("Recording a disclosure of a member"),
)
def new_for(request: Request, person: uuid.UUID) -> HttpResponseBase:
    """Of one member, from their record."""
    person_id = records.person_of(request.scope, person)
    if person_id is None:
        raise Http404
    form = forms.EntryForm(request.POST or None, today=clock.today(), by=request.scope)
    return _entry(request, form, [person_id], about=str(person))


@page(
    audience=Audience.DESK,
    discloses=("person.name", "member_id"),
    permission=Desk.RECORD_DISCLOSURES,
    step_up=ONCE_A_SESSION,
    kind=Kind.LOOK,
    label=gettext_lazy("Recording a disclosure"),
)
def new(request: Request) -> HttpResponseBase:
    """The same of several members: all of them, or none."""
    form = forms.ManyForm(request.POST or None, request.FILES or None, today=clock.today(), by=request.scope)
    people: list[int] = []
    if form.is_bound and form.readable:
        people, problems = disclosures.resolve(by=request.scope, lines=form.lines)
        form.say(problems)
    return _entry(request, form, people)


def _entry(request: Request, form: Any, people: list[int], *, about: str = "") -> HttpResponseBase:
    """Typed, looked at, confirmed: what was typed comes along, hidden, and can be typed on. Saving asks for the second
    step; it is shown in a tab of its own, so that a long form is not lost by it."""
    do = request.POST.get("do", "")
    ready = form.is_bound and form.is_valid() and do in ("check", "save")
    copy = forms.CopyForm(
        request.POST if do == "save" else None, request.FILES if do == "save" else None, by=request.scope
    )
    proven = stepped_up(request, within=RECENTLY)
    if ready and do == "save" and copy.is_valid() and proven:
        count = disclosures.record(
            by=request.scope,
            people=people,
            what=form.what,
            once=form.cleaned_data["once"],
            request_file=copy.cleaned_data["request_file"],
        )
        messages.success(request, _("Recorded. Members: %(count)s.") % {"count": count})
        back = redirect("disclosures:list")
        back["Location"] += f"?person={about}" if about else ""
        return back
    named = queries.subjects(request.scope, people[:SHOWN]) if ready or about else []
    disclose(request, subjects=[("person", each.person_id) for each in named])
    return TemplateResponse(
        request,
        "members/disclosure_confirm.html" if ready else "members/disclosure_new.html",
        {
            "form": form,
            "copy": copy,
            "what": form.what if ready else None,
            "purpose": Purpose(form.what.purpose).label if ready else "",
            "named": named,
            "more": max(0, len(people) - SHOWN),
            "count": len(people),
            "about": named[0] if about else None,
            "proof_url": "" if proven else step_up_url(request),
        },
    )


# --- One disclosure -----------------------------------------------------------------------------------------------


def _one(request: Request, disclosure: uuid.UUID) -> queries.Page:
    found = queries.one(request.scope, disclosure, as_of=clock.today())
    if found is None:
        raise Http404
    disclose(request, subjects=[("person", found.row.person_id)])
    return found


def _context(found: queries.Page) -> dict[str, Any]:
    row = found.row
    return {
        "found": found,
        "row": row,
        "name": found.name,
        "ended": getattr(row, "end", None),
        "suspendable": rules.may_suspend(row.purpose),
    }


@page(audience=Audience.DESK, discloses=LISTED, permission=Desk.RECORD_DISCLOSURES, label=gettext_lazy("A disclosure"))
def one(request: Request, disclosure: uuid.UUID) -> HttpResponseBase:
    found = _one(request, disclosure)
    return TemplateResponse(request, "members/disclosure.html", _context(found))


@page(
    audience=Audience.DESK,
    discloses=("disclosure.request",),
    permission=Desk.RECORD_DISCLOSURES,
    kind=Kind.PRINT,
    label=gettext_lazy("Papers of a disclosure"),
)
def request_file(request: Request, disclosure: uuid.UUID) -> HttpResponseBase:
    found = queries.request_file(request.scope, disclosure)
    if found is None:
        raise Http404
    disclose(request, subjects=[("person", found[0].person_id)], file=str(found[1].uuid))
    return files.serve(found[1])


@page(
    audience=Audience.DESK,
    discloses=("disclosure.request",),
    permission=Desk.RECORD_DISCLOSURES,
    kind=Kind.PRINT,
    label=gettext_lazy("Papers of a suspension"),
)
def statement_file(request: Request, disclosure: uuid.UUID, statement: int) -> HttpResponseBase:
    found = queries.statement_file(request.scope, disclosure, statement)
    if found is None:
        raise Http404
    disclose(request, subjects=[("person", found[0].person_id)], file=str(found[1].uuid))
    return files.serve(found[1])


@page(
    audience=Audience.DESK,
    discloses=LISTED,
    permission=Desk.RECORD_DISCLOSURES,
    step_up=RECENTLY,
    label=gettext_lazy("Correcting a disclosure"),
)
def correct(request: Request, disclosure: uuid.UUID) -> HttpResponseBase:
    found = _one(request, disclosure)
    form = forms.CorrectForm(
        request.POST or None,
        request.FILES or None,
        today=clock.today(),
        by=request.scope,
        initial=forms.CorrectForm.of(found.row),
    )
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        try:
            new = disclosures.correct(
                by=request.scope,
                disclosure=disclosure,
                what=form.what,
                reason=typed["reason"],
                request_file=typed["request_file"],
            )
        except disclosures.EndedAlready:
            return _too_late(request, disclosure)
        messages.success(request, _("The corrected disclosure stands now; the first one stays to be read."))
        return redirect("disclosures:one", new.uuid)
    return TemplateResponse(request, "members/disclosure_correct.html", {**_context(found), "form": form})


@page(
    audience=Audience.DESK,
    discloses=LISTED,
    permission=Desk.RECORD_DISCLOSURES,
    step_up=RECENTLY,
    label=gettext_lazy("Voiding a disclosure"),
)
def void(request: Request, disclosure: uuid.UUID) -> HttpResponseBase:
    found = _one(request, disclosure)
    form = forms.VoidForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            disclosures.void(by=request.scope, disclosure=disclosure, **form.cleaned_data)
        except disclosures.EndedAlready:
            return _too_late(request, disclosure)
        messages.success(request, _("It is void: no accounting holds it any more."))
        return redirect("disclosures:one", disclosure)
    return TemplateResponse(request, "members/disclosure_void.html", {**_context(found), "form": form})


@page(
    audience=Audience.DESK,
    discloses=LISTED,
    permission=Desk.RECORD_DISCLOSURES,
    step_up=RECENTLY,
    label=gettext_lazy("Suspending the accounting of a disclosure"),
)
def suspend(request: Request, disclosure: uuid.UUID) -> HttpResponseBase:
    found = _one(request, disclosure)
    if not rules.may_suspend(found.row.purpose):
        raise Http404
    spoken = any(each.form == Statement.ORAL for each in found.statements)
    form = forms.SuspendForm(
        request.POST or None, request.FILES or None, today=clock.today(), spoken=spoken, by=request.scope
    )
    if request.method == "POST" and form.is_valid():
        try:
            disclosures.suspend(by=request.scope, disclosure=disclosure, **form.cleaned_data)
        except (disclosures.EndedAlready, disclosures.NotSuspendable):
            return _too_late(request, disclosure)
        messages.success(request, _("The statement is recorded."))
        return redirect("disclosures:one", disclosure)
    return TemplateResponse(request, "members/disclosure_suspend.html", {**_context(found), "form": form})


def _too_late(request: Request, disclosure: uuid.UUID) -> HttpResponseBase:
    messages.error(request, _("Nothing was changed: somebody else was quicker. Look at it once more."))
    return redirect("disclosures:one", disclosure)
