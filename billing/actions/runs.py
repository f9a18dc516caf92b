"""The bill run: planned once a day, done in shards that any worker takes, each of them whole or not at all.

    run = runs.open_run(as_of=day, by=scope)      # the same run, however often it is asked for
    while runs.work(run.pk, by=scope): ...        # one shard a call, in a transaction of its own
    runs.finish(run.pk, by=scope)                 # once nothing waits

`runs.run(as_of=day, by=scope)` does all of it. A killed worker leaves nothing: its shard is free again.
"""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from django.db import DatabaseError, connection
from django.db.backends.utils import CursorWrapper

from audit import actions as audit
from audit.enums import Kind
from billing.actions import charges, credits
from billing.enums import RunStatus, ShardStatus
from billing.models import BillRun, BillShard, ParkedAccount
from billing.rules import schedule
from portals import scope as scopes
from portals.scope import Scope

SHARD_LINES = 60_000
_PAUSE = 0.1  # seconds between looks while another worker still has a shard
_OF_AN_ACCOUNT = ("22", "23", "P0")  # SQLSTATE classes of data; all else (locks, disk, shutdown) is for a next try

Announcer = Callable[[Sequence[int], Scope], None]
_announcers: list[Announcer] = []


class LinesError(Exception):
    """The lines of a shard and its invoices do not add up; nothing of the shard is kept."""


@dataclass(frozen=True, slots=True)
class RunReport:
    """`changed` is whether this call did anything; the numbers are those of the whole run."""

    as_of: dt.date
    done: bool
    changed: bool
    shards: int
    accounts: int
    invoices: int
    lines: int
    cents: int
    parked: int


def register_announcer(announcer: Announcer) -> None:
    """Tell people that their invoice is ready: an upper floor knows them, billing does not.

    `announcer(invoice_ids, by)` is called once a shard, in its transaction and as the role that sees all rows, before
    the numbers are given (whose series is held for one commit). It writes its outbox rows set-based; mail says
    "your invoice is ready, sign in" and names no one.
    """
    if announcer not in _announcers:
        _announcers.append(announcer)


# The run ------------------------------------------------------------------------------------------------------------


def run(
    *, as_of: dt.date, by: Scope, workers: int = 1, progress: Callable[[int, int], None] | None = None
) -> RunReport:
    """Bill every account that is due on `as_of` (see `open_run`), with `workers` connections at once. Done twice, it
    changes nothing the second time. `progress(done, total)` is called between shards, outside their transactions."""
    opened = open_run(as_of=as_of, by=by)
    changed = opened.status == RunStatus.OPEN
    if changed:
        helpers = [threading.Thread(target=_help, args=(opened.pk, by)) for _ in range(workers - 1)]
        for helper in helpers:
            helper.start()
        complete(opened.pk, by=by, progress=progress)
        for helper in helpers:
            helper.join()
    return report(opened.pk, changed=changed)


def complete(run_id: int, *, by: Scope, progress: Callable[[int, int], None] | None = None) -> None:
    """Work until the run is done, also on shards that another worker held and dropped."""
    while not finish(run_id, by=by):
        worked = work(run_id, by=by)
        if progress:
            progress(*steps(run_id))
        if not worked:
            time.sleep(_PAUSE)


def _help(run_id: int, by: Scope) -> None:
    try:
        while work(run_id, by=by):
            pass
    finally:
        connection.close()


def steps(run_id: int) -> tuple[int, int]:
    """Shards done and all shards."""
    statuses = list(BillShard.objects.filter(run=run_id).values_list("status", flat=True))
    return statuses.count(ShardStatus.DONE), len(statuses)


def report(run_id: int, *, changed: bool = False) -> RunReport:
    found = BillRun.objects.get(pk=run_id)
    return RunReport(
        as_of=found.as_of,
        done=found.status == RunStatus.DONE,
        changed=changed,
        shards=found.shards.count(),
        accounts=found.accounts,
        invoices=found.invoices,
        lines=found.lines,
        cents=found.cents,
        parked=ParkedAccount.objects.filter(run=found).values("account").distinct().count(),
    )


# Planning -----------------------------------------------------------------------------------------------------------

