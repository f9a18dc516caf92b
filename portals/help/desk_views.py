"""The help directory at the service desk: whom people are told to call, from when on, and what they heard before."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.db.models.functions import Lower
from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from audit.enums import Kind
from portals.access import Desk
from portals.enums import Reader, Topic
from portals.files import csv_export
from portals.help import actions as help_actions
from portals.help import directory as help_directory
from portals.help.actions import ContactNotSaved
from portals.help.forms import PROBLEM_WORDS, DirectoryFilter, EndForm, EntryForm, NewEntryForm
from portals.http import Request
from portals.models import HelpContact
from portals.pages import NOTHING, Audience, page
from portals.plan import clock
from portals.plan.brand import region_name
from portals.plan.periods import last_day_covered
from portals.step_up import ONCE_A_SESSION

PAGE = 50
SORTS = {
    "owner": ["owner"],
    "topic": ["topic", "audience", "region"],
    "audience": ["audience", "region", "topic"],
    "first": ["effective__startswith"],
}


@page(audience=Audience.DESK, discloses=NOTHING, permission=Desk.EDIT_HELP)
def contacts(request: Request) -> HttpResponseBase:
    today, closings = clock.today(), clock.closings()
    form, found, sort = _listed(request, today)
    rows = Paginator(found, PAGE).get_page(request.GET.get("page"))
    return TemplateResponse(
        request,
        "portals/contacts.html",
        {
            "form": form,
            "page_obj": rows,
            "rows": [_line(row, today, closings) for row in rows],
            "sort": sort,
            "clear_url": reverse("directory:contacts") if any(form.cleaned_data.values()) else "",
            "csv_url": csv_export.url_of(request, "directory:csv"),
        },
    )


def _listed(request: Request, today: Any) -> tuple[DirectoryFilter, QuerySet[HelpContact], str]:
    """The filters, exactly the rows that page and file show, and their order."""
    form = DirectoryFilter(request.GET)
    form.is_valid()
    filters = {name: value for name, value in form.cleaned_data.items() if value}
    sort = request.GET.get("sort", "topic")
    return form, _filtered(filters, today).order_by(*_order(sort), "effective__startswith", "id"), sort


def _filtered(filters: dict[str, str], today: Any) -> QuerySet[HelpContact]:
    rows = HelpContact.objects.all()
    for name in ("audience", "region"):
        if filters.get(name):
            rows = rows.filter(**{name: filters[name].strip("-")})
    ended = Q(effective__endswith__lte=today)
    if filters.get("state") == "ended":
        rows = rows.filter(ended)
    elif filters.get("state") != "all":
        rows = rows.exclude(ended & Q(effective__endswith__isnull=False))
    word = filters.get("q", "").replace("\0", "").strip()
    if word:
        topics = [value for value, label in Topic.choices if word.casefold() in str(label).casefold()]
        rows = rows.filter(
            Q(owner__icontains=word) | Q(owner_es__icontains=word) | Q(phone__icontains=word) | Q(topic__in=topics)
        )
    return rows


def _order(sort: str) -> list[Any]:
    name = sort.removeprefix("-")
    columns = SORTS.get(name, SORTS["topic"])
    ordered = [Lower(column) if column == "owner" else column for column in columns]
    if not sort.startswith("-"):
        return ordered
    return [each.desc() if isinstance(each, Lower) else f"-{each}" for each in ordered]


def _line(row: HelpContact, today: Any, closings: Any) -> dict[str, Any]:
    state = "ended" if row.effective.upper and row.effective.upper <= today else ""
    return {
        "id": row.pk,
        "contact": help_directory.read(row, closings),
        "topic": Topic(row.topic).label if row.topic in Topic.values else row.topic,
        "audience": Reader(row.audience).label if row.audience in Reader.values else _("Everyone"),
        "region": region_name(row.region) if row.region else _("Every region"),
        "first": row.effective.lower,
        "last": last_day_covered(row.effective.upper),
        "state": state or ("coming" if row.effective.lower > today else "now"),
    }


@page(audience=Audience.DESK, discloses=NOTHING, permission=Desk.EDIT_HELP, kind=Kind.EXPORT, step_up=ONCE_A_SESSION)
def contacts_csv(request: Request) -> HttpResponseBase:
    """Exactly the list that the page shows."""
    today, closings = clock.today(), clock.closings()
    _form, found, _sort = _listed(request, today)
    head = [
        _("Topic"), _("For whom"), _("Region"), _("Who answers"), _("Telephone"), _("Hours"), _("From"), _("Until"),
    ]  # fmt: skip
    return csv_export.answer(
        "contacts.csv",
        head,
        (
            (
                line["topic"],
                line["audience"],
                line["region"],
                line["contact"].owner,
                line["contact"].phone,
                line["contact"].hours,
                line["first"],
                line["last"] or "",
            )
            for line in (_line(row, today, closings) for row in found)
        ),
    )


@page(audience=Audience.DESK, discloses=NOTHING, permission=Desk.EDIT_HELP)
def new(request: Request) -> HttpResponseBase:
    today = clock.today()
    start = {"first": today, "holidays_off": True}
    form = NewEntryForm(request.POST or None, initial=start)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            row = help_actions.add(
                audience=data["audience"],
                region=data["region"],
                topic=data["topic"],
                entry=form.entry(),
                first=data["first"],
                today=today,
                by=request.scope,
            )
        except ContactNotSaved as refused:
            form.add_error("first", PROBLEM_WORDS[refused.problem])
        else:
            messages.success(request, _("The contact is entered."))
            return redirect("directory:contact", row.pk)
    return TemplateResponse(request, "portals/contact_new.html", {"form": form})


@page(audience=Audience.DESK, discloses=NOTHING, permission=Desk.EDIT_HELP)
def contact(request: Request, contact_id: int) -> HttpResponseBase:
    """One contact as people see it, and what it was and will be: every row of the same people, region and topic."""
    row = get_object_or_404(HelpContact, pk=contact_id)
    today, closings = clock.today(), clock.closings()
    kept = HelpContact.objects.filter(audience=row.audience, region=row.region, topic=row.topic)
    history = [_line(each, today, closings) for each in kept.order_by("-effective__startswith")]
    line = next((each for each in history if each["id"] == row.pk), None)
    if line is None:
        raise Http404
    return TemplateResponse(request, "portals/contact.html", {"line": line, "history": history})


@page(audience=Audience.DESK, discloses=NOTHING, permission=Desk.EDIT_HELP)
def change(request: Request, contact_id: int) -> HttpResponseBase:
    row = get_object_or_404(HelpContact, pk=contact_id)
    today = clock.today()
    start = EntryForm.typed(row) | {"first": max(today, row.effective.lower)}
    form = EntryForm(request.POST or None, initial=start)
    if request.method == "POST" and form.is_valid():
        try:
            changed = help_actions.change(
                contact_id=row.pk, entry=form.entry(), first=form.cleaned_data["first"], today=today, by=request.scope
            )
        except ContactNotSaved as refused:
            form.add_error("first", PROBLEM_WORDS[refused.problem])
        else:
            messages.success(request, _("The change is entered."))
            return redirect("directory:contact", changed.pk)
    context = {"form": form, "line": _line(row, today, ())}
    return TemplateResponse(request, "portals/contact_change.html", context)


@page(audience=Audience.DESK, discloses=NOTHING, permission=Desk.EDIT_HELP)
def end(request: Request, contact_id: int) -> HttpResponseBase:
    """The last day of an entry; one that has not begun is taken back whole."""
    row = get_object_or_404(HelpContact, pk=contact_id)
    today = clock.today()
    line = _line(row, today, ())
    form = None if line["state"] == "coming" else EndForm(request.POST or None, initial={"last": today})
    if request.method == "POST" and (form is None or form.is_valid()):
        try:
            last = form.cleaned_data["last"] if form else today
            help_actions.end(contact_id=row.pk, last=last, today=today, by=request.scope)
        except ContactNotSaved as refused:
            if form is None:
                messages.error(request, PROBLEM_WORDS[refused.problem])
                return redirect("directory:contact", row.pk)
            form.add_error("last", PROBLEM_WORDS[refused.problem])
        else:
            messages.success(request, _("The last day is entered.") if form else _("The coming entry is taken back."))
            return redirect("directory:contacts")
    return TemplateResponse(request, "portals/contact_end.html", {"form": form, "line": line})
