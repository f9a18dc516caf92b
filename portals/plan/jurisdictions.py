"""Rules as data by state and date: never an `if state ==` in a view."""

from __future__ import annotations

import datetime as dt
from typing import Any

from portals.models import StateRule

EVERY_OTHER_STATE = "**"


class RuleMissing(LookupError):
    """Neither this state nor every other state has such a rule on that day."""


def rule(name: str, *, state: str, as_of: dt.date) -> Any:
    """The state's own rule, else the one for every other state.

    Names in use: `invoice_rule` ({"kind": "days_before_due"|"fixed_day", "day": n}), `grace_days` (n),
    `proration` ("none"|"fifteenth"|"daily"), `rating` ("tier"|"age"), `entitlements` (what a producer of an agency of
    that state usually gets: a list).
    """
    rows = StateRule.objects.filter(name=name, state__in=[state, EVERY_OTHER_STATE], effective__contains=as_of)
    found = max(rows, key=lambda row: row.state == state, default=None)
    if found is None:
        raise RuleMissing(f"no rule {name} for {state} on {as_of}")
    return found.value
