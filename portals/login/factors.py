"""Second factors: what a person holds, how each is enrolled, proven and removed. django-otp is their only store.

Passkeys (`passkeys`) are the library's own devices; keys of authenticator apps are encrypted and recovery codes
(`recovery`) hashed, which the library's are not (engineering.md 60).
"""

from __future__ import annotations

import base64
import datetime as dt
import hmac
import secrets
import time
import uuid
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from django.db import transaction
from django.utils.translation import gettext as _
from django_otp.models import Device
from django_otp.oath import hotp
from django_otp_webauthn.models import WebAuthnCredential

from audit import actions as audit
from audit.enums import Kind
from portals.crypto import codes
from portals.crypto import values as crypto
from portals.enums import CodePurpose, Factor, UserKind
from portals.login import recovery
from portals.mail import outbox
from portals.models import AuthenticatorApp, EmailCodes, RecoveryCodes, User
from portals.plan.brand import brand
from portals.scope import PartyRef, Scope

STEP = 30  # seconds that a code of an authenticator app stands
LATE = (-1, 0, 1)  # steps around now that are taken: clocks differ
NOTICED = dt.timedelta(minutes=1)  # a notice is written right after what it tells of


@dataclass(frozen=True, slots=True)
class Held:
    """One second factor of a person, as the security page lists it."""

    kind: Factor
    device: Device

    @property
    def id(self) -> str:
        return f"{self.kind.value}-{self.device.pk}"


class LastFactor(ValueError):
    """A work account keeps one second factor at least."""


def held(user: User) -> list[Held]:
    """The person's factors, the strongest kind first; recovery codes are none. Three queries."""
    found = [Held(Factor.PASSKEY, each) for each in WebAuthnCredential.objects.filter(user=user, confirmed=True)]
    found += [Held(Factor.APP, each) for each in AuthenticatorApp.objects.filter(user=user, confirmed=True)]
    found += [Held(Factor.EMAIL, each) for each in EmailCodes.objects.filter(user=user, confirmed=True)]
    return found


def ways(user: User) -> list[Factor]:
    """How the second step can be done, the strongest first, recovery codes last; empty for who holds no factor."""
    kinds = list(dict.fromkeys(each.kind for each in held(user)))
    if kinds and recovery.left(user):
        kinds.append(Factor.RECOVERY)
    return kinds


# --- Proving ------------------------------------------------------------------------------------------------------


def take_code(user: User, way: Factor, typed: str) -> Device | None:
    """The device whose code this is; each code is taken once. None for a wrong, used or late one."""
    if way is Factor.APP:
        return _take_app_code(user, typed)
    if way is Factor.EMAIL:
        return _take_email_code(user, typed)
    if way is Factor.RECOVERY:
        return recovery.take(user, typed)
    return None


def _take_app_code(user: User, typed: str) -> Device | None:
    digits = _digits(typed)
    now = int(time.time()) // STEP
    for device in AuthenticatorApp.objects.filter(user=user, confirmed=True):
        step = _matching_step(device, digits, now)
        if step is None:
            continue
        taken = AuthenticatorApp.objects.filter(pk=device.pk, last_step__lt=step).update(last_step=step)
        if taken:
            return device
    return None


def _digits(typed: str) -> str:
    return "".join(c for c in typed if c.isascii() and c.isdigit())


def _matching_step(device: AuthenticatorApp, digits: str, now: int) -> int | None:
    key = base64.b32decode(app_key(device))
    for step in (now + late for late in LATE):
        if step > device.last_step and hmac.compare_digest(f"{hotp(key, step):06}", digits):
            return step
    return None


def _take_email_code(user: User, typed: str) -> Device | None:
    device = EmailCodes.objects.filter(user=user, confirmed=True).first()
    right = codes.redeem(purpose=CodePurpose.SECOND_STEP, subject=PartyRef("user", user.pk), typed=typed)
    return device if right else None


def send_code(user: User) -> None:
    """A code for the second step to the account's proven address, unless one is on its way."""
    subject = PartyRef("user", user.pk)
    codes.alone(f"{CodePurpose.SECOND_STEP}|{subject}")
    if not user.email_proven_at or codes.live(purpose=CodePurpose.SECOND_STEP, subject=subject):
        return
    code = codes.issue(purpose=CodePurpose.SECOND_STEP, subject=subject, lives=codes.SENT)
    outbox.post(
        key=f"second-step:{uuid.uuid4().hex}",
        to=user.email,
        subject=_("Your sign-in code"),
        body=_(
            "Your sign-in code is %(code)s. It is good for ten minutes. Nobody of the plan will ever ask you for it. "
            "If you are not signing in right now, somebody else has your password: change it."
        )
        % {"code": codes.grouped(code)},
    )


