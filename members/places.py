"""What the desk is told of a member's access: that there is a member account, and nothing of what it shows."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext_lazy as _

from members.models import MemberAccount
from portals.explain_access.queries import Place
from portals.models import User
from portals.scope import Portal, Scope


def places(scope: Scope, user: User, as_of: dt.date) -> list[Place]:
    """One query."""
    found = MemberAccount.objects.filter(user=user, disowned_at=None).exists()
    return [Place(Portal.MEMBER, "", "", _("A member account"), None)] if found else []
