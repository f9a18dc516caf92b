"""The agency's page: its people, its contacts, case managers and Agency Reports of agencies under it."""

import csv
import datetime as dt
import io

import pytest
from django.test import Client as Browser

from audit.models import Event, Subject
from members.models import Client
from portals import scope as scopes
from portals.models import PlanClock, User
from producers.enums import Entitlement
from producers.models import Agency, BookEntry, CaseManagerGrant, EntitlementGrant, ProducerUser
from tests.factories import people
from tests.producers.test_my_access import text_of

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 12, 14)


@pytest.fixture
def world() -> tuple[Agency, User, User, Client]:
    """A general agency with its contact, a person of an agency under it, and that agency's client."""
    with scopes.entered(scopes.system("test")):
        PlanClock.objects.update_or_create(id=1, defaults={"business_date": TODAY})
        general = people.agency("General Agency")
        contact = people.producer_user(general, contact=True)
        under = people.agency("Under It", general_agency=general, direct_writer=False)
        broker = people.producer_user(under, Entitlement.RENEWALS)
        client = people.client("Held Client", client_id="0555000")
        BookEntry.objects.create(agency=under, client=client)
    return general, contact, broker, client


def name(browser: Browser, broker: User, **fields: object) -> object:
    sent = {"client_id": "0555000", "place": people.place_of(broker).pk, "first": "12/14/2026", "last": ""} | fields
    return browser.post("/producers/agency/case-managers/name/", sent)


def test_a_contact_names_a_case_manager_and_ends_it_and_both_stay_readable(
    world: tuple[Agency, User, User, Client],
) -> None:
    _general, contact, broker, _client = world
    browser = people.browser(contact)
    assert name(browser, broker).url == "/producers/agency/case-managers/"
    grant = CaseManagerGrant.objects.get()
    assert grant.granted_by == f"user:{contact.pk}"
    listed = text_of(browser.get("/producers/agency/case-managers/"))
    assert f"Held Client 0555000 {broker.display_name} Under It Holds" in listed
    ended = browser.post(f"/producers/agency/case-managers/{grant.pk}/end/", {"last": "12/20/2026", "why": "left"})
    assert ended.url == "/producers/agency/case-managers/"
    grant.refresh_from_db()
    assert (grant.last_day, grant.ended_why) == (dt.date(2026, 12, 20), "left")
    browser.post(f"/producers/agency/case-managers/{grant.pk}/end/", {"last": "", "why": "left"})
    assert broker.display_name not in text_of(browser.get("/producers/agency/case-managers/"))
    past = text_of(browser.get("/producers/agency/case-managers/?over"))
    assert f"{broker.display_name} Under It Over" in past
    assert f"Taken back before it held a day: today, by {contact.display_name}. The person left" in past


@pytest.mark.parametrize(
    ("fields", "words_of"),
    [
        ({"client_id": "0999000"}, "no client whose case your agency holds"),
        ({"client_id": "1234567"}, "no client whose case your agency holds"),
        ({"first": "12/13/2026"}, "Choose today or a later day"),
        ({"last": "12/13/2026"}, "The last day lies before the first."),
        ({"place": 0}, "Select a valid choice"),
        ({"first": "2026-12-14"}, "Enter the day as month/day/year"),
    ],
)
def test_what_cannot_be_named_is_said_and_nothing_is_written(
    world: tuple[Agency, User, User, Client], fields: dict[str, object], words_of: str
) -> None:
    _general, contact, broker, _client = world
    with scopes.entered(scopes.system("test")):
        foreign = people.client("Foreign", client_id="0999000")
        people.grant(people.agency("Other"), foreign)
    answer = name(people.browser(contact), broker, **fields)
    assert answer.status_code == 200
    assert words_of in text_of(answer)
    assert CaseManagerGrant.objects.count() == 0


def test_twice_the_same_name_is_one_and_an_overlap_is_refused(world: tuple[Agency, User, User, Client]) -> None:
    _general, contact, broker, _client = world
    browser = people.browser(contact)
    for _n in range(2):
        assert name(browser, broker).status_code == 302
    assert "holds on one of these days already" in text_of(name(browser, broker, first="12/20/2026"))
    assert CaseManagerGrant.objects.count() == 1


def test_a_contact_of_the_general_agency_grants_and_ends_agency_reports(
    world: tuple[Agency, User, User, Client],
) -> None:
    general, contact, broker, _client = world
    with scopes.entered(scopes.system("test")):
        direct = people.producer_user(people.agency("Direct", general_agency=general, direct_writer=True))
    browser = people.browser(contact)
    listed = text_of(browser.get("/producers/agency/reports/"))
    assert f"{broker.display_name} {broker.username} Under It Not granted" in listed
    assert direct.display_name not in listed, "a direct writer's are the plan's to grant"
    place = people.place_of(broker).pk
    answer = browser.post(f"/producers/agency/reports/{place}/grant/", {"first": "12/14/2026", "last": ""})
    assert answer.url == "/producers/agency/reports/"
    assert "See commission statements Open" in text_of(people.browser(broker).get("/producers/access/"))
    grant = EntitlementGrant.objects.get(entitlement=Entitlement.AGENCY_REPORTS)
    browser.post(f"/producers/agency/reports/{grant.pk}/end/", {"last": "", "why": "other_work"})
    assert "See commission statements Closed" in text_of(people.browser(broker).get("/producers/access/"))
    assert browser.get(f"/producers/agency/reports/{people.place_of(direct).pk}/grant/").status_code == 404


