"""Celery tasks of the door: ids in, one action called."""

from celery import shared_task
from django.utils import timezone

from portals import jobs, scope
from portals.access_reviews import daily as access_reviews_days
from portals.login import dormancy
from portals.login import rate_limits as limits
from portals.login import wrong_passwords as guesses
from portals.mail import outbox
from portals.plan import clock
from portals.plan.periods import plan_date
from portals.privacy.activity import actions as activity
from portals.privacy.alerts import evaluation as alerts
from portals.privacy.ledger import nightly_check as ledger_check
from portals.sessions import form_drafts as drafts
from portals.sessions import log as signed_in


@shared_task(name="portals.tasks.run_job")
def run_job(job_id: int) -> None:
    jobs.run(job_id)


@shared_task(name="portals.tasks.sweep_jobs", expires=15)
def sweep_jobs() -> None:
    jobs.sweep()


@shared_task(name="portals.tasks.send_outbox", expires=5)
def send_outbox() -> None:
    outbox.send_due()


@shared_task(name="portals.tasks.purge_tries")
def purge_tries() -> None:
    limits.purge()


@shared_task(name="portals.tasks.purge_sessions")
def purge_sessions() -> None:
    signed_in.purge()
    drafts.purge()


@shared_task(name="portals.tasks.tell_of_guesses", expires=60)
def tell_of_guesses() -> None:
    with scope.entered(scope.system("tell_of_guesses")) as by:
        guesses.tell(by=by)


@shared_task(name="portals.tasks.warn_sleepers")
def warn_sleepers() -> None:
    with scope.entered(scope.system("warn_sleepers")) as by:
        dormancy.warn(by=by)


@shared_task(name="portals.tasks.review_access", expires=50)
def review_access() -> None:
    with scope.entered(scope.system("review_access")) as by:
        access_reviews_days.of_day(by=by, as_of=clock.today())


@shared_task(name="portals.tasks.check_ledger", expires=3600)
def check_ledger() -> None:
    ledger_check.check(by=scope.system("check_ledger"))


@shared_task(name="portals.tasks.watch_seal", expires=50)
def watch_seal() -> None:
    with scope.entered(scope.system("watch_seal")) as by:
        ledger_check.watch_lag(by=by)


@shared_task(name="portals.tasks.evaluate_alerts", expires=200, soft_time_limit=600, time_limit=660)
def evaluate_alerts() -> None:
    with scope.entered(scope.system("evaluate_alerts")) as by:
        alerts.evaluate(by=by)


@shared_task(name="portals.tasks.review_activity", expires=1800)
def review_activity() -> None:
    """By the calendar also in a demo: the ledger's times are the database's."""
    with scope.entered(scope.system("review_activity")) as by:
        activity.of_day(by=by, today=plan_date(timezone.now()))
