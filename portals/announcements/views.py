"""The plan's news at the service desk: written, looked at as people will see it, published, withdrawn."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from audit.enums import Kind
from portals.access import Desk
from portals.announcements import actions as announce
from portals.announcements.actions import Text, Withdrawn
from portals.announcements.forms import NewsFilter, NewsForm
from portals.enums import NewsState, Reader
from portals.files import csv_export
from portals.http import Request
from portals.models import Announcement
from portals.pages import NOTHING, Audience, page
from portals.plan import clock
from portals.plan.brand import region_name
from portals.step_up import ONCE_A_SESSION

PAGE = 50
TONES = {NewsState.SHOWN: "success", NewsState.COMING: "info", NewsState.WITHDRAWN: "warn"}
SORTS = {"title": "title", "first": "shown__startswith", "last": "shown__endswith"}


@page(audience=Audience.DESK, discloses=NOTHING, permission=Desk.EDIT_HELP)
def announcements(request: Request) -> HttpResponseBase:
    today = clock.today()
    form, found, sort = _listed(request, today)
    rows = Paginator(found, PAGE).get_page(request.GET.get("page"))
    return TemplateResponse(
        request,
        "portals/announcements.html",
        {
            "form": form,
            "page_obj": rows,
            "rows": [_line(row, today) for row in rows],
            "sort": sort,
            "clear_url": reverse("news:list") if any(form.cleaned_data.values()) else "",
            "csv_url": csv_export.url_of(request, "news:csv"),
        },
    )


def _listed(request: Request, today: dt.date) -> tuple[NewsFilter, QuerySet[Announcement], str]:
    """The filters, exactly the rows that page and file show, and their order."""
    form = NewsFilter(request.GET)
    form.is_valid()
    filters = {name: value for name, value in form.cleaned_data.items() if value}
    sort = request.GET.get("sort", "-first")
    column = SORTS.get(sort.removeprefix("-"), "shown__startswith")
    return form, _filtered(filters, today).order_by(f"-{column}" if sort.startswith("-") else column, "-id"), sort


def _filtered(filters: dict[str, str], today: dt.date) -> QuerySet[Announcement]:
    rows = Announcement.objects.all()
    for name in ("audience", "region"):
        if filters.get(name):
            rows = rows.filter(**{name: filters[name].strip("-")})
    states = {
        NewsState.SHOWN: Q(withdrawn_at=None, shown__contains=today),
        NewsState.COMING: Q(withdrawn_at=None, shown__startswith__gt=today),
        NewsState.PAST: Q(withdrawn_at=None, shown__endswith__lte=today),
        NewsState.WITHDRAWN: Q(withdrawn_at__isnull=False),
    }
    if filters.get("state"):
        rows = rows.filter(states[NewsState(filters["state"])])
    word = filters.get("q", "").replace("\0", "").strip()
    if word:
        columns = ("title", "body", "title_es", "body_es")
        criteria = Q()
        for column in columns:
            criteria |= Q(**{f"{column}__icontains": word})
        rows = rows.filter(criteria)
    return rows


def _line(row: Announcement, today: dt.date) -> dict[str, Any]:
    state = announce.state(row, today)
    text = announce.text_of(row)
    return {"id": row.pk, "text": text, "state": state, "tone": TONES.get(state, "neutral"), **_for_whom(text)}


def _for_whom(text: Text) -> dict[str, Any]:
    return {
        "audience": Reader(text.audience).label if text.audience in Reader.values else _("Everyone"),
        "region": region_name(text.region) if text.region else _("Every region"),
    }


@page(audience=Audience.DESK, discloses=NOTHING, permission=Desk.EDIT_HELP, kind=Kind.EXPORT, step_up=ONCE_A_SESSION)
def announcements_csv(request: Request) -> HttpResponseBase:
    """Exactly the list that the page shows."""
    today = clock.today()
    _form, found, _sort = _listed(request, today)
    head = [_("Title"), _("Text"), _("For whom"), _("Region"), _("First day"), _("Last day"), _("Status")]
    return csv_export.answer(
        "announcements.csv",
        head,
        (
            (
                line["text"].title,
                line["text"].body,
                line["audience"],
                line["region"],
                line["text"].first,
                line["text"].last,
                line["state"].label,
            )
            for line in (_line(row, today) for row in found)
        ),
    )


@page(audience=Audience.DESK, discloses=NOTHING, permission=Desk.EDIT_HELP)
def new(request: Request) -> HttpResponseBase:
    today = clock.today()
    form = NewsForm(request.POST or None, today=today, initial={"first": today})
    publish = request.method == "POST" and form.is_valid() and "publish" in request.POST
    if publish:
        row = announce.publish(text=form.text(), by=request.scope)
        messages.success(request, _("The announcement is published."))
        return redirect("news:announcement", row.pk)
    return _written(request, form, today, row=None)


@page(audience=Audience.DESK, discloses=NOTHING, permission=Desk.EDIT_HELP)
def change(request: Request, announcement_id: int) -> HttpResponseBase:
    row = get_object_or_404(Announcement, pk=announcement_id)
    today = clock.today()
    before = announce.text_of(row)
    form = NewsForm(request.POST or None, today=today, begun=before.first, initial=NewsForm.typed(before))
    if request.method == "POST" and form.is_valid() and "publish" in request.POST:
        try:
            announce.change(announcement_id=row.pk, text=form.text(), by=request.scope)
        except Withdrawn:
            messages.error(request, _("This announcement was withdrawn meanwhile. Write a new one."))
        else:
            messages.success(request, _("The announcement is changed."))
        return redirect("news:announcement", row.pk)
    return _written(request, form, today, row=row)


def _written(request: Request, form: NewsForm, today: dt.date, *, row: Announcement | None) -> HttpResponseBase:
    """The form; or, once it is right and unless the writer goes back to it, what people will see."""
    back = reverse("news:announcement", args=[row.pk]) if row else reverse("news:list")
    if request.method == "POST" and form.is_valid() and "edit" not in request.POST:
        text = form.text()
        context = {
            "text": text, "english": announce.notice(text, "en"), "spanish": announce.notice(text, "es"),
            "fields": [(name, form[name].data) for name in form.fields], "back": back, **_for_whom(text),
        }  # fmt: skip
        return TemplateResponse(request, "portals/announcement_preview.html", context)
    return TemplateResponse(request, "portals/announcement_form.html", {"form": form, "back": back, "row": row})


@page(audience=Audience.DESK, discloses=NOTHING, permission=Desk.EDIT_HELP)
def announcement(request: Request, announcement_id: int) -> HttpResponseBase:
    row = get_object_or_404(Announcement, pk=announcement_id)
    line = _line(row, clock.today())
    context = {
        "line": line, "english": announce.notice(row, "en"), "spanish": announce.notice(row, "es"),
        "open": line["state"] in (NewsState.SHOWN, NewsState.COMING), "withdrawn_at": row.withdrawn_at,
    }  # fmt: skip
    return TemplateResponse(request, "portals/announcement.html", context)


@page(audience=Audience.DESK, discloses=NOTHING, permission=Desk.EDIT_HELP)
def withdraw(request: Request, announcement_id: int) -> HttpResponseBase:
    row = get_object_or_404(Announcement, pk=announcement_id)
    if request.method == "POST":
        try:
            announce.withdraw(announcement_id=row.pk, by=request.scope)
        except Withdrawn:
            messages.error(request, _("This announcement was withdrawn already."))
        else:
            messages.success(request, _("The announcement is withdrawn. Nobody sees it from now on."))
        return redirect("news:announcement", row.pk)
    return TemplateResponse(request, "portals/announcement_withdraw.html", {"line": _line(row, clock.today())})