def test_only_contacts_change_and_an_agency_under_another_names_nobody(
    world: tuple[Agency, User, User, Client],
) -> None:
    general, _contact, broker, _client = world
    with scopes.entered(scopes.system("test")):
        administrator = people.producer_user(general, Entitlement.GA_ADMINISTRATOR)
        ProducerUser.objects.filter(user=broker).update(contact=True)
        place = people.place_of(administrator).pk
    reader = people.browser(administrator)
    assert reader.get("/producers/agency/").status_code == 200
    for path in (f"people/{place}/contact/", f"people/{place}/remove/", "case-managers/", "reports/"):
        assert reader.get(f"/producers/agency/{path}").status_code == 403, path
    below = people.browser(broker)
    assert below.get("/producers/agency/").status_code == 200
    assert below.get("/producers/agency/case-managers/").status_code == 403
    plain = people.browser(people.producer_user(general))
    assert plain.get("/producers/agency/").status_code == 403
    assert plain.get("/producers/agency/people.csv").status_code == 403


def test_contacts_are_made_and_people_removed_but_never_the_last_contact(
    world: tuple[Agency, User, User, Client],
) -> None:
    general, contact, _broker, _client = world
    colleague = people.producer_user(general)
    place, own = people.place_of(colleague).pk, people.place_of(contact).pk
    browser = people.browser(contact)
    assert "this is the last one" in text_of(browser.post(f"/producers/agency/people/{own}/contact/"))
    assert "this is the last one" in text_of(browser.post(f"/producers/agency/people/{own}/remove/"))
    browser.post(f"/producers/agency/people/{place}/contact/")
    assert ProducerUser.objects.get(pk=place).contact
    browser.post(f"/producers/agency/people/{place}/contact/")
    assert not ProducerUser.objects.get(pk=place).contact
    session = people.browser(colleague)
    assert browser.post(f"/producers/agency/people/{place}/remove/").url == "/producers/agency/"
    assert session.get("/producers/").status_code == 404
    assert browser.get(f"/producers/agency/people/{place}/remove/").status_code == 404


def test_the_people_are_searched_and_a_file_of_the_agencys_own(world: tuple[Agency, User, User, Client]) -> None:
    general, contact, broker, _client = world
    colleague = people.producer_user(general, Entitlement.QUOTES)
    browser = people.browser(contact)
    found = text_of(browser.get("/producers/agency/", {"q": colleague.family_name}))
    assert colleague.display_name in found
    assert contact.email not in found
    answer = browser.get("/producers/agency/people.csv")
    rows = {row["username"]: row for row in csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))}
    assert set(rows) == {contact.username, colleague.username}
    assert (rows[colleague.username]["quotes"], rows[contact.username]["contact"]) == ("1", "1")
    export = Event.objects.get(action="producers:agency_csv")
    assert set(Subject.objects.filter(event_id=export.pk).values_list("kind", "subject_id")) == {
        ("user", contact.pk),
        ("user", colleague.pk),
    }
    assert broker.email not in answer.content.decode()


def test_every_change_and_the_file_ask_for_a_recent_proof(world: tuple[Agency, User, User, Client]) -> None:
    _general, contact, broker, _client = world
    browser = Browser()
    people.sign_in(browser, contact)
    place, under = people.place_of(contact).pk, people.place_of(broker).pk
    for path in (
        "people.csv",
        f"people/{place}/contact/",
        f"people/{place}/remove/",
        "case-managers/name/",
        f"reports/{under}/grant/",
    ):
        assert browser.get(f"/producers/agency/{path}").url.startswith("/confirm/"), path


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(("path", "queries"), [("", 12), ("case-managers/", 11), ("reports/", 12)])
def test_the_pages_cost_the_same_queries_whatever_their_length(
    world: tuple[Agency, User, User, Client], count: int, path: str, queries: int, django_assert_num_queries: object
) -> None:
    general, contact, broker, client = world
    with scopes.entered(scopes.system("test")):
        people.case_manager(broker, client, named_by=general)
        for number in range(count - 1):
            people.producer_user(general, Entitlement.QUOTES)
            more = people.producer_user(people.place_of(broker).agency, Entitlement.AGENCY_REPORTS)
            held = people.client(f"More {number}")
            people.case_manager(more, held, named_by=general)
    browser = people.browser(contact)
    browser.get("/producers/agency/")
    with django_assert_num_queries(queries):
        assert browser.get(f"/producers/agency/{path}").status_code == 200
