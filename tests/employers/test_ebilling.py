"""eBilling as an employer's users and its producer meet it. Query counts hold the whole answer, 5 of them the frame of
a page's transaction and its audit row."""

from __future__ import annotations

import datetime as dt
import io

import pypdf
import pytest
from django.test import Client as Browser
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from audit.models import Event, Subject
from billing.actions import ach, bank, invoices, payments
from billing.models import BankAccount, Payment, TermsAcceptance
from portals import jobs
from portals import scope as scopes
from portals.enums import JobStatus, Topic
from portals.files import pdf as paper
from portals.models import HelpContact, Job, User
from portals.plan import clock
from producers.enums import Entitlement
from tests.factories import ledger, payers, people
from tests.factories.payers import Payer

pytestmark = pytest.mark.django_db

TODAY = dt.date(2026, 12, 26)
JANUARY = dt.date(2027, 1, 1)


def read(browser: Browser, name: str, *args: object, query: str = "", code: int = 200) -> str:
    answer = browser.get(reverse(f"employers:{name}", args=args) + query)
    assert answer.status_code == code, answer.content.decode()[:2000]
    return " ".join(answer.content.decode().split())


@pytest.fixture
def payer() -> Payer:
    with scopes.entered(payers.system()):
        clock.move_to(TODAY, by=payers.system())
        return payers.payer("Medical", "Dental", "COBRA")


def issue(payer: Payer, number: int) -> None:
    with scopes.entered(payers.system()):
        for account in payer.accounts[:number]:
            holders = [(payers.contract(payer.client), "EE", 812_37) for _ in range(number)]
            payers.invoice(account, number * 812_37, JANUARY, holders=holders)


@pytest.mark.parametrize("page", ["ebilling", "ebilling_invoices"])
def test_an_invoice_whose_amount_the_payer_saw_is_no_longer_unseen(payer: Payer, page: str) -> None:
    issue(payer, 1)
    read(people.browser(payer.user), page)
    with scopes.entered(payers.system()):
        invoice = payer.accounts[0].invoices.get()
        with pytest.raises(invoices.VoidRefused, match="seen"):
            invoices.void(invoice_id=invoice.pk, reason="wrong", as_of=invoice.issue_date, by=payers.system())


@pytest.mark.promise("E4", "B9", "B4")
def test_ebilling_is_absent_until_the_first_invoice_and_says_why_and_when() -> None:
    with scopes.entered(payers.system()):
        clock.move_to(dt.date(2026, 12, 1), by=payers.system())
        payer = payers.payer("Medical")
    browser = people.browser(payer.user)
    assert reverse("employers:ebilling") not in read(browser, "home")
    assert "eBilling opens when your first invoice is made, about Dec 12" in read(browser, "ebilling")
    assert "eBilling opens when your first invoice is made" in read(browser, "ebilling_invoices", code=403)
    issue(payer, 1)
    assert reverse("employers:ebilling") in read(browser, "home")
    opened = read(browser, "ebilling")
    assert "To pay for January 2027" in opened
    assert "Due Jan 1 · grace period ends Jan 31" in opened


