"""A forgotten password: a code to the account's proven address, and nothing that shows whether there is an account."""

from __future__ import annotations

import uuid

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from audit import actions as audit
from audit.enums import Kind, Outcome
from portals import codes, outbox
from portals.enums import CodePurpose, NoticeKind, SignedInEnd
from portals.login import ends, notices
from portals.models import User
from portals.scope import NOBODY_PARTY, PartyRef, Scope


def ask(*, by: Scope, typed: str) -> PartyRef | None:
    """Send a code to the account with this username or proven e-mail. The caller must not let the answer show; every
    answer costs the same work. An account whose address was never proven gets none: the help desk proves its person."""
    named = Q(username__iexact=typed) | Q(email__iexact=typed)
    user = User.objects.filter(named, is_active=True, email_proven_at__isnull=False).order_by("pk").first()
    audit.record(
        kind=Kind.SEARCH,
        action="door.forgotten_password",
        outcome=Outcome.DONE if user else Outcome.FAILED,
        object_kind="user",
        object_id=str(user.pk if user else ""),
        **by.audit(),
    )
    with transaction.atomic():
        code = codes.issue(
            purpose=CodePurpose.RESET, subject=PartyRef("user", user.pk) if user else NOBODY_PARTY, lives=codes.SENT
        )
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
    return PartyRef("user", user.pk) if user else None


def set_password(*, by: Scope, account: PartyRef | None, code: str, password: str) -> User | None:
    """The account whose password is new now, signed out everywhere; None for a wrong code and for nobody alike."""
    with transaction.atomic():
        right = codes.redeem(purpose=CodePurpose.RESET, subject=account or NOBODY_PARTY, typed=code)
        hashed = make_password(password)  # the same work for right and wrong
        if not right or account is None:
            audit.record(kind=Kind.FAILURE, action="door.new_password", outcome=Outcome.FAILED, **by.audit())
            return None
        user = User.objects.select_for_update().get(pk=account.id)
        user.password, user.must_change_password = hashed, False
        user.save(update_fields=["password", "must_change_password"])
        ends.everywhere(user, by=by, why=SignedInEnd.ELSEWHERE)
        audit.record(
            kind=Kind.CHANGE, action="door.new_password", object_kind="user", object_id=str(user.pk), **by.audit()
        )
        notices.tell(user, NoticeKind.PASSWORD)
        return user
