"""Pages of a list that grows at its head: each begins after the last row of the one before."""

from __future__ import annotations

import datetime as dt

from audit.queries import Place

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_TICK = dt.timedelta(microseconds=1)


def place_text(at: dt.datetime, number: int) -> str:
    """Where a page ends, for the address of the next one."""
    return f"{(at - _EPOCH) // _TICK}-{number}"


def place_of(text: str) -> Place | None:
    """What is no such place begins at the newest."""
    ticks, _dash, number = text.partition("-")
    if not (ticks.isdecimal() and number.isdecimal() and len(ticks) < 17 and len(number) < 19):
        return None
    return _EPOCH + int(ticks) * _TICK, int(number)
