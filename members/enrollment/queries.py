"""Enrollment files and what was refused of them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from members.enums import FileStatus, RowOutcome
from members.models import EnrollmentError, EnrollmentFile
from portals.scope import Portal, Scope


@dataclass(frozen=True, slots=True)
class RefusedLine:
    """One line of a file's result. Of an SSN as the sender's number only the last four digits were kept."""

    segment: int
    segment_id: str
    subscriber_number: str
    reason: str
    value: str
    outcome: str

    @property
    def outcome_label(self) -> str:
        return str(RowOutcome(self.outcome).label)


def refusals(file_id: int) -> list[RefusedLine]:
    """In the order of the file. The caller has established that it may know of the file."""
    rows = EnrollmentError.objects.filter(file_id=file_id).order_by("segment", "pk")
    return [RefusedLine(r.segment, r.segment_id, r.sender_number, r.reason, r.value, r.outcome) for r in rows]


@dataclass(frozen=True, slots=True)
class FileRow:
    """An enrollment file at the desk: counts, no person."""

    id: int
    received_at: dt.datetime
    sender: str
    client_name: str
    status: FileStatus
    full_file: bool
    seen: int
    accepted: int
    refused: int
    noted: int
    waiting: int


def recent(scope: Scope, *, status: str = "", limit: int = 200) -> list[FileRow]:
    """The latest files, newest first; for the plan's own people. One query."""
    if scope.portal not in (Portal.DESK, Portal.SYSTEM):
        return []
    rows = EnrollmentFile.objects.select_related("client").order_by("-pk")
    if status:
        rows = rows.filter(status=status)
    return [_row(row) for row in rows[:limit]]


def ids_of(scope: Scope) -> list[int]:
    """The files that were taken for this client alone. One query."""
    if scope.party is None or scope.party.kind != "client":
        return []
    return list(EnrollmentFile.objects.filter(client_id=scope.party.id).order_by("pk").values_list("pk", flat=True))


def one(scope: Scope, file_id: int) -> FileRow | None:
    if scope.portal not in (Portal.DESK, Portal.SYSTEM):
        return None
    row = EnrollmentFile.objects.select_related("client").filter(pk=file_id).first()
    return _row(row) if row else None


def _row(row: EnrollmentFile) -> FileRow:
    return FileRow(
        id=row.pk,
        received_at=row.received_at,
        sender=row.sender,
        client_name=row.client.name if row.client else "",
        status=FileStatus(row.status),
        full_file=row.full_file,
        seen=row.members_seen,
        accepted=row.members_accepted,
        refused=row.members_refused,
        noted=row.members_noted,
        waiting=row.members_waiting,
    )
