"""PostgreSQL itself hides other tenants' rows, whatever a query forgot."""

import datetime as dt

import pytest
from django.db import ProgrammingError, connection, transaction
from django.utils import timezone

from members.models import Client, Contract, Enrollee, EnrollmentError, EnrollmentFile, Person
from portals import scope as scopes
from portals.files import stored as files
from portals.scope import PartyRef, Portal, Scope

pytestmark = pytest.mark.django_db


def employee(client: Client, number: int) -> Enrollee:
    person = Person.objects.create(
        first_name="Ada", last_name=f"Tester{number}", sort_key=f"tester{number} ada", birth_date=dt.date(1980, 1, 2)
    )
    contract = Contract.objects.create(
        client=client, number=f"NGH{number:08}", sender_number=str(number), subscriber=person
    )
    return Enrollee.objects.create(
        client=client,
        contract=contract,
        person=person,
        relationship="18",
        suffix="01",
        member_id=f"NGH{number:08}01",
        recorded_date=dt.date(2026, 12, 1),
    )


@pytest.fixture
def two_clients() -> tuple[Enrollee, Enrollee]:
    with scopes.entered(scopes.system("test")):
        ours = Client.objects.create(client_id="0000001", name="Ours", state="NY")
        theirs = Client.objects.create(client_id="0000002", name="Theirs", state="NY")
        return employee(ours, 1), employee(theirs, 2)


def as_client(client_id: int) -> Scope:
    return Scope(actor="user:1", portal=Portal.EMPLOYER, user_id=1, party=PartyRef("client", client_id))


def test_a_query_without_scope_sees_nobody(two_clients: tuple[Enrollee, Enrollee]) -> None:
    scopes.enter(scopes.NOBODY)
    assert Person.objects.count() == 0
    assert Contract.objects.count() == 0


def test_an_employer_sees_its_own_people_only(two_clients: tuple[Enrollee, Enrollee]) -> None:
    ours, _ = two_clients
    scopes.enter(as_client(ours.client_id))
    assert list(Person.objects.values_list("last_name", flat=True)) == ["Tester1"]
    assert list(Enrollee.objects.values_list("pk", flat=True)) == [ours.pk]


def test_a_member_sees_own_contract_only(two_clients: tuple[Enrollee, Enrollee]) -> None:
    _, theirs = two_clients
    scopes.enter(Scope(actor="user:2", portal=Portal.MEMBER, party=PartyRef("person", theirs.person_id)))
    assert list(Person.objects.values_list("pk", flat=True)) == [theirs.person_id]
    assert list(Contract.objects.values_list("pk", flat=True)) == [theirs.contract_id]


def test_an_employer_sees_its_own_enrollment_files_and_their_errors_only(
    two_clients: tuple[Enrollee, Enrollee],
) -> None:
    ours, theirs = two_clients
    with scopes.entered(scopes.system("test")):
        for n, client_id in enumerate([ours.client_id, theirs.client_id, None]):
            stored = files.store(kind="834", owner="plan", name="a", content_type="text/plain", data=bytes([n]))
            file = EnrollmentFile.objects.create(
                stored=stored, sha256=stored.sha256, client_id=client_id, received_at=timezone.now(), by="system:test"
            )
            EnrollmentError.objects.create(file=file, segment=n, segment_id="INS", reason="unknown_group")
        assert (EnrollmentFile.objects.count(), EnrollmentError.objects.count()) == (3, 3)
    scopes.enter(as_client(ours.client_id))
    assert list(EnrollmentFile.objects.values_list("client_id", flat=True)) == [ours.client_id]
    assert list(EnrollmentError.objects.values_list("segment", flat=True)) == [0]
    with pytest.raises(ProgrammingError), transaction.atomic():
        EnrollmentError.objects.create(file_id=file.pk, segment=9, segment_id="INS", reason="unknown_group")
    scopes.enter(scopes.NOBODY)
    assert (EnrollmentFile.objects.count(), EnrollmentError.objects.count()) == (0, 0)


def test_the_application_role_can_neither_bypass_nor_truncate(two_clients: tuple[Enrollee, Enrollee]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolsuper, rolbypassrls, has_table_privilege('billing_ledgertransfer', 'UPDATE, DELETE, TRUNCATE'),"
            " has_table_privilege('audit_event', 'UPDATE, DELETE, TRUNCATE') FROM pg_roles WHERE rolname = current_user"
        )
        assert cursor.fetchone() == (False, False, False, False)


def test_an_error_in_an_unscoped_look_up_takes_the_sight_back(two_clients: tuple[Enrollee, Enrollee]) -> None:
    ours, _ = two_clients
    with scopes.entered(as_client(ours.client_id)):
        with pytest.raises(LookupError), scopes.unscoped("a look-up that fails"):
            raise LookupError
        assert Enrollee.objects.count() == 1


def test_after_a_look_past_the_tenant_only_ones_own_is_seen_again(two_clients: tuple[Enrollee, Enrollee]) -> None:
    ours, _ = two_clients
    with scopes.entered(as_client(ours.client_id)):
        with scopes.unscoped("a look-up across tenants"):
            assert Enrollee.objects.count() == 2
        assert Enrollee.objects.count() == 1
