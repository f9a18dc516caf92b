"""The bill run on the worked figures: what is on the invoices, to the cent."""

import datetime as dt

import pytest
from django.db.models import Sum

from billing.actions import runs
from billing.models import BillAccount, BillShard, Invoice, InvoiceLine, LedgerTransfer, RatedProduct
from portals import scope as scopes
from tests.factories import billing as make

pytestmark = pytest.mark.django_db
OPERATIONS = scopes.system("run_billing")
SYSTEM = scopes.system("test")
A, B, C, D, E = range(1, 6)
DEC, JAN, FEB, MAR = (dt.date.fromisoformat(f"{month}-01") for month in ("2026-12", "2027-01", "2027-02", "2027-03"))


def run(day: str) -> runs.RunReport:
    return runs.run(as_of=dt.date.fromisoformat(day), by=OPERATIONS)


def lines(invoice: Invoice) -> dict[tuple[str, int, dt.date], int]:
    rows = InvoiceLine.objects.filter(invoice=invoice).values_list("kind", "contract", "month", "cents")
    found = {(kind, contract, month): cents for kind, contract, month, cents in rows}
    assert len(found) == len(rows)
    return found


def bill(day: str, account: BillAccount) -> Invoice:
    """The invoice that the run of that day makes for the account."""
    run(day)
    return Invoice.objects.get(account=account, issue_date=day)


@pytest.fixture
def medical() -> RatedProduct:
    with scopes.entered(SYSTEM):
        return make.product()


@pytest.mark.parametrize(
    ("rule", "day", "due_day", "eve", "made", "due"),
    [
        ("days_before_due", 20, 1, "2026-12-11", "2026-12-12", "2027-01-01"),
        ("days_before_due", 20, 10, "2026-12-20", "2026-12-21", "2027-01-10"),
        ("fixed_day", 15, 1, "2026-12-14", "2026-12-15", "2027-01-01"),
        ("fixed_day", 31, 1, "2027-01-30", "2027-01-31", "2027-02-01"),
        ("fixed_day", 31, 1, "2027-02-27", "2027-02-28", "2027-03-01"),  # beyond the month's end: its last day
    ],
)
@pytest.mark.promise("B1", "B2", "B3")
def test_an_invoice_is_made_on_its_day_and_due_on_its_day(
    medical: RatedProduct, rule: str, day: int, due_day: int, eve: str, made: str, due: str
) -> None:
    with scopes.entered(SYSTEM):
        month = dt.date.fromisoformat(due).replace(day=1)
        account = make.account(invoice_rule=rule, invoice_day=day, due_day=due_day, billed_from=month)
        make.segment(account, A, medical, "2026-05-01")
        assert run(eve).accounts == 0
        invoice = bill(made, account)
        assert (invoice.period, invoice.due_date) == (month, dt.date.fromisoformat(due))


def test_figure_f2_four_tiers_on_one_bill(medical: RatedProduct) -> None:
    with scopes.entered(SYSTEM):
        account = make.account(invoice_rule="days_before_due", invoice_day=20)
        for contract, (tier, members) in enumerate({"EE": 1, "ES": 2, "EC": 4, "FAM": 5}.items(), start=1):
            make.segment(account, contract, medical, "2026-05-01", key=tier, members=members)
        assert run("2026-12-11").invoices == 0
        invoice = bill("2026-12-12", account)
        assert sorted(lines(invoice).values()) == [812_37, 1_381_03, 1_624_74, 2_315_25]
        assert (invoice.total_cents, invoice.current_cents, invoice.retro_cents) == (6_133_39, 6_133_39, 0)
        assert (invoice.contracts_count, invoice.members_count, invoice.lines_count) == (4, 12, 4)
        assert (invoice.period, invoice.due_date, invoice.grace_ends) == (JAN, JAN, dt.date(2027, 1, 31))
        assert invoice.number == "INV-2701-000001" and invoice.issued_at is not None
        moved = LedgerTransfer.objects.get(invoice=invoice)
        assert (moved.debit, moved.credit, moved.cents, moved.product_id) == (
            "receivable", "premium", 6_133_39, medical.pk,
        )  # fmt: skip


