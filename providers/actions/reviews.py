"""Access reviews of practices: their people, and how access ends."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from portals.access import Desk
from portals.access_reviews.kinds import Reviewed
from portals.enums import Team
from portals.scope import Portal
from providers import queries
from providers.access import Provider
from providers.actions import staff
from providers.enums import PracticeRole
from providers.models import StaffMembership


def places(as_of: dt.date, ids: Collection[int] | None) -> QuerySet[StaffMembership, Any]:
    """Who has access now, whatever the day."""
    rows = StaffMembership.objects.filter(ended_at=None)
    if ids is not None:
        rows = rows.filter(practice_id__in=list(ids))
    manages = ExpressionWrapper(Q(role=PracticeRole.MANAGER), output_field=BooleanField())
    return rows.annotate(party=F("practice_id"), place=F("id"), manages=manages).values_list(
        "party", "place", "user_id", "role", "manages"
    )


REVIEWED = Reviewed(
    portal=Portal.PROVIDER,
    party="practice",
    number_label=staff.INVITATIONS.number_label,
    team=Team.HELP_DESK,
    desk_permission=Desk.REVIEW_PRACTICES,
    own_permission=Provider.MANAGE_STAFF,
    url="providers:staff_review",
    places=places,
    end=staff.end_places,
    role_label=lambda role: PracticeRole(role).label,
    numbered=staff.INVITATIONS.find,
    search=queries.found,
    named=staff.INVITATIONS.named,
    last_manager=_("A practice keeps at least one office manager, and this is the last one."),
)
