"""Reminders and ends of access reviews with two workers at once: committed, in a database of its own."""

import datetime as dt
import threading
from collections.abc import Callable

from django.db import connection

from audit.models import Event
from portals import scope as scopes
from portals.access_reviews import daily
from portals.models import OutboxMail
from portals.plan import clock
from tests.portals.access_reviews.test_reviews import DUE, practice

SYSTEM = scopes.system("test")
CLOSE = DUE + dt.timedelta(days=1)


def test_two_workers_at_once_remind_once_and_end_once(committed: str) -> None:
    with scopes.entered(SYSTEM) as system:
        office = practice()
        review = office.open()
        clock.move_to(dt.date(2023, 1, 1), by=system)

    def at_once(work: Callable[[], object]) -> None:
        gate = threading.Barrier(2)

        def worker() -> None:
            gate.wait()
            try:
                with scopes.entered(SYSTEM):
                    work()
            finally:
                connection.close()

        threads = [threading.Thread(target=worker) for _n in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    at_once(lambda: daily.remind(by=SYSTEM, as_of=dt.date(2023, 1, 1)))
    at_once(lambda: daily.lapse(by=SYSTEM, review_id=review.pk, as_of=CLOSE))
    with scopes.entered(SYSTEM):
        assert OutboxMail.objects.count() == 1
        assert Event.objects.filter(action="access_review.remind").count() == 1
        assert Event.objects.filter(action="access_review.lapse").count() == 1
        assert Event.objects.filter(action="providers.staff.remove").count() == 1