def history(account: BillAccount, medical: RatedProduct) -> None:
    """Client of figure F4; each change is known from the day of its receipt on."""
    for contract, tier in ((A, "EE"), (B, "ES"), (C, "EC"), (D, "FAM")):
        make.segment(account, contract, medical, "2025-01-01", key=tier)
    make.segment(account, E, medical, "2027-01-11", known=make.at("2026-12-28"))
    make.dirty(account.pk, make.at("2026-12-28"))
    make.supersede(A, make.at("2027-01-08"))
    make.segment(account, A, medical, "2025-01-01", "2026-12-12", known=make.at("2027-01-08"))
    make.supersede(D, make.at("2027-01-13"))
    make.segment(account, D, medical, "2025-01-01", "2027-01-15", "FAM", known=make.at("2027-01-13"))
    make.segment(account, D, medical, "2027-01-16", key="ES", known=make.at("2027-01-13"))
    make.supersede(A, make.at("2027-02-03"))
    make.segment(account, A, medical, "2025-01-01", "2027-01-20", known=make.at("2027-02-03"))
    make.supersede(C, make.at("2027-02-09"))
    make.segment(account, C, medical, "2025-01-01", "2027-01-31", "EC", known=make.at("2027-02-09"))
    make.segment(account, C, medical, "2027-02-01", key="FAM", known=make.at("2027-02-09"))
    make.supersede(E, make.at("2027-02-10"))
    make.segment(account, E, medical, "2027-01-11", "2027-02-15", known=make.at("2027-02-10"))


def test_figure_f4_three_invoices_until_every_month_is_the_truth(medical: RatedProduct) -> None:
    with scopes.entered(SYSTEM):
        account = make.account(billed_from=DEC)
        history(account, medical)
        assert bill("2026-11-15", account).total_cents == 5_821_35

        january = bill("2026-12-15", account)
        assert lines(january) == {
            ("current", A, JAN): 812_37, ("current", B, JAN): 1_624_74, ("current", C, JAN): 1_381_03,
            ("current", D, JAN): 2_315_25,
        }  # fmt: skip
        assert january.total_cents == 6_133_39

        february = bill("2027-01-15", account)
        assert lines(february) == {
            ("current", B, FEB): 1_624_74, ("current", C, FEB): 1_381_03, ("current", D, FEB): 1_624_74,
            ("current", E, FEB): 812_37,
            ("retro", A, DEC): -771_04, ("retro", A, JAN): -812_37, ("retro", E, JAN): 812_37,
        }  # fmt: skip
        assert (february.current_cents, february.total_cents) == (5_442_88, 4_671_84)

        march = bill("2027-02-15", account)
        assert lines(march) == {
            ("current", B, MAR): 1_624_74, ("current", C, MAR): 2_315_25, ("current", D, MAR): 1_624_74,
            ("retro", A, DEC): 771_04, ("retro", A, JAN): 812_37, ("retro", C, FEB): 934_22,
            ("retro", E, FEB): -812_37,
        }  # fmt: skip
        assert (march.current_cents, march.retro_cents, march.total_cents) == (5_564_73, 1_705_26, 7_269_99)
        assert march.previous_cents == 5_821_35 + 6_133_39 + 4_671_84
        by_month = InvoiceLine.objects.values_list("month").annotate(sum=Sum("cents"))
        assert dict(by_month) == {DEC: 5_821_35, JAN: 6_945_76, FEB: 5_564_73, MAR: 5_564_73}


def test_a_second_run_of_the_day_changes_nothing(medical: RatedProduct) -> None:
    with scopes.entered(SYSTEM):
        account = make.account()
        make.segment(account, A, medical, "2026-05-01")
        first = run("2026-12-15")
        assert (first.changed, first.done, first.invoices, first.cents) == (True, True, 1, 812_37)
        before = (InvoiceLine.objects.count(), LedgerTransfer.objects.count(), BillShard.objects.count())
        again = run("2026-12-15")
        assert (again.changed, again.done, again.invoices) == (False, True, 1)
        assert run("2026-12-16").accounts == 0
        assert (InvoiceLine.objects.count(), LedgerTransfer.objects.count(), BillShard.objects.count()) == before
