"""A non-participating medical office gets its access on its call: one person files it, another approves it."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client as Browser

from audit.models import Event
from portals import scope as scopes
from portals.crypto import codes
from portals.desk import decisions as desk_decisions
from portals.enums import RequestStatus, Team
from portals.models import DeskRequest, Invitation, OutboxMail, User
from portals.plan import clock
from providers.enums import Discipline
from providers.models import OfficeAuthorization, Practice
from tests.factories import calls, ledger, people, requests

pytestmark = pytest.mark.django_db
NUMBERS, CALL = "/desk/providers/office/", "/desk/providers/office/call/"


@pytest.fixture(autouse=True)
def _day() -> None:
    clock.move_to(dt.date(2026, 12, 14), by=scopes.system("test"))


def at_desk(team: Team = Team.CUSTOMER_CARE) -> tuple[User, Browser]:
    user = people.staff_user(team)
    return user, people.browser(user)


def take(browser: Browser, **other: str) -> DeskRequest:
    browser.post(NUMBERS, calls.numbers())
    browser.post(CALL, calls.office(**other))
    return DeskRequest.objects.get(kind="provider.non_participating")


def approve(row: DeskRequest, browser: Browser) -> object:
    return browser.post(f"/desk/requests/{row.pk}/", requests.approval(row), follow=True)


def known(**fields: object) -> Practice:
    practice = people.practice("Known Office")
    Practice.objects.filter(pk=practice.pk).update(tax_id="140000777", **fields)
    return practice


@pytest.mark.promise("V6")
def test_an_office_gets_its_access_by_one_call_and_a_second_persons_approval() -> None:
    first, browser = at_desk()
    row = take(browser)
    ledger.expect("providers.offices.look_up", by=first, on="practice", outcome="failed")
    assert row.status == RequestStatus.PROPOSED
    assert not Practice.objects.exists() and not Invitation.objects.exists()
    assert b"You proposed this yourself" in approve(row, browser).content
    second, other = at_desk()
    page = other.get(f"/desk/requests/{row.pk}/").content.decode()
    for fact in ("Fernhollow Allergy", "14-0000777", calls.NPI, "Ines Marlowe, Owner", "I called back", "Olga Brandt"):
        assert fact in page
    approve(row, other)
    row.refresh_from_db()
    assert row.status == RequestStatus.DONE
    made = Practice.objects.get()
    assert (made.name, made.tax_id, made.npi, made.state) == ("Fernhollow Allergy", "140000777", calls.NPI, "NY")
    assert (made.participating, made.discipline) == (None, Discipline.MEDICAL)
    word = OfficeAuthorization.objects.get()
    assert (word.practice, word.authorized_by, word.authorized_on, word.taken_by, word.caller, word.check_made) == (
        made,
        "Dr. Ines Marlowe",
        dt.date(2026, 11, 30),
        first,
        "Ines Marlowe, Owner",
        "called_back",
    )
    invitation = Invitation.objects.get()
    assert (invitation.party, invitation.role, invitation.invited_by) == (
        f"practice:{made.pk}",
        "manager",
        f"user:{second.pk}",
    )
    assert "Fernhollow Allergy" in OutboxMail.objects.get(to="olga@fernhollow.example").body
    events = Event.objects.filter(action__in=("providers.offices.create", "providers.offices.authorize"))
    assert [(event.actor, event.object_id) for event in events.order_by("id")] == [
        (f"user:{second.pk}", str(made.pk)),
        (f"user:{second.pk}", str(word.pk)),
    ]
    assert not any("Marlowe" in str(event.detail) for event in Event.objects.all())


def test_a_new_offices_provider_id_is_drawn_and_not_counted() -> None:
    _first, browser = at_desk()
    _second, other = at_desk()
    approve(take(browser), other)
    number = Practice.objects.get().provider_id
    assert re.fullmatch(f"P-[{codes.ALPHABET}]{{4}}-[{codes.ALPHABET}]{{4}}", number)


def test_a_call_that_is_sent_twice_is_filed_once() -> None:
    _user, browser = at_desk()
    call = calls.office()
    for _n in range(2):
        browser.post(NUMBERS, calls.numbers())
        browser.post(CALL, call)
    row = DeskRequest.objects.get(kind="provider.non_participating")
    assert row.proposals.count() == 1


def test_a_participating_office_is_told_how_it_registers_and_nothing_is_made() -> None:
    known(participating=DateRange(dt.date(2020, 1, 1), None))
    _user, browser = at_desk()
    answer = browser.post(NUMBERS, calls.numbers())
    assert b"This office participates" in answer.content
    assert b"Known Office" in answer.content
    assert b"sends your office manager an invitation" in answer.content
    assert browser.get(CALL).url == NUMBERS
    assert not DeskRequest.objects.filter(kind="provider.non_participating").exists()


@pytest.mark.parametrize("numbers", [{"tax_id": "14-0000888"}, {"npi": "1245319599"}])
def test_an_office_that_participated_once_is_found_by_either_number(numbers: dict[str, str]) -> None:
    practice = known(npi=calls.NPI, participating=DateRange(dt.date(2020, 1, 1), dt.date(2026, 12, 14)))
    _user, browser = at_desk()
    browser.post(NUMBERS, calls.numbers(**numbers))
    page = browser.get(CALL)
    assert b"This office is on file" in page.content
    assert practice.provider_id in page.content.decode()
    assert "name" not in page.context["form"].fields, "it is not made a second time"


def test_an_office_on_file_gets_only_the_invitation() -> None:
    practice = known()
    _first, browser = at_desk()
    browser.post(NUMBERS, calls.numbers())
    refused = browser.post(CALL, calls.office())
    assert "practice" in refused.context["form"].errors
    browser.post(CALL, calls.office(practice=str(practice.pk)))
    row = DeskRequest.objects.get(kind="provider.non_participating")
    assert row.party == f"practice:{practice.pk}"
    approve(row, at_desk()[1])
    assert Practice.objects.get() == practice
    assert Invitation.objects.get().party == f"practice:{practice.pk}"
    assert OfficeAuthorization.objects.get().practice == practice


def test_a_dental_office_is_told_of_its_letter_and_of_the_first_claim() -> None:
    _user, browser = at_desk()
    page = browser.post(NUMBERS, calls.numbers(discipline="dental")).content
    assert b"have no Provider ID with us yet, and cannot register" in page
    assert b"After your first claim we send you a letter" in page
    assert browser.get(CALL).url == NUMBERS


def test_a_dental_office_on_file_is_not_let_in_as_a_medical_one() -> None:
    known(discipline=Discipline.DENTAL)
    _user, browser = at_desk()
    assert b"Dental offices do not get access" in browser.post(NUMBERS, calls.numbers()).content


@pytest.mark.parametrize(
    ("field", "typed"), [("npi", "1234567890"), ("tax_id", "123"), ("discipline", ""), ("npi", "")]
)
def test_wrong_numbers_are_said_in_words(field: str, typed: str) -> None:
    _user, browser = at_desk()
    answer = browser.post(NUMBERS, calls.numbers(**{field: typed}))
    assert field in answer.context["form"].errors
    assert b"BadValue" not in answer.content


@pytest.mark.parametrize(
    ("field", "typed"),
    [("state", "New"), ("zip", "122"), ("authorized_on", "12/15/2026"), ("check", ""), ("note", ""), ("email", "x"),
     ("authorized_by", ""), ("caller_name", "")],
)  # fmt: skip
def test_nothing_is_filed_without_every_fact(field: str, typed: str) -> None:
    _user, browser = at_desk()
    browser.post(NUMBERS, calls.numbers())
    answer = browser.post(CALL, calls.office(**{field: typed}))
    assert field in answer.context["form"].errors
    assert b"Fernhollow Allergy" in answer.content, "what was typed is kept"
    assert not DeskRequest.objects.filter(kind="provider.non_participating").exists()


def test_an_office_that_came_on_file_before_the_approval_is_not_made_again() -> None:
    _first, browser = at_desk()
    row = take(browser)
    practice = known()
    answer = approve(row, at_desk()[1])
    assert f"came on file as Provider ID {practice.provider_id}" in answer.content.decode()
    row.refresh_from_db()
    assert row.status == RequestStatus.PROPOSED
    assert not Invitation.objects.exists()


def test_an_office_that_began_to_participate_before_the_approval_is_not_invited() -> None:
    practice = known()
    _first, browser = at_desk()
    browser.post(NUMBERS, calls.numbers())
    browser.post(CALL, calls.office(practice=str(practice.pk)))
    row = DeskRequest.objects.get(kind="provider.non_participating")
    Practice.objects.filter(pk=practice.pk).update(participating=DateRange(dt.date(2026, 12, 14), None))
    assert b"This office participates now" in approve(row, at_desk()[1]).content
    assert not Invitation.objects.exists()


def test_somebody_with_access_there_is_not_invited_again() -> None:
    practice = known()
    manager = people.practice_user(practice)
    _first, browser = at_desk()
    browser.post(NUMBERS, calls.numbers())
    browser.post(CALL, calls.office(practice=str(practice.pk), email=manager.email))
    row = DeskRequest.objects.get(kind="provider.non_participating")
    assert b"has access there already" in approve(row, at_desk()[1]).content
    assert not OfficeAuthorization.objects.exists(), "all or nothing"


def test_what_was_sent_back_is_corrected_on_its_page() -> None:
    _first, browser = at_desk()
    row = take(browser)
    _second, other = at_desk()
    page = f"/desk/requests/{row.pk}/"
    other.post(page, requests.approval(row, "send_back", **{"back-text": "The ZIP code is another one."}))
    corrected = {f"decision-{name}": value for name, value in (calls.office(zip="12208") | calls.numbers()).items()}
    browser.post(page, {"do": "propose", **corrected})
    approve(row, other)
    assert Practice.objects.get().zip == "12208"


@pytest.mark.parametrize("team", [Team.HELP_DESK, Team.CLIENT_MANAGEMENT, Team.PRIVACY])
def test_other_teams_do_not_open_offices(team: Team) -> None:
    _user, browser = at_desk(team)
    assert browser.get(NUMBERS).status_code == 403
    assert browser.post(CALL, calls.office()).status_code == 403


def test_the_second_person_must_be_of_customer_care() -> None:
    _first, browser = at_desk()
    row = take(browser)
    helper, other = at_desk(Team.HELP_DESK)
    assert approve(row, other).status_code == 404
    by = scopes.Scope(
        actor=f"user:{helper.pk}",
        portal=scopes.Portal.DESK,
        user_id=helper.pk,
        permissions=frozenset({"desk.work_queue"}),
    )
    with pytest.raises(desk_decisions.Refused):
        desk_decisions.approve(request_id=row.pk, proposal_id=row.proposals.get().pk, by=by)
    assert not Practice.objects.exists()
