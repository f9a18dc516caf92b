"""A ledger of a test's own, whose events may lie at any instant: temporary tables of the same columns stand before the
ledger's, for this transaction alone. The real ones let nobody choose a time."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Set
from typing import Any

from django.db import connection

from audit.models import Event, Subject
from portals.models import User
from portals.plan.periods import PLAN_ZONE

# A Wednesday at noon in the plan's time: within office hours, in the middle of a week.
NOON = dt.datetime(2026, 3, 11, 12, tzinfo=PLAN_ZONE)


def shadow() -> None:
    """From now on, until the test's transaction ends, `audit_event` and `audit_subject` are these."""
    with connection.cursor() as cursor:
        for table in ("audit_event", "audit_subject"):
            cursor.execute(f"CREATE TEMPORARY TABLE {table} (LIKE public.{table} INCLUDING DEFAULTS) ON COMMIT DROP")


def event(
    user: User | str,
    *,
    at: dt.datetime = NOON,
    people: Iterable[int] = (),
    portal: str = "desk",
    kind: str = "view",
    action: str = "records:person",
    subject_kind: str = "person",
    **fields: Any,
) -> int:
    """One event at that instant; its id."""
    values = {
        "recorded_at": at, "kind": kind, "action": action, "portal": portal,
        "actor": user if isinstance(user, str) else f"user:{user.pk}", **fields,
    }  # fmt: skip
    values = {name: json.dumps(value) if isinstance(value, dict) else value for name, value in values.items()}
    names = ", ".join(values)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO audit_event ({names}) VALUES ({', '.join(['%s'] * len(values))}) RETURNING id",  # noqa: S608
            list(values.values()),
        )
        pk = int(cursor.fetchone()[0])
        cursor.execute(
            "INSERT INTO audit_subject (recorded_at, event_id, kind, subject_id)"
            " SELECT %s, %s, %s, unnest(%s::bigint[])",
            [at, pk, subject_kind, list(people)],
        )
    return pk


def events(user: User | str, count: int, *, at: dt.datetime = NOON, first: int = 1, **fields: Any) -> None:
    """So many events, a second apart, each about another person."""
    for n in range(count):
        event(user, at=at + dt.timedelta(seconds=n), people=[first + n], **fields)


def expect(
    action: str, *, by: User | str, about: str | Set[str] = frozenset(), on: str = "", outcome: str = "done"
) -> Event:
    """The last row of that action, never the test's own: by this user or somebody of that kind (`user`, `system`,
    `nobody`), with subjects of the kinds `about` and an object of the kind `on`, or without."""
    row = Event.objects.filter(action=action).order_by("id").last()
    assert row is not None, f"the ledger has no row of {action}"
    if isinstance(by, User):
        assert row.actor == f"user:{by.pk}", row.actor
    else:
        assert row.actor.partition(":")[0] == by, row.actor
        assert row.actor != "system:test", "by the test itself"
    assert (row.outcome, row.object_kind) == (outcome, on), (row.outcome, row.object_kind)
    kinds = set(Subject.objects.filter(event_id=row.pk).values_list("kind", flat=True))
    assert kinds == ({about} if isinstance(about, str) else about), kinds
    return row
