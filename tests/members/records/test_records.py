"""Members' records at the desk: found by exact particulars, opened by role or in an emergency, every look recorded."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange, DateTimeTZRange
from django.test import Client as Browser
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from audit.models import Event, Subject
from billing.enums import CoverageLine
from members.models import BenefitPackage, Contract, Coverage, Enrollee, Group, Person, Product
from members.records import queries as records
from members.rules.names import sort_key
from portals import scope as scopes
from portals.crypto import values as crypto
from portals.enums import Team
from portals.exceptional_access import break_glass
from portals.models import BreakGlass, DeskRequest, OutboxMail, User
from portals.scope import PartyRef
from tests.factories import billing, openings, payers, people

pytestmark = pytest.mark.django_db
SSN = "900-12-3456"
TODAY = dt.date(2026, 12, 14)


def member(number: str = "NGH40020042", **fields: object) -> Person:
    """A subscriber with a spouse, medical since January 2025 and dental that ended in June 2026."""
    with scopes.entered(scopes.system("test")):
        client = people.client("Hudson Test Works")
        person = people.person(
            **{
                "first_name": "Zélie",
                "last_name": "Marbright",
                "sort_key": sort_key("Marbright", "Zélie"),
                "ssn_index": crypto.blind_index("900123456", purpose="ssn"),
                "ssn_last_four": "3456",
                "phone": "518-555-0188",
                "email": "zelie@mail.example",
                **fields,
            }
        )
        spouse = people.person(first_name="Rune", last_name="Marbright")
        contract = Contract.objects.create(client=client, number=number, sender_number="77", subscriber=person)
        group = Group.objects.create(client=client, number=f"G-{number}", name="All")
        account = payers.bill_account(client, "Medical")
        own = [
            Enrollee.objects.create(
                client=client,
                contract=contract,
                person=who,
                relationship=code,
                suffix=suffix,
                member_id=f"{number}{suffix}",
                recorded_date=dt.date(2024, 12, 1),
            )
            for who, code, suffix in ((person, "18", "01"), (spouse, "01", "02"))
        ]
        for line, days in (
            (CoverageLine.MEDICAL, (dt.date(2025, 1, 1), None)),
            (CoverageLine.DENTAL, (dt.date(2025, 1, 1), dt.date(2026, 7, 1))),
        ):
            product = Product.objects.create(
                rated=payers.product(f"Plan {line}", line), plan_type="EPO", network="Preferred"
            )
            package = BenefitPackage.objects.create(
                group=group, product=product, line=line, account=account, offered=DateRange(dt.date(2020, 1, 1), None)
            )
            for enrollee in own:
                Coverage.objects.create(
                    enrollee=enrollee,
                    contract=contract,
                    client=client,
                    package=package,
                    line=line,
                    effective=DateRange(*days),
                    known=DateTimeTZRange(billing.LONG_AGO, None),
                )
    return person


@pytest.fixture
def zelie() -> Person:
    return member()


@pytest.fixture
def services() -> Browser:
    return people.desk_browser(Team.MEMBER_SERVICES)


@pytest.fixture
def clerk() -> User:
    return people.staff_user(Team.HELP_DESK)


@pytest.fixture
def desk(clerk: User) -> Browser:
    return people.browser(clerk)


def search(browser: Browser, **typed: str) -> object:
    return browser.post("/desk/members/", typed, follow=True)


NAMED = {"first_name": "zelie", "last_name": " MARBRIGHT", "birth_date": "04/28/1985"}


# --- Searching ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "way"),
    [
        ({"number": "ngh 4002 0042 01"}, "member_id"),
        ({"number": SSN}, "ssn"),
        ({"number": "900123456"}, "ssn"),
        (NAMED, "name"),
    ],
)
def test_exact_particulars_open_the_record_and_are_not_echoed(
    services: Browser, zelie: Person, typed: dict[str, str], way: str
) -> None:
    page = search(services, **typed)
    assert page.redirect_chain[-1][0] == f"/desk/members/{zelie.uuid}/"
    text = page.content.decode()
    assert "Zélie Marbright" in text
    assert "900-12" not in text
    assert "900123456" not in text
    row = Event.objects.get(action="members.lookups.search")
    assert (row.kind, row.outcome, row.detail) == ("search", "done", {"way": way})
    assert list(Subject.objects.filter(event_id=row.pk).values_list("kind", "subject_id")) == [("person", zelie.pk)]


@pytest.mark.parametrize(
    "typed",
    [
        {"first_name": "Zelie", "last_name": "O\u2019Marbright Lee"},
        {"first_name": "ZELIE", "last_name": "OMARBRIGHT-LEE"},
        {"first_name": "", "last_name": "o'marbright-lee"},
        {"last_name": "O Marbright Lee"},
        {"first_name": "Zelie A", "last_name": "O'Marbright-Lee Jr"},
    ],
)
def test_a_name_is_found_however_it_is_typed(services: Browser, typed: dict[str, str]) -> None:
    zelie = member(first_name="Z\u00e9lie Anne", last_name="O'Marbright-Lee")
    page = search(services, birth_date="04/28/1985", **typed)
    assert page.redirect_chain[-1][0] == f"/desk/members/{zelie.uuid}/"
    assert not search(services, birth_date="04/29/1985", **typed).redirect_chain


def test_a_contract_number_finds_everybody_on_it_with_enough_to_choose(services: Browser, zelie: Person) -> None:
    number = "NGH40020141"
    assert records.Criteria(number=number).way == "contract"
    other = member(number, ssn_index="", sort_key="else zelie", first_name="Else")
    page = search(services, number=number)
    text = page.content.decode()
    assert "2 people fit" in text
    assert "NGH 4002 0141 02" in text
    looked = Event.objects.get(action="records:found")
    assert looked.kind == "look"
    assert (("person", other.pk)) in set(Subject.objects.filter(event_id=looked.pk).values_list("kind", "subject_id"))


@pytest.mark.parametrize(
    "typed",
    [
        {"number": "NGH 4002 0042"[:-1]},
        {"number": "3456"},
        {"number": "900-12-345"},
        NAMED | {"birth_date": "04/29/1985"},
        NAMED | {"last_name": "Marb"},
    ],
)
def test_a_part_finds_nobody_and_leaves_a_row(services: Browser, zelie: Person, typed: dict[str, str]) -> None:
    assert b"Nobody fits" in search(services, **typed).content
    row = Event.objects.get(action="members.lookups.search")
    assert row.outcome == "failed"
    assert not Subject.objects.filter(event_id=row.pk).exists()


@pytest.mark.parametrize(
    "typed",
    [
        {"number": ""},
        {"number": f"{SSN} and much more that is no number"},
        {"first_name": "", "last_name": "Marbright", "birth_date": ""},
        NAMED | {"birth_date": "4/28/85"},
    ],
)
def test_half_a_question_is_not_asked_and_a_typed_number_is_not_sent_back(
    services: Browser, zelie: Person, typed: dict[str, str]
) -> None:
    page = search(services, **typed)
    assert b"data-error-summary" in page.content
    assert SSN.encode() not in page.content
    assert not Event.objects.filter(action="members.lookups.search").exists()


def test_no_more_than_twenty_are_shown(services: Browser) -> None:
    with scopes.entered(scopes.system("test")):
        for _number in range(21):
            people.person(first_name="Ola", last_name="Same", sort_key="same ola")
    page = search(services, first_name="Ola", last_name="Same", birth_date="4/28/1985")
    assert len(page.context["rows"]) == records.MOST_FOUND
    assert b"There may be more" in page.content


# --- The record ---------------------------------------------------------------------------------------------------


def test_the_record_shows_what_the_desk_may_know_and_nothing_beyond(services: Browser, zelie: Person) -> None:
    Person.objects.filter(pk=zelie.pk).update(confidential_address="c/o A Friend\n9 Quiet Lane\nTroy, NY 12180")
    people.member_user(zelie)
    text = search(services, number=SSN).content.decode()
    for shown in (
        "ends in 3456",
        "1 Made-up Street",
        "Has a confidential address",
        "ze***@mail.example",
        "***-0188",
        "Hudson Test Works",
        "Rune Marbright",
        "NGH 4002 0042 02",
        "No end",
        "Jun 30",
        "Since ",
    ):
        assert shown in text, shown
    for hidden in ("9 Quiet Lane", "A Friend", "zelie@mail.example", "518-555-0188", "Jul 1"):
        assert hidden not in text, hidden


def test_a_look_is_a_row_with_everybody_whose_facts_it_shows(services: Browser, zelie: Person) -> None:
    services.get(f"/desk/members/{zelie.uuid}/")
    row = Event.objects.get(action="records:person")
    assert (row.kind, row.grant) == ("look", "")
    spouse = Person.objects.get(first_name="Rune")
    assert set(Subject.objects.filter(event_id=row.pk).values_list("subject_id", flat=True)) == {zelie.pk, spouse.pk}


def test_the_id_card_is_the_members_own(services: Browser, zelie: Person) -> None:
    text = services.get(f"/desk/members/{zelie.uuid}/card/").content.decode()
    assert "ZÉLIE MARBRIGHT" in text
    assert "NGH 4002 0042 01" in text
    assert Event.objects.get(action="records:card").kind == "look"


def test_who_was_never_enrolled_has_a_record_without_contracts(services: Browser) -> None:
    with scopes.entered(scopes.system("test")):
        person = people.person()
    assert b"Not enrolled" in services.get(f"/desk/members/{person.uuid}/").content
    assert b"No ID card today" in services.get(f"/desk/members/{person.uuid}/card/").content


def test_the_record_costs_the_same_for_one_more_contract(
    services: Browser, zelie: Person, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(16):
        services.get(f"/desk/members/{zelie.uuid}/")
    other = member("NGH40020141", ssn_index="", sort_key="x")
    with scopes.entered(scopes.system("test")):
        Enrollee.objects.filter(person=other).update(person=zelie)
    with django_assert_num_queries(16):
        page = services.get(f"/desk/members/{zelie.uuid}/")
    assert b"NGH40020141" in page.content


@pytest.mark.parametrize("team", [Team.ENROLLMENT, Team.MEMBER_SERVICES, Team.PRIVACY])
def test_three_teams_open_records_by_their_role(team: Team, zelie: Person) -> None:
    assert people.desk_browser(team).get(f"/desk/members/{zelie.uuid}/").status_code == 200


def test_to_others_the_gate_is_named(zelie: Person) -> None:
    browser = people.desk_browser(Team.CHANNEL_COMPENSATION)
    for url in ("/desk/members/", f"/desk/members/{zelie.uuid}/", f"/desk/members/{zelie.uuid}/emergency/"):
        page = browser.get(url)
        assert page.status_code == 403
        assert b"not part of your team" in page.content
        assert b"Marbright" not in page.content


# --- In an emergency ----------------------------------------------------------------------------------------------


def open_it(desk: Browser, person: Person, **typed: str) -> object:
    search(desk, number="NGH 4002 0042 01")
    return desk.post(f"/desk/members/{person.uuid}/emergency/", openings.WHY | typed, follow=True)


def test_without_the_role_one_learns_only_that_there_is_such_a_record(desk: Browser, zelie: Person) -> None:
    page = search(desk, number="NGH 4002 0042 01")
    text = page.content.decode()
    assert "We have this member" in text
    for fact in ("Marbright", "Zélie", "Hudson", "3456", "4002"):
        assert fact not in text
    closed = desk.get(f"/desk/members/{zelie.uuid}/")
    assert closed.status_code == 403
    assert b"connect the caller" in closed.content
    assert Event.objects.filter(action="records:person", kind="denial").count() == 1


@pytest.mark.promise("X3")
def test_in_an_emergency_one_record_opens_and_every_look_stands_under_it(
    desk: Browser, clerk: User, zelie: Person
) -> None:
    text = open_it(desk, zelie).content.decode()
    assert "Zélie Marbright" in text
    assert "60 minutes left" in text
    assert openings.TICKET in text
    row = BreakGlass.objects.get()
    desk.get(f"/desk/members/{zelie.uuid}/card/")
    for action in ("records:person", "records:card"):
        event = Event.objects.filter(action=action).latest("id")
        assert (event.kind, event.actor, event.grant) == ("look", f"user:{clerk.pk}", f"break-glass:{row.pk}")
    assert Event.objects.get(action="break_glass.open").grant == f"break-glass:{row.pk}"


def test_only_that_record_is_open_and_nobody_else_is_named_on_it(desk: Browser, zelie: Person) -> None:
    text = open_it(desk, zelie).content.decode()
    spouse = Person.objects.get(first_name="Rune")
    assert "Rune" not in text
    assert "1 more person is on this contract" in text
    assert "Rune" not in desk.get(f"/desk/members/{zelie.uuid}/card/").content.decode()
    assert desk.get(f"/desk/members/{spouse.uuid}/").status_code == 403
    assert set(Subject.objects.filter(kind="person").values_list("subject_id", flat=True)) == {zelie.pk}


def test_a_colleague_is_not_let_in_by_it(desk: Browser, zelie: Person) -> None:
    open_it(desk, zelie)
    colleague = people.desk_browser(Team.HELP_DESK)
    assert colleague.get(f"/desk/members/{zelie.uuid}/").status_code == 403


@pytest.mark.parametrize("wrong", [{"reason": "too short"}, {"reason": ""}, {"ticket": ""}, {"ticket": "  "}])
def test_reason_and_ticket_are_asked(desk: Browser, zelie: Person, wrong: dict[str, str]) -> None:
    assert b"data-error-summary" in open_it(desk, zelie, **wrong).content
    assert BreakGlass.objects.count() == 0
    assert desk.get(f"/desk/members/{zelie.uuid}/").status_code == 403


def test_a_record_that_one_has_not_looked_for_is_not_offered(desk: Browser, zelie: Person) -> None:
    page = desk.post(f"/desk/members/{zelie.uuid}/emergency/", openings.WHY)
    assert page.headers["Location"] == "/desk/members/"
    assert BreakGlass.objects.count() == 0


def test_it_takes_a_fresh_step_up(clerk: User, zelie: Person) -> None:
    browser = Browser()
    people.sign_in(browser, clerk)
    search(browser, number="NGH 4002 0042 01")
    url = f"/desk/members/{zelie.uuid}/emergency/"
    assert browser.post(url, openings.WHY).headers["Location"].startswith("/confirm/")
    assert BreakGlass.objects.count() == 0


def test_the_privacy_officers_people_know_at_once_and_the_mail_names_nobody(
    desk: Browser, clerk: User, zelie: Person
) -> None:
    officers = [people.staff_user(Team.PRIVACY) for _n in range(2)]
    open_it(desk, zelie)
    row = BreakGlass.objects.get()
    request = DeskRequest.objects.get(kind=break_glass.REQUEST_KIND)
    assert (request.team, request.detail) == (Team.PRIVACY, {"break_glass": row.pk})
    assert request.due_date is not None
    mails = OutboxMail.objects.filter(key__startswith="look:")
    assert {mail.to for mail in mails} == {officer.email for officer in officers}
    for mail in mails:
        for name in ("Marbright", clerk.family_name, clerk.username, openings.REASON, openings.TICKET):
            assert name not in mail.subject + mail.body
    assert f"/desk/looks/break-glass/{row.pk}/" in mails[0].body


def test_two_clicks_are_one_opening(desk: Browser, clerk: User, zelie: Person) -> None:
    open_it(desk, zelie)
    again = openings.glass(clerk, zelie)
    assert BreakGlass.objects.get() == again
    assert DeskRequest.objects.filter(kind=break_glass.REQUEST_KIND).count() == 1


def test_after_an_hour_and_after_end_now_it_is_closed(desk: Browser, clerk: User, zelie: Person) -> None:
    open_it(desk, zelie)
    first = BreakGlass.objects.get()
    assert first.expires_at - first.opened_at == dt.timedelta(minutes=60)
    openings.run_out(first)
    assert desk.get(f"/desk/members/{zelie.uuid}/").status_code == 403
    open_it(desk, zelie)
    assert BreakGlass.objects.count() == 2
    first.refresh_from_db()
    assert first.ended_at == first.expires_at
    desk.get(f"/desk/members/{zelie.uuid}/emergency/end/")
    assert desk.get(f"/desk/members/{zelie.uuid}/").status_code == 200, "looking at the address ends nothing"
    desk.post(f"/desk/members/{zelie.uuid}/emergency/end/")
    assert desk.get(f"/desk/members/{zelie.uuid}/").status_code == 403
    assert Event.objects.get(action="break_glass.end").actor == f"user:{clerk.pk}"


def test_whoever_leaves_the_team_loses_the_opening(desk: Browser, clerk: User, zelie: Person) -> None:
    open_it(desk, zelie)
    clerk.staff_roles.update(team=Team.CHANNEL_COMPENSATION)
    assert desk.get(f"/desk/members/{zelie.uuid}/").status_code == 403


def test_the_database_holds_reason_ticket_and_the_second_person(clerk: User, zelie: Person) -> None:
    row = openings.glass(clerk, zelie)
    for wrong in (
        {"reason": ""},
        {"ticket": ""},
        {"reviewed_by": clerk, "reviewed_at": timezone.now(), "finding": "justified"},
        {"finding": "justified"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            BreakGlass.objects.filter(pk=row.pk).update(**wrong)


def test_where_the_role_opens_the_record_no_emergency_is_made(zelie: Person) -> None:
    browser = people.desk_browser(Team.ENROLLMENT, Team.HELP_DESK)
    search(browser, number=SSN)
    page = browser.post(f"/desk/members/{zelie.uuid}/emergency/", openings.WHY)
    assert page.headers["Location"] == f"/desk/members/{zelie.uuid}/"
    assert BreakGlass.objects.count() == 0


def test_the_opening_is_asked_with_the_person_and_the_subject(clerk: User, zelie: Person) -> None:
    openings.glass(clerk, zelie)
    by = openings.desk_scope(clerk)
    assert break_glass.standing(by, PartyRef("person", zelie.pk))
    assert break_glass.standing(by, PartyRef("client", zelie.pk)) is None
    assert break_glass.standing(by, PartyRef("person", zelie.pk + 1)) is None
