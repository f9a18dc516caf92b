"""The ledger at the desk: search, one event, and everybody who opened a record. Each look at it is a row of it."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpResponseBase, QueryDict
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.enums import Kind, Outcome
from portals.access import Desk
from portals.files import csv_export
from portals.forms import DAY_FORMAT
from portals.http import Request
from portals.pages import Audience, disclose, page
from portals.pagination import place_of, place_text
from portals.plan.periods import plan_date, plan_time
from portals.privacy.ledger import queries as ledger
from portals.privacy.ledger import subjects as ledger_subjects
from portals.privacy.ledger import workplaces
from portals.privacy.ledger.forms import OPENING, LedgerFilter, PeriodFilter, portal_names
from portals.privacy.ledger.queries import LedgerLine, OpenerLine
from portals.privacy.ledger.subjects import Named, Subject
from portals.step_up import ONCE_A_SESSION

PAGE = 50
MOST_ROWS = 5_000  # of a file
SELECTIVE = ("who", "actor", "about", "subject", "grant", "request")  # filters that find their rows in all of it
RANGES = (1, 7, 30)  # days that one click chooses
SHOWN = ("event.who", "event.detail", "event.source", "user.name", "person.name")
WHO = ("event.who", "event.detail", "user.name", "person.name")
TONES = {Outcome.REFUSED.value: "warn", Outcome.FAILED.value: "error"}


# --- Search -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for; `form` is valid where `criteria` may be searched."""

    form: LedgerFilter
    query: QueryDict  # the filters alone

    @property
    def ready(self) -> bool:
        return self.form.is_valid() and not self.form.people


def _asked(request: Request) -> Asked:
    """Without any filter the last seven days; with none that an index serves the last ninety, unless days are given."""
    query = request.GET.copy()
    for name in [name for name in query if name not in LedgerFilter.base_fields or not query[name]]:
        del query[name]
    if not any(name in query for name in (*SELECTIVE, "first", "last")):
        days = 90 if query else 7
        query["first"] = (plan_date(timezone.now()) - dt.timedelta(days=days - 1)).strftime(DAY_FORMAT)
    return Asked(LedgerFilter(query), query)


def _with(query: QueryDict, **changes: str) -> str:
    """The same list with these filters changed; blank takes one away."""
    changed = query.copy()
    for name, value in changes.items():
        changed[name] = value
        if not value:
            del changed[name]
    return f"{reverse('desk:ledger')}?{changed.urlencode()}"


def _ranges(query: QueryDict) -> list[tuple[int, str]]:
    today = plan_date(timezone.now())
    return [
        (days, _with(query, first=(today - dt.timedelta(days=days - 1)).strftime(DAY_FORMAT), last=""))
        for days in RANGES
    ]


def _active_filters(asked: Asked) -> list[dict[str, Any]]:
    """What a link chose and no field shows: a person or a subject, each with the way to take it away."""
    form = asked.form
    data = {
        name: "" if form.cleaned_data.get(typed) else form.cleaned_data.get(name, "")
        for name, typed in (("actor", "who"), ("subject", "about"))
    }  # what is typed counts
    pairs: list[tuple[str, Any, Subject | None]] = [
        ("actor", _("Who"), ledger_subjects.parse(data["actor"])),
        ("subject", _("About"), ledger_subjects.parse(data["subject"])),
    ]
    named = ledger_subjects.named(subject for _name, _label, subject in pairs if subject)
    chosen = [
        {"label": label, "name": named[subject].name, "clear": _with(asked.query, **{name: ""})}
        for name, label, subject in pairs
        if subject is not None
    ]
    actor = data["actor"]
    if actor and not ledger_subjects.parse(actor):
        chosen.append({"label": _("Who"), "name": ledger.actor_label(actor, {}), "clear": _with(asked.query, actor="")})
    return chosen


