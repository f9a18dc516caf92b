"""Legal holds: months of the ledger that must not be archived while a matter is open.

A hold is placed by one person and ends by two: one proposes the release, another one gives it. Every step is a row that
stays, and an event of the ledger with the row's hash, so that a step that is removed or changed is found.
"""

import dataclasses
import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.backends.utils import CursorWrapper

from audit import actions, models
from audit.enums import HoldStep, Kind
from audit.seal.findings import Finding

OBJECT = "audit_hold"
ACTION = "audit.hold"
ARCHIVED = "audit_archive"  # what an archived month's event is about: audit.archiving
_DAY = dt.timedelta(days=1)
_LOCK = "SELECT pg_advisory_xact_lock(hashtext('audit_hold'))"
_INSERT = """
INSERT INTO audit_hold (number, step, actor, first_month, last_month, matter, reason)
VALUES (coalesce(%s, (SELECT coalesce(max(number), 0) + 1 FROM audit_hold)), %s, %s, %s, %s, %s, %s)
RETURNING id
"""


class NotThen(ValueError):
    """The hold is not where this step could follow: somebody else was quicker, or one person would be both."""


@dataclasses.dataclass(frozen=True)
class Held:
    """A hold as it stands. Months are first days, both included; without a last one it holds whatever comes."""

    number: int
    first_month: dt.date
    last_month: dt.date | None
    matter: str
    reason: str
    steps: tuple[models.Hold, ...]  # the earliest first

    @property
    def state(self) -> HoldStep:
        """`PLACED` also where a release was proposed and the hold was kept."""
        last = HoldStep(self.steps[-1].step)
        return HoldStep.PLACED if last is HoldStep.KEPT else last

    @property
    def proposal(self) -> models.Hold | None:
        """The release that waits for a second person."""
        return self.steps[-1] if self.state is HoldStep.RELEASE_PROPOSED else None

    def holds(self, month: dt.date) -> bool:
        if self.state is HoldStep.RELEASED:
            return False
        return self.first_month <= month and (self.last_month is None or month <= self.last_month)


def listed() -> list[Held]:
    """All holds, the latest first. One query."""
    steps: dict[int, list[models.Hold]] = {}
    for row in models.Hold.objects.order_by("id"):
        steps.setdefault(row.number, []).append(row)
    made = []
    for number, rows in steps.items():
        placed = rows[0]
        if placed.first_month is None:
            continue  # its first step was removed: `told` finds that, and nothing is archived meanwhile
        made.append(Held(number, placed.first_month, placed.last_month, placed.matter, placed.reason, tuple(rows)))
    return made[::-1]


def on(month: dt.date) -> list[Held]:
    """The holds in force that touch this month (its first day), the earliest first."""
    return [held for held in reversed(listed()) if held.holds(month)]


