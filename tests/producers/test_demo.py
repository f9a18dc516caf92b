"""The demo plan as `make run` loads it: by its commands, unprivileged, into an empty database of its own."""

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.hashers import check_password
from django.core.management import CommandError, call_command
from django.db import connection

from billing.models import Invoice, Payment
from launch import testbed
from members.models import Client
from portals import scope as scopes
from portals.models import ActivityReview, Alert, User
from providers.models import StaffMembership
from tests.factories import ledger

NAME = f"{testbed.NAME}_demo"
DIGEST = "d9fc9b078d732efe"  # of the whole demo plan; a change of it is meant, and named in the commit


def manage(command: str, *arguments: str) -> dict[str, Any]:
    out = io.StringIO()
    call_command(command, *arguments, "--json", stdout=out)
    summary: dict[str, Any] = json.loads(out.getvalue())
    return summary


@pytest.fixture(scope="module")
def demo(
    test_servers: testbed.Lease, tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any
) -> Iterator[dict[str, Any]]:
    """The summaries of a first and a second load, and the accounts; the test's connection looks into that database."""
    folder = str(tmp_path_factory.mktemp("demo"))
    testbed.clone(test_servers, NAME)
    with django_db_blocker.unblock():
        connection.close()
        connection.settings_dict["NAME"] = NAME
        yield {
            "first": manage("load_demo", "--folder", folder),
            "second": manage("load_demo", "--folder", folder),
            "accounts": manage("demo_accounts"),
        }
        connection.close()
        connection.settings_dict["NAME"] = testbed.NAME
    testbed.drop(NAME)


def test_the_demo_is_the_same_on_every_machine_and_loads_once(demo: dict[str, Any]) -> None:
    assert demo["first"]["digest"] == demo["second"]["digest"]
    assert demo["first"]["digest"][:16] == DIGEST
    with scopes.entered(scopes.system("test")):
        ledger.expect("demo.load", by="system", on="demo")


def test_every_door_has_someone_who_signs_in_with_the_demo_password(demo: dict[str, Any]) -> None:
    listed = demo["accounts"]
    assert {account["door"] for account in listed["accounts"]} == {"member", "employer", "producer", "provider", "desk"}
    for account in listed["accounts"]:
        assert check_password(listed["password"], User.objects.get(username=account["username"]).password)
    manager = StaffMembership.objects.get(user__username="praman.cfp")
    assert (manager.practice.name, manager.role) == ("Capital Family Practice", "manager")


def test_the_first_sign_in_is_ready_for_a_member_who_has_no_account(demo: dict[str, Any]) -> None:
    first = demo["accounts"]["first_sign_in"]
    assert first["name"] == "Alexandria Marguerite Featherstonehaugh"
    assert first["member_id"].startswith("NGH")
    assert first["member_id"].endswith("01")


def test_adirondack_paid_december_and_has_january_open_on_three_accounts(demo: dict[str, Any]) -> None:
    with scopes.entered(scopes.system("test")):
        invoices = Invoice.objects.filter(account__number__startswith="0417723").order_by("number")
        names = list(invoices.filter(period="2027-01-01").values_list("account__name", flat=True))
        assert names == ["Medical · Albany", "Dental & vision", "COBRA"]
        january = invoices.filter(period="2027-01-01")
        assert {invoice.due_date.isoformat() for invoice in january} == {"2027-01-01"}
        assert {invoice.issue_date.isoformat() for invoice in january} == {"2026-12-12"}
        assert january[0].retro_cents != 0
        client = Client.objects.get(client_id="0417723")
        december = Payment.objects.get(holder=f"client:{client.pk}", status="paid")
        assert december.cents == sum(invoice.total_cents for invoice in invoices.filter(period="2026-12-01"))


def test_a_migrated_client_waits_for_its_first_invoice(demo: dict[str, Any]) -> None:
    with scopes.entered(scopes.system("test")):
        lakewood = Client.objects.get(client_id="0431007")
        assert lakewood.status == "migrated"
        assert lakewood.contracts.exists()
        assert not Invoice.objects.filter(account__number__startswith="0431007").exists()
        creamery = Client.objects.get(client_id="0418844")
        assert (creamery.status, creamery.contracts.count()) == ("legacy", 0)


def test_the_privacy_officers_find_alerts_by_the_real_rules_and_a_review_to_sign_once(demo: dict[str, Any]) -> None:
    found = Alert.objects.exclude(rule="off_hours").order_by("rule", "user__username")
    assert list(found.values_list("rule", "user__username", "state")) == [
        ("many_denials", "lflintway.hvb", "open"),
        ("many_records", "abirchley", "open"),
        ("many_records", "mwetherow", "closed"),
    ]
    assert [row.signed_at is not None for row in ActivityReview.objects.order_by("week")] == [True, False]


@pytest.mark.parametrize("command", ["load_demo", "demo_accounts", "load_demo_practices"])
def test_a_real_plan_refuses_the_demo(command: str, settings: Any) -> None:
    settings.DEMO = False
    with pytest.raises(CommandError) as refused:
        call_command(command, *(["folder"] if command == "load_demo_practices" else []))
    assert refused.value.returncode == 2
