"""What a file says of where somebody is reached: addresses that work are kept, the others are noted and letters go."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from django.test import Client as Browser
from django.utils import timezone
from pytest_django import Settings

from members.enrollment.x834.records import Address, Member
from members.models import Enrollee, EnrollmentFile, MemberAccount, Person
from portals import scope as scopes
from portals.enums import MailStatus
from portals.mail import outbox
from portals.models import AccessCode, OutboxMail
from tests.factories import members as factory
from tests.factories import people
from tests.factories.members import Employer
from tests.members.enrollment.test_import_834 import GROUP, child, someone
from tests.members.enrollment.test_sender_numbers import take

pytestmark = pytest.mark.django_db
HOME = Address("5 Quay St", "", "LAKE HOLLOW", "NY", "12207")
SMTP = "django.core.mail.backends.smtp.EmailBackend"


@pytest.fixture(autouse=True)
def acme() -> Employer:
    with scopes.entered(scopes.system("test")):
        employer = factory.employer(GROUP, name="Acme")
        employer.offer(factory.product("GOLD"))
        return employer


@pytest.fixture
def load(tmp_path: Path) -> object:
    numbers = iter(range(1, 100))

    def run(*members: Member, **header: str) -> list[tuple[str, str]]:
        rows: Sequence[dict[str, str]] = take(tmp_path, next(numbers), list(members), **header)
        return [(row["outcome"], row["reason"]) for row in rows]

    return run


def ask(person: Person, zip_code: str = "12207") -> None:
    with scopes.entered(scopes.system("test")):
        member_id = Enrollee.objects.get(person=person).member_id
    typed = {"identifier": member_id, "birth_date": f"{person.birth_date:%m/%d/%Y}", "zip_code": zip_code}
    browser = Browser()
    assert browser.post("/members/first-sign-in/", typed).status_code == 302
    scopes.enter(scopes.system("test"))  # the tests read as the plan itself does


def fail(mail: OutboxMail, settings: Settings) -> None:
    """The mail server is away until the mail is given up."""
    settings.DEMO, backend = False, settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = SMTP, "127.0.0.1", 9
    yesterday = timezone.now() - dt.timedelta(days=1)
    OutboxMail.objects.filter(pk=mail.pk).update(created_at=yesterday)
    AccessCode.objects.update(created_at=yesterday)
    for _n in range(outbox.MAX_TRIES):
        outbox.send_due()
    settings.EMAIL_BACKEND = backend
    mail.refresh_from_db()
    assert mail.status == MailStatus.FAILED


@pytest.mark.parametrize(
    ("sent", "kept", "noted"),
    [
        ("8540", "08540", True),
        ("85401234", "08540-1234", True),
        ("085401234", "08540-1234", False),
        ("08540", "08540", False),
    ],
)
def test_a_zip_that_lost_its_zero_is_filled_up_noted_and_opens_the_door(
    load: object, sent: str, kept: str, noted: bool
) -> None:
    found = load(someone(address=Address("5 Quay St", "", "HOLLOW", "NJ", sent), email="ada@mail.example"))
    assert found == ([("noted", "zip_padded")] if noted else [])
    person = Person.objects.get()
    assert person.zip == kept
    assert EnrollmentFile.objects.get().members_noted == int(noted)
    ask(person, "08540")
    assert OutboxMail.objects.count() == 1


def test_a_mailing_addresss_zip_is_filled_up_too(load: object) -> None:
    elsewhere = Address("PO Box 4", "", "APART", "NJ", "8540")
    assert load(someone(address=HOME, mailing_address=elsewhere)) == [("noted", "zip_padded")]
    assert Person.objects.get().confidential_address == "PO Box 4\nAPART, NJ 08540"


@pytest.mark.parametrize("typed", ["k1a0b1", "K1A 0B1", "K1A-0B1"])
def test_a_foreign_code_opens_the_door_however_it_is_typed(load: object, typed: str) -> None:
    abroad = Address("5 Quay St", "", "OTTAWA", "ON", "K1A 0B1", "CA")
    assert load(someone(address=abroad, email="ada@mail.example")) == []
    ask(Person.objects.get(), "K1A 0B2")
    assert not OutboxMail.objects.exists()
    ask(Person.objects.get(), typed)
    assert OutboxMail.objects.count() == 1


@pytest.mark.parametrize(("typed", "status"), [("12", 200), ("12207-12345", 200), ("12#07", 200), ("1220", 302)])
def test_the_field_takes_what_a_postal_code_may_be(typed: str, status: int) -> None:
    asked = {"identifier": "NGH4002004201", "birth_date": "04/28/1985", "zip_code": typed}
    assert Browser().post("/members/first-sign-in/", asked).status_code == status


@pytest.mark.parametrize("email", ["ada@mail.example;ada@work.example", "none@none", "ada@mail,example", "@", "a@b..c"])
def test_an_e_mail_that_nobody_can_mail_counts_as_none_and_the_code_goes_by_letter(load: object, email: str) -> None:
    assert load(someone(address=HOME, email=email)) == [("noted", "email_not_mailable")]
    person = Person.objects.get()
    assert person.email == ""
    ask(person)
    letter = OutboxMail.objects.get()
    assert letter.letter and letter.postal_address == "ADA INVENTED\n5 Quay St\nLAKE HOLLOW, NY 12207"


def test_a_good_e_mail_stays_when_a_file_says_one_that_nobody_can_mail(load: object) -> None:
    assert load(someone(address=HOME, email="D'Arcy.Mae+plan@mail.example")) == []
    assert load(someone(maintenance="001", coverages=(), email="none@none")) == [("noted", "email_not_mailable")]
    assert Person.objects.get().email == "D'Arcy.Mae+plan@mail.example"
    assert not OutboxMail.objects.exists(), "nothing changed of which anybody must be told"


def test_a_refused_member_has_no_note_and_a_note_names_its_member(load: object) -> None:
    found = load(
        someone(email="none@none", address=HOME), child(email="no one", subscriber_number="E9"), child(address=HOME)
    )
    assert sorted(found) == [("noted", "email_not_mailable"), ("refused", "no_subscriber")]


def test_an_old_e_mail_that_nobody_can_mail_is_no_mailbox_either(load: object) -> None:
    load(someone(address=HOME, email="ada@mail.example"))
    Person.objects.update(email="ada@mail,example")
    ask(Person.objects.get())
    assert OutboxMail.objects.get().letter


def test_a_code_that_could_not_be_mailed_becomes_a_letter_with_a_code_that_still_opens(
    load: object, settings: Settings
) -> None:
    load(someone(address=HOME, email="gone@mail.example"), child(email="", address=None))
    person = Person.objects.get(first_name="ADA")
    ask(person)
    mail = OutboxMail.objects.get()
    assert not mail.letter
    fail(mail, settings)
    letter = OutboxMail.objects.get(letter=True)
    assert letter.postal_address == "ADA INVENTED\n5 Quay St\nLAKE HOLLOW, NY 12207"
    code = re.search(r"code is (\w{4} \w{4})", letter.body)
    assert code and code.group(1) not in mail.body
    ask(person)
    assert OutboxMail.objects.count() == 2, "no further mail goes there, and the letter's code stays good"
    browser = Browser()
    typed = {"birth_date": "05/06/1980", "zip_code": "12207"}
    with scopes.entered(scopes.system("test")):
        typed["identifier"] = Enrollee.objects.get(person=person).member_id
    browser.post("/members/first-sign-in/", typed)
    own = {"code": code.group(1), "username": "ada.i", "email": "ada@home.example"}
    browser.post("/members/first-sign-in/code/", own | dict.fromkeys(("password", "again"), "three quiet owls"))
    with scopes.entered(scopes.system("test")):
        assert MemberAccount.objects.get().user.email_proven_at is None


def test_a_failed_mail_of_whoever_registered_meanwhile_or_has_no_address_makes_no_letter(
    load: object, settings: Settings
) -> None:
    load(someone("E1", "ADA", address=HOME, email="a@mail.example"), someone("E2", "BEA", email="b@mail.example"))
    Person.objects.filter(first_name="BEA").update(zip="12207")
    for person in Person.objects.order_by("first_name"):
        ask(person)
    with scopes.entered(scopes.system("test")):
        people.member_user(Person.objects.get(first_name="ADA"))
    for mail in OutboxMail.objects.order_by("id"):
        fail(mail, settings)
    assert not OutboxMail.objects.filter(letter=True).exists()


def test_who_cannot_be_told_of_a_changed_e_mail_by_mail_is_told_by_letter(load: object, settings: Settings) -> None:
    load(someone(address=HOME, email="old@mail.example"))
    load(someone(maintenance="001", coverages=(), email="new@mail.example"))
    mail = OutboxMail.objects.get()
    fail(mail, settings)
    letter = OutboxMail.objects.get(letter=True)
    assert (letter.body, letter.postal_address.splitlines()[1]) == (mail.body, "5 Quay St")


def test_a_corrected_name_is_whole_and_another_row_leaves_what_it_does_not_say(load: object) -> None:
    def name() -> str:
        return Person.objects.get().full_name

    load(someone(middle_name="QUINN", suffix="JR"))
    change = {"maintenance": "001", "coverages": ()}
    load(someone(**change))
    assert name() == "ADA QUINN INVENTED JR", "the row says nothing of them"
    load(someone(middle_name="Q", corrected=True, **change))
    assert name() == "ADA Q INVENTED"
    load(someone(suffix="SR", corrected=True, **change))
    assert name() == "ADA INVENTED SR"
