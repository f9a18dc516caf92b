"""Two tables of the same columns; `BENCH_LIBRARY` says who audits the second."""

import os

from django.db import models

LIBRARY = os.environ.get("BENCH_LIBRARY", "")


class Columns(models.Model):
    """As many columns as a person's record has."""

    first_name = models.CharField(max_length=40)
    last_name = models.CharField(max_length=40)
    birth_date = models.DateField()
    address = models.CharField(max_length=80)
    city = models.CharField(max_length=40)
    state = models.CharField(max_length=2)
    zip = models.CharField(max_length=10)
    phone = models.CharField(max_length=20)
    email = models.CharField(max_length=80)
    status = models.CharField(max_length=10)

    class Meta:
        abstract = True


class Plain(Columns):
    pass


class Audited(Columns):
    if LIBRARY == "django-simple-history":
        from simple_history.models import HistoricalRecords

        history = HistoricalRecords()


if LIBRARY == "django-pghistory":
    import pghistory

    pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())(Audited)
elif LIBRARY == "django-auditlog":
    from auditlog.registry import auditlog

    auditlog.register(Audited)
