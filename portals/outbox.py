"""Mail and letters: a row in the transaction that causes them, sent by the quick queue, each key once."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from portals import enums
from portals.models import OutboxMail

MAX_TRIES = 8
PAUSE = dt.timedelta(minutes=5)  # the n-th further try comes n * n pauses after the mail was written: over 5 hours


def post(*, key: str, to: str, subject: str, body: str) -> None:
    """Send a mail once per `key`. No name, number or health fact belongs into subject or body."""
    OutboxMail.objects.bulk_create([OutboxMail(key=key, to=to, subject=subject, body=body)], ignore_conflicts=True)


def post_letter(*, key: str, postal_address: str, subject: str, body: str) -> None:
    """Print and mail a letter once per `key`."""
    OutboxMail.objects.bulk_create(
        [OutboxMail(key=key, subject=subject, body=body, letter=True, postal_address=postal_address)],
        ignore_conflicts=True,
    )


def send_due(limit: int = 50) -> int:
    """Send what is due; a mail that fails is tried again later, and never holds up the others. In the demo the mailbox
    page is the delivery. Returns how many left."""
    sent = 0
    with transaction.atomic():
        rows = (
            OutboxMail.objects.select_for_update(skip_locked=True)
            .filter(_due(timezone.now()), status=enums.MailStatus.WAITING)
            .order_by("id")[:limit]
        )
        for mail in rows:
            mail.tries += 1
            try:
                if not settings.DEMO and not mail.letter:
                    EmailMessage(mail.subject, mail.body, settings.EMAIL_FROM, [mail.to]).send()
            except (OSError, ValueError):  # the server is away or refuses; the address on file is no address
                if mail.tries >= MAX_TRIES:
                    mail.status = enums.MailStatus.FAILED
            else:
                mail.status = enums.MailStatus.SENT
                mail.sent_at = timezone.now()
                sent += 1
            mail.save(update_fields=["status", "tries", "sent_at"])
    return sent


def _due(now: dt.datetime) -> Q:
    due = Q(tries=0)
    for tries in range(1, MAX_TRIES):
        due |= Q(tries=tries, created_at__lte=now - tries * tries * PAUSE)
    return due
