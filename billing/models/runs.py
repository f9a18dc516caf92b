"""Bill runs, their shards, and the accounts that a run leaves out with a reason."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from billing import enums
from billing.models.accounts import BillAccount


class BillRun(models.Model):
    """One run of a day: unique, so that starting it twice is the same run."""

    as_of = models.DateField(unique=True)
    cutoff = models.DateTimeField()  # changes known before this instant are on it
    status = models.CharField(max_length=10, choices=enums.RunStatus.choices, default=enums.RunStatus.OPEN)
    accounts = models.IntegerField(default=0)
    invoices = models.IntegerField(default=0)
    lines = models.BigIntegerField(default=0)
    cents = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True, blank=True)

    class Phi:
        protected = ()
        cleared = (
            "id", "as_of", "cutoff", "status", "accounts", "invoices", "lines", "cents", "created_at", "finished_at",
        )  # fmt: skip


class BillShard(models.Model):
    """A piece of a run that one worker does in one transaction."""

    run = models.ForeignKey(BillRun, on_delete=models.CASCADE, related_name="shards")
    number = models.IntegerField()
    status = models.CharField(max_length=10, choices=enums.ShardStatus.choices, default=enums.ShardStatus.WAITING)
    first_number = models.CharField(max_length=20, blank=True)
    invoices = models.IntegerField(default=0)
    lines = models.BigIntegerField(default=0)
    cents = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "number"], name="shard_once")]

    class Phi:
        protected = ()
        cleared = ("id", "run", "number", "status", "first_number", "invoices", "lines", "cents")


class ShardAccount(models.Model):
    """Which account is billed by which shard, for which coverage month."""

    shard = models.ForeignKey(BillShard, on_delete=models.CASCADE, related_name="members")
    account = models.ForeignKey(BillAccount, on_delete=models.CASCADE)
    period = models.DateField()
    due_date = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["shard", "account", "period"], name="shard_account_once")]

    class Phi:
        protected = ()
        cleared = ("id", "shard", "account", "period", "due_date")


class ParkedAccount(models.Model):
    """An account left out of a run, with the reason code; billed by the next run once repaired."""

    run = models.ForeignKey(BillRun, on_delete=models.CASCADE, related_name="parked")
    account = models.ForeignKey(BillAccount, on_delete=models.CASCADE)
    reason = models.CharField(max_length=30)  # no_price, no_rate_period, error
    detail = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "account", "reason"], name="parked_once")]

    class Phi:
        protected = ("detail",)
        cleared = ("id", "run", "account", "reason")
