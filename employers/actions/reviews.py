"""Access reviews of employers: their people, and how access ends."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from employers.access import Employer
from employers.actions import users
from employers.enums import EmployerRole
from members.queries import clients
from portals.access import Desk
from portals.access_reviews.kinds import Reviewed
from portals.enums import Team
from portals.scope import Portal

REVIEWED = Reviewed(
    portal=Portal.EMPLOYER,
    party="client",
    number_label=users.INVITATIONS.number_label,
    team=Team.CLIENT_MANAGEMENT,
    desk_permission=Desk.REVIEW_EMPLOYERS,
    own_permission=Employer.MANAGE_USERS,
    url="employers:user_review",
    end=users.end_places,
    role_label=lambda role: EmployerRole(role).label,
    numbered=users.INVITATIONS.find,
    search=clients.found,
    named=users.INVITATIONS.named,
    last_manager=_(
        "An employer keeps at least one administrator, and this is the last one. Invite the next one first."
    ),
)
