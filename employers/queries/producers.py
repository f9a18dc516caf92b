"""What the people of agencies did while they acted as the employer: by stretch, from the ledger (rulings 16)."""

from __future__ import annotations

import bisect
import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import formats
from django.utils.translation import gettext as _

from audit import queries as ledger
from audit.enums import Kind
from audit.queries import EventRow
from employers import producer_grants
from employers.producer_grants import Access
from portals.models import ActingSession, User
from portals.scope import Scope

AT_ONCE = 2_000  # events of one look at the ledger


@dataclass(slots=True)
class ActingPeriod:
    """One time of acting as the employer, by whom, and what was done in it, the first first. `ended_at` is None while
    it goes on; `next_at` is when the same person began again."""

    user_id: int
    name: str
    agency: str
    began_at: dt.datetime
    ended_at: dt.datetime | None
    next_at: dt.datetime | None
    events: list[EventRow] = field(default_factory=list)


def sessions(scope: Scope, *, user_id: int | None = None, since: dt.datetime | None = None) -> QuerySet[ActingSession]:
    """The stretches of everybody who acted as this employer, or of one person, the latest first. `next_at` is when the
    same person began the next one: what happened before belongs to this."""
    if scope.party is None or scope.acting_for is not None:
        return ActingSession.objects.none()
    all_of_it = ActingSession.objects.filter(party=str(scope.party))
    later = all_of_it.filter(user_id=OuterRef("user_id"), started_at__gt=OuterRef("started_at")).order_by("started_at")
    found = all_of_it.annotate(next_at=Subquery(later.values("started_at")[:1])).order_by("-started_at", "-id")
    if user_id is not None:
        found = found.filter(user_id=user_id)
    return found.filter(started_at__gte=since) if since else found


def people(scope: Scope) -> list[tuple[int, str]]:
    """Everybody who ever acted as this employer, by name. One query."""
    users = User.objects.filter(pk__in=sessions(scope).order_by().values("user_id"))
    return sorted(((user.pk, user.display_name) for user in users), key=lambda pair: pair[1].casefold())


def acting_periods(scope: Scope, rows: Sequence[ActingSession], agencies: Mapping[str, str]) -> list[ActingPeriod]:
    """These stretches with what was done in them; `agencies` names each one's home. A query for the names, and one of
    the ledger for each `AT_ONCE` events."""
    names = {user.pk: user.display_name for user in User.objects.filter(pk__in={row.user_id for row in rows})}
    made = [
        ActingPeriod(
            user_id=row.user_id,
            name=names[row.user_id],
            agency=agencies.get(row.home, ""),
            began_at=row.started_at,
            ended_at=row.ended_at,
            next_at=row.next_at,  # type: ignore[attr-defined]  # annotated by `sessions`
        )
        for row in rows
    ]
    of_actor: dict[str, list[ActingPeriod]] = {}
    for stretch in reversed(made):
        of_actor.setdefault(f"user:{stretch.user_id}", []).append(stretch)
    for event in _events(scope, made):
        own = of_actor[event.actor]
        place = bisect.bisect_right(own, event.recorded_at, key=lambda each: each.began_at) - 1
        if place >= 0 and _holds(own[place], event):
            own[place].events.append(event)
    for stretch in made:
        stretch.events.reverse()
    return made


def _holds(stretch: ActingPeriod, event: EventRow) -> bool:
    """A job may be done after the stretch in which it was asked for; never after the next one began."""
    return stretch.next_at is None or event.recorded_at < stretch.next_at


def _events(scope: Scope, made: Sequence[ActingPeriod]) -> Iterator[EventRow]:
    """Of these people as this employer, from the first of these stretches to the last one's end; the latest first."""
    if not made:
        return
    ends = [stretch.next_at for stretch in made]
    before: ledger.Place | None = None
    while True:
        found = ledger.events(
            actors=sorted({f"user:{stretch.user_id}" for stretch in made}),
            acting_for=str(scope.party),
            since=min(stretch.began_at for stretch in made),
            until=None if None in ends else max(end for end in ends if end),
            before=before,
            limit=AT_ONCE,
        )
        yield from (event for event in found if event.kind != Kind.ACTING)  # the stretch says when it began and ended
        if len(found) < AT_ONCE:
            return
        before = (found[-1].recorded_at, found[-1].id)


def agency_names(accesses: Iterable[Access]) -> dict[str, str]:
    """By the party that a stretch names as its home."""
    return {str(access.agency): access.agency_name for access in accesses}


def made_for(scope: Scope, client_name: str, *, day: dt.date) -> str:
    """What a paper or a file says that leaves in the hands of somebody who acts: both identities. Blank for the
    employer's own people."""
    if scope.acting_for is None or scope.user_id is None:
        return ""
    person = User.objects.get(pk=scope.user_id)
    agency = agency_names(producer_grants.of(scope.acting_for.id)).get(str(scope.home), "")
    return _("Made for %(client)s by %(name)s, %(agency)s, acting for the employer, %(day)s") % {
        "client": client_name,
        "name": person.display_name,
        "agency": agency,
        "day": formats.date_format(day, "DATE_FORMAT"),
    }
