"""The business instant."""

import datetime as dt

import pytest
from django.utils import timezone
from pytest_django import Settings

from portals.plan import clock
from portals.plan.periods import PLAN_ZONE


def test_midnight_between_two_looks_is_not_a_day_ago(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.DEMO = False
    before = dt.datetime(2027, 1, 11, 23, 59, 59, 900_000, tzinfo=PLAN_ZONE)
    ticks = iter([before, before + dt.timedelta(milliseconds=200)])
    monkeypatch.setattr(timezone, "now", lambda: next(ticks))
    assert clock.now() >= before
