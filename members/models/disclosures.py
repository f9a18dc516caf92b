"""Disclosures of protected health information that a person may ask an accounting of (45 CFR 164.528), and the
accountings given. It is not the access log (ruling 19): see docs/privacy.md.

A disclosure, its end and a suspension are written once and never changed or removed; the row policies and the triggers
that hold to it stand in the migrations.
"""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TypeVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from members import enums
from members.models.enrollment import Person
from portals.access import Desk
from portals.models import StoredFile, User
from portals.scope import Portal, Scope

_Row = TypeVar("_Row", bound=models.Model)


class OfPrivacy(models.QuerySet[_Row]):
    """Rows that only the privacy officer's people read: an accounting tells a person of them, their row never."""

    def visible_to(self, scope: Scope) -> OfPrivacy[_Row]:
        if scope.portal is Portal.SYSTEM or Desk.RECORD_DISCLOSURES in scope.permissions:
            return self
        return self.none()


class Disclosure(models.Model):
    """What of a person was told to whom, when and why. `first_on` and `last_on` are both included; they differ where
    it was disclosed repeatedly to one recipient for one purpose (164.528(b)(3)), and then `times` or `frequency` says
    how often. `entry` is one writing of the same for many people."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="disclosures")
    first_on = models.DateField()
    last_on = models.DateField()
    times = models.IntegerField(null=True, blank=True)  # how many; empty where only the frequency is known
    frequency = models.CharField(max_length=60, blank=True)  # "every month"
    recipient = models.CharField(max_length=200)
    recipient_address = models.CharField(max_length=300, blank=True)
    description = models.CharField(max_length=1000)  # what was disclosed
    purpose = models.CharField(max_length=20, choices=enums.Purpose.choices)
    statement = models.CharField(max_length=1000)  # the brief statement of the purpose
    request_file = models.ForeignKey(StoredFile, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    case_number = models.CharField(max_length=60, blank=True)
    entry = models.UUIDField(db_index=False)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(db_default=Now())

    objects = OfPrivacy.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["person", "-last_on"], name="disclosure_by_person"),
            models.Index(fields=["-first_on", "-id"], name="disclosure_latest"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["entry", "person"], name="disclosure_once"),
            models.CheckConstraint(condition=Q(last_on__gte=F("first_on")), name="disclosure_days_in_order"),
            models.CheckConstraint(
                condition=Q(times=1, frequency="", last_on=F("first_on"), times__isnull=False)
                | Q(times__gt=1, times__isnull=False)
                | (Q(times=None) & ~Q(frequency="")),
                name="disclosure_once_or_how_often",
            ),
            models.CheckConstraint(
                condition=~Q(recipient="") & ~Q(description="") & ~Q(statement=""), name="disclosure_is_whole"
            ),
            models.CheckConstraint(condition=Q(purpose__in=enums.Purpose.values), name="disclosure_has_a_purpose"),
        ]

    class Phi:
        protected = (
            "person", "first_on", "last_on", "times", "frequency", "recipient", "recipient_address", "description",
            "statement", "request_file", "case_number",
        )  # fmt: skip
        cleared = ("id", "uuid", "purpose", "entry", "recorded_by", "recorded_at")


class DisclosureEnd(models.Model):
    """A disclosure that does not stand: replaced by a corrected one, or void without. Both stay to be read."""

    disclosure = models.OneToOneField(Disclosure, on_delete=models.PROTECT, related_name="end")
    replacement = models.OneToOneField(
        Disclosure, null=True, blank=True, on_delete=models.PROTECT, related_name="replaces"
    )
    reason = models.CharField(max_length=500)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())

    objects = OfPrivacy.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="disclosure_end_has_a_reason"),
            models.CheckConstraint(condition=~Q(replacement=F("disclosure")), name="disclosure_replaced_by_another"),
        ]

    class Phi:
        protected = ("reason",)
        cleared = ("id", "disclosure", "replacement", "by", "at")


class Suspension(models.Model):
    """A health oversight agency or a law enforcement official asked that the person is not told for a time
    (164.528(a)(2)). The latest one of a disclosure holds, from `stated_on` to `until`, both included."""

    disclosure = models.ForeignKey(Disclosure, on_delete=models.PROTECT, related_name="suspensions")
    form = models.CharField(max_length=10, choices=enums.Statement.choices)
    official = models.CharField(max_length=200)  # who of which agency said so
    statement = models.CharField(max_length=1000)  # what was said
    stated_on = models.DateField()
    until = models.DateField(null=True, blank=True)
    document = models.ForeignKey(StoredFile, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())

    objects = OfPrivacy.as_manager()

    class Meta:
        indexes = [models.Index(fields=["disclosure", "-id"], name="suspension_latest")]
        constraints = [
            models.CheckConstraint(condition=~Q(official="") & ~Q(statement=""), name="suspension_is_documented"),
            models.CheckConstraint(
                condition=Q(form=enums.Statement.WITHDRAWN, until=None)
                | Q(form=enums.Statement.WRITTEN, until__isnull=False, until__gte=F("stated_on"))
                | Q(
                    form=enums.Statement.ORAL,
                    until__isnull=False,
                    until__gte=F("stated_on"),
                    until__lte=F("stated_on") + dt.timedelta(days=enums.ORAL_DAYS),
                ),
                name="suspension_has_its_time",
            ),
            # What was said orally is not said orally again: only a written statement lasts longer.
            models.UniqueConstraint(
                fields=["disclosure"], condition=Q(form=enums.Statement.ORAL), name="one_oral_suspension"
            ),
        ]

    class Phi:
        protected = ("official", "statement", "document")
        cleared = ("id", "disclosure", "form", "stated_on", "until", "by", "at")


class AccountingQuerySet(models.QuerySet["Accounting"]):
    def visible_to(self, scope: Scope) -> AccountingQuerySet:
        """A person's own, and what they asked for a child; whether they still may is the queries' business."""
        if scope.portal is Portal.SYSTEM or Desk.RECORD_DISCLOSURES in scope.permissions:
            return self
        if scope.portal is Portal.MEMBER and scope.party and scope.party.kind == "person":
            return self.filter(Q(person_id=scope.party.id) | Q(asker_id=scope.party.id))
        return self.none()


class Accounting(models.Model):
    """A request for an accounting and what was given on it. `first_on` and `last_on` are the period asked for, both
    included. Once delivered, `content` (members.rules.accountings) is what the person got, and stays as it is."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="accountings")
    asker = models.ForeignKey(  # who asked as the child's personal representative
        Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    asked_by = models.CharField(max_length=10, choices=enums.AskedBy.choices)
    requested_on = models.DateField()
    first_on = models.DateField()
    last_on = models.DateField()
    language = models.CharField(max_length=5)
    once = models.UUIDField(unique=True)  # of the form that asked
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(db_default=Now())
    due_date = models.DateField()  # the last day to give it or to extend
    extended_to = models.DateField(null=True, blank=True)
    extension_reason = models.CharField(max_length=500, blank=True)
    extended_on = models.DateField(null=True, blank=True)
    fee_cents = models.BigIntegerField(default=0)
    fee_told_on = models.DateField(null=True, blank=True)
    fee_basis = models.CharField(max_length=300, blank=True)  # how the cost was reckoned
    status = models.CharField(
        max_length=10, choices=enums.AccountingStatus.choices, default=enums.AccountingStatus.OPEN
    )
    content = models.JSONField(null=True, blank=True)
    withheld = ArrayField(models.BigIntegerField(), default=list)  # disclosures that were suspended when it was made
    closed_on = models.DateField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    delivery = models.CharField(max_length=10, choices=enums.Delivery.choices, blank=True)
    lettered_on = models.DateField(null=True, blank=True)  # a letter with it was written
    stored = models.ForeignKey(StoredFile, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = AccountingQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["person", "-requested_on"], name="accounting_by_person"),
            models.Index(fields=["asker"], condition=Q(asker__isnull=False), name="accounting_by_asker"),
            models.Index(fields=["due_date"], condition=Q(status="open"), name="accounting_to_answer"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(first_on__lte=F("last_on"), last_on__lte=F("requested_on")), name="accounting_period"
            ),
            models.CheckConstraint(
                condition=Q(extended_to=None, extension_reason="", extended_on=None)
                | (
                    Q(extended_to__isnull=False, extended_on__isnull=False)
                    & Q(extended_to__gt=F("due_date"), extended_on__lte=F("due_date"))
                    & Q(extended_to__lte=F("due_date") + dt.timedelta(days=enums.EXTENSION_DAYS))
                    & ~Q(extension_reason="")
                ),
                name="accounting_extended_once_in_time",
            ),
            models.CheckConstraint(
                condition=Q(due_date__lte=F("requested_on") + dt.timedelta(days=enums.ACT_DAYS)), name="accounting_due"
            ),
            models.CheckConstraint(
                condition=Q(fee_cents=0) | (Q(fee_cents__gt=0, fee_told_on__isnull=False) & ~Q(fee_basis="")),
                name="accounting_fee_was_told",
            ),
            models.CheckConstraint(
                condition=Q(status="open", closed_on=None, closed_at=None, closed_by=None, content=None, delivery="")
                | (
                    Q(status="delivered", closed_on__isnull=False, closed_at__isnull=False, closed_by__isnull=False)
                    & Q(content__isnull=False)
                    & ~Q(delivery="")
                )
                | Q(
                    status="withdrawn", closed_on__isnull=False, closed_at__isnull=False, closed_by__isnull=False,
                    content=None, delivery="",
                ),
                name="accounting_closed_when_over",
            ),
        ]  # fmt: skip

    class Phi:
        protected = (
            "person", "asker", "first_on", "last_on", "extension_reason", "fee_basis", "content", "withheld", "stored",
        )  # fmt: skip
        cleared = (
            "id", "uuid", "asked_by", "requested_on", "language", "once", "recorded_by", "recorded_at", "due_date",
            "extended_to", "extended_on", "fee_cents", "fee_told_on", "status", "closed_on", "closed_at", "closed_by",
            "delivery", "lettered_on",
        )  # fmt: skip
