"""The weekly review of activity, made and reminded of by the clock."""

from celery import shared_task
from django.utils import timezone

from portals import scope
from portals.plan.periods import plan_date
from portals.privacy.activity import actions as activity


@shared_task(name="portals.tasks.review_activity", expires=1800)
def review_activity() -> None:
    """By the calendar also in a demo: the ledger's times are the database's."""
    with scope.entered(scope.system("review_activity")) as by:
        activity.of_day(by=by, today=plan_date(timezone.now()))
