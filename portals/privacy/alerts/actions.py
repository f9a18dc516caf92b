"""The work on alerts: who takes one, what they wrote, what they found. Nobody works an alert about themselves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit import actions as audit
from audit import queries as ledger
from audit.enums import Kind
from portals import permissions
from portals.access import OWN_ALERT, Desk
from portals.desk import actions as desk
from portals.desk import kinds as desk_kinds
from portals.desk.kinds import Facts, RequestKind
from portals.enums import ALERT_TRANSITIONS, AlertFinding, AlertState, AlertStep, Team
from portals.models import Alert, AlertNote, DeskRequest
from portals.permissions import Answer, Refused
from portals.plan import clock
from portals.plan.periods import add_business_days, plan_date
from portals.privacy.alerts import rule_settings
from portals.privacy.exceptional_access import actions as exceptional_access
from portals.privacy.exceptional_access.actions import Seen
from portals.privacy.ledger import subjects as ledger_subjects
from portals.scope import PartyRef, Scope

FOLLOW_UP = "privacy.alert_follow_up"
BREACH_DAYS = 60  # 45 CFR 164.404(b): notice without unreasonable delay, at the latest so many days after discovery
MOST_SHOWN = 200  # events that an alert's page lists; all of them stand in the ledger
OWN = Answer(False, gate=OWN_ALERT, owner="privacy")
SORTS = {
    "": ("-last_at", "-id"),
    "seen": ("last_at", "id"),
    "rule": ("rule", "-last_at", "-id"),
    "-rule": ("-rule", "-last_at", "-id"),
}


class Moved(ValueError):
    """Somebody else changed it meanwhile; the table of transitions does not know this step any more."""


# --- Reading ------------------------------------------------------------------------------------------------------


def all_alerts(by: Scope) -> QuerySet[Alert]:
    """For whoever reviews activity. Raises `Refused`."""
    permissions.require(by, Desk.REVIEW_ACTIVITY)
    return Alert.objects.select_related("user", "owner")


def filtered(
    by: Scope,
    *,
    state: str = "",
    rule: str = "",
    owner: str = "",
    q: str = "",
    first: dt.date | None = None,
    last: dt.date | None = None,
    sort: str = "",
) -> QuerySet[Alert]:
    """What search and filters leave, in the wanted order. `state`: one of the states, "" those not closed, `all`;
    `owner`: a user's id, `me` or `none`; `q` is a number or a part of the name of whom it is about; `first` and `last`
    are days on which something was seen, both included."""
    rows = all_alerts(by)
    if state in AlertState.values:
        rows = rows.filter(state=state)
    elif state != "all":
        rows = rows.exclude(state=AlertState.CLOSED)
    if rule:
        rows = rows.filter(rule=rule)
    if owner:
        rows = rows.filter(owner_id={"none": None, "me": by.user_id}.get(owner, owner))
    if first:
        rows = rows.filter(last_at__date__gte=first)
    if last:
        rows = rows.filter(first_at__date__lte=last)
    for word in q.replace("\0", "").split():
        fits = (
            Q(user__given_name__icontains=word) | Q(user__family_name__icontains=word) | Q(user__username__iexact=word)
        )
        bare = word.upper().lstrip("A").lstrip("0")
        if bare.isascii() and bare.isdecimal() and len(bare) < 15:
            fits |= Q(pk=int(bare))
        rows = rows.filter(fits)
    return rows.order_by(*SORTS.get(sort, SORTS[""]))


def counts(by: Scope) -> dict[str, int]:
    """How many alerts stand in each state. One query."""
    permissions.require(by, Desk.REVIEW_ACTIVITY)
    found = dict(Alert.objects.order_by().values_list("state").annotate(n=Count("id")))
    return {state: found.get(state, 0) for state in AlertState.values}


def who(row: Alert, names: dict[tuple[str, int], str]) -> str:
    """Whom an alert is about: a user by name, or an organization."""
    if row.user is not None:
        return row.user.display_name
    party = PartyRef.parse(row.party)
    return ledger_subjects.subject_label((party.kind, party.id), names)


def subjects(rows: Iterable[Alert]) -> list[tuple[str, int]]:
    """The people and organizations that these alerts name, beside their users."""
    listed: dict[tuple[str, int], None] = {}
    for row in rows:
        if row.subject_id is not None:
            listed[row.subject_kind, row.subject_id] = None
        if row.party:
            party = PartyRef.parse(row.party)
            listed[party.kind, party.id] = None
    return list(listed)


def summary(row: Alert) -> str:
    """What was seen, in one sentence."""
    rule = rule_settings.rule(row.rule)
    return (
        str(rule.seen) % {"limit": "–", "days": "–", "since": "–", "usual": "–", **row.detail, "amount": row.amount}
        if rule
        else row.rule
    )


def seen(row: Alert) -> tuple[list[Seen], list[tuple[str, int]], int]:
    """The first events that made the alert, their subjects (kind, id), and how many events there are. Archived months
    leave none."""
    links = list(row.events.order_by("recorded_at", "event_id").values_list("event_id", "recorded_at")[:MOST_SHOWN])
    events = ledger.by_ids(links)
    by_event = ledger.subjects_of(events)
    everybody = sorted({subject for listed in by_event.values() for subject in listed})
    names = ledger_subjects.names_of(everybody)
    shown = [exceptional_access.labeled(event, by_event[event.id], names) for event in events]
    return shown, everybody, row.events.count()


def others(by: Scope, row: Alert) -> list[Alert]:
    """Other alerts about the same user or organization that are not closed, the latest first."""
    same = Q(user_id=row.user_id) if row.user_id is not None else Q(party=row.party)
    return list(
        all_alerts(by).filter(same).exclude(pk=row.pk).exclude(state=AlertState.CLOSED).order_by("-last_at")[:20]
    )


# --- Working ------------------------------------------------------------------------------------------------------


def _locked(by: Scope, ids: Iterable[int]) -> list[Alert]:
    """Raises `Refused` where one of them names the person who works."""
    permissions.require(by, Desk.REVIEW_ACTIVITY)
    assert by.user_id is not None
    rows = list(Alert.objects.select_for_update().filter(pk__in=list(ids)).order_by("pk"))
    if any(row.user_id == by.user_id for row in rows):
        raise Refused(OWN)
    return rows


def _move(row: Alert, state: AlertState, finding: str = "") -> None:
    if state not in ALERT_TRANSITIONS[row.state]:
        raise Moved(f"{row.state} -> {state}")
    row.state, row.finding = state, finding
    row.closed_at = timezone.now() if state is AlertState.CLOSED else None
    row.save(update_fields=["state", "finding", "closed_at", "owner"])


def _write(row: Alert, by: Scope, step: AlertStep, *, text: str = "", finding: str = "") -> None:
    AlertNote.objects.create(alert=row, by=by.actor, step=step, finding=finding, text=text)
    audit.record(
        kind=Kind.CHANGE,
        action=f"alerts.{step.value}",
        subjects=[("user", row.user_id)] if row.user_id is not None else [],
        object_kind="alert",
        object_id=str(row.pk),
        detail={"finding": finding} if finding else None,
        **by.audit(),
    )


def take(*, by: Scope, alert_id: int) -> None:
    """Into one's own work, also from a colleague. Raises `Refused`, `Moved`."""
    with transaction.atomic():
        for row in _locked(by, [alert_id]):
            if row.owner_id != by.user_id:
                row.owner_id = by.user_id
                _move(row, AlertState.IN_WORK)
                _write(row, by, AlertStep.TAKEN)


