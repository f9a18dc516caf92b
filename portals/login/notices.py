"""Notices of what happened to an account, and their answer "this was not me".

The token of a notice is short enough for a letter and long enough not to be guessed; only its keyed hash is kept.
An app above that makes accounts registers how one that is not the person's is closed: `register_disowner`.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit import actions as audit
from audit.enums import Kind
from portals import doors
from portals.crypto import codes
from portals.crypto import values as crypto
from portals.desk import actions as desk
from portals.desk import kinds as desk_kinds
from portals.desk.kinds import RequestKind
from portals.enums import NoticeKind, Team, Topic
from portals.help import directory as help_directory
from portals.login import factors
from portals.mail import outbox
from portals.models import AccountNotice, User
from portals.plan import clock
from portals.scope import NOBODY, Scope, unscoped
from portals.sessions import ends
from portals.templatetags.ui import phone

LIVES = dt.timedelta(days=30)
LENGTH = 12
REQUEST_KIND = "door.not_me"

# What the mail says happened. It names nobody.
_HAPPENED: dict[str, Any] = {
    NoticeKind.NEW_BROWSER: gettext_lazy("Your username was used to sign in from a device that is new to us."),
    NoticeKind.PASSWORD: gettext_lazy("The password of your account was changed."),
    NoticeKind.EMAIL: gettext_lazy("The e-mail of your account was changed. From now on we write to the new one."),
    NoticeKind.FACTOR: gettext_lazy("The second step of signing in was changed for your account."),
    NoticeKind.WRONG_CODES: gettext_lazy("Somebody typed your password and then wrong codes. They did not get in."),
}  # fmt: skip
_SUBJECTS: dict[str, Any] = {
    NoticeKind.NEW_BROWSER: gettext_lazy("A sign-in from a new device"),
    NoticeKind.PASSWORD: gettext_lazy("Your password was changed"),
    NoticeKind.EMAIL: gettext_lazy("Your e-mail was changed"),
    NoticeKind.FACTOR: gettext_lazy("Your second step was changed"),
    NoticeKind.WRONG_CODES: gettext_lazy("Wrong codes after your password"),
    NoticeKind.HELPED: gettext_lazy("Our help desk changed how you sign in"),
}

Disowner = Callable[[int, Scope], None]
_disowners: list[Disowner] = []


def register_disowner(disown: Disowner) -> None:
    """`disown(user_id, by)` frees the person whose record the closed account was tied to."""
    _disowners.append(disown)


def disown(user: User, *, by: Scope) -> None:
    """Whoever's record the closed account was tied to may make their own."""
    for free in _disowners:
        free(user.pk, by)


def make(user: User, kind: NoticeKind, *, former_email: str = "") -> str:
    """A new notice's token in plain; for senders who write their own words (`address_of` makes it a link)."""
    token = "".join(secrets.choice(codes.ALPHABET) for _n in range(LENGTH))
    AccountNotice.objects.create(
        user=user,
        kind=kind,
        token_hash=crypto.keyed_hash(_text(token)),
        former_email=former_email,
        expires_at=timezone.now() + LIVES,
    )
    return token


def address_of(token: str) -> str:
    return f"{settings.SITE_URL}{reverse('door:not_me', kwargs={'token': codes.hyphenated(token)})}"


def typing_address() -> str:
    """Where the token of a letter is typed."""
    return f"{settings.SITE_URL}{reverse('door:not_me_token')}"


def tell(user: User, kind: NoticeKind, *, to: str = "", former_email: str = "", happened: str = "") -> None:
    """Mail the notice to the account's proven address (`to`: to another one, as after a change of address). An address
    that nobody proved may be a stranger's, and hears nothing. `happened` is said where the kind has no words."""
    address = to or (user.email if user.email_proven_at else "")
    if not address:
        return
    token = make(user, kind, former_email=former_email)
    outbox.post(
        key=f"notice:{crypto.keyed_hash(_text(token))}",
        to=address,
        subject=str(_SUBJECTS[kind]),
        body=_("%(happened)s If it was you, there is nothing to do. If it was not you, say so here: %(address)s")
        % {"happened": happened or _HAPPENED[kind], "address": address_of(token)}
        + whom_to_call(user),
    )


def whom_to_call(user: User) -> str:
    """The telephone of the portal and region where the account's owner works, with its hours."""
    with unscoped("where the account's owner works, and so whom they call"):
        memberships = doors.memberships(user.pk)
        reader = memberships[0].scope(NOBODY) if memberships else NOBODY
        contact = help_directory.contact_for(reader, Topic.PORTAL, as_of=clock.today())
    if contact is None:
        return ""
    return "\n\n" + " · ".join(part for part in (f"{contact.owner}: {phone(contact.phone)}", contact.hours) if part)


def _text(token: str) -> str:
    """What of a token is hashed."""
    return f"notice|{codes.normalize(token)}"


def find(token: str) -> AccountNotice | None:
    """The notice of this token while it can be answered; an answered one too, so that its reader sees it is done."""
    return (
        AccountNotice.objects.filter(token_hash__in=crypto.keyed_hashes(_text(token)), expires_at__gt=timezone.now())
        .select_related("user")
        .first()
    )


def deny(notice: AccountNotice, *, by: Scope) -> None:
    """ "This was not me": whoever is in goes out, what they changed is taken back, the privacy officer hears of it.
    Answering twice is answering once."""
    with transaction.atomic():
        if not AccountNotice.objects.filter(pk=notice.pk, denied_at=None).update(denied_at=timezone.now()):
            return
        user = User.objects.select_for_update().get(pk=notice.user_id)
        ends.everywhere(user, by=by)
        # What is on its way may lie in a stranger's mailbox.
        codes.end_sign_in(user.pk)
        if notice.kind == NoticeKind.REGISTERED:
            # The address is free for whoever's it is.
            user.is_active, user.email, user.email_proven_at = False, "", None
            disown(user, by=by)
        else:
            mailbox_alone = factors.remove_since(by=by, user=user, since=notice.created_at)
            user.set_unusable_password()  # only who reads the account's mail gets in again
            if notice.former_email and not User.objects.filter(email=notice.former_email).exclude(pk=user.pk).exists():
                user.email, mailbox_alone = notice.former_email, True
            if mailbox_alone:  # whoever reads a mailbox must not get in by that alone: the help desk proves the person
                user.email_proven_at = None
        user.save(update_fields=["is_active", "password", "email", "email_proven_at"])
        audit.record(
            kind=Kind.CHANGE,
            action="door.not_me",
            object_kind="user",
            object_id=str(user.pk),
            detail={"notice": notice.kind},
            **by.audit(),
        )
        desk.open_request(
            kind=REQUEST_KIND,
            key=f"not-me:{notice.pk}",
            title=_("An account's owner says: this was not me"),
            detail={"account": user.pk, "notice": str(NoticeKind(notice.kind).label)},
            by=by,
        )


def register() -> None:
    desk_kinds.register(REQUEST_KIND, RequestKind(team=Team.PRIVACY, label=gettext_lazy("Not me")))
