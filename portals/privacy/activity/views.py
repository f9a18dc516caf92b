"""The weekly review of all activity: the list, one week beside those before it, the signature, the report."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.enums import Kind
from portals.access import Desk
from portals.enums import ActivityState
from portals.files import csv_export
from portals.files import stored as files
from portals.http import Request
from portals.models import ActivityReview
from portals.pages import Audience, disclose, page
from portals.permissions import Refused
from portals.plan.periods import plan_date, plan_time
from portals.privacy.activity import actions as activity
from portals.privacy.activity import report as activity_report
from portals.privacy.activity import table as activity_table
from portals.privacy.activity.forms import ActivityFilter, SignForm
from portals.step_up import ONCE_A_SESSION, RECENTLY

PAGE = 26  # half a year
SHOWN = ("user.name", "activity.figures", "activity.note")
TONES = {ActivityState.TO_SIGN: "warn", ActivityState.LATE: "error", ActivityState.SIGNED: "success"}


def _filtered(request: Request) -> tuple[ActivityFilter, QuerySet[ActivityReview]]:
    form = ActivityFilter(request.GET or None)
    state = form.cleaned_data.get("state", "") if form.is_valid() else ""
    return form, activity.filtered(request.scope, state=state, today=plan_date(timezone.now()))


def _signers(rows: list[ActivityReview]) -> list[tuple[str, int]]:
    return [("user", row.signed_by_id) for row in rows if row.signed_by_id is not None]


@page(audience=Audience.DESK, discloses=SHOWN, permission=Desk.REVIEW_ACTIVITY, label=gettext_lazy("Activity reviews"))
def review_list(request: Request) -> HttpResponseBase:
    form, results = _filtered(request)
    rows = Paginator(results, PAGE).get_page(request.GET.get("page"))
    disclose(request, subjects=_signers(list(rows)))
    today = plan_date(timezone.now())
    filters = request.GET.copy()
    filters.pop("page", None)
    return TemplateResponse(
        request,
        "portals/activity_reviews.html",
        {
            "form": form,
            "rows": rows,
            "listed": [(row, state := activity.state_of(row, today=today), TONES[state]) for row in rows],
            "total": rows.paginator.count,
            "query": filters.urlencode(),
            "clear": bool(filters.get("state")),
        },
    )


@page(
    audience=Audience.DESK,
    discloses=SHOWN,
    permission=Desk.REVIEW_ACTIVITY,
    kind=Kind.EXPORT,
    step_up=ONCE_A_SESSION,
    label=gettext_lazy("Activity reviews as a file"),
)
def review_csv(request: Request) -> HttpResponseBase:
    """Exactly the list that the page shows, all its pages, with each week's main figures."""
    _form, results = _filtered(request)
    rows, today = list(results), plan_date(timezone.now())
    disclose(request, subjects=_signers(rows))
    head = (
        "week", "status", "made", "sign_by", "signed", "signed_by", "note", "events", "people_opened", "files",
        "people_in_files", "alerts_made", "alerts_open",
    )  # fmt: skip
    return csv_export.answer("activity-reviews.csv", head, [_cells(row, today) for row in rows])


def _cells(row: ActivityReview, today: Any) -> tuple[object, ...]:
    figures = row.figures
    made = figures["alerts"].values()
    return (
        row.week,
        activity.state_of(row, today=today),
        plan_time(row.made_at).isoformat(timespec="seconds"),
        row.sign_by,
        plan_time(row.signed_at).isoformat(timespec="seconds") if row.signed_at else "",
        row.signed_by.display_name if row.signed_by else "",
        row.note,
        sum(line[3] for line in figures["events"]),
        sum(figures["opened"].values()),
        figures["exports"]["files"],
        figures["exports"]["people"],
        sum(each[0] for each in made),
        sum(each[2] for each in made),
    )


def _row(request: Request, review_id: int) -> ActivityReview:
    row = activity.reviews(request.scope).filter(pk=review_id).first()
    if row is None:
        raise Http404
    return row


@page(
    audience=Audience.DESK, discloses=SHOWN, permission=Desk.REVIEW_ACTIVITY, label=gettext_lazy("The review of a week")
)
def review(request: Request, review_id: int) -> HttpResponseBase:
    """A week's figures beside those of the weeks before, and the signature. POST signs, or asks for the report anew."""
    row = _row(request, review_id)
    named = row.signed_at is None and activity.named_in(request.scope, row)
    form = None if row.signed_at or named else SignForm(request.POST if request.POST.get("do") == "sign" else None)
    if request.method == "POST":
        if request.POST.get("do") == "report":
            activity_report.ask(row, by=request.scope)
            return redirect("desk:activity_review", row.pk)
        if named:
            raise Refused(activity.NAMED)
        if form is None or form.is_valid():
            _sign(request, row, form)
            return redirect("desk:activity_review", row.pk)
    side = activity_table.side_by_side(row)
    disclose(request, subjects=[*_signers([row]), *(("user", each.user_id) for each in side.actors)])
    state = activity.state_of(row, today=plan_date(timezone.now()))
    return TemplateResponse(
        request,
        "portals/activity_review.html",
        {
            "side": side,
            "row": row,
            "state": state,
            "tone": TONES[state],
            "named": named,
            "form": form,
            "report": activity_report.stored(row) is not None,
            "failed": activity_report.failed(row),
        },
    )


def _sign(request: Request, row: ActivityReview, form: SignForm | None) -> None:
    if form is None:
        messages.error(request, _("Somebody else was quicker."))
        return
    try:
        activity.sign(by=request.scope, review_id=row.pk, note=form.cleaned_data["note"])
    except activity.SignedAlready:
        messages.error(request, _("Somebody else was quicker."))
    else:
        messages.success(request, _("The review is signed. Its report is being made."))


@page(
    audience=Audience.DESK,
    discloses=SHOWN,
    permission=Desk.REVIEW_ACTIVITY,
    kind=Kind.EXPORT,
    step_up=RECENTLY,
    label=gettext_lazy("The report of a week"),
)
def report(request: Request, review_id: int) -> HttpResponseBase:
    """The week's report as a PDF, as the review stands."""
    row = _row(request, review_id)
    stored = activity_report.stored(row)
    if stored is None:
        messages.info(request, _("The report is being made. Look again in a moment."))
        return redirect("desk:activity_review", row.pk)
    users = [("user", each["user"]) for each in row.figures["actors"]]
    disclose(request, subjects=[*_signers([row]), *users], week=row.week.isoformat())
    return files.serve(stored)
