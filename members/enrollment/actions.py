"""Enrollment files: taken once, kept as they came, answered with a 999, and applied set-wise."""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import Count

from audit import actions as audit
from audit.enums import Kind as AuditKind
from members.desk.request_kinds import enrollment_file
from members.enrollment.apply import changes
from members.enrollment.apply import rows as staging
from members.enrollment.apply.results import Applied, HeldError
from members.enrollment.apply.rows import LineRow, MemberRow
from members.enrollment.x834 import checker, records
from members.enrollment.x834 import reader as reader_834
from members.enums import FILE_TRANSITIONS, FileStatus, RowOutcome
from members.models import EnrollmentError, EnrollmentFile
from members.rules import numbers
from portals.desk import actions as desk
from portals.files import stored as files
from portals.models import StoredFile
from portals.plan import periods
from portals.scope import PartyRef, Scope
from portals.x12 import acknowledgment_999
from portals.x12.report import X12Report
from portals.x12.wire import X12Error

LOCK = "members.import_834"
_ZIPPED = "application/gzip"
_PLAIN = "application/edi-x12"


class NotWaitingError(Exception):
    """Only a file that waits for a person can be accepted or declined."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a file. `fresh` is False when the same content had been taken before: then nothing was done."""

    file: EnrollmentFile
    fresh: bool
    report: X12Report | None = None
    applied: Applied | None = None


def take(data: bytes, *, name: str, by: Scope, received_at: dt.datetime, client_id: int | None = None) -> Taken:
    """Take one 834 in one transaction: keep it encrypted, check its syntax, answer with a 999, apply the sound sets.

    `client_id` (ours) limits the file to that client; the group number inside grants nothing. `received_at` is business
    time: from then on the changes are known. The same content again does nothing, unless no member of it could be
    taken before. A full file that would end too much waits for a person (`accept_held`, `decline_held`).
    """
    with transaction.atomic():
        _alone()
        sha256 = hashlib.sha256(data).hexdigest()
        before = EnrollmentFile.objects.filter(sha256=sha256).first()
        if before and (before.members_accepted or before.status in (FileStatus.WAITING, FileStatus.DECLINED)):
            return Taken(before, fresh=False)
        report = checker.check(io.BytesIO(data))
        row = before or EnrollmentFile(sha256=sha256, stored=_store(data, name, client_id))
        row.client_id = client_id
        row.status = FileStatus.RECEIVED
        row.received_at = received_at
        row.by = by.actor
        row.members_seen = row.members_accepted = row.members_refused = row.members_noted = row.members_waiting = 0
        if report.interchange:
            row.control_number = report.interchange.control_number[:9]
            row.sender = report.interchange.sender
        row.save()
        row.errors.all().delete()
        if row.ack_id is None and report.interchange:
            row.ack = _answer(report, row, received_at)
        _keep_findings(row, report)
        applied = _apply(row, data, report, by=by, hold=True)
        row.save()
        return Taken(row, fresh=True, report=report, applied=applied)


def accept_held(file_id: int, *, by: Scope, at: dt.datetime) -> Taken:
    """A person has looked at what a full file ends, and wants it. Known from `at` on. Raises NotWaitingError."""
    with transaction.atomic():
        _alone()
        row = _waiting(file_id)
        data = content(row)
        report = checker.check(io.BytesIO(data))
        row.received_at = at
        applied = _apply(row, data, report, by=by, hold=False)
        row.save()
        return Taken(row, fresh=True, report=report, applied=applied)


