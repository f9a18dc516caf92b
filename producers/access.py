"""What producers may do, the words of each gate, and the answer to "may this person work as this client?"."""

from __future__ import annotations

import datetime as dt

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef
from django.utils.translation import gettext_lazy as _

from portals import acting, permissions
from portals.access import Own
from portals.permissions import ALLOWED, UNLISTED, Answer, Permission
from portals.plan import clock
from portals.scope import PartyRef, Portal, Scope, Standing
from portals.scope import register as register_standings
from producers.enums import OPENERS, Entitlement, Gate
from producers.models import EntitlementGrant, ProducerUser
from producers.queries import book, people

_CONTACTS = _("The agency's contacts do. The page My access says who they are.")


class Producer(Permission):
    SEE_BOOK = "producer.see_book"  # the agency's clients with their Client IDs
    SEE_ACCESS = "producer.see_access"  # what one may do oneself, what may not, and who opens it
    ASK_FULL_LIST = "producer.ask_full_list"  # ask that a client of the book get its full employee list
    # the agency's people with their entitlements
    SEE_AGENCY = (
        "producer.see_agency",
        UNLISTED,
        _("Only the agency's contacts and administrators see its people."),
        _CONTACTS,
    )
    # say who is a contact; end a place
    MANAGE_PEOPLE = ("producer.manage_people", UNLISTED, _("Only the agency's contacts change this."), _CONTACTS)
    # confirm and end the access of the agency's people in a review
    REVIEW_PEOPLE = (
        "producer.review_people",
        UNLISTED,
        _("Only who manages the agency's people reviews their access."),
        _CONTACTS,
    )
    # for the cases that the agency holds (P7)
    NAME_CASE_MANAGERS = (
        "producer.name_case_managers",
        UNLISTED,
        _("Case managers are named by a contact of the agency that holds the case."),
        _CONTACTS,
    )
    # Agency Reports, to people of the agencies under this one (P5)
    GRANT_REPORTS = (
        "producer.grant_reports",
        UNLISTED,
        _("Agency Reports is granted by a contact of the general agency."),
        _CONTACTS,
    )


EVERYBODY = frozenset({Producer.SEE_BOOK, Producer.SEE_ACCESS, Producer.ASK_FULL_LIST})
# A contact of an agency that stands under no other one holds its cases.
HOLDS_CASES = frozenset({Producer.NAME_CASE_MANAGERS, Producer.GRANT_REPORTS})

GATE_TEXTS = {
    Gate.IN_BOOK: (
        _("This client is not in your agency's list."),
        _("The client management team adds it. Tell them its name and Client ID; they may ask for legal documents."),
    ),
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
    Gate.TERMS: (
        _("You have not accepted the payment terms for this client."),
        _("You do that yourself when you pay for the first time. The employer's own acceptance is not yours."),
    ),
    Gate.REPORTS_DIRECT: (
        _("You do not hold the entitlement Agency Reports."),
        _("The plan's channel compensation team grants it, because your agency writes business with us directly."),
    ),
    Gate.REPORTS_GENERAL: (
        _("You do not hold the entitlement Agency Reports."),
        _("Only a contact of your general agency can grant it. We cannot do so for them."),
    ),
    Gate.RENEWALS: (
        _("You do not hold the entitlement Renewals."),
        _("The plan's channel compensation team grants entitlements, one by one, on a portal access request."),
    ),
    Gate.CASE_MANAGER: (
        _("You are not named the case manager of this client."),
        _("A contact of the agency that holds the case names case managers."),
    ),
    Gate.QUOTES: (
        _("You do not hold the entitlement Small Group Quotes."),
        _("The plan's channel compensation team grants entitlements, one by one, on a portal access request."),
    ),
    Gate.GA_ADMINISTRATOR: (
        _("You do not hold the entitlement General Agency Administrator."),
        _("The plan's channel compensation team grants entitlements, one by one, on a portal access request."),
    ),
}


def standings(user_id: int) -> list[Standing]:
    administers = EntitlementGrant.objects.filter(
        place=OuterRef("pk"), entitlement=Entitlement.GA_ADMINISTRATOR, effective__contains=clock.today()
    )
    places = (
        ProducerUser.objects.filter(user_id=user_id, ended_at=None)
        .annotate(
            administers=Exists(administers),
            reviews=ExpressionWrapper(people.managing(clock.today()), output_field=BooleanField()),
        )
        .select_related("agency")
        .order_by("-id")
    )
    return [
        Standing(Portal.PRODUCER, PartyRef("agency", place.agency_id), place.agency.name, _held(place))
        for place in places
    ]


def _held(place: ProducerUser) -> frozenset[str]:
    held: set[str] = {*EVERYBODY, Own.ASK}
    if place.contact or place.administers:  # type: ignore[attr-defined]  # annotated by standings
        held.add(Producer.SEE_AGENCY)
    if place.reviews:  # type: ignore[attr-defined]  # as above
        held.add(Producer.REVIEW_PEOPLE)
    if place.contact:
        held.add(Producer.MANAGE_PEOPLE)
        if place.agency.general_agency_id is None:
            held |= HOLDS_CASES
    return frozenset(held)


def manages(user_id: int, agency_id: int, *, as_of: dt.date) -> bool:
    """Does this person decide in an access review of the agency on that day?"""
    places = ProducerUser.objects.filter(user_id=user_id, agency_id=agency_id, ended_at=None)
    return places.filter(people.managing(as_of)).exists()


def may_act(user_id: int, home: PartyRef, party: PartyRef) -> tuple[Answer, str]:
    """The gates of table F9 for logging in as a client; the grant's reference goes into every audit row."""
    gate, grant = book.gate_to(user_id, home, party, as_of=clock.today())
    if gate is not None:
        return Answer(False, gate=gate, owner=OPENERS[gate]), ""
    return ALLOWED, f"client-grant:{grant}"


def require(by: Scope, own: str, desk: str) -> None:
    """The agency's own people hold `own`, the plan's people `desk`; the plan's machinery may. Raises `Refused`."""
    if by.portal is not Portal.SYSTEM:
        permissions.require(by, desk if by.portal is Portal.DESK else own)


def register() -> None:
    permissions.declare(Producer)
    for gate, (reason, opener) in GATE_TEXTS.items():
        permissions.describe_gate(gate, reason=reason, opener=opener)
    register_standings(Portal.PRODUCER, standings)
    acting.register_gate(may_act, leave="producers:leave")
