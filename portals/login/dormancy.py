"""Work accounts that nobody used for 180 days sleep until the help desk wakes them; member accounts
never (ruling 36)."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit import actions as audit
from audit.enums import Kind
from portals.enums import UserKind
from portals.models import User
from portals.scope import Scope

DORMANT_AFTER = dt.timedelta(days=180)
WARNED_BEFORE = dt.timedelta(days=14)

# Once for each stretch of sleep: the day of the last use is in the key.
_WARN = """
INSERT INTO portals_outboxmail (key, "to", subject, body, letter, postal_address, status, tries)
SELECT 'falls-asleep:' || id || ':' || extract(epoch FROM greatest(last_login, awake_since))::bigint,
       email, %(subject)s, %(body)s, false, '', 'waiting', 0
FROM portals_user
WHERE kind = %(work)s AND is_active AND email <> '' AND email_proven_at IS NOT NULL
  AND greatest(last_login, awake_since) > %(asleep)s AND greatest(last_login, awake_since) <= %(soon)s
ON CONFLICT (key) DO NOTHING
"""


def asleep(user: User, *, at: dt.datetime | None = None) -> bool:
    """The day counts from the last sign-in, or from when the account was made or woken."""
    if user.kind != UserKind.WORK:
        return False
    used = max(filter(None, (user.last_login, user.awake_since)))
    return (at or timezone.now()) - used >= DORMANT_AFTER


def warn(*, by: Scope, at: dt.datetime | None = None) -> int:
    """Mail everybody whose work account falls asleep within two weeks; how many. One statement."""
    now = at or timezone.now()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            _WARN,
            {
                "work": UserKind.WORK.value,
                "asleep": now - DORMANT_AFTER,
                "soon": now - DORMANT_AFTER + WARNED_BEFORE,
                "subject": _("Your account will fall asleep"),
                "body": _(
                    "Nobody has signed in with your username for a long time. Within two weeks the account is put to "
                    "sleep, and only a call wakes it. Sign in once to keep it awake: %(address)s"
                )
                % {"address": f"{settings.SITE_URL}/sign-in/"},
            },
        )
        warned: int = cursor.rowcount
        if warned:
            audit.record(kind=Kind.JOB, action="door.warn_sleepers", detail={"warned": warned}, **by.audit())
    return warned
