"""The employer portal's navigation."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from portals.context import NavEntry
from portals.scope import Scope


def entries(scope: Scope) -> list[NavEntry]:
    return [
        (_("Overview"), "employers:home", "employers:home"),
        (_("eBilling"), "employers:ebilling", "employers:ebilling"),
        (_("Help"), "employers:help", "employers:help"),
    ]
