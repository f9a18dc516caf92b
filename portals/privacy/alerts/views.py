"""The privacy officer's work list of alerts, and the page of one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from audit.enums import Kind
from portals.access import Desk
from portals.access_reviews import queries as review_queries
from portals.desk import queries as desk_queries
from portals.enums import AlertFinding, AlertState, Team
from portals.files import csv_export
from portals.http import Request
from portals.models import Alert
from portals.pages import Audience, disclose, page
from portals.permissions import Refused
from portals.plan.brand import brand
from portals.plan.periods import plan_time
from portals.privacy.alerts import actions as alert_actions
from portals.privacy.alerts import rule_settings
from portals.privacy.alerts.forms import AlertsFilter, CloseForm, CloseManyForm, NoteForm, ReopenForm
from portals.scope import Scope
from portals.step_up import ONCE_A_SESSION

PAGE = 50
SHOWN = ("user.name", "alert", "person.name")
TONES = {AlertState.OPEN: "warn", AlertState.IN_WORK: "info", AlertState.CLOSED: "success"}


def _filtered(request: Request) -> tuple[AlertsFilter, QuerySet[Alert]]:
    """The list that filter and search leave; what is not understood filters nothing."""
    form = AlertsFilter(request.GET, rules=rule_settings.rules(), people=desk_queries.people(Team.PRIVACY))
    form.is_valid()
    criteria = {name: form.cleaned_data.get(name) or "" for name in ("state", "rule", "owner", "q", "sort")}
    first, last = form.cleaned_data.get("first"), form.cleaned_data.get("last")
    return form, alert_actions.filtered(request.scope, **criteria, first=first, last=last)


def _disclose(request: Request, rows: list[Alert]) -> None:
    users = [("user", row.user_id) for row in rows if row.user_id is not None]
    disclose(request, subjects=[*users, *alert_actions.subjects(rows)])


@page(audience=Audience.DESK, discloses=SHOWN, permission=Desk.REVIEW_ACTIVITY, label=gettext_lazy("Alerts"))
def alert_list(request: Request) -> HttpResponseBase:
    """Several that raised no question are closed at once, from the list that a person has read."""
    form, results = _filtered(request)
    rows = Paginator(results, PAGE).get_page(request.GET.get("page"))
    close = CloseManyForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        ids = {int(each) for each in request.POST.getlist("alert") if each.isascii() and each.isdecimal()}
        if close.is_valid() and _close_many(request, [row.pk for row in rows if row.pk in ids], close):
            return redirect(request.get_full_path())
    listed = alert_actions.lines(request.scope, rows)
    _disclose(request, list(rows))
    filters = request.GET.copy()
    filters.pop("page", None)
    return TemplateResponse(
        request,
        "portals/alerts.html",
        {
            "form": form,
            "close": close,
            "rows": rows,
            "listed": [(line, TONES[AlertState(line.row.state)]) for line in listed],
            "chosen": request.POST.getlist("alert"),
            "workable": any(line.workable for line in listed),
            "counts": alert_actions.counts(request.scope),
            "total": rows.paginator.count,
            "sort": form.cleaned_data.get("sort", ""),
            "query": filters.urlencode(),
            "clear": any(value for name, value in filters.items() if name != "sort"),
        },
    )


def _close_many(request: Request, ids: list[int], form: CloseManyForm) -> bool:
    finding = AlertFinding(form.cleaned_data["finding"])
    if not ids:
        form.add_error(None, _("Choose at least one."))
        return False
    try:
        count = alert_actions.close(by=request.scope, ids=ids, finding=finding, text=form.cleaned_data["text"])
    except alert_actions.Moved:
        messages.error(request, _("Nothing was closed: one of them was closed meanwhile."))
        return True
    messages.success(request, ngettext("%(n)s alert is closed.", "%(n)s alerts are closed.", count) % {"n": count})
    return True


@page(
    audience=Audience.DESK,
    discloses=SHOWN,
    permission=Desk.REVIEW_ACTIVITY,
    kind=Kind.EXPORT,
    step_up=ONCE_A_SESSION,
    label=gettext_lazy("Alerts as a file"),
)
def alert_csv(request: Request) -> HttpResponseBase:
    """Exactly the list that the page shows, all its pages."""
    _form, results = _filtered(request)
    rows = list(results)
    _disclose(request, rows)
    head = (
        "number", "rule", "who", "portal", "about", "seen", "first", "last", "found", "status", "owner", "finding",
        "closed",
    )  # fmt: skip
    return csv_export.answer("alerts.csv", head, map(_cells, alert_actions.lines(request.scope, rows)))


def _cells(line: alert_actions.AlertLine) -> tuple[object, ...]:
    row = line.row
    return (
        row.number,
        row.rule,
        line.who,
        row.portal,
        line.about,
        line.summary,
        _instant(row.first_at),
        _instant(row.last_at),
        _instant(row.found_at),
        row.state,
        row.owner.display_name if row.owner else "",
        row.finding,
        _instant(row.closed_at),
    )


def _instant(at: Any) -> str:
    return plan_time(at).isoformat(timespec="seconds") if at else ""


# --- One alert ----------------------------------------------------------------------------------------------------


@page(
    audience=Audience.DESK,
    discloses=(*SHOWN, "alert.note"),
    permission=Desk.REVIEW_ACTIVITY,
    label=gettext_lazy("An alert"),
)
def alert(request: Request, alert_id: int) -> HttpResponseBase:
    """What was seen and why it is an alert, the ledger's events that made it, and the work on it."""
    row = alert_actions.all_alerts(request.scope).filter(pk=alert_id).first()
    if row is None:
        raise Http404
    made = _forms(request, row)
    if request.method == "POST":
        if row.user_id == request.scope.user_id:
            raise Refused(alert_actions.OWN)
        if _worked(request, row, made):
            return redirect("desk:alert", row.pk)
    seen, subjects, count = alert_actions.seen(row)
    others = alert_actions.others(request.scope, row)
    (line, *about_the_same) = alert_actions.lines(request.scope, [row, *others])
    notes = list(row.notes.order_by("id"))
    names = review_queries.names_of([note.by for note in notes])
    _disclose(request, [row, *others])
    disclose(request, subjects=subjects)
    return TemplateResponse(
        request,
        "portals/alert.html",
        {
            "line": line,
            "row": row,
            "rule": rule_settings.rule(row.rule),
            "portal_name": brand()["portal_names"].get(row.portal, row.portal),
            "tone": TONES[AlertState(row.state)],
            "forms": made,
            "mine": row.owner_id == request.scope.user_id,
            "seen": seen,
            "count": count,
            "others": about_the_same,
            "follow_ups": alert_actions.follow_ups(row),
            "notes": [(note, names.get(note.by, "")) for note in notes],
        },
    )


