"""The people who work online for an employer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models.functions import Lower

from employers.enums import EmployerRole
from employers.models import EmployerUser
from portals import users
from portals.scope import Scope


def holds_mailbox(person_id: int, email: str) -> bool:
    """Is this the address of a user, present or past, of a client with whom the person is or was enrolled? For
    `members.queries.mailboxes`, inside its sight past the tenant."""
    return EmployerUser.objects.filter(
        client__contracts__enrollees__person_id=person_id, user__email__iexact=email
    ).exists()


@dataclass(frozen=True, slots=True)
class Colleague:
    """Someone who works online for the employer now."""

    id: int  # of the place
    user_id: int
    name: str
    username: str
    email: str
    role: EmployerRole
    last_signed_in: dt.datetime | None
    second_step: bool  # set up


def colleagues(scope: Scope) -> list[Colleague]:
    """The employer's own people, administrators first, then by name. Two queries."""
    places = list(
        EmployerUser.objects.visible_to(scope)
        .filter(ended_at=None)
        .select_related("user")
        .order_by("user__family_name", "user__given_name", "id")
    )
    safe = users.with_second_step(place.user_id for place in places)
    rows = [
        Colleague(
            id=place.pk,
            user_id=place.user_id,
            name=place.user.display_name,
            username=place.user.username,
            email=place.user.email,
            role=EmployerRole(place.role),
            last_signed_in=place.user.last_login,
            second_step=place.user_id in safe,
        )
        for place in places
    ]
    return sorted(rows, key=lambda row: row.role != EmployerRole.ADMINISTRATOR)


def with_access(client_ids: Iterable[int], emails: Iterable[str]) -> set[tuple[int, str]]:
    """Which of these addresses belong to someone with a place at which of these clients; in lower case. One query."""
    places = EmployerUser.objects.filter(client_id__in=list(client_ids), ended_at=None)
    found = places.annotate(address=Lower("user__email")).filter(address__in=list(emails))
    return set(found.values_list("client_id", "address"))
