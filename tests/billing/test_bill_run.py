"""The bill run on the worked figures: what is on the invoices, to the cent."""

import datetime as dt
from collections import defaultdict

import pytest
from django.db import ProgrammingError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit import queries as audit
from billing.actions import invoices, payments, runs
from billing.enums import CoverageLine, Proration
from billing.models import (
    BillAccount,
    BillShard,
    DirtyAccount,
    Invoice,
    InvoiceLine,
    LedgerTransfer,
    ParkedAccount,
    PriceRow,
    RatedProduct,
    RatePeriod,
)
from billing.queries import verification
from billing.rules import proration, schedule
from portals import scope as scopes
from tests.factories import billing as make
from tests.factories import ledger, payers
from tests.plugin import examples

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
            "receivable",
            "premium",
            6_133_39,
            medical.pk,
        )


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
            ("current", A, JAN): 812_37,
            ("current", B, JAN): 1_624_74,
            ("current", C, JAN): 1_381_03,
            ("current", D, JAN): 2_315_25,
        }
        assert january.total_cents == 6_133_39

        february = bill("2027-01-15", account)
        assert lines(february) == {
            ("current", B, FEB): 1_624_74,
            ("current", C, FEB): 1_381_03,
            ("current", D, FEB): 1_624_74,
            ("current", E, FEB): 812_37,
            ("retro", A, DEC): -771_04,
            ("retro", A, JAN): -812_37,
            ("retro", E, JAN): 812_37,
        }
        assert (february.current_cents, february.total_cents) == (5_442_88, 4_671_84)

        march = bill("2027-02-15", account)
        assert lines(march) == {
            ("current", B, MAR): 1_624_74,
            ("current", C, MAR): 2_315_25,
            ("current", D, MAR): 1_624_74,
            ("retro", A, DEC): 771_04,
            ("retro", A, JAN): 812_37,
            ("retro", C, FEB): 934_22,
            ("retro", E, FEB): -812_37,
        }
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


def open_cents(account: BillAccount, **where: object) -> int:
    rows = LedgerTransfer.objects.filter(account=account, **where)
    debits = rows.filter(debit="receivable").aggregate(sum=Sum("cents", default=0))["sum"]
    return int(debits - rows.filter(credit="receivable").aggregate(sum=Sum("cents", default=0))["sum"])


def unapplied(account: BillAccount) -> int:
    rows = LedgerTransfer.objects.filter(account=account)
    credits = rows.filter(credit="unapplied").aggregate(sum=Sum("cents", default=0))["sum"]
    return int(credits - rows.filter(debit="unapplied").aggregate(sum=Sum("cents", default=0))["sum"])


def findings() -> tuple[verification.Finding, ...]:
    return verification.verify(SYSTEM).findings


def test_a_missed_day_and_missed_months_are_caught_by_the_next_run(medical: RatedProduct) -> None:
    with scopes.entered(SYSTEM):
        account = make.account()
        make.segment(account, A, medical, "2026-05-01")
        invoice = bill("2027-02-20", account)  # should have been Dec 15, Jan 15 and Feb 15
        assert invoice.period == MAR
        assert lines(invoice) == {
            ("current", A, MAR): 812_37,
            ("retro", A, JAN): 812_37,
            ("retro", A, FEB): 812_37,
        }
        assert run("2026-12-15").accounts == 0  # a day made up for later bills no month again


def test_months_before_the_first_one_billed_here_are_never_billed(medical: RatedProduct) -> None:
    with scopes.entered(SYSTEM):
        account = make.account()
        make.segment(account, A, medical, "2026-05-01")
        bill("2026-12-15", account)
        make.supersede(A, make.at("2027-01-08"))
        make.segment(account, A, medical, "2026-05-01", "2026-11-09", known=make.at("2027-01-08"))
        make.segment(account, A, medical, "2026-11-10", key="ES", known=make.at("2027-01-08"))
        assert lines(bill("2027-01-15", account)) == {
            ("current", A, FEB): 1_624_74,
            ("retro", A, JAN): 812_37,
        }


