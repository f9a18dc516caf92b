"""An employer's first invoice, from not open yet to paid, as its billing clerk meets it; and twenty clicks at once."""

import datetime as dt
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from playwright.sync_api import Page, expect

from billing.actions import ach, payments
from billing.models import Payment
from portals import scope as scopes
from portals.models import PlanClock
from portals.plan import clock
from tests.factories import payers
from tests.journeys.door import confirm, sign_in

pytestmark = pytest.mark.journey

JANUARY = dt.date(2027, 1, 1)


@pytest.fixture
def business_date(live_site: str) -> Iterator[None]:
    """Thursday, December 10, 2026; the site follows the calendar again afterwards."""
    move_to(dt.date(2026, 12, 10))
    yield
    with scopes.entered(payers.system()):
        PlanClock.objects.all().delete()


def move_to(day: dt.date) -> None:
    with scopes.entered(payers.system()) as system:
        clock.move_to(day, by=system)


@pytest.mark.promise("B1", "B4", "B5", "B6", "B7", "B8", "B9", "E4", "E6", "X4")
def test_a_first_invoice_is_paid_in_two_clicks_and_shown_as_paid_on_the_promised_day(
    page: Page, business_date: None
) -> None:
    with scopes.entered(payers.system()):
        payer = payers.payer("Medical · Albany", "Dental & vision", with_bank=False, terms=False)
    sign_in(page, payer.user.username)
    expect(page.get_by_text("eBilling opens when your first invoice is made, about Dec 12")).to_be_visible()
    expect(page.get_by_role("link", name="eBilling")).to_have_count(0)

    with scopes.entered(payers.system()):
        ada = payers.contract(payer.client, first_name="Ada", last_name="Example")
        medical = payers.invoice(payer.accounts[0], 44_180_22, JANUARY, holders=[(ada, "EE", 44_180_22)])
        payers.invoice(payer.accounts[1], 3_216_05, JANUARY)
    move_to(dt.date(2026, 12, 26))  # a Saturday: whatever the hour, Monday's bank file
    page.reload()
    page.get_by_role("link", name="eBilling").first.click()
    expect(page.get_by_text("2 bill accounts · invoices are due the 1st of the coverage month")).to_be_visible()
    expect(page.get_by_text("$47,396.27")).to_be_visible()
    expect(page.get_by_text("Due Jan 1 · grace period ends Jan 31")).to_be_visible()
    expect(page.get_by_text("Jan 7 to show on it")).to_be_visible()
    expect(page.get_by_text("PO Box 640966")).to_be_visible()
    expect(page.get_by_text("Autopay from your previous account did not carry over")).to_be_visible()

    page.get_by_role("link", name="Pay now").click()
    page.get_by_label("I have read the terms, and I may pay for this employer.").check()
    page.get_by_role("button", name="Accept and continue").click()
    confirm(page, payer.user.username)
    page.get_by_label("What you call it").fill("Operating")
    page.get_by_label("Name on the account").fill("Adirondack Timber Co.")
    page.get_by_label("Checking").check()
    page.get_by_label("Routing number").fill("231380105")
    page.get_by_label("Account number", exact=True).fill(payers.NUMBER)
    page.get_by_label("Account number, again").fill(payers.NUMBER)
    page.get_by_role("button", name="Add this account").click()
    expect(page.get_by_text("One of the digits is not right.").first).to_be_visible()
    page.get_by_label("Routing number").fill(payers.ROUTING)
    page.get_by_role("button", name="Add this account").click()
    expect(page.get_by_text("Operating ····7788", exact=True)).to_be_visible()
    page.get_by_role("button", name="Pay $47,396.27").click()
    expect(page.get_by_role("heading", name="Payment processing, paid by Dec 31")).to_be_visible()

    page.get_by_role("link", name="Back to eBilling").click()
    expect(page.get_by_role("link", name="Pay now")).to_have_count(0)
    expect(page.get_by_text("Payment processing", exact=True)).to_have_count(2)
    with scopes.entered(payers.system()) as system:
        payment = Payment.objects.get(holder=str(payer.scope.party))
        assert payment.cents == 47_396_27
        ach.export(by=system, as_of=payment.file_date)
        ach.settle(by=system, as_of=payment.settle_date)
        ach.settle(by=system, as_of=payment.paid_date)
    move_to(payment.paid_date)
    page.reload()
    expect(page.get_by_text("Paid today")).to_have_count(2)
    page.get_by_role("link", name=str(medical.number)).click()
    expect(page.get_by_role("rowheader", name="Ada Example")).to_be_visible()
    expect(page.get_by_text("Paid today")).to_be_visible()


def test_twenty_identical_payments_at_once_are_one(live_site: str) -> None:
    with scopes.entered(payers.system()):
        payer = payers.payer("Medical")
        payers.invoice(payer.accounts[0], 5_000_00, JANUARY)
    together = threading.Barrier(20)

    def press(_: int) -> int:
        try:
            together.wait(timeout=30)
            with scopes.entered(payer.scope):
                return payments.pay(
                    by=payer.scope,
                    shares={payer.accounts[0].pk: 2_000_00},
                    bank_account=payer.bank_uuid,
                    idempotency_key="one button",
                ).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as crowd:
        seen = set(crowd.map(press, range(20)))
    assert len(seen) == 1
    with scopes.entered(payers.system()):
        assert Payment.objects.filter(holder=str(payer.scope.party)).count() == 1
