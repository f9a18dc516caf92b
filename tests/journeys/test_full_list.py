"""A producer asks that its client get the full employee list: two people of the plan decide, the client reads."""

import csv
import io
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from employers.actions import full_lists
from employers.enums import EmployerRole
from portals import scope as scopes
from portals.enums import Team
from portals.models import DeskRequest, User
from producers.enums import Entitlement
from tests.employers.test_full_lists import enroll
from tests.factories import members, people
from tests.factories.members import Employer
from tests.journeys import work
from tests.journeys.door import confirm, prove, sign_in

pytestmark = pytest.mark.journey


def company() -> Employer:
    made = members.employer(name="Listed Timber Co.")
    made.client.status = "migrated"
    made.client.save()
    made.offer(members.product())
    enroll(
        made, people.person(first_name="Ada", last_name="Listed"), people.person(first_name="Bo", last_name="Listed")
    )
    return made


def decide(page: Page, clerk: User, row: DeskRequest, button: str) -> None:
    page.context.clear_cookies()
    sign_in(page, clerk.username)
    expect(page.get_by_role("heading", name="Client management").first).to_be_visible()
    page.goto(f"/desk/requests/{row.pk}/")
    prove(page, clerk.username)
    page.get_by_role("button", name=button).click()
    expect(page.get_by_text("Saved.")).to_be_visible()


@pytest.mark.promise("E12", "P13")
def test_the_list_that_a_producer_asks_for_comes_to_the_client_alone(page: Page) -> None:
    with scopes.entered(scopes.system("test")):
        made = company()
        agency = people.agency("Listing Brokers")
        people.grant(agency, made.client)
        producer = people.producer_user(agency, Entitlement.CLIENT_ADMINISTRATION)
        administrator = people.employer_user(made.client, EmployerRole.ADMINISTRATOR)
        first, second = (people.staff_user(Team.CLIENT_MANAGEMENT) for _n in range(2))

    sign_in(page, producer.username)
    page.get_by_role("link", name="Requests").first.click()
    page.get_by_role("link", name="A full employee list for a client").click()
    page.get_by_label("Client", exact=True).select_option(made.client.client_id)
    page.get_by_label("What is the list needed for?").fill("To prepare the renewal.")
    page.get_by_role("button", name="Send the request").click()
    expect(page.get_by_text("Your request is on its way")).to_be_visible()
    with scopes.entered(scopes.system("test")):
        row = DeskRequest.objects.get(party=f"client:{made.client.pk}", kind="client.full_list")

    decide(page, first, row, "Propose")
    decide(page, second, row, "Approve and carry out")
    work.done(kind=full_lists.JOB, payload__request=row.pk)

    page.context.clear_cookies()
    sign_in(page, administrator.username)
    page.get_by_role("link", name="Documents").click()
    page.get_by_role("link", name="Download").click()
    confirm(page, administrator.username)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the file").click()
    rows = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text("utf-8-sig"))))
    assert [line["Name"] for line in rows] == ["Ada Listed", "Bo Listed"]

    page.goto("/employers/")
    page.context.clear_cookies()
    sign_in(page, producer.username)
    page.goto(f"/producers/requests/{row.uuid}/")
    expect(page.get_by_text("The list is made. It is among the client's documents")).to_be_visible()
    expect(page.get_by_text("Ada")).to_have_count(0)
    page.goto(f"/producers/clients/{made.client.client_id}/log-in/")
    confirm(page, producer.username)
    page.get_by_role("button", name="Log in as").click()
    expect(page.get_by_text("Acting as employer")).to_be_visible()
    expect(page.get_by_role("link", name="Documents")).to_have_count(0)
    answer = page.goto("/employers/documents/")
    assert answer is not None
    assert answer.status == 403
    expect(page.get_by_text("for its own administrators only")).to_be_visible()