def test_an_account_without_price_or_plan_year_is_left_out_and_billed_once_repaired(medical: RatedProduct) -> None:
    with scopes.entered(SYSTEM):
        fine, priceless, yearless = make.account(), make.account(), make.account(years=(2025, 2026))
        make.segment(fine, A, medical, "2026-05-01")
        make.segment(priceless, B, medical, "2026-05-01")
        make.segment(priceless, C, medical, "2026-05-01", key="NO-SUCH-TIER")
        make.segment(yearless, D, medical, "2026-05-01")
        make.dirty(priceless.pk, make.at("2026-12-10"))
        report = run("2026-12-15")
        assert (report.accounts, report.invoices, report.parked) == (3, 1, 2)
        assert dict(ParkedAccount.objects.values_list("account", "reason")) == {
            priceless.pk: "no_price",
            yearless.pk: "no_rate_period",
        }
        assert DirtyAccount.objects.filter(account=priceless).exists()
        PriceRow.objects.create(
            product=medical, price_key="NO-SUCH-TIER", filed=DateRange(dt.date(2027, 1, 1), None), cents=1_00
        )
        RatePeriod.objects.create(
            account=yearless, months=DateRange(dt.date(2027, 1, 1), None), plan_year=dt.date(2027, 1, 1)
        )
        report = run("2026-12-16")
        assert (report.invoices, report.parked) == (2, 0)
        assert sorted(Invoice.objects.values_list("number", "total_cents")) == [
            ("INV-2701-000001", 812_37),
            ("INV-2701-000002", 813_37),
            ("INV-2701-000003", 812_37),
        ]
        assert not DirtyAccount.objects.exists() and findings() == ()


def test_an_account_on_which_the_database_fails_is_found_by_halving(medical: RatedProduct) -> None:
    with scopes.entered(SYSTEM):
        PriceRow.objects.create(
            product=medical, price_key="ABSURD", filed=DateRange(dt.date(2027, 1, 1), None), cents=9 * 10**18
        )
        accounts = [make.account() for _ in range(5)]
        for contract, account in enumerate(accounts):
            key = "ABSURD" if account is accounts[3] else "EE"
            for each in range(2):
                make.segment(account, 10 * contract + each, medical, "2026-05-01", key=key)
        report = run("2026-12-15")
        assert (report.invoices, report.parked, report.done) == (4, 1, True)
        parked = ParkedAccount.objects.get()
        assert (parked.account_id, parked.reason) == (accounts[3].pk, "error")
        assert parked.detail.startswith("22003 ")
        assert sorted(Invoice.objects.values_list("number", flat=True)) == [f"INV-2701-{n:06}" for n in range(1, 5)]


def test_who_was_billed_is_recorded_and_told_once_in_the_name_of_who_asked(medical: RatedProduct) -> None:
    told: list[tuple[list[int], str]] = []

    def tell(invoice_ids: object, by: scopes.Scope) -> None:
        assert isinstance(invoice_ids, list)
        told.append((invoice_ids, by.actor))

    operator = scopes.Scope(actor="user:77", portal=scopes.Portal.DESK, user_id=77)
    runs.register_announcer(tell)
    try:
        with scopes.entered(SYSTEM):
            billed, idle = make.account(), make.account()
            make.segment(billed, A, medical, "2026-05-01")
            make.segment(idle, B, medical, "2026-05-01", "2026-06-30")
            runs.run(as_of=dt.date(2026, 12, 15), by=operator)
            invoice = Invoice.objects.get()
            assert told == [([invoice.pk], "user:77")]
            (event,) = audit.events(subject=("account", billed.pk))
            assert (event.action, event.actor, event.detail["invoices"]) == ("billing.run", "user:77", 1)
            assert audit.events(subject=("account", idle.pk)) == []
    finally:
        runs._announcers.remove(tell)


# Credits -------------------------------------------------------------------------------------------------------------


