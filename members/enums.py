"""Words of enrollment and the table of what may become what."""

from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

# How senders number subscribers by SSN: any nine digits in that grouping, not only those that may have been issued. A
# taxpayer's number (ITIN) and an SSN with a typing error are as private, and to treat another number so costs nothing.
SSN_FORM: Final = "^[0-9]{3}[- ]?[0-9]{2}[- ]?[0-9]{4}$"


class ClientStatus(TextChoices):
    LEGACY = "legacy", _("On the previous system")
    MIGRATED = "migrated", _("With us")
    ENDED = "ended", _("Ended")


class Relationship(TextChoices):
    """X12 individual relationship codes that we keep as they come."""

    SELF = "18", _("Subscriber")
    SPOUSE = "01", _("Spouse")
    PARTNER = "53", _("Domestic partner")
    CHILD = "19", _("Child")
    OTHER = "G8", _("Other dependent")


SPOUSES = (Relationship.SPOUSE, Relationship.PARTNER)


class Sex(TextChoices):
    FEMALE = "F", _("Female")
    MALE = "M", _("Male")
    UNKNOWN = "U", _("Not given")


class FileStatus(TextChoices):
    RECEIVED = "received", _("Received")
    REFUSED = "refused", _("Refused: not readable")
    APPLIED = "applied", _("Applied")
    WAITING = "waiting", _("Waiting for a person")
    DECLINED = "declined", _("Declined")


FILE_TRANSITIONS: dict[str, frozenset[str]] = {
    FileStatus.RECEIVED: frozenset({FileStatus.REFUSED, FileStatus.APPLIED, FileStatus.WAITING}),
    FileStatus.WAITING: frozenset({FileStatus.APPLIED, FileStatus.DECLINED}),
    FileStatus.REFUSED: frozenset(),
    FileStatus.APPLIED: frozenset(),
    FileStatus.DECLINED: frozenset(),
}
