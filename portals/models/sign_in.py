"""What proves a person at the door, and what is kept of their signing in."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models.functions import Now
from django_otp.models import Device

from portals import enums
from portals.models.users import User


class AccessCode(models.Model):
    """A one-time code sent to what is on file: it proves the person whom identifiers only located.

    Only a keyed hash is kept; a new code of the same purpose and subject ends the old one.
    """

    purpose = models.CharField(max_length=20, choices=enums.CodePurpose.choices)
    subject = models.CharField(max_length=40)  # PartyRef
    code_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    tries = models.IntegerField(default=0)
    used_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["purpose", "subject"],
                condition=models.Q(used_at=None, ended_at=None),
                name="one_live_code",
            )
        ]

    class Phi:
        protected = ("code_hash",)
        cleared = ("id", "purpose", "subject", "created_at", "expires_at", "tries", "used_at", "ended_at")


class Attempt(models.Model):
    """A try at a door, counted before any password is hashed. `key` is a keyed hash: no identifier stands here."""

    door = models.CharField(max_length=30)
    key = models.CharField(max_length=64)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["door", "key", "at"], name="attempt_by_key")]

    class Phi:
        protected = ("key",)
        cleared = ("id", "door", "at")


class BreachedPassword(models.Model):
    """A password that nobody may choose, since it is known from a breach; nobody's in particular."""

    sha1 = models.BinaryField(primary_key=True)

    class Phi:
        protected = ()
        cleared = ("sha1",)


class ActingSession(models.Model):
    """One stretch of a producer working as a client, from "Log in as employer" to the way out."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="acting_sessions")
    home = models.CharField(max_length=40)  # PartyRef of the agency
    party = models.CharField(max_length=40)  # PartyRef of the client acted for
    grant = models.CharField(max_length=60)
    reason = models.CharField(max_length=200, blank=True)
    started_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["party", "started_at"], name="acting_by_party")]

    class Phi:
        protected = ("reason",)
        cleared = ("id", "user", "home", "party", "grant", "started_at", "ended_at")


class AuthenticatorApp(Device):
    """An app that shows six digits (TOTP). Its key is encrypted; `last_step` is the time step of the last code taken,
    so that none is taken twice."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True)
    key = models.BinaryField()
    last_step = models.BigIntegerField(default=-1)
    created_at = models.DateTimeField(db_default=Now())

    class Phi:
        protected = ("name", "key")
        cleared = ("id", "user", "confirmed", "uuid", "last_step", "created_at")


class EmailCodes(Device):
    """Codes to the account's own proven e-mail: the weakest second factor."""

    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user"], name="email_codes_once")]

    class Phi:
        protected = ("name",)
        cleared = ("id", "user", "confirmed", "created_at")


class RecoveryCodes(Device):
    """A sheet of one-time codes for the day the second factor is lost; alone it is no second factor."""

    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user"], name="recovery_codes_once")]

    class Phi:
        protected = ("name",)
        cleared = ("id", "user", "confirmed", "created_at")


class RecoveryCode(models.Model):
    sheet = models.ForeignKey(RecoveryCodes, on_delete=models.CASCADE, related_name="codes")
    code_hash = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sheet", "code_hash"], name="recovery_code_once")]

    class Phi:
        protected = ("code_hash",)
        cleared = ("id", "sheet", "used_at")


class KnownBrowser(models.Model):
    """A browser in which this person signed in before, by the keyed hash of its cookie."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="browsers")
    cookie_hash = models.CharField(max_length=64)
    first_seen_at = models.DateTimeField(db_default=Now())
    last_seen_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "cookie_hash"], name="known_browser_once")]

    class Phi:
        protected = ("cookie_hash",)
        cleared = ("id", "user", "first_seen_at", "last_seen_at")


class SignedIn(models.Model):
    """One stretch of being signed in. It is over when it has ended, when nobody clicked for the idle time, or after
    its full age; ending it from elsewhere deletes the session itself."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="signed_in")
    session_key = models.CharField(max_length=40, unique=True)
    browser = models.ForeignKey(KnownBrowser, null=True, on_delete=models.SET_NULL, related_name="+")
    device = models.CharField(max_length=60)  # "Chrome on Windows"
    address = models.CharField(max_length=45)
    factor = models.CharField(max_length=10, choices=enums.Factor.choices, blank=True)
    started_at = models.DateTimeField(db_default=Now())
    seen_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_why = models.CharField(max_length=12, choices=enums.SignedInEnd.choices, blank=True)

    class Meta:
        indexes = [models.Index(fields=["user", "-started_at"], name="signed_in_by_user")]

    class Phi:
        protected = ("session_key", "address")
        cleared = (
            "id", "user", "browser", "device", "factor", "started_at", "seen_at", "ended_at", "ended_why",
        )  # fmt: skip


class AccountNotice(models.Model):
    """A notice of something that happened to an account, whose reader can answer "this was not me"."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=20, choices=enums.NoticeKind.choices)
    token_hash = models.CharField(max_length=64, unique=True)
    former_email = models.EmailField(blank=True)  # what "not me" brings back after a changed address
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    denied_at = models.DateTimeField(null=True, blank=True)

    class Phi:
        protected = ("token_hash", "former_email")
        cleared = ("id", "user", "kind", "created_at", "expires_at", "denied_at")


class Invitation(models.Model):
    """A one-time invitation into an organization, by mail to the person invited; what it opens is decided by the app
    that owns the organization (`portals.invitations.actions`)."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True)
    kind = models.CharField(max_length=20)
    party = models.CharField(max_length=40)  # PartyRef
    role = models.CharField(max_length=24, blank=True)
    extra = models.JSONField(default=list)  # what else it opens, in the words of the app
    given_name = models.CharField(max_length=60)
    family_name = models.CharField(max_length=60)
    email = models.EmailField()
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.CharField(max_length=60)
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "party", "email"],
                condition=models.Q(accepted_at=None, ended_at=None),
                name="one_open_invitation",
            )
        ]
        indexes = [models.Index(fields=["party", "created_at"], name="invitation_by_party")]

    class Phi:
        protected = ("given_name", "family_name", "email", "token_hash")
        cleared = (
            "id", "uuid", "kind", "party", "role", "extra", "invited_by", "created_at", "expires_at", "accepted_at",
            "accepted_by", "ended_at", "ended_by",
        )  # fmt: skip


class Draft(models.Model):
    """What somebody had typed when the session ended, encrypted, for the same person on the same page."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="drafts")
    path = models.CharField(max_length=500)
    fields = models.BinaryField()
    kept_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "path"], name="draft_once")]

    class Phi:
        protected = ("path", "fields")
        cleared = ("id", "uuid", "user", "kept_at")
