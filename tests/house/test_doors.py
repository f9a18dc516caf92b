"""Every portal with people has one whole door."""

from django.urls import reverse

from portals import doors
from portals.enums import Reader, Topic
from portals.pages import Audience
from portals.scope import NOBODY, Portal

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


def test_whom_the_directory_addresses_works_behind_a_door() -> None:
    assert set(Reader.values) == {door.portal.value for door in doors.every()} - {Portal.DESK.value}
