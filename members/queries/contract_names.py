"""Names of contract holders for a client's invoices: all that billing pages may know of a person."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from members.models import Contract
from portals import folding
from portals.scope import Scope


@dataclass(frozen=True, slots=True)
class ContractName:
    """`person` is our id, for the audit row."""

    contract: int
    person: int
    name: str


def of(scope: Scope, contracts: Iterable[int], *, search: str = "") -> dict[int, ContractName]:
    """Contract to its holder's name, in the order of names; contracts of another client are left out. `search` keeps
    those with every one of its words in the name, however they are written. One query."""
    rows = (
        Contract.objects.visible_to(scope)
        .filter(pk__in=list(contracts))
        .order_by("subscriber__sort_key", "pk")
        .select_related("subscriber")
        .only(
            "id",
            "subscriber__first_name",
            "subscriber__middle_name",
            "subscriber__last_name",
            "subscriber__suffix",
            "subscriber__sort_key",
        )
    )
    found: dict[int, ContractName] = {}
    for row in rows:
        person = row.subscriber
        if folding.has_words(person.full_name, search):
            found[row.pk] = ContractName(row.pk, person.pk, person.full_name)
    return found
