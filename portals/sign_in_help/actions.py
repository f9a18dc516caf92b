"""Help for a caller who cannot sign in: only for who names an own username (V3), each step recorded with how the
caller was checked, and told to the account's address."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit import actions as audit
from audit.enums import Kind, Outcome
from portals import doors, permissions, users
from portals.access import OWN_ACCOUNT, Desk
from portals.crypto import codes
from portals.enums import CallerCheck, Factor, HelpStep, NoticeKind, SignedInEnd, UserKind
from portals.login import dormancy, factors, notices, rate_limits, reset
from portals.memberships import Membership
from portals.models import EmailCodes, User
from portals.permissions import Answer, Refused
from portals.plan.brand import brand
from portals.scope import Portal, Scope
from portals.sessions import ends
from portals.sessions import log as session_log


def managed_by(user_id: int, portal: Portal | None = None) -> list[Membership]:
    """Where somebody decides about all of this user's access, each with who does; who decides about others' asks the
    plan about their own (V14, V24)."""
    return [
        replace(each, managed=[replace(managed, people=()) if each.manages else managed])
        for each in sorted(doors.history(user_id, portal), key=lambda each: (each.portal, each.label))
        for managed in each.managed
        if not managed.what
    ]


class NoHelpPossible(ValueError):
    """This account does not need that step, or no longer."""


class AddressTaken(ValueError):
    """Another account has this e-mail."""


@dataclass(frozen=True, slots=True)
class Card:
    """What the help desk sees of an account. Nothing here is about anyone's health or money."""

    id: int
    username: str
    name: str
    email: str
    kind: UserKind
    doors: list[str]
    last_signed_in: dt.datetime | None
    active: bool
    asleep: bool
    proven: bool
    must_change_password: bool
    factors: list[Factor]
    sessions: int
    failures: int  # of the last quarter of an hour
    shut: bool  # so many that the door is closed for now
    managed_by: list[Membership]  # each by one
    steps: list[HelpStep]  # what can be done


def look_up(*, by: Scope, typed: str, permission: Desk = Desk.HELP_SIGN_IN) -> User | None:
    """The account whose username or e-mail this is exactly; who was looked for without one is recorded too.
    `permission` is what the account is looked up for. Raises `Refused` for one's own."""
    permissions.require(by, permission)
    name = typed.strip()
    user = users.named(name, among=User.objects.all())
    audit.record(
        kind=Kind.SEARCH,
        action="sign_in_help.look_up",
        outcome=Outcome.DONE if user else Outcome.FAILED,
        subjects=[("user", user.pk)] if user else [],
        object_kind="user",
        object_id=str(user.pk if user else ""),
        **by.audit(),
    )
    if user is not None:
        _not_oneself(by, user)
    return user


def card(user: User) -> Card:
    held = [each.kind for each in factors.held(user)]
    sessions = session_log.live(user).count()
    failures = max(
        rate_limits.failures(door="sign_in", identifier=user.username),
        rate_limits.failures(door="second_step", identifier=str(user.pk)),
    )
    names = brand()["portal_names"]
    return Card(
        id=user.pk,
        username=user.username,
        name=user.display_name,
        email=user.email,
        kind=UserKind(user.kind),
        doors=[
            " · ".join(filter(None, (names.get(each.portal.value, ""), each.label)))
            for each in doors.memberships(user.pk)
        ],
        last_signed_in=user.last_login,
        active=user.is_active,
        asleep=dormancy.asleep(user),
        proven=user.email_proven_at is not None,
        must_change_password=user.must_change_password,
        factors=list(dict.fromkeys(held)),
        sessions=sessions,
        failures=failures,
        shut=failures >= rate_limits.PER_IDENTIFIER,
        managed_by=managed_by(user.pk),
        steps=_steps(user, held=bool(held), sessions=bool(sessions)),
    )


def _steps(user: User, *, held: bool, sessions: bool) -> list[HelpStep]:
    if not user.is_active:
        return []
    possible = {
        HelpStep.WAKE: dormancy.asleep(user),
        HelpStep.CODE: user.email_proven_at is not None,
        HelpStep.FACTORS: held,
        HelpStep.SESSIONS: sessions,
    }
    return [step for step in HelpStep if possible.get(step, True)]


