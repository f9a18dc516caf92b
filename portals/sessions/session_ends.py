"""Ending what is signed in: from the list of sessions, everywhere at once, or by the plan."""

from __future__ import annotations

from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils import timezone

from audit import actions as audit
from audit.enums import Kind
from portals.enums import SignedInEnd
from portals.models import SignedIn, User
from portals.scope import Scope
from portals.sessions import log as session_log


def everywhere(user: User, *, by: Scope, but: str = "", why: SignedInEnd = SignedInEnd.ELSEWHERE) -> int:
    """End every session of this person except the one with the key `but`; how many were open."""
    return _end(SignedIn.objects.filter(user=user).exclude(session_key=but), user, by=by, why=why)


def one(user: User, signed_in_id: int, *, by: Scope) -> bool:
    """End one of this person's sessions; False where there is none such."""
    return bool(_end(SignedIn.objects.filter(user=user, pk=signed_in_id), user, by=by, why=SignedInEnd.ELSEWHERE))


def _end(rows: QuerySet[SignedIn], user: User, *, by: Scope, why: SignedInEnd) -> int:
    keys = list(rows.filter(ended_at=None).values_list("session_key", flat=True))
    if not keys:
        return 0
    Session.objects.filter(session_key__in=keys).delete()
    named = SignedIn.objects.filter(session_key__in=keys)
    session_log.close_over(named)  # what was over already keeps its own reason
    ended = named.filter(ended_at=None).update(ended_at=timezone.now(), ended_why=why)
    audit.record(
        kind=Kind.SIGN_OUT,
        action="door.end_sessions",
        object_kind="user",
        object_id=str(user.pk),
        detail={"sessions": ended, "why": why.value},
        **by.audit(),
    )
    return ended