# Due: the generation date of the account's latest month has come and no live invoice has that month or a later one
# (whose retro lines hold it); a missed day is caught by the next run. Only accounts with segments have anything to
# bill. Shards hold accounts in key order.
_PLAN = """
WITH rule AS (
    SELECT account.id, account.due_day, account.billed_from, account.closed_from,
           CASE WHEN account.invoice_rule = 'days_before_due' THEN
               date_trunc('month', %(as_of)s + account.invoice_day)
               - CASE WHEN extract(day FROM %(as_of)s + account.invoice_day) < account.due_day
                      THEN interval '1 month' ELSE interval '0' END
           ELSE
               date_trunc('month', %(as_of)s)
               + CASE WHEN extract(day FROM %(as_of)s) >= least(account.invoice_day, extract(
                               day FROM date_trunc('month', %(as_of)s) + interval '1 month' - interval '1 day'))
                      THEN interval '1 month' ELSE interval '0' END
           END::date AS period
    FROM billing_billaccount account
), due AS (
    SELECT rule.id, rule.period, rule.period + (rule.due_day - 1) AS due_date, sized.lines
    FROM rule
    JOIN (SELECT account_id, count(*) AS lines FROM billing_billablesegment GROUP BY account_id) AS sized
         ON sized.account_id = rule.id
    WHERE rule.period >= rule.billed_from
      AND (rule.closed_from IS NULL OR rule.period < rule.closed_from OR EXISTS (
          SELECT 1 FROM billing_dirtyaccount dirty WHERE dirty.account_id = rule.id AND dirty.at < %(cutoff)s))
      AND NOT EXISTS (
          SELECT 1 FROM billing_invoice live LEFT JOIN billing_invoicevoid void ON void.invoice_id = live.id
          WHERE live.account_id = rule.id AND live.period >= rule.period AND live.kind = 'premium' AND void.id IS NULL)
), placed AS MATERIALIZED (
    SELECT id, period, due_date, floor((sum(lines) OVER (ORDER BY id) - 1) / %(size)s) AS slot FROM due
), slots AS (
    SELECT slot, row_number() OVER (ORDER BY slot) AS number FROM (SELECT DISTINCT slot FROM placed) AS each
), shard AS (
    INSERT INTO billing_billshard (run_id, number, status, first_number, invoices, lines, cents)
    SELECT %(run)s, number, 'waiting', '', 0, 0, 0 FROM slots
    RETURNING id, number
), member AS (
    INSERT INTO billing_shardaccount (shard_id, account_id, period, due_date)
    SELECT shard.id, placed.id, placed.period, placed.due_date
    FROM placed JOIN slots USING (slot) JOIN shard USING (number)
), series AS (
    INSERT INTO billing_invoiceseries (year, last)
    SELECT DISTINCT extract(year FROM period)::smallint, 0 FROM placed ON CONFLICT DO NOTHING
)
SELECT count(*) FROM placed
"""


def open_run(*, as_of: dt.date, by: Scope) -> BillRun:
    """The run of that business day, planned if it is new. What is known before 00:00 Eastern of the day is on it."""
    cutoff = schedule.changes_until_at(as_of)
    with _bulk(by) as cursor:
        cursor.execute(
            "INSERT INTO billing_billrun (as_of, cutoff, status, accounts, invoices, lines, cents)"
            " VALUES (%s, %s, 'open', 0, 0, 0, 0) ON CONFLICT DO NOTHING RETURNING id",
            [as_of, cutoff],
        )
        new = cursor.fetchone()
        if new:
            values = {"run": new[0], "as_of": as_of, "cutoff": cutoff, "size": SHARD_LINES}
            cursor.execute(_PLAN, values)
            (accounts,) = cursor.fetchone()
            BillRun.objects.filter(pk=new[0]).update(accounts=accounts)
            if accounts:
                cursor.execute("SELECT billing_ensure_lines(%s)", [as_of])
                (made,) = cursor.fetchone()
                if not made:  # an earlier run's partition: it has its index, or gets it now, before we load
                    _index(cursor, as_of)
    return BillRun.objects.get(as_of=as_of)


# Shards -------------------------------------------------------------------------------------------------------------

_CLAIM = """
SELECT shard.id, shard.number, run.id, run.as_of, run.cutoff
FROM billing_billshard shard JOIN billing_billrun run ON run.id = shard.run_id
WHERE shard.run_id = %s AND shard.status = 'waiting'
ORDER BY shard.number LIMIT 1 FOR UPDATE OF shard SKIP LOCKED
"""

_LOCK = """
SELECT account.id FROM billing_billaccount account
JOIN billing_shardaccount planned ON planned.account_id = account.id
WHERE planned.shard_id = %s ORDER BY account.id FOR NO KEY UPDATE OF account
"""

_MADE = """
CREATE TEMPORARY TABLE bill_made ON COMMIT DROP AS
SELECT invoice.id AS invoice_id, invoice.account_id, invoice.period, invoice.lines_count, invoice.total_cents
FROM bill_due due JOIN billing_invoice invoice
     ON invoice.account_id = due.account_id AND invoice.period = due.period AND invoice.run_id = %(run)s
     AND invoice.account_id BETWEEN %(first)s AND %(last)s
WHERE invoice.issued_at IS NULL
"""