def help_caller(*, by: Scope, user: User, step: HelpStep, check: CallerCheck, note: str, email: str = "") -> None:
    """One step for a caller who was checked. Raises `Refused` for one's own account, `NoHelpPossible`,
    `AddressTaken`."""
    permissions.require(by, Desk.HELP_SIGN_IN)
    _not_oneself(by, user)
    with transaction.atomic():
        row = User.objects.select_for_update().get(pk=user.pk)
        held, sessions = bool(factors.held(row)), session_log.live(row).exists()
        if step not in _steps(row, held=held, sessions=sessions):
            raise NoHelpPossible
        audit.record(
            kind=Kind.CHANGE,
            action=f"sign_in_help.{step.value}",
            subjects=[("user", row.pk)],
            object_kind="user",
            object_id=str(row.pk),
            detail={"check": check.value, "note": note},
            **by.audit(),
        )
        _DO[step](by, row, email)


def _not_oneself(by: Scope, user: User) -> None:
    if by.user_id == user.pk:
        raise Refused(Answer(False, gate=OWN_ACCOUNT, owner="portal"))


# --- The steps ----------------------------------------------------------------------------------------------------


def _wake(by: Scope, user: User, email: str) -> None:
    user.awake_since = timezone.now()
    user.save(update_fields=["awake_since"])
    notices.tell(user, NoticeKind.HELPED, happened=_("Our help desk woke your sleeping account after a call."))


def _send_code(by: Scope, user: User, email: str) -> None:
    """The caller types it where "Forgot your password?" leads, which asks for nothing else."""
    reset.ask(by=by, typed=user.username, at_desk=True)
    notices.tell(user, NoticeKind.HELPED, happened=_("Our help desk sent you a code for a new password after a call."))


def _take_factors(by: Scope, user: User, email: str) -> None:
    notices.tell(
        user,
        NoticeKind.HELPED,
        happened=_("Our help desk took away your second step after a call. You set up a new one when you sign in."),
    )
    factors.remove_all(by=by, user=user)
    codes.end_sign_in(user.pk)
    User.objects.filter(pk=user.pk).update(failed_steps=0)
    ends.everywhere(user, by=by, why=SignedInEnd.CLOSED)


def _end_sessions(by: Scope, user: User, email: str) -> None:
    ends.everywhere(user, by=by, why=SignedInEnd.CLOSED)
    notices.tell(user, NoticeKind.HELPED, happened=_("Our help desk signed you out everywhere after a call."))


def _correct_email(by: Scope, user: User, email: str) -> None:
    """Unproven until a code sent there comes back; codes for signing in no longer go to the former one, which is
    told and can take the change back."""
    if email == user.email:
        raise NoHelpPossible
    former = user.email if user.email_proven_at else ""
    user.email, user.email_proven_at = email, None
    try:
        with transaction.atomic():
            user.save(update_fields=["email", "email_proven_at"])
    except IntegrityError as error:
        raise AddressTaken from error
    EmailCodes.objects.filter(user=user).delete()
    codes.end_sign_in(user.pk)
    ends.everywhere(user, by=by, why=SignedInEnd.CLOSED)
    if former:
        notices.tell(user, NoticeKind.EMAIL, to=former, former_email=former)


def _close(by: Scope, user: User, email: str) -> None:
    """Not this person's account: whoever's record it was tied to may make their own."""
    notices.tell(user, NoticeKind.HELPED, happened=_("Our help desk closed your account after a call."))
    ends.everywhere(user, by=by, why=SignedInEnd.CLOSED)
    codes.end_sign_in(user.pk)
    # The address is free for whoever's it is.
    user.is_active, user.email, user.email_proven_at = False, "", None
    user.save(update_fields=["is_active", "email", "email_proven_at"])
    notices.disown(user, by=by)


_DO = {
    HelpStep.WAKE: _wake,
    HelpStep.CODE: _send_code,
    HelpStep.FACTORS: _take_factors,
    HelpStep.SESSIONS: _end_sessions,
    HelpStep.EMAIL: _correct_email,
    HelpStep.CLOSE: _close,
}
