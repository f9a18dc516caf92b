"""The plan's own configuration, dated: rules by state, business date, closings, help directory, news."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.lookups import Exact


class PlanClock(models.Model):
    """The demo's business date, fixed until moved from the desk. Production has no row and follows the calendar."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    business_date = models.DateField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_plan_clock")]

    class Phi:
        protected = ()
        cleared = ("id", "business_date")


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


class HelpContact(models.Model):
    """Whom to call, by audience, region and topic, as of a date. A change ends one row and begins the next, so the
    rows of one audience, region and topic are its history."""

    audience = models.CharField(max_length=20, blank=True)  # blank: every audience
    region = models.CharField(max_length=10, blank=True)  # blank: every region
    topic = models.CharField(max_length=40)
    owner = models.CharField(max_length=100)
    owner_es = models.CharField(max_length=100, blank=True)
    phone = models.CharField(max_length=40)
    week = models.JSONField()  # seven lists of spans, Monday first (portals.hours)
    zone = models.CharField(max_length=40, default="America/New_York")  # an IANA name
    holidays_off = models.BooleanField(default=True)  # closed on banking holidays and the plan's closings
    note = models.CharField(max_length=120, blank=True)  # beside the hours, never instead: "Press 3"
    note_es = models.CharField(max_length=120, blank=True)
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
            ),
            models.CheckConstraint(
                name="contact_week_of_seven_days",
                condition=Exact(Func(F("week"), function="jsonb_array_length", output_field=models.IntegerField()), 7),
            ),
            models.CheckConstraint(
                name="contact_has_a_first_day",
                condition=Q(effective__startswith__isnull=False, effective__isempty=False),
            ),
        ]

    class Phi:
        protected = ()
        cleared = (
            "id", "audience", "region", "topic", "owner", "owner_es", "phone", "week", "zone", "holidays_off", "note",
            "note_es", "effective",
        )  # fmt: skip


class Announcement(models.Model):
    """News by audience, region and date, shown on the front page and behind each door (X6)."""

    audience = models.CharField(max_length=20, blank=True)
    region = models.CharField(max_length=10, blank=True)
    title = models.CharField(max_length=120)
    body = models.TextField()
    title_es = models.CharField(max_length=120, blank=True)  # blank: a reader of Spanish gets the English words
    body_es = models.TextField(blank=True)
    shown = DateRangeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="announcement_has_first_and_last_day",
                condition=Q(shown__startswith__isnull=False, shown__endswith__isnull=False, shown__isempty=False),
            ),
            models.CheckConstraint(
                name="announcement_spanish_is_whole",
                condition=Q(title_es="", body_es="") | (~Q(title_es="") & ~Q(body_es="")),
            ),
        ]

    class Phi:
        protected = ()
        cleared = ("id", "audience", "region", "title", "body", "title_es", "body_es", "shown", "withdrawn_at")
