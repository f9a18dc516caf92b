"""Alerts: rules that read the ledger every few minutes, and how each rule is set.

    alerts.register(Rule(code="same_name", ..., find=find))

An evaluation is alone by a lock, reads what it has not read by transaction id (a late commit is not missed, whatever
its rows' time), and finds the same alert under the same key: doubled or overlapping evaluations change nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.conf import settings
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from audit import actions as audit
from audit.enums import Kind
from portals.enums import AlertState, AlertStep, Team
from portals.mail import outbox
from portals.models import Alert, AlertEvent, AlertMark, AlertNote, StaffRole, User
from portals.privacy.alerts import ledger_sql
from portals.privacy.alerts.rule_settings import standing
from portals.privacy.alerts.rules import Found, Rule
from portals.scope import Scope

_LOCK = 5_118_270_441  # any number of our own: one evaluation at a time
FIRST = dt.timedelta(days=30)  # how far back the very first evaluation reads
OVERLAP = dt.timedelta(days=1)  # read again by time where the database moved to another cluster
MAIL_PAUSE = dt.timedelta(hours=1)
AT_ONCE = 1_000


# --- How a rule is set --------------------------------------------------------------------------------------------


# --- Evaluating ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What one evaluation did: events that it read for the first time, alerts that it made, that grew, that were
    closed and opened again; by rule, how many were made. `busy`: another one is at it, and nothing was done."""

    events: int = 0
    made: int = 0
    grown: int = 0
    reopened: int = 0
    by_rule: Mapping[str, int] | None = None
    busy: bool = False


def evaluate(*, by: Scope, since: dt.datetime | None = None) -> Evaluation:
    """Read what is new in the ledger, or all `since` then, and keep the alerts. Twice is once."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
            if not cursor.fetchone()[0]:
                return Evaluation(busy=True)
        reached = ledger_sql.snapshot()
        mark = AlertMark.objects.filter(id=1).first()
        events = _lay_out(mark, reached, since)
        made: dict[str, int] = {}
        grown = reopened = 0
        for each in standing() if events else []:
            if each.enabled:
                counts = _keep(each.rule, each.rule.find(each.values))
                made[each.rule.code] = counts[0]
                grown, reopened = grown + counts[1], reopened + counts[2]
        total = sum(made.values())
        AlertMark.objects.update_or_create(
            id=1,
            defaults={
                "xid": reached.xid,
                "system_identifier": reached.system_identifier,
                "evaluated_at": reached.now,
            },
        )
        if total or reopened:
            detail = {"alerts": total, "again": reopened, **{code: n for code, n in made.items() if n}}
            audit.record(kind=Kind.JOB, action="alerts.evaluate", detail=detail, **by.audit())
        tell(by=by)
    return Evaluation(events, total, grown, reopened, {code: n for code, n in made.items() if n})


def _lay_out(mark: AlertMark | None, reached: ledger_sql.Snapshot, since: dt.datetime | None) -> int:
    if since is not None:
        return ledger_sql.lay_out(since_xid=None, since=since)
    if mark is None:
        return ledger_sql.lay_out(since_xid=None, since=reached.now - FIRST)
    if mark.system_identifier != reached.system_identifier:
        return ledger_sql.lay_out(since_xid=None, since=mark.evaluated_at - OVERLAP)
    return ledger_sql.lay_out(since_xid=mark.xid, since=None)


def _keep(rule: Rule, found: Iterable[Found]) -> tuple[int, int, int]:
    """How many alerts were made, grew, and were opened again since more was seen after they were closed. A constant
    number of statements, however many."""
    by_key = {f"{rule.code}:{each.key}": each for each in found}
    if not by_key:
        return 0, 0, 0
    held = {row.key: row for row in Alert.objects.select_for_update().filter(key__in=by_key).order_by("pk")}
    users = {each.user_id for each in by_key.values() if each.user_id is not None}
    known = set(User.objects.filter(pk__in=users).values_list("pk", flat=True))
    fresh = [
        _new(rule, key, each)
        for key, each in by_key.items()
        if key not in held and (each.user_id in known or each.party)
    ]
    Alert.objects.bulk_create(fresh, batch_size=AT_ONCE)
    grown, again = _grow(held, by_key)
    rows = {row.key: row.pk for row in (*held.values(), *fresh)}
    AlertEvent.objects.bulk_create(
        (
            AlertEvent(alert_id=rows[key], event_id=event_id, recorded_at=at)
            for key, each in by_key.items()
            if key in rows
            for event_id, at in each.events
        ),
        batch_size=AT_ONCE,
        ignore_conflicts=True,
    )
    return len(fresh), grown, again


def _new(rule: Rule, key: str, found: Found) -> Alert:
    kind, subject = found.subject or ("", None)
    return Alert(
        key=key,
        rule=rule.code,
        user_id=found.user_id,
        party=found.party,
        portal=found.portal,
        subject_kind=kind,
        subject_id=subject,
        first_at=found.first_at,
        last_at=found.last_at,
        amount=found.amount,
        detail=dict(found.detail),
        found_at=timezone.now(),
    )


def _grow(held: Mapping[str, Alert], by_key: Mapping[str, Found]) -> tuple[int, int]:
    """Those that now say more; of them those that were closed before it happened are open again."""
    grown, again = [], []
    for key, row in held.items():
        each = by_key[key]
        if each.last_at <= row.last_at and each.first_at >= row.first_at and each.amount <= row.amount:
            continue
        row.amount, row.detail = max(row.amount, each.amount), dict(each.detail)
        row.first_at, row.last_at = min(row.first_at, each.first_at), max(row.last_at, each.last_at)
        grown.append(row)
        if row.closed_at is not None and each.last_at > row.closed_at:
            row.state, row.closed_at, row.finding, row.owner_id = AlertState.OPEN, None, "", None
            row.found_at = timezone.now()
            again.append(row)
    changed = ["amount", "detail", "first_at", "last_at", "state", "closed_at", "finding", "owner", "found_at"]
    Alert.objects.bulk_update(grown, changed, batch_size=AT_ONCE)
    AlertNote.objects.bulk_create(
        AlertNote(alert=row, by="system:evaluate_alerts", step=AlertStep.MORE) for row in again
    )
    return len(grown), len(again)


def tell(*, by: Scope) -> int:
    """Mail the privacy team that new alerts wait, at most once an hour, naming nobody; how many mails."""
    mark = AlertMark.objects.select_for_update().get(id=1)
    now = timezone.now()
    if mark.told_at is not None and mark.told_at > now - MAIL_PAUSE:
        return 0
    waiting = Alert.objects.filter(state=AlertState.OPEN)
    if mark.told_at is not None:
        waiting = waiting.filter(found_at__gt=mark.told_at)
    if not waiting.exists():
        return 0
    mark.told_at = now
    mark.save(update_fields=["told_at"])
    return mail_team(
        key=f"alerts:{now.isoformat()}",
        subject=_("New alerts wait"),
        body=_("New alerts wait in the service desk. Sign in to read and work them: %(address)s")
        % {"address": f"{settings.SITE_URL}{reverse('desk:alerts')}"},
    )


def mail_team(*, key: str, subject: str, body: str) -> int:
    """To everybody of the privacy officer's team, once a key and person; how many. Names nobody."""
    places = StaffRole.objects.filter(team=Team.PRIVACY, ended_at=None, user__is_active=True).select_related("user")
    mails = [
        outbox.Mail(key=f"{key}:{place.user_id}", to=place.user.email, subject=subject, body=body)
        for place in places
        if place.user.email
    ]
    outbox.post_all(mails)
    return len(mails)
