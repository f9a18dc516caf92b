"""Requests of members at the service desk."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portals.desk import kinds as desk_kinds
from portals.desk import mail as desk_mail
from portals.desk.kinds import Said
from portals.enums import Team
from portals.models import DeskRequest

OPENED = "privacy.opened"
BUSINESS_DAYS = 5


def _facts(request: DeskRequest) -> Said:
    """As whoever asked wrote and read it."""
    return [(_("Entry"), request.detail["entry"]), (_("Question"), request.detail["text"])]


def register() -> None:
    desk_kinds.register(
        OPENED,
        desk_kinds.Kind(
            Team.PRIVACY,
            gettext_lazy("Question about who opened a record"),
            url=lambda row: reverse("desk:ledger_event", args=[row.detail["event"]]),
            business_days=BUSINESS_DAYS,
            facts=_facts,
        ),
    )
    desk_mail.register_page("person", "members:request")
