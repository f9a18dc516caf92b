"""The member's home: the ID card is the page."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy

from members.access import Member
from members.cards import queries as cards
from portals.enums import Reader, Topic
from portals.help import directory as help_directory
from portals.help import views as faq_views
from portals.http import Request
from portals.pages import NOTHING, Audience, disclose, page
from portals.plan import clock
from portals.plan.regions import region_of
from portals.scope import Scope


@page(
    audience=Audience.MEMBER,
    discloses=("person.name", "member_id", "coverage"),
    permission=Member.SEE_OWN,
    label=gettext_lazy("ID card and overview"),
)
def home(request: Request) -> HttpResponseBase:
    scope: Scope = request.scope
    now = clock.now()
    content = cards.home(scope, as_of=now.date())
    disclose(request, subjects=cards.subjects(scope, content))
    # Who has a card is told nowhere on this page to call.
    contact = None if content.card else help_directory.contact_for(scope, Topic.MEMBER_SERVICES, as_of=now.date())
    return TemplateResponse(
        request,
        "members/home.html",
        {"content": content, "card": content.card, "hour": now.hour, "contact": contact},
    )


@page(
    audience=Audience.MEMBER,
    discloses=("person.name", "member_id", "coverage"),
    permission=Member.SEE_OWN,
    label=gettext_lazy("Back of the ID card"),
)
def card_back(request: Request) -> HttpResponseBase:
    scope: Scope = request.scope
    today = clock.today()
    content = cards.home(scope, as_of=today)
    disclose(request, subjects=cards.subjects(scope, content))
    contacts = help_directory.contacts(audience="member", region=region_of(scope), as_of=today)
    return TemplateResponse(request, "members/card_back.html", {"card": content.card, "rows": contacts})


@page(audience=Audience.MEMBER, discloses=NOTHING)
def help_page(request: Request) -> HttpResponseBase:
    return TemplateResponse(request, "members/help.html", faq_views.context(request, Reader.MEMBER))
