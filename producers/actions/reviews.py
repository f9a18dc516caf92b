"""Access reviews of agencies: their people, and how access ends."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from django.db.models import BooleanField, CharField, ExpressionWrapper, F, QuerySet, Value
from django.utils.translation import gettext_lazy as _

from portals.access import Desk
from portals.access_reviews.kinds import Reviewed
from portals.enums import Team
from portals.scope import Portal
from producers.access import Producer
from producers.actions import invitations
from producers.actions import people as actions
from producers.models import ProducerUser
from producers.queries import people


def places(as_of: dt.date, ids: Collection[int] | None) -> QuerySet[ProducerUser, Any]:
    """Who has access now, and who manages it on that day."""
    rows = ProducerUser.objects.filter(ended_at=None)
    if ids is not None:
        rows = rows.filter(agency_id__in=list(ids))
    manages = ExpressionWrapper(people.managing(as_of), output_field=BooleanField())
    return rows.annotate(
        party=F("agency_id"), place=F("id"), role=Value("", output_field=CharField()), manages=manages
    ).values_list("party", "place", "user_id", "role", "manages")


REVIEWED = Reviewed(
    portal=Portal.PRODUCER,
    party="agency",
    number_label=invitations.INVITATIONS.number_label,
    team=Team.CHANNEL_COMPENSATION,
    desk_permission=Desk.REVIEW_AGENCIES,
    own_permission=Producer.REVIEW_PEOPLE,
    url="producers:people_review",
    places=places,
    end=actions.end_places,
    role_label=lambda role: "",
    numbered=invitations.INVITATIONS.find,
    search=people.found,
    named=invitations.INVITATIONS.named,
    last_manager=_("An agency keeps somebody who manages its people, and this is the last one."),
)