def test_a_net_negative_invoice_pays_the_oldest_open_item_and_the_rest_waits(medical: RatedProduct) -> None:
    with scopes.entered(SYSTEM):
        account = make.account()
        for contract in (A, B):
            make.segment(account, contract, medical, "2026-05-01", key="FAM")
        january, february = bill("2026-12-15", account), bill("2027-01-15", account)
        make.transfer(
            account, 4_000_00, kind="allocation", debit="cash", credit="receivable", invoice=january, product=medical
        )
        for contract in (A, B):  # neither was ever covered
            make.supersede(contract, make.at("2027-02-01"))
        make.segment(account, A, medical, "2026-01-01", "2026-06-30", known=make.at("2027-02-01"))
        march = bill("2027-02-15", account)
        assert (march.current_cents, march.total_cents) == (0, -4 * 2_315_25)
        assert march.previous_cents == 4 * 2_315_25 - 4_000_00
        assert [open_cents(account, invoice=each) for each in (january, february, march)] == [0, 0, 0]
        assert unapplied(account) == 4_000_00

        make.segment(account, C, medical, "2027-04-01", known=make.at("2027-03-01"))
        april = bill("2027-03-15", account)
        assert (april.total_cents, open_cents(account, invoice=april)) == (812_37, 0)
        assert unapplied(account) == 4_000_00 - 812_37
        assert findings() == ()


def test_a_credit_of_one_product_lowers_the_other_products_of_its_own_invoice_first(medical: RatedProduct) -> None:
    with scopes.entered(SYSTEM):
        account, dental = make.account(), make.product(CoverageLine.DENTAL, {2026: {"EE": 40_00}, 2027: {"EE": 42_00}})
        make.segment(account, A, medical, "2026-05-01")
        make.segment(account, A, dental, "2026-05-01")
        january = bill("2026-12-15", account)
        make.supersede(A, make.at("2027-01-08"), line=CoverageLine.DENTAL)
        make.segment(account, A, dental, "2026-05-01", "2026-10-31", known=make.at("2027-01-08"))
        february = bill("2027-01-15", account)
        assert (january.total_cents, february.total_cents) == (854_37, 812_37 - 42_00)
        assert open_cents(account, invoice=february, product=medical) == 812_37 - 42_00
        assert open_cents(account, invoice=february, product=dental) == 0
        assert open_cents(account, invoice=january) == 854_37 and unapplied(account) == 0
        assert findings() == ()


@pytest.mark.parametrize(
    ("accepted", "shows"),
    [("2027-02-10", True), ("2027-02-12", False)],  # settles Thursday 11th; the 15th is a holiday: Tuesday 16th
)
@pytest.mark.promise("B5", "X4")
def test_an_invoice_shows_a_payment_that_settled_before_the_day_it_was_made(
    medical: RatedProduct, accepted: str, shows: bool
) -> None:
    with scopes.entered(SYSTEM):
        payer = payers.payer("Medical")
        account = payer.accounts[0]
        BillAccount.objects.filter(pk=account.pk).update(invoice_rule="fixed_day", invoice_day=15)
        RatePeriod.objects.create(
            account=account, months=DateRange(dt.date(2027, 1, 1), None), plan_year=dt.date(2027, 1, 1)
        )
        make.segment(account, A, medical, "2026-05-01")
        january, february = bill("2026-12-15", account), bill("2027-01-15", account)
        payments.pay(
            by=payer.scope,
            shares={account.pk: 1_000_00},
            bank_account=payer.bank_uuid,
            idempotency_key="one",
            at=make.at(accepted),
        )
        assert [open_cents(account, invoice=each) for each in (january, february)] == [0, 2 * 812_37 - 1_000_00]
        march = bill("2027-02-15", account)
        assert march.previous_cents == 2 * 812_37 - (1_000_00 if shows else 0)
        assert march.watermark == max(LedgerTransfer.objects.exclude(invoice=march).values_list("pk", flat=True))
        assert findings() == ()


# An issued invoice ---------------------------------------------------------------------------------------------------


def test_an_issued_invoice_and_its_lines_never_change(medical: RatedProduct) -> None:
    with scopes.entered(SYSTEM):
        account = make.account()
        make.segment(account, A, medical, "2026-05-01")
        invoice = bill("2026-12-15", account)
        line = InvoiceLine.objects.values("issue_month", "account_id", "contract", "product_id", "month").get()
        attempts = [
            lambda: Invoice.objects.filter(pk=invoice.pk).update(due_date=MAR),
            lambda: Invoice.objects.filter(pk=invoice.pk)._raw_delete("default"),
            lambda: InvoiceLine.objects.filter(invoice=invoice).update(cents=1),
            lambda: InvoiceLine.objects.filter(invoice=invoice)._raw_delete("default"),
            lambda: InvoiceLine.objects.bulk_create(
                [InvoiceLine(invoice=invoice, kind="current", price_key="EE", members_count=1, cents=1, **line)]
            ),
            lambda: LedgerTransfer.objects.filter(invoice=invoice).update(cents=1),
        ]
        for attempt in attempts:
            with (
                pytest.raises(ProgrammingError, match=r"never changes|denied|issued invoice|refused"),
                transaction.atomic(),
            ):
                attempt()
        assert lines(invoice) == {("current", A, JAN): 812_37}


