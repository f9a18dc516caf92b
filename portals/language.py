"""The language of the pages: chosen in the footer, kept in a cookie of this browser."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from portals.http import Request
from portals.pages import NOTHING, Audience, page


@page(audience=Audience.ANYONE, discloses=NOTHING)
def set_language(request: Request) -> HttpResponseBase:
    """POST `language` and `next`. Goes back to `next` if it is a page of this site, else to the front page;
    an unknown language and a GET change nothing."""
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = reverse("front")
    response = HttpResponseRedirect(back)
    code = request.POST.get("language", "")
    if code in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            code,
            max_age=settings.LANGUAGE_COOKIE_AGE,
            secure=settings.LANGUAGE_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
    return response
