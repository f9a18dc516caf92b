"""The plan's own configuration, dated: rules by state, business date, closings, help directory, news."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models


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
