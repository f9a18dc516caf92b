"""The service desk: one queue with one frame. Each app contributes its kinds of request.

desk.register("enrollment.file_waits", Kind(team=Team.ENROLLMENT, label=_("Full file waits"), url=_page_of_file))
desk.open_request(kind="enrollment.file_waits", key=f"file:{pk}", title=..., by=scope)

What people of a portal ask for stands in `portals.desk_asking`, what a second person must approve in
`portals.desk_decisions`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import pgettext

from audit import actions as audit
from audit.enums import Kind as AuditKind
from portals.access import Desk
from portals.desk import mail as desk_mail
from portals.enums import REQUEST_OVER, REQUEST_TRANSITIONS, RequestStatus, Team
from portals.files import uploads
from portals.files.uploads import Checked
from portals.models import DeskAttachment, DeskRemark, DeskRequest, StaffRole
from portals.plan import clock, periods
from portals.scope import PartyRef, Portal, Scope

Said = Sequence[tuple[Any, str]]  # pairs of a label and its words


@dataclass(frozen=True, slots=True)
class Decision:
    """What the desk grants on a request of a kind. One person proposes what the form holds; with `four_eyes` another
    one approves it, and only then it is carried out, in the transaction that closes the request."""

    form: Callable[..., DecisionForm]  # form(data, request=row)
    said: Callable[[DeskRequest, dict[str, Any]], Said]  # what the second person reads
    carry_out: Callable[[DeskRequest, dict[str, Any], Scope], None]  # raises CannotCarryOut
    permission: str = Desk.WORK_QUEUE
    four_eyes: bool = True
    whose: Callable[[DeskRequest, dict[str, Any]], set[int]] | None = None  # users who get it: none of the two decides


class DecisionForm(forms.Form):
    """Fields of a decision; `decision` is what is kept of them, as JSON."""

    def __init__(self, *args: Any, request: DeskRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request

    def decision(self) -> dict[str, Any]:
        return dict(self.cleaned_data)


@dataclass(frozen=True, slots=True)
class Kind:
    """How a kind of request is named, who works it, how many business days they have, and where its own page is (None:
    the frame's page suffices). `facts` puts the request's detail into words."""

    team: Team
    label: Any
    url: Callable[[DeskRequest], str] | None = None
    business_days: int | None = None
    facts: Callable[[DeskRequest], Said] | None = None
    decision: Decision | None = None
    own_end: bool = False  # its own page alone ends it, since something else ends with it

    @property
    def stays(self) -> bool:
        """With its team, which alone has the permission that it needs."""
        return self.own_end or self.decision is not None


_kinds: dict[str, Kind] = {}


def register(name: str, kind: Kind) -> None:
    _kinds[name] = kind


def kind_of(request: DeskRequest) -> Kind:
    return _kinds[request.kind]


def kind_named(name: str) -> Kind:
    return _kinds[name]


def kinds_of(teams: Sequence[str]) -> dict[str, Kind]:
    """Kinds that these teams work, by name."""
    return {name: kind for name, kind in _kinds.items() if kind.team in teams}


def facts(request: DeskRequest) -> Said:
    found = kind_of(request).facts
    if found is not None:
        return found(request)
    return [(name.replace("_", " ").capitalize(), str(value)) for name, value in request.detail.items()]


def said_day(iso: str) -> str:
    """A day of a request's detail, for people."""
    return date_format(dt.date.fromisoformat(iso), pgettext("date within a sentence", "F j, Y"))


class NotAllowed(ValueError):
    """The table of transitions does not know this change, or a kind asks for a decision first."""


class CannotCarryOut(ValueError):
    """A decision that cannot be carried out as things are now; the message says why, to the desk."""


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
    days = _kinds[kind].business_days
    if due_date is None and days is not None:
        due_date = periods.add_business_days(clock.today(), days, clock.closings())
    with transaction.atomic():
        row, made = DeskRequest.objects.get_or_create(
            key=key,
            defaults={
                "kind": kind,
                "team": team or _kinds[kind].team,
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
        said = remark(request=row, by=by, text=text, status=status, shared=shared, files=files)
        if _worth_a_mail(status):
            desk_mail.moved(row, said)
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
        said = remark(request=request, by=by, text=text, shared=True, files=files)
        desk_mail.answered(request, said)
        return said


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