# A parked account keeps its marks, so that the next run repairs it.
_CLEAN = """
DELETE FROM billing_dirtyaccount WHERE id IN (
    SELECT id FROM bill_dirty WHERE account_id NOT IN (
        SELECT account_id FROM billing_parkedaccount WHERE run_id = %(run)s))
"""

_SERIES = "UPDATE billing_invoiceseries SET last = last + %s WHERE year = %s RETURNING last - %s"

_NUMBER = """
WITH placed AS (
    SELECT made.invoice_id, to_char(made.period, '"INV-"YYMM') AS prefix, series.before
           + row_number() OVER (PARTITION BY series.year ORDER BY account.number, made.period) AS place
    FROM bill_made made
    JOIN billing_billaccount account ON account.id = made.account_id
    JOIN unnest(%(years)s::int[], %(befores)s::bigint[]) AS series(year, before)
         ON series.year = extract(year FROM made.period)
), numbered AS (
    UPDATE billing_invoice invoice SET issued_at = now(),
           number = prefix || '-' || lpad(place::text, greatest(6, length(place::text)), '0')
    FROM placed WHERE placed.invoice_id = invoice.id AND invoice.id BETWEEN %(first)s AND %(last)s
    RETURNING invoice.number
)
SELECT coalesce(min(number), '') FROM numbered
"""


def work(run_id: int, *, by: Scope) -> bool:
    """Do one waiting shard that no other worker has; False where there is none to take.

    An account on which the database fails for a reason of its own is found by halving the shard, and parked.
    """
    shard_id = 0
    try:
        with _bulk(by) as cursor:
            cursor.execute(_CLAIM, [run_id])
            claimed = cursor.fetchone()
            if claimed is None:
                return False
            shard_id = claimed[0]
            _bill(cursor, _Shard(*claimed), by)
    except DatabaseError as error:
        cause = error.__cause__
        code = getattr(cause, "pgcode", None)
        if not shard_id or code is None or not code.startswith(_OF_AN_ACCOUNT):
            raise
        said = getattr(getattr(cause, "diag", None), "message_primary", None) or ""
        _halve(shard_id, f"{code} {said}", by)
    return True


@dataclass(frozen=True, slots=True)
class _Shard:
    id: int
    number: int
    run_id: int
    as_of: dt.date
    cutoff: dt.datetime


def _bill(cursor: CursorWrapper, shard: _Shard, by: Scope) -> None:
    month = shard.as_of.replace(day=1)
    values: dict[str, int | dt.date] = {
        "run": shard.run_id,
        "shard": shard.id,
        "as_of": shard.as_of,
        "issue_month": month,
        "cutoff": shard.cutoff,
        "seen": shard.cutoff - dt.timedelta(microseconds=1),
    }
    cursor.execute(_LOCK, [shard.id])
    accounts = [row[0] for row in cursor.fetchall()]
    values["first"], values["last"] = accounts[0], accounts[-1]
    with _hashing(cursor):
        cursor.execute(charges.DUE, values)
        cursor.execute(charges.MONTHS, values)
        repairs = cursor.rowcount > 0
        cursor.execute(charges.DIRTY, values)
        cursor.execute("ANALYZE bill_due, bill_month")
        cursor.execute("SELECT array_agg(DISTINCT proration) FROM bill_due")
        (methods,) = cursor.fetchone()
        lines = cents = 0
        if methods:
            cursor.execute(charges.statement(methods, repairs=repairs, indexed=_indexed(cursor, month)), values)
            lines, cents = cursor.fetchone()
        cursor.execute(_MADE, values)
        cursor.execute("ANALYZE bill_made")
    cursor.execute("SELECT invoice_id, lines_count, total_cents FROM bill_made ORDER BY invoice_id")
    made = cursor.fetchall()
    if (sum(row[1] for row in made), sum(row[2] for row in made)) != (lines, cents):
        raise LinesError(f"shard {shard.number} of {shard.as_of}: lines and invoices differ")
    cursor.execute(_CLEAN, values)
    credits.settle(cursor, invoices="bill_made", posted_on=shard.as_of)
    invoices = [row[0] for row in made]
    if invoices:
        for announce in _announcers:
            announce(invoices, by)
    _record(shard, by, {"shard": shard.number, "invoices": len(invoices), "lines": lines, "cents": cents})
    first_number = _number(cursor, invoices) if invoices else ""
    BillShard.objects.filter(pk=shard.id).update(
        status=ShardStatus.DONE, first_number=first_number, invoices=len(invoices), lines=lines, cents=cents
    )
    cursor.execute("DROP TABLE bill_due, bill_month, bill_dirty, bill_made")