def take_again(file_id: int, segment: int, *, by: Scope, at: dt.datetime) -> Applied | None:
    """Apply what waits in a file with the row at `segment`: that row, and where it is a new subscriber's everybody of
    the contract. Whom it means has been decided by now. Delivered twice, the second finds nothing that waits."""
    with transaction.atomic():
        _alone()
        row = EnrollmentFile.objects.select_for_update().select_related("stored").get(pk=file_id)
        waiting = row.errors.filter(outcome=RowOutcome.WAITING)
        own = waiting.filter(segment=segment, reason="looks_like")
        was_taken = row.errors.filter(segment=segment, reason="change_waits").exists()
        family = waiting.filter(reason="subscriber_waits", sender_number__in=own.values("sender_number"))
        again = {segment} if was_taken else set(own.values_list("segment", flat=True))
        again |= set(family.values_list("segment", flat=True))
        if not again:
            return None
        row.errors.filter(segment__in=again).delete()
        data = content(row)
        report = checker.check(io.BytesIO(data))
        applied = changes.apply_staged(
            (pair for pair in _rows(data, report) if pair[0].segment in again),
            by=by,
            known_at=at,
            action="members.import_834",
            client_id=row.client_id,
            file_id=row.pk,
        )
        outcomes = row.errors.values("outcome").annotate(members=Count("segment", distinct=True))
        counts = {each["outcome"]: each["members"] for each in outcomes}
        row.members_waiting = counts.get(RowOutcome.WAITING, 0)
        row.members_noted = counts.get(RowOutcome.NOTED, 0)
        if not was_taken:
            row.members_accepted += applied.members - applied.refused - applied.waiting
            row.members_refused += applied.refused
        row.save()
        return applied


def decline_held(file_id: int, *, by: Scope) -> EnrollmentFile:
    """A person has looked and does not want it; nothing of the file is applied. Raises NotWaitingError."""
    with transaction.atomic():
        row = _waiting(file_id)
        _move(row, FileStatus.DECLINED)
        row.save()
        audit.record(
            kind=AuditKind.CHANGE,
            action="members.decline_834",
            object_kind="enrollment_file",
            object_id=str(row.pk),
            **by.audit(),
        )
        return row


def content(row: EnrollmentFile) -> bytes:
    """The file as it came."""
    data = files.read(row.stored)
    return gzip.decompress(data) if row.stored.content_type == _ZIPPED else data


def acknowledgment(row: EnrollmentFile) -> bytes | None:
    """The 999 (or TA1) that answers the file; None where nobody could be answered."""
    return files.read(row.ack) if row.ack else None


