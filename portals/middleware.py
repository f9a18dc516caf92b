"""Gives every request its id and the scope of nobody; the page decorator builds the real scope in its transaction."""

import dataclasses
import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from portals.scope import NOBODY


class ScopeMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.scope = dataclasses.replace(  # type: ignore[attr-defined]  # HttpRequest is open by custom
            NOBODY, request_id=uuid.uuid4().hex, source=request.META.get("REMOTE_ADDR", "")
        )
        response = self.get_response(request)
        if not response.has_header("Cache-Control"):
            response["Cache-Control"] = "no-store"
        response["Cross-Origin-Resource-Policy"] = "same-origin"
        response["Cross-Origin-Embedder-Policy"] = "require-corp"
        return response
