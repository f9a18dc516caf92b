"""The bill run against the bare join statement and against `bulk_create`, each on its own clone of one database.

    python -m benchmarks.bill_run [--members 10000] [--rounds 3] [--two-workers] [--bulk-create]

The run is the product's: it plans, locks, parks, writes invoices, lines, ledger transfers, credits, numbers, audit
rows with their subjects and one outbox row an invoice, and builds the index. The bare join is one `INSERT ... SELECT`
of the same lines (same rate and fifteenth rules) into the same fresh partition by one session, without invoices,
ledger or triggers, and builds the same index. `bulk_create` only writes line objects that were read beforehand.
Contracts have 2.1 members, accounts 25 contracts. The test cluster does not wait for the disk; neither side does.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import statistics
import time
from collections.abc import Callable, Sequence

from launch import postgres, testbed

os.environ.update(testbed.environment())

BASE = f"{testbed.NAME}_base"
DAY, MONTH = dt.date(2026, 12, 15), dt.date(2027, 1, 1)
MEMBERS_A_CONTRACT = 2.1
CONTRACTS_AN_ACCOUNT = 25

# Tiers in their usual shares; one contract in a hundred changes its tier on the 16th, one ended on the 15th.
_BOOK = """
INSERT INTO billing_ratedproduct (id, code, name, line) VALUES (1, 'POS', 'Point of service', 'medical');
INSERT INTO billing_pricerow (product_id, price_key, filed, cents)
SELECT 1, key, daterange(year, (year + interval '1 year')::date), cents
FROM unnest(ARRAY['EE', 'ES', 'EC', 'FAM'], ARRAY[81237, 162474, 138103, 231525]) AS filed(key, cents),
     unnest(ARRAY['2026-01-01', '2027-01-01']::date[]) AS year;
INSERT INTO billing_billaccount (id, number, name, state, cobra, invoice_rule, invoice_day, due_day, grace_days,
                                 proration, billed_from)
SELECT n, 'BA-' || lpad(n::text, 8, '0'), 'Account ' || n, 'NY', false, 'fixed_day', 15, 1, 30, 'fifteenth',
       '2027-01-01'
FROM generate_series(1, %(accounts)s) AS n;
INSERT INTO billing_rateperiod (account_id, months, plan_year)
SELECT n, daterange('2027-01-01', '2028-01-01'), '2027-01-01' FROM generate_series(1, %(accounts)s) AS n;
INSERT INTO billing_billablesegment (account_id, contract, product_id, line, price_key, members_count, effective, known)
SELECT 1 + n / %(each)s, n, 1, 'medical',
       (ARRAY['EE', 'EE', 'EE', 'EE', 'EE', 'ES', 'ES', 'EC', 'FAM', 'FAM'])[1 + n %% 10],
       (ARRAY[1, 1, 1, 1, 1, 2, 2, 3, 4, 5])[1 + n %% 10],
       daterange('2026-01-01', CASE WHEN n %% 100 < 2 THEN date '2027-01-16' END), tstzrange('2026-01-01', NULL)
FROM generate_series(0, %(contracts)s - 1) AS n;
INSERT INTO billing_billablesegment (account_id, contract, product_id, line, price_key, members_count, effective, known)
SELECT 1 + n / %(each)s, n, 1, 'medical', 'ES', 2, daterange('2027-01-16', NULL), tstzrange('2026-01-01', NULL)
FROM generate_series(0, %(contracts)s - 1) AS n WHERE n %% 100 = 0;
"""

_JOIN = """
SELECT account.id, date '2026-12-01', segment.account_id, segment.contract, segment.product_id, 'current',
       date '2027-01-01', segment.price_key, segment.members_count, price.cents
FROM billing_billaccount account
JOIN billing_rateperiod rated ON rated.account_id = account.id AND rated.months @> date '2027-01-01'
JOIN billing_billablesegment segment ON segment.account_id = account.id
     AND segment.effective @> date '2027-01-15' AND segment.known @> timestamptz '2026-12-15 04:59:59.999999+00'
     AND (segment.effective @> date '2027-01-16' OR EXISTS (
         SELECT 1 FROM billing_billablesegment further
         WHERE further.contract = segment.contract AND further.line = segment.line
           AND further.effective @> date '2027-01-16'
           AND further.known @> timestamptz '2026-12-15 04:59:59.999999+00'))
JOIN billing_pricerow price ON price.product_id = segment.product_id AND price.price_key = segment.price_key
     AND price.filed @> rated.plan_year
