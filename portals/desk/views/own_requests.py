"""Requests as whoever asked sees them: what can be asked for, each form, and one's own requests with their answers.

Every portal has these pages by one line in its URLs: `own_requests.urls(Audience.EMPLOYER)`.
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _

from portals.access import Own
from portals.desk import kinds as desk_kinds
from portals.desk import mail as desk_mail
from portals.desk import own_requests
from portals.desk.forms import CHANGED_MEANWHILE, LetterForm, NoteForm
from portals.desk.views.queues import TONES
from portals.enums import REQUEST_OVER, RequestStatus
from portals.files import stored as files
from portals.http import Request
from portals.models import DeskRequest
from portals.pages import NOTHING, Audience, disclose, page
from portals.scope import NOBODY, Scope

PAGE = 50
FACTS = ("request.title", "request.detail")


def urls(audience: Audience, *, listed: str = "") -> list[URLPattern]:
    """The pages of one portal; named `requests`, `ask`, `request` and `request_file` in its namespace. `listed` names
    a page of the portal that lists the requests itself and has its own forms: then only the last two are made."""

    @page(audience=audience, discloses=("request.title",), permission=Own.ASK)
    def requests(request: Request) -> HttpResponseBase:
        return _list(request)

    @page(audience=audience, discloses=NOTHING, permission=Own.ASK)
    def ask(request: Request, kind: str) -> HttpResponseBase:
        return _ask(request, kind)

    @page(audience=audience, discloses=FACTS, permission=Own.ASK)
    def one(request: Request, request_uuid: uuid.UUID) -> HttpResponseBase:
        row = get_object_or_404(own_requests.own(request.scope), uuid=request_uuid)
        return _one(request, row, listed=listed or "requests")

    @page(audience=audience, discloses=("request.attachment",), permission=Own.ASK)
    def file(request: Request, request_uuid: uuid.UUID, file: uuid.UUID) -> HttpResponseBase:
        row = get_object_or_404(own_requests.own(request.scope), uuid=request_uuid)
        stored = get_object_or_404(own_requests.attachments(row), uuid=file)
        disclose(request, subjects=[("desk_request", row.pk)], file=str(stored.uuid))
        return files.serve(stored)

    lists = [
        path("requests/", requests, name="requests"),
        path("requests/new/<slug:kind>/", ask, name="ask"),
    ]
    return [
        *([] if listed else lists),
        path("requests/<uuid:request_uuid>/", one, name="request"),
        path("requests/<uuid:request_uuid>/files/<uuid:file>/", file, name="request_file"),
    ]


def _here(request: Request, name: str) -> str:
    """A page of the portal that this one is of."""
    assert request.resolver_match is not None
    return f"{request.resolver_match.namespace}:{name}"


def _list(request: Request) -> HttpResponseBase:
    rows = Paginator(own_requests.own(request.scope), PAGE).get_page(request.GET.get("page"))
    disclose(request, subjects=[("desk_request", row.pk) for row in rows])
    return TemplateResponse(
        request,
        "portals/asked_requests.html",
        {
            "rows": rows,
            "shown": [(row, desk_kinds.kind_of(row).label, TONES[RequestStatus(row.status)]) for row in rows],
            "form_pages": list(own_requests.open_to(request.scope).items()),
            "ask_url": _here(request, "ask"),
            "request_url": _here(request, "request"),
        },
    )


def _ask(request: Request, kind: str) -> HttpResponseBase:
    form_page = own_requests.open_to(request.scope).get(kind)
    if form_page is None:
        raise Http404
    form = form_page.form(request.POST or None, request.FILES or None, scope=request.scope)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            made = form_page.open(request.scope, form.cleaned_data)
        messages.success(request, _confirmation(made))
        if len(made) == 1:
            return redirect(_here(request, "request"), made[0].uuid)
        return redirect(_here(request, "requests"))
    return TemplateResponse(
        request, "portals/ask.html", {"form_page": form_page, "form": form, "list_url": _here(request, "requests")}
    )


def _confirmation(made: list[DeskRequest]) -> str:
    numbers = ", ".join(row.number for row in made)
    return _("Your request is on its way: %(numbers)s. You get a mail at each step.") % {"numbers": numbers}


def _one(request: Request, row: DeskRequest, *, listed: str) -> HttpResponseBase:
    writes = request.POST.get("do") == "write"
    form = LetterForm(request.POST if writes else None, request.FILES if writes else None, by=request.scope)
    if request.method == "POST":
        if _answer(request, row, form, by=request.scope):
            return redirect(request.path)
        row.refresh_from_db()
    disclose(request, subjects=[("desk_request", row.pk)])
    return TemplateResponse(
        request,
        "portals/asked_request.html",
        {
            **_shown(row),
            "form": form,
            "list_url": _here(request, listed),
            "list_title": _("Requests") if listed == "requests" else _("Back"),
            "file_url": _here(request, "request_file"),
        },
    )


def _shown(row: DeskRequest) -> dict[str, Any]:
    return {
        "row": row,
        "kind_label": desk_kinds.kind_of(row).label,
        "tone": TONES[RequestStatus(row.status)],
        "facts": desk_kinds.facts(row),
        "steps": own_requests.steps(row),
        "over": row.status in REQUEST_OVER,
    }


def _answer(request: Request, row: DeskRequest, form: NoteForm, *, by: Scope) -> bool:
    """What whoever asked does: writes, or withdraws. False where the form is to be shown again."""
    do = request.POST.get("do")
    try:
        if do == "withdraw":
            own_requests.withdraw(by=by, request=row)
            messages.success(request, _("The request is withdrawn."))
        elif form.is_valid():
            data = form.cleaned_data
            own_requests.write(by=by, request=row, text=data["text"], files=data.get("attached", ()))
            messages.success(request, _("Your message is with the plan."))
        else:
            return False
    except desk_kinds.NotAllowed:
        messages.error(request, CHANGED_MEANWHILE)
    return True


@page(audience=Audience.ANYONE, discloses=NOTHING)
def stranger(request: Request, request_uuid: uuid.UUID, key: str) -> HttpResponseBase:
    """The page of somebody without an account, opened by the address in their mail: their own request only."""
    row = DeskRequest.objects.filter(uuid=request_uuid, asked_by=None).exclude(reply_to="").first()
    if row is None or not desk_mail.opens(row, key):
        raise Http404
    form = NoteForm(request.POST if request.POST.get("do") == "write" else None)
    if request.method == "POST":
        by = replace(NOBODY, request_id=request.scope.request_id, source=request.scope.source)
        if _answer(request, row, form, by=by):
            return redirect(request.path)
        row.refresh_from_db()
    return TemplateResponse(request, "door/request_status.html", {**_shown(row), "form": form})
