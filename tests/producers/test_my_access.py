"""My access and the book: what the producer reads of each gate, and what the desk reads of it, word for word."""

import csv
import datetime as dt
import html
import io
import re

import pytest

from audit.models import Event
from members.models import Client
from portals import scope as scopes
from portals.enums import Team
from portals.models import HelpContact, PlanClock, User
from producers.enums import Entitlement
from producers.models import Agency, BookEntry, ClientGrant, EntitlementGrant
from tests.factories import payers, people

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 12, 14)
WEEK = [[["08:00", "17:00"]]] * 5 + [[], []]


@pytest.fixture
def world() -> tuple[User, Agency, Client]:
    with scopes.entered(scopes.system("test")):
        PlanClock.objects.update_or_create(id=1, defaults={"business_date": TODAY})
        for topic, phone in (("client-management", "1-800-555-0177"), ("channel-compensation", "1-800-555-0178")):
            HelpContact.objects.create(topic=topic, owner=topic, phone=phone, week=WEEK, effective=people.ALWAYS)
        agency, client = people.agency("Hudson Test Agency"), people.client("Acted Client", client_id="0417000")
        producer = people.producer_user(agency, Entitlement.CLIENT_ADMINISTRATION)
        people.grant(agency, client)
    return producer, agency, client


def text_of(answer: object) -> str:
    """The visible words of the page, in one line."""
    text = answer.content.decode()
    main = text[text.index("<main") : text.index("</main>")]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main)).split())


def explained(caller: User, client_id: str = "") -> str:
    """What the help desk reads of this person."""
    with scopes.entered(scopes.system("test")):
        clerk = people.staff_user(Team.HELP_DESK)
    desk = people.browser(clerk)
    desk.post("/desk/access/", {"account": caller.username})
    return text_of(desk.get("/desk/access/account/", {"client": client_id} if client_id else {}))


@pytest.mark.promise("P18", "X2")
@pytest.mark.parametrize("gate", ["client_administration", "client_grant", "not_migrated"])
def test_the_page_the_refusal_and_the_desk_say_the_same(world: tuple[User, Agency, Client], gate: str) -> None:
    producer, _agency, client = world
    with scopes.entered(scopes.system("test")):
        if gate == "client_administration":
            EntitlementGrant.objects.update(effective=(dt.date(2020, 1, 1), TODAY))
        elif gate == "client_grant":
            ClientGrant.objects.update(effective=(dt.date(2020, 1, 1), TODAY))
        else:
            Client.objects.update(status="legacy")
    browser = people.browser(producer)
    refusal = text_of(browser.get(f"/producers/clients/{client.client_id}/log-in/"))
    own = text_of(browser.get(f"/producers/access/{client.client_id}/"))
    desk = explained(producer, client.client_id)
    sentence = refusal.removeprefix("Not open to you yet ")
    phone = {"client_administration": "1-800-555-0178"}.get(gate, "1-800-555-0177")
    assert phone in sentence
    assert "Monday to Friday, 8 am to 5 pm Eastern" in sentence
    assert sentence in own
    assert sentence in desk


@pytest.mark.promise("P18")
@pytest.mark.parametrize("page", ["ebilling/bank-accounts/add/", "lines"])
def test_what_nobody_who_acts_gets_is_refused_in_the_words_of_my_access(
    world: tuple[User, Agency, Client], page: str
) -> None:
    producer, _agency, client = world
    with scopes.entered(scopes.system("test")):
        payer = payers.equip(client, people.employer_user(client), "Medical")
        invoice = payers.invoice(payer.accounts[0], 81237, dt.date(2027, 1, 1))
    browser = people.browser(producer)
    own = text_of(browser.get(f"/producers/access/{client.client_id}/"))
    desk = explained(producer, client.client_id)
    browser.post(f"/producers/clients/{client.client_id}/log-in/")
    path = f"ebilling/invoices/{invoice.number}/lines.csv" if page == "lines" else page
    refused = browser.get(f"/employers/{path}")
    assert refused.status_code == 403
    sentence = text_of(refused).removeprefix("Not open to you yet ")
    assert "1-800-555-0177" in sentence
    assert sentence in own
    assert sentence in desk


