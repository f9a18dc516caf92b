"""The employer's own people: invited, let in, removed. A place is ended, never deleted; the person stays."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit import actions as audit
from audit.enums import Kind
from employers import queries
from employers.access import Employer
from employers.enums import EmployerRole
from employers.models import EmployerUser
from members.queries import clients
from portals import permissions
from portals.access import Desk
from portals.access_reviews import kinds as review_kinds
from portals.files import csv_import
from portals.files.csv_import import Column, ImportReport, Refusal
from portals.invitations import actions as invitations
from portals.invitations import kinds as invitation_kinds
from portals.invitations.kinds import InvitationKind, Invitee, Organization
from portals.models import Invitation, User
from portals.scope import PartyRef, Portal, Scope

KIND = "employer"


class LastAdministrator(review_kinds.LastManager):
    """An employer keeps at least one administrator; client management invites the next one."""


def remove(*, by: Scope, place_id: int) -> None:
    """End a person's place at this employer at once: the open session is dead on the next click, and so are the
    invitations that the person sent. The person, and places elsewhere, stay. Raises EmployerUser.DoesNotExist out of
    scope, LastAdministrator."""
    permissions.require(by, Employer.MANAGE_USERS)
    assert by.party is not None
    end_places(by=by, party_id=by.party.id, place_ids=[place_id])


def end_places(*, by: Scope, party_id: int, place_ids: Collection[int]) -> None:
    """End these places at an employer, all or none, whoever decided it. A handful of statements, one row of the ledger.
    Raises EmployerUser.DoesNotExist where one is not there any more, LastAdministrator."""
    with transaction.atomic():
        ended = review_kinds.lock_ending(
            EmployerUser.objects.visible_to(by).filter(client_id=party_id),
            place_ids,
            manages=lambda place: place.role == EmployerRole.ADMINISTRATOR,
            refusal=LastAdministrator,
        )
        EmployerUser.objects.filter(pk__in=[place.pk for place in ended]).update(ended_at=timezone.now())
        audit.record(
            kind=Kind.DELETE,
            action="employers.users.remove",
            subjects=[("user", place.user_id) for place in ended],
            object_kind="employer_user",
            object_id=",".join(str(place.pk) for place in ended),
            **by.audit(),
        )
        invitations.end_sent_by(*(place.user_id for place in ended), to=PartyRef("client", party_id), by=by)


# --- Invitations --------------------------------------------------------------------------------------------------


def _find(client_id: str) -> PartyRef | None:
    row = clients.numbered([client_id]).get(client_id)
    return PartyRef("client", row.id) if row else None


def _named(ids: Collection[int]) -> dict[int, Organization]:
    return {pk: Organization(name=row.name, number=row.client_id) for pk, row in clients.named(ids).items()}


def _accept(invitation: Invitation, user: User) -> None:
    client_id = PartyRef.parse(invitation.party).id
    with invitation_kinds.joining():
        EmployerUser.objects.create(client_id=client_id, user=user, role=invitation.role)


INVITATIONS = InvitationKind(
    portal=Portal.EMPLOYER,
    label=_("Employer"),
    number_label=_("Client ID"),
    roles=EmployerRole.choices,
    desk_permission=Desk.INVITE_EMPLOYERS,
    desk_roles=(EmployerRole.ADMINISTRATOR.value,),
    own_permission=Employer.MANAGE_USERS,
    find=_find,
    named=_named,
    with_access=queries.with_access,
    accept=_accept,
)


# --- A whole wave of a migration ----------------------------------------------------------------------------------

COLUMNS = (
    Column("client_id", csv_import.code(12)),
    Column("given_name", csv_import.text(60)),
    Column("family_name", csv_import.text(60)),
    Column("email", csv_import.email),
    Column("role", csv_import.choice(*EmployerRole.values), EmployerRole.ADMINISTRATOR.value),
)


def invite_file(path: Path, *, by: Scope) -> ImportReport:
    """Invite everybody of a file; a second time nobody twice. Raises `Unreadable` (nobody is invited), `OSError`."""
    table = csv_import.read(path, COLUMNS)
    report = ImportReport()
    refusals: list[Refusal] = []
    invitees: dict[tuple[int, str], Invitee] = {}
    lines: dict[tuple[int, str], int] = {}
    known = clients.numbered({row["client_id"] for row in table.rows})
    for row in table.rows:
        client = known.get(row["client_id"])
        if client is None:
            refusals.append(Refusal(row.line, "client_id", "no client has this Client ID", table.name))
            continue
        pair = (client.id, row["email"].lower())
        if pair in invitees:
            reason = f"stands on line {lines[pair]} for the same client"
            refusals.append(Refusal(row.line, "email", reason, table.name))
            continue
        lines[pair] = row.line
        names = row.part(["given_name", "family_name", "email", "role"])
        invitees[pair] = Invitee(party=PartyRef("client", client.id), **names)
    with transaction.atomic():
        there = invitations.with_access(KIND, list(invitees.values()))
        absent = [each for pair, each in invitees.items() if pair not in there]
        fresh, before = invitations.invite_new(by=by, kind=KIND, invitees=absent)
        report.add(table, refusals)
        report.counts = {"invited": fresh, "invited_before": before, "have_access": len(invitees) - len(absent)}
        audit.record(
            kind=Kind.CHANGE,
            action="employers.users.invite_file",
            object_kind="invitation",
            detail={"rows": report.rows, "refused": report.refused_rows, **report.counts},
            **by.audit(),
        )
    return report
