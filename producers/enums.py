"""Entitlements of producers (P4-P8) and states of their grants."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Entitlement(TextChoices):
    GA_ADMINISTRATOR = "ga_administrator", _("General Agency Administrator")
    AGENCY_REPORTS = "agency_reports", _("Agency Reports")
    CLIENT_ADMINISTRATION = "client_administration", _("Client Administration")
    RENEWALS = "renewals", _("Renewals")
    QUOTES = "quotes", _("Small Group Quotes")


class InvitedAs(TextChoices):
    """What a producer's invitation gives besides the place in the agency (P9, P10)."""

    USUAL = "usual", _("Producer, with the usual entitlements of the agency's state")
    BARE = "bare", _("Producer, entitlements are granted later")


class Gate(TextChoices):
    """What may stand between a producer and a client's pages."""

    CLIENT_ADMINISTRATION = "client_administration", _("The entitlement Client Administration")
    CLIENT_GRANT = "client_grant", _("The grant for this client")
    NOT_MIGRATED = "not_migrated", _("The client is still on the previous system")


# Who opens a gate: topics of the help directory
OPENERS: dict[str, str] = {
    Gate.CLIENT_ADMINISTRATION: "channel-compensation",
    Gate.CLIENT_GRANT: "client-management",
    Gate.NOT_MIGRATED: "client-management",
}
