"""The employer's own users, and the documents that the plan made for it."""

from __future__ import annotations

import uuid
from typing import TypeVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from employers import enums
from portals.models import DeskRequest, StoredFile, User
from portals.scope import Portal, Scope

_Row = TypeVar("_Row", bound=models.Model)


class OfClient(models.QuerySet[_Row]):
    def visible_to(self, scope: Scope) -> OfClient[_Row]:
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


class ForItself(OfClient[_Row]):
    """What is the client's own: nobody who acts for it finds it."""

    def visible_to(self, scope: Scope) -> ForItself[_Row]:
        return self.none() if scope.acting_for else super().visible_to(scope)  # type: ignore[return-value]


class ClientDocument(models.Model):
    """A document that the plan made for a client: for its own people, never for whoever acts for it. `people` are whom
    it names (members.Person), for the audit row of each download."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True)
    client = models.ForeignKey("members.Client", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=enums.DocumentKind.choices)
    name = models.CharField(max_length=100)  # of the file
    as_of = models.DateField()  # the business date that it tells of
    stored = models.OneToOneField(StoredFile, on_delete=models.PROTECT, related_name="+")
    request = models.OneToOneField(DeskRequest, on_delete=models.PROTECT, related_name="document")
    people = ArrayField(models.BigIntegerField())
    people_count = models.IntegerField()
    made_at = models.DateTimeField(db_default=Now())
    made_by = models.CharField(max_length=60)

    objects = ForItself.as_manager()

    class Meta:
        indexes = [models.Index(fields=["client", "made_at"], name="document_by_client")]

    class Phi:
        protected = ("people",)
        cleared = (
            "id", "uuid", "client", "kind", "name", "as_of", "stored", "request", "people_count", "made_at", "made_by",
        )  # fmt: skip
