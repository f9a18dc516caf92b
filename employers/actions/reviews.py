"""Access reviews of employers: their people, and how access ends."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from employers.access import Employer
from employers.actions import users
from employers.enums import EmployerRole
from employers.models import EmployerUser
from members.queries import clients
from portals.access import Desk
from portals.access_reviews.kinds import Reviewed
from portals.enums import Team
from portals.scope import Portal


def places(as_of: dt.date, ids: Collection[int] | None) -> QuerySet[EmployerUser, Any]:
    """Who has access now, whatever the day."""
    rows = EmployerUser.objects.filter(ended_at=None)
    if ids is not None:
        rows = rows.filter(client_id__in=list(ids))
    manages = ExpressionWrapper(Q(role=EmployerRole.ADMINISTRATOR), output_field=BooleanField())
    return rows.annotate(party=F("client_id"), place=F("id"), manages=manages).values_list(
        "party", "place", "user_id", "role", "manages"
    )


REVIEWED = Reviewed(
    portal=Portal.EMPLOYER,
    party="client",
    number_label=users.INVITATIONS.number_label,
    team=Team.CLIENT_MANAGEMENT,
    desk_permission=Desk.REVIEW_EMPLOYERS,
    own_permission=Employer.MANAGE_USERS,
    url="employers:user_review",
    places=places,
    end=users.end_places,
    role_label=lambda role: EmployerRole(role).label,
    numbered=users.INVITATIONS.find,
    search=clients.found,
    named=users.INVITATIONS.named,
    last_manager=_(
        "An employer keeps at least one administrator, and this is the last one. Invite the next one first."
    ),
)
