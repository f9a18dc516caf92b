"""The nightly check of the ledger, and the watch over its seal."""

from celery import shared_task

from portals import scope
from portals.privacy.ledger import nightly_check


@shared_task(name="portals.tasks.check_ledger", expires=3600)
def check_ledger() -> None:
    nightly_check.check(by=scope.system("check_ledger"))


@shared_task(name="portals.tasks.watch_seal", expires=50)
def watch_seal() -> None:
    with scope.entered(scope.system("watch_seal")) as by:
        nightly_check.watch_lag(by=by)
