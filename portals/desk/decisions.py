"""Four eyes: what one person of the desk proposes is carried out when another one approves it, or never."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit import actions as audit
from audit.enums import Kind, Outcome
from portals import permissions
from portals.desk import actions as desk
from portals.desk import kinds as desk_kinds
from portals.desk.kinds import Decision, NotAllowed
from portals.enums import REQUEST_TRANSITIONS, RequestStatus
from portals.models import DeskProposal, DeskRequest
from portals.permissions import Answer, Refused
from portals.scope import PartyRef, Scope

OWN_PROPOSAL = "desk.own_proposal"  # gates that are no permission
OWN_BENEFIT = "desk.own_benefit"


def register() -> None:
    permissions.describe_gate(
        OWN_PROPOSAL,
        reason=_("You proposed this yourself. Access and money are granted by two people."),
        opener=_("Another person of your team approves it."),
    )
    permissions.describe_gate(
        OWN_BENEFIT,
        reason=_("You asked for this yourself, or would get it. Nobody decides on their own access."),
        opener=_("Two other people of the team decide."),
    )


class AlreadyProposed(ValueError):
    """Somebody else was quicker; their proposal waits."""


def open_proposal(request: DeskRequest) -> DeskProposal | None:
    waiting = request.proposals.filter(decided_at=None, taken_back_at=None)
    return waiting.select_related("proposed_by").first()


def propose(*, request_id: int, decision: dict[str, Any], by: Scope, text: str = "") -> DeskRequest:
    """Put a decision before a second person; a kind that needs no second one carries it out at once. Raises
    `NotAllowed`, `AlreadyProposed`, `desk.CannotCarryOut`, `Refused`."""
    with transaction.atomic():
        row = DeskRequest.objects.select_for_update().get(pk=request_id)
        made = _decision(row, by)
        _for_somebody_else(row, made, decision, by)
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


def approve(*, request_id: int, proposal_id: int, by: Scope, text: str = "") -> DeskRequest:
    """The second person: carries out the proposal that they read, and closes the request, all or nothing. Raises
    `Refused` for one's own proposal or benefit, `NotAllowed` where this one does not wait any more,
    `desk.CannotCarryOut`."""
    with transaction.atomic():
        row = DeskRequest.objects.select_for_update().get(pk=request_id)
        made = _decision(row, by)
        proposal = _waiting(row, proposal_id)
        _for_somebody_else(row, made, proposal.decision, by)
        _decide(row, proposal, by, approved=True)
        return _close(row, proposal.decision, made, by, text)


def send_back(*, request_id: int, proposal_id: int, by: Scope, text: str) -> DeskRequest:
    """The second person, or the first one after all: not so; it is in work again. Raises `NotAllowed`."""
    with transaction.atomic():
        row = DeskRequest.objects.select_for_update().get(pk=request_id)
        _decision(row, by)
        proposal = _waiting(row, proposal_id)
        if proposal.proposed_by_id == by.user_id:
            proposal.taken_back_at = timezone.now()
            proposal.save(update_fields=["taken_back_at"])
            _record(row, proposal, "desk.take_back", by)
        else:
            _decide(row, proposal, by, approved=False)
        return desk.change_status(request_id=row.pk, status=RequestStatus.IN_WORK, by=by, text=text)


def _decision(row: DeskRequest, by: Scope) -> Decision:
    made = desk_kinds.kind_of(row).decision
    if made is None:
        raise NotAllowed(f"{row.kind} has nothing to decide")
    permissions.require(by, made.permission)
    return made


def _waiting(row: DeskRequest, proposal_id: int) -> DeskProposal:
    """The very proposal that a page showed: another one that took its place meanwhile was read by nobody."""
    proposal = open_proposal(row)
    if proposal is None or proposal.pk != proposal_id or row.status != RequestStatus.PROPOSED:
        raise NotAllowed("this is not proposed any more")
    return proposal


def _for_somebody_else(row: DeskRequest, made: Decision, decision: dict[str, Any], by: Scope) -> None:
    """One sign-in may stand behind several work places: whoever asked or gets it is none of the two."""
    gets = made.whose(row, decision) if made.whose else set()
    if by.user_id is not None and by.user_id in {row.asked_by_id, *gets}:
        raise Refused(Answer(False, gate=OWN_BENEFIT, owner="portal"))


def _decide(row: DeskRequest, proposal: DeskProposal, by: Scope, *, approved: bool) -> None:
    if proposal.proposed_by_id == by.user_id:
        raise Refused(Answer(False, gate=OWN_PROPOSAL, owner="portal"))
    proposal.decided_by_id, proposal.decided_at, proposal.approved = by.user_id, timezone.now(), approved
    proposal.save(update_fields=["decided_by", "decided_at", "approved"])
    _record(row, proposal, "desk.approve" if approved else "desk.send_back", by)


def _record(row: DeskRequest, proposal: DeskProposal, action: str, by: Scope) -> None:
    audit.record(
        kind=Kind.CHANGE,
        action=action,
        outcome=Outcome.DONE,
        object_kind="desk_request",
        object_id=str(row.pk),
        detail={"proposal": proposal.pk, "proposed_by": proposal.proposed_by_id},
        **by.audit(),
    )


def _close(row: DeskRequest, decision: dict[str, Any], made: Decision, by: Scope, text: str) -> DeskRequest:
    if RequestStatus.DONE not in REQUEST_TRANSITIONS[row.status]:
        raise NotAllowed(row.status)
    made.carry_out(row, decision, by)
    return desk.change_status(request_id=row.pk, status=RequestStatus.DONE, by=by, text=text)