@pytest.mark.parametrize(
    ("name", "queries"),
    [
        ("ebilling", 16),
        ("ebilling_invoices", 13),
        ("ebilling_pay", 16),
        ("ebilling_payments", 16),
        ("ebilling_banks", 13),
    ],
)
@pytest.mark.parametrize("rows", [1, 3])
def test_pages_ask_as_often_for_three_rows_as_for_one(
    payer: Payer, rows: int, name: str, queries: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    issue(payer, rows)
    with scopes.entered(payer.scope):
        for number, account in enumerate(payer.accounts[:rows]):
            payments.pay(
                by=payer.scope, shares={account.pk: 100_00}, bank_account=payer.bank_uuid, idempotency_key=str(number)
            )
    browser = people.browser(payer.user)
    read(browser, name)
    with django_assert_num_queries(queries):
        read(browser, name)


@pytest.mark.parametrize("rows", [1, 3])
def test_an_invoice_asks_as_often_for_three_lines_as_for_one(
    payer: Payer, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    issue(payer, rows)
    browser = people.browser(payer.user)
    with scopes.entered(payers.system()):
        number = payer.accounts[0].invoices.get().number
    read(browser, "ebilling_invoice", number)
    with django_assert_num_queries(19):
        assert read(browser, "ebilling_invoice", number).count("Iris Invented") == rows


def test_an_invoice_page_names_its_people_and_its_audit_row_does_too(payer: Payer) -> None:
    with scopes.entered(payers.system()):
        ada = payers.contract(payer.client, first_name="Ada", last_name="Example")
        bea = payers.contract(payer.client, first_name="Bea", last_name="Sample")
        invoice = payers.invoice(
            payer.accounts[0],
            1_665_70,
            JANUARY,
            holders=[(ada, "EE", 812_37), (bea, "ES", 1_624_74)],
            retro=[(ada, dt.date(2026, 12, 1), -771_41)],
            previous=100_00,
        )
    browser = people.browser(payer.user)
    page = read(browser, "ebilling_invoice", invoice.number)
    for words in (
        "Ada Example",
        "Single",
        "Bea Sample",
        "Couple",
        "Adjustment for December 2026",
        "-$771.41",
        "$1,765.70",
    ):
        assert words in page
    row = Event.objects.filter(action="employers:ebilling_invoice").order_by("-id")[0]
    assert set(Subject.objects.filter(event_id=row.pk).values_list("kind", "subject_id")) == {
        ("person", ada.subscriber_id),
        ("person", bea.subscriber_id),
    }
    found = read(browser, "ebilling_invoice", invoice.number, query="?q=sample")
    assert "Bea Sample" in found and "Ada Example" not in found


@pytest.mark.promise("B8", "E6", "B6")
def test_who_pays_accepts_the_terms_then_pays_everything_in_two_clicks(payer: Payer) -> None:
    issue(payer, 1)
    with scopes.entered(payers.system()):
        clerk = people.employer_user(payer.client)
    browser = people.browser(clerk)
    answer = browser.get(reverse("employers:ebilling_pay"))
    assert answer["Location"].startswith(reverse("employers:ebilling_terms"))
    answer = browser.post(answer["Location"], {"accept": "on", "next": reverse("employers:ebilling_pay")})
    assert answer["Location"] == reverse("employers:ebilling_pay")
    page = browser.get(answer["Location"])
    form = page.context["form"].initial
    done = browser.post(reverse("employers:ebilling_pay"), form, follow=True)
    assert "Payment processing, paid by Dec 31" in done.content.decode()
    again = browser.post(reverse("employers:ebilling_pay"), form, follow=True)
    assert again.redirect_chain == done.redirect_chain, "the same button pressed again is the same payment"
    other = browser.post(reverse("employers:ebilling_pay"), form | {"key": "f" * 32})
    assert other.status_code == 409
    assert "nothing was taken twice" in other.content.decode()
    with scopes.entered(payers.system()):
        assert Payment.objects.filter(holder=str(payer.scope.party)).count() == 1
        ledger.expect("billing.accept_terms", by=clerk, about="client", on="terms_acceptance")
        assert Event.objects.filter(action="billing.pay", outcome="done", actor=f"user:{clerk.pk}").count() == 1


def test_a_bank_account_is_added_shared_and_ended_by_the_employers_own_people(payer: Payer) -> None:
    issue(payer, 1)
    browser = people.browser(payer.user)
    typed = {
        "nickname": "Payroll", "name_on_account": "Adirondack", "kind": "checking", "routing": payers.ROUTING,
        "number": "55012345", "again": "55012345",
    }  # fmt: skip
    answer = browser.post(reverse("employers:ebilling_bank_add"), typed)
    assert answer.status_code == 302, answer.context["form"].errors
    with scopes.entered(payers.system()):
        account = BankAccount.objects.get(nickname="Payroll")
        ledger.expect("billing.add_bank_account", by=payer.user, about="client", on="bank_account")
    page = reverse("employers:ebilling_bank", args=[account.uuid])
    browser.post(page, {"do": "share"})
    with scopes.entered(payers.system()):
        account.refresh_from_db()
        assert account.shared_with_producers
        ledger.expect("billing.share_bank_account", by=payer.user, about="client", on="bank_account")
    browser.post(page, {"do": "end"})
    with scopes.entered(payers.system()):
        ended = ledger.expect("billing.end_bank_account", by=payer.user, about="client", on="bank_account")
    assert ended.object_id == str(account.uuid)
    assert page not in read(browser, "ebilling_banks")
    assert browser.post(page, {"do": "share"}).status_code == 404, "it is over"


def acting(payer: Payer) -> Browser:
    with scopes.entered(payers.system()):
        agency = people.agency("Hudson Benefits")
        user = people.producer_user(agency, Entitlement.CLIENT_ADMINISTRATION)
        User.objects.filter(pk=user.pk).update(given_name="Marta", family_name="Diaz")
        people.grant(agency, payer.client)
    browser = people.browser(user)
    assert browser.post(reverse("producers:act", args=[payer.client.client_id])).status_code == 302
    return browser


@pytest.mark.promise("P21", "E14")
def test_a_producer_pays_under_its_own_acceptance_and_the_employer_sees_who_did(payer: Payer) -> None:
    issue(payer, 1)
    browser = acting(payer)
    terms = browser.get(reverse("employers:ebilling_pay"))["Location"]
    assert browser.get(reverse("employers:ebilling")).status_code == 200, "declining closes nothing else"
    browser.post(terms, {"accept": "on"})
    assert "No bank account is shared with you" in read(browser, "ebilling_pay", code=403)
    with scopes.entered(payer.scope):
        bank.share_bank_account(by=payer.scope, account=payer.bank_uuid, shared=True)
    form = browser.get(reverse("employers:ebilling_pay")).context["form"].initial
    assert browser.post(reverse("employers:ebilling_pay"), form).status_code == 302
    with scopes.entered(payers.system()):
        assert TermsAcceptance.objects.filter(holder=str(payer.scope.party)).count() == 2
    page = read(people.browser(payer.user), "ebilling_payments")
    assert "by Marta Diaz, Hudson Benefits, acting for you" in page


def test_someone_acting_takes_no_list_of_people_and_types_no_number(payer: Payer) -> None:
    issue(payer, 1)
    browser = acting(payer)
    with scopes.entered(payers.system()):
        number = payer.accounts[0].invoices.get().number
    assert "Iris Invented" in read(browser, "ebilling_invoice", number)
    assert "A file of people is for the employer" in read(browser, "ebilling_lines", number, code=403)
    assert "Bank accounts are entered by the employer" in read(browser, "ebilling_bank_add", code=403)
    lines = read(people.browser(payer.user), "ebilling_lines", number)
    assert "Northgate EX 1000,Medical,2027-01,current,Single,1,812.37" in lines


def test_lists_filter_search_and_download_what_is_shown(payer: Payer) -> None:
    issue(payer, 2)
    with scopes.entered(payer.scope):
        payments.pay(
            by=payer.scope, shares={payer.accounts[1].pk: 1_624_74}, bank_account=payer.bank_uuid, idempotency_key="1"
        )
    browser = people.browser(payer.user)
    rising = read(browser, "ebilling_invoices", query="?sort=open")
    falling = read(browser, "ebilling_invoices", query="?sort=-open")
    cells = [f'"Bill account">{name}<' for name in ("Dental", "Medical")]
    assert "2 invoices" in rising and rising.index(cells[0]) < rising.index(cells[1])
    assert falling.index(cells[1]) < falling.index(cells[0])
    page = read(browser, "ebilling_invoices", query="?status=processing")
    assert "1 invoice<" in page and "Payment processing" in page
    file = read(browser, "ebilling_invoices_csv", query="?status=open")
    assert ",Medical,2027-01,2026-12-12,2027-01-01,2027-01-31,1624.74,1624.74,0.00,open," in file
    assert ",Dental," not in file
    file = read(browser, "ebilling_payments_csv")
    assert "2026-12-26,1624.74,Submitted,2026-12-31" in file


def test_the_pdf_is_made_once_by_a_job_tagged_and_each_look_is_a_row(payer: Payer) -> None:
    if not paper.available():
        pytest.skip(f"Pango is not here: {paper.INSTALL}")
    with scopes.entered(payers.system()):
        ada = payers.contract(payer.client, first_name="Ada", last_name="Example")
        number = payers.invoice(payer.accounts[0], 812_37, JANUARY, holders=[(ada, "EE", 812_37)]).number
    browser = people.browser(payer.user)
    for _ in range(2):
        assert "Making your PDF" in read(browser, "ebilling_pdf", number)
    (job,) = Job.objects.filter(kind="billing.invoice_pdf")
    jobs.run(job.pk)
    assert "View" in read(browser, "ebilling_pdf", number)
    for _ in range(2):
        answer = browser.get(reverse("employers:ebilling_pdf_file", args=[number]))
    assert answer["Content-Type"] == "application/pdf"
    pdf = pypdf.PdfReader(io.BytesIO(answer.content))
    text = pdf.pages[0].extract_text()
    assert "$812.37" in text and "Ada Example" in text and "Pittsburgh, PA 15264-0966" in text
    root = pdf.root_object
    assert root["/MarkInfo"].get_object() == {"/Marked": True} and "/StructTreeRoot" in root
    assert pdf.pages[0].mediabox.width == 612, "US Letter: our own stylesheet was found"
    looks = Event.objects.filter(action="employers:ebilling_pdf_file", kind="print")
    assert looks.count() == 2
    assert Subject.objects.filter(event_id__in=looks.values("id"), subject_id=ada.subscriber_id).count() == 2


def test_a_paper_that_could_not_be_made_says_whom_to_call_and_when(payer: Payer) -> None:
    if not paper.available():
        pytest.skip(f"Pango is not here: {paper.INSTALL}")
    with scopes.entered(payers.system()):
        number = payers.invoice(payer.accounts[0], 812_37, JANUARY).number
        HelpContact.objects.create(
            topic=Topic.BILLING_ENROLLMENT,
            audience="employer",
            owner="Billing team",
            phone="1-800-555-0178",
            week=[[["08:00", "18:00"]]] * 5 + [[], []],
            effective=people.ALWAYS,
        )
    browser = people.browser(payer.user)
    read(browser, "ebilling_pdf", number)
    Job.objects.filter(kind="billing.invoice_pdf").update(status=JobStatus.FAILED)
    page = read(browser, "ebilling_pdf", number, query="?poll=1")
    assert "Call us if you need the PDF" in page and "Billing team" in page and "8 am to 6 pm" in page


@pytest.mark.parametrize(
    "url", ["https://example.com/x.css", "file:///etc/passwd", "https://documents.invalid/static/../base.py", "data:,x"]
)
def test_a_document_fetches_our_static_files_only(url: str) -> None:
    with pytest.raises(paper.OnlyStaticFiles):
        paper.static_file(url)


def test_a_returned_payment_opens_the_invoice_again_on_the_page(payer: Payer) -> None:
    issue(payer, 1)
    with scopes.entered(payer.scope):
        payment = payments.pay(
            by=payer.scope, shares={payer.accounts[0].pk: 812_37}, bank_account=payer.bank_uuid, idempotency_key="1"
        )
    with scopes.entered(payers.system()) as system:
        from billing.files import bank_demo, nacha
        from portals.files import stored as files

        file = ach.export(by=system, as_of=payment.file_date)
        assert file is not None
        payment.refresh_from_db()
        assert payment.trace is not None
        _, back = bank_demo.bank_answers(
            nacha.read(files.read(file.stored)), payment.settle_date, {payment.trace: "R01"}
        )
        ach.take_returns(by=system, data=back, name="r", as_of=payment.paid_date)
        clock.move_to(payment.paid_date, by=system)
    browser = people.browser(payer.user)
    page = read(browser, "ebilling")
    assert "$837.37" in page and "$25.00 of it is a fee" in page and "Due tomorrow" in page
    page = read(browser, "ebilling_payment", payment.uuid)
    assert "Returned today" in page and "not enough money on the account (R01)" in page
