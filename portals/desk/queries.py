"""Reads of the desk: the queues of one's own teams, what of them is shown, and how the work is spread."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from django.db.models import Count, F, Min, Q, QuerySet

from portals.enums import REQUEST_TODO, RequestStatus, Team
from portals.models import DeskRequest, StaffRole, User
from portals.scope import Scope

SORTS = {
    "": (F("due_date").asc(nulls_last=True), "created_at", "id"),
    "age": ("created_at", "id"),
    "-age": ("-created_at", "-id"),
    "due": (F("due_date").asc(nulls_last=True), "id"),
    "-due": (F("due_date").desc(nulls_last=True), "-id"),
}


def teams(scope: Scope) -> list[str]:
    """Whose queues this person works: values of `Team` by the alphabet, from the scope alone; none outside the desk."""
    return sorted(p.removeprefix("team:") for p in scope.permissions if p.startswith("team:"))


def mine(scope: Scope) -> QuerySet[DeskRequest]:
    """Requests of the teams that this person is of."""
    return DeskRequest.objects.filter(team__in=teams(scope))


def kinds(team: str) -> list[str]:
    """What lies or lay in a team's queue, by name; other teams hand theirs over. One query."""
    return list(DeskRequest.objects.filter(team=team).order_by("kind").values_list("kind", flat=True).distinct())


@dataclass(frozen=True, slots=True)
class Queue:
    team: Team
    todo: int
    late: int


def queues(scope: Scope, *, as_of: dt.date) -> list[Queue]:
    """One's own teams with what is to do and what is past its due day. One query."""
    late = Count("id", filter=Q(due_date__lt=as_of))
    rows = mine(scope).filter(status__in=REQUEST_TODO).values_list("team").annotate(n=Count("id"), late=late)
    counts = {team: (n, late) for team, n, late in rows}
    return [Queue(Team(team), *counts.get(team, (0, 0))) for team in teams(scope)]


def filtered(
    scope: Scope,
    *,
    team: str,
    as_of: dt.date,
    status: str = "todo",
    owner: str = "",
    kind: str = "",
    q: str = "",
    sort: str = "",
) -> QuerySet[DeskRequest]:
    """What search and filters leave of a team's queue, in the wanted order. `owner`: a user's id, `me` or `none`;
    `status`: one of the statuses, `todo`, `late` or `all`; `q` looks into titles and finds a request by its number."""
    rows = mine(scope).filter(team=team).select_related("owner")
    if status in ("todo", "late"):
        rows = rows.filter(status__in=REQUEST_TODO)
    elif status in RequestStatus.values:
        rows = rows.filter(status=status)
    if status == "late":
        rows = rows.filter(due_date__lt=as_of)
    if owner == "none":
        rows = rows.filter(owner=None)
    elif owner:
        rows = rows.filter(owner_id=scope.user_id if owner == "me" else int(owner))
    if kind:
        rows = rows.filter(kind=kind)
    query = q.replace("\0", "").strip()
    if number := re.fullmatch(r"[Rr]?0*(\d{1,15})", query):
        rows = rows.filter(Q(pk=int(number[1])) | Q(title__icontains=query))
    elif query:
        rows = rows.filter(title__icontains=query)
    return rows.order_by(*SORTS.get(sort, SORTS[""]))


def people(team: str) -> list[tuple[int, str]]:
    """Who is of a team, by name. One query."""
    roles = StaffRole.objects.filter(team=team, ended_at=None, user__is_active=True).select_related("user")
    return sorted(((role.user_id, role.user.display_name) for role in roles), key=lambda pair: pair[1].casefold())


@dataclass(frozen=True, slots=True)
class Load:
    """How much lies with a person of a team: to do, of it past its due day, the oldest, and done lately."""

    user_id: int | None
    name: str
    todo: int
    late: int
    oldest: dt.datetime | None
    done: int


def load(team: str, *, as_of: dt.date, done_since: dt.datetime) -> list[Load]:
    """Everybody of the team, whoever left it with work still theirs, and first nobody (None): the queue's rest. Three
    queries."""
    todo = Q(status__in=REQUEST_TODO)
    counted = (
        DeskRequest.objects.filter(team=team)
        .values_list("owner_id")
        .annotate(
            todo=Count("id", filter=todo),
            late=Count("id", filter=todo & Q(due_date__lt=as_of)),
            oldest=Min("created_at", filter=todo),
            done=Count("id", filter=Q(status=RequestStatus.DONE, closed_at__gte=done_since)),
        )
    )
    rows = {user_id: numbers for user_id, *numbers in counted}
    members = people(team)
    left = {user_id for user_id, numbers in rows.items() if numbers[0]} - {None, *dict(members)}
    gone = [(user.pk, user.display_name) for user in User.objects.filter(pk__in=left)]
    everybody: list[tuple[int | None, str]] = [(None, ""), *members, *gone]
    return [Load(user_id, name, *rows.get(user_id, (0, 0, None, 0))) for user_id, name in everybody]
