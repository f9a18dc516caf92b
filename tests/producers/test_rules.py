"""Table F9, row by row: which gates stand before a capability, in which order, and what one closed gate answers."""

from dataclasses import replace

import pytest

from employers import access as employers
from producers.enums import GENERAL_AGENCY, OPENERS, Capability, Entitlement, Gate
from producers.rules import OF_CLIENT, OF_PERSON, ClientFacts, Facts, may

OPEN_CLIENT = ClientFacts(
    in_book=True,
    granted=True,
    migrated=True,
    of_agency=True,
    case_manager=True,
    first_invoice=True,
    terms=True,
    shared_account=True,
)
OPEN = Facts(frozenset(Entitlement), client=OPEN_CLIENT)

ACT = (Gate.CLIENT_ADMINISTRATION, Gate.CLIENT_GRANT, Gate.NOT_MIGRATED)
TABLE = {
    Capability.IN_LIST: (Gate.IN_BOOK,),
    Capability.ACT: ACT,
    Capability.INVOICES: (*ACT, Gate.FIRST_INVOICE),
    Capability.PAY: (*ACT, Gate.FIRST_INVOICE, Gate.TERMS, Gate.NO_SHARED_ACCOUNT),
    Capability.STATEMENT: (Gate.REPORTS_DIRECT,),
    Capability.RENEWALS: (Gate.RENEWALS, Gate.CASE_MANAGER),
    Capability.QUOTE: (Gate.QUOTES,),
    Capability.CASES: (Gate.GA_ADMINISTRATOR,),
}
NEVER = (Capability.LISTS, Capability.BANK)


def without(facts: Facts, gate: Gate) -> Facts:
    """The same facts with this one gate closed."""
    lost = {
        Gate.CLIENT_ADMINISTRATION: {Entitlement.CLIENT_ADMINISTRATION},
        Gate.REPORTS_DIRECT: {Entitlement.AGENCY_REPORTS},
        Gate.RENEWALS: {Entitlement.RENEWALS},
        Gate.QUOTES: {Entitlement.QUOTES},
        Gate.GA_ADMINISTRATOR: {Entitlement.GA_ADMINISTRATOR},
    }
    if gate in lost:
        return replace(facts, entitlements=facts.entitlements - lost[gate])
    changed = {
        Gate.IN_BOOK: {"in_book": False},
        Gate.CLIENT_GRANT: {"granted": False},
        Gate.NOT_MIGRATED: {"migrated": False},
        Gate.FIRST_INVOICE: {"first_invoice": False},
        Gate.TERMS: {"terms": False},
        Gate.NO_SHARED_ACCOUNT: {"shared_account": False},
        Gate.CASE_MANAGER: {"case_manager": False, "of_agency": False},
    }
    assert facts.client is not None
    return replace(facts, client=replace(facts.client, **changed[gate]))


def test_every_row_of_the_table_is_asked_of_a_person_or_of_a_client() -> None:
    assert set(OF_CLIENT) | set(OF_PERSON) == set(Capability)
    assert set(TABLE) | set(NEVER) == set(Capability)
    assert set(OPENERS) == set(Gate)
    assert {gate for gate in OPENERS if gate in GENERAL_AGENCY} == {Gate.REPORTS_GENERAL, Gate.CASE_MANAGER}


@pytest.mark.parametrize("capability", TABLE)
def test_with_every_gate_open_the_person_may(capability: Capability) -> None:
    verdict = may(capability, OPEN)
    assert verdict.closed is None
    assert [state.gate for state in verdict.gates] == list(TABLE[capability])
    assert all(state.open for state in verdict.gates)


@pytest.mark.parametrize(("capability", "gate"), [(each, gate) for each, gates in TABLE.items() for gate in gates])
def test_one_closed_gate_is_the_answer_and_the_others_are_told_as_open(capability: Capability, gate: Gate) -> None:
    verdict = may(capability, without(OPEN, gate))
    assert verdict.closed is gate
    assert {state.gate: state.open for state in verdict.gates} == {each: each is not gate for each in TABLE[capability]}


@pytest.mark.parametrize(("capability", "gates"), TABLE.items())
def test_of_several_closed_gates_the_first_in_order_is_asked_for_first(
    capability: Capability, gates: tuple[Gate, ...]
) -> None:
    facts = OPEN
    for gate in reversed(gates):
        facts = without(facts, gate)
        assert may(capability, facts).closed is gate


@pytest.mark.parametrize("capability", NEVER)
def test_nobody_who_acts_gets_lists_of_people_or_bank_numbers(capability: Capability) -> None:
    assert may(capability, OPEN).closed is not None


def test_renewals_open_to_the_case_manager_and_to_the_administrator_of_the_agency_that_holds_the_case() -> None:
    named = replace(OPEN_CLIENT, of_agency=False)
    holds = replace(OPEN_CLIENT, case_manager=False)
    plain = frozenset({Entitlement.RENEWALS})
    administrator = plain | {Entitlement.GA_ADMINISTRATOR}
    assert may(Capability.RENEWALS, Facts(plain, client=named)).closed is None
    assert may(Capability.RENEWALS, Facts(plain, client=holds)).closed is Gate.CASE_MANAGER
    assert may(Capability.RENEWALS, Facts(administrator, client=holds)).closed is None
    elsewhere = replace(holds, of_agency=False)
    assert may(Capability.RENEWALS, Facts(administrator, client=elsewhere)).closed is Gate.CASE_MANAGER


def test_a_statement_needs_no_client_grant_and_its_opener_depends_on_who_the_agency_writes_through() -> None:
    none: frozenset[str] = frozenset()
    assert may(Capability.STATEMENT, Facts(none, direct_writer=True)).closed is Gate.REPORTS_DIRECT
    assert may(Capability.STATEMENT, Facts(none, direct_writer=False)).closed is Gate.REPORTS_GENERAL
    assert may(Capability.STATEMENT, Facts(frozenset({Entitlement.AGENCY_REPORTS}), direct_writer=False)).closed is None


def test_what_stands_behind_a_closed_client_grant_is_not_told() -> None:
    stranger = ClientFacts(in_book=True, migrated=True)
    states = {
        state.gate: state.open for state in may(Capability.PAY, Facts(frozenset(Entitlement), client=stranger)).gates
    }
    assert states[Gate.CLIENT_GRANT] is False
    assert [states[gate] for gate in (Gate.FIRST_INVOICE, Gate.TERMS, Gate.NO_SHARED_ACCOUNT)] == [None] * 3


def test_the_gates_of_an_employers_pages_are_called_as_those_pages_call_them() -> None:
    assert Gate.FIRST_INVOICE == employers.FIRST_INVOICE
    assert Gate.NO_SHARED_ACCOUNT == employers.NO_SHARED_ACCOUNT
    assert f"permission:{employers.Employer.EXPORT_LINES}" == Gate.LISTS
    assert f"permission:{employers.Employer.MANAGE_BANK}" == Gate.BANK
