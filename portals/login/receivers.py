"""Receivers of Django's own sign-in signals; each calls one action. No signals of ours exist."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import signals
from django.dispatch import receiver
from django.http import HttpRequest

from audit import actions as audit
from audit.enums import Kind, Outcome
from portals import acting
from portals.enums import SignedInEnd
from portals.exceptional_access import view_as
from portals.login import on_sign_in, wrong_passwords
from portals.models import User
from portals.scope import NOBODY, Scope, act
from portals.sessions import log as session_log


def _scope(request: HttpRequest | None) -> Scope:
    return getattr(request, "scope", NOBODY)


@receiver(signals.user_logged_in)
def signed_in(sender: object, request: HttpRequest, user: User, **kwargs: Any) -> None:
    scope = on_sign_in.by_user(request, user)
    audit.record(kind=Kind.SIGN_IN, action="sign_in", **scope.audit())
    on_sign_in.arrive(request, user, by=scope)


@receiver(signals.user_logged_out)
def signed_out(sender: object, request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    if user is not None:
        scope = on_sign_in.by_user(request, user)
        act(scope)  # a session that is over is left before its page has entered any scope
        acting.end(request, by=scope)
        view_as.end(request, by=scope)
        session_log.end(request, SignedInEnd.SIGNED_OUT)
        audit.record(kind=Kind.SIGN_OUT, action="sign_out", **scope.audit())


@receiver(signals.user_login_failed)
def sign_in_failed(
    sender: object, credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any
) -> None:
    """Names the account that was tried by its id, and nothing that was typed; an unknown name costs the same work."""
    typed = str(credentials.get("username") or "")
    wrong_passwords.count(typed)
    tried = User.objects.filter(username__iexact=typed).values_list("pk", flat=True).first()
    audit.record(
        kind=Kind.FAILURE,
        action="sign_in",
        outcome=Outcome.FAILED,
        object_kind="user",
        object_id=str(tried or ""),
        **_scope(request).audit(),
    )
