"""The book, and logging in as a client."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy

from audit.enums import Kind
from portals import acting
from portals.access_reviews import queries as review_queries
from portals.enums import Reader
from portals.files import csv_export
from portals.help import views as faq_views
from portals.http import Request
from portals.pages import NOTHING, Audience, disclose, page
from portals.permissions import Answer, Refused
from portals.plan import clock
from portals.scope import PartyRef
from portals.step_up import ONCE_A_SESSION
from producers.access import Producer
from producers.enums import OPENERS
from producers.forms.portal import BookFilter
from producers.queries import book
from producers.queries.book import BookRow

PAGE = 50


def _filtered(request: Request) -> tuple[BookFilter, list[BookRow], bool]:
    """The form, what it leaves of the book, and whether there is a book at all. Not understood filters nothing."""
    sort = request.GET.get("sort", "name")
    rows = book.book(request.scope, as_of=clock.today(), sort=sort)
    form = BookFilter(request.GET or None, states=sorted({row.client.state for row in rows}))
    if not form.is_valid():
        return form, rows, bool(rows)
    data = form.cleaned_data
    left = book.filtered(rows, search=data["q"], access=data["access"], state=data["state"])
    return form, left, bool(rows)


@page(
    audience=Audience.PRODUCER,
    discloses=NOTHING,
    permission=Producer.SEE_BOOK,
    label=gettext_lazy("Producer's clients"),
)
def home(request: Request) -> HttpResponseBase:
    """Clients carry no person: a client list is no disclosure."""
    form, rows, any_client = _filtered(request)
    filters = request.GET.copy()
    filters.pop("page", None)
    return TemplateResponse(
        request,
        "producers/home.html",
        {
            "rows": Paginator(rows, PAGE).get_page(request.GET.get("page")),
            "form": form,
            "any_client": any_client,
            "total": len(rows),
            "query": filters.urlencode(),
            "clear": any(filters.get(name) for name in ("q", "access", "state")),
            "sort": request.GET.get("sort", "name"),
            "review": review_queries.banner(request.scope, as_of=clock.today()),
        },
    )


@page(
    audience=Audience.PRODUCER,
    discloses=("client.name", "client.id"),
    permission=Producer.SEE_BOOK,
    kind=Kind.EXPORT,
    step_up=ONCE_A_SESSION,
    label=gettext_lazy("Producer's clients as a file"),
)
def book_csv(request: Request) -> HttpResponseBase:
    """Exactly the list that the page shows: clients, never people."""
    _form, rows, _any = _filtered(request)
    disclose(request, subjects=[("client", row.client.id) for row in rows], rows=len(rows))
    head = ("client_id", "client", "state", "migrated", "closed_gate", "case_manager")
    lines = [
        (
            row.client.client_id,
            row.client.name,
            row.client.state,
            int(row.client.migrated),
            row.gate or "",
            int(row.case_manager),
        )
        for row in rows
    ]
    return csv_export.answer("clients.csv", head, lines)


@page(
    audience=Audience.PRODUCER,
    discloses=NOTHING,
    permission=Producer.SEE_BOOK,
    step_up=ONCE_A_SESSION,
    label=gettext_lazy("Logging in as an employer"),
)
def act(request: Request, client_id: str) -> HttpResponseBase:
    """Says which client and under which ID, then begins; a closed gate is named with who opens it."""
    rows = book.book(request.scope, as_of=clock.today())
    row = next((row for row in rows if row.client.client_id == client_id), None)
    if row is None:
        raise Http404
    if row.gate is not None:
        raise Refused(
            Answer(False, gate=row.gate, owner=OPENERS[row.gate]),
            client_name=row.client.name,
            client_id=row.client.client_id,
        )
    if request.method == "POST":
        acting.begin(request, by=request.scope, party=PartyRef("client", row.client.id))
        return redirect("employers:home")
    return TemplateResponse(request, "producers/act.html", {"client": row.client})


@page(audience=Audience.PRODUCER, discloses=NOTHING)
def leave(request: Request) -> HttpResponseBase:
    """The banner's button. A link or a picture elsewhere that asks for this address ends nothing."""
    if request.method == "POST":
        acting.end(request, by=request.scope)
    return redirect("producers:home")


@page(audience=Audience.PRODUCER, discloses=NOTHING, label=gettext_lazy("Help for producers"))
def help_page(request: Request) -> HttpResponseBase:
    return TemplateResponse(request, "producers/help.html", faq_views.context(request, Reader.PRODUCER))
