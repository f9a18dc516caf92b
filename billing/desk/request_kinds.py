"""Billing's kinds of request at the service desk."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from portals.desk import kinds as request_kinds
from portals.enums import Team

RETURN_DIFFERS = "billing.return_differs"
CHANGE_NOTICE = "billing.change_notice"
STATEMENT_DIFFERS = "billing.statement_differs"


def register() -> None:
    request_kinds.register(
        RETURN_DIFFERS, request_kinds.Kind(Team.BILLING_OPERATIONS, _("ACH return that fits no payment"))
    )
    request_kinds.register(
        CHANGE_NOTICE, request_kinds.Kind(Team.BILLING_OPERATIONS, _("Notice of change from the bank"))
    )
    request_kinds.register(
        STATEMENT_DIFFERS, request_kinds.Kind(Team.BILLING_OPERATIONS, _("Difference to the bank statement"))
    )
