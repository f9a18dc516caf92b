"""What tamper evidence costs those who write, how far the seal lags behind them, and how long verifying takes.

    python -m benchmarks.audit_sealing [--seconds 4] [--rounds 5] [--rows 1000000]

Eight processes write transactions of five milliseconds (one plain row, one event with its subject, and a wait), in
slices of a few seconds: while a process of its own seals as often as the site's beat does, and while nobody seals, in
turns. In a third slice the age of the oldest unsealed row is asked twenty times a second as well. Then a ledger of a
tenth of the rows and one of all of them are sealed and verified, each by a process whose greatest memory is told.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event as Flag
from pathlib import Path
from typing import Any

from launch import postgres, testbed

os.environ.update(testbed.environment())
WRITERS = 8
WAIT = 0.005
ASKED_EVERY = 0.05
FILL = """
WITH made AS (
    INSERT INTO audit_event (kind, action, actor, portal, fields, object_kind, object_id, detail, request_id, source)
    SELECT 'view', 'members:home', 'user:' || n %% 5000, 'member', '{person.name,coverage}', 'card', n::text,
           '{"people": 1}', 'r-' || n, '192.0.2.7'
    FROM generate_series(1, %s) AS n RETURNING id, recorded_at
)
INSERT INTO audit_subject (recorded_at, event_id, kind, subject_id)
SELECT recorded_at, id, 'person', id %% 100000 FROM made
"""


def write(go: Flag, stop: Flag, answers: Connection) -> None:
    """One writer: the milliseconds of its transactions."""
    import django

    django.setup()
    from django.db import connection, transaction

    from audit import actions

    def once(number: int) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("INSERT INTO bench_plain (word) VALUES ('written')")
            actions.record(
                kind="view",
                action="members:home",
                actor=f"user:{os.getpid()}",
                portal="member",
                subjects=[("person", number)],
                fields=["person.name"],
            )
            time.sleep(WAIT)

    once(0)
    answers.send(True)
    go.wait()
    taken = []
    while not stop.is_set():
        began = time.perf_counter()
        once(len(taken))
        taken.append((time.perf_counter() - began) * 1000)
    answers.send(taken)


def seal(stop: Flag, every: float, answers: Connection) -> None:
    import django

    django.setup()
    from audit.seal import sealer

    answers.send(True)
    while not stop.is_set():
        sealer.seal()
        time.sleep(every)


def ask_lag(go: Flag, stop: Flag, answers: Connection) -> None:
    import django

    django.setup()
    from audit import queries

    answers.send(True)
    go.wait()
    seen = []
    while not stop.is_set():
        seen.append(queries.seal_lag().seconds)
        time.sleep(ASKED_EVERY)
    answers.send(seen)


def started(target: Any, *arguments: Any) -> tuple[multiprocessing.Process, Connection]:
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=target, args=(*arguments, there))
    process.start()
    here.recv()
    return process, here


def beat_seconds() -> float:
    from portals.celery import app

    return float(app.conf.beat_schedule["seal the audit ledger"]["schedule"])


def one_slice(seconds: float, *, every: float | None, asked: bool = False) -> tuple[list[float], list[float]]:
    """Milliseconds of every transaction of a slice, and the lags seen if they are `asked` for; `every`: seal after so
    many seconds."""
    context = multiprocessing.get_context("spawn")
    go, stop = context.Event(), context.Event()
    others = [started(seal, stop, every)] if every is not None else []
    others += [started(ask_lag, go, stop)] if asked else []
    writers = [started(write, go, stop) for _ in range(WRITERS)]
    go.set()
    time.sleep(seconds)
    stop.set()
    taken = [each for _process, answers in writers for each in answers.recv()]
    lags = others[-1][1].recv() if asked else []
    for process, _answers in (*writers, *others):
        process.join()
    return taken, lags


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def writers(seconds: float, rounds: int) -> None:
    every = beat_seconds()
    rates, tails, lags = [], [], []
    counts: dict[str, list[float]] = {"sealed": [], "unsealed": []}
    for number in range(rounds):
        got = {}
        for name in ("sealed", "unsealed") if number % 2 else ("unsealed", "sealed"):
            taken, _ = one_slice(seconds, every=every if name == "sealed" else None)
            got[name] = (len(taken) / seconds, percentile(taken, 0.99))
            counts[name].append(len(taken) / seconds)
        lags += one_slice(seconds, every=every, asked=True)[1]
        rates.append(got["sealed"][0] / got["unsealed"][0])
        tails.append(got["sealed"][1] / got["unsealed"][1])
    print(f"{WRITERS} writers, transactions of {WAIT * 1000:.0f} ms, sealed every {every} s ({rounds} rounds)")
    for name, each in counts.items():
        print(f"  {name:9} {statistics.median(each):8.0f} transactions/s")
    print(
        f"  sealed / unsealed: {statistics.median(rates):.2f} of the rate ({min(rates):.2f} to {max(rates):.2f}), "
        f"{statistics.median(tails):.2f} of the p99 ({min(tails):.2f} to {max(tails):.2f})"
    )
    print(f"  lag: p50 {percentile(lags, 0.5):.2f} s, p99 {percentile(lags, 0.99):.2f} s, most {max(lags):.2f} s")


def verify_here() -> None:
    """In a process of its own: how long, and the memory that verifying added."""
    import django

    django.setup()
    from audit import verification
    from audit.seal import keys

    before = most_memory()
    began = time.perf_counter()
    report = verification.verify(trusted=keys.trusted())
    seconds = time.perf_counter() - began
    assert not report.findings and not report.unsealed, report
    print(json.dumps({"rows": report.rows, "seconds": seconds, "before": before, "most": most_memory()}))


def most_memory() -> int:
    """The most that this process ever held, in MB. (`getrusage` would tell its parent's.)"""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found
    return int(found[1]) // 1024


def verifying(rows: int) -> None:
    from django.db import connection

    from audit.seal import sealer

    for wanted in (rows // 10, rows):
        with database():
            with connection.cursor() as cursor:
                for _ in range(10):
                    cursor.execute(FILL, [wanted // 20])
            began = time.perf_counter()
            sealed = sealer.seal()
            taken = time.perf_counter() - began
            connection.close()
            command = [sys.executable, "-m", "benchmarks.audit_sealing", "--verify"]
            said = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
            print(
                f"{sealed} rows: sealed in {taken:.1f} s ({sealed / taken / 1000:.0f} k rows/s), verified in "
                f"{said['seconds']:.1f} s ({said['rows'] / said['seconds'] / 1000:.0f} k rows/s), memory "
                f"{said['most']} MB, {said['most'] - said['before']} MB of it for verifying"
            )


@contextmanager
def database() -> Iterator[None]:
    from django.db import connection

    lease = testbed.Lease()
    try:
        testbed.clone(lease, testbed.NAME)
        with postgres.session(os.environ["DATABASE_OWNER_URL"]) as owner, owner.cursor() as cursor:
            cursor.execute("CREATE TABLE bench_plain (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, word text)")
            cursor.execute("GRANT INSERT ON bench_plain TO plan_app")
        yield
    finally:
        connection.close()
        testbed.drop(testbed.NAME)
        lease.release()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--verify", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.verify:
        verify_here()
        return
    import django

    django.setup()
    with database():
        writers(options.seconds, options.rounds)
    verifying(options.rows)


if __name__ == "__main__":
    main()
