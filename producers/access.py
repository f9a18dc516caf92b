"""What producers may do, and the answer to "may this person work as this client?"."""

from __future__ import annotations

from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from portals import acting, clock, permissions
from portals.access import Own
from portals.permissions import ALLOWED, Answer
from portals.scope import PartyRef, Portal, Standing
from portals.scope import register as register_standings
from producers import queries
from producers.enums import OPENERS, Gate
from producers.models import ProducerUser


class Producer(StrEnum):
    SEE_BOOK = "producer.see_book"  # the agency's clients with their Client IDs
    ASK_FULL_LIST = "producer.ask_full_list"  # ask that a client of the book get its full employee list


GATE_WORDS = {
    Gate.CLIENT_ADMINISTRATION: (
        _("You do not hold the entitlement Client Administration."),
        _("The plan's channel compensation team grants entitlements, one by one, on a portal access request."),
    ),
    Gate.CLIENT_GRANT: (
        _("You hold Client Administration, but this client is not open to your agency."),
        _("The client management team opens each client separately, on a multi-client request."),
    ),
    Gate.NOT_MIGRATED: (
        _("This client is still on the previous system."),
        _("It opens here on its renewal date. Until then the client management team tells you where to work."),
    ),
}


def standings(user_id: int) -> list[Standing]:
    places = ProducerUser.objects.filter(user_id=user_id, ended_at=None).select_related("agency").order_by("-id")
    return [
        Standing(
            Portal.PRODUCER,
            PartyRef("agency", place.agency_id),
            place.agency.name,
            frozenset({*Producer, Own.ASK}),
        )
        for place in places
    ]


def may_act(user_id: int, home: PartyRef, party: PartyRef) -> tuple[Answer, str]:
    """The gates of table F9 for logging in as a client; the grant's reference goes into every audit row."""
    gate, grant = queries.gate_to(user_id, home, party, as_of=clock.today())
    if gate is not None:
        return Answer(False, gate=gate, owner=OPENERS[gate]), ""
    return ALLOWED, f"client-grant:{grant}"


def register() -> None:
    for permission in Producer:
        permissions.declare(permission)
    for gate, (reason, opener) in GATE_WORDS.items():
        permissions.describe_gate(gate, reason=reason, opener=opener)
    register_standings(Portal.PRODUCER, standings)
    acting.register_gate(may_act)
