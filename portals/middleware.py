"""Gives every request its id and the scope of nobody; the page decorator builds the real scope in its transaction.
Whoever signs in gets the cookie of their browser with the answer."""

import dataclasses
import uuid
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from portals.scope import NOBODY
from portals.sessions import browsers


class ScopeMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.scope = dataclasses.replace(  # type: ignore[attr-defined]  # HttpRequest is open by custom
            NOBODY, request_id=uuid.uuid4().hex, source=_address(request)
        )
        response = self.get_response(request)
        browsers.send(request, response)
        if not response.has_header("Cache-Control"):
            response["Cache-Control"] = "no-store"
        response["Cross-Origin-Resource-Policy"] = "same-origin"
        response["Cross-Origin-Embedder-Policy"] = "require-corp"
        return response


def _address(request: HttpRequest) -> str:
    """Where the request comes from: behind our own proxies, what the outermost of them saw. What a stranger writes into
    the header stands further left and is not read."""
    proxies = settings.TRUSTED_PROXIES
    seen = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    if proxies and len(seen) >= proxies and seen[-proxies]:
        return str(seen[-proxies][:45])
    return str(request.META.get("REMOTE_ADDR", ""))
