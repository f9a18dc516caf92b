"""An accounting of disclosures that somebody asked for: the privacy officer answers it on its own page."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portals.desk import kinds as desk_kinds
from portals.desk.kinds import RequestKind
from portals.enums import Team

KIND = "privacy.accounting"


def register() -> None:
    desk_kinds.register(
        KIND,
        RequestKind(
            team=Team.PRIVACY,
            label=_("Accounting of disclosures"),
            url=lambda row: reverse("disclosures:accounting", args=[row.detail["accounting"]]),
            facts=lambda row: [],
            own_end=True,
        ),
    )
