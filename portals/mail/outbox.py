"""Mail and letters: a row in the transaction that causes them, each key once. The quick queue sends the mail;
letters wait to be printed (`portals.mail.letters`). Whoever posts a kind of mail may register what else is done once
one has failed for good (`register_failure`). What was sent or printed is blanked (`SPENT`): codes and links
stand in it. The demo keeps it for its mailbox page."""

from __future__ import annotations

import datetime as dt
import logging
import smtplib
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from portals import enums
from portals.models import OutboxMail

MAX_TRIES = 8
LEASE = dt.timedelta(minutes=2)  # longer than the mail server may take (`EMAIL_TIMEOUT`)
PAUSE = dt.timedelta(minutes=5)  # the n-th further try comes n * n pauses after the mail was written: over 5 hours
SPENT = {"body": "", "postal_address": ""}  # of what left: no copy of a code or link lies in the database

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Mail:
    key: str
    to: str
    subject: str
    body: str


_then: dict[str, Callable[[OutboxMail], None]] = {}


def register_failure(kind: str, then: Callable[[OutboxMail], None]) -> None:
    """For mails whose key begins with `kind` and a colon: what else is done, in a transaction with the failure. For
    upper floors, in `AppConfig.ready`."""
    _then[kind] = then


def post(*, key: str, to: str, subject: str, body: str) -> None:
    """Send a mail once per `key`. No name, number or health fact belongs into subject or body."""
    OutboxMail.objects.bulk_create([OutboxMail(key=key, to=to, subject=subject, body=body)], ignore_conflicts=True)


def post_all(mails: Iterable[Mail]) -> None:
    """The same for many."""
    rows = [OutboxMail(key=mail.key, to=mail.to, subject=mail.subject, body=mail.body) for mail in mails]
    OutboxMail.objects.bulk_create(rows, batch_size=500, ignore_conflicts=True)


def post_letter(*, key: str, postal_address: str, subject: str, body: str) -> None:
    """A letter, once per `key`, for the next `print_letters`."""
    OutboxMail.objects.bulk_create(
        [OutboxMail(key=key, subject=subject, body=body, letter=True, postal_address=postal_address)],
        ignore_conflicts=True,
    )


def send_due(limit: int = 50) -> int:
    """Send what is due; a mail that fails is tried again later, and never holds up the others, whatever went wrong.

    The try is counted and committed before anything is sent: a mail that takes its worker down is tried `MAX_TRIES`
    times, not for ever. A killed worker repeats at most one. Letters wait for `letters`; in the demo the mailbox page
    is the delivery of both. Returns how many left.
    """
    sent = looked_at = 0
    for _n in range(limit):
        mail = _claim(after=looked_at)
        if mail is None:
            break
        looked_at = mail.pk
        sent += _send(mail)
    return sent


def _send(mail: OutboxMail) -> bool:
    """Whether it left."""
    mail.leased_until = None
    try:
        if not settings.DEMO:
            EmailMessage(mail.subject, mail.body, settings.EMAIL_FROM, [mail.to]).send()
    except Exception as error:  # noqa: BLE001 - whatever one address or body does to the library is this mail's alone
        log.warning("mail %d was not sent (try %d): %s", mail.pk, mail.tries, type(error).__name__)
        if mail.tries >= MAX_TRIES or _is_final(error):
            _fail(mail)
        else:
            mail.save(update_fields=["leased_until"])
        return False
    mail.status = enums.MailStatus.SENT
    mail.sent_at = timezone.now()
    if not settings.DEMO:
        mail.body = mail.postal_address = ""
    mail.save(update_fields=["status", "leased_until", "sent_at", *SPENT])
    return True


def _is_final(error: Exception) -> bool:
    """Did the mail server say that nobody has this address, now and later? Its codes from 500 on mean that."""
    return isinstance(error, smtplib.SMTPRecipientsRefused) and all(
        code >= 500 for code, _text in error.recipients.values()
    )


def _fail(mail: OutboxMail) -> None:
    """It failed for good, and what follows from that is done once; an error in that holds up no other mail."""
    mail.status, mail.leased_until = enums.MailStatus.FAILED, None
    with transaction.atomic():
        mail.save(update_fields=["status", "leased_until"])
        then = _then.get(mail.key.partition(":")[0])
        try:
            with transaction.atomic():
                if then is not None:
                    then(mail)
        except Exception as error:  # noqa: BLE001 - as with the mail itself
            log.error("mail %d failed, and nothing was done instead: %s", mail.pk, type(error).__name__)


def _claim(*, after: int) -> OutboxMail | None:
    """The next mail that is due, its try counted and leased to this worker. One whose last try took the worker with it
    has failed."""
    now = timezone.now()
    waiting = OutboxMail.objects.filter(
        Q(leased_until=None) | Q(leased_until__lte=now), status=enums.MailStatus.WAITING
    )
    with transaction.atomic():
        for mail in waiting.filter(tries__gte=MAX_TRIES).select_for_update(skip_locked=True).order_by("id"):
            _fail(mail)
    due = waiting.filter(_due(now), id__gt=after)
    if not settings.DEMO:
        due = due.filter(letter=False)
    with transaction.atomic():
        claimed = due.select_for_update(skip_locked=True).order_by("id").first()
        if claimed is not None:
            claimed.tries += 1
            claimed.leased_until = now + LEASE
            claimed.save(update_fields=["tries", "leased_until"])
    return claimed


def _due(now: dt.datetime) -> Q:
    due = Q(tries=0)
    for tries in range(1, MAX_TRIES):
        due |= Q(tries=tries, created_at__lte=now - tries * tries * PAUSE)
    return due
