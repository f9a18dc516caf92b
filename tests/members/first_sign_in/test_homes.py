"""A dependent lives where the subscriber lives until told otherwise: at the door, on envelopes and at the desk."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange, DateTimeTZRange
from django.test import Client as Browser
from django.utils import timezone

from members.models import BenefitPackage, Client, Contract, Coverage, Enrollee, MemberAccount, Person
from members.queries import homes, mailboxes
from portals import scope as scopes
from portals.crypto import values as crypto
from portals.enums import Team
from portals.models import AccessCode, OutboxMail
from tests.factories import members as factory
from tests.factories import people

pytestmark = pytest.mark.django_db
NOWHERE = {"address": "", "address2": "", "city": "", "state": "", "zip": ""}
SINCE = DateTimeTZRange(dt.datetime(2020, 1, 1, tzinfo=dt.UTC), None)
SSN = "900416001"


@pytest.fixture
def plan() -> BenefitPackage:
    with scopes.entered(scopes.system("test")):
        return factory.employer().offer(factory.product())


def subscriber(plan: BenefitPackage, number: str, **fields: object) -> Contract:
    with scopes.entered(scopes.system("test")):
        person = people.person(**{"first_name": "Pell", "last_name": "Oakway"} | fields)
        client: Client = plan.group.client
        contract = Contract.objects.create(client=client, number=number, sender_number=number, subscriber=person)
    join(plan, contract, person, "18")
    return contract


def join(
    plan: BenefitPackage, contract: Contract, person: Person, relationship: str, *, until: dt.date | None = None
) -> None:
    with scopes.entered(scopes.system("test")):
        suffix = f"{contract.enrollees.count() + 1:02}"
        enrollee = Enrollee.objects.create(
            client=contract.client,
            contract=contract,
            person=person,
            relationship=relationship,
            suffix=suffix,
            member_id=f"{contract.number}{suffix}",
            recorded_date="2026-01-01",
        )
        Coverage.objects.create(
            enrollee=enrollee,
            contract=contract,
            client=contract.client,
            package=plan,
            line=plan.line,
            effective=DateRange(dt.date(2026, 1, 1), until),
            known=SINCE,
        )


def spouse(**fields: object) -> Person:
    with scopes.entered(scopes.system("test")):
        return people.person(
            **{
                "first_name": "Una",
                "last_name": "Oakway",
                "ssn_index": crypto.blind_index(SSN, purpose="ssn"),
                **NOWHERE,
                **fields,
            }
        )


def change(person: Person, **fields: str) -> None:
    with scopes.entered(scopes.system("test")):
        Person.objects.filter(pk=person.pk).update(**fields)


def home(person: Person) -> str:
    with scopes.entered(scopes.system("test")):
        return "/".join(homes.of_person(person).lines)


def asks(identifier: str, zip_code: str) -> OutboxMail | None:
    """What is sent for it, as if nothing had been sent before."""
    with scopes.entered(scopes.system("test")):
        AccessCode.objects.all().delete()
        OutboxMail.objects.all().delete()
    typed = {"identifier": identifier, "birth_date": "4/28/1985", "zip_code": zip_code}
    Browser().post("/members/first-sign-in/", typed)
    return OutboxMail.objects.order_by("-id").first()


@pytest.mark.parametrize("identifier", ["NGH40020042 02", SSN])
def test_a_dependent_without_an_address_signs_in_with_the_familys_zip_and_is_written_to_there(
    plan: BenefitPackage, identifier: str
) -> None:
    contract, una = subscriber(plan, "NGH40020042"), spouse(email="")
    join(plan, contract, una, "01")
    assert asks(identifier, "12208") is None
    letter = asks(identifier, "12207-1111")
    assert letter is not None and letter.letter
    assert letter.postal_address == "Una Oakway\n1 Made-up Street\nAlbany, NY 12207"


def test_a_move_of_the_subscriber_moves_both_and_an_own_address_stays(plan: BenefitPackage) -> None:
    contract, una = subscriber(plan, "NGH40020042"), spouse()
    own = spouse(first_name="Tarn", address="9 Dorm Way", city="Troy", state="NY", zip="12180", ssn_index="")
    for person in (una, own):
        join(plan, contract, person, "19")
    change(contract.subscriber, address="7 New Lane", city="Erie", state="PA", zip="16501")
    assert (home(una), home(own)) == ("7 New Lane/Erie, PA 16501", "9 Dorm Way/Troy, NY 12180")
    assert asks(SSN, "12207") is None
    assert asks(SSN, "16501") is not None


def test_a_confidential_address_never_spreads_and_a_dependents_own_holds(plan: BenefitPackage) -> None:
    contract, una = subscriber(plan, "NGH40020042", confidential_address="PO Box 9\nApart, NY 12000"), spouse(email="")
    join(plan, contract, una, "01")
    letter = asks(SSN, "12207")
    assert letter is not None and letter.postal_address == "Una Oakway\n1 Made-up Street\nAlbany, NY 12207"
    change(una, confidential_address="c/o A Friend\nTroy, NY 12180")
    letter = asks(SSN, "12207")
    assert letter is not None and letter.postal_address == "c/o A Friend\nTroy, NY 12180"
    change(contract.subscriber, **NOWHERE)
    change(una, confidential_address="")
    with scopes.entered(scopes.system("test")):
        assert not mailboxes.has_address(una), "the subscriber's confidential address is not the spouse's"


def test_the_contract_that_holds_longest_says_where_somebody_lives(plan: BenefitPackage) -> None:
    una = spouse()
    former = subscriber(plan, "NGH40020042", address="1 Former Rd")
    present = subscriber(plan, "NGH40020059", address="2 Present Rd")
    join(plan, present, una, "01")
    join(plan, former, una, "01", until=dt.date(2026, 6, 1))
    assert home(una).startswith("2 Present Rd")
    own = subscriber(plan, "NGH40020067", first_name="Solo", **NOWHERE)
    join(plan, former, own.subscriber, "01", until=dt.date(2026, 6, 1))
    assert home(own.subscriber) == "", "who has a contract of their own no longer lives with a former subscriber"


def test_a_zip_alone_opens_the_door_and_the_letter_goes_to_the_familys_street(plan: BenefitPackage) -> None:
    contract, una = subscriber(plan, "NGH40020042"), spouse(email="", zip="12180")
    join(plan, contract, una, "01")
    for zip_code in ("12180", "12207"):
        letter = asks(SSN, zip_code)
        assert letter is not None and "1 Made-up Street\nAlbany, NY 12207" in letter.postal_address


@pytest.mark.parametrize("own", [{"address": "1 Made-up Street"}, {"address": "1 Made-up Street", "city": "Albany"}])
def test_a_street_without_a_zip_is_no_home_of_its_own(plan: BenefitPackage, own: dict[str, str]) -> None:
    contract, una = subscriber(plan, "NGH40020042", address2="Apt 2"), spouse(email="", **own)
    join(plan, contract, una, "01")
    letter = asks(SSN, "12207")
    assert letter is not None and letter.postal_address.endswith("1 Made-up Street\nApt 2\nAlbany, NY 12207")


def test_the_desk_sees_the_familys_address_and_whose_it_is(plan: BenefitPackage) -> None:
    contract, una = subscriber(plan, "NGH40020042"), spouse()
    join(plan, contract, una, "01")
    browser = people.desk_browser(Team.MEMBER_SERVICES)
    page = browser.post("/desk/members/", {"number": SSN}, follow=True).content.decode()
    assert "1 Made-up Street" in page and "no other is on file" in page
    page = browser.get(f"/desk/members/{contract.subscriber.uuid}/").content.decode()
    assert "1 Made-up Street" in page and "no other is on file" not in page


# --- Somebody with two records -------------------------------------------------------------------------------------


def two_records(plan: BenefitPackage, **second: object) -> tuple[Person, Person]:
    """An employee who is on her husband's contract as well, as older files made her."""
    own = subscriber(
        plan, "NGH40020067", first_name="Una", ssn_index=crypto.blind_index(SSN, purpose="ssn"), email="una@a.example"
    )
    una = spouse(**{"email": "una@b.example", "first_name": "UNA"} | second)
    join(plan, subscriber(plan, "NGH40020042"), una, "01")
    return own.subscriber, una