def lock() -> None:
    """No step of any hold is taken by others until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK)


def place(*, first_month: dt.date, last_month: dt.date | None, matter: str, reason: str, who: Mapping[str, Any]) -> int:
    """Hold the months from first to last, both included; answers the hold's number. `who` are the columns of an event
    that say who acts, as for every step below."""
    return _step(None, HoldStep.PLACED, reason, who, first_month=first_month, last_month=last_month, matter=matter)


def propose_release(*, number: int, reason: str, who: Mapping[str, Any]) -> None:
    """Raises `NotThen`."""
    _step(number, HoldStep.RELEASE_PROPOSED, reason, who)


def release(*, number: int, reason: str, who: Mapping[str, Any]) -> None:
    """By another person than who proposed it; raises `NotThen`."""
    _step(number, HoldStep.RELEASED, reason, who)


def keep(*, number: int, reason: str = "", who: Mapping[str, Any]) -> None:
    """The proposed release is declined or taken back; raises `NotThen`."""
    _step(number, HoldStep.KEPT, reason, who)


def _step(
    number: int | None,
    step: HoldStep,
    reason: str,
    who: Mapping[str, Any],
    *,
    first_month: dt.date | None = None,
    last_month: dt.date | None = None,
    matter: str = "",
) -> int:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_LOCK)
            cursor.execute(_INSERT, [number, step.value, who["actor"], first_month, last_month, matter, reason])
            row = models.Hold.objects.get(id=cursor.fetchone()[0])
            actions.record(
                kind=Kind.CREATE if step is HoldStep.PLACED else Kind.CHANGE,
                action=ACTION,
                object_kind=OBJECT,
                object_id=str(row.id),
                detail={"hold": row.number, "step": step.value, "hash": hash_of(row)},
                **who,
            )
    except IntegrityError as error:
        raise NotThen from error
    return row.number


def hash_of(row: models.Hold) -> str:
    """Over every column of a step."""
    first, last = (day.isoformat() if day else "" for day in (row.first_month, row.last_month))
    at = row.recorded_at.astimezone(dt.UTC).isoformat(timespec="microseconds")
    columns = [row.id, row.number, row.step, at, row.actor, first, last, row.matter, row.reason]
    return hashlib.sha256(json.dumps(columns).encode()).hexdigest()


# --- Steps and manifests against the ledger's events ----------------------------------------------------------------


def findings(cursor: CursorWrapper, first: dt.date | None = None, last: dt.date | None = None) -> Iterator[Finding]:
    """Each step of a hold and each manifest has its event with its hash, and each such event its row; of what was
    recorded in the months (UTC) from `first` to `last`. What stands in an archived month is not asked for."""
    away = {(month.year, month.month) for month in models.Archive.objects.values_list("month", flat=True)}
    rows = {(OBJECT, str(row.id)): (hash_of(row), row.recorded_at) for row in models.Hold.objects.all()}
    rows |= {
        (ARCHIVED, f"{row.month:%Y-%m}"): (bytes(row.hash).hex(), row.recorded_at)
        for row in models.Archive.objects.all()
    }
    events = _events(cursor, first, last)
    for key, hashes in events.items():
        if key not in rows:
            yield _missing(key, "its row is gone, and the ledger's event tells of it")
        elif hashes != {rows[key][0]}:
            yield _missing(key, "it is not the one of the ledger's event")
    for key, (_hash, at) in rows.items():
        month = at.astimezone(dt.UTC).date().replace(day=1)
        within = (first is None or first.replace(day=1) <= month) and (last is None or month <= last)
        if within and (month.year, month.month) not in away and key not in events:
            yield _missing(key, "the ledger has no event of it")


def _missing(key: tuple[str, str], text: str) -> Finding:
    kind, name = key
    if kind == OBJECT:
        return Finding(
            "hold", f"step {name} of the legal holds: {text}", OBJECT, int(name) if name.isdecimal() else None
        )
    return Finding("archive", f"the manifest of {name}: {text}", ARCHIVED)


def _events(
    cursor: CursorWrapper, first: dt.date | None, last: dt.date | None
) -> dict[tuple[str, str], set[str | None]]:
    """By object; a day more at both ends: row and event are of one transaction, yet not of one instant."""
    since = first.replace(day=1) - _DAY if first else dt.date(1970, 1, 1)
    until = (last.replace(day=28) + 5 * _DAY).replace(day=2) if last else dt.date(9000, 1, 1)
    cursor.execute(
        "SELECT object_kind, object_id, detail->>'hash' FROM audit_event WHERE object_kind = ANY (%s)"
        " AND action = ANY (%s) AND outcome = 'done'"
        " AND recorded_at >= %s::timestamptz AND recorded_at < %s::timestamptz",
        [[OBJECT, ARCHIVED], [ACTION, "audit.archive"], since, until],
    )
    found: dict[tuple[str, str], set[str | None]] = {}
    for kind, name, row_hash in cursor.fetchall():
        found.setdefault((kind, name), set()).add(row_hash)
    return found