def test_the_gates_of_paying_open_one_after_the_other(world: tuple[User, Agency, Client]) -> None:
    producer, _agency, client = world
    browser = people.browser(producer)

    def pay() -> str:
        text = text_of(browser.get("/producers/access/0417000/"))
        return text[text.index("Pay a client's invoices") : text.index("See a small group's renewal")]

    assert "eBilling opens when your first invoice is made." in pay()
    with scopes.entered(scopes.system("test")):
        payer = payers.equip(client, people.employer_user(client), "Medical")
        payers.invoice(payer.accounts[0], 81237, dt.date(2027, 1, 1))
    assert "You have not accepted the payment terms for this client." in pay()
    browser.post("/producers/clients/0417000/log-in/")
    browser.post("/employers/ebilling/terms/", {"accept": "on"})
    browser.post("/producers/leave/")
    assert "No bank account is shared with you for this employer." in pay()
    with scopes.entered(scopes.system("test")):
        type(payer.bank).objects.update(shared_with_producers=True)
    assert "closed" not in pay().lower()


def test_history_tells_since_until_by_whom_and_why(world: tuple[User, Agency, Client]) -> None:
    producer, agency, client = world
    with scopes.entered(scopes.system("test")):
        colleague = people.user(given_name="Otto", family_name="Flintdale")
        place = people.place_of(producer)
        signed = {"ended_by": f"user:{colleague.pk}", "ended_why": "client_left"}
        ClientGrant.objects.update(
            effective=(dt.date(2026, 11, 1), dt.date(2026, 12, 3)), ended_on=dt.date(2026, 12, 3), **signed
        )
        ClientGrant.objects.create(
            agency=agency, client=client, effective=(dt.date(2027, 1, 1), None), granted_by=f"user:{colleague.pk}"
        )
        EntitlementGrant.objects.create(
            place=place,
            entitlement=Entitlement.QUOTES,
            effective=(dt.date(2026, 11, 1), dt.date(2026, 12, 21)),
            granted_by="system:test",
            ended_on=dt.date(2026, 12, 10),
            ended_by=f"user:{colleague.pk}",
            ended_why="asked",
        )
    own, desk = text_of(people.browser(producer).get("/producers/access/")), explained(producer)
    for text in (own, desk):
        assert "Ended at once: Dec 3, by Otto Flintdale. The client has another producer now" in text
        assert "From: Jan 1, granted by Otto Flintdale" in text
        assert "Last day: Dec 20, set by Otto Flintdale. It was asked for" in text


def test_a_renewal_opens_to_who_is_named_by_the_agency_that_holds_the_case(
    world: tuple[User, Agency, Client],
) -> None:
    with scopes.entered(scopes.system("test")):
        general = people.agency("General Agency", phone="845-555-0199")
        contact = people.producer_user(general, contact=True)
        under = people.agency("Under It", general_agency=general)
        broker = people.producer_user(under, Entitlement.RENEWALS)
        held = people.client("Renewed Client", client_id="0555000")
        BookEntry.objects.create(agency=under, client=held)
    browser = people.browser(broker)

    def renewal() -> str:
        text = text_of(browser.get("/producers/access/0555000/"))
        return text[text.index("See a small group's renewal") : text.index("Download lists")]

    assert f"names case managers. {contact.display_name}, General Agency: 845-555-0199" in renewal()
    with scopes.entered(scopes.system("test")):
        people.case_manager(broker, held, named_by=general)
    assert "Closed" not in renewal()
    assert "You are its case manager" in text_of(browser.get("/producers/"))