def _alone() -> None:
    """One enrollment file at a time: what one creates, the next must find."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [LOCK])


def _waiting(file_id: int) -> EnrollmentFile:
    row = EnrollmentFile.objects.select_for_update().select_related("stored").get(pk=file_id)
    if row.status != FileStatus.WAITING:
        raise NotWaitingError(row.status)
    return row


def _move(row: EnrollmentFile, status: FileStatus) -> None:
    if status not in FILE_TRANSITIONS[row.status]:
        raise ValueError(f"a file does not go from {row.status} to {status}")
    row.status = status


def _owner(client_id: int | None) -> PartyRef | str:
    return PartyRef("client", client_id) if client_id else "plan"


def _store(data: bytes, name: str, client_id: int | None) -> StoredFile:
    """A file above the bound of one stored file is kept compressed; 834 shrinks to a tenth."""
    fits = len(data) <= files.LIMIT
    return files.store(
        kind="834",
        owner=_owner(client_id),
        name=name if fits else f"{name}.gz",
        content_type=_PLAIN if fits else _ZIPPED,
        data=data if fits else gzip.compress(data, compresslevel=3, mtime=0),
    )


def _answer(report: X12Report, row: EnrollmentFile, at: dt.datetime) -> StoredFile:
    ack = acknowledgment_999.write_999(report, control_number=row.pk % 10**9, created_at=periods.plan_time(at))
    return files.store(kind="834_ack", owner=_owner(row.client_id), name=f"{row.pk}.999", content_type=_PLAIN, data=ack)


def _keep_findings(row: EnrollmentFile, report: X12Report) -> None:
    """Syntax findings among the errors, at their place in the file."""
    kept = []
    if report.fault:
        kept.append(_error(row, report.fault.segment_number, "", report.fault.sentence))
    before = 1
    for group in report.groups:
        before += 1
        kept += [_error(row, before, "GS", sentence) for sentence in group.sentences]
        for found in group.sets:
            kept += [
                _error(row, before + f.segment_position, f.segment_id, f.sentence, f.subscriber_number)
                for f in found.findings
                if found.refused
            ]
            before += found.segment_count
        before += 1
    EnrollmentError.objects.bulk_create(kept)


def _error(row: EnrollmentFile, segment: int, segment_id: str, words: str, sender_number: str = "") -> EnrollmentError:
    return EnrollmentError(
        file=row,
        segment=segment,
        segment_id=segment_id,
        sender_number=numbers.masked(sender_number),
        reason="syntax",
        value=words[:200],
    )


def _apply(row: EnrollmentFile, data: bytes, report: X12Report, *, by: Scope, hold: bool) -> Applied | None:
    """Apply the accepted sets and put into `row` what became of them."""
    if not report.accepted_sets:
        _move(row, FileStatus.REFUSED)
        return None
    row.members_seen = report.member_count
    full = _full_header(data, report)
    row.full_file = full is not None
    try:
        with transaction.atomic():
            applied = changes.apply_staged(
                _rows(data, report),
                by=by,
                known_at=row.received_at,
                action="members.import_834",
                client_id=row.client_id,
                file_id=row.pk,
                full_from=_full_from(full, row.received_at) if full else None,
                hold=hold,
            )
    except HeldError as held:
        _move(row, FileStatus.WAITING)
        _ask_desk(row, held, by)
        return None
    except X12Error as error:
        EnrollmentError.objects.bulk_create([_error(row, error.segment_number, "", error.sentence)])
        _move(row, FileStatus.REFUSED)
        return None
    row.members_refused = applied.refused
    row.members_waiting = applied.waiting
    row.members_noted = applied.noted
    row.members_accepted = applied.members - applied.refused - applied.waiting
    _move(row, FileStatus.APPLIED)
    return applied


def _rows(data: bytes, report: X12Report) -> Iterator[tuple[MemberRow, Sequence[LineRow]]]:
    line = 1
    for seq, (header, member) in enumerate(reader_834.members(io.BytesIO(data), report), start=1):
        row, lines = staging.of_member(header, member, seq, line)
        line += len(lines)
        yield row, lines


def _full_header(data: bytes, report: X12Report) -> records.TransactionSet | None:
    """The header of the first accepted set that is a full file; most files have none, which a glance shows."""
    assert report.interchange
    marks = report.interchange.delimiters
    element, segment = re.escape(marks.element.encode()), re.escape(marks.segment.encode())
    actions = re.findall(rb"BGN(?:%s[^%s%s]*){7}%s(\w+)" % (element, element, segment, element), data)
    if not any(action.decode() in staging.FULL_FILES for action in actions):
        return None
    wanted = frozenset(found.number for found in report.accepted_sets)
    for event in reader_834.read(io.BytesIO(data), wanted):
        if isinstance(event, records.TransactionSet) and event.action in staging.FULL_FILES:
            return event
    return None


def _full_from(header: records.TransactionSet, received_at: dt.datetime) -> dt.date:
    """The day as of which a full file speaks: the effective date it names, else the day it came."""
    named = header.dates.get("007") or header.dates.get("303")
    return named if named and named < periods.NO_END else periods.plan_date(received_at)


def _ask_desk(row: EnrollmentFile, held: HeldError, by: Scope) -> None:
    absence = held.absence
    desk.open_request(
        kind=enrollment_file.KIND,
        key=f"enrollment_file:{row.pk}",
        title=f"Full file {row.pk} would end {absence.contracts} of {absence.active_contracts} contracts",
        by=by,
        party=PartyRef("client", row.client_id) if row.client_id else None,
        detail={
            "file": row.pk,
            "contracts_ending": absence.contracts,
            "contracts_losing_people": absence.contracts_losing_people,
            "people_ending": absence.people,
            "active_contracts": absence.active_contracts,
            "allowed_without_a_person": absence.most,
        },
    )
