"""What readers of the ledger are told of the employer portal: words, and who worked for which employer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from portals.privacy.ledger import labels as ledger_labels

ACTIONS: Final[Mapping[str, Any]] = {
    "employers:requests": _("Employer's requests"),
    "employers:request": _("Request of an employer"),
    "employers:request_file": _("File of an employer's request"),
    "employers:ask": _("Employer asks the plan for something"),
    "employers.invoice_pdf": _("PDF of an invoice made"),
    "employers.full_list": _("Full employee list made"),
    "employers.users.remove": _("User of an employer removed"),
    "employers.users.invite_file": _("Users of employers invited by a file"),
}


def register() -> None:
    ledger_labels.register(actions=ACTIONS)