@contextmanager
def _hashing(cursor: CursorWrapper) -> Iterator[None]:
    """Joins over a stretch of accounts: see `charges`."""
    cursor.execute("SET LOCAL work_mem = '64MB'; SET LOCAL jit = off; SET LOCAL enable_nestloop = off")
    yield
    cursor.execute("SET LOCAL enable_nestloop = on")


def _number(cursor: CursorWrapper, invoices: Sequence[int]) -> str:
    """Give the next numbers of each year's series, by account number; the first one given. The series is ours until
    the commit, which follows at once."""
    cursor.execute("SELECT extract(year FROM period)::int, count(*) FROM bill_made GROUP BY 1 ORDER BY 1")
    years, befores = [], []
    for year, count in cursor.fetchall():  # in order, so that no two shards wait for each other
        cursor.execute(_SERIES, [count, year, count])
        years.append(year)
        befores.append(cursor.fetchone()[0])
    with _hashing(cursor):
        cursor.execute(_NUMBER, {"years": years, "befores": befores, "first": invoices[0], "last": invoices[-1]})
        return str(cursor.fetchone()[0])


def _record(shard: _Shard, by: Scope, detail: dict[str, int]) -> None:
    event = audit.record(
        kind=Kind.JOB,
        action="billing.run",
        object_kind="bill_run",
        object_id=shard.as_of.isoformat(),
        detail=detail,
        **by.audit(),
    )
    audit.record_subjects(event, "SELECT 'account', account_id FROM bill_made")


def _halve(shard_id: int, failure: str, by: Scope) -> None:
    """Split the accounts of a failed shard in two shards; park the account if it was alone."""
    with _bulk(by) as cursor:
        cursor.execute("SELECT run_id FROM billing_billshard WHERE id = %s", [shard_id])
        (run_id,) = cursor.fetchone()
        cursor.execute("SELECT 1 FROM billing_billrun WHERE id = %s FOR UPDATE", [run_id])
        shard = BillShard.objects.select_for_update(skip_locked=True).filter(pk=shard_id, status="waiting").first()
        if shard is None:
            return  # another worker took it up again
        members = list(shard.members.order_by("account_id").values_list("pk", "account_id"))
        if len(members) == 1:
            ParkedAccount.objects.get_or_create(
                run_id=run_id, account_id=members[0][1], reason="error", defaults={"detail": failure[:300]}
            )
            shard.status = ShardStatus.DONE
            shard.save(update_fields=["status"])
            return
        cursor.execute(
            "INSERT INTO billing_billshard (run_id, number, status, first_number, invoices, lines, cents)"
            " SELECT run_id, max(number) + 1, 'waiting', '', 0, 0, 0 FROM billing_billshard WHERE run_id = %s"
            " GROUP BY run_id RETURNING id",
            [run_id],
        )
        (second,) = cursor.fetchone()
        moved = [pk for pk, _ in members[len(members) // 2 :]]
        cursor.execute("UPDATE billing_shardaccount SET shard_id = %s WHERE id = ANY(%s)", [second, moved])


_TOTALS = """
UPDATE billing_billrun run SET status = 'done', finished_at = now(), invoices = made.invoices, lines = made.lines,
       cents = made.cents
FROM (SELECT coalesce(sum(invoices), 0) AS invoices, coalesce(sum(lines), 0) AS lines, coalesce(sum(cents), 0) AS cents
      FROM billing_billshard WHERE run_id = %(run)s) AS made
WHERE run.id = %(run)s
"""


def finish(run_id: int, *, by: Scope) -> bool:
    """Index the run's lines and close it, if no shard waits (one in another worker's hands counts as waiting).
    Answers whether the run is done."""
    with _bulk(by) as cursor:
        cursor.execute("SELECT status, as_of, accounts FROM billing_billrun WHERE id = %s FOR UPDATE", [run_id])
        status, as_of, accounts = cursor.fetchone()
        if status == RunStatus.DONE:
            return True
        if BillShard.objects.filter(run=run_id, status=ShardStatus.WAITING).exists():
            return False
        if accounts:
            _index(cursor, as_of)
        cursor.execute(_TOTALS, {"run": run_id})
    return True


def _indexed(cursor: CursorWrapper, day: dt.date) -> bool:
    cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [f"billing_invoiceline_{day:%Y_%m}_billed"])
    return bool(cursor.fetchone()[0])


def _index(cursor: CursorWrapper, day: dt.date) -> None:
    if not _indexed(cursor, day):
        cursor.execute("SELECT billing_index_lines(%s)", [day])


@contextmanager
def _bulk(by: Scope) -> Iterator[CursorWrapper]:
    """A transaction past row policies, in the name of who asked."""
    with (
        scopes.entered(replace(scopes.system("run_billing"), actor=by.actor), bulk=True),
        connection.cursor() as cursor,
    ):
        yield cursor
