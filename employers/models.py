"""The employer's own users."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from employers import enums
from members.models import Client, OfClient
from portals.models import User


class EmployerUser(models.Model):
    """A person's place at a client; ended, never deleted."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="employer_users")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="employer_places")
    role = models.CharField(max_length=20, choices=enums.EmployerRole.choices)
    started_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = OfClient.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["client", "user"], condition=models.Q(ended_at=None), name="employer_user_once"
            )
        ]

    class Phi:
        protected = ()
        cleared = ("id", "client", "user", "role", "started_at", "ended_at")
