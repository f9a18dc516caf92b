"""An account's e-mail is believed once a code that was sent there comes back."""

from __future__ import annotations

import uuid

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit import actions as audit
from audit.enums import Kind
from portals.crypto import codes
from portals.crypto import values as crypto
from portals.enums import CodePurpose, NoticeKind
from portals.login import notices
from portals.mail import outbox
from portals.models import User
from portals.scope import PartyRef, Scope


def _subject(user: User, address: str) -> PartyRef:
    """A code proves this address for this account and nothing else."""
    digest = crypto.blind_index(f"{user.pk}|{address}", purpose="email_proof").partition(":")[2]
    return PartyRef("proof", int(digest[:15], 16))


def send_code(user: User, address: str) -> None:
    """A code to `address`, unless one is on its way there."""
    subject = _subject(user, address)
    if codes.live(purpose=CodePurpose.EMAIL, subject=subject):
        return
    code = codes.issue(purpose=CodePurpose.EMAIL, subject=subject, lives=codes.SENT)
    outbox.post(
        key=f"email-proof:{uuid.uuid4().hex}",
        to=address,
        subject=_("Confirm your e-mail"),
        body=_("Type this code on the page where you entered this address: %(code)s. It is good for ten minutes.")
        % {"code": codes.grouped(code)},
    )


def taken(user: User, address: str) -> bool:
    """Does another account have exactly this address? Plus-addresses are others (V13)."""
    return User.objects.filter(email=address).exclude(pk=user.pk).exists()


def prove(*, by: Scope, user: User, address: str, code: str) -> bool:
    """The account's address from now on, if the code is right. The former one is told."""
    with transaction.atomic():
        if not codes.redeem(purpose=CodePurpose.EMAIL, subject=_subject(user, address), typed=code):
            return False
        former = user.email if user.email != address and user.email_proven_at else ""
        user.email, user.email_proven_at = address, timezone.now()
        try:
            with transaction.atomic():
                user.save(update_fields=["email", "email_proven_at"])
        except IntegrityError:  # somebody was quicker with the same address
            user.refresh_from_db()
            return False
        if former:  # nor does what lies in the former mailbox open anything
            codes.end_sign_in(user.pk)
        audit.record(
            kind=Kind.CHANGE, action="door.prove_email", object_kind="user", object_id=str(user.pk), **by.audit()
        )
        if former:
            notices.tell(user, NoticeKind.EMAIL, to=former, former_email=former)
        return True
