"""Bank accounts, the terms accepted, and payments with their shares, events and ACH files."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from billing import enums
from billing.models.accounts import BillAccount
from billing.models.querysets import ByHolder
from portals.models import StoredFile, User


class TermsAcceptance(models.Model):
    """A payer's acceptance of the electronic payment terms: each person for each holder and version of the text
    (a producer's acceptance does not touch the client's, E14)."""

    user = models.ForeignKey(User, on_delete=models.PROTECT)
    holder = models.CharField(max_length=40)
    version = models.CharField(max_length=20)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "holder", "version"], name="terms_once")]

    class Phi:
        protected = ()
        cleared = ("id", "user", "holder", "version", "at")


class BankAccount(models.Model):
    """A payer's bank account: routing number checked, account number encrypted, last four shown. Changing one makes
    a new row; the old one is kept, ended."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    holder = models.CharField(max_length=40)
    nickname = models.CharField(max_length=60)
    name_on_account = models.CharField(max_length=60)
    kind = models.CharField(max_length=10, choices=enums.BankAccountKind.choices)
    routing = models.CharField(max_length=9)
    number_cipher = models.BinaryField()
    last_four = models.CharField(max_length=4)
    shared_with_producers = models.BooleanField(default=False)
    added_by = models.ForeignKey(User, on_delete=models.PROTECT)
    added_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = ByHolder.as_manager()

    class Phi:
        protected = ("nickname", "name_on_account", "routing", "number_cipher", "last_four")
        cleared = ("id", "uuid", "holder", "kind", "shared_with_producers", "added_by", "added_at", "ended_at")


class AchFile(models.Model):
    """A bank file: its bytes are stored in the transaction that marks its entries, one a file date."""

    file_date = models.DateField(unique=True)
    stored = models.ForeignKey(StoredFile, on_delete=models.PROTECT)
    entries = models.IntegerField()
    cents = models.BigIntegerField()
    made_at = models.DateTimeField(db_default=Now())

    class Phi:
        protected = ()
        cleared = ("id", "file_date", "stored", "entries", "cents", "made_at")


class Payment(models.Model):
    """One ACH debit. It may name shares of several bill accounts of one holder; a return reverses all of them."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    holder = models.CharField(max_length=40)
    bank_account = models.ForeignKey(BankAccount, on_delete=models.PROTECT)
    cents = models.BigIntegerField()
    status = models.CharField(max_length=10, choices=enums.PaymentStatus.choices, default=enums.PaymentStatus.ACCEPTED)
    idempotency_key = models.CharField(max_length=64, unique=True)
    accepted_at = models.DateTimeField()  # business time
    file_date = models.DateField()  # the bank file that it goes into
    settle_date = models.DateField()
    paid_date = models.DateField()  # opening of the second banking day after settlement
    ach_file = models.ForeignKey(AchFile, on_delete=models.PROTECT, null=True, blank=True)
    trace = models.CharField(max_length=15, unique=True, null=True, blank=True)
    return_code = models.CharField(max_length=3, blank=True)
    returned_on = models.DateField(null=True, blank=True)
    by = models.CharField(max_length=60)
    acting_for = models.CharField(max_length=40, blank=True)

    objects = ByHolder.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(cents__gt=0), name="payment_positive"),
        ]
        indexes = [
            models.Index(fields=["holder", "accepted_at"], name="payment_by_holder"),
            models.Index(fields=["status", "file_date"], name="payment_to_do"),
        ]

    class Phi:
        protected = ("cents",)
        cleared = (
            "id", "uuid", "holder", "bank_account", "status", "idempotency_key", "accepted_at", "file_date",
            "settle_date", "paid_date", "ach_file", "trace", "return_code", "returned_on", "by", "acting_for",
        )  # fmt: skip


class PaymentShare(models.Model):
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="shares")
    account = models.ForeignKey(BillAccount, on_delete=models.PROTECT)
    cents = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(cents__gt=0), name="share_positive"),
            models.UniqueConstraint(fields=["payment", "account"], name="share_once"),
        ]

    class Phi:
        protected = ("cents",)
        cleared = ("id", "payment", "account")


class PaymentEvent(models.Model):
    """Each change of a payment's status: who, when (business time), why."""

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="events")
    status = models.CharField(max_length=10, choices=enums.PaymentStatus.choices)
    by = models.CharField(max_length=60)
    at = models.DateTimeField()
    note = models.CharField(max_length=200, blank=True)

    class Phi:
        protected = ("note",)
        cleared = ("id", "payment", "status", "by", "at")
