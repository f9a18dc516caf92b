"""May this producer do this, and if not, which gate is closed? One rule for the page, the refusal and the help desk.

Three gates of producers are separate: entitlement, client grant, case-manager grant (table F9). Each row of that
table is a list of gates, in the order in which people should ask for them (P18).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from producers.enums import HELD, Capability, Entitlement, Gate


@dataclass(frozen=True, slots=True)
class ClientFacts:
    """One client as it stands to one person's place. None: not told to who has no grant for the client."""

    in_book: bool = False
    granted: bool = False
    migrated: bool = False
    of_agency: bool = False  # a small-group case that the person's agency holds
    case_manager: bool = False
    first_invoice: bool | None = None
    terms: bool | None = None  # accepted by this very person
    shared_account: bool | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    entitlements: frozenset[str]
    direct_writer: bool = True  # else only a general agency's contact grants Agency Reports (P5)
    client: ClientFacts | None = None


@dataclass(frozen=True, slots=True)
class GateState:
    """`open` is None where it cannot be told before the gates in front of it are open."""

    gate: Gate
    open: bool | None


@dataclass(frozen=True, slots=True)
class Verdict:
    capability: Capability
    gates: tuple[GateState, ...]

    @property
    def closed(self) -> Gate | None:
        """The first gate that is not open: ask for it first. None: the person may."""
        return next((state.gate for state in self.gates if not state.open), None)


_ACT = (Gate.CLIENT_ADMINISTRATION, Gate.CLIENT_GRANT, Gate.NOT_MIGRATED)
_INVOICES = (*_ACT, Gate.FIRST_INVOICE)
_GATES: dict[Capability, tuple[Gate, ...]] = {
    Capability.IN_LIST: (Gate.IN_BOOK,),
    Capability.ACT: _ACT,
    Capability.INVOICES: _INVOICES,
    Capability.PAY: (*_INVOICES, Gate.TERMS, Gate.NO_SHARED_ACCOUNT),
    Capability.LISTS: (Gate.LISTS,),
    Capability.BANK: (Gate.BANK,),
    Capability.RENEWALS: (Gate.RENEWALS, Gate.CASE_MANAGER),
    Capability.QUOTE: (Gate.QUOTES,),
    Capability.CASES: (Gate.GA_ADMINISTRATOR,),
}
# What is asked of one client; the rest is asked of the person alone.
OF_CLIENT = (
    Capability.IN_LIST,
    Capability.ACT,
    Capability.INVOICES,
    Capability.PAY,
    Capability.RENEWALS,
    Capability.LISTS,
    Capability.BANK,
)
OF_PERSON = (Capability.STATEMENT, Capability.QUOTE, Capability.CASES)

_CLIENT_GATES: dict[Gate, Callable[[ClientFacts], bool | None]] = {
    Gate.IN_BOOK: lambda client: client.in_book,
    Gate.CLIENT_GRANT: lambda client: client.granted,
    Gate.NOT_MIGRATED: lambda client: client.migrated,
    Gate.FIRST_INVOICE: lambda client: client.first_invoice,
    Gate.TERMS: lambda client: client.terms,
    Gate.NO_SHARED_ACCOUNT: lambda client: client.shared_account,
}
_NEVER = frozenset({Gate.LISTS, Gate.BANK})  # for nobody who acts: never a list of people, never a bank number


def gates_of(capability: Capability, *, direct_writer: bool) -> tuple[Gate, ...]:
    """The gates before it, in the order in which to ask. Who may grant Agency Reports depends on the agency."""
    if capability is Capability.STATEMENT:
        return (Gate.REPORTS_DIRECT if direct_writer else Gate.REPORTS_GENERAL,)
    return _GATES[capability]


def may(capability: Capability, facts: Facts) -> Verdict:
    """Every gate before it with whether it is open. What is asked of a client, without one asked for, has its client's
    gates untold (None)."""
    gates = gates_of(capability, direct_writer=facts.direct_writer)
    return Verdict(capability, tuple(GateState(gate, _open(gate, facts)) for gate in gates))


def _open(gate: Gate, facts: Facts) -> bool | None:
    if gate in HELD:
        return HELD[gate] in facts.entitlements
    if gate in _NEVER:
        return False
    if facts.client is None:
        return None
    if gate is Gate.CASE_MANAGER:  # named by the general agency, or administrator of the agency that holds the case
        administers = Entitlement.GA_ADMINISTRATOR in facts.entitlements and facts.client.of_agency
        return facts.client.case_manager or administers
    return _CLIENT_GATES[gate](facts.client)


def grantable(*, direct_writer: bool) -> tuple[Entitlement, ...]:
    """What channel compensation grants: Agency Reports of an agency that writes through a general one are that one's
    to give (P5)."""
    return tuple(each for each in Entitlement if direct_writer or each is not Entitlement.AGENCY_REPORTS)


# --- Requests -----------------------------------------------------------------------------------------------------


def by_manager(
    client_ids: Sequence[str],
    managers: Mapping[str, int],
    *,
    everybody: Sequence[int],
    secret: Callable[[str], int],
) -> dict[int | None, list[str]]:
    """One form's Client IDs by who manages each at the plan (ruling 34). A number without a manager, or of no client,
    goes to one of `everybody`, always the same one by a number that only the plan can tell (`secret`): how a form is
    split then tells nobody which numbers exist."""
    parts: dict[int | None, list[str]] = {}
    for client_id in client_ids:
        somebody = everybody[secret(client_id) % len(everybody)] if everybody else None
        parts.setdefault(managers.get(client_id, somebody), []).append(client_id)
    return parts
