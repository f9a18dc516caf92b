"""Jobs of billing: the row says what, the worker calls one action."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from celery import shared_task
from django.utils.translation import gettext_lazy as _

from billing.actions import runs
from portals import jobs, scope
from portals.enums import Team
from portals.models import Job
from portals.plan import clock
from portals.scope import Scope

RUN, SHARD = "billing.run", "billing.shard"
HELPERS = 3  # jobs beside the run's own, for bulk workers that are free


def register() -> None:
    jobs.register(RUN, run_billing, label=_("Bill run"), team=Team.BILLING_OPERATIONS)
    jobs.register(SHARD, run_shards, label=_("A part of a bill run"), team=Team.BILLING_OPERATIONS)


def run_billing(job: Job) -> Mapping[str, Any]:
    """The run of `payload["as_of"]`: plans it, asks free workers to help, and works until it is done."""
    by = Scope.from_reference(job.scope)
    opened = runs.open_run(as_of=dt.date.fromisoformat(job.payload["as_of"]), by=by)
    done, total = runs.steps(opened.pk)
    for number in range(1, min(total - done, HELPERS + 1)):
        jobs.ask(kind=SHARD, key=f"{job.key}:{number}", payload={"run": opened.pk}, scope=by, queue="bulk")
    runs.complete(opened.pk, by=by, progress=lambda done, total: jobs.progress(job, done, total))
    found = runs.report(opened.pk)
    return {"run": opened.pk, "invoices": found.invoices, "lines": found.lines, "parked": found.parked}


def run_shards(job: Job) -> Mapping[str, Any]:
    """Takes shards of the run as long as there is one that nobody has."""
    by = Scope.from_reference(job.scope)
    shards = 0
    while runs.work(job.payload["run"], by=by):
        shards += 1
        jobs.progress(job, *runs.steps(job.payload["run"]))
    return {"shards": shards}


@shared_task(name="billing.tasks.ask_for_todays_run")
def ask_for_todays_run() -> None:
    """Every day has its run; asked again, it is the same one."""
    today = clock.today()
    by = replace(scope.system("run_billing"), source="beat")
    with scope.entered(by):
        jobs.ask(kind=RUN, key=f"{RUN}:{today}", payload={"as_of": today.isoformat()}, scope=by, queue="bulk")
