"""The language switch: what it keeps, where it goes back to, and what follows the language besides pages."""

import re

import pytest
from django.conf import settings
from django.test import Client

from members.models import Contract, Enrollee
from portals import scope as scopes
from portals.models import OutboxMail
from tests.factories import people

pytestmark = pytest.mark.django_db
COOKIE = settings.LANGUAGE_COOKIE_NAME


def test_the_choice_is_kept_in_a_guarded_cookie_and_leads_back(client: Client) -> None:
    answer = client.post("/language/", {"language": "es", "next": "/privacy/?from=foot"})
    assert (answer.status_code, answer["Location"]) == (302, "/privacy/?from=foot")
    cookie = answer.cookies[COOKIE]
    assert (cookie.value, cookie["httponly"], cookie["samesite"], cookie["path"]) == ("es", True, "Lax", "/")
    page = client.get("/privacy/")
    assert b'<html lang="es">' in page.content
    assert "Quién ve qué".encode() in page.content


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
def test_it_never_leads_to_another_site(client: Client, elsewhere: str) -> None:
    assert client.post("/language/", {"language": "es", "next": elsewhere})["Location"] == "/"


def test_an_unknown_language_and_a_get_change_nothing(client: Client) -> None:
    assert COOKIE not in client.post("/language/", {"language": "xx", "next": "/"}).cookies
    assert COOKIE not in client.get("/language/", {"language": "es"}).cookies


def test_a_browser_that_asks_for_spanish_gets_it_unasked(client: Client) -> None:
    assert b'<html lang="es">' in client.get("/", headers={"Accept-Language": "es-US,es;q=0.9,en;q=0.5"}).content


def test_the_activation_code_comes_in_the_language_of_the_page(client: Client) -> None:
    with scopes.entered(scopes.system("test")):
        person = people.person(email="marisol@mail.example")
        contract = Contract.objects.create(
            client=people.client(), number="NGH77001144", sender_number="9", subscriber=person
        )
        Enrollee.objects.create(
            client=contract.client,
            contract=contract,
            person=person,
            relationship="18",
            suffix="01",
            member_id="NGH7700114401",
            recorded_date="2026-12-01",
        )
    client.cookies[COOKIE] = "es"
    client.post(
        "/members/first-sign-in/", {"identifier": "NGH7700114401", "birth_date": "4/28/1985", "zip_code": "12207"}
    )
    mail = OutboxMail.objects.get(to="marisol@mail.example")
    assert mail.subject == "Su código de activación"
    assert re.match(r"Su código de activación es \w{4} \w{4}\.", mail.body)
