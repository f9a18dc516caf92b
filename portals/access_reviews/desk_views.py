"""The desk's access reviews: how far each organization is, and starting them for one or for all."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from audit.enums import Kind
from portals.access import Desk
from portals.access_reviews import actions as access_reviews
from portals.access_reviews import kinds as review_kinds
from portals.access_reviews import queries as review_queries
from portals.access_reviews.forms import DeskStartForm, ReviewFilter
from portals.access_reviews.kinds import Reviewed
from portals.access_reviews.views import STATUS_TONES
from portals.enums import ReviewKind, ReviewStatus
from portals.files import csv_export
from portals.http import Request
from portals.invitations.kinds import Organization
from portals.models import AccessReview
from portals.pages import NOTHING, Audience, page
from portals.plan import clock
from portals.plan.periods import PLAN_ZONE
from portals.scope import PartyRef, Scope
from portals.step_up import ONCE_A_SESSION

PAGE = 50


def _visible(scope: Scope) -> QuerySet[AccessReview]:
    """Of the organizations that this person's teams look after."""
    return AccessReview.objects.visible_to(scope).filter(kind__in=review_kinds.open_to(scope))


def _filtered(scope: Scope, form: ReviewFilter) -> QuerySet[AccessReview, Any]:
    """What search and filter leave, the latest due day first; anything not understood filters nothing."""
    rows = review_queries.counted(_visible(scope)).order_by("-due_date", "-pk")
    if not form.is_valid():
        return rows
    query, status = form.cleaned_data["q"].strip(), form.cleaned_data["status"]
    if status:
        rows = rows.filter(status=status)
    if query:
        kinds = review_kinds.open_to(scope).values()
        rows = rows.filter(
            party__in=[str(PartyRef(kind.party, found)) for kind in kinds for found in kind.search(query)]
        )
    return rows


def _shown(rows: Iterable[Any]) -> list[dict[str, Any]]:
    """With the organizations' names: one query for each kind, however many rows."""
    listed = list(rows)
    names: dict[str, Organization] = {}
    for name in {row.kind for row in listed}:
        kind = review_kinds.kind_of(next(row for row in listed if row.kind == name))
        found = kind.named({PartyRef.parse(row.party).id for row in listed if row.kind == name})
        names |= {str(PartyRef(kind.party, key)): each for key, each in found.items()}
    return [
        {
            "row": row,
            "organization": names[row.party],
            "number_label": review_kinds.kind_of(row).number_label,
            "status": ReviewStatus(row.status),
            "tone": STATUS_TONES[ReviewStatus(row.status)],
            "decided": row.people - row.undecided,
        }
        for row in listed
    ]


@page(audience=Audience.DESK, discloses=NOTHING, permission=Desk.SEE_REVIEWS, label=gettext_lazy("Access reviews"))
def review_list(request: Request) -> HttpResponseBase:
    """Organizations and numbers of people: no person in it."""
    form = ReviewFilter(request.GET or None)
    rows = Paginator(_filtered(request.scope, form), PAGE).get_page(request.GET.get("page"))
    filters = request.GET.copy()
    filters.pop("page", None)
    return TemplateResponse(
        request,
        "portals/access_reviews.html",
        {
            "form": form,
            "rows": rows,
            "shown": _shown(rows),
            "total": rows.paginator.count,
            "query": filters.urlencode(),
            "clear": any(filters.values()),
            "kinds": [(name, ReviewKind(name).label) for name in review_kinds.open_to(request.scope)],
        },
    )


@page(
    audience=Audience.DESK,
    discloses=NOTHING,
    permission=Desk.SEE_REVIEWS,
    kind=Kind.EXPORT,
    step_up=ONCE_A_SESSION,
    label=gettext_lazy("Access reviews as a file"),
)
def review_csv(request: Request) -> HttpResponseBase:
    """Exactly the list that the page shows."""
    head = (
        "organization", "number", "kind", "opened", "due", "status", "people", "confirmed", "ended", "not_confirmed",
        "undecided", "closed",
    )  # fmt: skip
    rows = _shown(_filtered(request.scope, ReviewFilter(request.GET or None)))
    return csv_export.answer("access-reviews.csv", head, [_csv_line(each) for each in rows])


