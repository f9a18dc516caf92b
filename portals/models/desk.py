"""The service desk: what the plan's own people must do, what was said about it, what a second person approves."""

from __future__ import annotations

import uuid

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from portals import enums
from portals.models.users import User
from portals.models.work import StoredFile


class DeskRequest(models.Model):
    """Something that the plan's own people must do; each app contributes its kinds (`portals.desk.actions`).

    Whoever asked is a user working for `asked_party`, or somebody without an account whose mail is `reply_to`, or
    nobody (the house itself opened it). `party` is whom it is about."""

    uuid = models.UUIDField(default=uuid.uuid4, db_default=RandomUUID(), unique=True)
    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=200, unique=True)  # natural key: the same cause opens one request
    team = models.CharField(max_length=24, choices=enums.Team.choices)
    party = models.CharField(max_length=40, blank=True)
    title = models.CharField(max_length=200)
    detail = models.JSONField(default=dict)
    status = models.CharField(max_length=10, choices=enums.RequestStatus.choices, default=enums.RequestStatus.OPEN)
    owner = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="desk_requests")
    asked_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="asked_requests")
    asked_party = models.CharField(max_length=40, blank=True)
    reply_to = models.EmailField(blank=True)
    created_at = models.DateTimeField(db_default=Now())
    due_date = models.DateField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["team", "status", "created_at"], name="desk_queue"),
            models.Index(fields=["asked_by", "asked_party"], name="desk_asked"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=enums.REQUEST_OVER, closed_at__isnull=False)
                | (~Q(status__in=enums.REQUEST_OVER) & Q(closed_at=None)),
                name="desk_request_closed_when_over",
            ),
            models.CheckConstraint(
                condition=Q(reply_to="") | Q(asked_by=None), name="desk_request_of_a_user_or_a_stranger"
            ),
        ]

    class Phi:
        protected = ("title", "detail", "reply_to")
        cleared = (
            "id", "uuid", "kind", "key", "team", "party", "status", "owner", "asked_by", "asked_party", "created_at",
            "due_date", "closed_at",
        )  # fmt: skip

    @property
    def number(self) -> str:
        """As people say it on the telephone."""
        return f"R{self.pk:06}"


class DeskRemark(models.Model):
    """A remark or a change of status on a request: who, when, why. Only what is `shared` is read by whoever asked."""

    request = models.ForeignKey(DeskRequest, on_delete=models.CASCADE, related_name="remarks")
    by = models.CharField(max_length=60)
    at = models.DateTimeField(db_default=Now())
    status = models.CharField(max_length=10, choices=enums.RequestStatus.choices, blank=True)
    text = models.TextField(blank=True)
    shared = models.BooleanField(default=False)

    class Phi:
        protected = ("text",)
        cleared = ("id", "request", "by", "at", "status", "shared")


class DeskAttachment(models.Model):
    """A file sent with a remark; whoever may read the remark may have it."""

    remark = models.ForeignKey(DeskRemark, on_delete=models.CASCADE, related_name="attachments")
    stored = models.OneToOneField(StoredFile, on_delete=models.PROTECT, related_name="+")

    class Phi:
        protected = ()
        cleared = ("id", "remark", "stored")


class DeskProposal(models.Model):
    """What one person of the plan proposes and another one approves: money or access is granted by two."""

    request = models.ForeignKey(DeskRequest, on_delete=models.CASCADE, related_name="proposals")
    decision = models.JSONField()
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(db_default=Now())
    decided_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    approved = models.BooleanField(null=True, blank=True)
    taken_back_at = models.DateTimeField(null=True, blank=True)  # by whoever proposed it, before anybody decided

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["request"], condition=Q(decided_at=None, taken_back_at=None), name="one_open_proposal"
            ),
            models.CheckConstraint(
                condition=Q(decided_at=None) | Q(taken_back_at=None), name="proposal_decided_or_taken_back"
            ),
            models.CheckConstraint(condition=~Q(decided_by=F("proposed_by")), name="four_eyes"),
            models.CheckConstraint(
                condition=Q(decided_by=None, decided_at=None, approved=None)
                | Q(decided_by__isnull=False, decided_at__isnull=False, approved__isnull=False),
                name="proposal_decided_whole",
            ),
        ]

    class Phi:
        protected = ("decision",)
        cleared = (
            "id",
            "request",
            "proposed_by",
            "proposed_at",
            "decided_by",
            "decided_at",
            "approved",
            "taken_back_at",
        )
