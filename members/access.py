"""What a member may do: see their own record."""

from __future__ import annotations

from members.models import MemberAccount
from portals import permissions
from portals.access import Own
from portals.permissions import Permission
from portals.scope import PartyRef, Portal, Standing
from portals.scope import register as register_standings


class Member(Permission):
    SEE_OWN = "member.see_own"  # the own card and coverage, and what every adult on the contract may know


def standings(user_id: int) -> list[Standing]:
    """A member account belongs to one person; ruling 14 keeps it apart from work accounts."""
    rows = MemberAccount.objects.filter(user_id=user_id, disowned_at=None).values_list("person_id", flat=True)
    return [Standing(Portal.MEMBER, PartyRef("person", pk), "", frozenset({Member.SEE_OWN, Own.ASK})) for pk in rows]


def register() -> None:
    permissions.declare(Member)
    register_standings(Portal.MEMBER, standings)
