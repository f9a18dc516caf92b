"""Words of enrollment and the table of what may become what."""

from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

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


class LookalikeStatus(TextChoices):
    """Whether a row of a file and somebody on file are one."""

    WAITING = "waiting", _("To decide")
    SAME = "same", _("Same person")
    TWO = "two", _("Two people")
    KEPT = "kept", _("Kept as on file")
    SETTLED = "settled", _("No longer asked")


class RowOutcome(TextChoices):
    """What a file's sender is told of a member besides "taken"."""

    REFUSED = "refused", _("Not taken")
    WAITING = "waiting", _("Waits for a person")
    NOTED = "noted", _("Taken, with a note")


FILE_TRANSITIONS: dict[str, frozenset[str]] = {
    FileStatus.RECEIVED: frozenset({FileStatus.REFUSED, FileStatus.APPLIED, FileStatus.WAITING}),
    FileStatus.WAITING: frozenset({FileStatus.APPLIED, FileStatus.DECLINED}),
    FileStatus.REFUSED: frozenset(),
    FileStatus.APPLIED: frozenset(),
    FileStatus.DECLINED: frozenset(),
}


class Purpose(TextChoices):
    """Why protected health information was disclosed, by the paragraph that allows it: 45 CFR 164.512 where nothing
    else is said. What belongs into no accounting (164.528(a)(1)) has no purpose here."""

    REQUIRED_BY_LAW = "required_by_law", _("Required by law (164.512(a))")
    PUBLIC_HEALTH = "public_health", _("Public health activities (164.512(b))")
    ABUSE = "abuse", _("Abuse, neglect or domestic violence (164.512(c))")
    OVERSIGHT = "oversight", _("Health oversight (164.512(d))")
    JUDICIAL = "judicial", _("Court or administrative proceeding: subpoena or order (164.512(e))")
    LAW_ENFORCEMENT = "law_enforcement", _("Law enforcement (164.512(f))")
    DECEDENTS = "decedents", _("Coroner, medical examiner or funeral director (164.512(g))")
    ORGANS = "organs", _("Organ, eye or tissue donation (164.512(h))")
    RESEARCH = "research", _("Research (164.512(i))")
    THREAT = "threat", _("Serious threat to health or safety (164.512(j))")
    GOVERNMENT = "government", _("Specialized government functions (164.512(k))")
    WORKERS = "workers", _("Workers' compensation (164.512(l))")
    SECRETARY = "secretary", _("Investigation by the Secretary of Health and Human Services (164.502(a)(2)(ii))")
    BREACH = "breach", _("Not permitted: a breach or another mistake (164.402)")
    OTHER = "other", _("Another reason that must be accounted for")


# What the law counts in days (164.528): to answer, to extend once, and an oral statement's longest time.
ACT_DAYS: Final = 60
EXTENSION_DAYS: Final = 30
ORAL_DAYS: Final = 30

# Only these two may ask that a person is not told for a time (164.528(a)(2)).
SUSPENDABLE = (Purpose.OVERSIGHT, Purpose.LAW_ENFORCEMENT)


class Statement(TextChoices):
    """How an agency said that telling the person would impede its work, or that it no longer would."""

    WRITTEN = "written", _("Written statement")
    ORAL = "oral", _("Oral statement, for 30 days at most")
    WITHDRAWN = "withdrawn", _("Withdrawn: the person may be told again")


class AskedBy(TextChoices):
    """How a request for an accounting came."""

    PORTAL = "portal", _("Member website")
    LETTER = "letter", _("Letter")
    TELEPHONE = "telephone", _("Telephone")


class AccountingStatus(TextChoices):
    OPEN = "open", _("To be answered")
    DELIVERED = "delivered", _("Delivered")
    WITHDRAWN = "withdrawn", pgettext_lazy("a request", "Withdrawn")


ACCOUNTING_TRANSITIONS: dict[str, frozenset[str]] = {
    AccountingStatus.OPEN: frozenset({AccountingStatus.DELIVERED, AccountingStatus.WITHDRAWN}),
    AccountingStatus.DELIVERED: frozenset(),
    AccountingStatus.WITHDRAWN: frozenset(),
}


class Delivery(TextChoices):
    """How an accounting reached the person."""

    PAGE = "page", _("On the member website")
    LETTER = "letter", _("By letter to the address on file")
    BY_HAND = "by_hand", _("Handed over")
