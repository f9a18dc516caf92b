"""Roles at an employer."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class EmployerRole(TextChoices):
    ADMINISTRATOR = "administrator", _("Administrator")
    BILLING = "billing", _("Billing")
    ENROLLMENT = "enrollment", _("Enrollment")


class DocumentKind(TextChoices):
    """What the plan makes for a client."""

    FULL_LIST = "full_list", _("Full employee list")


class SeparateInvoice(TextChoices):
    """What a client may want billed apart (E11)."""

    LOCATION = "location", _("A location of ours")
    COBRA = "cobra", _("COBRA")
    DENTAL = "dental", _("Dental")
    VISION = "vision", _("Vision")
