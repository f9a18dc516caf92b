"""Work to do later. The row is the truth; Celery is told on commit, and a sweeper tells it again.

    jobs.ask(kind="billing.run", key=f"billing.run:{day}", payload={...}, scope=scope, queue="bulk")

The owning app registers how a kind is done: `jobs.register("billing.run", run)` with `run(job) -> result dict`.
A job may be delivered twice: `run` must be idempotent by constraints of its own. One that was asked for while acting is
done only while the grant stands; no runner needs to ask.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from celery import current_app
from django.db import DatabaseError, connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from audit import actions as audit
from audit.enums import Kind, Outcome
from portals import acting
from portals.enums import JobStatus, Team
from portals.models import Job
from portals.scope import PartyRef, Scope

Runner = Callable[[Job], Mapping[str, Any] | None]
LEASE = dt.timedelta(seconds=15)  # a dead worker's job is free again after it
BEAT = 4.0  # seconds between renewals while the work goes on
LONGEST = 4 * 3600.0  # seconds for which a lease is renewed: what takes longer hangs
BROKER_SECONDS = 1.0  # what a request waits at most for a broker that does not answer
BROKER_PAUSE = 15.0  # seconds in which a broker that did not answer is not asked again; the sweeper tells it later
MAX_TRIES = 5
RUN_TASK = "portals.tasks.run_job"  # by name: what is asked for here may itself ask for jobs
WORKER_LOST = "WorkerLost"  # the error of a job that ended its worker on each try
NO_LONGER_ALLOWED = "NoLongerAllowed"  # the error of a job whose grant ended before it was done


@dataclass(frozen=True, slots=True)
class JobKind:
    """How a kind of job is done, what people call it, and the team that sees to one that failed."""

    run: Runner
    label: Any = ""
    team: Team = Team.HELP_DESK


_kinds: dict[str, JobKind] = {}
_after_failure: dict[str, Callable[[Job], None]] = {}
_silent_until = 0.0  # by this process's own clock


def register(
    kind: str,
    runner: Runner,
    *,
    label: Any = "",
    team: Team = Team.HELP_DESK,
    failed: Callable[[Job], None] | None = None,
) -> None:
    """`failed` is called, in a transaction of its own, when a job of this kind has failed for good; it then tells
    whoever asked. Without it the desk opens a request for `team`."""
    _kinds[kind] = JobKind(runner, label, team)
    if failed is not None:
        _after_failure[kind] = failed


def kinds() -> list[str]:
    return list(_kinds)


def named(kind: str) -> JobKind:
    """One whose app is gone keeps its name."""
    return _kinds.get(kind) or JobKind(run=lambda job: None)


def with_failed() -> list[str]:
    """Kinds whose own app answers a failure."""
    return list(_after_failure)


def ask(
    *,
    kind: str,
    key: str,
    scope: Scope,
    payload: Mapping[str, Any] | None = None,
    queue: str = "quick",
    owner: PartyRef | None = None,
    again: bool = False,
) -> Job:
    """Write the job in this transaction and hint Celery once it is committed. Asking twice with one key is one job.

    `again`: one that has failed for good is tried anew, as it is asked for now and by whom.
    """
    job, made = Job.objects.get_or_create(
        key=key,
        defaults={
            "kind": kind,
            "payload": dict(payload or {}),
            "scope": scope.reference(),
            "queue": queue,
            "owner": str(owner or scope.party or ""),
        },
    )
    if not made and again:
        made = bool(
            Job.objects.filter(pk=job.pk, status=JobStatus.FAILED).update(
                status=JobStatus.WAITING,
                payload=dict(payload or {}),
                scope=scope.reference(),
                tries=0,
                error="",
                leased_until=None,
            )
        )
        job.refresh_from_db()
    if made:
        transaction.on_commit(lambda: hint(job.pk, queue))
    return job


def hint(job_id: int, queue: str) -> None:
    """Tell Celery of a job. Whatever the broker does is nobody's trouble here: the sweeper will say it again."""
    global _silent_until
    from kombu.exceptions import OperationalError
    from redis.exceptions import RedisError

    if time.monotonic() < _silent_until:
        return
    patience = {"socket_timeout": BROKER_SECONDS, "socket_connect_timeout": BROKER_SECONDS}
    try:
        with current_app.connection_for_write(transport_options=patience) as connection:
            current_app.send_task(RUN_TASK, args=[job_id], queue=queue, retry=False, connection=connection)
    except (OperationalError, OSError, RedisError):
        _silent_until = time.monotonic() + BROKER_PAUSE


