"""The words of the ledger."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Kind(TextChoices):
    SIGN_IN = "sign_in", _("Sign-in")
    SIGN_OUT = "sign_out", _("Sign-out")
    FAILURE = "failure", _("Failed sign-in or check")
    DENIAL = "denial", _("Denial")
    VIEW = "view", _("View")
    SEARCH = "search", _("Search")
    EXPORT = "export", _("Export")
    PRINT = "print", _("Print")
    CREATE = "create", _("Create")
    CHANGE = "change", _("Change")
    DELETE = "delete", _("Delete")
    DISCLOSURE = "disclosure", _("Disclosure")
    JOB = "job", _("Job")
    LOOK = "look", _("Look by plan staff")
    ACTING = "acting", _("Acting for another")


class Outcome(TextChoices):
    DONE = "done", _("Done")
    REFUSED = "refused", _("Refused")
    FAILED = "failed", _("Failed")


class Operation(TextChoices):
    INSERT = "insert", _("Added")
    UPDATE = "update", _("Changed")
    DELETE = "delete", _("Removed")


class HoldStep(TextChoices):
    """Of a legal hold; released is its end."""

    PLACED = "placed", _("Placed")
    RELEASE_PROPOSED = "release_proposed", _("Release proposed")
    KEPT = "kept", _("Kept")
    RELEASED = "released", _("Released")


# What shows a person's record to somebody: "everyone who opened this record" asks for these.
OPENING = (Kind.VIEW, Kind.SEARCH, Kind.EXPORT, Kind.PRINT, Kind.DISCLOSURE, Kind.LOOK)
