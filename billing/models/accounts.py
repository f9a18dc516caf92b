"""Bill accounts, who may open them, how they are rated, and the billable segments that members write."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import Q

from billing import enums
from billing.models.prices import RatedProduct
from portals.scope import Portal, Scope


class ByAccount(models.QuerySet["BillAccount"]):
    def visible_to(self, scope: Scope) -> ByAccount:
        if scope.portal in (Portal.DESK, Portal.SYSTEM):
            return self
        if scope.party is None:
            return self.none()
        return self.filter(holders__holder=str(scope.party))


class BillAccount(models.Model):
    """Where invoices are addressed: by product, billing location or wish of the client (B7)."""

    number = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=100)
    state = models.CharField(max_length=2)
    cobra = models.BooleanField(default=False)
    invoice_rule = models.CharField(max_length=20, choices=enums.InvoiceRule.choices)
    invoice_day = models.SmallIntegerField()  # days before due, or day of the month before
    due_day = models.SmallIntegerField(default=1)
    grace_days = models.SmallIntegerField(default=30)
    proration = models.CharField(max_length=10, choices=enums.Proration.choices, default=enums.Proration.FIFTEENTH)
    billed_from = models.DateField()  # first coverage month billed here; earlier months belong to the legacy system
    closed_from = models.DateField(null=True, blank=True)

    objects = ByAccount.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(invoice_day__range=(1, 60)), name="invoice_day_sane"),
            models.CheckConstraint(condition=Q(due_day__range=(1, 28)), name="due_day_sane"),
            models.CheckConstraint(condition=Q(billed_from__day=1), name="billed_from_first_of_month"),
        ]

    class Phi:
        protected = ()
        cleared = (
            "id", "number", "name", "state", "cobra", "invoice_rule", "invoice_day", "due_day", "grace_days",
            "proration", "billed_from", "closed_from",
        )  # fmt: skip


class AccountAccess(models.Model):
    """Which party may see a bill account (PartyRef text)."""

    account = models.ForeignKey(BillAccount, on_delete=models.CASCADE, related_name="holders")
    holder = models.CharField(max_length=40)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["holder", "account"], name="holder_once")]

    class Phi:
        protected = ()
        cleared = ("id", "account", "holder")


class RatePeriod(models.Model):
    """Coverage months in `months` of this account are rated by what is filed for plan years starting on `plan_year`
    (rates go by the plan year's start, never by the coverage month)."""

    account = models.ForeignKey(BillAccount, on_delete=models.CASCADE, related_name="rate_periods")
    months = DateRangeField()
    plan_year = models.DateField()

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="one_rate_period_at_a_time",
                expressions=[("account", RangeOperators.EQUAL), ("months", RangeOperators.OVERLAPS)],
            )
        ]

    class Phi:
        protected = ()
        cleared = ("id", "account", "months", "plan_year")


class BillableSegment(models.Model):
    """The only contract between coverage and money, written in the transaction of each coverage change.

    `effective` are the days covered under this price key; `known` is when we held that to be true (business time):
    a superseded segment's range ends and its successor's begins, nothing is deleted. `contract` is the number of a
    members.Contract; `members_count` its covered people. One contract and line has at most one segment a day.
    """

    account = models.ForeignKey(BillAccount, on_delete=models.PROTECT, db_index=False)
    contract = models.BigIntegerField()
    product = models.ForeignKey(RatedProduct, on_delete=models.PROTECT, db_index=False)
    line = models.CharField(max_length=10, choices=enums.CoverageLine.choices)
    price_key = models.CharField(max_length=30)
    members_count = models.SmallIntegerField()
    effective = DateRangeField()
    known = DateTimeRangeField()

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="one_segment_at_a_time",
                expressions=[
                    ("contract", RangeOperators.EQUAL),
                    ("line", RangeOperators.EQUAL),
                    ("effective", RangeOperators.OVERLAPS),
                    ("known", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(condition=Q(effective__isempty=False), name="segment_has_days"),
        ]
        indexes = [models.Index(fields=["account", "contract"], name="segment_by_account")]

    class Phi:
        protected = ("contract", "effective", "price_key")
        cleared = ("id", "account", "product", "line", "members_count", "known")


class DirtyAccount(models.Model):
    """Accounts whose past may have changed: written with the segment, consumed by the run that recomputes them."""

    account = models.ForeignKey(BillAccount, on_delete=models.CASCADE)
    since = models.DateField()  # first coverage month touched
    at = models.DateTimeField()  # business time of the change

    class Meta:
        indexes = [models.Index(fields=["account", "at"], name="dirty_by_account")]

    class Phi:
        protected = ()
        cleared = ("id", "account", "since", "at")
