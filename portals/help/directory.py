"""The help directory: whom to call for what, by audience, region and date, and whether it is open now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import QuerySet
from django.utils.translation import get_language

from portals.memberships import Managed
from portals.models import HelpContact, PlanClosing
from portals.page_cache import once_per_page
from portals.plan import clock, hours_text
from portals.plan.hours import AHEAD, Hours, State, read_week, state
from portals.plan.regions import region_of
from portals.scope import Portal, Scope


@dataclass(frozen=True, slots=True)
class Contact:
    """An entry of the directory as a page shows it. Words are made when they are read, in the reader's language."""

    id: int
    topic: str
    phone: str
    opening: Hours
    closings: frozenset[dt.date]
    names: tuple[str, str]  # English, Spanish
    notes: tuple[str, str]

    @property
    def owner(self) -> str:
        return _spoken(self.names)

    @property
    def note(self) -> str:
        return _spoken(self.notes)

    @property
    def hours(self) -> str:
        """The whole line beside a number: the note, then the week."""
        return " · ".join(part for part in (self.note, hours_text.of_week(self.opening)) if part)

    @property
    def state(self) -> State | None:
        """By the plan's business date and the time of day; None while no hours are entered."""
        if not self.opening.known:
            return None
        return state(self.opening, at=clock.now(), closings=self.closings)

    @property
    def is_open(self) -> bool:
        return self.state is not None and self.state.is_open

    @property
    def now(self) -> str:
        """ "open until 8 pm Eastern", "closed now, opens Monday 8 am Eastern"; nothing while no hours are entered."""
        found = self.state
        return hours_text.of_state(self.opening, found) if found else ""


def _spoken(words: tuple[str, str]) -> str:
    english, spanish = words
    return spanish if spanish and (get_language() or "").startswith("es") else english


def contact(topic: str, *, audience: str = "", region: str = "", as_of: dt.date) -> Contact | None:
    """The nearest entry: this audience and region before the general one. One query a page, closings included."""
    nearest = _nearest(audience, region, as_of).get(topic)
    return _read(nearest) if nearest else None


def contact_for(scope: Scope, topic: str, *, as_of: dt.date) -> Contact | None:
    """Whom the person of this scope calls: by the portal they work in and by the region of whom they work for."""
    return contact(topic, audience=audience_of(scope), region=region_of(scope), as_of=as_of)


def behind(managed: Managed, *, portal: Portal, as_of: dt.date) -> Contact | None:
    """Whom of the plan the people of this portal call for what nobody of their organization opens."""
    return None if managed.people else contact(managed.topic, audience=portal.value, as_of=as_of)


def audience_of(scope: Scope) -> str:
    """As whom the directory and the news address this person; blank at the door, where nobody is known yet."""
    return "" if scope.portal is Portal.DOOR else scope.portal.value


def contacts(*, audience: str, region: str = "", as_of: dt.date) -> list[Contact]:
    """One entry a topic, the nearest; whoever answers two topics at one telephone is listed once."""
    return list({(row.owner, row.phone): row for row in by_topic(audience, region, as_of).values()}.values())


def by_topic(audience: str, region: str, as_of: dt.date) -> dict[str, Contact]:
    """The nearest entry of every topic. One query a page."""
    return {topic: _read(row) for topic, row in _nearest(audience, region, as_of).items()}


@once_per_page
def _nearest(audience: str, region: str, as_of: dt.date) -> dict[str, HelpContact]:
    nearest: dict[str, HelpContact] = {}
    for row in _in_force(audience, region, as_of).order_by("topic", "-audience", "-region"):
        nearest.setdefault(row.topic, row)
    return nearest


def read(row: HelpContact, closings: Iterable[dt.date] = ()) -> Contact:
    """A row of the directory as a page shows it."""
    return Contact(
        id=row.pk,
        topic=row.topic,
        phone=row.phone,
        opening=Hours(read_week(row.week), ZoneInfo(row.zone), row.holidays_off),
        closings=frozenset(closings),
        names=(row.owner, row.owner_es),
        notes=(row.note, row.note_es),
    )


def _read(row: HelpContact) -> Contact:
    return read(row, row.closings)  # type: ignore[attr-defined]  # annotated by _in_force


def _in_force(audience: str, region: str, as_of: dt.date) -> QuerySet[HelpContact]:
    near = (as_of - dt.timedelta(days=2), as_of + dt.timedelta(days=AHEAD))
    return HelpContact.objects.filter(
        audience__in=[audience, ""], region__in=[region, ""], effective__contains=as_of
    ).annotate(closings=ArraySubquery(PlanClosing.objects.filter(day__range=near).values("day")))
