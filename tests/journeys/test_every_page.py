"""Every page of every portal in a real browser: accessible, within the window, light, still and without an error.

The site here is built as for a plan (hashed, compressed, immutable static files); see tests/journeys/pages.py for
how pages are found and what else is looked at.
"""

from __future__ import annotations

import os
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from launch import children, steps, testbed
from portals import scope
from tests import built
from tests.house import objects
from tests.house.objects import A, World
from tests.journeys import pages

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.journey


@pytest.fixture(scope="module")
def built_site(running_site: testbed.Site) -> Iterator[str]:
    """A second web server on the site's database, with the static files that `make run` builds."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://localhost:{port}"
    environ = {
        **os.environ,
        **testbed.environment(testbed.SITE_NAME),
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
        yield url
    finally:
        children.stop(process, seconds=10)


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


_worlds: dict[str, World] = {}


@pytest.fixture
def world(live_site: str) -> World:
    """Committed on the site's database; made once a process, since nothing there is ever rolled back."""
    if live_site not in _worlds:
        world = objects.build()
        with scope.entered(scope.system("test")):
            pages.fill(world)
        _worlds[live_site] = world
    return _worlds[live_site]


PARTS = {"desk": 3}  # a door of many pages is walked in parts, so that both cores have something to do to the end
WALKS = [
    pytest.param(door, part, id=door if door not in PARTS else f"{door}-{part + 1}")
    for door in pages.WALKS
    for part in range(PARTS.get(door, 1))
]


@pytest.mark.parametrize(("door", "part"), WALKS)
def test_every_page_is_accessible_light_and_still(
    door: str, part: int, world: World, built_site: str, browser: Browser
) -> None:
    step = PARTS.get(door, 1)
    with scope.entered(scope.system("test")):
        others = [visit for states in pages.EXTRA.get(door, [])[part::step] for visit in states(world)]
    user = None if door == pages.NOBODY else world.users["producer" if door == pages.ACTING else door, A]
    acting_for = str(world.objects["producers:act"]["client_id"]) if door == pages.ACTING else ""
    walk = pages.Walk(browser, built_site)
    own = walk.enter(user, acting_for=acting_for)
    own_pages = list(pages.own_pages(door, world))[part::step]
    for visit in [*own_pages, *(visit for visit in others if visit.user is None)]:
        own.visit(visit)
    own.close()
    for visit in others:
        if visit.user is not None:
            look = walk.enter(visit.user)
            look.visit(visit)
            look.close()
    assert walk.seen
    assert not walk.found, "\n".join(walk.found)
