"""A forgotten password: a code to the account's proven address, and nothing that shows whether there is an account."""

from __future__ import annotations

import secrets
import uuid

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils.translation import gettext as _

from audit import actions as audit
from audit.enums import Kind, Outcome
from portals import users
from portals.crypto import codes
from portals.enums import CodePurpose, NoticeKind, SignedInEnd
from portals.login import notices, wrong_passwords
from portals.mail import outbox
from portals.models import User
from portals.scope import PartyRef, Scope
from portals.sessions import session_ends

AT_DESK = 0  # in place of a browser's number


def ask(*, by: Scope, typed: str, at_desk: bool = False) -> PartyRef:
    """Send a code to the account with this username or proven e-mail; answers what the code will be for. It is good in
    the browser that asked, so that nobody ends another's; one that the desk sent, in any that asked for the account.
    Every answer costs the same work. An account whose address was never proven gets none: the help desk proves its
    person."""
    codes.alone(f"reset|{typed.lower()}")  # two at once wait for each other, whether there is an account or not
    user = users.named(typed, among=User.objects.filter(is_active=True, email_proven_at__isnull=False))
    asked = PartyRef(codes.reset_kind(user.pk if user else 0), AT_DESK if at_desk else secrets.randbelow(2**40) + 1)
    audit.record(
        kind=Kind.SEARCH,
        action="door.forgotten_password",
        outcome=Outcome.DONE if user else Outcome.FAILED,
        object_kind="user",
        object_id=str(user.pk if user else ""),
        **by.audit(),
    )
    with transaction.atomic():
        code = codes.issue(purpose=CodePurpose.RESET, subject=asked, lives=codes.SENT)
        outbox.post(
            key=f"reset:{uuid.uuid4().hex}",
            to=user.email if user else "nobody@example.invalid",
            subject=_("A new password"),
            body=_(
                "Your code for a new password is %(code)s. It is good for ten minutes. If you did not ask for it, "
                "there is nothing to do: without the code nobody can change your password."
            )
            % {"code": codes.grouped(code)},
        )
        transaction.set_rollback(user is None)
    return asked


def set_password(*, by: Scope, asked: PartyRef, code: str, password: str) -> User | None:
    """The account whose password is new now, signed out everywhere; None for a wrong code and for nobody alike."""
    with transaction.atomic():
        right = any(
            codes.redeem(purpose=CodePurpose.RESET, subject=PartyRef(asked.kind, number), typed=code)
            for number in (asked.id, AT_DESK)
        )
        hashed = make_password(password)  # the same work for right and wrong
        user = _still_fit(asked) if right else None
        if user is None:
            audit.record(kind=Kind.FAILURE, action="door.new_password", outcome=Outcome.FAILED, **by.audit())
            return None
        user.password, user.must_change_password, user.failed_steps = hashed, False, 0
        user.save(update_fields=["password", "must_change_password", "failed_steps"])
        wrong_passwords.forget(user)
        session_ends.everywhere(user, by=by, why=SignedInEnd.ELSEWHERE)
        codes.end_sign_in(user.pk)
        audit.record(
            kind=Kind.CHANGE, action="door.new_password", object_kind="user", object_id=str(user.pk), **by.audit()
        )
        notices.tell(user, NoticeKind.PASSWORD)
        return user


def _still_fit(asked: PartyRef) -> User | None:
    """The account for which a code was asked, if its address is still the proven one."""
    own = int(asked.kind.rpartition("-")[2])
    return User.objects.select_for_update().filter(pk=own, is_active=True, email_proven_at__isnull=False).first()
