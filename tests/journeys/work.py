"""What the site's workers do. A journey waits for the job's own end, and not for so many seconds."""

import time

from portals import jobs
from portals.enums import JobStatus
from portals.models import Job

ENDED = (JobStatus.DONE, JobStatus.FAILED)
HANGS = 300.0  # seconds: longer than any of a journey's jobs, however slow the machine


def done(**of: object) -> None:
    """Do the job of these fields here; where one of the site's workers was quicker, wait until that one has."""
    job = Job.objects.get(**of)
    deadline = time.monotonic() + HANGS
    while job.status not in ENDED and time.monotonic() < deadline:
        jobs.run(job.pk)
        job.refresh_from_db()
        if job.status not in ENDED:
            time.sleep(0.1)
    assert job.status == JobStatus.DONE, f"{job.kind} is {job.status}: {job.error}"
