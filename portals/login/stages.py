"""What stands between a right password and being signed in: the second step, and a sleeping account.

allauth holds the sign-in in the session until every stage has let it pass; the session has no user before.
"""

from __future__ import annotations

import allauth.account.internal.flows  # noqa: F401 - the stages below import in a circle unless this comes first
from allauth.account.stages import LoginStage, LoginStageController
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.crypto import constant_time_compare

from portals.enums import Factor
from portals.http import Request
from portals.login import dormancy, factors
from portals.models import User


class SecondFactorStage(LoginStage):
    """Whoever holds a second factor proves it; whoever must hold one and does not, enrolls after signing in (SETUP)."""

    key = "second_step"
    urlname = "door:second_step"

    def handle(self) -> tuple[HttpResponse | None, bool]:
        user: User = self.login.user
        if dormancy.asleep(user):
            return redirect("door:dormant"), False
        ways = factors.ways(user)
        if not ways:
            return None, True
        if ways[0] is Factor.EMAIL:
            factors.send_code(user)
        self.state["password"] = user.get_session_auth_hash()
        return redirect(self.urlname), True

    def stands(self) -> bool:
        """Is what was right at the password still right? The account was not closed and no new password set since."""
        user: User = self.login.user
        return user.is_active and constant_time_compare(self.state.get("password", ""), user.get_session_auth_hash())


def waiting(request: Request) -> SecondFactorStage | None:
    """The sign-in that waits in this session for its second step."""
    stage: SecondFactorStage | None = LoginStageController.enter(request, SecondFactorStage.key)
    return stage if stage is not None and stage.stands() else None
