"""Entitlements of producers (P4-P8) and states of their grants."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Entitlement(TextChoices):
    GA_ADMINISTRATOR = "ga_administrator", _("General Agency Administrator")
    AGENCY_REPORTS = "agency_reports", _("Agency Reports")
    CLIENT_ADMINISTRATION = "client_administration", _("Client Administration")
    RENEWALS = "renewals", _("Renewals")
    QUOTES = "quotes", _("Small Group Quotes")
