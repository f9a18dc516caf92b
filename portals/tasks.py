"""Jobs are run and swept up here; every other task stands in the room whose work it is."""

from celery import shared_task

from portals import jobs


@shared_task(name=jobs.RUN_TASK)
def run_job(job_id: int) -> None:
    jobs.run(job_id)


@shared_task(name="portals.tasks.sweep_jobs", expires=10)
def sweep_jobs() -> None:
    jobs.sweep()
