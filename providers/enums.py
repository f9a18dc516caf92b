"""Kinds of practices and roles of their people."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Discipline(TextChoices):
    MEDICAL = "medical", _("Medical")
    DENTAL = "dental", _("Dental")


class PracticeRole(TextChoices):
    MANAGER = "manager", _("Office manager")
    FRONT_OFFICE = "front_office", _("Front office")
    CLINICAL = "clinical", _("Clinical staff")
    BILLING = "billing", _("Billing")


# Kinds of request at the service desk
NON_PARTICIPATING = "provider.non_participating"
ADMINISTRATOR_LEFT = "provider.administrator_left"
REGISTRATION_HELP = "provider.registration_help"
SHARED_USERNAME = "provider.shared_username"
MANAGER_CHANGES = "provider.manager_changes"
CANNOT_DELETE = "provider.cannot_delete"


class Successor(TextChoices):
    """Who manages access at a practice once somebody's place there has ended."""

    STAYS = "stays", _("An office manager who stays")
    INVITE = "invite", _("Somebody new: invite them now")
    LATER = "later", _("The caller does not know yet: the request stays open")


class Situation(TextChoices):
    """What a caller asks about registering; the desk reads out the answers that belong to it."""

    FIRST = "first", _("Who registers first")
    MEDICAL = "medical", _("Medical, participating")
    MEDICAL_OUTSIDE = "medical-outside", _("Medical, not participating")
    MEDICAL_NUMBERS = "medical-numbers", _("Medical, does not know the numbers")
    DENTAL = "dental", _("Dental, with the letter (participating or not)")
    DENTAL_LOST = "dental-lost", _("Dental, letter or number lost")
    DENTAL_NO_CLAIM = "dental-no-claim", _("Dental, not participating, no claim yet")
    SEVERAL = "several", _("One office manager for several tax IDs")
    STAFF = "staff", _("Front or back office staff")
    NOBODY_KNOWS = "nobody-knows", _("Nobody knows who manages access")


class About(TextChoices):
    """On whose behalf somebody calls."""

    REGISTERING = "registering", _("Registering: the office or the caller has no account yet")
    OWN = "own", _("The caller's own account")
    OTHERS = "others", _("Somebody else's account")
    SHARED = "shared", _("The caller signs in with a colleague's username")


class Heard(TextChoices):
    """What came of such a call."""

    ANSWERED = "answered", _("Answered")
    OPEN = "open", _("Something is still to do")
    REFUSED = "refused", _("Refused: no username of the caller's own")
    SHARED = "shared", _("Refused: a shared username")
