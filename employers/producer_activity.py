"""What a person who acted as the employer did, in the employer's words. Names of members never stand here: how many
people were seen does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from audit.enums import Outcome
from audit.queries import EventRow
from portals.privacy.ledger import labels as ledger_labels

# By the ledger's action: a page's name, or a write's.
LABELS: Final[Mapping[str, Any]] = {
    "employers:ebilling": gettext_lazy("Looked at what is to pay"),
    "employers:ebilling_invoices": gettext_lazy("Looked at the list of invoices"),
    "employers:ebilling_invoices_csv": gettext_lazy("Took the list of invoices as a file"),
    "employers:ebilling_invoice": gettext_lazy("Opened an invoice"),
    "employers:ebilling_lines": gettext_lazy("The lines of an invoice as a file"),
    "employers:ebilling_pdf": gettext_lazy("Asked for the PDF of an invoice"),
    "employers:ebilling_pdf_file": gettext_lazy("Opened the PDF of an invoice"),
    "employers.invoice_pdf": gettext_lazy("Had the PDF of an invoice made"),
    "billing.invoice_pdf": gettext_lazy("Had the PDF of an invoice made"),
    "employers:ebilling_pay": gettext_lazy("Looked at a payment before making it"),
    "employers:ebilling_amounts": gettext_lazy("Chose amounts to pay"),
    "employers:ebilling_terms": gettext_lazy("Read the payment terms"),
    "employers:ebilling_banks": gettext_lazy("Looked at the bank accounts that are shared"),
    "employers:ebilling_bank_add": gettext_lazy("Adding a bank account"),
    "employers:ebilling_bank": gettext_lazy("Changing a bank account"),
    "employers:ebilling_payments": gettext_lazy("Looked at the payments"),
    "employers:ebilling_payments_csv": gettext_lazy("Took the payments as a file"),
    "employers:ebilling_payment": gettext_lazy("Looked at a payment"),
    "employers:ebilling_cancel": gettext_lazy("Looked at canceling a payment"),
    "billing.accept_terms": gettext_lazy("Accepted the payment terms"),
    "billing.pay": gettext_lazy("Made a payment"),
    "billing.cancel_payment": gettext_lazy("Canceled a payment"),
    "employers:home": gettext_lazy("The overview"),
    "employers:help": gettext_lazy("Help"),
    "employers:users": gettext_lazy("Your users"),
    "employers:user_invite": gettext_lazy("Inviting somebody"),
    "employers:user_invited": gettext_lazy("An invitation"),
    "employers:user_remove": gettext_lazy("Removing somebody"),
    "employers:user_review": gettext_lazy("Your access review"),
    "employers:user_review_end": gettext_lazy("Ending access in a review"),
    "employers:user_review_rest": gettext_lazy("Confirming everybody left in a review"),
    "employers:user_review_evidence": gettext_lazy("What an access review decided"),
    "employers:documents": gettext_lazy("Your documents"),
    "employers:document_file": gettext_lazy("A document of yours"),
    "employers:producers": gettext_lazy("What your producer did"),
    "employers:producers_csv": gettext_lazy("What your producer did, as a file"),
    "employers:opened": gettext_lazy("Who looked at your records"),
    "employers:opened_csv": gettext_lazy("Who looked at your records, as a file"),
    "employers:requests": gettext_lazy("Your requests"),
    "employers:request": gettext_lazy("A request of yours"),
    "employers:request_file": gettext_lazy("A file of a request of yours"),
    "employers:ask": gettext_lazy("Asking the plan for something"),
}


def activity_label(event: EventRow) -> str:
    """One event as a line: what, of which invoice, about how many people; what was refused says so."""
    what = str(LABELS.get(event.action, "")) or ledger_labels.action(event.action)
    if invoice := event.detail.get("invoice"):
        what = f"{what} · {invoice}"
    people = event.detail.get("people")
    if isinstance(people, int) and people:
        seen = ngettext("%(count)s person", "%(count)s people", people) % {"count": people}
        what = f"{what} · {seen}"
    return _("Refused: %(what)s") % {"what": what} if event.outcome == Outcome.REFUSED else what
