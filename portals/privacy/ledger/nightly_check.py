"""The ledger checks itself every night, keeps a checkpoint of its chain, and says so in a row of its own.

Each night the whole chain and the rows of this month and the last; the whole ledger once a week. What is found, and a
checkpoint that could not be written, becomes a request at the privacy officer's desk.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import logging
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from audit import actions as audit
from audit import queries, verification
from audit.enums import Kind, Outcome
from audit.queries import LedgerCheck
from audit.seal import checkpoints, findings, keys
from portals.desk import actions as desk
from portals.desk import kinds as desk_kinds
from portals.desk.kinds import Facts, RequestKind
from portals.enums import Team
from portals.mail import outbox
from portals.models import DeskRequest, StaffRole
from portals.scope import Scope, entered

FOUND = "privacy.ledger_check"
LATE = "privacy.seal_lag"
WHOLE_EVERY = dt.timedelta(days=7)
LAG_ALARM = 600  # seconds after which people are told; the worker's log tells from a minute on

log = logging.getLogger(__name__)


def folder() -> Path | None:
    """Where checkpoints are written, for somebody to carry elsewhere."""
    return Path(settings.CHECKPOINT_DIR) if settings.CHECKPOINT_DIR else None


def check(*, by: Scope) -> LedgerCheck:
    """Today's check (UTC, by the clock), once however often it is asked for. Not within a transaction: it reads one
    snapshot for as long as it takes."""
    today = timezone.now().astimezone(dt.UTC).date()
    before = queries.last_check()
    if before is not None and before.at.astimezone(dt.UTC).date() == today:
        return before
    whole = _whole_is_due()
    since = None if whole else (today.replace(day=1) - dt.timedelta(days=1)).replace(day=1)
    kept, unread = _kept()
    report = verification.verify(trusted=keys.trusted(), first=since, checkpoints=kept)
    if unread:
        report.add(findings.Finding("checkpoint", unread))
    file, unwritten = ("", "") if report.findings else _write(report.tail)
    made = LedgerCheck(
        at=timezone.now(),
        whole=whole,
        since=since.isoformat() if since else "",
        findings=len(report.findings) + report.more,
        rows=report.rows,
        blocks=report.blocks,
        unsealed=report.unsealed,
        archived=len(report.archived),
        checkpoint=report.tail.number if report.tail else 0,
        checkpoint_hash=report.tail.hash if report.tail else "",
        file=file,
    )
    with entered(by):
        _record(made, by)
        if report.findings:
            first = report.findings[0]
            log.error("the ledger's check found %d, the first of the kind %s", made.findings, first.what)
            texts = [finding.text for finding in report.findings[:5]]
            _tell(today, by, _("The ledger's nightly check found something"), {"found": made.findings, "first": texts})
        elif unwritten:
            log.error("no checkpoint of the ledger could be written: %s", unwritten)
            _tell(today, by, _("No checkpoint of the ledger could be written"), {"unwritten": unwritten})
    return made


def _whole_is_due() -> bool:
    last = queries.last_check(whole=True)
    return last is None or last.at <= timezone.now() - WHOLE_EVERY + dt.timedelta(hours=1)


def _kept() -> tuple[list[findings.Checkpoint], str]:
    """The checkpoints that lie in the folder still, and what is wrong with them."""
    where = folder()
    if where is None or not where.is_dir():
        return [], ""
    try:
        return checkpoints.read(where), ""
    except (OSError, ValueError, TypeError):
        return [], "a checkpoint file in the folder cannot be read"


def _write(tail: findings.Checkpoint | None) -> tuple[str, str]:
    """The name of the file that was written, or why none was; neither where none is wanted."""
    where = folder()
    if where is None or tail is None:
        return "", ""
    path = where / checkpoints.name_of(tail)
    try:
        where.mkdir(parents=True, exist_ok=True)
        checkpoints.write(path, tail)
    except OSError as error:
        return "", error.strerror or type(error).__name__
    return path.name, ""


def _record(made: LedgerCheck, by: Scope) -> None:
    detail = dataclasses.asdict(made)
    del detail["at"]
    audit.record(
        kind=Kind.JOB,
        action=queries.CHECK_ACTION,
        outcome=Outcome.DONE if made.clean else Outcome.FAILED,
        detail=detail,
        **by.audit(),
    )


# --- The sealing that lags --------------------------------------------------------------------------------------------


def watch_lag(*, by: Scope) -> None:
    """Somebody of the privacy officer's team hears once an hour that rows stand unsealed."""
    lag = queries.seal_lag()
    if lag.seconds <= LAG_ALARM:
        return
    hour = timezone.now().astimezone(dt.UTC)
    _open(
        kind=LATE,
        key=f"seal-lag:{hour:%Y-%m-%dT%H}",
        title=_("Rows of the ledger wait too long to be sealed"),
        detail={"rows": lag.rows, "minutes": int(lag.seconds // 60)},
        by=by,
    )


# --- Telling --------------------------------------------------------------------------------------------------------


def _tell(day: dt.date, by: Scope, title: str, detail: dict[str, object]) -> None:
    _open(kind=FOUND, key=f"ledger-check:{day:%Y-%m-%d}", title=title, detail=detail, by=by)


def _open(*, kind: str, key: str, title: str, detail: dict[str, object], by: Scope) -> None:
    """A request, and a mail to each of the privacy officer's people that says no more than that there is one."""
    with transaction.atomic():
        row = desk.open_request(kind=kind, key=key, title=title, detail=detail, by=by)
        places = StaffRole.objects.filter(team=Team.PRIVACY, ended_at=None, user__is_active=True).select_related("user")
        address = f"{settings.SITE_URL}{reverse('desk:request', args=[row.pk])}"
        outbox.post_all(
            outbox.Mail(
                key=f"{key}:{place.user_id}",
                to=place.user.email,
                subject=_("The audit ledger needs you"),
                body=_("A request of the privacy officer's queue is urgent: %(address)s") % {"address": address},
            )
            for place in places
            if place.user.email
        )


def _found_facts(request: DeskRequest) -> Facts:
    detail = request.detail
    if "unwritten" in detail:
        return [
            (_("Why"), detail["unwritten"]),
            (_("What to do"), _("Have the folder of checkpoints repaired, then verify_audit --write-checkpoint.")),
        ]
    return [
        (_("Found"), str(detail["found"])),
        *((_("What"), text) for text in detail["first"]),
        (_("What to do"), _('Nobody changes anything. Follow "When a check finds something" of the privacy guide.')),
    ]


def _late_facts(request: DeskRequest) -> Facts:
    minutes = request.detail["minutes"]
    return [
        (_("The oldest waits"), ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}),
        (_("Rows"), str(request.detail["rows"])),
        (_("What to do"), _("Have the workers looked at, and the oldest open transaction of the database server.")),
    ]


def register() -> None:
    desk_kinds.register(
        FOUND,
        RequestKind(team=Team.PRIVACY, label=gettext_lazy("Check of the ledger"), business_days=1, facts=_found_facts),
    )
    desk_kinds.register(
        LATE,
        RequestKind(team=Team.PRIVACY, label=gettext_lazy("Sealing of the ledger"), business_days=1, facts=_late_facts),
    )
