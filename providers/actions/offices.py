"""A non-participating medical office gets its access on its call to Customer Care (V6, ruling 31).

Two people of Customer Care do it: who takes the call files it, another one approves. It makes a practice out of what a
voice said and opens patients' eligibility to it, and access is granted by two. The caller is not kept for it: the
invitation goes by mail anyway, some minutes later.
"""

from __future__ import annotations

import datetime as dt
import secrets
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from audit import actions as audit
from audit.enums import Kind
from portals import permissions
from portals.access import Desk
from portals.crypto import codes
from portals.desk import decisions as desk_decisions
from portals.desk import kinds as desk_kinds
from portals.invitations import actions as invitations
from portals.invitations import kinds as invitation_kinds
from portals.invitations.kinds import Invitee
from portals.models import DeskRequest
from portals.plan import clock
from portals.scope import PartyRef, Scope
from providers import queries
from providers.actions.practices import LOCK
from providers.enums import NON_PARTICIPATING, Discipline, PracticeRole
from providers.models import OfficeAuthorization, Practice

OFFICE = ("name", "tax_id", "npi", "address", "city", "state", "zip", "phone")


def take_call(*, by: Scope, call: dict[str, Any], once: str) -> DeskRequest:
    """File what the caller said and propose it to a second person; sent twice, it is one request. `call` is what
    `OfficeForm.call` makes, with `practice` where the office is on file already. Raises `Refused`."""
    permissions.require(by, Desk.REGISTER_OFFICE)
    known = call["practice"]
    return desk_decisions.file(
        kind=NON_PARTICIPATING,
        key=f"{NON_PARTICIPATING}:{by.actor}:{once}",
        title=call["name"],
        detail={**call, "taken_by": by.user_id},
        party=PartyRef("practice", known) if known else None,
        decision=call,
        by=by,
    )


def carry_out(request: DeskRequest, call: dict[str, Any], by: Scope) -> None:
    """The practice, where it is not on file, the provider's authorization, and the office manager's invitation. In
    the transaction of the approval; raises `desk.CannotCarryOut` where something changed since the call."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [LOCK])
    practice = _on_file(call["practice"]) if call["practice"] else _new(call, by)
    authorize(practice, request=request, call=call, taken_by=request.detail["taken_by"], by=by)
    try:
        invite(practice, call=call, by=by)
    except invitation_kinds.AlreadyThere as error:
        raise desk_kinds.CannotCarryOut(_("The person with this address has access there already.")) from error


def _on_file(practice_id: int) -> Practice:
    practice = Practice.objects.get(pk=practice_id)
    if participates(practice, clock.today()):
        raise desk_kinds.CannotCarryOut(_("This office participates now. It registers by itself."))
    return practice


def participates(practice: Practice, as_of: dt.date) -> bool:
    return practice.participating is not None and as_of in practice.participating


def _new(call: dict[str, Any], by: Scope) -> Practice:
    known = queries.known_offices(tax_id=call["tax_id"], npi=call["npi"])
    if known:
        raise desk_kinds.CannotCarryOut(
            _("Meanwhile it came on file as Provider ID %(number)s. Send this back and file the call again.")
            % {"number": known[0].provider_id}
        )
    practice = Practice.objects.create(
        provider_id=_provider_id(), discipline=Discipline.MEDICAL, **{name: call[name] for name in OFFICE}
    )
    audit.record(
        kind=Kind.CREATE,
        action="providers.offices.create",
        subjects=[("practice", practice.pk)],
        object_kind="practice",
        object_id=str(practice.pk),
        **by.audit(),
    )
    return practice


def _provider_id() -> str:
    """Two fours that nobody guesses (38 bits); whoever is quicker with the same one is refused by the database."""
    letters = "".join(secrets.choice(codes.ALPHABET) for _n in range(8))
    return f"P-{letters[:4]}-{letters[4:]}"


def authorize(practice: Practice, *, request: DeskRequest, call: dict[str, Any], taken_by: int, by: Scope) -> None:
    """Keep who authorized the office manager, when, and how the caller was checked (V17, ruling 32)."""
    row = OfficeAuthorization.objects.create(
        practice=practice,
        authorized_by=call["authorized_by"],
        authorized_on=dt.date.fromisoformat(call["authorized_on"]),
        manager_email=call["email"],
        caller=f"{call['caller_name']}, {call['caller_role']}",
        check_made=call["check"],
        note=call["note"],
        taken_by_id=taken_by,
        request=request,
    )
    audit.record(
        kind=Kind.CREATE,
        action="providers.offices.authorize",
        subjects=[("practice", practice.pk)],
        object_kind="office_authorization",
        object_id=str(row.pk),
        detail={"check": row.check_made},
        **by.audit(),
    )


def invite(practice: Practice, *, call: dict[str, Any], by: Scope) -> None:
    """Raises `invitations.AlreadyThere`, `Refused`."""
    invitee = Invitee(
        party=PartyRef("practice", practice.pk),
        role=PracticeRole.MANAGER.value,
        given_name=call["given_name"],
        family_name=call["family_name"],
        email=call["email"],
    )
    invitations.invite(by=by, kind="provider", invitee=invitee)
