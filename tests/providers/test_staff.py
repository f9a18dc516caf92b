"""Manage staff access: own usernames, initial passwords, an end that is felt on the next click."""

import pytest
from django.test import Client as Browser

from audit.models import Event
from portals import scope as scopes
from portals.enums import Topic
from portals.models import HelpContact, User
from providers.enums import PracticeRole
from providers.models import StaffMembership
from tests.factories import people, races

pytestmark = pytest.mark.django_db
NEW = {
    "given_name": "Marta",
    "family_name": "Osei",
    "email": "office+mosei@capitalfp.example",
    "role": "billing",
    "username": "mosei.cfp",
    "initial_password": "seven blue lanterns",
}


@pytest.fixture
def manager() -> User:
    with scopes.entered(scopes.system("test")):
        return people.practice_user(people.practice("Capital Test Practice"))


def signed_in(username: str, password: str = people.PASSWORD, *, stepped_up: bool = True) -> Browser:
    browser, user = Browser(), User.objects.get(username__iexact=username)
    people.sign_in(browser, user, password=password)
    if stepped_up:
        people.step_up(browser, user)
    return browser


@pytest.mark.promise("V1", "V15")
def test_a_new_person_has_an_own_username_and_must_replace_the_initial_password(manager: User) -> None:
    answer = signed_in(manager.username).post("/providers/staff/add/", NEW, follow=True)
    assert b"mosei.cfp" in answer.content
    assert b"Must set password" in answer.content
    marta = signed_in("mosei.cfp", NEW["initial_password"])
    assert marta.get("/providers/").url == "/password/"
    marta.post("/password/", {"password": "my own seven owls", "again": "my own seven owls"})
    people.set_up(marta)
    assert marta.get("/providers/").status_code == 200
    created = Event.objects.get(action="providers.staff.add")
    assert created.actor == f"user:{manager.pk}"


def test_adding_and_removing_ask_first_who_is_there(manager: User) -> None:
    with scopes.entered(scopes.system("test")):
        practice = StaffMembership.objects.get(user=manager).practice
        place = StaffMembership.objects.get(user=people.practice_user(practice, PracticeRole.CLINICAL))
    browser = signed_in(manager.username, stepped_up=False)
    for path in ("add/", f"{place.pk}/remove/"):
        assert browser.post(f"/providers/staff/{path}", NEW).url.startswith("/confirm/")
    assert StaffMembership.objects.filter(ended_at=None).count() == 2


@pytest.mark.parametrize("field", ["username", "email"])
def test_what_is_taken_is_said_and_what_was_typed_is_kept(manager: User, field: str) -> None:
    people.user(username="mosei.cfp")
    User.objects.filter(username="mosei.cfp").update(email=NEW["email"])
    other = {"username": "marta.o", "email": "marta@capitalfp.example"}
    del other[field]
    answer = signed_in(manager.username).post("/providers/staff/add/", NEW | other)
    assert b"Please correct" in answer.content
    assert b'value="Osei"' in answer.content
    assert StaffMembership.objects.count() == 1


@pytest.mark.parametrize("field", ["username", "email"])
def test_what_another_took_at_the_same_moment_is_said_at_the_form_too(manager: User, field: str) -> None:
    browser = signed_in(manager.username)

    def rival() -> None:
        User.objects.bulk_create([User(**({"username": "other.one", "kind": "work"} | {field: NEW[field]}))])

    with races.just_before('INSERT INTO "portals_user"', rival):
        answer = browser.post("/providers/staff/add/", NEW)
    assert field in answer.context["form"].errors
    assert StaffMembership.objects.count() == 1


@pytest.mark.promise("V19")
def test_staff_are_told_who_manages_access_and_cannot_do_it_themselves(manager: User) -> None:
    with scopes.entered(scopes.system("test")):
        practice = StaffMembership.objects.get(user=manager).practice
        clerk = people.practice_user(practice, PracticeRole.FRONT_OFFICE)
    browser = signed_in(clerk.username)
    listing = browser.get("/providers/staff/").content.decode()
    assert f"your access is managed by {manager.display_name}" in " ".join(listing.split())
    assert "Remove" not in listing
    refusal = browser.post("/providers/staff/add/", NEW)
    assert refusal.status_code == 403
    assert b"Ask your office manager" in refusal.content


def test_a_removed_persons_open_session_is_dead_on_the_next_click(manager: User) -> None:
    with scopes.entered(scopes.system("test")):
        practice = StaffMembership.objects.get(user=manager).practice
        clerk = people.practice_user(practice, PracticeRole.FRONT_OFFICE)
    open_session = signed_in(clerk.username)
    assert open_session.get("/providers/").status_code == 200
    place = StaffMembership.objects.get(user=clerk)
    signed_in(manager.username).post(f"/providers/staff/{place.pk}/remove/")
    assert open_session.get("/providers/").status_code == 404
    assert User.objects.filter(pk=clerk.pk, is_active=True).exists(), "the person is not ended, the place is"


def test_the_last_office_manager_stays_and_is_told_whom_to_call(manager: User) -> None:
    place = StaffMembership.objects.get(user=manager)
    HelpContact.objects.create(
        topic=Topic.WEB_HELP_DESK,
        audience="provider",
        owner="Web Help Desk",
        phone="1-800-555-0177",
        week=[[["08:00", "18:00"]]] * 5 + [[], []],
        effective=people.ALWAYS,
    )
    answer = signed_in(manager.username).post(f"/providers/staff/{place.pk}/remove/")
    assert b"keeps at least one office manager" in answer.content
    assert b"1-800-555-0177" in answer.content and b"8 am" in answer.content
    assert StaffMembership.objects.filter(pk=place.pk, ended_at=None).exists()


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_queries_whatever_its_length(
    manager: User, count: int, django_assert_num_queries: object
) -> None:
    with scopes.entered(scopes.system("test")):
        practice = StaffMembership.objects.get(user=manager).practice
        for _ in range(count - 1):
            people.practice_user(practice, PracticeRole.BILLING)
    browser = signed_in(manager.username)
    browser.get("/providers/staff/")  # the first click of a session also notes that it was seen
    with django_assert_num_queries(12):
        assert browser.get("/providers/staff/").status_code == 200