def end(plan: BenefitPackage, person: Person) -> None:
    with scopes.entered(scopes.system("test")):
        Coverage.objects.filter(enrollee__person=person).update(effective=DateRange(dt.date(2020, 1, 1), "2020-06-01"))


def opened(identifier: str = SSN) -> str:
    """The mailbox to which something is sent; blank: nothing is."""
    mail = asks(identifier, "12207")
    return mail.to if mail else ""


def test_two_records_with_one_ssn_birth_date_zip_and_first_name_are_one_persons(plan: BenefitPackage) -> None:
    own, una = two_records(plan)
    assert opened() == "una@b.example", "both are covered: the one enrolled last"
    end(plan, una)
    assert opened() == "una@a.example", "the one that is covered today"
    assert opened("NGH40020042 02") == "una@b.example", "a card opens its own record"
    end(plan, own)
    assert opened() == "una@b.example"


def test_of_two_records_the_one_with_an_account_is_meant_whatever_is_covered(plan: BenefitPackage) -> None:
    own, _una = two_records(plan)
    end(plan, own)
    with scopes.entered(scopes.system("test")):
        user = people.member_user(own)
    mail = asks(SSN, "12207")
    assert mail is not None and (mail.subject, mail.to) == ("You already have an account", "una@a.example")
    with scopes.entered(scopes.system("test")):
        user.member_account.disowned_at = timezone.now()
        user.member_account.save()
    letter = asks(SSN, "12207")
    assert letter is not None and letter.letter, "somebody got at the code of the other record"


def test_the_code_that_is_sent_opens_the_record(plan: BenefitPackage) -> None:
    _own, una = two_records(plan)
    browser = Browser()
    typed = {"identifier": SSN, "birth_date": "4/28/1985", "zip_code": "12207"}
    browser.post("/members/first-sign-in/", typed)
    account = {"username": "una.o", "email": "una@home.example", "code": people.code_in_mail()}
    page = browser.post(
        "/members/first-sign-in/code/", account | dict.fromkeys(("password", "again"), "three quiet owls"), follow=True
    )
    assert page.redirect_chain == [("/members/", 302)]
    with scopes.entered(scopes.system("test")):
        assert MemberAccount.objects.get().person == una


@pytest.mark.parametrize(
    "other", [{"first_name": "Ulla"}, {"birth_date": dt.date(1985, 4, 29)}, {"zip": "12180", "address": "9 Elsewhere"}]
)
def test_records_that_differ_in_one_of_these_are_not_one(plan: BenefitPackage, other: dict[str, object]) -> None:
    two_records(plan, **other)
    assert opened() == ("" if "first_name" in other else "una@a.example")
