"""One core for every change of enrollment: rows are staged, checked and applied set-wise, whether a file brings a
hundred thousand of them or a page brings one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from django.db import connection, transaction

from members.enrollment.apply import checking, comparing, creating, placing, writing
from members.enrollment.apply import rows as staging
from members.enrollment.apply.results import Applied, RefusedError
from members.enrollment.apply.rows import LineRow, MemberRow
from members.enrollment.apply.stage import Stage
from members.models import Enrollee
from portals import scope as scopes
from portals.plan import periods
from portals.scope import Scope


def apply_staged(
    rows: Iterable[tuple[MemberRow, Sequence[LineRow]]],
    *,
    by: Scope,
    known_at: dt.datetime,
    action: str,
    client_id: int | None = None,
    file_id: int | None = None,
    full_from: dt.date | None = None,
    hold: bool = True,
) -> Applied:
    """Apply what the rows ask for in the caller's transaction, in a constant number of statements.

    Good members enter, the others are answered with reasons. `client_id` limits the rows to that client's groups and
    contracts; without it a group number alone decides. `full_from` is the first day on which those who are absent from
    a full file are no longer covered. Knowledge never runs backward: where something later than `known_at` is already
    known of these contracts, the change counts as known right after it.
    Raises HeldError unless `hold` is off; the caller then rolls back.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("coverage changes in one transaction with what follows from it")
    work = Stage(by, known_at, action, client_id, file_id, full_from)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '64MB'")  # sorts of a large file stay in memory
        work.load(cursor, rows)
        if not work.count:
            work.drop(cursor)
            return Applied(0, 0, ())
        placing.place(work, cursor)
        checking.check(work, cursor)
        absent = comparing.compare(work, cursor, hold=hold) if full_from else 0
        creating.create(work, cursor)
        applied = writing.write(work, cursor, absent)
        work.drop(cursor)
    return applied


def add_coverage(
    enrollee_id: int,
    *,
    line: str,
    plan_code: str,
    begin_date: dt.date,
    by: Scope,
    known_at: dt.datetime,
    reason: str = "",
) -> Applied:
    """Cover a person whom `by` may see, from a day on, by a plan of the contract's group. Raises RefusedError."""
    what = LineRow(1, 1, 0, staging.ADD, line, "", plan_code, begin_date, None, plan_code)
    return _apply_one(enrollee_id, staging.CHANGE, [what], by=by, known_at=known_at, reason=reason)


def end_coverage(
    enrollee_id: int, *, last_day: dt.date, by: Scope, known_at: dt.datetime, line: str = "", reason: str = ""
) -> Applied:
    """End one line of a person, or without `line` all; a subscriber takes the dependents along. Raises RefusedError."""
    end = periods.from_last_day(last_day)
    if not line:
        return _apply_one(enrollee_id, staging.END, [], by=by, known_at=known_at, reason=reason, ends=end)
    what = LineRow(1, 1, 0, staging.END, line, "", "", None, end, line)
    return _apply_one(enrollee_id, staging.CHANGE, [what], by=by, known_at=known_at, reason=reason)


def _apply_one(
    enrollee_id: int,
    maintenance: str,
    lines: Sequence[LineRow],
    *,
    by: Scope,
    known_at: dt.datetime,
    reason: str,
    ends: dt.date | None = None,
) -> Applied:
    enrollee = Enrollee.objects.visible_to(by).select_related("contract").get(pk=enrollee_id)
    row = staging.of_enrollee(enrollee, maintenance, reason=reason, ends=ends)
    with transaction.atomic(), scopes.unscoped("a change of coverage also writes what the plan bills by it"):
        applied = apply_staged(
            [(row, lines)], by=by, known_at=known_at, action="members.change_coverage", client_id=enrollee.client_id
        )
        if applied.refusals:
            raise RefusedError(applied.refusals)
    return applied
