"""Looks by plan staff for tests: a record opened in an emergency, a portal seen as a user."""

from __future__ import annotations

import datetime as dt

from django.test import Client as Browser
from django.utils import timezone

from members.models import Client, Person
from portals import doors
from portals.exceptional_access import break_glass
from portals.models import BreakGlass, User, ViewAs
from portals.scope import PartyRef, Portal, Scope

REASON = "The caller's child is at the pharmacy and cannot wait"
TICKET = "T-4711"
WHY = {"reason": REASON, "ticket": TICKET}


def desk_scope(user: User) -> Scope:
    (team,) = doors.memberships(user.pk, Portal.DESK)
    base = Scope(actor=f"user:{user.pk}", portal=Portal.DESK, user_id=user.pk)
    return team.scope(base)


def glass(user: User, person: Person) -> BreakGlass:
    return break_glass.open_record(by=desk_scope(user), subject=PartyRef("person", person.pk), **WHY)


def run_out(row: BreakGlass | ViewAs) -> None:
    """As if its time were over."""
    past = timezone.now() - dt.timedelta(minutes=1)
    type(row)._default_manager.filter(pk=row.pk).update(expires_at=past)


def view(user: User, viewed: User, client: Client) -> ViewAs:
    """An earlier look into that client's portal, over and not reviewed."""
    now = timezone.now()
    return ViewAs.objects.create(
        user=user,
        viewed=viewed,
        portal=Portal.EMPLOYER,
        party=f"client:{client.pk}",
        place=client.name,
        opened_at=now - dt.timedelta(hours=2),
        expires_at=now - dt.timedelta(hours=1),
        ended_at=now - dt.timedelta(minutes=90),
        **WHY,
    )


def see_as(desk: Browser, viewed: User, place: str) -> object:
    """By the pages, as the desk does it; `place` is portal|party."""
    desk.post("/desk/view-as/", {"account": viewed.username})
    return desk.post("/desk/view-as/begin/", {"account": viewed.pk, "place": place, **WHY})
