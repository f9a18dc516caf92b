"""What leaves no trace on a page: the second step that is asked for, and the refusal that names its gate.

Every page that declares a second step is asked in a session that has shown none, and every page that declares a
permission by a person of its door who lacks it.
"""

from __future__ import annotations

from html import unescape
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client

from audit.models import Event
from employers.enums import EmployerRole
from employers.models import EmployerUser
from portals import doors, permissions
from portals.enums import Team
from portals.models import User
from portals.scope import Portal, unscoped
from portals.step_up import ONCE_A_SESSION, RECENTLY
from producers.models import ProducerUser
from providers.enums import PracticeRole
from providers.models import StaffMembership
from tests.factories import people
from tests.house import objects
from tests.house.objects import A, World
from tests.house.test_urls import DOORS, PAGES, address, declaration, is_of

STEP_UP = [name for name in PAGES if declaration(name).step_up]
PERMISSION = [name for name in PAGES if declaration(name).permission]
# What everybody of a door holds, so that nobody of it can be refused for the lack of it.
OF_EVERYBODY = {
    "desk": {"desk.work_queue"},
    "member": {"member.see_own", "own.ask"},
    "employer": {
        "employer.see_client", "employer.see_managers", "employer.see_producers", "employer.see_looks", "own.ask",
    },
    "producer": {"producer.see_book", "producer.see_access", "producer.ask_clients", "own.ask"},
    "provider": {"provider.see_practice", "provider.see_staff", "own.ask"},
}  # fmt: skip


LISTED = Path(__file__).with_name("gates.txt")


def lines() -> list[str]:
    """One a page: its name, who may enter, the permission, and how fresh the second step must be."""
    made = []
    for name in sorted(PAGES):
        found = declaration(name)
        step = {0: "-", RECENTLY: "recently", ONCE_A_SESSION: "once-a-session"}[found.step_up]
        made.append(f"{name:<38} {found.audience.value:<10} {found.permission or '-':<30} {step}")
    return made


def test_no_gate_of_a_page_is_taken_away_unseen() -> None:
    """A gate that is dropped from its page is dropped from every walk, too: so the list stands beside the code, and
    whoever changes a gate changes its line."""
    listed = LISTED.read_text().splitlines()
    missing = [line for line in lines() if line not in listed]
    over = [line for line in listed if line not in lines()]
    assert (missing, over) == ([], []), f"tests/house/gates.txt: add {missing}, take out {over}"


@pytest.fixture
def world(db: None) -> World:
    return objects.build()


def everything() -> dict[str, int]:
    """How many rows each of our tables has."""
    with unscoped("rows of every tenant are counted"), connection.cursor() as cursor:
        cursor.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename LIKE ANY (%s)", [OURS]
        )
        tables = [row[0] for row in cursor.fetchall()]
        cursor.execute(" UNION ALL ".join(f"SELECT '{name}', count(*) FROM {name}" for name in tables))  # noqa: S608
        return dict(cursor.fetchall())


OURS = [f"{app}\\_%" for app in ("portals", "billing", "members", "employers", "providers", "producers")]


@pytest.mark.parametrize("door", DOORS.values())
def test_every_page_with_a_second_step_asks_for_it_and_does_nothing_before(world: World, door: str) -> None:
    user = people.staff_user(*Team) if door == "desk" else world.users[door, A]
    browser = Client()
    people.sign_in(browser, user)
    names = [name for name in STEP_UP if is_of(door, declaration(name).audience)]
    before, rows = everything(), Event.objects.count()
    open_ = {}
    for name in names:
        for method in (browser.get, browser.post):
            answer = method(address(name, world))
            if answer.status_code != 302 or not answer.url.startswith("/confirm/?next="):
                open_[f"{method.__name__} {name}"] = answer.status_code
    assert open_ == {}, "these went on without the second step"
    assert everything() == before
    assert Event.objects.count() == rows


def test_the_pages_with_a_second_step_are_all_walked() -> None:
    walked = {name for door in DOORS.values() for name in STEP_UP if is_of(door, declaration(name).audience)}
    assert set(STEP_UP) == walked
    assert len(walked) > 60


def persons(door: str, world: World) -> list[User]:
    """People of one door who differ in what they may do."""
    if door == "desk":
        return [people.staff_user(team) for team in Team]
    user = world.users[door, A]
    if door == "employer":
        client = EmployerUser.objects.select_related("client").get(user=user).client
        return [people.employer_user(client, role) for role in EmployerRole]
    if door == "provider":
        practice = StaffMembership.objects.select_related("practice").get(user=user).practice
        return [people.practice_user(practice, role) for role in PracticeRole]
    if door == "producer":
        return [people.producer_user(ProducerUser.objects.select_related("agency").get(user=user).agency)]
    return [user]


@pytest.mark.parametrize("door", DOORS.values())
def test_every_page_refuses_whoever_lacks_its_permission_and_names_the_gate(world: World, door: str) -> None:
    held = {user.pk: doors.memberships(user.pk, Portal(door))[0].permissions for user in persons(door, world)}
    browsers = {pk: people.browser(User.objects.get(pk=pk)) for pk in held}
    wrong, of_everybody = {}, set()
    for name in PERMISSION:
        found = declaration(name)
        if DOORS.get(found.audience) != door:
            continue
        lacking = next((pk for pk, permissions_ in held.items() if found.permission not in permissions_), None)
        if lacking is None:
            of_everybody.add(str(found.permission))
            continue
        rows = Event.objects.filter(kind="denial", actor=f"user:{lacking}")
        before = rows.count()
        for method in (browsers[lacking].get, browsers[lacking].post):
            answer = method(address(name, world))
            said = permissions.words(f"permission:{found.permission}")
            told = "" if said is None else str(said.reason)
            if answer.status_code != 403 or told not in unescape(answer.content.decode()):
                wrong[f"{method.__name__} {name}"] = answer.status_code
        if rows.count() != before + 2 or rows.latest("id").detail["gate"] != f"permission:{found.permission}":
            wrong[f"denial of {name}"] = rows.count() - before
    assert wrong == {}
    assert of_everybody <= OF_EVERYBODY[door]
