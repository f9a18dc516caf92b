"""The outbox, every few seconds."""

from celery import shared_task

from portals.mail import outbox


@shared_task(name="portals.tasks.send_outbox", expires=5)
def send_outbox() -> None:
    outbox.send_due()
