"""Work to do later: jobs, mail and letters, files."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models.functions import Now

from portals import enums
from portals.models.users import User


class Job(models.Model):
    """Work to do later, written in the transaction that wants it; the Celery message is only a hint.

    `key` makes a piece of work unique (the same key asked twice is one job). `scope` is `Scope.reference()`.
    """

    kind = models.CharField(max_length=60)
    key = models.CharField(max_length=200, unique=True)
    payload = models.JSONField(default=dict)
    scope = models.JSONField()
    queue = models.CharField(max_length=10, default="quick")
    owner = models.CharField(max_length=40, blank=True)  # PartyRef of who may see its progress page
    status = models.CharField(max_length=10, choices=enums.JobStatus.choices, default=enums.JobStatus.WAITING)
    done_steps = models.IntegerField(default=0)
    total_steps = models.IntegerField(default=0)
    result = models.JSONField(null=True, blank=True)
    error = models.TextField(blank=True)
    tries = models.IntegerField(default=0)
    created_at = models.DateTimeField(db_default=Now())
    leased_until = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["queue", "id"], condition=models.Q(status__in=["waiting", "running"]), name="job_to_do"
            )
        ]

    class Phi:
        protected = ("payload", "result", "error")
        cleared = (
            "id", "kind", "key", "scope", "queue", "owner", "status", "done_steps", "total_steps", "tries",
            "created_at", "leased_until", "finished_at",
        )  # fmt: skip


class OutboxMail(models.Model):
    """A mail written in the transaction that causes it and sent by the quick queue. In the demo it is read at
    the demo mailbox. Bodies name no one's health: "sign in to see". Outside the demo body and postal address are
    blank once it was sent or printed, since codes and links stand in them."""

    key = models.CharField(max_length=200, unique=True)
    to = models.EmailField()
    subject = models.CharField(max_length=200)
    body = models.TextField()
    letter = models.BooleanField(default=False)  # printed and mailed to `postal_address` instead of sent
    postal_address = models.TextField(blank=True)
    status = models.CharField(max_length=10, choices=enums.MailStatus.choices, default=enums.MailStatus.WAITING)
    tries = models.IntegerField(default=0)
    leased_until = models.DateTimeField(null=True, blank=True)  # a worker is at it until then
    created_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["id"], condition=models.Q(status="waiting"), name="mail_to_send")]

    class Phi:
        protected = ("to", "subject", "body", "postal_address")
        cleared = ("id", "key", "letter", "status", "tries", "leased_until", "created_at", "sent_at")


class StoredFile(models.Model):
    """An uploaded or made file, encrypted in chunks in the database: one transaction, one backup, one audit."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True)
    kind = models.CharField(max_length=40)
    owner = models.CharField(max_length=40)  # PartyRef of whose documents it stands among
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=80)
    size = models.BigIntegerField()
    uploader = models.ForeignKey(  # none: we made it
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    sha256 = models.CharField(max_length=64)
    key_id = models.CharField(max_length=8)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [
            models.Index(fields=["owner", "kind"], name="file_by_owner"),
            models.Index(
                fields=["uploader", "created_at"], condition=models.Q(uploader__isnull=False), name="file_by_uploader"
            ),
        ]

    class Phi:
        protected = ("name",)
        cleared = (
            "id", "uuid", "kind", "owner", "content_type", "size", "uploader", "sha256", "key_id", "created_at",
        )  # fmt: skip


class StoredChunk(models.Model):
    file = models.ForeignKey(StoredFile, on_delete=models.CASCADE, related_name="chunks")
    number = models.IntegerField()
    cipher = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["file", "number"], name="chunk_once")]

    class Phi:
        protected = ("cipher",)
        cleared = ("id", "file", "number")
