"""Every portal with people has one whole door, every kind of party one whole entry."""

import ast
import uuid
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse

from launch import checks
from portals import doors, parties
from portals import scope as scopes
from portals.access import Desk
from portals.access_reviews import kinds as review_kinds
from portals.desk import kinds as desk_kinds
from portals.enums import Reader, ReviewKind, Topic
from portals.invitations import kinds as invitation_kinds
from portals.pages import Audience
from portals.scope import NOBODY, Portal
from tests.house import objects
from tests.house.objects import A, World

REGISTRATIONS = 65
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


def test_every_door_with_a_party_has_one_kind_and_every_kind_a_door(world: World) -> None:
    kinds = {party.kind: party.portal for party in parties.every()}
    assert sorted(kinds.values()) == sorted({door.portal for door in doors.every()} - {Portal.DESK})
    for portal in kinds.values():
        with scopes.entered(scopes.system("test")):
            (party,) = {each.party for each in doors.memberships(world.users[portal.value, A].pk, portal)}
        assert party is not None
        assert kinds[party.kind] is portal


def test_every_party_is_whole(world: World) -> None:
    organizations = [party for party in parties.every() if party.portal is not Portal.MEMBER]
    for party in parties.every():
        assert reverse(party.request_page, kwargs={"request_uuid": uuid.uuid4()})
        with scopes.entered(scopes.system("test")):
            (ref,) = {each.party for each in doors.memberships(world.users[party.portal.value, A].pk, party.portal)}
            assert ref is not None
            name = party.name_of(ref.id)
            found = party.find(name.number) if party.find else None
        assert name.name
        assert bool(name.number) == bool(party.number_label) == (found == ref.id) == (party in organizations)
    assert all(party.invitation and party.review for party in organizations)
    assert {party.kind for party in parties.every() if party.link and party.permission in set(Desk)} == {"person"}
    assert {party.kind for party in parties.every() if party.acting} == {"client"}
    assert sorted(party.reviewed.kind for party in organizations) == sorted(ReviewKind)
    for party in organizations:
        assert invitation_kinds.kind_named(party.portal.value) is party
        assert desk_kinds.kind_named(review_kinds.not_done(party.reviewed.kind)).team is party.reviewed.team


def test_what_apps_register_does_not_grow() -> None:
    """A thing that each portal or each kind of party has is a field of its Door or Party, not one more registry."""
    calls = [
        node
        for app in checks.apps()
        for node in ast.walk(ast.parse((Path(settings.ROOT) / app / "apps.py").read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr.startswith("register")
    ]
    assert len(calls) <= REGISTRATIONS
