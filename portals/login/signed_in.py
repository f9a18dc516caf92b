"""What is signed in: one row for each stretch, so that a person can see and end it."""

from __future__ import annotations

from django.http import HttpRequest

from portals.login import session
from portals.models import SignedIn, User


def begin(request: HttpRequest, user: User) -> SignedIn:
    """Called once the session has its final key."""
    if request.session.session_key is None:
        request.session.save()
    return SignedIn.objects.create(
        user=user,
        session_key=request.session.session_key or "",
        device="",
        address=request.scope.source,  # type: ignore[attr-defined]  # set by ScopeMiddleware
        factor=request.session.get(session.FACTOR_KEY, ""),
    )


def rekeyed(request: HttpRequest, former_key: str) -> None:
    """The session got a new key (a new password does that); the row follows."""
    SignedIn.objects.filter(session_key=former_key).update(session_key=request.session.session_key)