def test_who_opens_agency_reports_depends_on_whom_the_agency_writes_through(
    world: tuple[User, Agency, Client],
) -> None:
    producer, agency, _client = world
    browser = people.browser(producer)
    assert "because your agency writes business with us directly. channel-compensation: 1-800-555-0178" in text_of(
        browser.get("/producers/access/")
    )
    with scopes.entered(scopes.system("test")):
        general = people.agency("General Agency", phone="845-555-0199")
        Agency.objects.filter(pk=agency.pk).update(general_agency=general, direct_writer=False)
    text = text_of(browser.get("/producers/access/"))
    assert "That agency has no contact yet: channel compensation says who." in text
    with scopes.entered(scopes.system("test")):
        contact = people.producer_user(general, contact=True)
    text = text_of(browser.get("/producers/access/"))
    opener = "Only a contact of your general agency can grant it. We cannot do so for them."
    assert f"{opener} {contact.display_name}, General Agency: 845-555-0199" in text


def test_all_cases_of_the_agency_and_their_renewals_open_to_its_administrator(
    world: tuple[User, Agency, Client],
) -> None:
    _producer, agency, _client = world
    with scopes.entered(scopes.system("test")):
        administrator = people.producer_user(agency, Entitlement.GA_ADMINISTRATOR, Entitlement.RENEWALS)
    browser = people.browser(administrator)
    text = text_of(browser.get("/producers/access/"))
    assert "See all small-group cases of the agency Open" in text
    own = text_of(browser.get("/producers/access/0417000/"))
    assert "See a small group's renewal Open" in own
    assert browser.get("/producers/agency/").status_code == 200


def test_another_agencys_client_and_history_are_not_there(world: tuple[User, Agency, Client]) -> None:
    producer, _agency, _client = world
    with scopes.entered(scopes.system("test")):
        other = people.client("Not Yours", client_id="0999000")
        stranger = people.agency("Other")
        people.grant(stranger, other)
        people.producer_user(stranger, contact=True)
    browser = people.browser(producer)
    assert browser.get("/producers/access/0999000/").status_code == 404
    assert "Not Yours" not in text_of(browser.get("/producers/access/"))
    assert browser.get("/producers/agency/").status_code == 403


def test_the_book_is_searched_filtered_sorted_and_a_file(world: tuple[User, Agency, Client]) -> None:
    producer, agency, client = world
    with scopes.entered(scopes.system("test")):
        closed = people.client("Zinc Works", client_id="0100000", state="PA")
        BookEntry.objects.create(agency=agency, client=closed)
        people.case_manager(producer, closed, named_by=agency)
    browser = people.browser(producer)

    def listed(**filters: str) -> list[str]:
        return [row.client.client_id for row in browser.get("/producers/", filters).context["rows"]]

    assert listed() == ["0417000", "0100000"]
    assert listed(sort="id") == ["0100000", "0417000"]
    assert listed(sort="-state") == ["0100000", "0417000"]
    assert listed(access="open") == ["0417000"]
    assert listed(access="closed") == ["0100000"] == listed(access="case") == listed(state="PA") == listed(q="zinc")
    assert listed(access="nonsense", sort="nonsense") == ["0417000", "0100000"]
    answer = browser.get("/producers/clients.csv", {"access": "closed"})
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [(row["client_id"], row["closed_gate"], row["case_manager"]) for row in rows] == [
        ("0100000", "client_grant", "1")
    ]
    export = Event.objects.get(action="producers:home_csv")
    assert (export.kind, export.detail) == ("export", {"rows": 1})
    assert client.client_id not in answer.content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_my_access_costs_the_same_queries_whatever_was_granted(
    world: tuple[User, Agency, Client], count: int, django_assert_num_queries: object
) -> None:
    producer, agency, _client = world
    with scopes.entered(scopes.system("test")):
        for number in range(count):
            more = people.client(f"More {number}")
            people.grant(agency, more)
            people.case_manager(producer, more, named_by=agency)
            people.producer_user(agency, contact=True)
    browser = people.browser(producer)
    browser.get("/producers/access/")
    with django_assert_num_queries(28):
        assert browser.get("/producers/access/").status_code == 200
