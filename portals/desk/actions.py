"""The service desk: one queue with one frame. Each app contributes its kinds of request.

    desk_kinds.register("enrollment.file_waits", RequestKind(team=Team.ENROLLMENT, label=_("Full file waits")))
    desk.open_request(kind="enrollment.file_waits", key=f"file:{pk}", title=..., by=scope)

What people of a portal ask for stands in `portals.desk.own_requests`, what a second person must approve in
`portals.desk.decisions`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from audit import actions as audit
from audit.enums import Kind as AuditKind
from portals.desk import mail as desk_mail
from portals.desk.kinds import NotAllowed, kind_named, kind_of
from portals.enums import REQUEST_OVER, REQUEST_TRANSITIONS, RequestStatus, Team
from portals.files import uploads
from portals.files.uploads import Checked
from portals.models import DeskAttachment, DeskRemark, DeskRequest, StaffRole
from portals.plan import clock, periods
from portals.scope import PartyRef, Portal, Scope


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asked: a user for a party, or somebody without an account who reads `reply_to`."""

    user_id: int | None = None
    party: PartyRef | None = None
    reply_to: str = ""

    @classmethod
    def of(cls, scope: Scope) -> Asker:
        """The person of a scope, for their own organization also while acting for another."""
        return cls(user_id=scope.user_id, party=scope.home or scope.party)


NOBODY_ASKED = Asker()


def open_request(
    *,
    kind: str,
    key: str,
    title: str,
    by: Scope,
    party: PartyRef | None = None,
    detail: dict[str, Any] | None = None,
    due_date: dt.date | None = None,
    asker: Asker = NOBODY_ASKED,
    owner_id: int | None = None,
    team: Team | None = None,
    files: Sequence[Checked] = (),
) -> DeskRequest:
    """Open a request once per `key` and say who caused it, with the files that were sent. Its due day is counted from
    the business date where the kind says how many business days it may take. `team`: another queue than the kind's
    own."""
    made_of = kind_named(kind)
    days = made_of.business_days
    if due_date is None and days is not None:
        due_date = periods.add_business_days(clock.today(), days, clock.closings())
    with transaction.atomic():
        row, made = DeskRequest.objects.get_or_create(
            key=key,
            defaults={
                "kind": kind,
                "team": team or made_of.team,
                "party": str(party or ""),
                "title": title[:200],
                "detail": detail or {},
                "due_date": due_date,
                "asked_by_id": asker.user_id,
                "asked_party": str(asker.party or ""),
                "reply_to": asker.reply_to,
                "owner_id": owner_id,
            },
        )
        if made:
            first = DeskRemark.objects.create(request=row, by=by.actor, status=RequestStatus.OPEN, shared=True)
            audit.record(
                kind=AuditKind.CREATE,
                action="desk.open_request",
                object_kind="desk_request",
                object_id=str(row.pk),
                detail={"kind": kind},
                **by.audit(),
            )
            attach(first, files, by=by)
            desk_mail.received(row, first)
        return row


# --- Working on it ------------------------------------------------------------------------------------------------


def change_status(
    *,
    request_id: int,
    status: str,
    by: Scope,
    text: str = "",
    shared: bool = False,
    files: Sequence[Checked] = (),
) -> DeskRequest:
    """The one door of a request's status: a remark says who, when and why. Whoever asked is told of the status, and
    reads the text where it is `shared`. Raises NotAllowed."""
    with transaction.atomic():
        row = DeskRequest.objects.select_for_update().get(pk=request_id)
        if status not in REQUEST_TRANSITIONS[row.status]:
            raise NotAllowed(f"{row.status} -> {status}")
        _move(row, status, by)
        entry = remark(request=row, by=by, text=text, status=status, shared=shared, files=files)
        if _worth_a_mail(status):
            desk_mail.moved(row, entry)
        return row


def set_by_hand(
    *,
    request_id: int,
    status: str,
    by: Scope,
    text: str = "",
    shared: bool = False,
    files: Sequence[Checked] = (),
) -> DeskRequest:
    """`change_status` as a person of the desk chooses it on the request's page. Raises NotAllowed."""
    with transaction.atomic():
        row = DeskRequest.objects.select_for_update().get(pk=request_id)
        if status not in settable(row):
            raise NotAllowed(f"{row.status} -> {status} by hand")
        return change_status(request_id=row.pk, status=status, by=by, text=text, shared=shared, files=files)


