"""Entitlements of producers (P4-P8), the gates before what they may do, and why a grant ended."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Entitlement(TextChoices):
    GA_ADMINISTRATOR = "ga_administrator", _("General Agency Administrator")
    AGENCY_REPORTS = "agency_reports", _("Agency Reports")
    CLIENT_ADMINISTRATION = "client_administration", _("Client Administration")
    RENEWALS = "renewals", _("Renewals")
    QUOTES = "quotes", _("Small Group Quotes")


class InvitedAs(TextChoices):
    """What a producer's invitation gives besides the place in the agency: entitlements only where two people of the
    plan approved them."""

    BARE = "bare", _("Producer, entitlements are granted later")
    APPROVED = "approved", _("Producer, with the entitlements that were approved")


class FormState(TextChoices):
    """The states of the plan; Delaware has a form of its own (P2)."""

    NY = "NY", _("New York")
    PA = "PA", _("Pennsylvania")
    WV = "WV", _("West Virginia")
    DE = "DE", _("Delaware")


class Capability(TextChoices):
    """The rows of table F9: what a producer may want to do."""

    IN_LIST = "in_list", _("See a client in your list")
    ACT = "act", _("Log in as an employer")
    INVOICES = "invoices", _("See a client's invoices, with names")
    PAY = "pay", _("Pay a client's invoices")
    LISTS = "lists", _("Download lists of a client's people")
    BANK = "bank", _("Enter a client's bank accounts")
    STATEMENT = "statement", _("See commission statements")
    RENEWALS = "renewals", _("See a small group's renewal")
    QUOTE = "quote", _("Quote a small group")
    CASES = "cases", _("See all small-group cases of the agency")


# What a table of clients calls its columns
SHORT = {
    Capability.ACT: _("Log in"),
    Capability.INVOICES: _("Invoices"),
    Capability.PAY: _("Pay"),
    Capability.RENEWALS: _("Renewal"),
}


class Gate(TextChoices):
    """What may stand between a producer and a deed. Those of an employer's pages carry the names they have there, so
    that the same words are said."""

    IN_BOOK = "in_book", _("A place in your agency's list")
    CLIENT_ADMINISTRATION = "client_administration", _("The entitlement Client Administration")
    CLIENT_GRANT = "client_grant", _("The grant for this client")
    NOT_MIGRATED = "not_migrated", _("The client's move to this system")
    FIRST_INVOICE = "employer.first_invoice", _("The client's first invoice")
    TERMS = "producer.terms", _("Your own acceptance of the payment terms")
    NO_SHARED_ACCOUNT = "employer.no_shared_account", _("A bank account that the employer shares with you")
    LISTS = "permission:employer.export_lines", _("A place among the employer's own people")
    BANK = "permission:employer.manage_bank", _("A place among the employer's own people")
    REPORTS_DIRECT = "agency_reports", _("The entitlement Agency Reports")
    REPORTS_GENERAL = "agency_reports_general", _("The entitlement Agency Reports, from your general agency")
    RENEWALS = "renewals", _("The entitlement Renewals")
    CASE_MANAGER = "case_manager", _("Your naming as its case manager, or General Agency Administrator")
    QUOTES = "quotes", _("The entitlement Small Group Quotes")
    GA_ADMINISTRATOR = "ga_administrator", _("The entitlement General Agency Administrator")


# Who opens a gate: topics of the help directory. Blank: not the plan, see GENERAL_AGENCY.
OPENERS: dict[str, str] = {
    Gate.IN_BOOK: "client-management",
    Gate.CLIENT_ADMINISTRATION: "channel-compensation",
    Gate.CLIENT_GRANT: "client-management",
    Gate.NOT_MIGRATED: "client-management",
    Gate.FIRST_INVOICE: "",  # opens by itself
    Gate.TERMS: "",  # the producer
    Gate.NO_SHARED_ACCOUNT: "",  # the employer's own people
    Gate.LISTS: "client-management",  # nobody opens it to who acts; they say how the whole list reaches the client
    Gate.BANK: "client-management",
    Gate.REPORTS_DIRECT: "channel-compensation",
    Gate.REPORTS_GENERAL: "",
    Gate.RENEWALS: "channel-compensation",
    Gate.CASE_MANAGER: "",
    Gate.QUOTES: "channel-compensation",
    Gate.GA_ADMINISTRATOR: "channel-compensation",
}
# Opened by a contact of the agency that holds the case
GENERAL_AGENCY = frozenset({Gate.REPORTS_GENERAL, Gate.CASE_MANAGER})

# The entitlement behind a gate
HELD: dict[str, Entitlement] = {
    Gate.CLIENT_ADMINISTRATION: Entitlement.CLIENT_ADMINISTRATION,
    Gate.REPORTS_DIRECT: Entitlement.AGENCY_REPORTS,
    Gate.REPORTS_GENERAL: Entitlement.AGENCY_REPORTS,
    Gate.RENEWALS: Entitlement.RENEWALS,
    Gate.QUOTES: Entitlement.QUOTES,
    Gate.GA_ADMINISTRATOR: Entitlement.GA_ADMINISTRATOR,
}


class EndReason(TextChoices):
    """Why a grant ended."""

    LEFT = "left", _("The person left")
    OTHER_WORK = "other_work", _("The person does other work now")
    CLIENT_LEFT = "client_left", _("The client has another producer now")
    ASKED = "asked", _("It was asked for")
    MISTAKE = "mistake", _("It was granted by mistake")
    DECIDED = "decided", _("The plan decided so")
