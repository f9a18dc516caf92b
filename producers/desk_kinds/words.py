"""How requests of producers put their parts into words."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from portals.desk import CannotCarryOut
from producers.actions.intervals import NotPossible
from producers.enums import Entitlement
from producers.forms import PROBLEM_WORDS


def entitlements(names: Iterable[str]) -> str:
    """A line each."""
    return "\n".join(str(Entitlement(name).label) for name in names) or _("None")


def not_possible(problem: NotPossible) -> CannotCarryOut:
    return CannotCarryOut(PROBLEM_WORDS[problem.problem])
