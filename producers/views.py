"""The producer portal: the book, and logging in as a client."""

from __future__ import annotations

import uuid

from django.core.paginator import Paginator
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from audit.enums import Kind
from portals import access_reviews_lists, access_reviews_views, acting, answer_views, clock
from portals.context import NavEntry
from portals.enums import Reader
from portals.http import Request
from portals.login.session import ONCE_A_SESSION, RECENTLY
from portals.pages import NOTHING, Audience, page
from portals.permissions import Answer, Refused
from portals.scope import PartyRef, Scope
from producers import queries
from producers.access import Producer
from producers.enums import OPENERS

PAGE = 50


def navigation(scope: Scope) -> list[NavEntry]:
    review = [(_("Access review"), "producers:people_review", "producers:people_review")]
    return [
        (_("Clients"), "producers:home", "producers:home"),
        *(review if Producer.MANAGE_PEOPLE in scope.permissions else []),
        (_("Help"), "producers:help", "producers:help"),
    ]


@page(audience=Audience.PRODUCER, discloses=NOTHING, permission=Producer.SEE_BOOK)
def home(request: Request) -> HttpResponseBase:
    """Clients carry no person: a client list is no disclosure."""
    search = request.GET.get("q", "")
    rows = queries.book(request.scope, as_of=clock.today(), search=search)
    return TemplateResponse(
        request,
        "producers/home.html",
        {
            "rows": Paginator(rows, PAGE).get_page(request.GET.get("page")),
            "q": search,
            "review": access_reviews_lists.banner(request.scope, as_of=clock.today()),
        },
    )


@page(audience=Audience.PRODUCER, discloses=NOTHING, permission=Producer.SEE_BOOK, step_up=ONCE_A_SESSION)
def act(request: Request, client_id: str) -> HttpResponseBase:
    """Says which client and under which ID, then begins; a closed gate is named with who opens it."""
    rows = queries.book(request.scope, as_of=clock.today())
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
    """The band's button. A link or a picture elsewhere that asks for this address ends nothing."""
    if request.method == "POST":
        acting.end(request, by=request.scope)
    return redirect("producers:home")


@page(audience=Audience.PRODUCER, discloses=NOTHING, permission=Producer.MANAGE_PEOPLE)
def people_review(request: Request) -> HttpResponseBase:
    return access_reviews_views.review(request)


@page(audience=Audience.PRODUCER, discloses=NOTHING, permission=Producer.MANAGE_PEOPLE, step_up=RECENTLY)
def people_review_end(request: Request) -> HttpResponseBase:
    return access_reviews_views.end(request)


@page(audience=Audience.PRODUCER, discloses=NOTHING, permission=Producer.MANAGE_PEOPLE)
def people_review_rest(request: Request) -> HttpResponseBase:
    return access_reviews_views.rest(request)


@page(
    audience=Audience.PRODUCER,
    discloses=("user.name", "user.username"),
    permission=Producer.MANAGE_PEOPLE,
    kind=Kind.PRINT,
)
def people_review_evidence(request: Request, review: uuid.UUID) -> HttpResponseBase:
    return access_reviews_views.evidence(request, review)


@page(audience=Audience.PRODUCER, discloses=NOTHING)
def help_page(request: Request) -> HttpResponseBase:
    return TemplateResponse(request, "producers/help.html", answer_views.context(request, Reader.PRODUCER))
