"""The ledger's clockwork. Both tasks may run twice at once and again after a kill."""

import logging

from celery import shared_task

from audit import actions, queries
from audit.seal import sealer

LAG_ALARM_SECONDS = 60

log = logging.getLogger(__name__)


@shared_task(expires=2, soft_time_limit=600, time_limit=660)
def seal() -> None:
    """Twice a second; cheap when nothing is to seal."""
    sealer.seal()
    lag = queries.seal_lag()
    if lag.seconds > LAG_ALARM_SECONDS:
        log.error("%d audit rows wait to be sealed for up to %d s: an old transaction is open", lag.rows, lag.seconds)


@shared_task(soft_time_limit=60, time_limit=90)
def ensure_partitions() -> None:
    """Every day."""
    actions.ensure_partitions()
