"""Another payer's money is kept apart twice: by what a query asks for, and by PostgreSQL whatever it asks for. Each is
tried where the other is out of the way."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.db.models import Model

from billing.actions import payments as paying
from billing.models import BankAccount, Invoice, InvoiceLine, LedgerTransfer, Payment, PaymentShare
from billing.queries import accounts, bills, payments
from portals import scope as scopes
from portals.scope import Scope
from tests.factories import payers
from tests.factories.payers import Payer

pytestmark = pytest.mark.django_db
TODAY, JANUARY = dt.date(2027, 1, 4), dt.date(2027, 1, 1)


@pytest.fixture
def two() -> tuple[Payer, Payer]:
    """Two payers with a bill account, an issued invoice, a bank account and a payment each."""
    made = []
    for name in ("Ours", "Theirs"):
        with scopes.entered(payers.system()):
            each = payers.payer(name, name=name)
            holders = [(payers.contract(each.client), "EE", 812_37)]
            payers.invoice(each.accounts[0], 812_37, JANUARY, holders=holders)
        with scopes.entered(each.scope):
            shares = {each.accounts[0].pk: 100_00}
            paying.pay(by=each.scope, shares=shares, bank_account=each.bank_uuid, idempotency_key=name)
        made.append(each)
    ours, theirs = made
    return ours, theirs


READS: dict[str, Callable[[Scope], list[object]]] = {
    "payable": lambda scope: [row.payable_cents for row in accounts.accounts(scope, as_of=TODAY) if row.payable_cents],
    "invoices": lambda scope: [row.account_name for row in accounts.invoices(scope)],
    "bill": lambda scope: [bills.bill(scope, row.number) is not None for row in accounts.invoices(scope)],
    "lines": lambda scope: [line.cents for row in accounts.invoices(scope) for line in bills.lines(scope, row)],
    "payments": lambda scope: [row.shares for row in payments.payments(scope)],
    "bank_accounts": lambda scope: [row.uuid for row in payments.bank_accounts(scope)],
    "has_invoice": lambda scope: [True] if accounts.has_invoice(scope) else [],
}


@pytest.mark.parametrize("name", READS)
def test_a_query_asks_for_its_payer_alone_where_everything_can_be_seen(two: tuple[Payer, Payer], name: str) -> None:
    ours, theirs = two
    with scopes.entered(payers.system()):
        found = [READS[name](each.scope) for each in (ours, theirs)]
        assert [len(rows) for rows in found] == [1, 1]
        assert READS[name](Scope(actor="user:1", portal=ours.scope.portal)) == [], "of nobody there is nothing"


@pytest.mark.parametrize("model", [Invoice, InvoiceLine, LedgerTransfer, Payment, PaymentShare, BankAccount])
def test_the_database_shows_a_payer_its_own_rows_alone_whatever_is_asked(
    two: tuple[Payer, Payer], model: type[Model]
) -> None:
    rows = model._default_manager
    with scopes.entered(payers.system()):
        everybodys = rows.count()
    counts = []
    for each in two:
        with scopes.entered(each.scope):
            counts.append(rows.count())
    assert counts == [everybodys // 2, everybodys // 2] and everybodys > 0
    with scopes.entered(scopes.NOBODY):
        assert rows.count() == 0
