"""Invitations: one mail, one link, one place in an organization for the person who opens it (E3).

Each app that keeps people registers its kind in `AppConfig.ready`:

    invitation_kinds.register("employer", InvitationKind(portal=Portal.EMPLOYER, accept=..., ...))

Only the keyed hash of a link's token is kept. An invitation lives 14 days and works once; inviting the same address
to the same organization again ends the former one.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Sequence
from dataclasses import replace

from django.conf import settings
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from audit import actions as audit
from audit.enums import Kind
from portals import permissions, users
from portals.crypto import codes
from portals.crypto import values as crypto
from portals.enums import InvitationState, UserKind
from portals.invitations.kinds import (
    AlreadyThere,
    Invitee,
    MemberAccount,
    NotOpen,
    Organization,
    kind_named,
    kind_of,
)
from portals.invitations.queries import in_state, typed_token, vouched
from portals.mail import outbox
from portals.models import Invitation, User
from portals.plan.brand import brand
from portals.plan.periods import PLAN_ZONE
from portals.scope import PartyRef, Portal, Scope, act

LIVES = dt.timedelta(days=14)
LENGTH = 20


# --- Who may invite to what ---------------------------------------------------------------------------------------


def _may(by: Scope, name: str, party: PartyRef) -> None:
    """Raises `Refused`, or LookupError for another organization than one's own."""
    kind = kind_named(name)
    if by.portal is Portal.SYSTEM:
        return
    if by.portal is Portal.DESK:
        permissions.require(by, kind.desk_permission)
        return
    permissions.require(by, kind.own_permission)
    if party != by.party:
        raise LookupError(f"{party} is not {by.party}")


# --- Sending and withdrawing --------------------------------------------------------------------------------------


def invite(*, by: Scope, kind: str, invitee: Invitee) -> Invitation:
    """Mail a fresh link; an open invitation of the same person ends. Raises `AlreadyThere`, `Refused`."""
    with transaction.atomic():
        made = _invite(by, kind, [invitee])
        if not made:
            raise AlreadyThere
        return made[0]


def invite_new(*, by: Scope, kind: str, invitees: Sequence[Invitee]) -> tuple[int, int]:
    """Many at once: whoever holds an open invitation keeps it. How many were invited, and how many had been before."""
    with transaction.atomic():
        _lock(kind)
        now = timezone.now()
        invited = {(row.party, row.email.lower()) for row in _waiting(kind, invitees) if row.expires_at > now}
        fresh = [each for each in invitees if _pair(each) not in invited]
        return len(_invite(by, kind, fresh)), len(invitees) - len(fresh)


def with_access(kind: str, invitees: Sequence[Invitee]) -> set[tuple[int, str]]:
    """Who of them is there already, as pairs of organization and e-mail in lower case. One query."""
    return kind_named(kind).with_access({each.party.id for each in invitees}, {each.email.lower() for each in invitees})


def _pair(invitee: Invitee) -> tuple[str, str]:
    return str(invitee.party), invitee.email.lower()


