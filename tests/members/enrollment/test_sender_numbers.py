"""Senders that number subscribers by SSN: found again, kept by index and cipher, in plain nowhere."""

import contextlib
import csv
import dataclasses
import datetime as dt
import io
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from members.enrollment.x834.records import Member
from members.models import Contract, Coverage, EnrollmentError, Person
from members.rules import numbers
from portals import rotation
from portals import scope as scopes
from portals.crypto import keys
from portals.crypto import values as crypto
from tests.factories import members as factory
from tests.factories import people
from tests.factories.members import Employer
from tests.members.enrollment.test_import_834 import GROUP, JAN, adds, child, ends, someone, wire

pytestmark = pytest.mark.django_db
SSN, OTHER = "900554321", "900558765"
DASHED = "900-55-4321"


@pytest.fixture
def acme() -> Employer:
    with scopes.entered(scopes.system("test")):
        employer = factory.employer(GROUP, name="Acme")
        employer.offer(factory.product("GOLD"))
        employer.offer(factory.product("SILVER"))
        return employer


def take(folder: Path, number: int, people: list[Member], **header: str) -> list[dict[str, str]]:
    """The rows of the result file."""
    file, result = folder / f"{number}.834", folder / f"{number}.csv"
    file.write_bytes(wire(people, number, **header))
    with contextlib.suppress(SystemExit):
        call_command(
            "import_834", str(file), "--json", "--result", str(result), "--as-of", JAN.isoformat(), stdout=io.StringIO()
        )
    scopes.enter(scopes.system("test"))
    with result.open(newline="") as rows:
        return list(csv.DictReader(rows))


def plain_places(digits: str) -> list[str]:
    """Tables in which a row says the number, in text or in the bytes of a column."""
    dashed = f"{digits[:3]}-{digits[3:5]}-{digits[5:]}"
    wanted = [f"%{form}%" for text in (digits, dashed) for form in (text, text.encode().hex())]
    found = []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.tables"
            " WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
        )
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT EXISTS (SELECT 1 FROM "{table}" t WHERE t::text ILIKE ANY(%s))', [wanted])  # noqa: S608
            if cursor.fetchone()[0]:
                found.append(table)
    return found


@pytest.mark.parametrize(
    ("number", "digits", "shown"),
    [
        (SSN, SSN, "***-**-4321"),
        (DASHED, SSN, "***-**-4321"),
        ("900 55 4321", SSN, "***-**-4321"),
        ("E1", "", "E1"),
        ("FH0000001", "", "FH0000001"),
        ("90055432", "", "90055432"),
        ("9005543210", "", "9005543210"),
        ("9005-54321", "", "9005-54321"),
    ],
)
def test_what_counts_as_an_ssn(number: str, digits: str, shown: str) -> None:
    assert (numbers.ssn_in(number), numbers.masked(number)) == (digits, shown)


def test_no_table_says_an_ssn_that_a_sender_uses_as_its_number(acme: Employer, tmp_path: Path) -> None:
    refused = take(
        tmp_path,
        1,
        [
            someone(SSN, ssn=SSN),
            child(SSN),
            someone("900-55-8765", "CAL", birth_date=dt.date(1970, 1, 1), coverages=(adds("NO-SUCH"),)),
        ],
    )
    assert Contract.objects.count() == 1
    assert [(row["subscriber_number"], row["reason"]) for row in refused] == [("***-**-8765", "unknown_plan")]
    assert EnrollmentError.objects.get().sender_number == "***-**-8765"
    assert plain_places(SSN) == plain_places(OTHER) == []
    with scopes.entered(scopes.system("test")):
        people.person(last_name=f"x{SSN}x")
    assert plain_places(SSN) == ["members_person"], "the search would find it"


def test_the_number_itself_is_kept_encrypted(acme: Employer, tmp_path: Path) -> None:
    take(tmp_path, 1, [someone(DASHED)])
    contract = Contract.objects.get()
    assert contract.sender_number == crypto.blind_index(SSN, purpose="sender_number")
    cipher = bytes(contract.sender_cipher or b"")
    assert crypto.decrypt(cipher, context=f"members_contract.sender.{contract.uuid}") == SSN


def test_later_files_find_the_contract_with_or_without_dashes(acme: Employer, tmp_path: Path) -> None:
    take(tmp_path, 1, [someone(SSN), child(SSN)])
    assert take(tmp_path, 2, [child(DASHED, "DOT"), child(SSN, "EVE")]) == []
    last = dt.date(2027, 1, 31)
    assert take(tmp_path, 3, [child(DASHED, maintenance="024", coverages=(ends(last),))]) == []
    assert (Contract.objects.count(), Person.objects.count()) == (1, 4)
    ended = Coverage.objects.get(enrollee__person__first_name="BOB", known__upper_inf=True)
    assert ended.effective.upper == dt.date(2027, 2, 1)


def test_a_full_file_knows_its_people_by_ssn(acme: Employer, tmp_path: Path) -> None:
    everybody = [someone(SSN), child(SSN), someone(OTHER, "CAL", birth_date=dt.date(1970, 1, 1))]
    take(tmp_path, 1, everybody)
    before = Coverage.objects.count()
    told = [dataclasses.replace(person, maintenance="030", coverages=(adds(code="030"),)) for person in everybody]
    assert take(tmp_path, 2, told, action="4") == []
    assert Coverage.objects.filter(known__upper_inf=True, effective__upper_inf=True).count() == before == 3


def test_a_new_pepper_loses_no_contract_before_and_after_the_rotation(
    acme: Employer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLAN_KEYS_DIR", str(tmp_path / "keys"))
    take(tmp_path, 1, [someone(SSN), someone(OTHER, "CAL", birth_date=dt.date(1970, 1, 1))])
    keys.add("pepper")
    assert take(tmp_path, 2, [child(SSN)]) == []
    current = crypto.blind_index(SSN, purpose="sender_number")
    assert current.startswith("k2:")
    assert sorted(number[:2] for number in Contract.objects.values_list("sender_number", flat=True)) == ["k1", "k2"]
    report = rotation.run(by=scopes.system("rotate_keys"))
    assert (report.remaining, report.unused["pepper"]) == (0, ["k1"])
    assert take(tmp_path, 3, [child(SSN, "DOT"), child(OTHER, "EVE")]) == []
    assert Contract.objects.count() == 2
    assert Contract.objects.get(sender_number=current).enrollees.count() == 3


def test_the_database_refuses_a_plain_ssn(acme: Employer) -> None:
    with scopes.entered(scopes.system("test")):
        person = people.person()
        for number in (SSN, DASHED):
            with pytest.raises(IntegrityError, match="no_plain_ssn"), transaction.atomic():
                Contract.objects.create(
                    client=acme.client, number="NGH88420173", sender_number=number, subscriber=person
                )
