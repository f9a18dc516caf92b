"""Reads of a practice: its facts, its people, who manages access."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q
from django.db.models.functions import Lower

from portals.enums import Reader, Topic
from portals.scope import Scope
from portals.sign_in_help.actions import ManagedBy
from providers.enums import PracticeRole
from providers.models import Practice, Practitioner, StaffMembership

UNUSED_AFTER = dt.timedelta(days=90)


@dataclass(frozen=True, slots=True)
class StaffRow:
    id: int
    user_id: int
    name: str
    email: str
    username: str
    role: PracticeRole
    last_signed_in: dt.datetime | None
    must_change_password: bool
    unused_days: int | None  # since the last sign-in, when longer than 90 days


def practice(scope: Scope) -> Practice:
    """The practice of the person's own scope."""
    assert scope.party is not None
    return Practice.objects.get(pk=scope.party.id)


def practitioners(scope: Scope) -> list[Practitioner]:
    return list(Practitioner.objects.visible_to(scope).order_by("last_name", "first_name"))


def staff(scope: Scope, *, at: dt.datetime, search: str = "") -> list[StaffRow]:
    """Who has access now, managers first, then by name. One query."""
    places = (
        StaffMembership.objects.visible_to(scope)
        .filter(ended_at=None)
        .select_related("user")
        .order_by("user__family_name", "user__given_name", "id")
    )
    rows = [_row(place, at) for place in places]
    text = search.strip().casefold()
    shown = [row for row in rows if text in f"{row.name} {row.username} {row.email}".casefold()]
    return sorted(shown, key=lambda row: row.role != PracticeRole.MANAGER)


def _row(place: StaffMembership, at: dt.datetime) -> StaffRow:
    user = place.user
    idle = at - user.last_login if user.last_login else None
    return StaffRow(
        id=place.pk,
        user_id=user.pk,
        name=user.display_name,
        email=user.email,
        username=user.username,
        role=PracticeRole(place.role),
        last_signed_in=user.last_login,
        must_change_password=user.must_change_password,
        unused_days=idle.days if idle is not None and idle > UNUSED_AFTER else None,
    )


def with_access(practice_ids: Iterable[int], emails: Iterable[str]) -> set[tuple[int, str]]:
    """Which of these addresses belong to someone with a place in which of these practices; in lower case. One query."""
    places = StaffMembership.objects.filter(practice_id__in=list(practice_ids), ended_at=None)
    found = places.annotate(address=Lower("user__email")).filter(address__in=list(emails))
    return set(found.values_list("practice_id", "address"))


def found(text: str) -> list[int]:
    """Practices that have this in their name or Provider ID; for the plan's own people."""
    where = Q(name__icontains=text) | Q(provider_id__icontains=text)
    return list(Practice.objects.filter(where).values_list("pk", flat=True))


# --- For the service desk -----------------------------------------------------------------------------------------


def managed_by(user_id: int) -> list[ManagedBy]:
    """Who manages this person's access at each of their practices: the office managers, with the practice's
    telephone. Office managers themselves and who has none ask the Web Help Desk (V14, V24). Two queries."""
    places = list(
        StaffMembership.objects.filter(user_id=user_id, ended_at=None)
        .select_related("practice")
        .order_by("practice__name", "id")
    )
    wanted = [place.practice_id for place in places if place.role != PracticeRole.MANAGER]
    names: dict[int, list[tuple[int, str]]] = {}
    for manager in managers(wanted):
        names.setdefault(manager.practice_id, []).append((manager.user_id, manager.user.display_name))
    return [
        ManagedBy(
            place=place.practice.name,
            people=names.get(place.practice_id, []),
            phone=place.practice.phone,
            topic=Topic.WEB_HELP_DESK,
            audience=Reader.PROVIDER,
        )
        for place in places
    ]


def managers(practice_ids: Iterable[int]) -> list[StaffMembership]:
    """The office managers of these practices who can sign in, by name. One query."""
    rows = StaffMembership.objects.filter(
        practice_id__in=list(practice_ids), role=PracticeRole.MANAGER, ended_at=None, user__is_active=True
    )
    return list(rows.select_related("user").order_by("user__family_name", "user__given_name", "id"))


def known_offices(*, tax_id: str, npi: str) -> list[Practice]:
    """Practices under this tax ID, or with this NPI as their own or a practitioner's; nothing for a blank one. One
    query."""
    same = Q(tax_id=tax_id)
    if npi:
        same |= Q(npi=npi) | Q(practitioners__npi=npi)
    return list(Practice.objects.filter(same).distinct().order_by("name", "provider_id"))


def called_office(*, provider_id: str, tax_id: str, name: str) -> list[Practice]:
    """The practice whose people call: by its Provider ID, else by its tax ID with a part of its name."""
    if provider_id:
        return list(Practice.objects.filter(provider_id__iexact=provider_id))
    return list(Practice.objects.filter(tax_id=tax_id, name__icontains=name).order_by("name", "provider_id"))


def people_of(practice: Practice) -> list[StaffMembership]:
    """Everybody with a place at a practice now, office managers first, then by name. One query."""
    places = StaffMembership.objects.filter(practice=practice, ended_at=None).select_related("user")
    rows = places.order_by("user__family_name", "user__given_name", "id")
    return sorted(rows, key=lambda place: place.role != PracticeRole.MANAGER)
