"""What readers of the ledger are told of billing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from portals.privacy.ledger import labels as ledger_labels
from portals.privacy.ledger import subjects as ledger_subjects

FIELDS: Final[Mapping[str, Any]] = {
    "billing.amounts": _("Amounts of invoices"),
    "payment.cents": _("Amounts of payments"),
    "bank_account.last_four": _("Last four digits of a bank account"),
}

ACTIONS: Final[Mapping[str, Any]] = {
    "billing.run": _("Bill run made"),
    "billing.shard": _("Part of a bill run made"),
    "billing.invoice_pdf": _("PDF of an invoice made"),
    "billing.invoices.void": _("Invoice voided"),
    "billing.accept_terms": _("Payment terms accepted"),
    "billing.pay": _("Payment made"),
    "billing.cancel_payment": _("Payment canceled"),
    "billing.settle_payments": _("Payments settled"),
    "billing.export_ach": _("File to the bank made"),
    "billing.import_ach_returns": _("Returns of the bank read"),
    "billing.import_bai2": _("Bank statement read"),
    "billing.add_bank_account": _("Bank account added"),
    "billing.share_bank_account": _("Bank account shared or no longer"),
    "billing.end_bank_account": _("Bank account ended"),
}


def register() -> None:
    ledger_labels.register(fields=FIELDS, actions=ACTIONS)
    ledger_subjects.register_kind("account", label=_("Bill account"))