def _lock(kind: str) -> None:
    """Two who invite the same person at once come one after the other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"invitations.{kind}"])


def _waiting(kind: str, invitees: Sequence[Invitee]) -> list[Invitation]:
    """Of these people: neither accepted nor ended. Those that ran out too."""
    rows = Invitation.objects.filter(
        kind=kind, party__in={str(each.party) for each in invitees}, accepted_at=None, ended_at=None
    )
    pairs = {_pair(each) for each in invitees}
    return [row for row in rows if (row.party, row.email.lower()) in pairs]


def _invite(by: Scope, name: str, invitees: Sequence[Invitee]) -> list[Invitation]:
    """Invitations and mails for all who have no access yet; a handful of statements, however many people."""
    kind = kind_named(name)
    for party in {each.party for each in invitees}:
        _may(by, name, party)
    _lock(name)
    there = with_access(name, invitees)
    invitees = [each for each in invitees if (each.party.id, each.email.lower()) not in there]
    if not invitees:
        return []
    now = timezone.now()
    former = [row.pk for row in _waiting(name, invitees)]
    Invitation.objects.filter(pk__in=former).update(ended_at=now, ended_by=by.actor)
    tokens = ["".join(secrets.choice(codes.ALPHABET) for _n in range(LENGTH)) for _each in invitees]
    made = Invitation.objects.bulk_create(
        [
            Invitation(
                kind=name,
                party=str(each.party),
                role=each.role,
                extra=list(each.extra),
                given_name=each.given_name,
                family_name=each.family_name,
                email=each.email,
                token_hash=crypto.keyed_hash(typed_token(token)),
                invited_by=by.actor,
                expires_at=now + LIVES,
            )
            for each, token in zip(invitees, tokens, strict=True)
        ],
        batch_size=500,
    )
    names = kind.named({each.party.id for each in invitees})
    outbox.post_all(
        _mail(row, names[each.party.id], token) for row, each, token in zip(made, invitees, tokens, strict=True)
    )
    audit.record(
        kind=Kind.CREATE,
        action="invitations.invite",
        subjects=[("invitation", row.pk) for row in made],
        object_kind="invitation",
        object_id=str(made[0].uuid) if len(made) == 1 else "",
        detail={"kind": name, "organizations": len(names), "invitations": len(made)},
        **by.audit(),
    )
    return made


def _mail(row: Invitation, to: Organization, token: str) -> outbox.Mail:
    """It names the plan and the organization, never a person: others may read the mailbox."""
    plan = brand()["name"]
    return outbox.Mail(
        key=f"invitation:{row.uuid}",
        to=row.email,
        subject=_("Set up your access to %(plan)s") % {"plan": plan},
        body=_(
            "%(plan)s opens its website to you for %(organization)s: to set up your access, open this page by "
            "%(day)s and choose a username and a password of your own: %(address)s\n\n"
            "The link is for you alone and works once. If you already have a username for your work here, use it on "
            "that page. If you did not expect this mail, there is nothing to do: without you nothing is opened."
        )
        % {"plan": plan, "organization": to.name, "day": _last_day(row), "address": _address(token)},
    )


def _last_day(row: Invitation) -> str:
    return date_format(timezone.localtime(row.expires_at, PLAN_ZONE), pgettext("date within a sentence", "F j, Y"))


def _address(token: str) -> str:
    return f"{settings.SITE_URL}{reverse('door:invitation', kwargs={'token': codes.hyphenated(token)})}"


def again(*, by: Scope, invitation: Invitation) -> Invitation:
    """The same person, a fresh link. Raises `NotOpen` once it was accepted, or taken back where two people approved
    what it opens (nobody brings that back alone), `AlreadyThere`, `Refused`."""
    if invitation.accepted_at is not None or (invitation.extra and invitation.ended_at is not None):
        raise NotOpen
    invitee = Invitee(
        party=PartyRef.parse(invitation.party),
        role=invitation.role,
        extra=tuple(invitation.extra),
        given_name=invitation.given_name,
        family_name=invitation.family_name,
        email=invitation.email,
    )
    return invite(by=by, kind=invitation.kind, invitee=invitee)


def withdraw(*, by: Scope, invitation: Invitation) -> None:
    """The link opens nothing any more. Raises `NotOpen` when it was accepted or withdrawn meanwhile, `Refused`."""
    _may(by, invitation.kind, PartyRef.parse(invitation.party))
    with transaction.atomic():
        waiting = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, ended_at=None)
        if not waiting.update(ended_at=timezone.now(), ended_by=by.actor):
            raise NotOpen
        _record(by, invitation, Kind.DELETE, "invitations.withdraw")


def end_sent_by(*user_ids: int, to: PartyRef, by: Scope) -> None:
    """Whoever loses the place at an organization leaves no link behind that brings them back. The caller decides
    that the places end, and calls in that transaction. Two statements, however many."""
    senders = [f"user:{user_id}" for user_id in user_ids]
    open_ = Invitation.objects.filter(party=str(to), invited_by__in=senders, accepted_at=None, ended_at=None)
    rows = list(open_.select_for_update().values_list("pk", flat=True))
    if not rows:
        return
    Invitation.objects.filter(pk__in=rows).update(ended_at=timezone.now(), ended_by=by.actor)
    audit.record(
        kind=Kind.DELETE,
        action="invitations.sender_left",
        subjects=[("invitation", pk) for pk in rows],
        object_kind="invitation",
        detail={"party": str(to), "invitations": len(rows)},
        **by.audit(),
    )


# --- Accepting ----------------------------------------------------------------------------------------------------


def accept(*, by: Scope, invitation: Invitation, user: User) -> None:
    """Give this work account its place; once. Raises `NotOpen`, `AlreadyThere`, `MemberAccount`."""
    if user.kind != UserKind.WORK:
        raise MemberAccount
    with transaction.atomic():
        _take(by, _hold(invitation), user)


def accept_as_new(
    *, by: Scope, invitation: Invitation, username: str, password: str, email: str, given_name: str, family_name: str
) -> User:
    """An own account and its place in one. The invited address counts as proven, since the link came there; another
    one does not. Raises `NotOpen`, `users.TakenError`."""
    with transaction.atomic():
        row = _hold(invitation)
        user = User(
            username=username,
            email=email,
            given_name=given_name,
            family_name=family_name,
            kind=UserKind.WORK,
            email_proven_at=timezone.now() if email == row.email else None,
        )
        user.set_password(password)
        users.save_new(user)
        own = replace(by, actor=f"user:{user.pk}", user_id=user.pk)
        act(own)
        audit.record(
            kind=Kind.CREATE, action="invitations.account", object_kind="user", object_id=str(user.pk), **own.audit()
        )
        _take(own, row, user)
    return user


def _hold(invitation: Invitation) -> Invitation:
    """Locked: of two tabs one wins, and the other is told."""
    rows = Invitation.objects.select_for_update().filter(pk=invitation.pk)
    row = in_state(rows, InvitationState.OPEN).first()
    if row is None or not vouched(row):
        raise NotOpen
    return row


def _take(by: Scope, row: Invitation, user: User) -> None:
    kind_of(row).accept(row, user)
    row.accepted_at, row.accepted_by = timezone.now(), user
    row.save(update_fields=["accepted_at", "accepted_by"])
    _record(by, row, Kind.CHANGE, "invitations.accept")


def _record(by: Scope, row: Invitation, kind: Kind, action: str) -> None:
    audit.record(
        kind=kind,
        action=action,
        subjects=[("invitation", row.pk)],
        object_kind="invitation",
        object_id=str(row.uuid),
        detail={"kind": row.kind, "party": row.party, "role": row.role, "extra": row.extra},
        **by.audit(),
    )
