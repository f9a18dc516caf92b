"""The service desk: one queue with one frame. Each app contributes its kinds of request.

desk.register("enrollment.file_waits", Kind(team=Team.ENROLLMENT, label=_("Full file waits"), url="..."))
desk.open_request(kind="enrollment.file_waits", key=f"file:{pk}", title=..., by=scope)
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from audit import actions as audit
from audit.enums import Kind as AuditKind
from portals.enums import REQUEST_TRANSITIONS, RequestStatus, Team
from portals.models import DeskRemark, DeskRequest
from portals.scope import PartyRef, Scope


@dataclass(frozen=True, slots=True)
class Kind:
    """How a kind of request is named, who works it and where its own page is (None: the frame's page suffices)."""

    team: Team
    label: Any
    url: Callable[[DeskRequest], str] | None = None


_kinds: dict[str, Kind] = {}


def register(name: str, kind: Kind) -> None:
    _kinds[name] = kind


def kind_of(request: DeskRequest) -> Kind:
    return _kinds[request.kind]


class NotAllowed(ValueError):
    """The table of transitions does not know this change."""


def open_request(
    *,
    kind: str,
    key: str,
    title: str,
    by: Scope,
    party: PartyRef | None = None,
    detail: dict[str, Any] | None = None,
    due_date: dt.date | None = None,
) -> DeskRequest:
    """Open a request once per `key` and say who caused it."""
    with transaction.atomic():
        row, made = DeskRequest.objects.get_or_create(
            key=key,
            defaults={
                "kind": kind,
                "team": _kinds[kind].team,
                "party": str(party or ""),
                "title": title,
                "detail": detail or {},
                "due_date": due_date,
            },
        )
        if made:
            DeskRemark.objects.create(request=row, by=by.actor, status=RequestStatus.OPEN)
            audit.record(
                kind=AuditKind.CREATE,
                action="desk.open_request",
                object_kind="desk_request",
                object_id=str(row.pk),
                **by.audit(),
            )
        return row


def change_status(*, request_id: int, status: str, by: Scope, text: str = "") -> DeskRequest:
    """The one door of a request's status: a remark says who, when and why. Raises NotAllowed."""
    with transaction.atomic():
        row = DeskRequest.objects.select_for_update().get(pk=request_id)
        if status not in REQUEST_TRANSITIONS[row.status]:
            raise NotAllowed(f"{row.status} -> {status}")
        row.status = status
        if status == RequestStatus.IN_WORK and row.owner_id is None and by.user_id is not None:
            row.owner_id = by.user_id
        row.save(update_fields=["status", "owner"])
        remark(request=row, by=by, text=text, status=status)
        return row


def remark(*, request: DeskRequest, by: Scope, text: str, status: str = "") -> DeskRemark:
    with transaction.atomic():
        row = DeskRemark.objects.create(request=request, by=by.actor, status=status, text=text)
        audit.record(
            kind=AuditKind.CHANGE,
            action="desk.remark",
            object_kind="desk_request",
            object_id=str(request.pk),
            detail={"status": status} if status else None,
            **by.audit(),
        )
        return row
