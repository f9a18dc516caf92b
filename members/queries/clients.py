"""What other parties may know of a client: no person in it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Q, QuerySet

from members.enums import ClientStatus
from members.models import BenefitPackage, Client
from portals.enums import Team
from portals.models import StaffRole
from portals.page_cache import once_per_page
from portals.scope import Scope


@dataclass(frozen=True, slots=True)
class ClientRow:
    """`id` is ours, `client_id` the Client ID under which everyone knows the client."""

    id: int
    client_id: str
    name: str
    state: str
    region: str
    migrated: bool
    migrated_on: dt.date | None


def named(ids: Iterable[int]) -> dict[int, ClientRow]:
    """Clients by our id. The caller has established that it may know of them. Many parts of a page name its client."""
    return _named(tuple(sorted(set(ids))))


@once_per_page
def _named(ids: tuple[int, ...]) -> dict[int, ClientRow]:
    return {row.pk: _row(row) for row in Client.objects.filter(pk__in=ids)}


def numbered(client_ids: Iterable[str]) -> dict[str, ClientRow]:
    """Clients by Client ID; for the plan's own people and commands."""
    return {row.client_id: _row(row) for row in Client.objects.filter(client_id__in=list(client_ids))}


@dataclass(frozen=True, slots=True)
class ManagedRow:
    """A client with who manages it at the plan; blank for nobody."""

    client: ClientRow
    manager_id: int | None
    manager: str


def managed(*, search: str = "", manager: str = "") -> list[ManagedRow]:
    """Every client by name, for client management. `search` looks into name and Client ID; `manager` is a user's id,
    or `none`. One query."""
    rows = Client.objects.select_related("manager").order_by("name", "id")
    text = search.replace("\0", "").strip()
    if text:
        rows = rows.filter(Q(name__icontains=text) | Q(client_id__icontains=text))
    if manager:
        rows = rows.filter(manager=None if manager == "none" else int(manager))
    return [ManagedRow(_row(row), row.manager_id, row.manager.display_name if row.manager else "") for row in rows]


def managers(client_ids: Iterable[str]) -> dict[str, int]:
    """Client ID to the user who manages that client at the plan, where it has somebody who still does such work."""
    rows = Client.objects.filter(client_id__in=list(client_ids), manager__in=_working().values("user"))
    return {client_id: manager for client_id, manager in rows.values_list("client_id", "manager_id") if manager}


def all_managers() -> list[int]:
    """Everybody who manages a client now, in a lasting order."""
    return list(_working().order_by("user_id").values_list("user_id", flat=True))


def _working() -> QuerySet[StaffRole]:
    managing = Client.objects.filter(manager__isnull=False).values("manager")
    roles = StaffRole.objects.filter(team=Team.CLIENT_MANAGEMENT, ended_at=None, user__is_active=True)
    return roles.filter(user__in=managing)


def found(text: str) -> list[int]:
    """Clients that have this in their name or Client ID, by our id; for the plan's own people."""
    where = Q(name__icontains=text) | Q(client_id__icontains=text)
    return list(Client.objects.filter(where).values_list("pk", flat=True))


def _row(row: Client) -> ClientRow:
    return ClientRow(
        id=row.pk,
        client_id=row.client_id,
        name=row.name,
        state=row.state,
        region=row.region,
        migrated=row.status == ClientStatus.MIGRATED,
        migrated_on=row.migrated_on,
    )


@dataclass(frozen=True, slots=True)
class PackageRow:
    """A product that a group is offered, and since when and until when (half-open)."""

    group_number: str
    group_name: str
    benefit_class: str
    product_name: str
    line: str
    network: str
    offered_from: dt.date
    offered_to: dt.date


@dataclass(frozen=True, slots=True)
class ClientPage:
    """What stands on a client's overview: the client, its contact at the plan's end and its group structure (E2)."""

    client: ClientRow
    packages: list[PackageRow]


def overview(scope: Scope, *, as_of: dt.date) -> ClientPage:
    """The scope's own client with the packages offered on that day or later. Two queries."""
    assert scope.party is not None
    client = named([scope.party.id])[scope.party.id]
    rows = (
        BenefitPackage.objects.filter(group__client_id=client.id, offered__overlap=DateRange(as_of, None))
        .select_related("group", "product__rated")
        .order_by("group__number", "line", "product__rated__name", "offered")
    )
    return ClientPage(
        client=client,
        packages=[
            PackageRow(
                group_number=row.group.number,
                group_name=row.group.name,
                benefit_class=row.benefit_class,
                product_name=row.product.rated.name,
                line=row.get_line_display(),
                network=row.product.network,
                offered_from=row.offered.lower,
                offered_to=row.offered.upper,
            )
            for row in rows
        ],
    )
