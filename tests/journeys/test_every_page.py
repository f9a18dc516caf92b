"""Every page of every portal in a real browser: accessible, within the window, light, still and without an error.

The site here is built as for a plan (hashed, compressed, immutable static files). tests/journeys/pages.py finds the
pages, walk.py asks for them, look.py looks at them, and looked.py knows which were looked at already.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
import math
import os
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.db import connection

from launch import children, postgres, steps, testbed
from portals import scope
from portals.mail import outbox
from portals.plan import clock
from tests import built
from tests.conftest import check_ledger, use_database
from tests.factories import alerts, billing, members, payers, people
from tests.house import objects
from tests.house.objects import A, World
from tests.journeys import looked, pages
from tests.journeys.look import Known
from tests.journeys.looked import Looked
from tests.journeys.walk import Walk

if TYPE_CHECKING:
    from pytest_django.plugin import DjangoDbBlocker

pytestmark = pytest.mark.journey
WORLD, STAGE = f"{testbed.NAME}_world", f"{testbed.NAME}_stage"
# Every door is walked in pieces of some twenty states, so that all cores have something to do to the end.
PARTS = {door: math.ceil(pages.about(door) / 20) for door in pages.WALKS}
TODAY = dt.date(2026, 12, 14)
COUNTERS = (alerts, billing, members, payers, people)
PIECES = [
    pytest.param(door, part, id=f"{door}-{part + 1}" if parts > 1 else door)
    for door, parts in PARTS.items()
    for part in range(parts)
]


@dataclass
class Stage:
    """The site that the walks walk, on a database of its own: what the world and all states need is written once a
    process, and every piece begins on a fresh copy. So a page is the same whatever was walked before."""

    url: str
    visits: dict[str, list[pages.Visit]]
    world: World
    known: Known = field(default_factory=Known)
    looked: Looked = field(default_factory=Looked)


def _copy(source: str, name: str) -> None:
    connection.close()
    with postgres.session(testbed.cluster().url("postgres", "postgres")) as admin, admin.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE {source} OWNER plan_owner")


@contextlib.contextmanager
def _counted_anew() -> Iterator[None]:
    """The first person of this world is person 1, however many the tests before it made."""
    before = [(module, module._numbers) for module in COUNTERS]
    for module, _numbers in before:
        module._numbers = itertools.count(1)
    try:
        yield
    finally:
        for module, numbers in before:
            module._numbers = numbers


@pytest.fixture(scope="module")
def stage(test_servers: testbed.Lease, django_db_blocker: DjangoDbBlocker) -> Iterator[Stage]:
    """Nobody works in the background there; the mail that the states sent has left."""
    testbed.clone(test_servers, WORLD)
    with django_db_blocker.unblock():
        use_database(WORLD)
        with scope.entered(scope.system("test")), _counted_anew():
            clock.move_to(TODAY, by=scope.system("test"))
            world = objects.build()
            pages.fill(world)
            visits = {door: [*pages.own_pages(door, world), *pages.extra_pages(door, world)] for door in pages.WALKS}
            outbox.send_due(1000)
        check_ledger()  # and sealed
        use_database(testbed.NAME)
    _copy(WORLD, STAGE)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://localhost:{port}"
    environ = {
        **os.environ,
        **testbed.environment(STAGE),
        **built.static(),
        "DJANGO_SETTINGS_MODULE": "portals.settings.dev",
        "PLAN_SITE_URL": url,
    }
    environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)
    web = [*steps.WEB_COMMAND, "--workers", "1", "--bind", f"127.0.0.1:{port}"]
    log = testbed.LOGS / testbed.NAME / "built.log"
    process = children.spawn(steps.program(web), log, env=environ)
    try:
        _wait(url, log)
        yield Stage(url, visits, world)
    finally:
        children.stop(process, seconds=10)
        for name in (STAGE, WORLD):
            testbed.drop(name)


def _wait(url: str, log: Path) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        try:
            urllib.request.urlopen(f"{url}/health/", timeout=30).close()  # noqa: S310 - our own address
        except urllib.error.HTTPError as error:
            pytest.fail(f"the built site answers {error.code}: {log.read_text()[-2000:]}")
        except OSError:
            time.sleep(0.05)
        else:
            return
    pytest.fail(f"the built site does not answer: {log.read_text()[-2000:]}")


@pytest.fixture
def fresh(stage: Stage, django_db_blocker: DjangoDbBlocker) -> Iterator[Stage]:
    """Its ledger must verify at the end, as that of every site does."""
    _copy(WORLD, STAGE)
    with django_db_blocker.unblock():
        use_database(STAGE)
        yield stage
        check_ledger()
        use_database(testbed.NAME)


@pytest.mark.parametrize(("door", "part"), PIECES)
def test_every_page_is_accessible_light_and_still(
    door: str, part: int, fresh: Stage, request: pytest.FixtureRequest
) -> None:
    user = None if door == pages.NOBODY else fresh.world.users["producer" if door == pages.ACTING else door, A]
    acting_for = str(fresh.world.objects["producers:act"]["client_id"]) if door == pages.ACTING else ""
    walk = Walk(fresh.url, lambda: request.getfixturevalue("browser"), fresh.known, fresh.looked, acting_for)
    walk.take(fresh.visits[door][part :: PARTS[door]], user)
    assert walk.seen
    assert not walk.found, "\n".join(walk.found)
    if looked.ALL:
        fresh.looked.keep(f"{door}-{part}", len(PIECES))
