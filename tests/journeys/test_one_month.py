"""One month of group premium as its people live it: files in, bill run, invoice, payment, the broker, the card."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
from pathlib import Path

import pytest
from django.core.management import call_command
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from audit.models import Event
from billing.models import Payment
from employers.enums import EmployerRole
from members.models import Client, Enrollee
from portals import scope as scopes
from portals.enums import Team
from portals.models import OutboxMail, PlanClock
from producers.enums import Entitlement
from tests.factories import people
from tests.journeys.door import confirm, sign_in

pytestmark = pytest.mark.journey

DESIGN = {
    "product_code": "JRN-GOLD", "name": "Journey Gold", "line": "medical", "plan_type": "HMO", "network": "HMO POS 200",
    "deductible_single": "500.00", "deductible_family": "1000.00", "oop_single": "4000.00", "oop_family": "8000.00",
    "copays": "Primary care=25.00", "formulary": "", "rx_bin": "610014", "rx_pcn": "NGH", "rx_group": "NGRX",
    "wellness_allowance": "300.00", "service_area_states": "NY",
}  # fmt: skip
RATES = {"EE": "812.37", "ES": "1624.74", "EC": "1381.03", "FAM": "2315.25"}  # F2
CLIENT = {
    "client_id": "0770001", "client_name": "Journey Lumber Co.", "tax_id": "99-0770001", "state": "NY",
    "region": "NENY", "address": "5 Made-up Road", "city": "Albany", "zip": "12207",
    "contact_name": "", "contact_email": "", "status": "migrated", "migrated_on": "2027-01-01",
    "group_number": "07700011", "group_name": "All staff",
    "benefit_class": "", "product_code": "JRN-GOLD", "plan_year_start": "2027-01-01", "plan_year_months": "12",
    "bill_account": "0770001-01", "bill_account_name": "Medical", "cobra_account": "",
    "invoice_rule": "days_before_due", "invoice_day": "21", "due_day": "1", "grace_days": "30",
    "proration": "fifteenth", "billed_from": "2027-01-01",
}  # fmt: skip
FAMILIES = [  # subscriber number, last name, then (relationship, first name, birth date)
    ("J1", "ASHFICTION", [("18", "ADA", "19800102")]),
    ("J2", "BIRCHFICTION", [("18", "BEN", "19790203"), ("53", "BO", "19790304")]),
    ("J3", "CEDARFICTION", [("18", "CYD", "19850428"), ("19", "CAL", "20150101")]),
    ("J4", "DOGWOODFICTION", [("18", "DOT", "19820501"), ("01", "DAN", "19810601"), ("19", "DEE", "20140701")]),
]


def enrollment_file() -> str:
    body = ["BGN*00*JOURNEY1*20261201*0900****2", "N1*P5*JOURNEY LUMBER*FI*990770001", "N1*IN*NORTHGATE*FI*999999999"]
    for number, last, covered in FAMILIES:
        for relationship, first, born in covered:
            body += [
                f"INS*{'Y' if relationship == '18' else 'N'}*{relationship}*021*20*A***FT",
                f"REF*0F*{number}",
                "REF*1L*07700011",
                f"NM1*IL*1*{last}*{first}",
                f"PER*IP**EM*{first.lower()}@journey.example",
                "N3*1 MADE-UP STREET",
                "N4*ALBANY*NY*12207",
                f"DMG*D8*{born}*U",
                "HD*021**HLT*JRN-GOLD*EMP",
                "DTP*348*D8*20270101",
            ]
    lines = [
        "ISA*00*          *00*          *ZZ*JOURNEY        *ZZ*NORTHGATE      *261201*0900*^*00501*000770001*0*T*:",
        "GS*BE*JOURNEY*NORTHGATE*20261201*0900*1*X*005010X220A1",
        "ST*834*0001*005010X220A1",
        *body,
        f"SE*{len(body) + 2}*0001",
        "GE*1*1",
        "IEA*1*000770001",
    ]
    return "".join(f"{line}~\n" for line in lines)


def write_csv(path: Path, rows: list[dict[str, str]]) -> str:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return str(path)


def run(*command: object) -> dict[str, object]:
    out = io.StringIO()
    try:
        call_command(*(str(part) for part in command), "--json", stdout=out)
    except SystemExit as stop:
        if stop.code:
            pytest.fail(f"{command}: exit {stop.code}, {out.getvalue()}")
    return json.loads(out.getvalue())


def enter(page: Page, username: str) -> None:
    page.context.clear_cookies()
    sign_in(page, username)


@pytest.mark.promise("E2", "E4", "E6", "B6", "B8", "B9", "P15", "P17", "M2", "M6")
def test_one_month(page: Page, tmp_path: Path) -> None:
    with scopes.entered(scopes.system("test")):
        PlanClock.objects.update_or_create(id=1, defaults={"business_date": dt.date(2026, 12, 14)})
    rates = [
        {
            "product_code": "JRN-GOLD",
            "price_key": key,
            "filed_from": "2027-01-01",
            "filed_through": "2027-12-31",
            "amount": amount,
        }
        for key, amount in RATES.items()
    ]
    designs = write_csv(tmp_path / "designs.csv", [DESIGN])
    run("import_products", designs, "--rates", write_csv(tmp_path / "rates.csv", rates))
    run("import_clients", write_csv(tmp_path / "clients.csv", [CLIENT]), "--as-of", "2026-12-01")
    with scopes.entered(scopes.system("test")):
        client = Client.objects.get(client_id="0770001")
        accountant = people.employer_user(client, EmployerRole.ADMINISTRATOR)
        agency = people.agency("Journey Agency")
        broker = people.producer_user(agency, Entitlement.CLIENT_ADMINISTRATION)
        people.grant(agency, client)
        biller = people.staff_user(Team.BILLING_OPERATIONS)

    # before the first invoice eBilling is absent, with the reason (E4)
    enter(page, accountant.username)
    expect(page.get_by_text("Client ID 0770001")).to_be_visible()
    expect(page.get_by_text("07700011")).to_be_visible()
    expect(page.get_by_role("navigation", name="Main").first.get_by_role("link", name="eBilling")).to_have_count(0)
    page.goto("/employers/ebilling/")
    expect(page.get_by_text(re.compile("first invoice")).first).to_be_visible()

    # people come by 834, and the desk runs the bills of Dec 11
    file = tmp_path / "journey.834"
    file.write_text(enrollment_file())
    summary = run("import_834", file, "--client", "0770001", "--as-of", "2026-12-01", "--ack", tmp_path / "ack.999")
    assert summary["accepted"] == 8
    assert b"IK5*A" in (tmp_path / "ack.999").read_bytes()
    enter(page, biller.username)
    page.get_by_role("link", name="Bill runs").first.click()
    page.get_by_label("Run the bills of").fill("12/11/2026")
    page.get_by_role("button", name="Start the run").click()
    expect(page.get_by_text("Total", exact=True)).to_be_visible(timeout=30_000)
    expect(page.get_by_text("$6,133.39")).to_be_visible()

    # the accountant sees the invoice, takes it as PDF and CSV, and pays
    enter(page, accountant.username)
    page.get_by_role("link", name="eBilling").first.click()
    expect(page.locator(".c-stat__value")).to_have_text("$6,133.39")
    expect(page.get_by_text("Due Jan 1")).to_be_visible()
    page.get_by_role("link", name=re.compile("INV-2701-")).click()
    for name, amount in (("Ada Ashfiction", "$812.37"), ("Dot Dogwoodfiction", "$2,315.25")):
        row = page.get_by_role("row", name=re.compile(name, re.IGNORECASE))
        expect(row).to_contain_text(amount)
    page.get_by_role("link", name=re.compile("CSV")).first.click()
    confirm(page, accountant.username)
    with page.expect_download() as lines:
        page.get_by_role("link", name="Download the file").click()
    assert "1381.03" in Path(lines.value.path()).read_text()
    page.get_by_role("link", name="Back to where you work").click()
    page.get_by_role("link", name="eBilling").first.click()
    page.get_by_role("link", name=re.compile("INV-2701-")).click()
    page.get_by_role("link", name=re.compile("PDF")).first.click()
    download = page.get_by_role("link", name=re.compile("Download")).first
    expect(download).to_be_visible(timeout=30_000)
    with page.expect_download() as pdf:
        download.click()
    reader = PdfReader(pdf.value.path())
    assert "6,133.39" in "".join(sheet.extract_text() for sheet in reader.pages)
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"], "the PDF is tagged"

    page.goto("/employers/ebilling/")
    page.get_by_role("link", name="Pay now").click()
    expect(page.get_by_role("heading", name="Electronic payment terms")).to_be_visible()
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Accept and continue").click()
    expect(page.get_by_role("heading", name="Add a bank account")).to_be_visible()
    fill_bank(page, "031300013")
    expect(page.get_by_text("Compare it with a check").first).to_be_visible()
    fill_bank(page, "031300012")
    page.get_by_role("button", name="Pay $6,133.39").click()
    expect(page.get_by_role("heading", name=re.compile("Payment processing, paid by Dec 1"))).to_be_visible()
    expect(page.get_by_text("4455667788")).to_have_count(0)

    # the bank's days
    run("export_ach", "--as-of", "2026-12-15", "--out", tmp_path / "day.ach")
    again = (tmp_path / "day.ach").read_bytes()
    run("export_ach", "--as-of", "2026-12-15", "--out", tmp_path / "day.ach")
    assert (tmp_path / "day.ach").read_bytes() == again
    run("settle_payments", "--as-of", "2026-12-16")
    run("settle_payments", "--as-of", "2026-12-18")
    page.goto("/employers/ebilling/")
    expect(page.get_by_text(re.compile("Paid Dec 1")).first).to_be_visible()

    # the broker logs in as the employer, under the banner
    enter(page, broker.username)
    page.get_by_role("link", name="Log in as employer Journey Lumber Co.").click()
    confirm(page, broker.username)
    page.get_by_role("button", name="Log in as employer").click()
    expect(page.get_by_text("Acting as employer")).to_be_visible()
    page.get_by_role("link", name="eBilling").first.click()
    page.get_by_role("link", name=re.compile("INV-2701-")).click()
    expect(page.get_by_text("Acting as employer")).to_be_visible()
    number = page.url.rstrip("/").rsplit("/", 1)[1]
    refused = page.request.get(f"/employers/ebilling/invoices/{number}/lines.csv")
    assert refused.status == 403
    looked = Event.objects.filter(actor=f"user:{broker.pk}", acting_for=f"client:{client.pk}", kind="view")
    assert looked.filter(action="employers:ebilling_invoice").count() == 1

    # a member starts with the new card
    with scopes.entered(scopes.system("test")):
        card = Enrollee.objects.get(person__first_name__iexact="cyd", client=client).member_id
    page.context.clear_cookies()
    page.goto("/members/first-sign-in/")
    page.get_by_label("Member ID or Social Security number").fill(card)
    page.get_by_label("Date of birth").fill("4/28/1985")
    page.get_by_label("ZIP code").fill("12207")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Type your activation code")).to_be_visible()
    code = re.search(r"code is (\w{4} \w{4})", OutboxMail.objects.get(to="cyd@journey.example").body)
    assert code is not None
    page.get_by_label("Activation code").fill(code.group(1))
    page.get_by_label("Username").fill("cyd.j")
    page.get_by_label("E-mail for this account").fill("cyd@home.example")
    page.get_by_label("New password", exact=True).fill("three quiet owls")
    page.get_by_label("New password, again").fill("three quiet owls")
    page.get_by_role("button", name="Create my account").click()
    expect(page.get_by_text("HMO POS 200")).to_be_visible()
    expect(page.get_by_text(re.compile("Cyd Cedarfiction", re.IGNORECASE)).first).to_be_visible()

    with scopes.entered(scopes.system("test")):
        payment = Payment.objects.get(holder=f"client:{client.pk}")  # other journeys' payments may share the file
    assert (payment.cents, payment.status) == (613339, "paid")
    assert payment.trace is not None
    assert payment.trace.encode() in again


def fill_bank(page: Page, routing: str) -> None:
    page.get_by_label("What you call it").fill("Operating account")
    page.get_by_label("Name on the account").fill("Journey Lumber Co.")
    page.get_by_label("Checking").check()
    page.get_by_label("Routing number").fill(routing)
    page.get_by_label("Account number", exact=True).fill("4455667788")
    page.get_by_label("Account number, again").fill("4455667788")
    page.get_by_role("button", name="Add this account").click()