def settable(request: DeskRequest) -> list[str]:
    """The statuses that a person of the desk may choose by hand, in the order of the enum. What a decision ends is
    ended by it alone, and is not opened again: a new request is."""
    allowed = REQUEST_TRANSITIONS[request.status] - {RequestStatus.PROPOSED, RequestStatus.WITHDRAWN}
    if request.status == RequestStatus.PROPOSED:
        return []
    kind = kind_of(request)
    if kind.own_end:
        allowed -= {*REQUEST_OVER, RequestStatus.OPEN}
    if kind.decision is not None:
        allowed -= {RequestStatus.DONE}
        allowed -= {RequestStatus.OPEN} if request.status in REQUEST_OVER else set()
    return [status for status in RequestStatus.values if status in allowed]


def _move(row: DeskRequest, status: str, by: Scope) -> None:
    row.status = status
    row.closed_at = timezone.now() if status in REQUEST_OVER else None
    if status == RequestStatus.IN_WORK and row.owner_id is None and by.portal is Portal.DESK:
        row.owner_id = by.user_id
    row.save(update_fields=["status", "owner", "closed_at"])


def _worth_a_mail(status: str) -> bool:
    """A second person's look is the desk's own business."""
    return status != RequestStatus.PROPOSED


def remark(
    *,
    request: DeskRequest,
    by: Scope,
    text: str,
    status: str = "",
    shared: bool = False,
    files: Sequence[Checked] = (),
) -> DeskRemark:
    """Write it down, with its files and a row of the ledger, without a mail to anybody (`reply` sends one). Whoever
    asked reads it on their page only where it is `shared`."""
    with transaction.atomic():
        row = DeskRemark.objects.create(request=request, by=by.actor, status=status, text=text, shared=shared)
        audit.record(
            kind=AuditKind.CHANGE,
            action="desk.remark",
            object_kind="desk_request",
            object_id=str(request.pk),
            detail={"status": status} if status else None,
            **by.audit(),
        )
        attach(row, files, by=by)
        return row


def attach(remark: DeskRemark, files: Sequence[Checked], *, by: Scope) -> None:
    """Keep the files of a remark; five at most come with one form."""
    owner = PartyRef("desk_request", remark.request_id)
    DeskAttachment.objects.bulk_create(
        DeskAttachment(remark=remark, stored=uploads.take(file, owner=owner, by=by)) for file in files
    )


def reply(*, request: DeskRequest, by: Scope, text: str, files: Sequence[Checked] = ()) -> DeskRemark:
    """A remark that whoever asked reads, and is mailed of."""
    with transaction.atomic():
        answer = remark(request=request, by=by, text=text, shared=True, files=files)
        desk_mail.answered(request, answer)
        return answer


class NotOfTheTeam(ValueError):
    """A request belongs to people of its team."""


def assign(*, request_id: int, to_user_id: int | None, by: Scope) -> DeskRequest:
    """Give it to a person of its team, or back to the queue. Raises NotOfTheTeam."""
    with transaction.atomic():
        row = DeskRequest.objects.select_for_update().get(pk=request_id)
        if to_user_id is not None and not _in_team(to_user_id, row.team):
            raise NotOfTheTeam
        if row.owner_id != to_user_id:
            row.owner_id = to_user_id
            row.save(update_fields=["owner"])
            _record(row, "desk.assign", by, owner=to_user_id)
        return row


def hand_over(*, request_id: int, team: Team, by: Scope, text: str) -> DeskRequest:
    """To another team's queue, without an owner. What only its own team may decide or end stays; raises NotAllowed for
    that and for what is over."""
    with transaction.atomic():
        row = DeskRequest.objects.select_for_update().get(pk=request_id)
        if row.status in REQUEST_OVER or kind_of(row).stays or team == row.team:
            raise NotAllowed(f"{row.kind} to {team}")
        row.team, row.owner_id = team, None
        row.save(update_fields=["team", "owner"])
        _record(row, "desk.hand_over", by, team=team.value)
        remark(request=row, by=by, text=text)
        return row


def _in_team(user_id: int, team: str) -> bool:
    return StaffRole.objects.filter(user_id=user_id, team=team, ended_at=None, user__is_active=True).exists()


def _record(row: DeskRequest, action: str, by: Scope, **detail: object) -> None:
    audit.record(
        kind=AuditKind.CHANGE,
        action=action,
        object_kind="desk_request",
        object_id=str(row.pk),
        detail=detail,
        **by.audit(),
    )
