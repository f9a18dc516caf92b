"""Every portal with people has one whole door."""

import pytest
from django.urls import reverse

from portals import doors
from portals import scope as scopes
from portals.enums import Reader, Topic
from portals.pages import Audience
from portals.scope import NOBODY, Portal
from tests.house import objects
from tests.house.objects import A, World

WITHOUT_PEOPLE = {Portal.DOOR, Portal.SYSTEM}


def test_every_portal_with_people_has_a_door_and_every_door_an_audience() -> None:
    found = {door.portal for door in doors.every()}
    assert found == set(Portal) - WITHOUT_PEOPLE
    assert {audience for audience in Audience if doors.find(audience)} == {Audience(portal.value) for portal in found}


def test_every_door_is_whole() -> None:
    for door in doors.every():
        assert reverse(door.home)
        assert door.help_topic in Topic
        assert isinstance(door.navigation(NOBODY), list)
    assert {door.portal for door in doors.every() if not door.view_as} == {Portal.DESK}
    assert {door.portal for door in doors.every() if door.region} == {Portal.MEMBER, Portal.EMPLOYER}


@pytest.fixture
def world(db: None) -> World:
    return objects.build()


def test_every_doors_memberships_answer_in_one_shape(world: World) -> None:
    for door in doors.every():
        user = world.users[door.portal.value, A]
        with scopes.entered(scopes.system("test")):
            current = door.memberships.current(user.pk)
            rows = door.memberships.history([user.pk])
            spans = list(door.memberships.spans().filter(user=user))
        assert current, "somebody works there"
        assert all(each.permissions for each in current)
        assert {(each.user_id, each.portal) for each in [*current, *rows]} == {(user.pk, door.portal)}
        assert {each.party for each in current} == {each.party for each in rows if each.until is None}
        assert all(each.label for each in rows)
        assert sorted(spans) == sorted((user.pk, each.since, each.until) for each in rows)
    with_organizations = set(Portal) - WITHOUT_PEOPLE - {Portal.MEMBER, Portal.DESK}
    assert {door.portal for door in doors.every() if door.memberships.managers} == with_organizations
    assert {door.portal for door in doors.every() if door.memberships.reviewed} == with_organizations


def test_whom_the_directory_addresses_works_behind_a_door() -> None:
    assert set(Reader.values) == {door.portal.value for door in doors.every()} - {Portal.DESK.value}
