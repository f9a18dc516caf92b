"""What a member may do: see their own record."""

from __future__ import annotations

from enum import StrEnum

from portals import permissions


class Member(StrEnum):
    SEE_OWN = "member.see_own"  # the own card and coverage, and what every adult on the contract may know


def register() -> None:
    for permission in Member:
        permissions.declare(permission)
