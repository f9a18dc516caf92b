"""The door: sign-in, the forced change of an initial password, the way home; each with its audit row."""

import pytest
from django.test import Client

from audit.models import Event
from portals.enums import Team, UserKind
from portals.models import StaffRole, User

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


@pytest.fixture
def clerk() -> User:
    user = User.objects.create_user("Clerk.One", PASSWORD, kind=UserKind.WORK, given_name="Cleo", family_name="Clerk")
    StaffRole.objects.create(user=user, team=Team.HELP_DESK)
    return user


def sign_in(client: Client, username: str, password: str = PASSWORD) -> object:
    return client.post("/sign-in/", {"login": username, "password": password}, follow=True)


def test_signing_in_without_regard_to_case_leads_to_the_one_door_that_fits(client: Client, clerk: User) -> None:
    answer = sign_in(client, "clerk.one")
    assert answer.redirect_chain[-1][0] == "/desk/"
    assert Event.objects.filter(kind="sign_in", actor=f"user:{clerk.pk}").count() == 1


def test_an_initial_password_is_changed_before_any_other_page(client: Client, clerk: User) -> None:
    User.objects.filter(pk=clerk.pk).update(must_change_password=True)
    sign_in(client, "clerk.one")
    assert client.get("/desk/").url == "/password/"
    client.post("/password/", {"password": PASSWORD, "again": PASSWORD})
    assert client.get("/desk/").status_code == 302, "the same password again is no change"
    client.post("/password/", {"password": "another horse battery", "again": "another horse battery"})
    assert client.get("/desk/").status_code == 200


def test_a_person_whose_roles_ended_is_turned_away_on_the_next_click(client: Client, clerk: User) -> None:
    sign_in(client, "clerk.one")
    assert client.get("/desk/").status_code == 200
    StaffRole.objects.filter(user=clerk).update(ended_at="2026-01-01T00:00Z")
    assert client.get("/desk/").status_code == 404


def test_ten_wrong_guesses_close_the_identifier_before_any_hashing(client: Client, clerk: User) -> None:
    for _ in range(10):
        assert sign_in(client, "clerk.one", "wrong").status_code == 200
    assert sign_in(client, "clerk.one", PASSWORD).status_code == 429
    assert Event.objects.filter(kind="failure", action="sign_in").count() == 10


def test_the_business_date_moves_forward_only_and_by_billing_operations_only(client: Client, clerk: User) -> None:
    sign_in(client, "clerk.one")
    assert client.get("/desk/business-date/").status_code == 403
    StaffRole.objects.create(user=clerk, team=Team.BILLING_OPERATIONS)
    assert client.post("/desk/business-date/", {"business_date": "12/15/2099"}).status_code == 302
    assert b"only moves forward" in client.post("/desk/business-date/", {"business_date": "12/15/2098"}).content
