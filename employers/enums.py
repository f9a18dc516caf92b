"""Roles at an employer."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class EmployerRole(TextChoices):
    ADMINISTRATOR = "administrator", _("Administrator")
    BILLING = "billing", _("Billing")
    ENROLLMENT = "enrollment", _("Enrollment")