def test_a_void_keeps_its_number_and_the_next_run_bills_anew(medical: RatedProduct) -> None:
    with scopes.entered(SYSTEM):
        account = make.account()
        make.segment(account, A, medical, "2026-05-01")
        wrong = bill("2026-12-15", account)
        with pytest.raises(invoices.VoidRefused, match="not_today"):
            invoices.void(invoice_id=wrong.pk, reason="wrong class", as_of=dt.date(2026, 12, 16), by=OPERATIONS)
        invoices.void(invoice_id=wrong.pk, reason="wrong class", as_of=dt.date(2026, 12, 15), by=OPERATIONS)
        with pytest.raises(invoices.VoidRefused, match="void_already"):
            invoices.void(invoice_id=wrong.pk, reason="again", as_of=dt.date(2026, 12, 15), by=OPERATIONS)
        ledger.expect("billing.invoices.void", by="system", about="account", on="invoice")
        assert open_cents(account) == 0
        right = bill("2026-12-16", account)
        assert (wrong.number, right.number, right.total_cents) == ("INV-2701-000001", "INV-2701-000002", 812_37)
        assert (right.revision, open_cents(account)) == (1, 812_37)
        assert findings() == ()


def test_an_invoice_that_was_paid_or_seen_is_not_voided(medical: RatedProduct) -> None:
    from audit.actions import record

    with scopes.entered(SYSTEM):
        account = make.account()
        make.segment(account, A, medical, "2026-05-01")
        invoice = bill("2026-12-15", account)
        record(kind="view", action="desk", actor="user:1", portal="desk", detail={"invoice": invoice.number})
        assert invoices._problem(invoice, invoice.issue_date) is None
        record(kind="view", action="ebilling", actor="user:2", portal="employer", detail={"invoice": invoice.number})
        with pytest.raises(invoices.VoidRefused, match="seen"):
            invoices.void(invoice_id=invoice.pk, reason="late", as_of=invoice.issue_date, by=OPERATIONS)
        make.transfer(
            account, 1, kind="allocation", debit="cash", credit="receivable", invoice=invoice, product=medical
        )
        with pytest.raises(invoices.VoidRefused, match="paid"):
            invoices.void(invoice_id=invoice.pk, reason="late", as_of=invoice.issue_date, by=OPERATIONS)


def test_verification_names_what_does_not_agree(medical: RatedProduct) -> None:
    with scopes.entered(SYSTEM):
        account = make.account()
        make.segment(account, A, medical, "2026-05-01")
        invoice = bill("2026-12-15", account)
        assert findings() == ()
        make.transfer(account, 5, kind="issue", debit="receivable", credit="premium", invoice=invoice, product=medical)
        with connection.cursor() as cursor:
            cursor.execute("UPDATE billing_invoiceseries SET last = last + 1")
            cursor.execute(
                "INSERT INTO billing_invoiceline (invoice_id, issue_month, account_id, contract, product_id, kind,"
                " month, price_key, members_count, cents)"
                " VALUES (0, '2026-12-01', %s, 99, %s, 'current', '2027-01-01', 'EE', 1, 1)",
                [account.pk, medical.pk],
            )
        assert {(found.check, found.count, found.examples) for found in findings() if "line '" not in found.check} == {
            ("line without its invoice", 1, (f"line {InvoiceLine.objects.get(contract=99).pk}",)),
            ("line without a segment", 1, ("contract 99",)),
            ("invoice that is not its transfers", 1, ("INV-2701-000001",)),
            ("product of an invoice that is not its transfers", 1, ("INV-2701-000001",)),
            ("invoice open for less than nothing or more than its total", 1, ("INV-2701-000001",)),
            ("gap or stranger in a number series", 1, ("series 2027",)),
        }


# Against the readable reference --------------------------------------------------------------------------------------

