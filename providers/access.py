"""What the people of a practice may do, by role: written so that an auditor can read it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from portals import permissions
from portals.access import Own
from portals.permissions import Permission
from portals.scope import PartyRef, Portal, Standing
from portals.scope import register as register_standings
from providers.enums import PracticeRole
from providers.models import StaffMembership


class Provider(Permission):
    SEE_PRACTICE = ("provider.see_practice", _("See the practice and its practitioners"))
    SEE_STAFF = ("provider.see_staff", _("See who has access"))
    MANAGE_STAFF = (
        "provider.manage_staff",
        _("Add and remove staff"),
        _("Only the office manager adds and removes people."),
        _("Ask your office manager. The page Manage staff access says who that is."),
    )


ROLE_PERMISSIONS: dict[str, frozenset[str]] = {
    PracticeRole.MANAGER: frozenset({Provider.SEE_PRACTICE, Provider.SEE_STAFF, Provider.MANAGE_STAFF, Own.ASK}),
    PracticeRole.FRONT_OFFICE: frozenset({Provider.SEE_PRACTICE, Provider.SEE_STAFF, Own.ASK}),
    PracticeRole.CLINICAL: frozenset({Provider.SEE_PRACTICE, Provider.SEE_STAFF, Own.ASK}),
    PracticeRole.BILLING: frozenset({Provider.SEE_PRACTICE, Provider.SEE_STAFF, Own.ASK}),
}


def standings(user_id: int) -> list[Standing]:
    places = StaffMembership.objects.filter(user_id=user_id, ended_at=None).select_related("practice").order_by("-id")
    return [
        Standing(
            Portal.PROVIDER,
            PartyRef("practice", place.practice_id),
            place.practice.name,
            ROLE_PERMISSIONS[place.role],
        )
        for place in places
    ]


def register() -> None:
    permissions.declare(Provider)
    register_standings(Portal.PROVIDER, standings)
