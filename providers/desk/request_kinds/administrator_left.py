"""Somebody left a practice: the help desk ended their access on a call, and looks after the successor's invitation."""

from __future__ import annotations

from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portals.desk import kinds as desk_kinds
from portals.desk.kinds import RequestKind
from portals.enums import Team
from portals.models import DeskRequest
from providers.desk.request_kinds import texts
from providers.enums import ADMINISTRATOR_LEFT


def _invited(request: DeskRequest) -> str:
    """The practice's invitations: sent again, taken back, or a new one."""
    return f"{reverse('desk:invitations')}?{urlencode({'q': request.detail['provider_id']})}"


def register() -> None:
    desk_kinds.register(
        ADMINISTRATOR_LEFT,
        RequestKind(
            team=Team.HELP_DESK,
            label=_("Somebody left a practice"),
            url=_invited,
            business_days=5,
            facts=texts.facts,
        ),
    )