"""
_COLUMNS = (
    "invoice_id", "issue_month", "account_id", "contract", "product_id", "kind", "month", "price_key",
    "members_count", "cents",
)  # fmt: skip


def measure(members: int, *, rounds: int = 3, two_workers: bool = True, bulk_create: bool = False) -> dict[str, float]:
    """Medians over the rounds, in seconds, and the ratios of the goals G1 (at most 2.5; two workers 1.5), G2 (0.1)."""
    import django

    lease = testbed.Lease()
    try:
        django.setup()
        lines = _prepare(lease, members)
        found: dict[str, list[float]] = {}
        for _ in range(rounds):
            for name, seconds in _round(lines, two_workers=two_workers, bulk_create=bulk_create).items():
                found.setdefault(name, []).append(seconds)
        figures: dict[str, float] = {"members": members, "lines": lines}
        figures |= {name: statistics.median(seconds) for name, seconds in found.items()}
        figures["run / join (G1 2.5)"] = figures["run"] / figures["join"]
        if two_workers:
            figures["two workers / join (G1 1.5)"] = figures["two workers"] / figures["join"]
        figures["rerun / run (G2 0.1)"] = figures["rerun"] / figures["run"]
        figures["run, microseconds a line"] = figures["run"] / lines * 1e6
        if bulk_create:
            figures["bulk_create / run"] = figures["bulk_create"] / figures["run"]
        return figures
    finally:
        testbed.drop(testbed.NAME)
        testbed.drop(BASE)
        lease.release()


def _prepare(lease: testbed.Lease, members: int) -> int:
    contracts = round(members / MEMBERS_A_CONTRACT)
    testbed.clone(lease, BASE)
    with postgres.session(testbed.cluster().url("postgres", BASE)) as admin, admin.cursor() as cursor:
        values = {
            "contracts": contracts,
            "accounts": -(-contracts // CONTRACTS_AN_ACCOUNT),
            "each": CONTRACTS_AN_ACCOUNT,
        }
        cursor.execute(_BOOK, values)
        cursor.execute("VACUUM ANALYZE")
        cursor.execute(f"SELECT count(*) FROM ({_JOIN}) AS lines")  # noqa: S608 - our own text
        return int(cursor.fetchone()[0])


def _round(lines: int, *, two_workers: bool, bulk_create: bool) -> dict[str, float]:
    found = {"join": _fresh(_join)}
    found["run"] = _fresh(lambda: _run(lines))
    found["rerun"] = _seconds(lambda: _run(lines, again=True))
    if two_workers:
        found["two workers"] = _fresh(lambda: _run(lines, workers=2))
    if bulk_create:
        found["bulk_create"] = _bulk_create()
    return found


def _fresh(work: Callable[[], object]) -> float:
    """Seconds of the work on a new clone of the prepared database."""
    from django.db import connection

    _clone()
    connection.ensure_connection()
    return _seconds(work)


def _clone() -> None:
    from django.db import connection

    connection.close()
    testbed.drop(testbed.NAME)
    with postgres.session(testbed.cluster().url("postgres", "postgres")) as admin, admin.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {testbed.NAME} TEMPLATE {BASE} OWNER plan_owner")
        cursor.execute("CHECKPOINT")


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _join() -> None:
    with postgres.session(testbed.cluster().url("postgres", testbed.NAME)) as admin, admin.cursor() as cursor:
        cursor.execute(
            "BEGIN; SET LOCAL work_mem = '64MB'; SET LOCAL jit = off; SET LOCAL session_replication_role = replica"
        )
        cursor.execute("SELECT billing_ensure_lines(%s)", [DAY])
        cursor.execute(f"INSERT INTO billing_invoiceline ({', '.join(_COLUMNS)}) {_JOIN}")
        cursor.execute("SELECT billing_index_lines(%s)", [DAY])
        cursor.execute("COMMIT")


def _run(lines: int, *, workers: int = 1, again: bool = False) -> None:
    from billing.actions import runs
    from portals import scope

    runs.register_announcer(_announce)
    report = runs.run(as_of=DAY, by=scope.system("benchmark"), workers=workers)
    if (report.lines, report.parked, report.changed) != (lines, 0, not again):
        raise SystemExit(f"the run did not do what it was measured for: {report}")


def _announce(invoice_ids: Sequence[int], by: object) -> None:
    """What an upper floor does: a mail for each invoiced account."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            'INSERT INTO portals_outboxmail (key, "to", subject, body, letter, postal_address, status, tries)'
            " SELECT 'invoice:' || id, 'billing.' || id || '@clients.example', 'Your invoice is ready',"
            " 'Sign in to see it.', false, '', 'waiting', 0 FROM unnest(%s) AS id",
            [list(invoice_ids)],
        )


def _bulk_create() -> float:
    """Line objects of the same lines in batches of 5,000, index afterwards."""
    from django.db import connection

    from billing.models import InvoiceLine
    from portals import scope as scopes

    _clone()
    with scopes.entered(scopes.system("benchmark"), bulk=True), connection.cursor() as cursor:
        cursor.execute(_JOIN)
        rows = [InvoiceLine(**dict(zip(_COLUMNS, row, strict=True))) for row in cursor.fetchall()]
        cursor.execute("SELECT billing_ensure_lines(%s)", [DAY])
        started = time.perf_counter()
        InvoiceLine.objects.bulk_create(rows, batch_size=5_000)
        cursor.execute("SELECT billing_index_lines(%s)", [DAY])
        return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--members", type=int, nargs="*", default=[10_000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--two-workers", action="store_true")
    parser.add_argument("--bulk-create", action="store_true")
    options = parser.parse_args()
    for members in options.members:
        found = measure(
            members, rounds=options.rounds, two_workers=options.two_workers, bulk_create=options.bulk_create
        )
        for name, value in found.items():
            print(f"{name:28} {value:14,.3f}")


if __name__ == "__main__":
    main()
