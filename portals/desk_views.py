"""The desk's pages. Its queue is one frame for every kind of request."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.template.response import TemplateResponse

from portals.access import Desk
from portals.pages import NOTHING, Audience, page


@page(audience=Audience.DESK, discloses=NOTHING, permission=Desk.WORK_QUEUE)
def home(request: HttpRequest) -> HttpResponseBase:
    return TemplateResponse(request, "portals/desk_home.html")
