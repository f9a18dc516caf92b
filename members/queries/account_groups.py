"""Which group numbers are billed to which account."""

from __future__ import annotations

from members.models import BenefitPackage
from portals.scope import Scope


def of(scope: Scope) -> dict[int, list[str]]:
    """Bill account to the group numbers billed to it, COBRA accounts too, of the scope's client. One query."""
    assert scope.party is not None
    rows = (
        BenefitPackage.objects.filter(group__client_id=scope.party.id)
        .order_by("group__number")
        .values_list("account_id", "cobra_account_id", "group__number")
        .distinct()
    )
    found: dict[int, list[str]] = {}
    for account, cobra, number in rows:
        for each in {account, cobra} - {None}:
            numbers = found.setdefault(each, [])
            if number not in numbers:
                numbers.append(number)
    return found
