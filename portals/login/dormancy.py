"""Work accounts that nobody used for 180 days sleep until the help desk wakes them; member accounts never (36)."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from portals.enums import UserKind
from portals.models import User

DORMANT_AFTER = dt.timedelta(days=180)


def asleep(user: User, *, at: dt.datetime | None = None) -> bool:
    """The day counts from the last sign-in, or from when the account was made or woken."""
    if user.kind != UserKind.WORK:
        return False
    used = max(filter(None, (user.last_login, user.awake_since)))
    return (at or timezone.now()) - used >= DORMANT_AFTER
