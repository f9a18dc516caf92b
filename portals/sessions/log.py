"""What is signed in: one row for each stretch, so that a person can see and end it."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import dataclass

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models import Case, Exists, F, OuterRef, QuerySet, Value, When
from django.db.models.functions import Least
from django.http import HttpRequest
from django.utils import timezone

from portals.enums import Factor, SignedInEnd
from portals.models import KnownBrowser, SignedIn, User
from portals.sessions import browsers

LISTED_KEY = "listed_at"  # in the session: when its row last said that somebody clicked
A_MINUTE = 60
REMEMBERED = dt.timedelta(days=90)  # how far back a person sees their own sign-ins


def begin(request: HttpRequest, user: User, *, browser: KnownBrowser | None, factor: str) -> SignedIn:
    """Called once the session has its final key."""
    if request.session.session_key is None:
        request.session.save()
    request.session[LISTED_KEY] = time.time()
    return SignedIn.objects.create(
        user=user,
        session_key=request.session.session_key or "",
        browser=browser,
        device=browsers.device(request.headers.get("User-Agent", "")),
        address=request.scope.source,  # type: ignore[attr-defined]  # set by ScopeMiddleware
        factor=factor,
    )


def seen(request: HttpRequest) -> None:
    """Somebody clicked. Written once a minute at most; a row that another tab's page holds is left to that page."""
    listed = request.session.get(LISTED_KEY)
    if listed is None or time.time() - listed < A_MINUTE:
        return
    request.session[LISTED_KEY] = time.time()
    row = SignedIn.objects.filter(session_key=request.session.session_key, ended_at=None)
    SignedIn.objects.filter(pk__in=row.select_for_update(skip_locked=True).values("pk")).update(seen_at=timezone.now())


def rekeyed(request: HttpRequest, former_key: str) -> None:
    """The session got a new key (a new password does that); the row follows."""
    SignedIn.objects.filter(session_key=former_key).update(session_key=request.session.session_key)


def end(request: HttpRequest, why: SignedInEnd) -> None:
    """The first reason stands."""
    key = request.session.session_key
    SignedIn.objects.filter(session_key=key, ended_at=None).update(ended_at=timezone.now(), ended_why=why)


def live(user: User) -> QuerySet[SignedIn]:
    """What of this person's is signed in at this moment, the latest first. Not all that is over was ended by
    somebody: an idle session dies when it is next used, and one whose browser was closed is never used again."""
    now = timezone.now()
    return SignedIn.objects.filter(
        Exists(Session.objects.filter(pk=OuterRef("session_key"))),
        user=user,
        ended_at=None,
        seen_at__gt=now - idle(),
        started_at__gt=now - age(),
    ).order_by("-started_at", "-id")


def idle() -> dt.timedelta:
    """How long a row lives after its `seen_at`, which may lag behind the last click."""
    return dt.timedelta(seconds=settings.SESSION_IDLE_SECONDS + A_MINUTE)


def age() -> dt.timedelta:
    return dt.timedelta(seconds=settings.SESSION_COOKIE_AGE)


@dataclass(frozen=True, slots=True)
class SessionPeriod:
    """A row as its person reads it."""

    id: int
    device: str
    address: str
    factor: str
    since: dt.datetime
    seen_at: dt.datetime
    ended_at: dt.datetime | None
    why: str
    here: bool


def stretch(row: SignedIn, *, key: str) -> SessionPeriod:
    """`key` is the reader's own session."""
    ended_at, why = row.ended_at, row.ended_why
    if ended_at is None and row.session_key != key:
        ended_at, why = _over(row)
    return SessionPeriod(
        id=row.pk,
        device=browsers.label(row.device),
        address=row.address,
        factor=str(Factor(row.factor).label) if row.factor else "",
        since=row.started_at,
        seen_at=row.seen_at,
        ended_at=ended_at,
        why=str(SignedInEnd(why).label) if why else "",
        here=row.session_key == key,
    )


def _over(row: SignedIn) -> tuple[dt.datetime | None, str]:
    """When and why an unended row is over all the same; (None, "") while it is not."""
    idle_at, aged_at = row.seen_at + idle(), row.started_at + age()
    over = min(idle_at, aged_at)
    if timezone.now() < over:
        return None, ""
    return over, SignedInEnd.AGE if aged_at <= idle_at else SignedInEnd.IDLE


def recent(user: User) -> QuerySet[SignedIn]:
    return SignedIn.objects.filter(user=user, started_at__gt=timezone.now() - REMEMBERED).order_by("-started_at", "-id")


def purge() -> int:
    """Django's expired sessions go, and rows of such say so. Answers how many."""
    gone: int = Session.objects.filter(expire_date__lte=timezone.now()).delete()[0]
    close_over(SignedIn.objects.all())
    return gone


def close_over(rows: QuerySet[SignedIn]) -> None:
    """Rows that are over without anybody having ended them say since when and why."""
    idle_at, aged_at = F("seen_at") + Value(idle()), F("started_at") + Value(age())
    rows.filter(ended_at=None).annotate(over=Least(idle_at, aged_at)).filter(over__lte=timezone.now()).update(
        ended_at=Least(idle_at, aged_at),
        ended_why=Case(
            When(started_at__lte=F("seen_at") + Value(idle() - age()), then=Value(SignedInEnd.AGE.value)),
            default=Value(SignedInEnd.IDLE.value),
        ),
    )
