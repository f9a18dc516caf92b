"""What readers of the ledger are told of the employer portal: words, and who worked for which employer."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from employers.models import EmployerUser
from members.queries import clients
from portals.privacy.ledger import labels as ledger_labels
from portals.privacy.ledger import workplaces
from portals.privacy.ledger.workplaces import Stay
from portals.scope import Portal

ACTIONS: Final[Mapping[str, Any]] = {
    "employers:home": _("Employer's overview"),
    "employers:ebilling": _("eBilling: what is to pay"),
    "employers:ebilling_invoices": _("List of invoices"),
    "employers:ebilling_invoices_csv": _("List of invoices as a file"),
    "employers:ebilling_invoice": _("Invoice"),
    "employers:ebilling_lines": _("Lines of an invoice as a file"),
    "employers:ebilling_pdf": _("Asking for the PDF of an invoice"),
    "employers:ebilling_pdf_file": _("PDF of an invoice"),
    "employers:ebilling_pay": _("Payment before it is made"),
    "employers:ebilling_amounts": _("Amounts to pay"),
    "employers:ebilling_terms": _("Payment terms"),
    "employers:ebilling_banks": _("Bank accounts"),
    "employers:ebilling_bank_add": _("Adding a bank account"),
    "employers:ebilling_bank": _("Bank account"),
    "employers:ebilling_payments": _("Payments"),
    "employers:ebilling_payments_csv": _("Payments as a file"),
    "employers:ebilling_payment": _("Payment"),
    "employers:ebilling_cancel": _("Canceling a payment"),
    "employers:users": _("Employer's users"),
    "employers:user_invite": _("Inviting a user of an employer"),
    "employers:user_invited": _("Invitation of an employer"),
    "employers:user_remove": _("Removing a user of an employer"),
    "employers:user_review": _("Employer's access review"),
    "employers:user_review_end": _("Ending access in an employer's review"),
    "employers:user_review_rest": _("Confirming the rest in an employer's review"),
    "employers:user_review_evidence": _("Paper of an employer's access review"),
    "employers:documents": _("Employer's documents"),
    "employers:document_file": _("Employee list of an employer"),
    "employers:producers": _("What an employer's producer did"),
    "employers:producers_csv": _("What an employer's producer did, as a file"),
    "employers:opened": _("Who looked at an employer's records"),
    "employers:opened_csv": _("Who looked at an employer's records, as a file"),
    "employers:requests": _("Employer's requests"),
    "employers:request": _("Request of an employer"),
    "employers:request_file": _("File of an employer's request"),
    "employers:ask": _("Employer asks the plan for something"),
    "employers:help": _("Help for employers"),
    "employers.invoice_pdf": _("PDF of an invoice made"),
    "employers.full_list": _("Full employee list made"),
    "employers.users.remove": _("User of an employer removed"),
    "employers.users.invite_file": _("Users of employers invited by a file"),
}


def stays(user_ids: Collection[int]) -> list[Stay]:
    """Two queries."""
    rows = list(EmployerUser.objects.filter(user_id__in=user_ids))
    named = clients.named(row.client_id for row in rows)
    return [Stay(row.user_id, named[row.client_id].name, row.started_at, row.ended_at) for row in rows]


def register() -> None:
    ledger_labels.register(actions=ACTIONS)
    workplaces.register(Portal.EMPLOYER, stays)
