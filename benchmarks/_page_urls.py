"""The house's URLs, and beside them what pages are compared with."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseBase
from django.template import engines
from django.urls import include, path

from members.access import Member
from members.cards import views as home
from portals.http import Request
from portals.models import StateRule, User
from portals.pages import NOTHING, Audience, page

TABLE = engines["django"].from_string(
    '{% extends "layouts/portal.html" %}{% block heading %}Fifty rows{% endblock %}{% block content %}<table>'
    "{% for row in rows %}<tr><td>{{ row.username }}</td><td>{{ row.display_name }}</td><td>{{ row.email }}</td>"
    "<td>{{ row.kind }}</td><td>{{ row.created_at|date }}</td></tr>{% endfor %}</table>{% endblock %}"
)
QUERIES = 12  # beside those that every signed-in page makes


@page(audience=Audience.SIGNED_IN, discloses=NOTHING)
def plain(request: Request) -> HttpResponseBase:
    """What any Django page does: twelve queries by key and a table of fifty rows."""
    rows = list(User.objects.order_by("id")[:50])
    for number in range(QUERIES - 1):
        StateRule.objects.filter(pk=number).first()
    return HttpResponse(TABLE.render({"rows": rows}, request))


# The member's home page itself, under a declaration that says it discloses nothing: the same work without the row.
unaudited = page(audience=Audience.MEMBER, discloses=NOTHING, permission=Member.SEE_OWN)(
    home.home.__wrapped__  # type: ignore[attr-defined]  # what functools.wraps leaves
)

urlpatterns = [
    path("bench/plain/", plain, name="bench_plain"),
    path("bench/unaudited/", unaudited, name="bench_unaudited"),
    path("", include("portals.urls")),
]
