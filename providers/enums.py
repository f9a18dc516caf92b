"""Kinds of practices and roles of their people."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Discipline(TextChoices):
    MEDICAL = "medical", _("Medical")
    DENTAL = "dental", _("Dental")


class StaffRole(TextChoices):
    MANAGER = "manager", _("Office manager")
    FRONT_OFFICE = "front_office", _("Front office")
    CLINICAL = "clinical", _("Clinical staff")
    BILLING = "billing", _("Billing")
