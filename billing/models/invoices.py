"""Invoices, their lines and their numbers. An issued invoice and its lines never change."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from billing import enums
from billing.models.accounts import BillAccount
from billing.models.prices import RatedProduct
from billing.models.querysets import OfAccount
from billing.models.runs import BillRun


class InvoiceSeries(models.Model):
    """One gapless number series per year of the coverage period; the row is held for one commit."""

    year = models.SmallIntegerField(primary_key=True)
    last = models.BigIntegerField(default=0)

    class Phi:
        protected = ()
        cleared = ("year", "last")


class Invoice(models.Model):
    """Frozen once issued. Its state is derived: open cents from the ledger, pending from payments, voids from rows."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.CharField(max_length=20, unique=True, null=True)  # noqa: DJ001 - NULL until issued
    account = models.ForeignKey(BillAccount, on_delete=models.PROTECT, related_name="invoices", db_index=False)
    run = models.ForeignKey(BillRun, on_delete=models.PROTECT, null=True, blank=True, db_index=False)
    kind = models.CharField(max_length=10, choices=enums.InvoiceKind.choices, default=enums.InvoiceKind.PREMIUM)
    period = models.DateField()  # first day of the coverage month
    revision = models.SmallIntegerField(default=0)
    issue_date = models.DateField()
    due_date = models.DateField()
    grace_ends = models.DateField()  # last day of grace, included
    current_cents = models.BigIntegerField()
    retro_cents = models.BigIntegerField()
    total_cents = models.BigIntegerField()
    previous_cents = models.BigIntegerField(default=0)  # open items of the account before this invoice
    contracts_count = models.IntegerField()
    members_count = models.IntegerField()
    lines_count = models.IntegerField()
    watermark = models.BigIntegerField(default=0)  # last ledger transfer that `previous_cents` has seen
    issued_at = models.DateTimeField(null=True, blank=True)

    objects = OfAccount.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "period", "kind", "revision"], name="invoice_once"),
            models.CheckConstraint(
                condition=Q(total_cents=F("current_cents") + F("retro_cents")), name="invoice_total_is_its_parts"
            ),
        ]

    class Phi:
        protected = ()
        cleared = (
            "id", "uuid", "number", "account", "run", "kind", "period", "revision", "issue_date", "due_date",
            "grace_ends", "current_cents", "retro_cents", "total_cents", "previous_cents", "contracts_count",
            "members_count", "lines_count", "watermark", "issued_at",
        )  # fmt: skip


class InvoiceLine(models.Model):
    """One product of one contract for one coverage month. Partitioned by `issue_month` in the database, without
    per-row foreign keys (`verify_billing` proves them). A retro line is the month recomputed as known now minus what
    was already billed for that contract, product and month."""

    invoice = models.ForeignKey(Invoice, on_delete=models.DO_NOTHING, db_constraint=False, related_name="lines")
    issue_month = models.DateField()
    account = models.ForeignKey(BillAccount, on_delete=models.DO_NOTHING, db_constraint=False)
    contract = models.BigIntegerField()
    product = models.ForeignKey(RatedProduct, on_delete=models.DO_NOTHING, db_constraint=False)
    kind = models.CharField(max_length=8, choices=enums.LineKind.choices)
    month = models.DateField()
    price_key = models.CharField(max_length=30)
    members_count = models.SmallIntegerField()
    cents = models.BigIntegerField()

    objects = OfAccount.as_manager()

    class Meta:
        managed = False
        db_table = "billing_invoiceline"

    class Phi:
        protected = ("contract", "price_key", "month")
        cleared = ("id", "invoice", "issue_month", "account", "product", "kind", "members_count", "cents")


class InvoiceVoid(models.Model):
    """A void keeps its number. Only the same day, unseen and unpaid."""

    invoice = models.OneToOneField(Invoice, on_delete=models.PROTECT, related_name="void")
    by = models.CharField(max_length=60)
    at = models.DateTimeField(db_default=Now())
    reason = models.CharField(max_length=200)

    class Phi:
        protected = ("reason",)
        cleared = ("id", "invoice", "by", "at")
