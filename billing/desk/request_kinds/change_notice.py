"""A notice of change from the bank that somebody has to act on."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from portals.desk import kinds as desk_kinds
from portals.desk.kinds import RequestKind
from portals.enums import Team

KIND = "billing.change_notice"


def register() -> None:
    desk_kinds.register(KIND, RequestKind(team=Team.BILLING_OPERATIONS, label=_("Notice of change from the bank")))
