"""One person or two: a person says so, of somebody with an account two people, and the row is applied then."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db import transaction

from audit import actions as audit
from audit.enums import Kind
from members.enrollment.matching import CHANGE
from members.enums import LookalikeStatus
from members.models import Lookalike, MemberAccount
from portals import jobs, permissions
from portals.access import Desk
from portals.scope import Scope

APPLY = "members.lookalike"


class DecidedAlready(Exception):
    """Somebody else was quicker, or a later file has answered the question."""


class SecondPersonNeeded(Exception):
    """Whoever proposed it does not confirm it."""


def allowed(row: Lookalike) -> frozenset[str]:
    """What may be decided: of a change of somebody with an account, whether it is taken."""
    if row.rule == CHANGE:
        return frozenset({LookalikeStatus.SAME, LookalikeStatus.KEPT})
    return frozenset({LookalikeStatus.SAME, LookalikeStatus.TWO})


def decide(*, by: Scope, lookalike: uuid.UUID, status: str, reason: str, at: dt.datetime) -> Lookalike:
    """Decide, or propose where the person has an account: then a second person confirms it. What follows for coverage
    is a job. Raises `Refused`, DecidedAlready, SecondPersonNeeded, Lookalike.DoesNotExist."""
    permissions.require(by, Desk.DECIDE_FILE)
    with transaction.atomic():
        row = Lookalike.objects.select_for_update().get(uuid=lookalike)
        if row.status != LookalikeStatus.WAITING:
            raise DecidedAlready
        if status not in allowed(row):
            raise ValueError(f"{status} decides nothing here")
        if status == LookalikeStatus.SAME and _has_account(row.person_id):
            if row.proposed_status != status:
                row.proposed_status, row.proposed_by, row.reason = status, by.actor, reason
                row.save()
                _record(row, "members.lookalikes.propose", by, status)
                return row
            if row.proposed_by == by.actor:
                raise SecondPersonNeeded
        row.status = status
        row.decided_at, row.decided_by, row.reason = at, by.actor, reason
        row.save()
        _record(row, "members.lookalikes.decide", by, status)
        if status != LookalikeStatus.KEPT:
            jobs.ask(
                kind=APPLY,
                key=f"{APPLY}:{row.uuid}",
                payload={"lookalike": str(row.uuid)},
                scope=by,
                queue="bulk",
                again=True,
            )
        return row


def _has_account(person_id: int) -> bool:
    return MemberAccount.objects.filter(person_id=person_id, disowned_at=None).exists()


def _record(row: Lookalike, action: str, by: Scope, status: str) -> None:
    audit.record(
        kind=Kind.CHANGE,
        action=action,
        object_kind="lookalike",
        object_id=str(row.uuid),
        subjects=[("person", row.person_id)],
        detail={"decision": status, "file": row.file_id, "segment": row.segment},
        **by.audit(),
    )
