"""Jobs over two connections: what one has not committed the other does not see."""

import threading

import pytest
from django.utils import timezone

from portals import jobs
from portals.enums import JobStatus
from portals.models import Job
from portals.scope import system


def test_a_lease_is_renewed_for_as_long_as_the_work_goes_on(committed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "BEAT", 0.05)
    job = jobs.ask(kind="test.slow", key="test:1", scope=system("test"))
    renewed = threading.Event()

    def slow(mine: Job) -> None:
        Job.objects.filter(pk=mine.pk).update(leased_until=timezone.now())
        for _ in range(200):
            if renewed.wait(0.05) or Job.objects.get(pk=mine.pk).leased_until > timezone.now():
                renewed.set()
                return

    jobs.register("test.slow", slow)
    jobs.run(job.pk)
    assert renewed.is_set()
    job.refresh_from_db()
    assert (job.status, job.leased_until) == (JobStatus.DONE, None)
