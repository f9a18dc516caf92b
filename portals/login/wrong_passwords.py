"""Wrong passwords in a row at one account, however slowly they come (NIST 800-63B-4, 3.2.2: a hundred at most).

From then on a password opens the account only in a browser in which its person signed in before; anywhere else the
right one is refused as a wrong one is, by words, bytes and work, until a new password is chosen by mail or with the
help desk. So a stranger who types a hundred closes nothing to the owner's own browser. Counting costs the same for a
name that nobody has; the owner is told by a task, since a mail within the answer would say that there is somebody to
tell.
"""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Least
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from audit import actions as audit
from audit.enums import Kind
from portals.login import notices
from portals.mail import outbox
from portals.models import User
from portals.scope import Scope

MOST = 100
TOLD_AT = 5  # and at each further five, until the count stands at MOST
AT_ONCE = 500  # owners told by one task


def count(username: str) -> None:
    """One more wrong password at whoever has this name. One statement, also where nobody has it."""
    User.objects.filter(username__iexact=username).update(failed_passwords=Least(F("failed_passwords") + 1, MOST))


def forget(user: User) -> None:
    """The right password was typed, or a new one chosen: the row of wrong ones is over."""
    User.objects.filter(pk=user.pk, failed_passwords__gt=0).update(failed_passwords=0, told_passwords=0)


def shut(request: HttpRequest, user: User) -> bool:
    """Is a password refused here, whichever it is? `browsers.counted_as` has looked whose browser this is."""
    return user.failed_passwords >= MOST and not getattr(request, "known_browser", False)


def tell(*, by: Scope) -> int:
    """Mail the owners at whose accounts five more wrong passwords were typed since they were told; how many were."""
    with transaction.atomic():
        due = User.objects.filter(failed_passwords__gte=F("told_passwords") + TOLD_AT)
        users = list(due.select_for_update(skip_locked=True).order_by("pk")[:AT_ONCE])
        for user in users:
            user.told_passwords = user.failed_passwords - user.failed_passwords % TOLD_AT
            if user.is_active and user.email_proven_at:
                _mail(user)
        User.objects.bulk_update(users, ["told_passwords"])
        if users:
            audit.record(kind=Kind.JOB, action="door.tell_of_guesses", detail={"told": len(users)}, **by.audit())
    return len(users)


def _mail(user: User) -> None:
    body = _(
        "Somebody typed wrong passwords for your username, %(number)s in a row by now, and did not get in. If it was "
        "you and you forgot the password, choose a new one: %(address)s If it was not you, there is nothing to do."
    ) % {"number": user.told_passwords, "address": f"{settings.SITE_URL}{reverse('door:forgotten')}"}
    if user.told_passwords >= MOST:
        body += " " + _(
            "From now on your password is taken only in a browser in which you signed in before, until you choose a "
            "new one."
        )
    outbox.post(
        key=f"wrong-passwords:{uuid.uuid4().hex}",
        to=user.email,
        subject=_("Wrong passwords for your username"),
        body=body + notices.whom_to_call(user),
    )
