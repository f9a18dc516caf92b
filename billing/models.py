"""Price rows, billable segments, invoices, the ledger, payments and bank files. Knows no party: holders are
`PartyRef` texts, contracts and products are numbers and codes without names or birth dates.

Money is bigint cents. Ranges are half-open. An issued invoice, its lines and the ledger never change (migrations
add the triggers and take the rights away).
"""

from __future__ import annotations

import uuid
from typing import TypeVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from billing import enums
from portals.models import StoredFile, User
from portals.scope import Portal, Scope

_Row = TypeVar("_Row", bound=models.Model)


class ByAccount(models.QuerySet["BillAccount"]):
    def visible_to(self, scope: Scope) -> ByAccount:
        if scope.portal in (Portal.DESK, Portal.SYSTEM):
            return self
        if scope.party is None:
            return self.none()
        return self.filter(holders__holder=str(scope.party))


class OfAccount(models.QuerySet[_Row]):
    """Rows that hang on one bill account."""

    def visible_to(self, scope: Scope) -> OfAccount[_Row]:
        if scope.portal in (Portal.DESK, Portal.SYSTEM):
            return self
        if scope.party is None:
            return self.none()
        return self.filter(account__holders__holder=str(scope.party))


class ByHolder(models.QuerySet[_Row]):
    """Rows that a party holds itself."""

    def visible_to(self, scope: Scope) -> ByHolder[_Row]:
        if scope.portal in (Portal.DESK, Portal.SYSTEM):
            return self
        return self.filter(holder=str(scope.party or ""))


class RatedProduct(models.Model):
    """What a price is for. `members.Product` points down to it."""

    code = models.CharField(max_length=30, unique=True)
    name = models.CharField(max_length=100)
    line = models.CharField(max_length=10, choices=enums.Line.choices)

    class Phi:
        protected = ()
        cleared = ("id", "code", "name", "line")


class PriceRow(models.Model):
    """The monthly price of a product and price key (tier, or area and age) for plan years that start in `filed`.

    Every rate method is expanded into these rows once, rounded there; the bill run and quotes only look them up.
    """

    product = models.ForeignKey(RatedProduct, on_delete=models.PROTECT, related_name="prices")
    price_key = models.CharField(max_length=30)
    filed = DateRangeField()
    cents = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(cents__gte=0), name="price_not_negative"),
            ExclusionConstraint(
                name="one_price_at_a_time",
                expressions=[
                    ("product", RangeOperators.EQUAL),
                    ("price_key", RangeOperators.EQUAL),
                    ("filed", RangeOperators.OVERLAPS),
                ],
            ),
        ]

    class Phi:
        protected = ()
        cleared = ("id", "product", "price_key", "filed", "cents")


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
    line = models.CharField(max_length=10, choices=enums.Line.choices)
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


class InvoiceSeries(models.Model):
    """One gapless number series per year of the coverage period; the row is held for one commit."""

    year = models.SmallIntegerField(primary_key=True)
    last = models.BigIntegerField(default=0)

    class Phi:
        protected = ()
        cleared = ("year", "last")


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
