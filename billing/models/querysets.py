"""Which billing rows a scope may see: the desk every one, a party those it holds or whose account it may open."""

from __future__ import annotations

from typing import TypeVar

from django.db import models

from portals.scope import Portal, Scope

_Row = TypeVar("_Row", bound=models.Model)


class OfAccount(models.QuerySet[_Row]):
    """Rows that hang on one bill account."""

    def visible_to(self, scope: Scope) -> OfAccount[_Row]:
        if scope.portal in (Portal.DESK, Portal.SYSTEM):
            return self
        if scope.party is None:
            return self.none()
        return self.filter(account__holders__holder=str(scope.party))


class ByHolder(models.QuerySet[_Row]):
    """Rows that a party holds itself."""

    def visible_to(self, scope: Scope) -> ByHolder[_Row]:
        if scope.portal in (Portal.DESK, Portal.SYSTEM):
            return self
        return self.filter(holder=str(scope.party or ""))
