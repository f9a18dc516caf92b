"""Access reviews: reminders, and the end of what nobody confirmed."""

from celery import shared_task

from portals import scope
from portals.access_reviews import daily
from portals.plan import clock


@shared_task(name="portals.tasks.review_access", expires=50)
def review_access() -> None:
    with scope.entered(scope.system("review_access")) as by:
        daily.of_day(by=by, as_of=clock.today())