@page(
    audience=Audience.DESK,
    discloses=SHOWN,
    permission=Desk.READ_LEDGER,
    kind=Kind.SEARCH,
    label=gettext_lazy("The ledger"),
)
def ledger_list(request: Request) -> HttpResponseBase:
    asked = _asked(request)
    before = place_of(request.GET.get("before", ""))
    found: list[LedgerLine] = []
    if asked.ready:
        found = ledger.find(request.scope, asked.form.criteria(), before=before, limit=PAGE + 1)
    shown = found[:PAGE]
    valid = asked.form.is_valid()
    people = asked.form.people
    chosen = [asked.form.found] if valid and asked.form.found else []
    disclose(
        request,
        subjects=[*_subjects(shown), *chosen, *(("user", user.pk) for user in people)],
        searched_by=asked.form.asked(),
    )
    older = ""
    if len(found) > PAGE:
        end = shown[-1].row
        older = f"{_with(asked.query)}&before={place_text(end.recorded_at, end.id)}"
    return TemplateResponse(
        request,
        "portals/ledger.html",
        {
            "form": asked.form,
            "shown": [_line(line) for line in shown],
            "ready": asked.ready,
            "people": [(user, _with(asked.query, who="", actor=f"user:{user.pk}")) for user in people],
            "many": len(people) == ledger_subjects.MOST_PEOPLE,
            "filters": _active_filters(asked) if valid else [],
            "ranges": _ranges(asked.query),
            "further": valid and any(asked.form.cleaned_data[field.name] for field in asked.form.further()),
            "query": asked.query.urlencode(),
            "older": older,
            "newest": _with(asked.query) if before else "",
        },
    )


def _line(line: LedgerLine) -> dict[str, Any]:
    return {
        "line": line,
        "tone": TONES.get(line.row.outcome, ""),
        "outcome": Outcome(line.row.outcome).label,
        "kind": Kind(line.row.kind).label,
    }


def _subjects(found: list[LedgerLine]) -> list[Subject]:
    """Whom an answer names: those whom the events are about, who acted and for whom."""
    about = [(each.kind, each.id) for line in found for each in line.subjects]
    return [*about, *(each for line in found for each in ledger.involved(line.row.actor, line.row.acting_for))]


HEAD = (
    "event", "recorded_at", "kind", "action", "in_words", "outcome", "actor", "who", "organization", "portal",
    "acting_for", "acting_for_name", "grant", "fields", "object", "subjects", "more_subjects", "detail", "request_id",
    "source",
)  # fmt: skip


@page(
    audience=Audience.DESK,
    discloses=SHOWN,
    permission=Desk.READ_LEDGER,
    kind=Kind.EXPORT,
    step_up=ONCE_A_SESSION,
    label=gettext_lazy("The ledger as a file"),
)
def ledger_csv(request: Request) -> HttpResponseBase:
    """What the list shows, all its pages, at most `MOST_ROWS` events: the last line says where it was cut."""
    asked = _asked(request)
    found: list[LedgerLine] = []
    if asked.ready:
        criteria = asked.form.criteria()
        found = ledger.find(request.scope, criteria, limit=MOST_ROWS + 1, subjects=ledger.SUBJECTS_IN_FILE)
    rows = [_cells(line) for line in found[:MOST_ROWS]]
    if len(found) > MOST_ROWS:
        rows.append((_cut_note(),))
    disclose(
        request,
        subjects=_subjects(found[:MOST_ROWS]),
        searched_by=asked.form.asked() if asked.form.is_valid() else [],
        rows=min(len(found), MOST_ROWS),
        cut=len(found) > MOST_ROWS,
    )
    return csv_export.answer("ledger.csv", HEAD, rows)


def _cut_note() -> str:
    note = _(
        "Cut after %(count)s events. Choose a shorter time or one more filter, and take the rest as further files."
    )
    return note % {"count": MOST_ROWS}


def _cells(line: LedgerLine) -> tuple[object, ...]:
    row = line.row
    return (
        row.id,
        _instant(row.recorded_at),
        row.kind,
        row.action,
        line.what,
        row.outcome,
        row.actor,
        line.who,
        line.place,
        row.portal,
        row.acting_for,
        line.acting_for,
        row.grant,
        "; ".join(row.fields),
        f"{row.object_kind}:{row.object_id}" if row.object_kind else "",
        "; ".join(f"{each.reference} {each.name}" for each in line.subjects),
        line.more or "",
        json.dumps(row.detail, ensure_ascii=False) if row.detail else "",
        row.request_id,
        row.source,
    )


def _instant(at: dt.datetime) -> str:
    return plan_time(at).isoformat(timespec="milliseconds")


# --- One event ----------------------------------------------------------------------------------------------------


@page(
    audience=Audience.DESK,
    discloses=SHOWN,
    permission=Desk.READ_LEDGER,
    kind=Kind.LOOK,
    label=gettext_lazy("An event of the ledger"),
)
def event(request: Request, event_id: int) -> HttpResponseBase:
    whole = ledger.event(request.scope, event_id) if event_id < 2**63 else None
    if whole is None:
        raise Http404
    row = whole.line.row
    user_id = workplaces.user_of(row.actor)
    disclose(request, subjects=_subjects([whole.line]))
    return TemplateResponse(
        request,
        "portals/ledger_event.html",
        {
            **_line(whole.line),
            "whole": whole,
            "row": row,
            "portal_name": str(portal_names().get(row.portal, row.portal)),
            "actor_url": _filtered(actor=row.actor) if user_id else "",
            "request_url": _filtered(request=row.request_id) if row.request_id else "",
            "grant_all_url": _filtered(grant=row.grant) if row.grant else "",
        },
    )


