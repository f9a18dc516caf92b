"""What proves a person at the door, and what is kept of their signing in."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

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
