"""Somebody who reads Spanish chooses it once at the front page, and finds the way back."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange, DateTimeTZRange
from playwright.sync_api import Page, expect

from billing.enums import CoverageLine
from members.models import BenefitPackage, Coverage, Enrollee, Group, Product
from portals import scope as scopes
from portals.models import User
from tests.factories import billing, payers, people

pytestmark = pytest.mark.journey


def covered_member() -> User:
    """In a system scope: a member whose card says $1,000 and May 1, 2025."""
    client = people.client()
    contract = payers.contract(client, first_name="Marisol", last_name="Inventada")
    enrollee = Enrollee.objects.get(contract=contract)
    product = Product.objects.create(
        rated=payers.product(),
        plan_type="EPO",
        network="Northgate Preferred",
        deductible_single=100000,
        deductible_family=200000,
        oop_single=500000,
        oop_family=1000000,
    )
    package = BenefitPackage.objects.create(
        group=Group.objects.create(client=client, number=f"L{client.client_id}", name="All employees"),
        product=product,
        line=CoverageLine.MEDICAL,
        account=payers.bill_account(client, "Medical"),
        offered=DateRange(dt.date(2020, 1, 1), None),
    )
    Coverage.objects.create(
        enrollee=enrollee,
        contract=contract,
        client=client,
        package=package,
        line=CoverageLine.MEDICAL,
        effective=DateRange(dt.date(2025, 5, 1), None),
        known=DateTimeTZRange(billing.LONG_AGO, None),
    )
    return people.member_user(contract.subscriber)


def test_a_member_chooses_spanish_signs_in_and_goes_back_to_english(page: Page) -> None:
    with scopes.entered(scopes.system("test")):
        user = covered_member()
    page.goto("/")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.get_by_role("button", name="Español").click()
    expect(page.locator("html")).to_have_attribute("lang", "es")
    page.get_by_role("link", name="Privacidad").click()
    expect(page.get_by_role("heading", name="Su privacidad en este sitio")).to_be_visible()
    page.goto("/")
    page.get_by_role("link", name="Iniciar sesión").first.click()
    page.get_by_label("Nombre de usuario").fill(user.username)
    page.get_by_label("Contraseña").fill("not the password")
    page.get_by_role("button", name="Iniciar sesión").click()
    expect(page.get_by_text("Corrija lo siguiente")).to_be_visible()
    page.get_by_label("Nombre de usuario").fill(user.username)
    page.get_by_label("Contraseña").fill(people.PASSWORD)
    page.get_by_role("button", name="Iniciar sesión").click()
    expect(page.get_by_role("heading", name=re.compile("Buen.s .+, Marisol"))).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "es")
    expect(page.get_by_text("con cobertura desde: 1 may 2025")).to_be_visible()
    card = page.get_by_label("Tarjeta de identificación de")
    expect(card.get_by_text("05/01/2025")).to_be_visible()
    expect(card.get_by_text("$1,000 / $2,000")).to_be_visible()
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.get_by_text("covered since May 1, 2025")).to_be_visible()
