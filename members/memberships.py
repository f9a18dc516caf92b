"""A member's account: their own record, until they say that the account was not theirs."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from members.access import Member
from members.models import MemberAccount
from portals.access import Own
from portals.memberships import Membership, Memberships
from portals.scope import PartyRef, Portal

PERMISSIONS = frozenset({Member.SEE_OWN, Own.ASK})


def current(user_id: int) -> list[Membership]:
    """A member account belongs to one person; ruling 14 keeps it apart from work accounts. One query."""
    rows = MemberAccount.objects.filter(user_id=user_id, disowned_at=None).values_list("person_id", flat=True)
    return [Membership(user_id, Portal.MEMBER, PartyRef("person", pk), permissions=PERMISSIONS) for pk in rows]


def history(user_ids: Collection[int]) -> list[Membership]:
    """One query."""
    return [
        Membership(
            row.user_id,
            Portal.MEMBER,
            PartyRef("person", row.person_id),
            role=_("Member account that was ended: it was not the member's") if row.disowned_at else _("Member"),
            since=row.created_at,
            until=row.disowned_at,
        )
        for row in MemberAccount.objects.filter(user_id__in=user_ids).order_by("-id")
    ]


def spans() -> QuerySet[MemberAccount, Any]:
    return MemberAccount.objects.order_by().values_list("user_id", "created_at", "disowned_at")


MEMBERSHIPS = Memberships(current=current, history=history, spans=spans)
