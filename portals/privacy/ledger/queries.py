"""The privacy officer's look into the ledger: events in words, and everybody who opened a record."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from audit import queries as audit_queries
from audit import search
from audit.enums import Operation
from audit.queries import ChangeRow, Place
from audit.search import Criteria, FoundRow, Opener, SealedIn
from portals import permissions
from portals.access import Desk
from portals.enums import ExceptionalAccessKind
from portals.exceptional_access import openings
from portals.models import BreakGlass, ViewAs
from portals.plan.periods import PLAN_ZONE
from portals.privacy.ledger import labels as ledger_labels
from portals.privacy.ledger import subjects as ledger_subjects
from portals.privacy.ledger import workplaces
from portals.privacy.ledger.subjects import Named, Subject
from portals.privacy.ledger.workplaces import EventSource
from portals.scope import Scope

SUBJECTS = 4  # of an event in a list
SUBJECTS_ALONE = 200  # of an event on its own page
SUBJECTS_IN_FILE = 100
MOST_OPENERS = 500
# The work on disclosures is not told to the person: one of them may be suspended (45 CFR 164.528(a)(2)), and a trace of
# it here would tell. What may be told stands in the accounting of disclosures.
NOT_TOLD = r"^(disclosures:|members\.(disclosures|accountings)\.)"


def midnight(day: dt.date) -> dt.datetime:
    """The first instant of a day in the plan's time zone."""
    return dt.datetime.combine(day, dt.time.min, tzinfo=PLAN_ZONE)


def between(first: dt.date | None, last: dt.date | None) -> tuple[dt.datetime | None, dt.datetime | None]:
    """From the first instant of `first` to, not including, the first after `last`; both days are included."""
    return midnight(first) if first else None, midnight(last + dt.timedelta(days=1)) if last else None


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """An event in words. `place` is the organization or team then, `acting_for` the name of whom was acted for, `more`
    how many subjects are not among `subjects`."""

    row: FoundRow
    who: str
    place: str
    acting_for: str
    what: str
    fields: list[str]
    subjects: list[Named]
    more: int


def find(
    scope: Scope, criteria: Criteria, *, before: Place | None = None, limit: int, subjects: int = SUBJECTS
) -> list[LedgerLine]:
    """Events that fit, the newest first. A constant number of queries: for the events, their subjects, and one for
    each kind of names and each door."""
    permissions.require(scope, Desk.READ_LEDGER)
    return lines(search.find(criteria, before=before, limit=limit), subjects=subjects)


def lines(rows: Sequence[FoundRow], *, subjects: int = SUBJECTS) -> list[LedgerLine]:
    """Events in words; the caller has established that they may be read. With 0 `subjects` nobody is named whom they
    are about."""
    about = search.about(rows, most=subjects) if subjects else {row.id: search.About([], 0) for row in rows}
    sources = {row.id: EventSource(row.actor, row.portal, row.acting_for, row.grant, row.recorded_at) for row in rows}
    places = workplaces.labels(sources.values())
    named = ledger_subjects.named(
        [
            *(subject for each in about.values() for subject in each.subjects),
            *(subject for row in rows for subject in involved(row.actor, row.acting_for)),
        ]
    )
    return [
        LedgerLine(
            row=row,
            who=actor_label(row.actor, named),
            place=places[sources[row.id]],
            acting_for=_party_label(row.acting_for, named),
            what=ledger_labels.action(row.action),
            fields=ledger_labels.fields(row.fields),
            subjects=[named[subject] for subject in about[row.id].subjects],
            more=about[row.id].count - len(about[row.id].subjects),
        )
        for row in rows
    ]


def involved(actor: str, acting_for: str) -> list[Subject]:
    """Who acted and for whom, as subjects, so that all are named together."""
    parties = [ledger_subjects.parse(each) for each in (actor, acting_for)]
    return [each for each in parties if each is not None]


def actor_label(actor: str, named: dict[Subject, Named]) -> str:
    kind, _colon, name = actor.partition(":")
    if kind == "system":
        return _("The plan's computer systems (%(name)s)") % {"name": name}
    found = ledger_subjects.parse(actor)
    return named[found].name if found else _("Nobody signed in")


def _party_label(party: str, named: dict[Subject, Named]) -> str:
    found = ledger_subjects.parse(party)
    return named[found].name if found else party


# --- One event ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Changed:
    """A row that the event's transaction added, changed or removed. `fields`: its name, and before and after where the
    ledger may know them; of a protected field None."""

    operation: str
    what: str  # the table, as the database calls it
    row_id: int
    fields: list[tuple[str, str | None, str | None]]


MOST_CHANGES = 50
NEAR = dt.timedelta(days=1)  # transaction ids begin anew in another database server, long before or after


@dataclass(frozen=True, slots=True)
class Whole:
    """One event with everything that it says."""

    line: LedgerLine
    sealed: SealedIn | None
    grant: str
    grant_url: str
    details: list[tuple[str, str]]
    object_label: str
    changes: list[Changed]
    more_changes: bool


