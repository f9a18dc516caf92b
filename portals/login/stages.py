"""What stands between a right password and being signed in: the second step, and a sleeping account.

allauth holds the sign-in in the session until every stage has let it pass; the session has no user before.
"""

from __future__ import annotations

import allauth.account.internal.flows  # noqa: F401 - the stages below import in a circle unless this comes first
from allauth.account.stages import LoginStage, LoginStageController
from django.http import HttpResponse
from django.shortcuts import redirect

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
        return redirect(self.urlname), True


def waiting(request: Request) -> SecondFactorStage | None:
    """The sign-in that waits in this session for its second step."""
    stage: SecondFactorStage | None = LoginStageController.enter(request, SecondFactorStage.key)
    return stage
