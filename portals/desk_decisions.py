"""Four eyes: what one person of the desk proposes is carried out when another one approves it, or never."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit import actions as audit
from audit.enums import Kind, Outcome
from portals import desk, permissions
from portals.desk import Decision, NotAllowed
from portals.enums import REQUEST_TRANSITIONS, RequestStatus
from portals.models import DeskProposal, DeskRequest
from portals.permissions import Answer, Refused
from portals.scope import PartyRef, Scope

OWN_PROPOSAL = "desk.own_proposal"  # a gate that is no permission


def register() -> None:
    permissions.describe_gate(
        OWN_PROPOSAL,
        reason=_("You proposed this yourself. Access and money are granted by two people."),
        opener=_("Another person of your team approves it."),
    )


class AlreadyProposed(ValueError):
    """Somebody else was quicker; their proposal waits."""


def open_proposal(request: DeskRequest) -> DeskProposal | None:
    return request.proposals.filter(decided_at=None).select_related("proposed_by").first()


def propose(*, request_id: int, decision: dict[str, Any], by: Scope, text: str = "") -> DeskRequest:
    """Put a decision before a second person; a kind that needs no second one carries it out at once. Raises
    `NotAllowed`, `AlreadyProposed`, `desk.CannotCarryOut`, `Refused`."""
    with transaction.atomic():
        row = DeskRequest.objects.select_for_update().get(pk=request_id)
        made = _decision(row, by)
        if not made.four_eyes:
            return _close(row, decision, made, by, text)
        if RequestStatus.PROPOSED not in REQUEST_TRANSITIONS[row.status]:
            raise AlreadyProposed if row.status == RequestStatus.PROPOSED else NotAllowed(row.status)
        assert by.user_id is not None
        try:
            with transaction.atomic():
                DeskProposal.objects.create(request=row, decision=decision, proposed_by_id=by.user_id)
        except IntegrityError as error:
            raise AlreadyProposed from error
        if row.owner_id is None:
            row.owner_id = by.user_id
            row.save(update_fields=["owner"])
        return desk.change_status(request_id=row.pk, status=RequestStatus.PROPOSED, by=by, text=text)


def file(
    *,
    kind: str,
    key: str,
    title: str,
    detail: dict[str, Any],
    decision: dict[str, Any],
    by: Scope,
    party: PartyRef | None = None,
) -> DeskRequest:
    """Open a request of the desk's own, after a call or a letter, and propose at once what is to come of it: both or
    neither. Sent twice under one `key`, it is the first request, whatever became of that. Raises as `propose` does."""
    with transaction.atomic():
        row = desk.open_request(kind=kind, key=key, title=title, detail=detail, party=party, owner_id=by.user_id, by=by)
        row = DeskRequest.objects.select_for_update().get(pk=row.pk)
        if row.remarks.count() > 1:  # more happened than that it was opened
            return row
        return propose(request_id=row.pk, decision=decision, by=by)


def approve(*, request_id: int, by: Scope, text: str = "") -> DeskRequest:
    """The second person: carries it out and closes the request, all or nothing. Raises `Refused` for one's own
    proposal, `NotAllowed` where none waits any more, `desk.CannotCarryOut`."""
    with transaction.atomic():
        row = DeskRequest.objects.select_for_update().get(pk=request_id)
        made = _decision(row, by)
        proposal = _decide(row, by, approved=True)
        return _close(row, proposal.decision, made, by, text)


def send_back(*, request_id: int, by: Scope, text: str) -> DeskRequest:
    """The second person, or the first one after all: not so; it is in work again. Raises `NotAllowed`."""
    with transaction.atomic():
        row = DeskRequest.objects.select_for_update().get(pk=request_id)
        _decision(row, by)
        proposal = open_proposal(row)
        if proposal is not None and proposal.proposed_by_id == by.user_id:
            proposal.delete()  # taken back by whoever made it: nobody has decided anything
        else:
            _decide(row, by, approved=False)
        return desk.change_status(request_id=row.pk, status=RequestStatus.IN_WORK, by=by, text=text)


def _decision(row: DeskRequest, by: Scope) -> Decision:
    made = desk.kind_of(row).decision
    if made is None:
        raise NotAllowed(f"{row.kind} has nothing to decide")
    permissions.require(by, made.permission)
    return made


def _decide(row: DeskRequest, by: Scope, *, approved: bool) -> DeskProposal:
    proposal = open_proposal(row)
    if proposal is None:
        raise NotAllowed("nothing is proposed any more")
    if proposal.proposed_by_id == by.user_id:
        raise Refused(Answer(False, gate=OWN_PROPOSAL, owner="portal"))
    proposal.decided_by_id, proposal.decided_at, proposal.approved = by.user_id, timezone.now(), approved
    proposal.save(update_fields=["decided_by", "decided_at", "approved"])
    audit.record(
        kind=Kind.CHANGE,
        action="desk.approve" if approved else "desk.send_back",
        outcome=Outcome.DONE,
        object_kind="desk_request",
        object_id=str(row.pk),
        detail={"proposed_by": proposal.proposed_by_id},
        **by.audit(),
    )
    return proposal


def _close(row: DeskRequest, decision: dict[str, Any], made: Decision, by: Scope, text: str) -> DeskRequest:
    if RequestStatus.DONE not in REQUEST_TRANSITIONS[row.status]:
        raise NotAllowed(row.status)
    made.carry_out(row, decision, by)
    return desk.change_status(request_id=row.pk, status=RequestStatus.DONE, by=by, text=text)
