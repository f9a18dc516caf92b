"""Somebody has just signed in: the row, the browser, and who else is in under the same name."""

from __future__ import annotations

import dataclasses
import time

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit import actions as audit
from audit.enums import Kind
from portals.desk import actions as desk
from portals.desk import kinds as desk_kinds
from portals.desk.kinds import RequestKind
from portals.enums import NoticeKind, Team, UserKind
from portals.login import notices
from portals.models import SignedIn, User
from portals.plan.periods import PLAN_ZONE
from portals.scope import NOBODY, Scope, act
from portals.sessions import browsers, form_drafts
from portals.sessions import log as session_log
from portals.sessions import scope as session_scope
from portals.templatetags.ui import plan_time

REQUEST_KIND = "door.two_places"


def let_in(request: HttpRequest, user: User) -> None:
    """Sign this person in. What the sign-in itself writes is already written by them."""
    act(by_user(request, user))
    login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])


def by_user(request: HttpRequest, user: User) -> Scope:
    """The request's scope, once it has turned out who the person is."""
    base: Scope = getattr(request, "scope", NOBODY)
    return dataclasses.replace(base, actor=f"user:{user.pk}", user_id=user.pk)


def arrive(request: HttpRequest, user: User, *, by: Scope) -> None:
    browser, new = browsers.recognize(request, user)
    own = session_log.begin(request, user, browser=browser, factor=request.session.get(session_scope.FACTOR_KEY, ""))
    request.session[session_scope.SEEN_KEY] = request.session[session_scope.BEGUN_KEY] = time.time()
    if form_drafts.waiting(user):
        request.session[form_drafts.KEPT_KEY] = True
    if new:
        notices.tell(user, NoticeKind.NEW_BROWSER)
    other = session_log.live(user).exclude(pk=own.pk).exclude(browser=browser).first()
    if other is not None:
        _two_places(request, user, other, by=by)


def _two_places(request: HttpRequest, user: User, other: SignedIn, *, by: Scope) -> None:
    """The person is told where; of a work account the privacy officer hears, once a day: a shared username breaks the
    plan's rules."""
    audit.record(
        kind=Kind.SIGN_IN,
        action=REQUEST_KIND,
        object_kind="user",
        object_id=str(user.pk),
        detail={"other_session": other.pk},
        **by.audit(),
    )
    today = timezone.localdate(timezone=PLAN_ZONE)
    text = _("You are also signed in on %(device)s, since %(time)s. Not you?") % {
        "device": browsers.label(other.device),
        "time": plan_time(other.started_at, today),
    }
    link = f"{reverse('door:security')}#signed-in"
    messages.warning(
        request,
        format_html('{} <a href="{}">{}</a>', text, link, _("Sign out everywhere else")),
        fail_silently=True,
    )
    if user.kind == UserKind.WORK:
        desk.open_request(
            kind=REQUEST_KIND,
            key=f"two-places:{user.pk}:{today:%Y%m%d}",
            title=_("One username was signed in at two places at once"),
            detail={"account": user.pk, "day": f"{today:%Y-%m-%d}"},
            by=by,
        )


def register() -> None:
    desk_kinds.register(REQUEST_KIND, RequestKind(team=Team.PRIVACY, label=gettext_lazy("Two places at once")))