def _forms(request: Request, row: Alert) -> dict[str, forms.Form]:
    """What can be written, by the name of its button; only the sent one is bound."""
    if row.user_id == request.scope.user_id:
        return {}
    sent = request.POST.get("do", "") if request.method == "POST" else ""
    kinds: dict[str, type[forms.Form]] = {"note": NoteForm}
    kinds |= {"reopen": ReopenForm} if row.state == AlertState.CLOSED else {"close": CloseForm}
    return {name: form(request.POST if sent == name else None, prefix=name) for name, form in kinds.items()}


def _worked(request: Request, row: Alert, made: dict[str, forms.Form]) -> bool:
    do = request.POST.get("do", "")
    form = made.get(do)
    if do not in _DO or (form is None and do not in ("take", "give_back")):
        messages.error(request, _("Somebody else was quicker. Look at it again."))
        return True
    if form is not None and not form.is_valid():
        return False
    try:
        _DO[do](request.scope, row, form)
    except alert_actions.Moved:
        messages.error(request, _("Somebody else was quicker. Look at it again."))
    else:
        messages.success(request, _("It is recorded."))
    return True


def _close(by: Scope, row: Alert, form: Any) -> None:
    data = form.cleaned_data
    alert_actions.close(by=by, ids=[row.pk], finding=AlertFinding(data["finding"]), text=data["text"])


_DO: dict[str, Callable[[Scope, Alert, Any], Any]] = {
    "take": lambda by, row, form: alert_actions.take(by=by, alert_id=row.pk),
    "give_back": lambda by, row, form: alert_actions.give_back(by=by, alert_id=row.pk),
    "note": lambda by, row, form: alert_actions.note(by=by, alert_id=row.pk, text=form.cleaned_data["text"]),
    "reopen": lambda by, row, form: alert_actions.reopen(by=by, alert_id=row.pk, text=form.cleaned_data["text"]),
    "close": _close,
}