def _csv_line(each: dict[str, Any]) -> tuple[object, ...]:
    row, organization = each["row"], each["organization"]
    closed = timezone.localtime(row.closed_at, PLAN_ZONE).date().isoformat() if row.closed_at else ""
    return (
        organization.name,
        organization.number,
        row.kind,
        row.opened_on.isoformat(),
        row.due_date.isoformat(),
        row.status,
        row.people,
        row.confirmed,
        row.ended,
        row.lapsed,
        row.undecided,
        closed,
    )


@page(
    audience=Audience.DESK,
    discloses=NOTHING,
    permission=Desk.SEE_REVIEWS,
    label=gettext_lazy("Starting access reviews"),
)
def start(request: Request, kind: str) -> HttpResponseBase:
    """One organization by its number, or all of the kind; for all of them the page asks once more."""
    reviewed = review_kinds.open_to(request.scope).get(kind)
    if reviewed is None:
        raise Http404
    today = clock.today()
    earliest = access_reviews.earliest_due(request.scope, as_of=today)
    form = DeskStartForm(request.POST or None, earliest=earliest, today=today, number_label=reviewed.number_label)
    if request.method == "POST" and "edit" not in request.POST and form.is_valid():
        if form.cleaned_data["whom"] == DeskStartForm.ALL and "sure" not in request.POST:
            asked = _ask(request, ReviewKind(kind), form)
            if asked is not None:
                return asked
        elif _open(request, ReviewKind(kind), reviewed, form):
            return redirect("desk:reviews")
    return TemplateResponse(request, "portals/access_review_start.html", {"form": form, "kind": ReviewKind(kind).label})


def _ask(request: Request, kind: ReviewKind, form: DeskStartForm) -> HttpResponseBase | None:
    """The question before all of them; None with the form's error where there is nobody to ask about."""
    parties, people = access_reviews.would_open(by=request.scope, kind=kind, as_of=clock.today())
    if not parties:
        form.add_error("whom", _("None is left: each has an open review, or one manager alone."))
        return None
    return TemplateResponse(
        request,
        "portals/access_review_all.html",
        {"form": form, "kind": kind.label, "parties": parties, "people": people, "due": form.cleaned_data["due_date"]},
    )


def _open(request: Request, kind: ReviewKind, reviewed: Reviewed, form: DeskStartForm) -> bool:
    party = None
    if form.cleaned_data["whom"] == DeskStartForm.ONE:
        party = reviewed.numbered(form.cleaned_data["number"].strip())
        if party is None:
            form.add_error("number", _("We know nobody under this number. Check it."))
            return False
    try:
        made = access_reviews.open_reviews(
            by=request.scope, kind=kind, due_date=form.cleaned_data["due_date"], as_of=clock.today(), party=party
        )
    except review_kinds.AlreadyOpen:
        form.add_error("number", _("A review of this organization is open already."))
    except review_kinds.NobodyToReview:
        form.add_error("number", _("Nobody but one manager has access there: there is nobody to confirm."))
    else:
        messages.success(request, ngettext("%(n)s review is open.", "%(n)s reviews are open.", made) % {"n": made})
        return True
    return False


@page(audience=Audience.DESK, discloses=NOTHING, permission=Desk.SEE_REVIEWS, label=gettext_lazy("An access review"))
def review(request: Request, review: uuid.UUID) -> HttpResponseBase:
    """One organization's review in numbers, and calling it off."""
    row = get_object_or_404(review_queries.counted(_visible(request.scope)), uuid=review)
    if request.method == "POST":
        try:
            access_reviews.call_off(by=request.scope, review=row)
        except review_kinds.Over:
            messages.error(request, _("Nothing was done: the review was over already."))
        else:
            messages.success(request, _("The review is called off. Nobody else loses access by it."))
        return redirect("desk:review", row.uuid)
    (shown,) = _shown([row])
    return TemplateResponse(request, "portals/access_review_desk.html", {**shown, "kind": ReviewKind(row.kind).label})
