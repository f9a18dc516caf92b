"""What the people of a practice may do, by role: written so that an auditor can read it."""

from __future__ import annotations

from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from portals import permissions
from portals.access import Own
from providers.enums import PracticeRole


class Provider(StrEnum):
    SEE_PRACTICE = "provider.see_practice"  # the practice's own facts and practitioners
    SEE_STAFF = "provider.see_staff"  # who has access here, and who manages it
    MANAGE_STAFF = "provider.manage_staff"  # add and remove people


ROLE_PERMISSIONS: dict[str, frozenset[str]] = {
    PracticeRole.MANAGER: frozenset({Provider.SEE_PRACTICE, Provider.SEE_STAFF, Provider.MANAGE_STAFF, Own.ASK}),
    PracticeRole.FRONT_OFFICE: frozenset({Provider.SEE_PRACTICE, Provider.SEE_STAFF, Own.ASK}),
    PracticeRole.CLINICAL: frozenset({Provider.SEE_PRACTICE, Provider.SEE_STAFF, Own.ASK}),
    PracticeRole.BILLING: frozenset({Provider.SEE_PRACTICE, Provider.SEE_STAFF, Own.ASK}),
}


def register() -> None:
    for permission in Provider:
        permissions.declare(permission)
    permissions.describe_gate(
        f"permission:{Provider.MANAGE_STAFF}",
        reason=_("Only the office manager adds and removes people."),
        opener=_("Ask your office manager. The page Manage staff access says who that is."),
    )
