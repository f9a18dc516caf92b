"""Work to do later: it is not lost when the broker is away, and what failed for good can be asked for again."""

import datetime as dt
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from celery import Celery
from django.test import Client
from django.utils import timezone
from redis.exceptions import ResponseError

from portals import celery_app, jobs
from portals.enums import JobStatus
from portals.models import Job
from portals.scope import PartyRef, Portal, Scope, system

pytestmark = pytest.mark.django_db
OTHER = Scope(actor="user:7", portal=Portal.EMPLOYER, user_id=7, party=PartyRef("client", 3))


def test_a_broker_that_refuses_does_not_undo_the_answer(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: object
) -> None:
    def full(*args: object, **kwargs: object) -> None:
        raise ResponseError("OOM command not allowed when used memory > 'maxmemory'.")

    monkeypatch.setattr(Celery, "send_task", full)
    with django_capture_on_commit_callbacks(execute=True):
        job = jobs.ask(kind="test.kind", key="test:1", scope=system("test"))
    assert Job.objects.get(pk=job.pk).status == JobStatus.WAITING


def test_a_job_that_failed_for_good_is_tried_anew_as_who_asks_again() -> None:
    job = jobs.ask(kind="test.kind", key="test:1", scope=system("test"))
    Job.objects.filter(pk=job.pk).update(status=JobStatus.FAILED, tries=jobs.MAX_TRIES)
    assert jobs.ask(kind="test.kind", key="test:1", scope=OTHER).status == JobStatus.FAILED
    job = jobs.ask(kind="test.kind", key="test:1", scope=OTHER, payload={"accept": False}, again=True)
    assert (job.status, job.tries, job.scope["actor"]) == (JobStatus.WAITING, 0, "user:7")
    assert job.payload == {"accept": False}
    Job.objects.filter(pk=job.pk).update(status=JobStatus.DONE)
    assert jobs.ask(kind="test.kind", key="test:1", scope=OTHER, again=True).status == JobStatus.DONE


def test_a_worker_that_lost_its_lease_does_not_undo_what_the_next_one_did() -> None:
    job = jobs.ask(kind="test.slow", key="test:1", scope=system("test"))

    def slow(mine: Job) -> None:
        Job.objects.filter(pk=mine.pk).update(leased_until="2026-01-01T00:00Z")
        jobs.register("test.slow", lambda taken_up: {"by": "the next one"})
        jobs.run(mine.pk)
        raise TimeoutError

    jobs.register("test.slow", slow)
    with pytest.raises(TimeoutError):
        jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.status, job.result, job.tries) == (JobStatus.DONE, {"by": "the next one"}, 2)


class Mute:
    """A server that takes connections and never says a word."""

    def __init__(self, family: socket.AddressFamily, address: str | tuple[str, int]) -> None:
        self.asked = 0
        self._held: list[socket.socket] = []
        self._listening = socket.socket(family, socket.SOCK_STREAM)
        self._listening.bind(address)
        self._listening.listen(64)
        self.address = self._listening.getsockname()
        threading.Thread(target=self._take, daemon=True).start()

    def _take(self) -> None:
        while True:
            try:
                taken, _peer = self._listening.accept()
            except OSError:
                return
            self.asked += 1
            self._held.append(taken)

    def close(self) -> None:
        self._listening.close()
        for each in self._held:
            each.close()


@pytest.fixture(params=["unix", "tcp"])
def mute_broker(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mute]:
    if request.param == "unix":
        mute = Mute(socket.AF_UNIX, f"/tmp/mute-{id(tmp_path)}")  # noqa: S108 - a deep folder is too long for a socket
        url = f"redis+socket://{mute.address}?virtual_host=0"
    else:
        mute = Mute(socket.AF_INET, ("127.0.0.1", 0))
        url = f"redis://127.0.0.1:{mute.address[1]}/0"
    monkeypatch.setattr(celery_app.conf, "broker_write_url", url)
    monkeypatch.setattr(jobs, "_silent_until", 0.0)
    yield mute
    mute.close()
    if request.param == "unix":
        Path(mute.address).unlink()


def test_a_broker_that_hangs_is_asked_once_and_stops_nobody(
    mute_broker: Mute, django_capture_on_commit_callbacks: object
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        for number in range(1_000):
            jobs.ask(kind="test.kind", key=f"test:{number}", scope=system("test"))
    assert Job.objects.filter(status=JobStatus.WAITING).count() == 1_000
    assert mute_broker.asked <= 2  # a client may try a connection twice before it gives up
    assert Client().get("/health/").content == b"ok\n"


def test_a_job_whose_worker_was_killed_is_soon_anothers() -> None:
    job = jobs.ask(kind="test.kind", key="test:1", scope=system("test"))
    jobs.register("test.kind", lambda taken_up: {"by": "the next one"})
    begun = timezone.now()
    Job.objects.filter(pk=job.pk).update(status=JobStatus.RUNNING, tries=1, leased_until=begun + jobs.LEASE)
    assert jobs.LEASE + dt.timedelta(seconds=celery_app.conf.beat_schedule[SWEEP]["schedule"]) < dt.timedelta(
        seconds=30
    )
    jobs.run(job.pk)
    assert Job.objects.get(pk=job.pk).status == JobStatus.RUNNING  # another is at it
    Job.objects.filter(pk=job.pk).update(leased_until=begun - dt.timedelta(seconds=1))
    assert jobs.sweep() == 1
    jobs.run(job.pk)
    assert Job.objects.get(pk=job.pk).result == {"by": "the next one"}


SWEEP = "re-send jobs that nobody took"


def test_a_job_that_kills_its_worker_on_every_try_ends_as_failed() -> None:
    told: list[str] = []
    jobs.register("test.deadly", lambda taken_up: None, failed=lambda over: told.append(over.error))
    job = jobs.ask(kind="test.deadly", key="test:1", scope=system("test"))
    for tries in range(1, jobs.MAX_TRIES + 1):
        claimed = jobs._claim(job.pk)
        assert claimed is not None and claimed.tries == tries
        Job.objects.filter(pk=job.pk).update(leased_until=timezone.now() - dt.timedelta(seconds=1))
    assert jobs._claim(job.pk) is None
    assert jobs.sweep() == 0
    job.refresh_from_db()
    assert (job.status, job.error, told) == (JobStatus.FAILED, jobs.WORKER_LOST, [jobs.WORKER_LOST])
    assert job.finished_at is not None
    jobs.sweep()
    assert told == [jobs.WORKER_LOST]
