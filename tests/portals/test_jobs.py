"""Work to do later: it is not lost when the broker is away, and what failed for good can be asked for again."""

import pytest
from celery import Celery
from redis.exceptions import ResponseError

from portals import jobs
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
