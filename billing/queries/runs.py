"""Bill runs as the desk sees them: how far, how much, and which accounts were left out and why."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, Q

from billing.enums import RunStatus, ShardStatus
from billing.models import BillRun, ParkedAccount


@dataclass(frozen=True, slots=True)
class RunRow:
    """`shards_done` of `shards` is the progress; money is cents."""

    as_of: dt.date
    done: bool
    accounts: int
    invoices: int
    lines: int
    cents: int
    shards: int
    shards_done: int
    parked: int


@dataclass(frozen=True, slots=True)
class Parked:
    account_number: str
    account_name: str
    reason: str  # no_price, no_rate_period, error


def recent(limit: int = 50) -> list[RunRow]:
    """The latest runs, newest first. One query."""
    rows = BillRun.objects.annotate(
        n_shards=Count("shards", distinct=True),
        n_done=Count("shards", filter=Q(shards__status=ShardStatus.DONE), distinct=True),
        n_parked=Count("parked__account", distinct=True),
    ).order_by("-as_of")[:limit]
    return [_row(row) for row in rows]


def one(as_of: dt.date) -> RunRow | None:
    return next((row for row in recent() if row.as_of == as_of), None)


def parked(as_of: dt.date) -> list[Parked]:
    rows = (
        ParkedAccount.objects.filter(run__as_of=as_of).select_related("account").order_by("account__number", "reason")
    )
    return [Parked(row.account.number, row.account.name, row.reason) for row in rows]


def _row(run: BillRun) -> RunRow:
    return RunRow(
        as_of=run.as_of,
        done=run.status == RunStatus.DONE,
        accounts=run.accounts,
        invoices=run.invoices,
        lines=run.lines,
        cents=run.cents,
        shards=run.n_shards,  # type: ignore[attr-defined]  # annotated by recent()
        shards_done=run.n_done,  # type: ignore[attr-defined]  # annotated by recent()
        parked=run.n_parked,  # type: ignore[attr-defined]  # annotated by recent()
    )
