"""Access reviews of agencies: their people, and how access ends."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from portals.access import Desk
from portals.access_reviews.kinds import Reviewed
from portals.enums import Team
from portals.scope import Portal
from producers.access import Producer
from producers.actions import invitations
from producers.actions import people as actions
from producers.queries import people

REVIEWED = Reviewed(
    portal=Portal.PRODUCER,
    party="agency",
    number_label=invitations.INVITATIONS.number_label,
    team=Team.CHANNEL_COMPENSATION,
    desk_permission=Desk.REVIEW_AGENCIES,
    own_permission=Producer.REVIEW_PEOPLE,
    url="producers:people_review",
    end=actions.end_places,
    role_label=lambda role: "",
    numbered=invitations.INVITATIONS.find,
    search=people.found,
    named=invitations.INVITATIONS.named,
    last_manager=_("An agency keeps somebody who manages its people, and this is the last one."),
)
