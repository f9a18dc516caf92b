"""What failed in the background is told every minute."""

from celery import shared_task

from portals import scope
from portals.desk.request_kinds import failures


@shared_task(name="portals.desk.tasks.tell_of_failures", expires=50)
def tell_of_failures() -> None:
    with scope.entered(scope.system("tell_of_failures")) as by:
        failures.tell(by=by)
