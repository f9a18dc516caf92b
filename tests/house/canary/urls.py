from __future__ import annotations

from django.http import HttpResponse, HttpResponseBase
from django.urls import include, path

from portals import scope
from portals.http import Request
from portals.pages import NOTHING, Audience, page
from tests.house.canary import failures


@page(audience=Audience.ANYONE, discloses=NOTHING)
def fail(request: Request, failure: str) -> HttpResponseBase:
    with scope.unscoped("a page that fails on purpose"):
        failures.FAILURES[failure](request.POST.getlist("value") or request.GET.getlist("value"))
    return HttpResponse("it went on")


urlpatterns = [path("canary/<str:failure>/", fail), path("", include("portals.urls"))]
handler404 = "portals.views.not_found"
handler500 = "portals.views.failed"
handler403 = "portals.views.forbidden"
