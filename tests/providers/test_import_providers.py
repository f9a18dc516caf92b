"""Practices and practitioners come in by their NPIs and tax ID; a second time nothing changes."""

import datetime as dt
from pathlib import Path

import pytest

from providers import rules
from providers.models import Practice, Practitioner
from tests.factories import ledger
from tests.members import tables

ROW = {
    "provider_id": "P-1001", "practice_name": "Otter Creek Dental", "tax_id": "14-0000009", "practice_npi": "",
    "discipline": "dental", "participating_from": "2024-01-01", "participating_through": "2026-12-31",
    "address": "2 Mill Rd", "city": "Otter Creek", "state": "NY", "zip": "12207", "phone": "518-555-0100",
    "practitioner_npi": "1234567893", "first_name": "Una", "last_name": "Tarnwell", "specialty": "Dentist",
}  # fmt: skip


@pytest.mark.parametrize(
    ("number", "valid"),
    [
        ("1234567893", True),  # the example of the CMS check-digit specification
        ("1245319599", True),
        ("1234567894", False),
        ("3234567893", False),
        ("123456789", False),
        ("808401234567893", False),
    ],
)
def test_an_npi_ends_with_the_right_check_digit(number: str, valid: bool) -> None:
    assert rules.is_npi(number) is valid


@pytest.mark.django_db
def test_a_practice_enters_with_its_people_or_with_none(tmp_path: Path) -> None:
    nobody = dict.fromkeys(("practitioner_npi", "first_name", "last_name", "specialty"), "")
    rows = [
        {},
        {"practitioner_npi": "1245319599", "first_name": "Otto"},
        {"provider_id": "P-1002", "participating_from": "", "participating_through": "", **nobody},
    ]
    file = tables.write(tmp_path / "providers.csv", ROW, rows)
    assert tables.run("import_providers", file)[0] == 0
    practice = Practice.objects.get(provider_id="P-1001")
    assert practice.participating is not None
    assert (practice.tax_id, practice.participating.upper) == ("140000009", dt.date(2027, 1, 1))
    assert practice.practitioners.count() == 2
    assert Practice.objects.get(provider_id="P-1002").participating is None

    rows[0]["specialty"] = "Orthodontist"
    code, summary = tables.run("import_providers", tables.write(file, ROW, rows))
    assert code == 0
    assert summary["counts"] == {
        "practices_created": 0,
        "practices_changed": 0,
        "practitioners_created": 0,
        "practitioners_changed": 1,
    }
    assert ledger.expect("providers.practices.import", by="system", on="practice").detail["practitioners_changed"] == 1


@pytest.mark.django_db
def test_bad_rows_are_named_and_the_others_enter(tmp_path: Path) -> None:
    rows = [
        {},
        {"practitioner_npi": "1234567890"},
        {"tax_id": "00-0000009", "practitioner_npi": "1245319599"},
        {"city": "Elsewhere", "practitioner_npi": "1245319599"},
        {},
        {"practitioner_npi": ""},
        {"provider_id": "P-3", "participating_through": "2023-12-31"},
    ]
    code, summary = tables.run("import_providers", tables.write(tmp_path / "providers.csv", ROW, rows))
    assert code == 1
    assert tables.refused(summary) == [
        (3, "practitioner_npi"),
        (4, "tax_id"),
        (5, "city"),
        (6, "practitioner_npi"),
        (7, "practitioner_npi"),
        (8, "participating_through"),
    ]
    assert Practitioner.objects.count() == 1
