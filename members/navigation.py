"""The member portal's navigation."""

from django.utils.translation import gettext_lazy as _

from portals.doors import NavEntry
from portals.scope import Scope


def entries(scope: Scope) -> list[NavEntry]:
    return [
        (_("Home"), "members:home", "members:home"),
        (_("Back of card"), "members:card_back", "members:card_back"),
        (_("Privacy"), "members:privacy", "members:privacy"),
        (_("Help"), "members:help", "members:help"),
    ]
