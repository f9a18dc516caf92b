"""Access reviews of practices: their people, and how access ends."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from portals.access import Desk
from portals.access_reviews.kinds import Reviewed
from portals.enums import Team
from portals.scope import Portal
from providers import queries
from providers.access import Provider
from providers.actions import staff
from providers.enums import PracticeRole

REVIEWED = Reviewed(
    portal=Portal.PROVIDER,
    party="practice",
    number_label=staff.INVITATIONS.number_label,
    team=Team.HELP_DESK,
    desk_permission=Desk.REVIEW_PRACTICES,
    own_permission=Provider.MANAGE_STAFF,
    url="providers:staff_review",
    end=staff.end_places,
    role_label=lambda role: PracticeRole(role).label,
    numbered=staff.INVITATIONS.find,
    search=queries.found,
    named=staff.INVITATIONS.named,
    last_manager=_("A practice keeps at least one office manager, and this is the last one."),
)