def _filtered(**filters: str) -> str:
    query = QueryDict(mutable=True)
    query.update(filters)
    return _with(query)


# --- Who opened a record ------------------------------------------------------------------------------------------


def _subject(kind: str, subject_id: int) -> Named:
    subject = ledger_subjects.parse(f"{kind}:{subject_id}")
    if subject is None:
        raise Http404
    return ledger_subjects.named([subject])[subject]


def _found(request: Request, named: Named, *, told: bool = False) -> tuple[PeriodFilter, list[OpenerLine]]:
    form = PeriodFilter(request.GET)
    if not form.is_valid():
        return form, []
    since, until = form.period()
    return form, ledger.opened(request.scope, (named.kind, named.id), told=told, since=since, until=until)


def _named_by(named: Named, rows: list[OpenerLine]) -> list[Subject]:
    parties = (each for row in rows for each in ledger.involved(row.opener.actor, row.opener.acting_for))
    return list(dict.fromkeys([(named.kind, named.id), *parties]))


@page(
    audience=Audience.DESK,
    discloses=WHO,
    permission=Desk.READ_LEDGER,
    kind=Kind.LOOK,
    label=gettext_lazy("Who opened a record"),
)
def opened(request: Request, kind: str, subject_id: int) -> HttpResponseBase:
    named = _subject(kind, subject_id)
    form, rows = _found(request, named)
    disclose(request, subjects=_named_by(named, rows))
    page_of = ledger_subjects.kind_of(kind)
    linked = page_of is not None and page_of.link is not None and page_of.permission in request.scope.permissions
    period = {name: request.GET[name] for name in ("first", "last") if request.GET.get(name)}
    of_record = {"subject": named.reference, "kind": OPENING, **period}
    filters = QueryDict(mutable=True)
    filters.update(period)
    return TemplateResponse(
        request,
        "portals/ledger_opened.html",
        {
            "named": named,
            "form": form,
            "rows": [(row, _filtered(actor=row.opener.actor, **of_record)) for row in rows],
            "cut": len(rows) == ledger.MOST_OPENERS,
            "query": filters.urlencode(),
            "all_url": _filtered(subject=named.reference),
            "record_url": page_of.link(subject_id) if linked and page_of and page_of.link else "",
        },
    )


@page(
    audience=Audience.DESK,
    discloses=WHO,
    permission=Desk.READ_LEDGER,
    kind=Kind.EXPORT,
    step_up=ONCE_A_SESSION,
    label=gettext_lazy("Who opened a record, as a file"),
)
def opened_csv(request: Request, kind: str, subject_id: int) -> HttpResponseBase:
    named = _subject(kind, subject_id)
    _form, rows = _found(request, named)
    disclose(request, subjects=_named_by(named, rows), rows=len(rows))
    head = (
        "actor", "who", "organization", "portal", "acting_for", "times", "first", "last", "pages", "fields", "looks",
    )  # fmt: skip
    return csv_export.answer(
        "who-opened.csv",
        head,
        [
            (
                row.opener.actor,
                row.who,
                row.place,
                row.opener.portal,
                row.acting_for,
                row.opener.count,
                _instant(row.opener.first),
                _instant(row.opener.last),
                "; ".join(row.pages),
                "; ".join(row.fields),
                "; ".join(row.opener.grants),
            )
            for row in rows
        ],
    )


@page(
    audience=Audience.DESK,
    discloses=WHO,
    permission=Desk.READ_LEDGER,
    kind=Kind.PRINT,
    step_up=ONCE_A_SESSION,
    label=gettext_lazy("Who opened a record, for print"),
)
def opened_paper(request: Request, kind: str, subject_id: int) -> HttpResponseBase:
    """For whoever asks by telephone and gets it by mail: no reasons, no ticket numbers, no addresses, and nothing of
    disclosures."""
    named = _subject(kind, subject_id)
    form, rows = _found(request, named, told=True)
    disclose(request, subjects=_named_by(named, rows), rows=len(rows))
    period = form.cleaned_data if form.is_valid() else {}
    return TemplateResponse(
        request,
        "portals/ledger_opened_paper.html",
        {
            "named": named,
            "rows": rows,
            "first": period.get("first"),
            "last": period.get("last"),
            "made_at": timezone.now(),
            "query": request.GET.urlencode(),
        },
    )
