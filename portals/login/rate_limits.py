"""Limits before hashing: tries are counted in PostgreSQL by identifier, by address and in total.

An identifier and an address close a door for themselves. The total closes none, since a stranger, or the first day of
a new client, would close it for the whole plan: it raises an alarm. What makes guessing hopeless also from thousands of
addresses is not the total but that an identifier only locates: the right member ID with birth date and ZIP lets nobody
in, it sends a code to what is on file. A code has 26 ** 8 forms, about 2e11, and ends with the fifth wrong try; a card
has ten tries in a quarter of an hour from everywhere, 960 a day. Somebody who tries one card all day long comes in with
a chance of 5e-9; somebody who tries 10,000 cards makes ten million requests a day for a chance of 5e-5, and the alarm
has been raised since the first minute.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import logging

from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portals.crypto import keys
from portals.desk import actions as desk
from portals.desk import kinds as desk_kinds
from portals.desk.kinds import RequestKind
from portals.enums import Team
from portals.models import Attempt, DeskRequest
from portals.scope import system

REQUEST_KIND = "door.many_failures"
WINDOW = dt.timedelta(minutes=15)
PER_IDENTIFIER = 10
PER_ADDRESS = 60
ALARM = 500  # failures at one door in a window from which somebody of the plan must look

logger = logging.getLogger(__name__)


def _key(kind: str, value: str) -> str:
    _, pepper = keys.current("pepper")
    # Raised first, as the database compares names: a dotless i or a long s is counted as the letter that it finds.
    folded = value.strip().upper().lower()
    return hmac.new(pepper, f"attempt|{kind}|{folded}".encode(), hashlib.sha256).hexdigest()


def allowed(
    *,
    door: str,
    identifier: str,
    address: str,
    per_identifier: int = PER_IDENTIFIER,
    per_address: int = PER_ADDRESS,
) -> bool:
    """May this try go on to the costly part? One query, the same for known and unknown identifiers."""
    since = timezone.now() - WINDOW
    total = _key("total", door)
    most = {_key("id", identifier): per_identifier, _key("address", address): per_address}
    tries = Attempt.objects.filter(door=door, key__in=[*most, total], at__gte=since)
    counts = dict(tries.values_list("key").annotate(n=Count("id")))
    if counts.get(total, 0) >= ALARM:
        _alarm(door)
    return all(counts.get(key, 0) < limit for key, limit in most.items())


def _alarm(door: str) -> None:
    """One request to the privacy officer for each door and quarter of an hour, and a line in the log."""
    window = timezone.now().replace(minute=timezone.now().minute // 15 * 15, second=0, microsecond=0)
    key = f"many-failures:{door}:{window:%Y%m%d%H%M}"
    if DeskRequest.objects.filter(key=key).exists():
        return
    logger.error("alarm: more than %d failed tries at the door %s in a quarter of an hour", ALARM, door)
    desk.open_request(
        kind=REQUEST_KIND,
        key=key,
        title=_("Many failed tries at one door: somebody may be guessing"),
        detail={"door": door, "since": f"{window:%Y-%m-%d %H:%M} UTC"},
        by=system("door"),
    )


def register() -> None:
    desk_kinds.register(REQUEST_KIND, RequestKind(team=Team.PRIVACY, label=gettext_lazy("Guessing")))


def count(*, door: str, identifier: str, address: str, right: bool = False) -> None:
    """Count a try. One that was `right` counts for identifier and address where every try does, and raises no alarm;
    its third row is there so that both cost the same work."""
    Attempt.objects.bulk_create(
        [
            Attempt(door=door, key=_key("id", identifier)),
            Attempt(door=door, key=_key("address", address)),
            Attempt(door=door, key=_key("right" if right else "total", door)),
        ]
    )


def failures(*, door: str, identifier: str) -> int:
    """How many of this identifier in the window."""
    return Attempt.objects.filter(door=door, key=_key("id", identifier), at__gte=timezone.now() - WINDOW).count()


def forget(*, door: str, identifier: str) -> None:
    """A right try clears the identifier's count (the address and the total keep theirs)."""
    Attempt.objects.filter(door=door, key=_key("id", identifier)).delete()


def purge() -> int:
    """Tries that no window counts any more; answers how many."""
    return Attempt.objects.filter(at__lt=timezone.now() - WINDOW).delete()[0]
