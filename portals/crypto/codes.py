"""One-time codes: a keyed hash is kept, five tries, a new code ends the old one.

Codes sent at once live ten minutes; mailed ones thirty days (F14).
"""

from __future__ import annotations

import datetime as dt
import hmac
import secrets

from django.db import connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from portals.crypto import values as crypto
from portals.enums import CodePurpose
from portals.models import AccessCode
from portals.scope import PartyRef

ALPHABET = "23456789BCDFGHJKMNPQRTVWXY"  # nothing that looks like something else
LENGTH = 8
SENT = dt.timedelta(minutes=10)
MAILED = dt.timedelta(days=30)
MAX_TRIES = 5


def _text(purpose: str, subject: str, code: str) -> str:
    """What of a code is hashed."""
    return f"code|{purpose}|{subject}|{code}"


def normalize(typed: str) -> str:
    return "".join(c for c in typed.upper() if c.isascii() and c.isalnum())


def grouped(code: str) -> str:
    """As people read it out: in fours."""
    return " ".join(_fours(code))


def hyphenated(code: str) -> str:
    """In fours, and fit for an address."""
    return "-".join(_fours(code))


def _fours(code: str) -> list[str]:
    return [code[start : start + 4] for start in range(0, len(code), 4)]


def alone(what: str) -> None:
    """Two requests about the same thing come one after the other, until the end of their transactions."""
    number = int(crypto.keyed_hash(f"alone|{what}")[:15], 16)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])


def issue(*, purpose: CodePurpose, subject: PartyRef, lives: dt.timedelta) -> str:
    """A new code in plain; the old live one, if any, ends."""
    alone(f"{purpose}|{subject}")
    code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    now = timezone.now()
    with transaction.atomic():
        AccessCode.objects.filter(purpose=purpose, subject=str(subject), used_at=None, ended_at=None).update(
            ended_at=now
        )
        AccessCode.objects.create(
            purpose=purpose,
            subject=str(subject),
            code_hash=crypto.keyed_hash(_text(purpose, str(subject), code)),
            expires_at=now + lives,
        )
    return code


def live(*, purpose: CodePurpose, subject: PartyRef, since: dt.datetime | None = None) -> bool:
    """Is there one that opens? `since`: written later than that."""
    rows = AccessCode.objects.filter(
        purpose=purpose, subject=str(subject), used_at=None, ended_at=None, expires_at__gt=timezone.now()
    )
    return (rows.filter(created_at__gt=since) if since else rows).exists()


def end_sign_in(user_id: int) -> None:
    """Every code on its way that would let its reader into this account."""
    own = Q(purpose=CodePurpose.SECOND_STEP, subject=str(PartyRef("user", user_id)))
    own |= Q(purpose=CodePurpose.RESET, subject__startswith=f"{reset_kind(user_id)}:")
    AccessCode.objects.filter(own, used_at=None, ended_at=None).update(ended_at=timezone.now())


def reset_kind(user_id: int) -> str:
    """Kind of the subject of a code for a new password; its number is drawn for the browser that asked."""
    return f"reset-{user_id}"


def redeem(*, purpose: CodePurpose, subject: PartyRef, typed: str) -> bool:
    """True once for the right code; each wrong try counts, and the fifth ends the code. The same work is done where
    there is no code."""
    now = timezone.now()
    with transaction.atomic():
        row = (
            AccessCode.objects.select_for_update()
            .filter(purpose=purpose, subject=str(subject), used_at=None, ended_at=None, expires_at__gt=now)
            .first()
        )
        fits = crypto.keyed_hashes(_text(purpose, str(subject), normalize(typed)))
        right = any(hmac.compare_digest(row.code_hash if row else "", each) for each in fits)
        if row is not None and right:
            row.used_at = now
            row.save(update_fields=["used_at"])
            return True
        spent = row is not None and row.tries + 1 >= MAX_TRIES
        AccessCode.objects.filter(pk=row.pk if row else 0).update(tries=F("tries") + 1, ended_at=now if spent else None)
        return False
