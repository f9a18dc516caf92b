"""Money goes to the same items in SQL as in the pure rule."""

import datetime as dt

import pytest
from django.db import connection
from django.db.models import Case, F, Sum, When
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.actions import allocation
from billing.enums import LedgerAccount, TransferKind
from billing.models import BillAccount, LedgerTransfer
from billing.rules import allocation as rule
from portals import scope as scopes
from tests.factories import billing as make
from tests.plugin import examples

pytestmark = pytest.mark.django_db
TODAY = dt.date(2027, 2, 4)


def allocate(credits: list[tuple[BillAccount, int]], debit: LedgerAccount = LedgerAccount.CASH) -> allocation.Allocated:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE given (account_id bigint, payment_id bigint, cents bigint)")
        cursor.executemany(
            "INSERT INTO given VALUES (%s, NULL, %s)", [(account.pk, cents) for account, cents in credits]
        )
        done = allocation.allocate(cursor, credits="given", debit=debit, posted_on=TODAY)
        cursor.execute("DROP TABLE given")
    return done


def open_items(account: BillAccount) -> dict[tuple[int | None, int | None], int]:
    rows = (
        LedgerTransfer.objects.filter(account=account)
        .values_list("invoice", "product")
        .annotate(
            open=Sum(
                Case(When(debit="receivable", then=F("cents")), When(credit="receivable", then=-F("cents")), default=0)
            )
        )
    )
    return {(invoice, product): cents for invoice, product, cents in rows if cents}


def unapplied(account: BillAccount) -> int:
    sides = LedgerTransfer.objects.filter(account=account)
    plus = sides.filter(credit="unapplied").aggregate(sum=Sum("cents", default=0))["sum"]
    return int(plus - sides.filter(debit="unapplied").aggregate(sum=Sum("cents", default=0))["sum"])


def test_figure_f6_a_check_then_a_wire() -> None:
    with scopes.entered(scopes.system("test")):
        account, medical = make.account(), make.product()
        january = make.premium(account, medical, "2027-01-01", 4_210_55)
        february = make.premium(account, medical, "2027-02-01", 4_398_15)
        make.fee(account, 25_00)
        assert allocate([(account, 7_000_00)]) == allocation.Allocated(7_000_00, 0)
        assert open_items(account) == {(february.pk, medical.pk): 1_608_70, (None, None): 25_00}
        assert (january.pk, medical.pk) not in open_items(account)
        assert allocate([(account, 1_700_00)]) == allocation.Allocated(1_633_70, 66_30)
        assert open_items(account) == {}
        assert unapplied(account) == 66_30


def test_unapplied_money_is_used_once_there_is_something_to_pay() -> None:
    with scopes.entered(scopes.system("test")), connection.cursor() as cursor:
        account, medical = make.account(), make.product()
        allocate([(account, 66_30)])
        invoice = make.premium(account, medical, "2027-03-01", 50_00)
        cursor.execute("CREATE TEMPORARY TABLE mine AS SELECT %s::bigint AS account_id", [account.pk])
        done = allocation.apply_unapplied(cursor, accounts="mine", posted_on=TODAY)
        again = allocation.apply_unapplied(cursor, accounts="mine", posted_on=TODAY)
        assert (done, again) == (allocation.Allocated(50_00, 16_30), allocation.Allocated(0, 16_30))
        assert open_items(account) == {} and unapplied(account) == 16_30
        credit = LedgerTransfer.objects.get(kind=TransferKind.CREDIT)
        assert (credit.invoice_id, credit.product_id, credit.cents) == (invoice.pk, medical.pk, 50_00)


ITEMS = st.lists(st.tuples(st.integers(1, 12), st.integers(1, 900)), max_size=5)


@settings(max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    items=ITEMS, others=ITEMS, fee=st.integers(0, 300), amounts=st.lists(st.integers(1, 1500), min_size=1, max_size=3)
)
def test_sql_and_rule_agree(
    items: list[tuple[int, int]], others: list[tuple[int, int]], fee: int, amounts: list[int]
) -> None:
    with scopes.entered(scopes.system("test")):
        medical = make.product()
        payer, neighbor = make.account(), make.account()
        expected = []
        for sequence, (month, cents) in enumerate(items):
            due = dt.date(2027, month, 1)
            made = make.premium(payer, medical, f"20{30 + sequence}-01-01", cents, due=due.isoformat())
            expected.append(rule.OpenItem(made.pk, rule.ItemKind.PREMIUM, due, cents, sequence))
        for sequence, (month, cents) in enumerate(others):
            make.premium(neighbor, medical, f"20{30 + sequence}-{month:02}-01", cents)
        if fee:
            make.fee(payer, fee)
            expected.append(rule.OpenItem(None, rule.ItemKind.FEE, dt.date(2026, 1, 1), fee))
        untouched = open_items(neighbor)
        allocate([(payer, amount) for amount in amounts])
        answer = rule.allocate(expected, sum(amounts))
        shares = {share.item_id: share.cents for share in answer.shares}
        left = {item.id: item.open_cents - shares.get(item.id, 0) for item in expected}
        assert {invoice: cents for (invoice, _), cents in open_items(payer).items()} == {
            key: cents for key, cents in left.items() if cents
        }
        assert unapplied(payer) == answer.unapplied_cents
        assert open_items(neighbor) == untouched
