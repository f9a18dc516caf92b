"""The bill run with several workers, killed ones, and as a job: committed, in a database of its own."""

import datetime as dt
import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection

from billing import tasks
from billing.actions import runs
from billing.enums import CoverageLine
from billing.models import BillAccount, BillShard, Invoice, InvoiceLine, LedgerTransfer, PriceRow
from launch import postgres, testbed
from portals import jobs
from portals import scope as scopes
from portals.models import Job
from portals.scope import Scope
from tests.factories import billing as make

DAY = dt.date(2026, 12, 15)
OPERATIONS = scopes.system("run_billing")
SYSTEM = scopes.system("test")


@pytest.fixture
def accounts(committed: str, monkeypatch: pytest.MonkeyPatch) -> list[BillAccount]:
    """Twelve accounts of three contracts each, in six shards."""
    monkeypatch.setattr(runs, "SHARD_LINES", 6)
    with scopes.entered(SYSTEM):
        medical = make.product()
        made = [make.account() for _ in range(12)]
        for number, account in enumerate(made):
            for contract in range(3):
                make.segment(account, 10 * number + contract, medical, "2026-05-01")
    return made


@contextmanager
def announced_by(announcer: runs.Announcer) -> Iterator[None]:
    runs.register_announcer(announcer)
    yield
    runs._announcers.remove(announcer)


def kill_sleeper(database: str) -> None:
    """End the worker's connection as a crash would, once it sleeps."""
    with postgres.session(testbed.cluster().url("postgres", database)) as admin, admin.cursor() as cursor:
        for _ in range(3000):
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = %s AND query = 'SELECT pg_sleep(60)'",
                [database],
            )
            if cursor.rowcount:
                return
            threading.Event().wait(0.01)
    pytest.fail("the worker never slept")


def assert_all_billed_once(accounts: Sequence[BillAccount]) -> None:
    with scopes.entered(SYSTEM):
        numbers = list(Invoice.objects.order_by("account__number").values_list("number", flat=True))
        assert sorted(numbers) == [f"INV-2701-{place:06}" for place in range(1, len(accounts) + 1)]
        assert InvoiceLine.objects.count() == 3 * len(accounts)
        assert LedgerTransfer.objects.count() == len(accounts)
    out = StringIO()
    call_command("verify_billing", "--json", stdout=out)
    assert json.loads(out.getvalue()) == {
        "invoices": len(accounts),
        "lines": 3 * len(accounts),
        "transfers": len(accounts),
        "findings": [],
    }


def test_a_killed_worker_leaves_nothing_and_the_next_one_completes_the_run(
    committed: str, accounts: list[BillAccount]
) -> None:
    at_work, failures = threading.Event(), []

    def hang_in_the_third_shard(invoice_ids: Sequence[int], by: Scope) -> None:
        if BillShard.objects.filter(status="done").count() == 2:
            at_work.set()
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_sleep(60)")

    def work() -> None:
        try:
            runs.run(as_of=DAY, by=OPERATIONS)
        except OperationalError as error:
            failures.append(error)
        finally:
            connection.close()

    with announced_by(hang_in_the_third_shard):
        worker = threading.Thread(target=work)
        worker.start()
        assert at_work.wait(30)
        kill_sleeper(committed)
        worker.join(30)
    assert len(failures) == 1
    with scopes.entered(SYSTEM):
        assert (Invoice.objects.count(), LedgerTransfer.objects.count(), InvoiceLine.objects.count()) == (4, 4, 12)
        assert BillShard.objects.filter(status="waiting").count() == 4
    report = runs.run(as_of=DAY, by=OPERATIONS)
    assert (report.done, report.invoices, report.shards) == (True, 12, 6)
    assert_all_billed_once(accounts)


def test_two_workers_share_the_shards_and_number_without_gaps(accounts: list[BillAccount]) -> None:
    workers: set[int] = set()
    both = threading.Event()

    def meet(invoice_ids: Sequence[int], by: Scope) -> None:
        workers.add(threading.get_ident())
        if len(workers) == 2:
            both.set()
        assert both.wait(30)

    with announced_by(meet):
        report = runs.run(as_of=DAY, by=OPERATIONS, workers=2)
    assert len(workers) == 2
    assert (report.done, report.invoices, report.shards) == (True, 12, 6)
    assert_all_billed_once(accounts)


def test_the_command_says_what_it_did_and_what_it_left_out(accounts: list[BillAccount]) -> None:
    with scopes.entered(SYSTEM):
        dental = make.product(CoverageLine.DENTAL)
        make.segment(accounts[0], 900, dental, "2026-05-01", key="NO-SUCH-TIER")
    out = StringIO()
    with pytest.raises(SystemExit) as ending:
        call_command("run_billing", "--as-of", "2026-12-15", "--workers", "2", "--json", stdout=out)
    said = json.loads(out.getvalue())
    assert ending.value.code == 1
    assert (said["accounts"], said["invoices"], said["lines"], said["parked"]) == (12, 11, 33, 1)
    with scopes.entered(SYSTEM):
        filed = PriceRow.objects.filter(product=dental).latest("filed").filed
        PriceRow.objects.create(product=dental, price_key="NO-SUCH-TIER", filed=filed, cents=1_00)
    out = StringIO()
    call_command("run_billing", "--as-of", "2026-12-16", stdout=out)
    assert out.getvalue() == "2026-12-16: 1 invoices, 4 lines, $2,438.11, 0 accounts left out.\n"


def test_the_job_bills_shows_its_progress_and_done_again_changes_nothing(accounts: list[BillAccount]) -> None:
    tasks.register()
    with scopes.entered(SYSTEM):
        job = jobs.ask(
            kind="billing.run",
            key=f"billing.run:{DAY}",
            payload={"as_of": DAY.isoformat()},
            scope=OPERATIONS,
            queue="bulk",
        )
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.status, job.done_steps, job.total_steps) == ("done", 6, 6)
    assert job.result is not None and (job.result["invoices"], job.result["parked"]) == (12, 0)
    helpers = list(Job.objects.filter(kind="billing.shard").order_by("key"))
    assert [helper.payload for helper in helpers] == [{"run": job.result["run"]}] * tasks.HELPERS
    jobs.run(helpers[0].pk)
    helpers[0].refresh_from_db()
    assert (helpers[0].status, helpers[0].result) == ("done", {"shards": 0})
    assert_all_billed_once(accounts)
