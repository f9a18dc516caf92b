"""A bank statement that differs from what is booked: billing operations looks into it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from portals.desk import kinds as desk_kinds
from portals.desk.kinds import RequestKind
from portals.enums import Team

KIND = "billing.statement_differs"


def register() -> None:
    desk_kinds.register(KIND, RequestKind(team=Team.BILLING_OPERATIONS, label=_("Difference to the bank statement")))