def event(scope: Scope, event_id: int) -> Whole | None:
    permissions.require(scope, Desk.READ_LEDGER)
    row = search.event(event_id)
    if row is None:
        return None
    (line,) = lines([row], subjects=SUBJECTS_ALONE)
    found = audit_queries.changes_in(
        [row.xid], since=row.recorded_at - NEAR, until=row.recorded_at + NEAR, limit=MOST_CHANGES + 1
    )
    return Whole(
        line=line,
        sealed=search.sealed_in(row),
        grant=ledger_labels.grant(row.grant),
        grant_url=exceptional_access_url(row.grant),
        details=[(ledger_labels.detail(name), _value_text(name, value)) for name, value in row.detail.items()],
        object_label=ledger_subjects.label(row.object_kind) if row.object_kind else "",
        changes=[_changed(change) for change in found[:MOST_CHANGES]],
        more_changes=len(found) > MOST_CHANGES,
    )


def _changed(change: ChangeRow) -> Changed:
    """Protected fields stand by name alone; of an added row the values are in the row."""

    def text(values: Mapping[str, object], name: str) -> str | None:
        return _value_text(name, values[name]) if name in values else None

    names = change.changed or tuple(change.before)
    return Changed(
        operation=str(Operation(change.operation).label),
        what=change.table_name,
        row_id=change.row_id,
        fields=[(name, text(change.before, name), text(change.after, name)) for name in names],
    )


def _value_text(name: str, value: object) -> str:
    gate = permissions.gate_text(str(value)) if name == "gate" else None
    if gate is not None:
        return f"{gate.reason} ({value})"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def exceptional_access_url(grant: str) -> str:
    """The page of the exceptional access that a grant names; blank for any other grant."""
    kind, _colon, number = grant.partition(":")
    if not workplaces.is_exceptional_access(grant) or not number.isdecimal():
        return ""
    return reverse("desk:look", args=[kind, int(number)])


# --- Who opened a record ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OpeningFacts:
    """One exceptional access: why, and what its review came to."""

    kind: ExceptionalAccessKind
    reason: str
    ticket: str
    finding: str  # words; blank while nobody reviewed it
    url: str


@dataclass(frozen=True, slots=True)
class OpenerLine:
    """Everything that one person opened of a record, in words."""

    opener: Opener
    who: str
    place: str
    acting_for: str
    pages: list[str]
    fields: list[str]
    openings: list[OpeningFacts]


def opened(
    scope: Scope,
    subject: Subject,
    *,
    told: bool = False,
    since: dt.datetime | None = None,
    until: dt.datetime | None = None,
) -> list[OpenerLine]:
    """Everybody who opened this record, whoever did last first, at most `MOST_OPENERS`; `told`: as far as the person
    may be told. A constant number of queries."""
    permissions.require(scope, Desk.READ_LEDGER)
    found = search.openers(subject, but_actions=NOT_TOLD if told else "", since=since, until=until, limit=MOST_OPENERS)
    named = ledger_subjects.named(party for each in found for party in involved(each.actor, each.acting_for))
    beyond = _openings(grant for each in found for grant in each.grants)
    ends = {
        each: [EventSource(each.actor, each.portal, each.acting_for, _one(each), at) for at in _ends(each)]
        for each in found
    }
    places = workplaces.labels(source for sources in ends.values() for source in sources)
    return [
        OpenerLine(
            opener=each,
            who=actor_label(each.actor, named),
            place=", ".join(dict.fromkeys(filter(None, (places[source] for source in ends[each])))),
            acting_for=_party_label(each.acting_for, named),
            pages=ledger_labels.actions(each.actions),
            fields=ledger_labels.fields(each.fields),
            openings=[beyond[grant] for grant in each.grants if grant in beyond],
        )
        for each in found
    ]


def _ends(each: Opener) -> tuple[dt.datetime, dt.datetime]:
    return each.first, each.last


def _one(each: Opener) -> str:
    return each.grants[0] if each.grants else ""


def _openings(grants: Iterable[str]) -> dict[str, OpeningFacts]:
    """Two queries."""
    ids: dict[str, set[int]] = {kind.value: set() for kind in ExceptionalAccessKind}
    for grant in grants:
        kind, _colon, number = grant.partition(":")
        ids[kind].add(int(number))
    glass, view_as = ExceptionalAccessKind.BREAK_GLASS, ExceptionalAccessKind.VIEW_AS
    rows: list[openings.Opening] = [
        *BreakGlass.objects.filter(pk__in=ids[glass.value]),
        *ViewAs.objects.filter(pk__in=ids[view_as.value]),
    ]
    return {
        openings.grant(row): OpeningFacts(
            kind=openings.kind_of(row),
            reason=row.reason,
            ticket=row.ticket,
            finding=str(row.get_finding_display()),
            url=reverse("desk:look", args=[openings.kind_of(row).value, row.pk]),
        )
        for row in rows
    }
