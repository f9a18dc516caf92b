"""Limits before hashing: tries are counted in PostgreSQL by identifier, by address and in total."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import logging

from django.db.models import Count
from django.utils import timezone

from portals import keys
from portals.models import Attempt

WINDOW = dt.timedelta(minutes=15)
PER_IDENTIFIER = 10
PER_ADDRESS = 60
IN_TOTAL = 2000
# Where identifiers are guessed, the total closes the door; elsewhere it would let a stranger close it for everybody,
# and only raises an alarm.
CLOSED_BY_TOTAL = frozenset({"first_sign_in", "first_code"})

logger = logging.getLogger(__name__)


def _key(kind: str, value: str) -> str:
    _, pepper = keys.current("pepper")
    return hmac.new(pepper, f"attempt|{kind}|{value.strip().lower()}".encode(), hashlib.sha256).hexdigest()


def allowed(*, door: str, identifier: str, address: str) -> bool:
    """May this try go on to the costly part? One query, the same for known and unknown identifiers."""
    since = timezone.now() - WINDOW
    most = {
        _key("id", identifier): PER_IDENTIFIER,
        _key("address", address): PER_ADDRESS,
        _key("total", door): IN_TOTAL,
    }
    tries = Attempt.objects.filter(door=door, key__in=most, at__gte=since).values_list("key").annotate(n=Count("id"))
    reached = {key for key, count in tries if count >= most[key]}
    total = _key("total", door)
    if total in reached:
        logger.error("alarm: more than %d failed tries at the door %s in a quarter of an hour", IN_TOTAL, door)
    return not (reached if door in CLOSED_BY_TOTAL else reached - {total})


def failed(*, door: str, identifier: str, address: str) -> None:
    Attempt.objects.bulk_create(
        [
            Attempt(door=door, key=_key("id", identifier)),
            Attempt(door=door, key=_key("address", address)),
            Attempt(door=door, key=_key("total", door)),
        ]
    )


def forget(*, door: str, identifier: str) -> None:
    """A right try clears the identifier's count (the address and the total keep theirs)."""
    Attempt.objects.filter(door=door, key=_key("id", identifier)).delete()


def purge() -> int:
    """Tries that no window counts any more; answers how many."""
    return Attempt.objects.filter(at__lt=timezone.now() - WINDOW).delete()[0]
