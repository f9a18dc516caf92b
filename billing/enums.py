"""Statuses of money and who may change what into what."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class CoverageLine(TextChoices):
    """Line of coverage."""

    MEDICAL = "medical", _("Medical")
    DENTAL = "dental", _("Dental")
    VISION = "vision", _("Vision")


class Tier(TextChoices):
    """Who is covered under one contract. A domestic partner counts as a spouse."""

    SINGLE = "EE", _("Single")
    COUPLE = "ES", _("Couple")
    PARENT = "EC", _("Parent and child(ren)")
    FAMILY = "FAM", _("Family")


class InvoiceRule(TextChoices):
    DAYS_BEFORE_DUE = "days_before_due", _("A number of days before the due date")
    FIXED_DAY = "fixed_day", _("A day of the month before")


class Proration(TextChoices):
    NONE = "none", _("None")
    FIFTEENTH = "fifteenth", _("Fifteenth of the month")
    DAILY = "daily", _("Daily")


class RunStatus(TextChoices):
    OPEN = "open", _("Open")
    DONE = "done", _("Done")


class ShardStatus(TextChoices):
    WAITING = "waiting", _("Waiting")
    DONE = "done", _("Done")


class InvoiceKind(TextChoices):
    PREMIUM = "premium", _("Premium")
    OPENING = "opening", _("Opening balance")


class LineKind(TextChoices):
    CURRENT = "current", _("Current charge")
    RETRO = "retro", _("Retroactive adjustment")


class LedgerAccount(TextChoices):
    """A transfer moves cents from one of these to another; its dimensions say whose."""

    RECEIVABLE = "receivable", _("Receivable")
    PREMIUM = "premium", _("Premium")
    FEES = "fees", _("Fees")
    IN_TRANSIT = "in_transit", _("ACH in transit")
    CASH = "cash", _("Cash")
    UNAPPLIED = "unapplied", _("Unapplied cash")
    SUSPENSE = "suspense", _("Suspense")
    OPENING = "opening", _("Opening balances")


class TransferKind(TextChoices):
    ISSUE = "issue", _("Invoice issued")
    ALLOCATION = "allocation", _("Payment applied")
    CREDIT = "credit", _("Credit applied")
    SETTLEMENT = "settlement", _("Payment settled")
    RETURN = "return", _("Payment returned")
    FEE = "fee", _("Fee")
    OPENING = "opening", _("Opening balance")


class PaymentStatus(TextChoices):
    """accepted -> in a bank file -> settled -> paid at the opening of the second banking day, unless returned."""

    ACCEPTED = "accepted", _("Submitted")
    IN_FILE = "in_file", _("Processing")
    SETTLED = "settled", _("Processing: at the bank")
    PAID = "paid", _("Paid")
    RETURNED = "returned", _("Returned")
    CANCELED = "canceled", _("Canceled")


PAYMENT_TRANSITIONS: dict[str, frozenset[str]] = {
    PaymentStatus.ACCEPTED: frozenset({PaymentStatus.IN_FILE, PaymentStatus.CANCELED}),
    PaymentStatus.IN_FILE: frozenset({PaymentStatus.SETTLED, PaymentStatus.RETURNED}),
    PaymentStatus.SETTLED: frozenset({PaymentStatus.PAID, PaymentStatus.RETURNED}),
    PaymentStatus.PAID: frozenset({PaymentStatus.RETURNED}),  # consumer-style late returns, up to 60 days
    PaymentStatus.RETURNED: frozenset(),
    PaymentStatus.CANCELED: frozenset(),
}
PENDING = (PaymentStatus.ACCEPTED, PaymentStatus.IN_FILE, PaymentStatus.SETTLED)


class BankAccountKind(TextChoices):
    CHECKING = "checking", _("Checking")
    SAVINGS = "savings", _("Savings")