def give_back(*, by: Scope, alert_id: int) -> None:
    """Back to the team's list. Raises `Refused`, `Moved`."""
    with transaction.atomic():
        for row in _locked(by, [alert_id]):
            row.owner_id = None
            _move(row, AlertState.OPEN)
            _write(row, by, AlertStep.GIVEN_BACK)


def note(*, by: Scope, alert_id: int, text: str) -> None:
    """Write something down; it stays as it was written. Raises `Refused`."""
    with transaction.atomic():
        for row in _locked(by, [alert_id]):
            _write(row, by, AlertStep.NOTE, text=text)


def close(*, by: Scope, ids: Iterable[int], finding: AlertFinding, text: str) -> int:
    """One or several, all with the same finding and sentence; how many. None is closed where one may not be: raises
    `Refused` for one's own, `Moved`. One that was not justified opens a request that follows it up."""
    with transaction.atomic():
        rows = _locked(by, ids)
        for row in rows:
            row.owner_id = row.owner_id or by.user_id
            _move(row, AlertState.CLOSED, finding)
            _write(row, by, AlertStep.CLOSED, text=text, finding=finding)
            if finding == AlertFinding.NOT_JUSTIFIED:
                follow_up(row, by)
    return len(rows)


def reopen(*, by: Scope, alert_id: int, text: str) -> None:
    """With the reason. Raises `Refused`, `Moved`."""
    with transaction.atomic():
        for row in _locked(by, [alert_id]):
            row.owner_id = None
            _move(row, AlertState.OPEN)
            _write(row, by, AlertStep.REOPENED, text=text)


