"""The producer portal's navigation."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from portals.doors import NavEntry
from portals.scope import Scope
from producers.access import Producer


def entries(scope: Scope) -> list[NavEntry]:
    agency = [(_("Agency"), "producers:agency", "producers:agency")]
    review = [(_("Access review"), "producers:people_review", "producers:people_review")]
    return [
        (_("Clients"), "producers:home", "producers:home"),
        (_("My access"), "producers:access", "producers:access"),
        *(review if Producer.REVIEW_PEOPLE in scope.permissions else []),
        *(agency if Producer.SEE_AGENCY in scope.permissions else []),
        (_("Requests"), "producers:requests", "producers:request"),
        (_("Help"), "producers:help", "producers:help"),
    ]
