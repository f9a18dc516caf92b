"""Legal holds on the ledger at the privacy officer's desk: one person places, two release."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import transaction

from audit import queries
from audit.archive import holds as archive_holds
from audit.archive.holds import Held, NotThen
from audit.enums import HoldStep
from audit.queries import ArchivedMonth
from portals import permissions
from portals.access import FOUR_EYES, Desk
from portals.permissions import Answer, Refused
from portals.privacy.ledger import subjects as ledger_subjects
from portals.scope import Scope

__all__ = ["AlreadyHeld", "Held", "HoldStep", "NotThen"]


class AlreadyHeld(ValueError):
    """The very same hold is in force."""


def listed(by: Scope, *, query: str = "", state: str = "") -> list[Held]:
    """The latest first; `query` is any part of matter or reason. One query. Raises `Refused`."""
    permissions.require(by, Desk.HOLD_LEDGER)
    words = query.casefold().split()
    return [
        held
        for held in archive_holds.listed()
        if state in ("", held.state.value) and all(word in f"{held.matter} {held.reason}".casefold() for word in words)
    ]


def one(by: Scope, number: int) -> Held | None:
    return next((held for held in listed(by) if held.number == number), None)


def actors(holds: Iterable[Held]) -> dict[str, int]:
    """Who took the steps of these holds: actor to user id."""
    found = {step.actor for held in holds for step in held.steps}
    return {actor: int(actor.removeprefix("user:")) for actor in sorted(found) if actor.startswith("user:")}


def names(holds: Iterable[Held]) -> dict[str, str]:
    """Their names by actor. One query."""
    people = actors(holds)
    named = ledger_subjects.user_names(people.values())
    return {actor: named.get(pk, actor) for actor, pk in people.items()}


def archived_within(by: Scope, held: Held) -> list[ArchivedMonth]:
    """Months that the hold names and that were archived before it came: whoever keeps their files must be told."""
    permissions.require(by, Desk.HOLD_LEDGER)
    return [
        each
        for each in reversed(queries.archived_months())
        if held.first_month <= each.month and (held.last_month is None or each.month <= held.last_month)
    ]


def may_release(by: Scope, held: Held) -> bool:
    """Another person than who proposed it; the database holds to it as well."""
    return held.proposal is not None and held.proposal.actor != by.actor


def place(*, by: Scope, first_month: dt.date, last_month: dt.date | None, matter: str, reason: str) -> int:
    """Hold these months, both included; answers the hold's number. Raises `Refused`, `AlreadyHeld`, and `NotThen` for
    what is none."""
    permissions.require(by, Desk.HOLD_LEDGER)
    with transaction.atomic():
        archive_holds.lock()
        asked = (matter, first_month, last_month)
        if any((held.matter, held.first_month, held.last_month) == asked for held in archive_holds.on(first_month)):
            raise AlreadyHeld
        return archive_holds.place(
            first_month=first_month, last_month=last_month, matter=matter, reason=reason, who=by.audit()
        )


def propose_release(*, by: Scope, number: int, reason: str) -> None:
    """Raises `NotThen` where it is not in force."""
    permissions.require(by, Desk.HOLD_LEDGER)
    archive_holds.propose_release(number=number, reason=reason, who=by.audit())


def release(*, by: Scope, number: int, reason: str) -> None:
    """Raises `Refused` for whoever proposed it, `NotThen` where nobody did."""
    held = one(by, number)
    if held is None or held.proposal is None:
        raise NotThen
    if not may_release(by, held):
        raise Refused(Answer(False, gate=FOUR_EYES, owner="privacy"))
    archive_holds.release(number=number, reason=reason, who=by.audit())


def keep(*, by: Scope, number: int) -> None:
    """Decline the proposed release, or take one's own back. Raises `NotThen` where nobody proposed one."""
    permissions.require(by, Desk.HOLD_LEDGER)
    archive_holds.keep(number=number, who=by.audit())
