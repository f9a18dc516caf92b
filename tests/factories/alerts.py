"""Alerts for tests, as an evaluation leaves them, with the ledger's events that made them."""

from __future__ import annotations

import datetime as dt
import itertools

from django.utils import timezone

from audit import actions as audit
from audit.models import Event
from portals.models import Alert, AlertEvent, User
from tests.factories import people

_numbers = itertools.count(1)


def made(
    user: User, *, rule: str = "many_records", portal: str = "desk", events: int = 1, ago: int = 1, **fields: object
) -> Alert:
    """Seen so many minutes ago. Call inside a system scope: each event is about a new person."""
    last = timezone.now() - dt.timedelta(minutes=ago)
    row = Alert.objects.create(
        **{
            "key": f"{rule}:{user.pk}:test:{next(_numbers)}",
            "rule": rule,
            "user": user,
            "portal": portal,
            "amount": 72,
            "detail": {"limit": 60},
            "first_at": last - dt.timedelta(hours=1),
            "last_at": last,
            **fields,
        }
    )
    for _n in range(events):
        about = people.person(last_name="Quorndon")
        event = audit.record(
            kind="view",
            action="records:person",
            actor=f"user:{user.pk}",
            portal=portal,
            subjects=[("person", about.pk)],
        )
        AlertEvent.objects.create(alert=row, event_id=event, recorded_at=Event.objects.get(pk=event).recorded_at)
    return row
