"""A client file makes client, groups, bill accounts, packages and plan years; a second time it changes nothing."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange

from audit.models import Event
from billing.models import AccountAccess, BillAccount, RatePeriod
from members.models import BenefitPackage, Client, ClientAccount, Group
from portals.models import StateRule
from tests.members import tables

pytestmark = pytest.mark.django_db
DENTAL = {"product_code": "DEN-1", "bill_account": "0500001-2", "bill_account_name": "Dental", "cobra_account": ""}


@pytest.fixture(autouse=True)
def _products_and_state_rules(tmp_path: Path) -> None:
    code, _ = tables.run(
        "import_products",
        tables.write(
            tmp_path / "designs.csv",
            tables.DESIGN,
            [{}, {"product_code": "DEN-1", "line": "dental", "plan_type": "DEN", "wellness_allowance": ""}],
        ),
    )
    assert code == 0
    always = DateRange(dt.date(2020, 1, 1), None)
    for state, name, value in (
        ("NY", "invoice_rule", {"kind": "days_before_due", "day": 20}),
        ("**", "invoice_rule", {"kind": "fixed_day", "day": 15}),
        ("**", "grace_days", 30),
        ("**", "proration", "fifteenth"),
    ):
        StateRule.objects.create(state=state, name=name, value=value, effective=always)


def take(folder: Path, *rows: dict[str, str]) -> tuple[int, dict[str, Any]]:
    file = tables.write(folder / "clients.csv", tables.CLIENT, rows)
    return tables.run("import_clients", file, "--as-of", "2026-12-14")


@pytest.mark.promise("B2", "B7")
def test_a_client_enters_with_its_bill_accounts_under_its_states_rules(tmp_path: Path) -> None:
    other = {
        "client_id": "0500002", "client_name": "Slate Run Press", "state": "PA", "group_number": "00500002",
        "bill_account": "0500002-1", "cobra_account": "", "invoice_rule": "fixed_day", "invoice_day": "10",
    }  # fmt: skip
    code, summary = take(tmp_path, {}, DENTAL, other)
    assert (code, summary["refusals"]) == (0, [])
    client = Client.objects.get(client_id="0500001")
    assert (client.tax_id, client.migrated_on) == ("140000001", dt.date(2027, 1, 1))
    medical = BillAccount.objects.get(number="0500001-1")
    assert (medical.invoice_rule, medical.invoice_day) == ("days_before_due", 20)
    assert (medical.grace_days, medical.proration, medical.due_day) == (30, "fifteenth", 1)
    assert medical.billed_from == dt.date(2027, 1, 1)
    by_request = BillAccount.objects.get(number="0500002-1")
    assert (by_request.invoice_rule, by_request.invoice_day) == ("fixed_day", 10)
    cobra = BillAccount.objects.get(number="0500001-C")
    assert cobra.cobra
    assert set(ClientAccount.objects.filter(client=client).values_list("account__number", flat=True)) == {
        "0500001-1",
        "0500001-2",
        "0500001-C",
    }
    assert AccountAccess.objects.filter(holder=f"client:{client.pk}").count() == 3
    package = BenefitPackage.objects.get(account=medical)
    assert (package.line, package.cobra_account) == ("medical", cobra)
    assert package.offered.upper == dt.date(2028, 1, 1)
    assert RatePeriod.objects.filter(plan_year=dt.date(2027, 1, 1)).count() == 4

    code, summary = take(tmp_path, {}, DENTAL, other)
    assert code == 0
    assert set(summary["counts"].values()) == {0}
    event = Event.objects.filter(action="members.clients.import").latest("id")
    assert (event.actor, event.detail["rows"]) == ("system:import_clients", 3)


def test_a_renewal_row_adds_a_plan_year_and_lengthens_the_offer(tmp_path: Path) -> None:
    short = {"plan_year_start": "2026-12-01", "plan_year_months": "1", "billed_from": "2026-12-01"}
    take(tmp_path, short)
    code, summary = take(tmp_path, short, {"billed_from": "2026-12-01"})
    assert (code, summary["refusals"]) == (0, [])
    years = RatePeriod.objects.filter(account__number="0500001-1").order_by("plan_year")
    assert [(year.plan_year, year.months.upper) for year in years] == [
        (dt.date(2026, 12, 1), dt.date(2027, 1, 1)),
        (dt.date(2027, 1, 1), dt.date(2028, 1, 1)),
    ]
    offered = BenefitPackage.objects.get().offered
    assert (offered.lower, offered.upper) == (dt.date(2026, 12, 1), dt.date(2028, 1, 1))


def test_what_disagrees_or_belongs_to_another_client_is_refused_with_its_line(tmp_path: Path) -> None:
    other = {"client_id": "0500002", "group_number": "00500002", "bill_account": "0500002-1", "cobra_account": ""}
    code, summary = take(
        tmp_path,
        {},
        DENTAL | {"client_name": "Otter Creek Mill"},
        DENTAL | {"product_code": "NONE"},
        other | {"group_number": "00500001"},
        other | {"bill_account": "0500001-1"},
        other | {"bill_account": "0500001-C"},
        DENTAL | {"bill_account": "0500001-1", "bill_account_name": "Medical", "plan_year_start": "2027-04-01"},
        {"bill_account": "0500001-9"},
        other | {"migrated_on": "", "invoice_rule": "fixed_day"},
        other | {"invoice_rule": "fixed_day"},
        other | {"plan_year_start": "2027-01-15", "contact_email": "nobody"},
    )
    assert code == 1
    assert tables.refused(summary) == [
        (3, "client_name"),
        (4, "product_code"),
        (5, "client_id"),
        (6, "client_id"),
        (7, "bill_account"),
        (8, "plan_year_start"),
        (9, "product_code"),
        (10, "migrated_on"),
        (11, "invoice_day"),
        (12, "contact_email"),
        (12, "plan_year_start"),
    ]
    assert "differs from line 2" in summary["refusals"][0]["reason"]
    assert [client.client_id for client in Client.objects.all()] == ["0500001"]
    assert Group.objects.count() == BenefitPackage.objects.count() == 1


def test_another_clients_bill_account_of_an_earlier_file_is_refused(tmp_path: Path) -> None:
    take(tmp_path, {})
    code, summary = take(
        tmp_path, {"client_id": "0500002", "group_number": "00500002", "bill_account": "0500001-1", "cobra_account": ""}
    )
    assert (code, tables.refused(summary)) == (2, [(2, "bill_account")])
    assert not Client.objects.filter(client_id="0500002").exists()


def test_without_a_rule_for_the_state_the_row_says_which_is_missing(tmp_path: Path) -> None:
    StateRule.objects.filter(name="grace_days").delete()
    code, summary = take(tmp_path, {})
    assert (code, tables.refused(summary)) == (2, [(2, "grace_days")])
