"""Who acts, where, for whom: built once a request or job and handed to every query and action."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypedDict

from django.db import connection, transaction


class Portal(StrEnum):
    DOOR = "door"  # sign-in pages, nobody known yet
    MEMBER = "member"
    EMPLOYER = "employer"
    PRODUCER = "producer"
    PROVIDER = "provider"
    DESK = "desk"
    SYSTEM = "system"  # commands and jobs without a person


@dataclass(frozen=True, slots=True)
class PartyRef:
    """A party of an upper floor without a foreign key to it: `client:12`, `person:5`, `agency:3`, `practice:9`."""

    kind: str
    id: int

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"

    @classmethod
    def parse(cls, text: str) -> PartyRef:
        kind, _, number = text.partition(":")
        return cls(kind, int(number))


class AuditColumns(TypedDict):
    """What every audit row says of who acted."""

    actor: str
    portal: str
    acting_for: str
    grant: str
    request_id: str
    source: str


@dataclass(frozen=True, slots=True)
class Scope:
    """`party` is the organization or person whose data may be touched; `acting_for` is set beside the actor's own
    `home` party only while a producer works as a client, and then equals `party`. While a person of the plan sees a
    portal as one of its users does, `user_id` and the rest are that user's, `viewing_as` says so, and `actor` and
    `grant` are the one who looks (`portals.exceptional_access.view_as`)."""

    actor: str  # user:12, system:run_billing, nobody
    portal: Portal
    user_id: int | None = None
    party: PartyRef | None = None
    home: PartyRef | None = None
    acting_for: PartyRef | None = None
    grant: str = ""  # the right under which `acting_for` holds, e.g. client-grant:7
    acting_id: int | None = None
    viewing_as: int | None = None
    permissions: frozenset[str] = frozenset()
    must_set_up: str = ""  # signed in, yet only SETUP pages open: the URL name of the one that is due
    request_id: str = ""
    source: str = ""
    business_date: str = field(default="", compare=False)

    @property
    def tenant(self) -> str:
        """The value of `plan.scope` that PostgreSQL's row policies read."""
        if self.portal in (Portal.DESK, Portal.SYSTEM):
            return self.portal.value
        return str(self.party) if self.party else Portal.DOOR.value

    def audit(self) -> AuditColumns:
        """The columns of an audit row that say who, for whom and from where."""
        return {
            "actor": self.actor,
            "portal": self.portal.value,
            "acting_for": str(self.acting_for or ""),
            "grant": self.grant,
            "request_id": self.request_id,
            "source": self.source,
        }

    def reference(self) -> dict[str, object]:
        """What a job stores so that its worker can act as the same person for the same party."""
        return {
            "actor": self.actor,
            "portal": self.portal.value,
            "user_id": self.user_id,
            "party": str(self.party or ""),
            "home": str(self.home or ""),
            "acting_for": str(self.acting_for or ""),
            "grant": self.grant,
            "acting_id": self.acting_id,
            "viewing_as": self.viewing_as,
            "permissions": sorted(self.permissions),
            "request_id": self.request_id,
        }

    @classmethod
    def from_reference(cls, data: dict[str, object]) -> Scope:
        def party(name: str) -> PartyRef | None:
            text = str(data.get(name) or "")
            return PartyRef.parse(text) if text else None

        def number(name: str) -> int | None:
            value = data.get(name)
            return value if isinstance(value, int) else None

        permissions = data.get("permissions")
        return cls(
            actor=str(data["actor"]),
            portal=Portal(str(data["portal"])),
            user_id=number("user_id"),
            party=party("party"),
            home=party("home"),
            acting_for=party("acting_for"),
            grant=str(data.get("grant") or ""),
            acting_id=number("acting_id"),
            viewing_as=number("viewing_as"),
            permissions=frozenset(str(p) for p in permissions) if isinstance(permissions, list) else frozenset(),
            request_id=str(data.get("request_id") or ""),
        )


NOBODY_PARTY = PartyRef("nobody", 0)  # stands in where the work must be the same as for somebody
NOBODY = Scope(actor="nobody", portal=Portal.DOOR)


def system(name: str) -> Scope:
    """The plan's own machinery: an operators' command or a task, named."""
    return Scope(actor=f"system:{name}", portal=Portal.SYSTEM)


def enter(scope: Scope, *, statement_timeout: str = "", lock_timeout: str = "") -> None:
    """Tell PostgreSQL, for the rest of this transaction, who acts, which tenant's rows are visible and, for pages,
    how long a statement may take (PostgreSQL's own units; blank leaves it)."""
    told = {"plan.actor": scope.actor, "plan.scope": scope.tenant}
    told |= {"statement_timeout": statement_timeout} if statement_timeout else {}
    told |= {"lock_timeout": lock_timeout} if lock_timeout else {}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join('set_config(%s, %s, true)' for _ in told)}",
            [part for pair in told.items() for part in pair],
        )


def act(scope: Scope) -> None:
    """Tell PostgreSQL who acts from here on in this transaction, and leave whose rows are visible as it is: for what a
    page writes before it has entered its scope, and once it has come to know the person."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('plan.actor', %s, true)", [scope.actor])


@contextmanager
def entered(scope: Scope, *, bulk: bool = False) -> Iterator[Scope]:
    """A transaction in which `scope` acts. `bulk` works as the role that row policies do not slow down;
    only commands and jobs over many tenants' rows may ask for it."""
    with transaction.atomic(), connection.cursor() as cursor:
        enter(scope)
        if bulk:
            if scope.portal is not Portal.SYSTEM:
                raise PermissionError("only the system works past row policies")
            cursor.execute("SET LOCAL ROLE plan_bulk")
        yield scope
        if bulk:
            cursor.execute("RESET ROLE")


_LIFT = """
WITH was AS MATERIALIZED (SELECT coalesce(current_setting('plan.scope', true), '') AS scope)
SELECT scope, set_config('plan.scope', 'system', true) FROM was
"""


@contextmanager
def unscoped(reason: str) -> Iterator[None]:
    """Within a person's transaction, see past the tenant for one named look-up (first sign-in, a producer's book).
    The greppable exception; the reason is for the reader. An error takes back what was written, and the sight."""
    assert reason
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_LIFT)
        before = cursor.fetchone()[0]
        yield
        cursor.execute("SELECT set_config('plan.scope', %s, true)", [before])
