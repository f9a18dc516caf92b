"""A practice as a party."""

from __future__ import annotations

from collections.abc import Collection

from django.utils.translation import gettext_lazy as _

from portals.access import Desk
from portals.enums import ReviewKind, Team
from portals.parties import Party, PartyName, Reviewed
from portals.scope import Portal
from providers import queries
from providers.access import Provider
from providers.actions import staff
from providers.enums import PracticeRole
from providers.models import Practice


def named(ids: Collection[int]) -> dict[int, PartyName]:
    rows = Practice.objects.filter(pk__in=list(ids)).values_list("pk", "name", "provider_id")
    return {pk: PartyName(name, number) for pk, name, number in rows}


def find(provider_id: str) -> int | None:
    return Practice.objects.filter(provider_id__iexact=provider_id).values_list("pk", flat=True).first()


PARTY = Party(
    kind="practice",
    portal=Portal.PROVIDER,
    label=_("Practice"),
    ledger_label=_("Practice, by Provider ID"),
    number_label=_("Provider ID"),
    named=named,
    find=find,
    request_page="providers:request",
    invitation=staff.INVITATIONS,
    review=Reviewed(
        kind=ReviewKind.PRACTICE,
        team=Team.HELP_DESK,
        desk_permission=Desk.REVIEW_PRACTICES,
        own_permission=Provider.MANAGE_STAFF,
        url="providers:staff_review",
        end=staff.end_places,
        role_label=lambda role: PracticeRole(role).label,
        search=queries.found,
        last_manager=_("A practice keeps at least one office manager, and this is the last one."),
    ),
)
