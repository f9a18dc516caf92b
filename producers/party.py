"""An agency as a party."""

from __future__ import annotations

from collections.abc import Collection

from django.utils.translation import gettext_lazy as _

from portals.access import Desk
from portals.enums import ReviewKind, Team
from portals.parties import Party, PartyName, Reviewed
from portals.scope import Portal
from producers.access import Producer
from producers.actions import invitations
from producers.actions import people as actions
from producers.models import Agency
from producers.queries import people


def named(ids: Collection[int]) -> dict[int, PartyName]:
    rows = Agency.objects.filter(pk__in=list(ids)).values_list("pk", "name", "agent_id")
    return {pk: PartyName(name, number) for pk, name, number in rows}


def find(agent_id: str) -> int | None:
    return Agency.objects.filter(agent_id__iexact=agent_id).values_list("pk", flat=True).first()


PARTY = Party(
    kind="agency",
    portal=Portal.PRODUCER,
    label=_("Agency"),
    ledger_label=_("Agency, by agent ID"),
    number_label=_("Agent ID"),
    named=named,
    find=find,
    request_page="producers:request",
    invitation=invitations.INVITATIONS,
    review=Reviewed(
        kind=ReviewKind.AGENCY,
        team=Team.CHANNEL_COMPENSATION,
        desk_permission=Desk.REVIEW_AGENCIES,
        own_permission=Producer.REVIEW_PEOPLE,
        url="producers:people_review",
        end=actions.end_places,
        role_label=lambda role: "",
        search=people.found,
        last_manager=_("An agency keeps somebody who manages its people, and this is the last one."),
    ),
)
