"""The provider portal's navigation."""

from django.utils.translation import gettext_lazy as _

from portals.doors import NavEntry
from portals.scope import Scope


def entries(scope: Scope) -> list[NavEntry]:
    return [
        (_("Overview"), "providers:home", "providers:home"),
        (_("Manage staff access"), "providers:staff", "providers:staff"),
        (_("Requests"), "providers:requests", "providers:request"),
        (_("Help"), "providers:help", "providers:help"),
    ]
