"""A page: one decorator that owns the transaction, the gate, the rendering and the audit row.

    @page(audience=Audience.EMPLOYER, discloses=("person.name", "coverage"), permission=access.SEE_MEMBERS)
    def members(request): ...
        disclose(request, subjects=(("person", row.id) for row in rows))

Order: transaction opened, scope built, actor and tenant told to PostgreSQL, gate asked, view run, response rendered,
row written, committed, and only then answered. A refusal or an error rolls back; its row is written afterwards in a
transaction of its own. A page that declares a disclosure and cannot write its row is not answered.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError, connection, transaction
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.template.response import SimpleTemplateResponse, TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode
from psycopg2.errors import LockNotAvailable, QueryCanceled

from audit import actions as audit
from audit.enums import Kind, Outcome
from portals import acting, doors, permissions
from portals.exceptional_access import view_as
from portals.help import directory as help_directory
from portals.http import Disclosed, Request
from portals.page_cache import one_page
from portals.permissions import Refused
from portals.plan import clock
from portals.plan.brand import brand
from portals.scope import Scope, enter
from portals.sessions import form_drafts
from portals.sessions import scope as session_scope

log = logging.getLogger(__name__)


class Audience(StrEnum):
    """Who may enter a page. One of these stands on every view."""

    ANYONE = "anyone"
    SIGNED_IN = "signed_in"
    SETUP = "setup"  # signed in, and something must be set up before any other page
    MEMBER = "member"
    EMPLOYER = "employer"
    PRODUCER = "producer"
    PROVIDER = "provider"
    DESK = "desk"


NOTHING: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Declaration:
    """What a view says of itself; `tests/house` walks every URL and reads it."""

    audience: Audience
    discloses: tuple[str, ...]
    permission: str
    step_up: int
    kind: str
    label: Any = ""


View = Callable[..., HttpResponseBase]


def page(
    *,
    audience: Audience,
    discloses: Sequence[str],
    permission: str = "",
    step_up: int = 0,
    kind: str = Kind.VIEW,
    label: Any = "",
) -> Callable[[View], View]:
    """`discloses` lists the groups of protected fields that the answer may show (`NOTHING` for none);
    the view names whose by `disclose`. `step_up` asks for the strongest proof that the person has, unless given
    within so many seconds. `label` is what readers of the ledger call the page; lazy."""

    declaration = Declaration(audience, tuple(discloses), permission, step_up, kind, label)

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def wrapped(request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
            return _answer(request, view, declaration, args, kwargs)

        wrapped.declaration = declaration  # type: ignore[attr-defined]  # read by the house tests
        return wrapped

    return decorate


def disclose(request: Request, *, subjects: Iterable[tuple[str, int]], **detail: object) -> None:
    """Name the people (kind, id) whose protected fields the answer shows."""
    request.disclosed.subjects.extend(subjects)
    request.disclosed.detail.update(detail)


def disclose_found(request: Request, sql: str, params: Sequence[object], *, people: int, **detail: object) -> None:
    """The same where there are too many to carry: a SELECT of two columns, kind and id, as `audit.record_subjects`
    takes it, and how many people that are."""
    request.disclosed.found.append((sql, list(params)))
    request.disclosed.detail.update(detail, people=people)


def _answer(
    request: Request, view: View, declaration: Declaration, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> HttpResponseBase:
    request.disclosed = Disclosed()
    action = request.resolver_match.view_name if request.resolver_match else view.__name__
    try:
        with transaction.atomic(), one_page():
            scope = session_scope.scope_of(request, declaration.audience)
            request.scope = scope
            enter(scope, statement_timeout=settings.WEB_STATEMENT_TIMEOUT, lock_timeout=settings.WEB_LOCK_TIMEOUT)
            turned_away = _gate(request, scope, declaration)
            if turned_away is not None:
                return turned_away
            with view_as.only_looking(scope):
                response = view(request, *args, **kwargs)
                if form_drafts.KEPT_KEY in request.session and scope.viewing_as is None:
                    _bring_back(request, scope, response)
                if isinstance(response, SimpleTemplateResponse):
                    response.render()
            if declaration.discloses and response.streaming:
                raise RuntimeError("protected data is never streamed from a query")
            view_as.check_answer(scope, response)
            shows = declaration.discloses or scope.viewing_as is not None  # who looks as another leaves a row each time
            if shows and not 300 <= response.status_code < 400:  # only a redirect shows nothing
                _record_disclosure(request, declaration, action)
        return response
    except acting.Ended as ended:
        request.scope = ended.scope
        acting.end_by_gate(ended)
        return _refusal(request, ended)
    except view_as.Ended as over:
        request.scope = over.scope
        view_as.end_by_gate(over)
        return _refusal(request, over)
    except Refused as refused:
        _record_denial(request, action, refused.answer.gate)
        return _refusal(request, refused)
    except (Http404, PermissionDenied) as missing:
        _record_denial(request, action, type(missing).__name__)
        raise
    except (OperationalError, InterfaceError) as error:
        if not isinstance(error.__cause__, (QueryCanceled, LockNotAvailable)):  # the connection, or the server itself
            log.exception("the database did not answer %s", action)
            connection.close()
        return HttpResponse(render_to_string("errors/503.html", {"brand": brand()}), status=503)


def _gate(request: Request, scope: Scope, declaration: Declaration) -> HttpResponseBase | None:
    if declaration.audience is Audience.ANYONE:
        return None
    if scope.user_id is None and request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})  # no sign-in page inside a fragment
    if scope.user_id is None:
        back = reverse("door:resume") if session_scope.was_kept(request) else request.get_full_path()
        return redirect(f"{settings.LOGIN_URL}?{urlencode({'next': back})}")
    if scope.must_set_up and declaration.audience is not Audience.SETUP:
        return redirect(scope.must_set_up)
    door = doors.find(declaration.audience)
    if door is not None and scope.portal is not door.portal:
        raise Http404
    view_as.check(scope, method=request.method or "", step_up=declaration.step_up, kind=declaration.kind)
    if declaration.permission:
        permissions.require(scope, declaration.permission)
    if declaration.step_up and not session_scope.stepped_up(request, within=declaration.step_up):
        return redirect(session_scope.step_up_url(request))
    return None


def _bring_back(request: Request, scope: Scope, response: HttpResponseBase) -> None:
    """What was typed here before the session ended is filled in again, once; what is sent now has no use for it."""
    if scope.user_id is None:
        return
    if request.method == "POST":
        form_drafts.forget(user_id=scope.user_id, path=request.path)
    elif request.method != "GET" or request.headers.get("HX-Request") or response.status_code != 200:
        return
    elif isinstance(response, SimpleTemplateResponse):
        request.kept = form_drafts.take(user_id=scope.user_id, path=request.path, by=scope)
    else:
        return
    if not form_drafts.waiting(request.user):
        del request.session[form_drafts.KEPT_KEY]


def _record_disclosure(request: Request, declaration: Declaration, action: str) -> None:
    """By the scope as the view left it: it may have come to stand under a grant. How many people it was about stands
    beside it: whoever may read what was done, yet not to whom, is told that."""
    disclosed, scope = request.disclosed, request.scope
    viewed = [("user", scope.viewing_as)] if scope.viewing_as is not None else []
    subjects = list(dict.fromkeys([*disclosed.subjects, *viewed]))
    people = sum(kind == "person" for kind, _id in subjects)
    event = audit.record(
        kind=Kind.LOOK if viewed else declaration.kind,
        action=action,
        subjects=subjects,
        fields=declaration.discloses,
        detail={**({"people": people} if people else {}), **disclosed.detail},
        **scope.audit(),
    )
    for sql, params in disclosed.found:
        audit.record_subjects(event, sql, params)


def _record_denial(request: Request, action: str, gate: str) -> None:
    scope = request.scope
    if scope.user_id is None:
        return  # strangers at closed URLs are the web server's log, not the ledger's
    audit.record(kind=Kind.DENIAL, action=action, outcome=Outcome.REFUSED, detail={"gate": gate}, **scope.audit())


def _refusal(request: Request, refused: Refused) -> HttpResponse:
    """A page that names the gate, who opens it, and the telephone number with its hours."""
    scope = request.scope
    answer = refused.answer
    words = permissions.words(answer.gate)
    with transaction.atomic():
        enter(scope)
        contact = help_directory.contact_for(scope, answer.owner, as_of=clock.today())
        context = {"gate": answer.gate, "owner": answer.owner, "contact": contact, **refused.context}
        if words is not None:
            context |= {"reason": words.reason, "opener": words.opener}
        response = TemplateResponse(request, "errors/refused.html", context, status=403)
        response.render()
    return response
