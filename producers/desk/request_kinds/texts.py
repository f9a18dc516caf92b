"""How requests of producers put their parts into words."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from portals.desk.kinds import CannotCarryOut
from producers.actions.intervals import GrantNotPossible
from producers.enums import Entitlement
from producers.forms.portal import PROBLEM_WORDS
from producers.models import Agency
from producers.rules import grantable


def entitlements(names: Iterable[str]) -> str:
    """A line each."""
    return "\n".join(str(Entitlement(name).label) for name in names) or _("None")


def not_possible(problem: GrantNotPossible) -> CannotCarryOut:
    return CannotCarryOut(PROBLEM_WORDS[problem.problem])


def choices(agency: Agency) -> list[tuple[str, str]]:
    """What the plan may grant people of this agency; who else grants the rest is told on the page My access."""
    return [(each.value, str(each.label)) for each in grantable(direct_writer=agency.direct_writer)]


def require_grantable(agency: Agency, names: Iterable[str]) -> None:
    """Raises CannotCarryOut."""
    if not set(names) <= set(grantable(direct_writer=agency.direct_writer)):
        raise CannotCarryOut(
            _("%(agency)s writes through a general agency, whose contact alone grants its Agency Reports.")
            % {"agency": agency.name}
        )
