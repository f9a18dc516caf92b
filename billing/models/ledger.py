"""The ledger: transfer rows from one side to the other, append-only."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from billing import enums
from billing.models.accounts import BillAccount
from billing.models.invoices import Invoice
from billing.models.payments import Payment
from billing.models.prices import RatedProduct
from billing.models.querysets import OfAccount


class LedgerTransfer(models.Model):
    """Cents move from the credited to the debited account: balanced by shape. Append-only.

    Receivables are kept by invoice and product (a fee by itself), so that what is open on each can be summed.
    """

    posted_on = models.DateField()  # business date
    kind = models.CharField(max_length=12, choices=enums.TransferKind.choices)
    debit = models.CharField(max_length=12, choices=enums.LedgerAccount.choices)
    credit = models.CharField(max_length=12, choices=enums.LedgerAccount.choices)
    cents = models.BigIntegerField()
    account = models.ForeignKey(BillAccount, on_delete=models.PROTECT, null=True, blank=True, db_index=False)
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, null=True, blank=True, db_index=False)
    product = models.ForeignKey(RatedProduct, on_delete=models.PROTECT, null=True, blank=True, db_index=False)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, null=True, blank=True, db_index=False)
    made_at = models.DateTimeField(db_default=Now())

    objects = OfAccount.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(cents__gt=0), name="transfer_positive"),
            models.CheckConstraint(condition=~Q(debit=F("credit")), name="transfer_moves"),
        ]
        indexes = [
            models.Index(fields=["account", "invoice"], name="transfer_by_account"),
            models.Index(fields=["payment"], condition=~Q(payment=None), name="transfer_by_payment"),
        ]

    class Phi:
        protected = ()
        cleared = (
            "id", "posted_on", "kind", "debit", "credit", "cents", "account", "invoice", "product", "payment",
            "made_at",
        )  # fmt: skip
