"""Statements and return files that came from the bank, and their entries."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from billing.models.payments import AchFile
from portals.models import StoredFile


class BankFile(models.Model):
    """A file that the bank sent (BAI2 statement, ACH returns), taken once by its content."""

    kind = models.CharField(max_length=10)  # bai2, returns
    stored = models.ForeignKey(StoredFile, on_delete=models.PROTECT)
    sha256 = models.CharField(max_length=64)
    taken_at = models.DateTimeField(db_default=Now())
    summary = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "sha256"], name="bank_file_once")]

    class Phi:
        protected = ()
        cleared = ("id", "kind", "stored", "sha256", "taken_at", "summary")


class BankEntry(models.Model):
    """A line of the bank's statement; `ach_file` once it proves one of our files."""

    file = models.ForeignKey(BankFile, on_delete=models.PROTECT, related_name="entries")
    number = models.IntegerField()
    value_date = models.DateField()
    type_code = models.CharField(max_length=3)
    cents = models.BigIntegerField()  # credits positive, debits negative
    reference = models.CharField(max_length=80, blank=True)
    text = models.CharField(max_length=200, blank=True)
    ach_file = models.ForeignKey(AchFile, on_delete=models.PROTECT, null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["file", "number"], name="bank_entry_once")]

    class Phi:
        protected = ("reference", "text")
        cleared = ("id", "file", "number", "value_date", "type_code", "cents", "ach_file")
