"""Recovery codes: a sheet of one-time codes for the day the second factor is lost, kept as keyed hashes."""

from __future__ import annotations

import secrets

from django.db import transaction
from django.utils import timezone
from django_otp.models import Device

from audit import actions as audit
from audit.enums import Kind
from portals.crypto import codes
from portals.crypto import values as crypto
from portals.enums import Factor
from portals.models import RecoveryCode, RecoveryCodes, User
from portals.scope import Scope

CODES = 10  # on a sheet
LENGTH = 10


def new_sheet(*, by: Scope, user: User) -> list[str]:
    """A fresh sheet in plain, shown once; the old sheet is void."""
    with transaction.atomic():
        RecoveryCodes.objects.filter(user=user).delete()
        sheet = RecoveryCodes.objects.create(user=user, name="")
        plain = ["".join(secrets.choice(codes.ALPHABET) for _n in range(LENGTH)) for _n in range(CODES)]
        RecoveryCode.objects.bulk_create(
            [RecoveryCode(sheet=sheet, code_hash=crypto.keyed_hash(_hashed(user, code))) for code in plain]
        )
        audit.record(
            kind=Kind.CREATE, action="door.enroll_factor", detail={"factor": Factor.RECOVERY.value}, **by.audit()
        )
    return [f"{code[:5]}-{code[5:]}" for code in plain]


def left(user: User) -> int:
    return RecoveryCode.objects.filter(sheet__user=user, used_at=None).count()


def _hashed(user: User, typed: str) -> str:
    """What of a recovery code is hashed."""
    return f"recovery|{user.pk}|{codes.normalize(typed)}"


def take(user: User, typed: str) -> Device | None:
    """The sheet that this code stood on; each code is taken once."""
    sheet = RecoveryCodes.objects.filter(user=user).first()
    if sheet is None:
        return None
    used = RecoveryCode.objects.filter(
        sheet=sheet, code_hash__in=crypto.keyed_hashes(_hashed(user, typed)), used_at=None
    )
    return sheet if used.update(used_at=timezone.now()) else None
