"""The desk explains a caller's access: state, places, what each allows and who manages it; nothing else of anybody."""

import datetime as dt

import pytest
from django.test import Client as Browser
from django.utils import timezone

from audit.models import Event, Subject
from employers.enums import EmployerRole
from employers.models import EmployerUser
from portals import scope as scopes
from portals.enums import Team
from portals.models import HelpContact, PlanClock, User
from producers.enums import Entitlement
from producers.models import BookEntry, ClientGrant, ProducerUser
from providers.enums import PracticeRole
from providers.models import StaffMembership
from tests.factories import people
from tests.producers.test_my_access import WEEK, text_of

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 12, 14)
PHONES = {
    "client-management": "1-800-555-0177",
    "channel-compensation": "1-800-555-0178",
    "web-help-desk": "1-800-555-0179",
}


@pytest.fixture
def desk() -> Browser:
    with scopes.entered(scopes.system("test")):
        PlanClock.objects.update_or_create(id=1, defaults={"business_date": TODAY})
        for topic, phone in PHONES.items():
            HelpContact.objects.create(topic=topic, owner=topic, phone=phone, week=WEEK, effective=people.ALWAYS)
        clerk = people.staff_user(Team.HELP_DESK)
    return people.browser(clerk)


def look_up(desk: Browser, typed: str) -> object:
    return desk.post("/desk/access/", {"account": typed}, follow=True)


def explain(desk: Browser, user: User, client_id: str = "") -> str:
    look_up(desk, user.username)
    return text_of(desk.get("/desk/access/account/", {"client": client_id} if client_id else {}))


@pytest.mark.promise("V3")
def test_without_the_callers_own_username_nothing_is_explained_and_the_look_up_is_recorded(desk: Browser) -> None:
    caller = people.practice_user(people.practice())
    for typed in ("nobody.known", caller.username[:-1], caller.family_name):
        page = look_up(desk, typed)
        assert page.request["PATH_INFO"] == "/desk/access/"
        assert b"cannot be helped here" in page.content
    assert desk.get("/desk/access/account/").url == "/desk/access/"
    assert [row.outcome for row in Event.objects.filter(kind="search")] == ["failed"] * 3
    look_up(desk, caller.username)
    row = Event.objects.filter(kind="search").latest("id")
    assert (row.outcome, row.object_id) == ("done", str(caller.pk))
    shown = Event.objects.filter(action="desk:explain_account", kind="view").latest("id")
    assert Subject.objects.filter(event_id=shown.pk, kind="user", subject_id=caller.pk).exists()


@pytest.mark.parametrize(
    ("team", "status"),
    [
        (Team.HELP_DESK, 200),
        (Team.CLIENT_MANAGEMENT, 200),
        (Team.CHANNEL_COMPENSATION, 200),
        (Team.PRIVACY, 200),
        (Team.BILLING_OPERATIONS, 403),
        (Team.ENROLLMENT, 403),
    ],
)
def test_who_explains_access_is_decided_by_team(team: Team, status: int) -> None:
    browser = people.browser(people.staff_user(team))
    assert browser.get("/desk/access/").status_code == status
    caller = people.practice_user(people.practice("Capital Family Practice"))
    assert (b"Capital Family Practice" in look_up(browser, caller.username).content) is (status == 200)


def test_nobody_explains_their_own_and_the_page_asks_for_a_proof(desk: Browser) -> None:
    clerk = people.staff_user(Team.HELP_DESK)
    own = Browser()
    people.sign_in(own, clerk)
    assert b"Nobody helps themselves" in own.post("/desk/access/", {"account": clerk.username}).content
    own.post("/desk/access/", {"account": people.practice_user(people.practice()).username})
    assert own.get("/desk/access/account/").url.startswith("/confirm/")


@pytest.mark.promise("V24")
def test_staff_are_sent_to_their_office_managers_and_managers_to_the_help_desk(desk: Browser) -> None:
    practice = people.practice("Capital Family Practice")
    manager, clerk = people.practice_user(practice), people.practice_user(practice, PracticeRole.FRONT_OFFICE)
    text = explain(desk, clerk)
    assert f"Who manages this access {manager.display_name}: 518-555-0100" in text
    assert PHONES["web-help-desk"] not in text
    assert "Front office" in text
    assert f"Who manages this access web-help-desk: {PHONES['web-help-desk']}" in explain(desk, manager)
    StaffMembership.objects.filter(user=manager).update(ended_at=timezone.now(), ended_by=f"user:{clerk.pk}")
    assert f"Who manages this access web-help-desk: {PHONES['web-help-desk']}" in explain(desk, clerk)
    past = explain(desk, manager)
    assert "Capital Family Practice Ended" in past
    assert f"by {clerk.display_name}" in past
    assert "Add and remove staff" not in past


