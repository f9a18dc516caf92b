"""A call about registering that leaves something to do."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from portals.desk import kinds as desk_kinds
from portals.desk.kinds import RequestKind
from portals.enums import Team
from providers.desk.request_kinds import texts
from providers.enums import REGISTRATION_HELP


def register() -> None:
    desk_kinds.register(
        REGISTRATION_HELP,
        RequestKind(team=Team.HELP_DESK, label=_("Registration help"), business_days=2, facts=texts.facts),
    )