def run(job_id: int) -> None:
    """Take the lease, do the work, keep the result. A doubled message finds nothing to do."""
    job = _claim(job_id)
    if job is None or _refused(job):
        return
    try:
        with _leased(job):
            result = _kinds[job.kind].run(job)
    except Exception as error:  # the worker's outermost frame: whatever went wrong is kept on the row
        Job.objects.filter(pk=job.pk, status=JobStatus.RUNNING, tries=job.tries).update(  # unless another took it up
            status=JobStatus.FAILED if job.tries >= MAX_TRIES else JobStatus.WAITING,
            error=type(error).__name__,
            leased_until=timezone.now() + dt.timedelta(seconds=10 * job.tries),
            finished_at=timezone.now() if job.tries >= MAX_TRIES else None,
        )
        if job.tries >= MAX_TRIES and job.kind in _after_failure:
            _after_failure[job.kind](job)
        raise
    Job.objects.filter(pk=job.pk).update(
        status=JobStatus.DONE, result=dict(result or {}), error="", finished_at=timezone.now(), leased_until=None
    )


def _refused(job: Job) -> bool:
    """Whoever asked for it while acting may no longer act: it ends here, for good."""
    scope = Scope.from_reference(job.scope)
    if acting.still_stands(scope):
        return False
    with transaction.atomic():
        Job.objects.filter(pk=job.pk, tries=job.tries).update(
            status=JobStatus.FAILED, error=NO_LONGER_ALLOWED, finished_at=timezone.now(), leased_until=None
        )
        audit.record(
            kind=Kind.DENIAL,
            action=job.kind,
            outcome=Outcome.REFUSED,
            object_kind="job",
            object_id=str(job.pk),
            detail={"gate": NO_LONGER_ALLOWED},
            **scope.audit(),
        )
    return True


def _claim(job_id: int) -> Job | None:
    now = timezone.now()
    claimed = (
        Job.objects.filter(pk=job_id)
        .filter(
            Q(status=JobStatus.WAITING) & (Q(leased_until=None) | Q(leased_until__lte=now))
            | Q(status=JobStatus.RUNNING, leased_until__lte=now)
        )
        .filter(tries__lt=MAX_TRIES)
        .update(status=JobStatus.RUNNING, leased_until=now + LEASE, tries=F("tries") + 1)
    )
    return Job.objects.get(pk=job_id) if claimed else None


def progress(job: Job, done: int, total: int) -> None:
    """Visible at once, but for a call inside the job's own open transaction."""
    Job.objects.filter(pk=job.pk).update(done_steps=done, total_steps=total)


@contextlib.contextmanager
def _leased(job: Job) -> Iterator[None]:
    """The lease is short, so that a killed worker's job is soon another's, and renewed for as long as the work goes
    on, by a thread with a connection of its own: what the work has not committed holds nothing up."""
    over = threading.Event()
    renewing = threading.Thread(target=_renew, args=(job.pk, job.tries, over), name=f"lease-{job.pk}", daemon=True)
    renewing.start()
    try:
        yield
    finally:
        over.set()
        renewing.join()


def _renew(job_id: int, tries: int, over: threading.Event) -> None:
    end = time.monotonic() + LONGEST
    try:
        while not over.wait(BEAT) and time.monotonic() < end:
            held = Job.objects.filter(pk=job_id, status=JobStatus.RUNNING, tries=tries)
            with contextlib.suppress(DatabaseError):  # the database is away for a moment: the next beat tries again
                held.update(leased_until=timezone.now() + LEASE)
    finally:
        connection.close()


def _give_up() -> None:
    """A job that took its worker with it on each try has failed: nobody else would ever say so."""
    lost = Job.objects.filter(status=JobStatus.RUNNING, leased_until__lte=timezone.now(), tries__gte=MAX_TRIES)
    for job in lost.order_by("id")[:200]:
        with transaction.atomic():
            ended = Job.objects.filter(pk=job.pk, status=JobStatus.RUNNING, tries=job.tries).update(
                status=JobStatus.FAILED, error=WORKER_LOST, finished_at=timezone.now(), leased_until=None
            )
        if ended and job.kind in _after_failure:
            job.refresh_from_db()
            _after_failure[job.kind](job)


def sweep() -> int:
    """Hint again what waits or whose worker died; end what killed its worker on every try. Returns how many were
    hinted."""
    _give_up()
    now = timezone.now()
    due = Job.objects.filter(
        Q(status=JobStatus.WAITING, created_at__lt=now - dt.timedelta(seconds=10))
        & (Q(leased_until=None) | Q(leased_until__lte=now))
        | Q(status=JobStatus.RUNNING, leased_until__lte=now)
    ).values_list("pk", "queue")[:200]
    for job_id, queue in due:
        hint(job_id, queue)
    return len(due)
