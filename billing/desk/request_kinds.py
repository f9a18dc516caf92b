"""Billing's kinds of request at the service desk."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from portals.desk import kinds as desk_kinds
from portals.enums import Team

RETURN_DIFFERS = "billing.return_differs"
CHANGE_NOTICE = "billing.change_notice"
STATEMENT_DIFFERS = "billing.statement_differs"


def register() -> None:
    desk_kinds.register(RETURN_DIFFERS, desk_kinds.Kind(Team.BILLING_OPERATIONS, _("ACH return that fits no payment")))
    desk_kinds.register(CHANGE_NOTICE, desk_kinds.Kind(Team.BILLING_OPERATIONS, _("Notice of change from the bank")))
    desk_kinds.register(
        STATEMENT_DIFFERS, desk_kinds.Kind(Team.BILLING_OPERATIONS, _("Difference to the bank statement"))
    )