# --- Enrolling and removing ---------------------------------------------------------------------------------------


def new_app(user: User, *, shown: int | None = None) -> AuthenticatorApp:
    """An authenticator app that waits for its first code. The one that this browser was `shown` is taken up again;
    any other's key may have been seen by somebody else."""
    waiting: AuthenticatorApp | None = AuthenticatorApp.objects.filter(user=user, confirmed=False, pk=shown).first()
    if waiting is not None:
        return waiting
    forget_waiting(user)
    own = uuid.uuid4()
    key = base64.b32encode(secrets.token_bytes(20)).decode()
    made: AuthenticatorApp = AuthenticatorApp.objects.create(
        user=user, name="", confirmed=False, uuid=own, key=crypto.encrypt(key, context=_key_context(own))
    )
    return made


def forget_waiting(user: User) -> None:
    AuthenticatorApp.objects.filter(user=user, confirmed=False).delete()


def app_key(device: AuthenticatorApp) -> str:
    """The app's secret in base32."""
    return crypto.decrypt(bytes(device.key), context=_key_context(device.uuid))


def _key_context(own: uuid.UUID) -> str:
    return f"portals_authenticatorapp.key.{own}"


def app_address(device: AuthenticatorApp) -> str:
    """The otpauth: address that the QR code carries."""
    plan = str(brand()["name"])
    label = quote(f"{plan}:{device.user.get_username()}")
    return f"otpauth://totp/{label}?{urlencode({'secret': app_key(device), 'issuer': plan})}"


def confirm_app(*, by: Scope, device: AuthenticatorApp, name: str, typed: str) -> bool:
    """The first code proves that the app has the key."""
    digits = _digits(typed)
    step = _matching_step(device, digits, int(time.time()) // STEP)
    if step is None:
        return False
    device.name, device.confirmed, device.last_step = name, True, step
    device.save(update_fields=["name", "confirmed", "last_step"])
    enrolled(by=by, kind=Factor.APP)
    return True


def add_email(*, by: Scope, user: User) -> EmailCodes:
    """Codes to the account's address, which must be proven."""
    assert user.email_proven_at is not None
    device: EmailCodes
    device, made = EmailCodes.objects.get_or_create(user=user, defaults={"name": "", "confirmed": True})
    if made:
        enrolled(by=by, kind=Factor.EMAIL)
    return device


def enrolled(*, by: Scope, kind: Factor) -> None:
    audit.record(kind=Kind.CREATE, action="door.enroll_factor", detail={"factor": kind.value}, **by.audit())


def remove(*, by: Scope, user: User, factor_id: str) -> Factor | None:
    """Raises LastFactor where a work account would be left with none; None where there is no such factor."""
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)  # two removals at once must not leave none
        all_ = held(user)
        gone = next((each for each in all_ if each.id == factor_id), None)
        if gone is None:
            return None
        if len(all_) == 1 and user.kind == UserKind.WORK:
            raise LastFactor
        gone.device.delete()
        if len(all_) == 1:
            RecoveryCodes.objects.filter(user=user).delete()
        audit.record(kind=Kind.DELETE, action="door.remove_factor", detail={"factor": gone.kind.value}, **by.audit())
    return gone.kind


def remove_since(*, by: Scope, user: User, since: dt.datetime) -> bool:
    """What was enrolled at that moment or later, by somebody who was not the person. True where that took a passkey or
    an app and left no factor: nothing but the mailbox would stand before the account."""
    with transaction.atomic():
        gone = {
            model: model.objects.filter(user=user, created_at__gte=since - NOTICED).delete()[0]
            for model in (WebAuthnCredential, AuthenticatorApp, EmailCodes, RecoveryCodes)
        }
        if any(gone.values()):
            audit.record(
                kind=Kind.DELETE,
                action="door.remove_factors_since",
                object_kind="user",
                object_id=str(user.pk),
                **by.audit(),
            )
        return bool(gone[WebAuthnCredential] or gone[AuthenticatorApp]) and not held(user)


def remove_all(*, by: Scope, user: User) -> None:
    """The way back for someone who lost every factor and was proven anew; they enroll at the next sign-in."""
    with transaction.atomic():
        for model in (WebAuthnCredential, AuthenticatorApp, EmailCodes, RecoveryCodes):
            model.objects.filter(user=user).delete()
        audit.record(
            kind=Kind.DELETE,
            action="door.remove_all_factors",
            object_kind="user",
            object_id=str(user.pk),
            **by.audit(),
        )
