"""Every URL declares who may enter and what it discloses, and keeps to it: walked as everybody and as nobody."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from audit.enums import Kind
from audit.models import Event
from portals.pages import Audience, Declaration
from tests.factories import people
from tests.house import objects
from tests.house.objects import A, B, World

DOORS = {
    Audience.MEMBER: "member",
    Audience.EMPLOYER: "employer",
    Audience.PRODUCER: "producer",
    Audience.PROVIDER: "provider",
    Audience.DESK: "desk",
}
# Their address names a form, not an object: the same for everybody who may ask.
OF_EVERYBODY = {"employers:ask", "producers:ask", "providers:ask"}
# The plan's people have no tenants: desk B is of channel compensation, which looks after every agency.
OF_EVERYBODY |= {"market:agency", "market:agency_propose", "market:agency_end"}


# Pages of whoever is signed in, at no door in particular, are walked as those of the first one.
OWN = (Audience.SIGNED_IN, Audience.SETUP)


def _patterns(resolver: URLResolver, namespace: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from _patterns(entry, inner)
        else:
            yield f"{namespace}{entry.name}", entry


PAGES = dict(_patterns(get_resolver()))


def declaration(name: str) -> Declaration:
    return PAGES[name].callback.declaration


def is_of(door: str, audience: Audience) -> bool:
    """Is a page of this audience one of that door's own in the walks?"""
    return DOORS.get(audience) == door or (door == next(iter(DOORS.values())) and audience in OWN)


@pytest.mark.parametrize("name", PAGES)
def test_every_url_declares_audience_and_disclosure(name: str) -> None:
    found = getattr(PAGES[name].callback, "declaration", None)
    assert isinstance(found, Declaration), f"{name} is not a @page"
    assert isinstance(found.discloses, tuple)
    if found.audience in (Audience.ANYONE, *OWN):
        assert found.discloses == (), "nobody in particular may see protected fields"


def test_every_export_asks_first_who_is_there(world: World) -> None:
    """And what opens no page of its own is linked from the one that comes after the second step."""
    exports = [name for name in PAGES if declaration(name).kind == Kind.EXPORT]
    assert [name for name in exports if not declaration(name).step_up] == []
    for door in DOORS.values():
        browser, user = Client(), world.users[door, A]
        people.sign_in(browser, user)
        name = next((name for name in exports if DOORS[declaration(name).audience] == door), "")
        if not name:
            continue
        url = f"{address(name, world)}?q=x"
        asked = browser.get(url)
        assert asked.url.startswith("/confirm/")
        confirmed = people.step_up(browser, user, to=url)
        assert confirmed.url == asked.url, "a file opens no page of its own"
        assert f'href="{url}"' in browser.get(confirmed.url).content.decode()


@pytest.fixture
def world(db: None) -> World:
    return objects.build()


def address(name: str, world: World) -> str:
    if not PAGES[name].pattern.converters:
        return reverse(name)
    assert name in world.objects, f"{name} names an object: give tests/house/objects.py one of tenant A"
    return reverse(name, kwargs=world.objects[name])


def test_nobody_enters_only_what_is_open(world: World) -> None:
    browser = Client()
    for name in PAGES:
        url = address(name, world)
        answer = browser.get(url)
        if declaration(name).audience is Audience.ANYONE:
            assert answer.status_code in (200, 302), name
        else:
            assert answer.status_code == 302, name
            assert answer.url.startswith("/sign-in/"), name


@pytest.mark.parametrize("door", DOORS.values())
def test_a_wrong_door_is_not_there(world: World, door: str) -> None:
    browser = world.browser(door, A)
    for name in PAGES:
        wanted = DOORS.get(declaration(name).audience)
        if wanted is not None and wanted != door:
            assert browser.get(address(name, world)).status_code == 404, f"{name} as {door}"


@pytest.mark.parametrize("door", DOORS.values())
def test_own_pages_answer_and_each_disclosure_is_a_row(world: World, door: str) -> None:
    browser = world.browser(door, A)
    user = world.users[door, A]
    for name in PAGES:
        found = declaration(name)
        if not is_of(door, found.audience):
            continue
        before = Event.objects.filter(actor=f"user:{user.pk}").count()
        answer = browser.get(address(name, world))
        fine = (400,) if name == "door:keep" else (200, 302, 403)  # there was nothing to keep
        assert answer.status_code in fine, f"{name}: {answer.status_code}"
        assert answer.status_code != 302 or not answer.url.startswith("/sign-in/"), name
        is_table = answer.headers.get("Content-Type", "").startswith("text/csv")
        assert is_table <= (found.kind == Kind.EXPORT), f"{name} is a file of many rows and no export"
        written = Event.objects.filter(actor=f"user:{user.pk}").count() - before
        if found.discloses and answer.status_code == 200:
            assert written == 1, f"{name} discloses without a row"
        if answer.status_code == 403:
            assert written == 1, f"{name} refuses without a row"
        if answer.status_code == 200:
            assert answer["Cache-Control"] == "no-store", name


@pytest.mark.parametrize("door", DOORS.values())
def test_another_tenants_object_is_not_there(world: World, door: str) -> None:
    """The plan's own people have no tenants but permissions: there a refusal that names the gate is right as well."""
    closed = {404, 403} if door == "desk" else {404}
    browser = world.browser(door, B)
    for name, entry in PAGES.items():
        if is_of(door, declaration(name).audience) and entry.pattern.converters and name not in OF_EVERYBODY:
            answer = browser.get(address(name, world))
            assert answer.status_code in closed, f"{name} shows A's object to B: {answer.status_code}"
            assert browser.post(address(name, world)).status_code in closed, name
