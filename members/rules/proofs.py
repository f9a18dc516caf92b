"""Which way a code that proves a person goes, decided on values only. The e-mail on file often came by the employer's
own file, and the employer also knows SSN, birth date and ZIP: where it could read that mailbox, only a letter proves.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

SETTLED = dt.timedelta(days=30)  # for so long a changed address is not trusted; the old one was told of the change


class ByLetter(StrEnum):
    """Why a code goes by letter."""

    NO_EMAIL = "no_email"
    CONFIDENTIAL = "confidential"
    CHANGED_LATELY = "changed_lately"
    SHARED = "shared"
    OF_THE_EMPLOYER = "of_the_employer"


@dataclass(frozen=True, slots=True)
class Mailbox:
    """The e-mail on file and what is known of it."""

    email: str
    confidential_address: bool
    changed_at: dt.datetime | None
    """When a file put it in place of another or of none; None: it came with the record."""
    shared: bool
    """It is on file for people of another contract of the same client, too."""
    of_the_employer: bool
    """It is the address of the client's contact or of one of its users."""


def by_letter(mailbox: Mailbox, *, at: dt.datetime) -> ByLetter | None:
    """Why a code for this person must go by letter; None where it may be mailed."""
    if not mailbox.email:
        return ByLetter.NO_EMAIL
    if mailbox.confidential_address:
        return ByLetter.CONFIDENTIAL
    if mailbox.changed_at is not None and at < mailbox.changed_at + SETTLED:
        return ByLetter.CHANGED_LATELY
    if mailbox.shared:
        return ByLetter.SHARED
    return ByLetter.OF_THE_EMPLOYER if mailbox.of_the_employer else None