def test_an_employers_people_are_sent_to_its_administrators_and_the_last_one_to_client_management(
    desk: Browser,
) -> None:
    with scopes.entered(scopes.system("test")):
        client = people.client("Adirondack Timber Co.", client_id="0417723")
        boss, clerk = people.employer_user(client), people.employer_user(client, EmployerRole.BILLING)
    text = explain(desk, clerk)
    assert "Adirondack Timber Co. Works here now Employers · 0417723 · Billing" in text
    assert f"Who manages this access {boss.display_name}" in text
    assert "Pay invoices" in text
    assert "Invite and remove" not in text
    assert f"Who manages this access client-management: {PHONES['client-management']}" in explain(desk, boss)


def test_of_a_member_only_the_account_is_told(desk: Browser) -> None:
    with scopes.entered(scopes.system("test")):
        person = people.person(first_name="Iris", last_name="Secretname")
        account = people.member_user(person)
    text = explain(desk, account)
    assert "A member account" in text
    for told in ("coverage", "Who manages", person.zip, "1985", person.city):
        assert told not in text


def test_the_state_of_the_account_and_of_the_plans_own_people(desk: Browser) -> None:
    with scopes.entered(scopes.system("test")):
        newcomer = people.practice_user(people.practice(), PracticeRole.FRONT_OFFICE)
        User.objects.filter(pk=newcomer.pk).update(must_change_password=True, email_proven_at=None)
        sleeper = people.practice_user(people.practice())
        User.objects.filter(pk=sleeper.pk).update(awake_since=timezone.now() - dt.timedelta(days=181))
        closed = people.practice_user(people.practice())
        User.objects.filter(pk=closed.pk).update(is_active=False)
        colleague, nobody = people.staff_user(Team.ENROLLMENT), people.user()
    assert "must Choose a password of their own Confirm the e-mail" in explain(desk, newcomer)
    for user, state in ((sleeper, "Asleep"), (closed, "Closed"), (newcomer, "Must set up"), (colleague, "Active")):
        assert f"· Work {state}" in explain(desk, user)
    assert "Service desk · Enrollment" in explain(desk, colleague)
    assert "This account opens nothing." in explain(desk, nobody)


@pytest.mark.promise("X2")
def test_of_a_producer_each_gate_names_its_own_owner(desk: Browser) -> None:
    with scopes.entered(scopes.system("test")):
        general = people.agency("General Agency", phone="845-555-0199")
        contact = people.producer_user(general, contact=True)
        broker = people.producer_user(
            people.agency("Under It", general_agency=general, direct_writer=False), Entitlement.RENEWALS
        )
        ended = people.place_of(people.producer_user(people.agency("Former Agency")))
        ProducerUser.objects.filter(pk=ended.pk).update(user=broker, ended_at=timezone.now())
    text = explain(desk, broker)
    for owner in (
        f"Entitlements channel-compensation: {PHONES['channel-compensation']}",
        f"Clients client-management: {PHONES['client-management']}",
        f"general agency {contact.display_name}, General Agency: 845-555-0199",
        "Former Agency Ended",
    ):
        assert owner in text


def test_a_client_outside_the_book_has_no_name_and_is_opened_by_client_management(desk: Browser) -> None:
    with scopes.entered(scopes.system("test")):
        agency = people.agency()
        producer = people.producer_user(agency, Entitlement.CLIENT_ADMINISTRATION)
        known, foreign = people.client("Own Client", client_id="0100001"), people.client("Foreign", client_id="0100002")
        BookEntry.objects.create(agency=agency, client=known)
    text = explain(desk, producer, foreign.client_id)
    assert "Foreign" not in text
    assert "This client is not in your agency's list. The client management team adds it." in text
    assert "We know no client under this number." in explain(desk, producer, "0999999")
    typed = Event.objects.filter(action="desk:explain_account", kind="view").latest("id")
    assert typed.detail == {}, "what is no Client ID may be anything"
    assert "Own Client · 0100001" in explain(desk, producer, known.client_id)
    looked = Event.objects.filter(action="desk:explain_account", kind="view").latest("id")
    assert looked.detail == {"client_id": "0100001"}


@pytest.mark.parametrize("count", [1, 3])
def test_the_answer_costs_the_same_queries_whatever_the_person_has(
    desk: Browser, count: int, django_assert_num_queries: object
) -> None:
    with scopes.entered(scopes.system("test")):
        user = people.user()
        for number in range(count):
            agency, client = people.agency(f"Agency {number}"), people.client(f"Client {number}")
            place = people.place_of(people.producer_user(agency, *Entitlement))
            ProducerUser.objects.filter(pk=place.pk).update(user=user)
            people.producer_user(agency, contact=True)
            people.grant(agency, client)
            ClientGrant.objects.update(granted_by=f"user:{user.pk}")
            EmployerUser.objects.create(client=client, user=user, role=EmployerRole.BILLING)
            people.employer_user(client)
            practice = people.practice(f"Practice {number}")
            StaffMembership.objects.create(
                practice=practice, user=user, role=PracticeRole.BILLING, added_by="system:test"
            )
            people.practice_user(practice)
        asked = client.client_id
    look_up(desk, user.username)
    with django_assert_num_queries(36):
        page = desk.get("/desk/access/account/", {"client": asked})
    assert page.content.count(b"Works here now") == 3 * count
