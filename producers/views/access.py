"""My access: what I may do, which gate is closed, and who opens it; and what I and my agency were granted."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import Http404, HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy

from members.queries import clients
from portals.http import Request
from portals.pages import NOTHING, Audience, page
from portals.plan import clock
from producers import grant_texts
from producers.access import Producer
from producers.enums import SHORT, Capability
from producers.queries import book, gates
from producers.rules import OF_CLIENT, OF_PERSON

PAGE = 25


@page(
    audience=Audience.PRODUCER,
    discloses=NOTHING,
    permission=Producer.SEE_ACCESS,
    label=gettext_lazy("Producer's own access"),
)
def access(request: Request) -> HttpResponseBase:
    scope, today = request.scope, clock.today()
    search = request.GET.get("q", "")
    listed = book.filtered(book.book(scope, as_of=today), search=search)
    rows = Paginator(listed, PAGE).get_page(request.GET.get("page"))
    own = gates.own(scope, as_of=today, clients=[row.client for row in rows])
    texts = grant_texts.read([own], as_of=today)
    named = clients.named(grant_texts.clients_of([own]))
    return TemplateResponse(
        request,
        "producers/access.html",
        {
            "place": own.place,
            "capabilities": [texts.capability(own, each) for each in OF_PERSON],
            "entitlements": sorted(own.standing),
            "rows": rows,
            "columns": SHORT.values(),
            "table": [
                {
                    "client": row.client,
                    "capabilities": [texts.capability(own, each, row.client) for each in SHORT],
                }
                for row in rows
            ],
            "q": search,
            "contacts": texts.contacts[own.place.agency_id],
            "history": texts.history(own, named),
            "granted": texts.clients(own, named),
        },
    )


@page(
    audience=Audience.PRODUCER,
    discloses=NOTHING,
    permission=Producer.SEE_ACCESS,
    label=gettext_lazy("Producer's own access to a client"),
)
def access_client(request: Request, client_id: str) -> HttpResponseBase:
    """Every gate before one client of the book."""
    scope, today = request.scope, clock.today()
    row = next((row for row in book.book(scope, as_of=today) if row.client.client_id == client_id), None)
    if row is None:
        raise Http404
    own = gates.own(scope, as_of=today, clients=[row.client])
    texts = grant_texts.read([own], as_of=today)
    return TemplateResponse(
        request,
        "producers/access_client.html",
        {
            "client": row.client,
            "open": row.gate is None,
            "capabilities": [
                texts.capability(own, each, row.client) for each in OF_CLIENT if each is not Capability.IN_LIST
            ],
        },
    )
