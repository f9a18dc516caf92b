"""An organization's own pages of access reviews. Each portal declares them with its permission (`@page`); what they
show and do is the same everywhere."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.core.paginator import Paginator
from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portals import doors
from portals.access_reviews import actions as access_reviews
from portals.access_reviews import kinds as review_kinds
from portals.access_reviews import queries as review_queries
from portals.access_reviews.forms import END, KEEP, LinesForm, StartForm
from portals.access_reviews.queries import Row
from portals.enums import ReviewDecision, ReviewStatus
from portals.files import stored as files
from portals.help import directory as help_directory
from portals.http import Request
from portals.models import AccessReview
from portals.pages import disclose
from portals.parties import Reviewed
from portals.plan import clock

PAGE = 100
DECISION_TONES = {
    ReviewDecision.CONFIRMED: "success",
    ReviewDecision.ENDED: "neutral",
    ReviewDecision.LAPSED: "neutral",
}
STATUS_TONES = {
    ReviewStatus.OPEN: "info",
    ReviewStatus.CLOSED: "success",
    ReviewStatus.LAPSED: "warn",
    ReviewStatus.CALLED_OFF: "neutral",
}


def _kind(request: Request) -> Reviewed:
    kind = review_kinds.own_kind(request.scope)
    assert kind is not None  # the page's permission is the kind's own
    return kind


def _rows(request: Request, review: AccessReview) -> list[Row]:
    return review_queries.rows(review, reader=request.scope.user_id, as_of=clock.today(), at=timezone.now())


def _running(request: Request) -> AccessReview:
    """The open review whose due day has not passed; for pages behind the first."""
    review = review_queries.current(request.scope)
    if review is None or clock.today() > review.due_date:
        raise Http404
    return review


# --- The review's page --------------------------------------------------------------------------------------------


def review(request: Request) -> HttpResponseBase:
    """The open review with everybody of it, or how to start one; and what became of the ones before."""
    kind, running, today = _kind(request), review_queries.current(request.scope), clock.today()
    if running is not None and request.method == "POST" and request.POST.get("do") == "finish":
        return _finish(request, kind, running)
    if running is not None and today <= running.due_date:
        return _decide(request, kind, running)
    earliest = access_reviews.earliest_due(request.scope, as_of=today)
    form = StartForm(request.POST or None, earliest=earliest, today=today)
    if request.method == "POST" and running is None and form.is_valid() and _start(request, kind, form):
        return redirect(kind.url)
    return _page(request, kind, {"form": form, "closing": running})


def _page(request: Request, kind: Reviewed, context: dict[str, Any]) -> TemplateResponse:
    shown = [{"past": each, "tone": STATUS_TONES[each.review.status]} for each in review_queries.past(request.scope)]
    urls = {"url": reverse(kind.url), "evidence_url": f"{kind.url}_evidence"}
    return TemplateResponse(request, "portals/access_review.html", {**urls, "past": shown, **context})


def _start(request: Request, kind: Reviewed, form: StartForm) -> bool:
    try:
        access_reviews.open_reviews(
            by=request.scope,
            kind=kind.kind,
            due_date=form.cleaned_data["due_date"],
            as_of=clock.today(),
            party=request.scope.party,
        )
    except review_kinds.NobodyToReview:
        form.add_error(None, _("Nobody but you has access here: there is nobody to confirm."))
    except review_kinds.AlreadyOpen:  # another window was quicker: its review is shown
        return True
    else:
        messages.success(request, _("The review is open."))
        return True
    return False


def _decide(request: Request, kind: Reviewed, running: AccessReview) -> HttpResponseBase:
    rows = _rows(request, running)
    shown = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    form = LinesForm(request.POST or None, rows=list(shown))
    if request.method == "POST" and form.is_valid():
        _confirm(request, running, form.chosen(KEEP))
        ending = [row.id for row in shown if row.id in form.chosen(END)]
        if ending:
            return redirect(f"{reverse(f'{kind.url}_end')}?{urlencode({'line': ending}, doseq=True)}")
        return redirect(request.get_full_path())
    others = [row for row in rows if not row.own]
    undecided = sum(row.open for row in rows)
    return _page(
        request,
        kind,
        {
            "review": running,
            "lines_form": form,
            "rows": shown,
            "shown": [_line(row, form) for row in shown],
            "people": len(others),
            "decided": len(others) - undecided,
            "undecided": undecided,
            "end_url": reverse(f"{kind.url}_end"),
            "rest_url": reverse(f"{kind.url}_rest"),
        },
    )


def _line(row: Row, form: LinesForm) -> dict[str, Any]:
    name = f"line_{row.id}"
    tone = DECISION_TONES.get(row.decision, "neutral") if row.decision else ""
    return {"row": row, "field": form[name] if name in form.fields else None, "tone": tone}


def _confirm(request: Request, running: AccessReview, lines: list[int]) -> None:
    """Says what was done. What somebody else decided meanwhile stays, and is said too."""
    try:
        decided = access_reviews.decide(by=request.scope, review=running, as_of=clock.today(), confirm=lines)
    except review_kinds.Over:
        messages.error(request, _("Nothing was saved: the review is over."))
        return
    if decided.confirmed:
        words = ngettext("%(n)s person is confirmed.", "%(n)s people are confirmed.", decided.confirmed)
        messages.success(request, words % {"n": decided.confirmed})
    if decided.late:
        messages.info(request, _("Somebody else had decided about some of these people. That stays as it was."))


def _finish(request: Request, kind: Reviewed, running: AccessReview) -> HttpResponseBase:
    try:
        access_reviews.finish(by=request.scope, review=running, as_of=clock.today())
    except review_kinds.NotDecided:
        messages.error(request, _("Not everybody is confirmed or ended yet."))
    except review_kinds.Over:
        messages.error(request, _("Nothing was saved: the review is over."))
    else:
        messages.success(request, _("The review is done. Its evidence is being made and appears below."))
    return redirect(kind.url)


# --- Before something is done to many, or cannot be undone --------------------------------------------------------


def _lines(request: Request) -> set[int]:
    asked = request.POST if request.method == "POST" else request.GET
    return {int(value) for value in asked.getlist("line") if value.isascii() and value.isdecimal()}


def end(request: Request) -> HttpResponseBase:
    """Who will lose access now, and the last question before it. The page asks for step-up."""
    kind, running = _kind(request), _running(request)
    wanted = _lines(request)
    rows = [row for row in _rows(request, running) if row.id in wanted and row.changeable]
    if not rows:
        messages.info(request, _("Somebody else had decided about some of these people. That stays as it was."))
        return redirect(kind.url)
    refused = ""
    if request.method == "POST":
        try:
            done = access_reviews.decide(
                by=request.scope, review=running, as_of=clock.today(), end=[row.id for row in rows]
            )
        except review_kinds.LastManager:
            refused = kind.last_manager
        except (review_kinds.Over, ObjectDoesNotExist):
            messages.error(request, _("Nothing was done: something changed meanwhile. Look at the list again."))
            return redirect(kind.url)
        else:
            words = ngettext("%(n)s person no longer has access.", "%(n)s people no longer have access.", done.ended)
            messages.success(request, words % {"n": done.ended})
            return redirect(kind.url)
    contact = help_directory.contact(
        doors.of(request.scope.portal).help_topic, audience=request.scope.portal.value, as_of=clock.today()
    )
    return TemplateResponse(
        request,
        "portals/access_review_end.html",
        {"rows": rows, "refused": refused, "contact": contact, "url": reverse(kind.url)},
    )


def rest(request: Request) -> HttpResponseBase:
    """Everybody who is left, confirmed at once: these people and nobody who is not on the page."""
    kind, running = _kind(request), _running(request)
    if request.method == "POST":
        _confirm(request, running, sorted(_lines(request)))
        return redirect(kind.url)
    rows = [row for row in _rows(request, running) if row.open]
    if not rows:
        return redirect(kind.url)
    return TemplateResponse(
        request, "portals/access_review_rest.html", {"rows": rows, "review": running, "url": reverse(kind.url)}
    )


# --- Evidence -----------------------------------------------------------------------------------------------------


def evidence(request: Request, review: uuid.UUID) -> HttpResponseBase:
    """The paper, to keep; where making it failed, it is made anew on asking."""
    kind = _kind(request)
    row = get_object_or_404(AccessReview.objects.visible_to(request.scope), uuid=review)
    if row.status not in (ReviewStatus.CLOSED, ReviewStatus.LAPSED):
        raise Http404
    if request.method == "POST":
        access_reviews.ask_evidence(row, by=request.scope)
        return redirect(kind.url)
    stored = review_queries.evidence(row)
    if stored is None:
        messages.info(request, _("The evidence is being made. Look again in a moment."))
        return redirect(kind.url)
    disclose(request, subjects=[("user", user) for user in row.lines.values_list("user_id", flat=True)], review=row.pk)
    return files.serve(stored)
