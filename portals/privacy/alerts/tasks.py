"""Alerts are looked for every five minutes."""

from celery import shared_task

from portals import scope
from portals.privacy.alerts import evaluation as alerts


@shared_task(name="portals.tasks.evaluate_alerts", expires=200, soft_time_limit=600, time_limit=660)
def evaluate_alerts() -> None:
    with scope.entered(scope.system("evaluate_alerts")) as by:
        alerts.evaluate(by=by)
