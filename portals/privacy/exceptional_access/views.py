"""The privacy officer's review of what plan staff looked at beyond their role."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.enums import Kind
from portals.access import Desk
from portals.enums import ExceptionalAccessKind, Finding
from portals.exceptional_access import openings
from portals.files import csv_export
from portals.http import Request
from portals.pages import Audience, disclose, page
from portals.permissions import Refused
from portals.plan.brand import brand
from portals.plan.periods import plan_time
from portals.privacy.exceptional_access import actions as exceptional_access
from portals.privacy.exceptional_access.forms import ReviewFilter, ReviewForm
from portals.step_up import ONCE_A_SESSION

PAGE = 50
SHOWN = ("user.name", "look.reason", "look.ticket")
OPEN, TO_REVIEW = ("info", gettext_lazy("Open now")), ("warn", gettext_lazy("To review"))
FOUND = {Finding.JUSTIFIED: "success", Finding.NOT_JUSTIFIED: "error"}


def _filtered(request: Request) -> tuple[ReviewFilter, ExceptionalAccessKind, Any]:
    """The list that filter and search leave; what is not understood filters nothing."""
    form = ReviewFilter(request.GET or None)
    criteria = form.cleaned_data if form.is_valid() else {}
    kind = ExceptionalAccessKind(criteria.get("kind") or ExceptionalAccessKind.BREAK_GLASS)
    rows: Any = exceptional_access.of_kind(request.scope, kind)
    state = criteria.get("state", "")
    if state == "open":
        rows = rows.filter(openings.open_now())
    elif state == "to_review":
        rows = rows.filter(Q(ended_at__isnull=False) | Q(expires_at__lte=timezone.now()), reviewed_at=None)
    elif state:
        rows = rows.filter(finding=state)
    for word in criteria.get("q", "").replace("\0", "").split():
        rows = rows.filter(
            Q(ticket__icontains=word) | Q(user__given_name__icontains=word) | Q(user__family_name__icontains=word)
        )
    return form, kind, rows


def _line(row: openings.Opening, me: int | None) -> dict[str, Any]:
    open_still = openings.is_open(row)
    if open_still:
        tone, words = OPEN
    elif row.finding:
        tone, words = FOUND[Finding(row.finding)], Finding(row.finding).label
    else:
        tone, words = TO_REVIEW
    place = ""
    if not hasattr(row, "subject_kind"):
        place = " · ".join(filter(None, (brand()["portal_names"].get(row.portal, ""), row.place)))
    return {
        "row": row,
        "who": row.user.display_name,
        "place": place,
        "closed_at": openings.closed_at(row),
        "tone": tone,
        "state": words,
        "reviewable": not open_still and not row.finding and row.user_id != me,
        "own": row.user_id == me,
        "open": open_still,
    }


@page(
    audience=Audience.DESK,
    discloses=SHOWN,
    permission=Desk.REVIEW_EXCEPTIONAL_ACCESS,
    label=gettext_lazy("Looks by plan staff"),
)
def review_list(request: Request) -> HttpResponseBase:
    """Several that raised no question are signed off at once, from the list that a person has read."""
    form, kind, results = _filtered(request)
    rows = Paginator(results, PAGE).get_page(request.GET.get("page"))
    if request.method == "POST":
        ids = [int(each) for each in request.POST.getlist("look") if each.isdecimal()]
        _sign_off(request, kind, [row.pk for row in rows if row.pk in ids])
        return redirect(request.get_full_path())
    listed = [_line(row, request.scope.user_id) for row in rows]
    disclose(request, subjects=[("user", row.user_id) for row in rows])
    filters = request.GET.copy()
    filters.pop("page", None)
    return TemplateResponse(
        request,
        "portals/exceptional_accesses.html",
        {
            "form": form,
            "kind": kind,
            "kinds": [(each, each is kind) for each in ExceptionalAccessKind],
            "rows": rows,
            "listed": listed,
            "total": rows.paginator.count,
            "reviewable": any(each["reviewable"] for each in listed),
            "query": filters.urlencode(),
            "clear": any(filters.get(name) for name in ("q", "state")),
        },
    )


def _sign_off(request: Request, kind: ExceptionalAccessKind, ids: list[int]) -> None:
    try:
        count = exceptional_access.review(by=request.scope, kind=kind, ids=ids, finding=Finding.JUSTIFIED)
    except (exceptional_access.StillOpen, exceptional_access.ReviewedAlready):
        messages.error(request, _("Nothing was signed off: one of them is still open or was reviewed meanwhile."))
        return
    if count:
        messages.success(request, _("Signed off: %(count)s.") % {"count": count})
    else:
        messages.error(request, _("Choose at least one."))


@page(
    audience=Audience.DESK,
    discloses=SHOWN,
    permission=Desk.REVIEW_EXCEPTIONAL_ACCESS,
    kind=Kind.EXPORT,
    step_up=ONCE_A_SESSION,
    label=gettext_lazy("Looks by plan staff as a file"),
)
def review_csv(request: Request) -> HttpResponseBase:
    """Exactly the list that the page shows."""
    _form, kind, results = _filtered(request)
    rows = list(results)
    disclose(request, subjects=[("user", row.user_id) for row in rows], rows=len(rows))
    head = ("grant", "who", "place", "reason", "ticket", "opened", "closed", "finding", "reviewed_by", "reviewed")
    return csv_export.answer(f"{kind.value}.csv", head, [_cells(row) for row in rows])


def _cells(row: openings.Opening) -> tuple[object, ...]:
    line = _line(row, None)
    return (
        openings.grant(row),
        line["who"],
        line["place"],
        row.reason,
        row.ticket,
        _instant(row.opened_at),
        _instant(line["closed_at"]),
        row.finding,
        row.reviewed_by.display_name if row.reviewed_by else "",
        _instant(row.reviewed_at),
    )


def _instant(at: Any) -> str:
    return plan_time(at).isoformat(timespec="seconds") if at else ""


@page(
    audience=Audience.DESK,
    discloses=(*SHOWN, "person.name"),
    permission=Desk.REVIEW_EXCEPTIONAL_ACCESS,
    label=gettext_lazy("The review of a look"),
)
def review(request: Request, kind: str, opening_id: int) -> HttpResponseBase:
    """One opening with exactly what the ledger holds of it, and the finding."""
    if kind not in ExceptionalAccessKind.values:
        raise Http404
    of_kind = ExceptionalAccessKind(kind)
    row: Any = exceptional_access.of_kind(request.scope, of_kind).filter(pk=opening_id).first()
    if row is None:
        raise Http404
    line = _line(row, request.scope.user_id)
    form = ReviewForm(request.POST or None) if line["reviewable"] else None
    if form is not None and request.method == "POST" and form.is_valid():
        try:
            exceptional_access.review(
                by=request.scope,
                kind=of_kind,
                ids=[row.pk],
                finding=Finding(form.cleaned_data["finding"]),
                note=form.cleaned_data["note"],
            )
        except (exceptional_access.StillOpen, exceptional_access.ReviewedAlready):
            messages.error(request, _("Somebody else was quicker."))
        else:
            messages.success(request, _("The review is recorded."))
        return redirect("desk:look", kind, opening_id)
    if request.method == "POST" and line["own"]:
        raise Refused(exceptional_access.OWN)
    seen, subjects = exceptional_access.looked_at(row)
    disclose(request, subjects=[("user", row.user_id), *subjects])
    return TemplateResponse(
        request,
        "portals/exceptional_access.html",
        {**line, "kind": of_kind, "form": form, "seen": seen, "viewed": getattr(row, "viewed", None)},
    )
