"""The door's records: people who sign in, work to do later, mail, files, the desk's requests, the help directory."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models.functions import Lower, Now

from portals import enums


class UserManager(BaseUserManager["User"]):
    def create_user(self, username: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(username=username, **fields)
        user.set_password(password)
        user.save()
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(username__iexact=username)


class User(AbstractBaseUser):
    """One person, one username. What they may do stands in the memberships of the apps above."""

    username = models.CharField(max_length=64)
    email = models.EmailField(blank=True)
    given_name = models.CharField(max_length=60, blank=True)
    family_name = models.CharField(max_length=60, blank=True)
    kind = models.CharField(max_length=10, choices=enums.UserKind.choices)
    is_active = models.BooleanField(default=True)
    must_change_password = models.BooleanField(default=False)
    created_at = models.DateTimeField(db_default=Now())

    objects = UserManager()
    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["kind"]

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("username"), name="user_username_without_case"),
            models.UniqueConstraint(
                fields=["email"], condition=~models.Q(email=""), name="user_email_once"
            ),  # the exact address: plus-addresses are others (V13)
        ]

    class Phi:
        protected = ("username", "email", "given_name", "family_name", "password")
        cleared = ("id", "last_login", "kind", "is_active", "must_change_password", "created_at")

    @property
    def display_name(self) -> str:
        return f"{self.given_name} {self.family_name}".strip() or self.username


class StaffRole(models.Model):
    """A person of the plan in one of its teams; ended, never deleted."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="staff_roles")
    team = models.CharField(max_length=24, choices=enums.Team.choices)
    started_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "team"], condition=models.Q(ended_at=None), name="staff_role_once"),
        ]

    class Phi:
        protected = ()
        cleared = ("id", "user", "team", "started_at", "ended_at")


class PlanClock(models.Model):
    """The demo's business date, fixed until moved from the desk. Production has no row and follows the calendar."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    business_date = models.DateField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_plan_clock")]

    class Phi:
        protected = ()
        cleared = ("id", "business_date")


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
    the demo mailbox. Bodies name no one's health: "sign in to see"."""

    key = models.CharField(max_length=200, unique=True)
    to = models.EmailField()
    subject = models.CharField(max_length=200)
    body = models.TextField()
    letter = models.BooleanField(default=False)  # printed and mailed to `postal_address` instead of sent
    postal_address = models.TextField(blank=True)
    status = models.CharField(max_length=10, choices=enums.MailStatus.choices, default=enums.MailStatus.WAITING)
    tries = models.IntegerField(default=0)
    created_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["id"], condition=models.Q(status="waiting"), name="mail_to_send")]

    class Phi:
        protected = ("to", "subject", "body", "postal_address")
        cleared = ("id", "key", "letter", "status", "tries", "created_at", "sent_at")


class StoredFile(models.Model):
    """An uploaded or made file, encrypted in chunks in the database: one transaction, one backup, one audit."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True)
    kind = models.CharField(max_length=40)
    owner = models.CharField(max_length=40)  # PartyRef of whose documents it stands among
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=80)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    key_id = models.CharField(max_length=8)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["owner", "kind"], name="file_by_owner")]

    class Phi:
        protected = ("name",)
        cleared = ("id", "uuid", "kind", "owner", "content_type", "size", "sha256", "key_id", "created_at")


class StoredChunk(models.Model):
    file = models.ForeignKey(StoredFile, on_delete=models.CASCADE, related_name="chunks")
    number = models.IntegerField()
    cipher = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["file", "number"], name="chunk_once")]

    class Phi:
        protected = ("cipher",)
        cleared = ("id", "file", "number")


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


class DeskRequest(models.Model):
    """Something that the plan's own people must do; each app contributes its kinds (`portals.desk`)."""

    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=200, unique=True)  # natural key: the same cause opens one request
    team = models.CharField(max_length=24, choices=enums.Team.choices)
    party = models.CharField(max_length=40, blank=True)
    title = models.CharField(max_length=200)
    detail = models.JSONField(default=dict)
    status = models.CharField(max_length=10, choices=enums.RequestStatus.choices, default=enums.RequestStatus.OPEN)
    owner = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="desk_requests")
    created_at = models.DateTimeField(db_default=Now())
    due_date = models.DateField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["team", "status", "created_at"], name="desk_queue")]

    class Phi:
        protected = ("title", "detail")
        cleared = ("id", "kind", "key", "team", "party", "status", "owner", "created_at", "due_date")


class DeskRemark(models.Model):
    """A remark or a change of status on a request: who, when, why."""

    request = models.ForeignKey(DeskRequest, on_delete=models.CASCADE, related_name="remarks")
    by = models.CharField(max_length=60)
    at = models.DateTimeField(db_default=Now())
    status = models.CharField(max_length=10, choices=enums.RequestStatus.choices, blank=True)
    text = models.TextField(blank=True)

    class Phi:
        protected = ("text",)
        cleared = ("id", "request", "by", "at", "status")


class HelpContact(models.Model):
    """Whom to call, by audience, region and topic, as of a date."""

    audience = models.CharField(max_length=20, blank=True)  # blank: every audience
    region = models.CharField(max_length=10, blank=True)  # blank: every region
    topic = models.CharField(max_length=40)
    owner = models.CharField(max_length=100)
    phone = models.CharField(max_length=40)
    hours = models.CharField(max_length=120)
    effective = DateRangeField()

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="one_contact_at_a_time",
                expressions=[
                    ("audience", RangeOperators.EQUAL),
                    ("region", RangeOperators.EQUAL),
                    ("topic", RangeOperators.EQUAL),
                    ("effective", RangeOperators.OVERLAPS),
                ],
            )
        ]

    class Phi:
        protected = ()
        cleared = ("id", "audience", "region", "topic", "owner", "phone", "hours", "effective")


class Announcement(models.Model):
    """News by audience, region and date, shown on the front page and behind each door (X6)."""

    audience = models.CharField(max_length=20, blank=True)
    region = models.CharField(max_length=10, blank=True)
    title = models.CharField(max_length=120)
    body = models.TextField()
    shown = DateRangeField()

    class Phi:
        protected = ()
        cleared = ("id", "audience", "region", "title", "body", "shown")


class StateRule(models.Model):
    """A rule that differs by state and changes with time (X5): grace, invoice timing, proration, defaults."""

    state = models.CharField(max_length=2)  # two letters, or "**" for every other state
    name = models.CharField(max_length=40)
    value = models.JSONField()
    effective = DateRangeField()

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="one_state_rule_at_a_time",
                expressions=[
                    ("state", RangeOperators.EQUAL),
                    ("name", RangeOperators.EQUAL),
                    ("effective", RangeOperators.OVERLAPS),
                ],
            )
        ]

    class Phi:
        protected = ()
        cleared = ("id", "state", "name", "value", "effective")


class PlanClosing(models.Model):
    """A day on which the plan itself is closed beside the banking holidays: not a business day."""

    day = models.DateField(primary_key=True)
    reason = models.CharField(max_length=80)

    class Phi:
        protected = ()
        cleared = ("day", "reason")
