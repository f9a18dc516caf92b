"""One's own sessions: the list and its ends, staying signed in, and what was typed when a session ended."""

from __future__ import annotations

import re
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portals.http import Request
from portals.models import SignedIn
from portals.pages import NOTHING, Audience, page
from portals.plan.periods import PLAN_ZONE
from portals.sessions import form_drafts, session_ends
from portals.sessions import log as session_log
from portals.sessions import scope as session

PAGE = 20
_CODE = re.compile(r"\s*|[a-z0-9_:-]+")  # a choice or an id of the form's own: no words of the person


def signed_in_context(request: Request) -> dict[str, Any]:
    """What the security page shows of sessions: those that live, and the sign-ins of the last months by pages."""
    key = request.session.session_key or ""
    shown = Paginator(session_log.recent(request.user), PAGE).get_page(request.GET.get("page"))
    return {
        "sessions": [session_log.stretch(row, key=key) for row in session_log.live(request.user)],
        "sign_ins": shown,
        "sign_in_rows": [session_log.stretch(row, key=key) for row in shown],
        "wall_today": timezone.localdate(timezone=PLAN_ZONE),
    }


@page(audience=Audience.SETUP, discloses=NOTHING)
def end_session(request: Request, session: int) -> HttpResponseBase:
    """Signs one of one's own sessions out; it is dead on its next click."""
    row = SignedIn.objects.filter(user=request.user, pk=session).first()
    if row is None:
        raise Http404
    if row.session_key == request.session.session_key:
        return redirect("door:sign_out")
    if request.method == "POST" and session_ends.one(request.user, session, by=request.scope):
        messages.success(request, _("Signed out there."))
    return redirect("door:security")


@page(audience=Audience.SETUP, discloses=NOTHING)
def end_others(request: Request) -> HttpResponseBase:
    if request.method == "POST":
        ended = session_ends.everywhere(request.user, by=request.scope, but=request.session.session_key or "")
        messages.success(
            request,
            ngettext("Signed out at %(count)s other place.", "Signed out at %(count)s other places.", ended)
            % {"count": ended},
        )
    return redirect("door:security")


@page(audience=Audience.SETUP, discloses=NOTHING)
def stay(request: Request) -> HttpResponseBase:
    """How many seconds are left. A POST is a sign of life (`portals.sessions.scope`); what the page at `path` had
    kept in the last seconds is not needed then. The page asks with `?poll`, which is none."""
    if request.method == "POST":
        form_drafts.forget(user_id=request.user.pk, path=request.POST.get("path", ""))
    session_time = request.session_time
    return JsonResponse({"left": session_time.left, "in_all": session_time.in_all} if session_time else {})


@page(audience=Audience.SETUP, discloses=NOTHING)
def keep(request: Request) -> HttpResponseBase:
    """The script of a page sends what stands in its forms, seconds before the session ends."""
    typed = form_drafts.from_page(request) if request.method == "POST" else None
    kept = typed is not None and session.keep(request, request.user, typed)
    if kept:
        request.session[form_drafts.KEPT_KEY] = True
    return JsonResponse({"kept": kept}, status=200 if kept else 400)


@page(audience=Audience.SIGNED_IN, discloses=NOTHING)
def resume(request: Request) -> HttpResponseBase:
    """What was sent after the end of the session, to be sent again with one button, or forgotten."""
    found = form_drafts.late(request.user)
    if found is None:
        return TemplateResponse(request, "door/resume.html", {"nothing": True})
    row, tenant, typed = found
    if request.method == "POST":
        form_drafts.forget(user_id=request.user.pk, path=row.path)
        messages.info(request, _("What you had typed is deleted."))
        return redirect("door:home")
    step_up = form_drafts.step_up_at(row.path)
    if step_up and not session.stepped_up(request, within=step_up):
        return redirect(session.step_up_url(request))  # asked for now: on the way it would be lost once more
    return TemplateResponse(
        request,
        "door/resume.html",
        {
            "path": row.path,
            "fields": typed.fields,
            "words": [value for _name, value in typed.fields if not _CODE.fullmatch(value)],
            "left_out": typed.left_out,
            "files": typed.files,
            "kept_at": row.kept_at,
            "elsewhere": session.tenant_at(request, request.user, row.path) != tenant,
            "wall_today": timezone.localdate(timezone=PLAN_ZONE),
        },
    )
