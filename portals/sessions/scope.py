"""From a browser's session to a scope. Nothing else reads the session for who someone is."""

from __future__ import annotations

import dataclasses
import time

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django_otp import DEVICE_ID_SESSION_KEY

from portals import acting
from portals.enums import SignedInEnd, UserKind
from portals.exceptional_access import view_as
from portals.http import SessionTime
from portals.models import User
from portals.scope import PartyRef, Portal, Scope, Standing, standing_scope, standings
from portals.sessions import form_drafts
from portals.sessions import log as session_log

STANDING_KEY = "standing"
BEGUN_KEY = "begun_at"
SEEN_KEY = "seen_at"
STEPPED_UP_KEY = "stepped_up_at"
DOORS_KEY = "doors"  # how many places to work the person had at the way home
FACTOR_KEY = "factor"  # the kind of second factor that was proven at sign-in

_PORTALS = {
    "member": Portal.MEMBER,
    "employer": Portal.EMPLOYER,
    "producer": Portal.PRODUCER,
    "provider": Portal.PROVIDER,
    "desk": Portal.DESK,
}


def scope_of(request: HttpRequest, audience: str) -> Scope:
    """The scope in which this request enters a page of `audience`. Memberships are read anew each time, so that a
    removed person's open session is dead on the next click."""
    base: Scope = request.scope  # type: ignore[attr-defined]  # set by ScopeMiddleware
    user = request.user
    if not user.is_authenticated or _over(request, user):
        return base
    return _scope(request, user, audience)


def _scope(request: HttpRequest, user: User, audience: str) -> Scope:
    base: Scope = request.scope  # type: ignore[attr-defined]  # set by ScopeMiddleware
    scope = dataclasses.replace(base, actor=f"user:{user.pk}", user_id=user.pk, must_set_up=_due(request, user))
    door = _PORTALS.get(audience)
    if door is None:
        return scope
    if door is not Portal.DESK and view_as.SESSION_KEY in request.session:
        seen = view_as.applied(request, scope, door)
        if seen is not None:
            return seen
    if door is Portal.EMPLOYER and acting.SESSION_KEY in request.session:
        home = _standing(request, standings(user.pk, Portal.PRODUCER))
        if home is not None:
            worked = acting.applied(request, standing_scope(scope, home))
            if worked.acting_for is not None:
                return worked
    standing = _standing(request, standings(user.pk, door))
    return standing_scope(scope, standing) if standing else scope


def _standing(request: HttpRequest, available: list[Standing]) -> Standing | None:
    chosen = request.session.get(STANDING_KEY, "")
    return next((s for s in available if str(s.party or "") == chosen), available[0] if available else None)


def choose(request: HttpRequest, party: PartyRef | None) -> None:
    request.session[STANDING_KEY] = str(party or "")


def remember_doors(request: HttpRequest, doors: int) -> None:
    request.session[DOORS_KEY] = doors


def may_switch(request: HttpRequest) -> bool:
    """Did this person have several places to work when they came in?"""
    return int(request.session.get(DOORS_KEY, 1)) > 1


def _over(request: HttpRequest, user: User) -> bool:
    """A session ends when nobody clicks for a while, and after its full age however busy it is."""
    now = time.time()
    seen, begun = request.session.get(SEEN_KEY), request.session.get(BEGUN_KEY, now)
    idle = seen is not None and now - seen > settings.SESSION_IDLE_SECONDS
    aged = now - begun > settings.SESSION_COOKIE_AGE
    if idle or aged:
        _leave(request, user, SignedInEnd.AGE if aged else SignedInEnd.IDLE)
        return True
    polling = request.headers.get("HX-Request") and request.GET.get("poll")
    if not polling:  # a progress bar is not a person
        session_log.seen(request)
        if seen is None or now - seen > 10:  # spare a write a click
            seen = request.session[SEEN_KEY] = now
            request.session[BEGUN_KEY] = begun
    in_all = begun + settings.SESSION_COOKIE_AGE - now
    left = (now if seen is None else seen) + settings.SESSION_IDLE_SECONDS - now
    request.session_time = SessionTime(left=int(left), in_all=int(in_all))  # type: ignore[attr-defined]  # as in portals.http
    return False


def _leave(request: HttpRequest, user: User, why: SignedInEnd) -> None:
    """The session is over, and this request came too late: what it brought is kept before anything else."""
    typed = form_drafts.brought(request)
    kept = typed is not None and keep(request, user, typed)
    request.was_kept = kept and typed is not None and typed.sent  # type: ignore[attr-defined]  # read by `was_kept`
    sentences = [
        _("You were signed out: a sign-in lasts %(hours)s hours at most.")
        % {"hours": settings.SESSION_COOKIE_AGE // 3600}
        if why is SignedInEnd.AGE
        else _("You were signed out, since nobody clicked for %(minutes)s minutes.")
        % {"minutes": settings.SESSION_IDLE_SECONDS // 60}
    ]
    if kept or form_drafts.KEPT_KEY in request.session:
        sentences.append(_("What you had typed is kept for a day, for you alone."))
    session_log.end(request, why)
    logout(request)
    messages.info(request, " ".join(sentences), fail_silently=True)


def keep(request: HttpRequest, user: User, typed: form_drafts.Typed) -> bool:
    """Keep what was typed at a page that is open to this person now, for the party for which they typed it."""
    tenant = tenant_at(request, user, typed.path)
    if not tenant:
        return False
    by = dataclasses.replace(request.scope, actor=f"user:{user.pk}", user_id=user.pk)  # type: ignore[attr-defined]
    form_drafts.keep(user=user, typed=typed, tenant=tenant, by=by)
    return True


def tenant_at(request: HttpRequest, user: User, path: str) -> str:
    """For whom this person works at a page now; blank where they may not enter it or nothing typed there is kept."""
    audience = form_drafts.audience_of(path)
    if not audience or view_as.SESSION_KEY in request.session:
        return ""
    try:
        scope = _scope(request, user, audience)
    except acting.Ended as ended:
        acting.end_by_gate(ended)
        return ""
    return scope.tenant if _PORTALS.get(audience, scope.portal) is scope.portal else ""


def was_kept(request: HttpRequest) -> bool:
    """Did this request come too late and is kept, to be sent again?"""
    return bool(getattr(request, "was_kept", False))


def _due(request: HttpRequest, user: User) -> str:
    """What this person must set up before any other page opens: an own password, a proven e-mail, a second factor.

    A work session without a factor's mark has enrolled none: who holds one proved it before the session began, and
    removing a factor elsewhere ends the other sessions.
    """
    if user.must_change_password:
        return "door:change_password"
    if user.kind == UserKind.WORK:
        if user.email_proven_at is None:
            return "door:email"
        if DEVICE_ID_SESSION_KEY not in request.session:
            return "door:security"
    return ""


def stepped_up(request: HttpRequest, *, within: int) -> bool:
    """Has the person shown within so many seconds of this session that they are there?"""
    at = request.session.get(STEPPED_UP_KEY)
    return at is not None and time.time() - at < within


def mark_stepped_up(request: HttpRequest) -> None:
    request.session[STEPPED_UP_KEY] = time.time()


def step_up_url(request: HttpRequest) -> str:
    return f"{reverse('door:confirm')}?{urlencode({'next': request.get_full_path()})}"
