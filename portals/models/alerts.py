"""Alerts about what the ledger holds, how each was worked, and the weekly review of all activity.

An alert says that a rule saw something, never that somebody did wrong. Notes and settings are only added; a signed
review does not change (triggers of the migration).
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from portals import enums
from portals.models.users import User


class AlertSetting(models.Model):
    """How a rule stands since then: the latest row of a rule holds, none is its defaults; all rows are its history."""

    rule = models.CharField(max_length=30)
    enabled = models.BooleanField()
    values = models.JSONField(default=dict)
    why = models.CharField(max_length=300)
    set_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["rule", "-id"], name="alert_setting_latest")]

    class Phi:
        protected = ("why",)
        cleared = ("id", "rule", "enabled", "values", "set_by", "set_at")


class Alert(models.Model):
    """What a rule saw of one user (or of a party, where it is no single person): once for each `key`, growing while
    more is seen. `subject` is the one person that it was about, where the rule speaks of one."""

    key = models.CharField(max_length=120, unique=True)  # natural key: the same cause is one alert
    rule = models.CharField(max_length=30)
    user = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    party = models.CharField(max_length=40, blank=True)  # PartyRef, where a whole organization is meant
    portal = models.CharField(max_length=10)
    subject_kind = models.CharField(max_length=20, blank=True)
    subject_id = models.BigIntegerField(null=True, blank=True)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    amount = models.IntegerField()  # what the rule counts: people, denials, openings
    detail = models.JSONField(default=dict)  # figures of the rule, such as its limit then; no words
    state = models.CharField(max_length=8, choices=enums.AlertState.choices, default=enums.AlertState.OPEN)
    owner = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    found_at = models.DateTimeField(db_default=Now())
    closed_at = models.DateTimeField(null=True, blank=True)
    finding = models.CharField(max_length=16, choices=enums.AlertFinding.choices, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(user__isnull=False) | ~Q(party=""), name="alert_about_somebody"),
            models.CheckConstraint(condition=~Q(owner=F("user")), name="alert_not_worked_by_whom_it_names"),
            models.CheckConstraint(
                condition=(Q(state=enums.AlertState.CLOSED, closed_at__isnull=False) & ~Q(finding=""))
                | (~Q(state=enums.AlertState.CLOSED) & Q(closed_at=None, finding="")),
                name="alert_closed_with_finding",
            ),
            models.CheckConstraint(
                condition=Q(subject_kind="", subject_id=None) | (~Q(subject_kind="") & Q(subject_id__isnull=False)),
                name="alert_subject_is_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "-last_at"], name="alert_work_list"),
            models.Index(fields=["user", "state"], name="alert_by_user"),
            models.Index(fields=["-last_at"], name="alert_latest"),
            models.Index(fields=["subject_kind", "subject_id"], name="alert_by_subject"),
        ]

    class Phi:
        protected = ("key", "subject_id")
        cleared = (
            "id", "rule", "user", "party", "portal", "subject_kind", "first_at", "last_at", "amount", "detail", "state",
            "owner", "found_at", "closed_at", "finding",
        )  # fmt: skip

    @property
    def number(self) -> str:
        """As people say it on the telephone."""
        return f"A{self.pk:06}"


class AlertEvent(models.Model):
    """An event of the ledger that made the alert; no foreign key into the ledger, whose months may be archived."""

    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, related_name="events")
    event_id = models.BigIntegerField()
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["alert", "event_id"], name="alert_event_once")]

    class Phi:
        protected = ()
        cleared = ("id", "alert", "event_id", "recorded_at")


class AlertNote(models.Model):
    """A step in the work on an alert: who, when, and what they wrote. Only added."""

    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, related_name="notes")
    at = models.DateTimeField(db_default=Now())
    by = models.CharField(max_length=60)  # an actor of the ledger
    step = models.CharField(max_length=12, choices=enums.AlertStep.choices)
    finding = models.CharField(max_length=16, choices=enums.AlertFinding.choices, blank=True)
    text = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(step__in=[enums.AlertStep.NOTE, enums.AlertStep.CLOSED]) | ~Q(text=""),
                name="alert_note_has_words",
            )
        ]

    class Phi:
        protected = ("text",)
        cleared = ("id", "alert", "at", "by", "step", "finding")


class AlertMark(models.Model):
    """How far the rules have read the ledger: every transaction below `xid` had ended when they last looked."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    xid = models.BigIntegerField()
    system_identifier = models.CharField(max_length=20)  # of the database cluster whose transactions these are
    evaluated_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True, blank=True)  # when the privacy team was last mailed

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_alert_mark")]

    class Phi:
        protected = ()
        cleared = ("id", "xid", "system_identifier", "evaluated_at", "told_at")


class ActivityReview(models.Model):
    """One week of the ledger in figures, Monday to Sunday in the plan's time, and who signed that they read it
    (45 CFR 164.308(a)(1)(ii)(D)). A signed one does not change."""

    week = models.DateField(unique=True)  # its Monday
    figures = models.JSONField()  # counts and users' ids; no words (portals.activity_figures)
    made_at = models.DateTimeField(db_default=Now())
    sign_by = models.DateField()  # the last day in time
    reminded_on = models.DateField(null=True, blank=True)
    signed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField(null=True, blank=True)
    note = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(week__iso_week_day=1), name="activity_week_begins_on_monday"),
            models.CheckConstraint(
                condition=Q(signed_by=None, signed_at=None, note="")
                | (Q(signed_by__isnull=False, signed_at__isnull=False) & ~Q(note="")),
                name="activity_signature_is_whole",
            ),
        ]

    class Phi:
        protected = ("note",)
        cleared = ("id", "week", "figures", "made_at", "sign_by", "reminded_on", "signed_by", "signed_at")
