"""A caller used a colleague's username: the privacy officer looks into it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from portals.desk import kinds as desk_kinds
from portals.desk.kinds import RequestKind
from portals.enums import Team
from providers.desk.request_kinds import texts
from providers.enums import SHARED_USERNAME


def register() -> None:
    desk_kinds.register(
        SHARED_USERNAME,
        RequestKind(team=Team.PRIVACY, label=_("Shared username"), business_days=5, facts=texts.facts),
    )
