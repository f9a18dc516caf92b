"""What producers may do, the words of each gate, and the answer to "may this person work as this client?"."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from portals import acting, permissions
from portals.access import Desk
from portals.permissions import ALLOWED, Answer
from portals.plan import clock
from portals.scope import PartyRef, Portal, Scope
from producers.enums import OPENERS, Gate
from producers.models import ProducerUser
from producers.queries import book, people


class Producer(StrEnum):
    SEE_BOOK = "producer.see_book"  # the agency's clients with their Client IDs
    SEE_ACCESS = "producer.see_access"  # what one may do oneself, what may not, and who opens it
    ASK_FULL_LIST = "producer.ask_full_list"  # ask that a client of the book get its full employee list
    SEE_AGENCY = "producer.see_agency"  # the agency's people with their entitlements
    MANAGE_PEOPLE = "producer.manage_people"  # say who is a contact; end a place
    REVIEW_PEOPLE = "producer.review_people"  # confirm and end the access of the agency's people in a review
    NAME_CASE_MANAGERS = "producer.name_case_managers"  # for the cases that the agency holds (P7)
    GRANT_REPORTS = "producer.grant_reports"  # Agency Reports, to people of the agencies under this one (P5)


EVERYBODY = frozenset({Producer.SEE_BOOK, Producer.SEE_ACCESS, Producer.ASK_FULL_LIST})
# A contact of an agency that stands under no other one holds its cases.
HOLDS_CASES = frozenset({Producer.NAME_CASE_MANAGERS, Producer.GRANT_REPORTS})

GATE_WORDS = {
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
    for permission in Producer:
        permissions.declare(permission)
    for gate, (reason, opener) in GATE_WORDS.items():
        permissions.describe_gate(gate, reason=reason, opener=opener)
    contact = _("The agency's contacts do. The page My access says who they are.")
    for permission, reason in {
        Producer.SEE_AGENCY: _("Only the agency's contacts and administrators see its people."),
        Producer.MANAGE_PEOPLE: _("Only the agency's contacts change this."),
        Producer.REVIEW_PEOPLE: _("Only who manages the agency's people reviews their access."),
        Producer.NAME_CASE_MANAGERS: _("Case managers are named by a contact of the agency that holds the case."),
        Producer.GRANT_REPORTS: _("Agency Reports is granted by a contact of the general agency."),
    }.items():
        permissions.describe_gate(f"permission:{permission}", reason=reason, opener=contact)
    for granted in (Desk.GRANT_ENTITLEMENTS, Desk.GRANT_CLIENTS):
        permissions.describe_gate(
            f"permission:{granted}",
            reason=_("Your team does not grant this."),
            opener=_("Channel compensation grants entitlements; client management grants clients."),
        )
    acting.register_gate(may_act, leave="producers:leave")
