"""Which of the plan's regions people belong to: that of their client (M9)."""

from __future__ import annotations

from members.models import Enrollee
from members.queries import clients
from portals.scope import Scope


def of_person(person_id: int) -> str:
    """By the newest enrollment; blank where there is none. One query."""
    newest = Enrollee.objects.filter(person_id=person_id).order_by("-id").values_list("client__region", flat=True)
    return newest.first() or ""


def of_member(scope: Scope) -> str:
    return of_person(scope.party.id) if scope.party else ""


def of_client(scope: Scope) -> str:
    """Of the client whose pages these are, also while a producer works for it."""
    row = clients.named([scope.party.id]).get(scope.party.id) if scope.party else None
    return row.region if row else ""