STRETCHES = st.lists(
    st.tuples(
        st.integers(0, 40),  # days not covered before it
        st.integers(1, 70),  # days covered
        st.sampled_from(["EE", "ES", "FAM"]),
        st.integers(0, 1),  # product
        st.integers(0, 1),  # account
    ),
    min_size=1,
    max_size=5,
)
VERSION = st.tuples(st.dates(dt.date(2026, 11, 1), dt.date(2027, 2, 20)), STRETCHES)
RUNS = [dt.date(2026, 11, 15), dt.date(2026, 12, 15), dt.date(2027, 1, 15), dt.date(2027, 2, 15)]
Stretch = tuple[int, int, str, int, int]
Key = tuple[str, str, int, str, dt.date]  # account, kind, contract, product, month


def reference(
    versions: dict[int, list[tuple[dt.date, list[proration.CoveredSegment]]]], methods: dict[str, Proration]
) -> dict[Key, int]:
    """What four runs bill, by billing.rules alone."""
    billed: dict[tuple[str, int, str, dt.date], int] = defaultdict(int)
    found: dict[Key, int] = defaultdict(int)
    for made in RUNS:
        period = schedule.invoice_period(made, schedule.FixedDay(15))
        for contract, history in versions.items():
            known = [segments for received, segments in history if received < made]
            segments = known[-1] if known else []
            months = [month for month in (DEC, JAN, FEB) if month < period]
            expected: dict[tuple[str, int, str, dt.date], int] = defaultdict(int)
            for month in [*months, period]:
                for account, method in methods.items():
                    for charge in proration.charge_for_month(segments, month, method, _price):
                        if charge.account == account:
                            expected[account, contract, charge.product, month] += charge.cents
            for key in {*expected, *(key for key in billed if key[1] == contract)}:
                account, _, product, month = key
                difference = expected[key] - billed[key]
                if difference or (month == period and expected[key]):
                    found[account, "current" if month == period else "retro", contract, product, month] += difference
                billed[key] += difference
    return {key: cents for key, cents in found.items() if cents}


def _price(segment: proration.CoveredSegment, month: dt.date) -> int:
    return make.NY_RATES[month.year][segment.price_key]


@settings(max_examples=examples(25), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    histories=st.lists(st.lists(VERSION, min_size=1, max_size=3), min_size=1, max_size=3),
    methods=st.tuples(st.sampled_from(Proration), st.sampled_from(Proration)),
)
def test_four_runs_bill_random_histories_as_the_reference_does(
    histories: list[list[tuple[dt.date, list[Stretch]]]], methods: tuple[Proration, Proration]
) -> None:
    with transaction.atomic(), scopes.entered(SYSTEM):
        accounts = [make.account(billed_from=DEC, proration=method) for method in methods]
        products = [make.product(), make.product()]
        versions: dict[int, list[tuple[dt.date, list[proration.CoveredSegment]]]] = {}
        for contract, history in enumerate(histories, start=1):
            versions[contract] = []
            for received, stretches in sorted(history, key=lambda version: version[0]):
                at = make.at(received.isoformat(), hour=len(versions[contract]) + 1)
                make.supersede(contract, at)
                day, segments = dt.date(2026, 11, 10), []
                for gap, days, tier, product, account in stretches:
                    day += dt.timedelta(days=gap)
                    last = day + dt.timedelta(days=days - 1)
                    make.segment(
                        accounts[account],
                        contract,
                        products[product],
                        day.isoformat(),
                        last.isoformat(),
                        tier,
                        known=at,
                    )
                    segments.append(
                        proration.CoveredSegment(
                            day,
                            last + dt.timedelta(days=1),
                            products[product].code,
                            tier,
                            "medical",
                            accounts[account].number,
                        )
                    )
                    day = last + dt.timedelta(days=1)
                for account in accounts:
                    make.dirty(account.pk, at)
                versions[contract].append((received, segments))
        for made in RUNS:
            runs.run(as_of=made, by=OPERATIONS)
        rows = InvoiceLine.objects.values_list(
            "account__number", "kind", "contract", "product__code", "month"
        ).annotate(sum=Sum("cents"))
        by_rules = reference(versions, {account.number: account.proration for account in accounts})
        assert {(*key,): int(cents) for *key, cents in rows if cents} == by_rules
        assert findings() == ()
        transaction.set_rollback(True)
