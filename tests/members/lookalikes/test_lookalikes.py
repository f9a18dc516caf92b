"""One person or two, at the desk: what waits, decided by a person, of somebody with an account by two."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client as Browser

from audit.models import Event
from members.enrollment.x834.records import Member
from members.models import Contract, EnrollmentError, EnrollmentFile, Lookalike, MemberAccount, Person
from portals import jobs
from portals import scope as scopes
from portals.enums import Team
from portals.models import Job
from tests.factories import ledger
from tests.factories import people as people_of_portals
from tests.factories.members import Employer
from tests.members.enrollment.test_import_834 import FEB, Run, acme, as_full, child, load, someone
from tests.members.enrollment.test_matching import BORN, OTHER_SSN, SSN, covered

pytestmark = pytest.mark.django_db
__all__ = ["acme", "load"]
Load = Callable[..., Run]
REASON = "The employer's office said so by telephone."


def clerk() -> Browser:
    with scopes.entered(scopes.system("test")):
        return people_of_portals.desk_browser(Team.ENROLLMENT)


def address() -> str:
    with scopes.entered(scopes.system("test")):
        return f"/desk/same-person/{Lookalike.objects.get().uuid}/"


def decide(browser: Browser, status: str) -> str:
    page = browser.post(address(), {"status": status, "reason": REASON}, follow=True)
    scopes.enter(scopes.system("test"))
    return page.content.decode()


def work() -> None:
    """The job of the decision, which may be delivered twice."""
    for _ in range(2):
        jobs.run(Job.objects.get(kind="members.lookalike").pk)
    scopes.enter(scopes.system("test"))


def renamed() -> Member:
    return child(first="OLIVER", birth_date=BORN)


@pytest.fixture
def asked(acme: Employer, load: Load) -> None:
    load([someone(), child(first="BABYBOY", birth_date=BORN)])
    assert load([renamed(), child(first="EVE")]).reasons == ["looks_like"]


def test_the_list_and_the_page_show_both_fact_by_fact(asked: None) -> None:
    browser = clerk()
    page = browser.get("/desk/same-person/").content.decode()
    assert "Babyboy Invented" in page
    assert "Oliver Invented" in page
    page = browser.get(address()).content.decode()
    assert "The child on file may be this one, who had no name yet." in page
    assert "05/04/2018" in page
    event = Event.objects.filter(action="lookalikes:one").latest("id")
    assert event.kind == "look"


def test_the_same_person_gets_the_name_and_stays_who_they_are(asked: None, load: Load) -> None:
    before = Person.objects.get(first_name="BABYBOY")
    assert "Decided." in decide(clerk(), "same")
    ledger.expect("members.lookalikes.decide", by="user", about="person", on="lookalike")
    work()
    before.refresh_from_db()
    assert before.first_name == "OLIVER"
    assert covered() == ["ADA", "EVE", "OLIVER"]
    file = EnrollmentFile.objects.latest("pk")
    assert (file.members_waiting, file.members_accepted) == (0, 2)
    assert list(EnrollmentError.objects.values_list("reason", flat=True)) == ["name_changed"]
    assert load([child(first="OLIVER", birth_date=BORN, maintenance="001", coverages=())]).code == 0
    assert Lookalike.objects.count() == 1


def test_two_people_are_two_and_it_is_not_asked_again(asked: None, load: Load) -> None:
    decide(clerk(), "two")
    work()
    assert covered() == ["ADA", "BABYBOY", "EVE", "OLIVER"]
    run = load([renamed()], reference="again")
    assert (run.code, run.reasons) == (0, [])
    assert len(covered()) == 4


def test_a_new_number_of_somebody_known_keeps_contract_and_card(acme: Employer, load: Load) -> None:
    load([someone(), child()])
    before = Contract.objects.get()
    run = load(as_full([someone("E77"), child("E77")]), action="4", dates={"007": FEB}, as_of=FEB)
    assert run.reasons == ["looks_like", "subscriber_waits"]
    decide(clerk(), "same")
    work()
    contract = Contract.objects.get()
    assert (contract.pk, contract.number, contract.sender_number) == (before.pk, before.number, "E77")
    assert covered() == ["ADA", "BOB"]
    assert set(EnrollmentError.objects.values_list("reason", flat=True)) == {"renumbered"}


def test_of_two_of_one_name_with_two_numbers_each_has_a_contract(acme: Employer, load: Load) -> None:
    load([someone()])
    load([someone("E2"), child("E2")])
    decide(clerk(), "two")
    work()
    assert Contract.objects.count() == 2
    assert covered() == ["ADA", "ADA", "BOB"]


def test_who_somebody_with_an_account_is_two_people_say(acme: Employer, load: Load) -> None:
    load([someone(ssn=SSN)])
    MemberAccount.objects.create(person=Person.objects.get(), user=people_of_portals.user("ada"))
    load([someone(ssn=OTHER_SSN, last_name="MARRIED", maintenance="001", coverages=())])
    first = clerk()
    assert "a colleague of your team confirms it" in decide(first, "same")
    ledger.expect("members.lookalikes.propose", by="user", about="person", on="lookalike")
    assert "You proposed this." in decide(first, "same")
    assert not Job.objects.filter(kind="members.lookalike").exists()
    decide(clerk(), "same")
    work()
    person = Person.objects.get()
    assert (person.last_name, person.ssn_last_four) == ("MARRIED", "3002")


def test_a_change_that_is_not_taken_leaves_the_person_and_is_not_asked_again(acme: Employer, load: Load) -> None:
    load([someone(ssn=SSN)])
    MemberAccount.objects.create(person=Person.objects.get(), user=people_of_portals.user("ada"))
    wrong = someone(first="ZED", ssn=SSN, maintenance="001", coverages=())
    load([wrong])
    decide(clerk(), "kept")
    load([wrong], reference="again", as_of=dt.date(2027, 1, 2))
    assert (Person.objects.get().first_name, Lookalike.objects.get().status) == ("ADA", "kept")


def test_a_decision_is_made_once_and_needs_a_reason(asked: None) -> None:
    browser = clerk()
    page = browser.post(address(), {"status": "same", "reason": ""})
    assert b"required" in page.content
    scopes.enter(scopes.system("test"))
    assert Lookalike.objects.get().status == "waiting"
    decide(browser, "same")
    decide(browser, "two")
    assert Lookalike.objects.get().status == "same"


def test_other_teams_do_not_decide(asked: None) -> None:
    with scopes.entered(scopes.system("test")):
        browser = people_of_portals.desk_browser(Team.BILLING_OPERATIONS)
    assert browser.get(address()).status_code == 403
    scopes.enter(scopes.system("test"))
    assert Lookalike.objects.get().status == "waiting"
