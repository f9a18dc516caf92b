"""The employer's own users."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from employers import enums
from portals.models import User
from portals.scope import Portal, Scope


class OfClient(models.QuerySet["EmployerUser"]):
    def visible_to(self, scope: Scope) -> OfClient:
        if scope.portal in (Portal.DESK, Portal.SYSTEM):
            return self
        if scope.party and scope.party.kind == "client":
            return self.filter(client_id=scope.party.id)
        return self.none()


class EmployerUser(models.Model):
    """A person's place at a client; ended, never deleted."""

    client = models.ForeignKey("members.Client", on_delete=models.PROTECT, related_name="employer_users")
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
