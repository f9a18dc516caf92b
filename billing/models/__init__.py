"""Price rows, billable segments, invoices, the ledger, payments and bank files. Knows no party: holders are
`PartyRef` texts, contracts and products are numbers and codes without names or birth dates.

Money is bigint cents. Ranges are half-open. An issued invoice, its lines and the ledger never change (migrations
add the triggers and take the rights away).
"""

from billing.models.accounts import AccountAccess, BillableSegment, BillAccount, DirtyAccount, RatePeriod
from billing.models.bank import BankEntry, BankFile
from billing.models.invoices import Invoice, InvoiceLine, InvoiceSeries, InvoiceVoid
from billing.models.ledger import LedgerTransfer
from billing.models.payments import AchFile, BankAccount, Payment, PaymentEvent, PaymentShare, TermsAcceptance
from billing.models.prices import PriceRow, RatedProduct
from billing.models.runs import BillRun, BillShard, ParkedAccount, ShardAccount

__all__ = [
    "AccountAccess",
    "AchFile",
    "BankAccount",
    "BankEntry",
    "BankFile",
    "BillAccount",
    "BillRun",
    "BillShard",
    "BillableSegment",
    "DirtyAccount",
    "Invoice",
    "InvoiceLine",
    "InvoiceSeries",
    "InvoiceVoid",
    "LedgerTransfer",
    "ParkedAccount",
    "Payment",
    "PaymentEvent",
    "PaymentShare",
    "PriceRow",
    "RatePeriod",
    "RatedProduct",
    "ShardAccount",
    "TermsAcceptance",
]
