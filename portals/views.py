"""Pages that belong to no party: the front page, errors, the demo mailbox, the health check."""

from __future__ import annotations

from django.db import connection
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string
from django.template.response import TemplateResponse

from portals.enums import Topic
from portals.help import directory as help_directory
from portals.http import Request
from portals.models import OutboxMail
from portals.pages import NOTHING, Audience, page
from portals.plan import clock
from portals.plan.brand import brand


@page(audience=Audience.ANYONE, discloses=NOTHING)
def front(request: Request) -> HttpResponseBase:
    return TemplateResponse(request, "door/front.html")


@page(audience=Audience.ANYONE, discloses=NOTHING)
def privacy(request: Request) -> HttpResponseBase:
    """What is recorded about looks at a record, who sees what, and whom to call: of this version, nothing more."""
    today = clock.today()
    contact = help_directory.contact_for(request.scope, Topic.PRIVACY, as_of=today)
    contact = contact or help_directory.contact_for(request.scope, Topic.PORTAL, as_of=today)
    return TemplateResponse(request, "door/privacy.html", {"contact": contact})


@page(audience=Audience.ANYONE, discloses=NOTHING)
def health(request: Request) -> HttpResponseBase:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok\n", content_type="text/plain")


@page(audience=Audience.ANYONE, discloses=NOTHING)
def demo_mailbox(request: Request) -> HttpResponseBase:
    """Where mail of the demo is read; the URL does not exist outside the demo."""
    mails = OutboxMail.objects.order_by("-id")[:50]
    return TemplateResponse(request, "door/demo_mailbox.html", {"mails": mails})


def not_found(request: Request, exception: Exception) -> HttpResponse:
    return render(request, "errors/404.html", status=404)


def forbidden(request: Request, exception: Exception) -> HttpResponse:
    return render(request, "errors/403.html", status=403)


def failed(request: Request) -> HttpResponse:
    """Nothing of the request is asked again: the database itself may be what failed."""
    return HttpResponse(render_to_string("errors/500.html", {"brand": brand()}), status=500)


def csrf_failure(request: Request, reason: str = "") -> HttpResponse:
    return render(request, "errors/csrf.html", status=403)
