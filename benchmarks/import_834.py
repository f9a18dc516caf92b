"""The import of a large 834 against COPY of the rows it leaves, into the same keyed tables, in one run.

    python -m benchmarks.import_834 [--contracts 43000]

Both sides start from a fresh clone of the migrated test template with the same client. The import does everything that
the command does (read, check, 999, encrypted copy of the file, people, contracts, coverage, billable segments, audit);
COPY only writes the rows of people, contracts, enrollees, coverages and segments that the import had made, with their
keys, exclusion constraints and foreign keys, once with the history that the database keeps of each row, as the import
is, and once without. Reading the file is stated apart as well. A second, full file with the
same people follows: the weekly case, in which nothing changes.
"""

from __future__ import annotations

import argparse
import datetime as dt
import io
import os
import statistics
import time
from collections.abc import Callable

from launch import postgres, testbed

os.environ.update(testbed.environment())

TABLES = ("members_person", "members_contract", "members_enrollee", "members_coverage", "billing_billablesegment")
GROUP, PLANS = "BENCH-1", {"HLT": ("GOLD", "SILVER"), "DEN": ("SMILE",)}
START = dt.date(2027, 1, 1)


def measure(contracts: int, rounds: int = 1) -> dict[str, float]:
    """Seconds of each part (medians over the rounds) and counts."""
    import django

    lease = testbed.Lease()
    try:
        django.setup()
        found = [_round(lease, contracts) for _ in range(rounds)]
        return {name: statistics.median(one[name] for one in found) for name in found[0]}
    finally:
        lease.release()


def _round(lease: testbed.Lease, contracts: int) -> dict[str, float]:
    from django.db import connection

    from members.enrollment.x834 import checker
    from members.enrollment.x834 import reader as reader_834

    files = {full: _file(contracts, full=full) for full in (False, True)}
    figures: dict[str, float] = {"megabytes": len(files[False]) / 1e6}
    figures["check_seconds"] = _seconds(lambda: checker.check(io.BytesIO(files[False])))
    report = checker.check(io.BytesIO(files[False]))
    figures["read_seconds"] = _seconds(lambda: sum(1 for _ in reader_834.members(io.BytesIO(files[False]), report)))
    figures["members"] = report.member_count
    _start(lease)
    figures["import_seconds"] = _seconds(lambda: _take(files[False], full=False, expected=report.member_count))
    rows = _dump()
    figures["full_file_seconds"] = _seconds(lambda: _take(files[True], full=True, expected=report.member_count))
    _start(lease)
    figures["copy_seconds"] = _seconds(lambda: _copy(rows))
    _start(lease)
    _without_history()
    for content in rows.values():
        content.seek(0)
    figures["copy_without_history_seconds"] = _seconds(lambda: _copy(rows))
    connection.close()
    testbed.drop(testbed.NAME)
    for reference in ("copy", "copy_without_history"):
        figures[f"ratio_to_{reference}"] = figures["import_seconds"] / figures[f"{reference}_seconds"]
    return figures


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _start(lease: testbed.Lease) -> None:
    """A fresh database with one client; both sides get the same ids."""
    from django.db import connection

    from portals import scope as scopes
    from tests.factories import members as factory

    connection.close()
    testbed.clone(lease, testbed.NAME)
    with scopes.entered(scopes.system("benchmark")):
        employer = factory.employer(GROUP)
        for codes, line, plan_type in ((PLANS["HLT"], "medical", "PPO"), (PLANS["DEN"], "dental", "DEN")):
            for code in codes:
                employer.offer(factory.product(code, line=line, plan_type=plan_type))


def _file(contracts: int, *, full: bool) -> bytes:
    from members.demo import book as demo_book

    group = demo_book.BookGroup("1", GROUP, "BENCH", "990000001", PLANS, contracts, START, "NY")
    out = io.BytesIO()
    at = dt.datetime(2026, 12, 1, 12)
    demo_book.write_file(out, 1, group, control_number=1 + full, created_at=at, full=full)
    return out.getvalue()


def _take(data: bytes, *, full: bool, expected: int) -> None:
    from members.enrollment import actions as enrollment_actions
    from portals import scope as scopes
    from portals.plan.periods import PLAN_ZONE

    at = dt.datetime(2026, 12, 1 + full, 12, tzinfo=PLAN_ZONE)
    with scopes.entered(scopes.system("benchmark"), bulk=True) as scope:
        taken = enrollment_actions.take(data, name="bench.834", by=scope, received_at=at)
    if taken.file.members_accepted != expected:
        raise SystemExit(f"only {taken.file.members_accepted} of {expected} members were taken")


def _dump() -> dict[str, io.BytesIO]:
    from django.db import connection

    from portals import scope as scopes

    rows = {table: io.BytesIO() for table in TABLES}
    with scopes.entered(scopes.system("benchmark"), bulk=True), connection.cursor() as cursor:
        for table, content in rows.items():
            cursor.execute(
                "SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute"
                " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped",
                [table],
            )
            # COPY writes no file for coverage to refer to.
            columns = cursor.fetchone()[0].replace("source_file_id", "NULL")
            cursor.copy_expert(f"COPY (SELECT {columns} FROM {table}) TO STDOUT", content)  # noqa: S608
            content.seek(0)
    return rows


def _copy(rows: dict[str, io.BytesIO]) -> None:
    from django.db import connection

    from portals import scope as scopes

    with scopes.entered(scopes.system("benchmark"), bulk=True), connection.cursor() as cursor:
        for table, content in rows.items():
            cursor.copy_expert(f"COPY {table} FROM STDIN", content)


def _without_history() -> None:
    """COPY as it would be into tables that nobody watches; only the owner switches triggers."""
    from audit import history

    with postgres.session(testbed.cluster().url("postgres", testbed.NAME)) as admin, admin.cursor() as cursor:
        for table in TABLES:
            for name in history.TRIGGERS:
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {name}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--contracts", type=int, default=43_000)
    parser.add_argument("--rounds", type=int, default=1)
    options = parser.parse_args()
    for name, value in measure(options.contracts, options.rounds).items():
        print(f"{name:30} {value:12,.2f}")


if __name__ == "__main__":
    main()