# --- What follows where it was not justified ----------------------------------------------------------------------


def follow_up(row: Alert, by: Scope) -> DeskRequest:
    """A request in the privacy officer's queue: the sanction (45 CFR 164.530(e)), and whether it was a breach
    (164.402)."""
    closings = row.notes.filter(step=AlertStep.CLOSED).count()
    found = plan_date(row.found_at)
    return desk.open_request(
        kind=FOLLOW_UP,
        key=f"alert:{row.pk}:{closings}",
        title=_("Alert %(number)s was not justified: what follows?") % {"number": row.number},
        detail={"alert": row.pk, "discovered": found.isoformat()},
        due_date=add_business_days(clock.today(), settings.ALERT_FOLLOW_UP_DAYS, clock.closings()),
        by=by,
    )


def follow_ups(row: Alert) -> list[DeskRequest]:
    """The requests that followed it up, the latest first: one for each time that it was found not justified."""
    return list(DeskRequest.objects.filter(kind=FOLLOW_UP, key__startswith=f"alert:{row.pk}:").order_by("-pk"))


def _facts(request: DeskRequest) -> Facts:
    discovered = dt.date.fromisoformat(request.detail["discovered"])
    notice = discovered + dt.timedelta(days=BREACH_DAYS)
    return [
        (_("Alert"), Alert(pk=request.detail["alert"]).number),
        (_("Discovered"), date_format(discovered, "DATE_FORMAT")),
        (_("Sanction"), _("Decide with the person's manager what follows, and write it down (45 CFR 164.530(e)).")),
        (
            _("Breach"),
            _(
                "Assess whether it was a breach by the four factors: what data, who saw it, whether it was seen, "
                "what was done against harm (45 CFR 164.402). Write the assessment down, also where it was none."
            ),
        ),
        (_("If it was a breach, tell the people at the latest by"), date_format(notice, "DATE_FORMAT")),
    ]


def register() -> None:
    desk_kinds.register(
        FOLLOW_UP,
        RequestKind(team=Team.PRIVACY, label=gettext_lazy("Alert that was not justified"), facts=_facts),
    )


# --- Names for lists ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AlertLine:
    """An alert as a list shows it to a reader."""

    row: Alert
    who: str
    about: str
    title: Any
    summary: str
    own: bool
    workable: bool


def lines(by: Scope, rows: Iterable[Alert]) -> list[AlertLine]:
    """A constant number of queries, however many."""
    listed = list(rows)
    names = ledger_subjects.names_of(subjects(listed))
    titles = {rule.code: rule.title for rule in rule_settings.rules()}
    return [
        AlertLine(
            row=row,
            who=who(row, names),
            about=ledger_subjects.subject_label((row.subject_kind, row.subject_id), names)
            if row.subject_id is not None
            else "",
            title=titles.get(row.rule, row.rule),
            summary=summary(row),
            own=row.user_id == by.user_id,
            workable=row.state != AlertState.CLOSED and row.user_id != by.user_id,
        )
        for row in listed
    ]
