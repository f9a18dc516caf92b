"""Who opened my record: the person's own list, a young child's for the subscriber, and questions about it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.access import Member
from members.desk.request_kinds import who_opened as question_kind
from members.who_opened import queries as opened
from members.who_opened.forms import OpenedFilter, QuestionForm
from members.who_opened.queries import AccessRow, Whose
from portals.access import Own
from portals.desk import own_requests
from portals.desk.views.queues import TONES
from portals.enums import RequestStatus, Topic
from portals.help import directory as help_directory
from portals.http import Request
from portals.pages import Audience, disclose, page
from portals.pagination import place_of, place_text
from portals.plan import clock
from portals.templatetags.ui import plan_time

PAGE = 25
SHOWN = ("opened.who",)
QUESTIONS = 5  # the latest of one's own


def _whose(request: Request) -> list[Whose]:
    return opened.whose(request.scope, as_of=clock.today())


def _chosen(readable: list[Whose], uuid: str) -> Whose:
    """Oneself where nobody is named; whoever may not be read is not there."""
    found = next((each for each in readable if each.uuid == uuid), None)
    if found is None:
        raise Http404
    return found


def _address(query: QueryDict, **changes: str) -> str:
    changed = query.copy()
    changed.pop("before", None)
    for name, value in changes.items():
        changed[name] = value
        if not value:
            del changed[name]
    return f"{reverse('members:privacy')}?{changed.urlencode()}"


@page(
    audience=Audience.MEMBER,
    discloses=SHOWN,
    permission=Member.SEE_OWN,
    label=gettext_lazy("List of who opened the record"),
)
def privacy(request: Request) -> HttpResponseBase:
    today, readable = clock.today(), _whose(request)
    of = _chosen(readable, request.GET.get("person", ""))
    form = OpenedFilter(request.GET, whose=readable)
    form.is_valid()
    days = form.days()
    mine = "mine" in request.GET
    before = place_of(request.GET.get("before", ""))
    found = opened.entries(
        request.scope,
        of,
        mine=mine,
        since=timezone.now() - dt.timedelta(days=days) if days else None,
        before=before,
        limit=PAGE + 1,
    )
    entries = found[:PAGE]
    disclose(request, subjects=[("person", of.person_id)])
    older = ""
    if len(found) > PAGE:
        older = _address(request.GET, before=place_text(entries[-1].at, entries[-1].event_id))
    asks = Own.ASK in request.scope.permissions
    return TemplateResponse(
        request,
        "members/privacy.html",
        {
            "of": of,
            "form": form,
            "filtered": bool(days) or not of.own,
            "entries": entries,
            "mine": mine,
            "mine_url": _address(request.GET, mine="" if mine else "1"),
            "older": older,
            "newest": _address(request.GET) if before else "",
            "asks": asks,
            "questions": _questions(request) if asks else [],
            "contact": help_directory.contact_for(request.scope, Topic.PRIVACY, as_of=today),
        },
    )


def _questions(request: Request) -> list[dict[str, Any]]:
    """One's own latest questions. One query."""
    rows = own_requests.own(request.scope).filter(kind=question_kind.KIND)[:QUESTIONS]
    return [{"row": row, "tone": TONES[RequestStatus(row.status)]} for row in rows]


@page(
    audience=Audience.MEMBER,
    discloses=SHOWN,
    permission=Own.ASK,
    label=gettext_lazy("Question about an entry of that list"),
)
def ask(request: Request, event_id: int) -> HttpResponseBase:
    """A question about one entry, which the privacy officer answers."""
    of = _chosen(_whose(request), request.GET.get("person", ""))
    entry = opened.entry(request.scope, of, event_id)
    if entry is None:
        raise Http404
    form = QuestionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        with transaction.atomic():
            made = question_kind.ask(
                by=request.scope, of=of, entry=entry, summary=_summary(entry), text=data["text"], once=data["once"]
            )
        messages.success(request, _("Your question is with the privacy officer: %(number)s.") % {"number": made.number})
        return redirect("members:request", made.uuid)
    disclose(request, subjects=[("person", of.person_id)])
    query = QueryDict(mutable=True)
    query["person"] = of.uuid
    return TemplateResponse(
        request,
        "members/privacy_ask.html",
        {"of": of, "entry": entry, "form": form, "list_url": f"{reverse('members:privacy')}?{query.urlencode()}"},
    )


def _summary(entry: AccessRow) -> str:
    """The entry as it was read, for whoever answers."""
    who = ", ".join(filter(None, (entry.who, entry.place)))
    return f"{plan_time(entry.at)}: {who}. {entry.what}"
