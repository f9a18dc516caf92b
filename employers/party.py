"""An employer, a client of the plan, as a party."""

from __future__ import annotations

from collections.abc import Collection

from django.utils.translation import gettext_lazy as _

from employers.access import ACTING_PERMISSIONS, Employer
from employers.actions import users
from employers.enums import EmployerRole
from members.queries import clients
from portals.access import Desk
from portals.enums import ReviewKind, Team
from portals.parties import Party, PartyName, Reviewed
from portals.scope import Portal


def named(ids: Collection[int]) -> dict[int, PartyName]:
    return {pk: PartyName(row.name, row.client_id) for pk, row in clients.named(ids).items()}


def find(client_id: str) -> int | None:
    row = clients.numbered([client_id]).get(client_id)
    return row.id if row else None


PARTY = Party(
    kind="client",
    portal=Portal.EMPLOYER,
    label=_("Employer"),
    ledger_label=_("Employer, by Client ID"),
    number_label=_("Client ID"),
    named=named,
    find=find,
    request_page="employers:request",
    acting=ACTING_PERMISSIONS,
    invitation=users.INVITATIONS,
    review=Reviewed(
        kind=ReviewKind.EMPLOYER,
        team=Team.CLIENT_MANAGEMENT,
        desk_permission=Desk.REVIEW_EMPLOYERS,
        own_permission=Employer.MANAGE_USERS,
        url="employers:user_review",
        end=users.end_places,
        role_label=lambda role: EmployerRole(role).label,
        search=clients.found,
        last_manager=_(
            "An employer keeps at least one administrator, and this is the last one. Invite the next one first."
        ),
    ),
)
