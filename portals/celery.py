"""Celery wakes workers; what is left to do stands in PostgreSQL (`portals.jobs`)."""

import os

from celery import Celery
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portals.settings.dev")

app = Celery("portals")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.autodiscover_tasks(  # rooms are no apps: each that has tasks is named
    [
        "portals.access_reviews",
        "portals.desk",
        "portals.login",
        "portals.mail",
        "portals.privacy.activity",
        "portals.privacy.alerts",
        "portals.privacy.ledger",
    ]
)
app.conf.beat_schedule = {
    "seal the audit ledger": {"task": "audit.tasks.seal", "schedule": 0.5},
    "make the audit ledger's coming months": {
        "task": "audit.tasks.ensure_partitions",
        "schedule": crontab(hour=3, minute=10),
    },
    "check the audit ledger": {
        "task": "portals.tasks.check_ledger",
        "schedule": crontab(hour="1-4", minute=50),  # one check a day: the later ones make up for a missed first
        "options": {"queue": "bulk"},
    },
    "tell of rows that wait to be sealed": {"task": "portals.tasks.watch_seal", "schedule": 60.0},
    "run the day's bills": {"task": "billing.tasks.ask_for_todays_run", "schedule": crontab(hour="0-5", minute=15)},
    "forget old tries at the doors": {"task": "portals.tasks.purge_tries", "schedule": crontab(minute=20)},
    "forget sessions and drafts that are over": {
        "task": "portals.tasks.purge_sessions",
        "schedule": crontab(hour=4, minute=25),
    },
    "warn accounts that will fall asleep": {
        "task": "portals.tasks.warn_sleepers",
        "schedule": crontab(hour=7, minute=40),
    },
    "tell owners of wrong passwords": {"task": "portals.tasks.tell_of_guesses", "schedule": 60.0},
    "remind of access reviews, end what nobody confirmed": {
        "task": "portals.tasks.review_access",
        "schedule": crontab(),  # every minute: access that is over ends with its day
    },
    "look for alerts in the audit ledger": {"task": "portals.tasks.evaluate_alerts", "schedule": crontab(minute="*/5")},
    "review the week's activity, remind of what is not signed": {
        "task": "portals.tasks.review_activity",
        "schedule": crontab(minute=25),
    },
    "send mail": {"task": "portals.tasks.send_outbox", "schedule": 5.0},
    "tell of work and mail that failed": {"task": "portals.desk.tasks.tell_of_failures", "schedule": 60.0},
    "re-send jobs that nobody took": {"task": "portals.tasks.sweep_jobs", "schedule": 10.0},
}
