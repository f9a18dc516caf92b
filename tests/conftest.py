"""Servers and browser for the tests. Plain `pytest` starts what it needs; see launch/testbed.py."""

import os
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.core import signals
from django.db import connection
from django.utils import translation
from psycopg2.extensions import TRANSACTION_STATUS_INERROR

from audit import queries, verification
from audit.seal import keys, sealer
from launch import children, packages, testbed

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page
    from pytest_django.plugin import DjangoDbBlocker

TESTER = "system:test"
CHROMIUM_OPTIONS = (
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
NO_ANIMATIONS = """
const still = new CSSStyleSheet();
still.replaceSync("*, *::before, *::after { animation: none !important; transition: none !important; }");
document.adoptedStyleSheets = [still];
"""


def _name(actor: str) -> None:
    """Tell PostgreSQL who acts, for the rest of the test's transaction, past what counts Django's queries."""
    held = connection.connection
    if not connection.in_atomic_block or held is None or held.closed:
        return
    if held.get_transaction_status() != TRANSACTION_STATUS_INERROR:
        with held.cursor() as cursor:
            cursor.execute("SELECT set_config('plan.actor', %s, true)", [actor])


_sight: list[str] = []


def _request_begins(**kwargs: object) -> None:
    _sight[:] = [_scope_set()]
    _name("")


def _request_ends(**kwargs: object) -> None:
    """A page sees as its own scope until its end: one that looked past the tenant and kept that sight fails here."""
    assert _scope_set() != "system" or _sight == ["system"], "the page left without giving its sight back"
    _name(TESTER)


def _scope_set() -> str:
    """Whose rows are visible in the test's transaction, past what counts Django's queries."""
    held = connection.connection
    if not connection.in_atomic_block or held is None or held.closed:
        return ""
    if held.get_transaction_status() == TRANSACTION_STATUS_INERROR:
        return ""
    with held.cursor() as cursor:
        cursor.execute("SELECT coalesce(current_setting('plan.scope', true), '')")
        return str(cursor.fetchone()[0])


@pytest.fixture(autouse=True)
def _the_test_acts(request: pytest.FixtureRequest) -> Iterator[None]:
    """What a test itself writes into its transaction is written by `system:test`: watched tables refuse whoever is
    nobody. Its requests begin unnamed, as a site's do, so that a page which forgets to say who acts fails here."""
    if not request.node.get_closest_marker("django_db") and "db" not in request.fixturenames:
        yield
        return
    request.getfixturevalue("db")
    _name(TESTER)
    signals.request_started.connect(_request_begins)
    signals.request_finished.connect(_request_ends)
    yield
    signals.request_started.disconnect(_request_begins)
    signals.request_finished.disconnect(_request_ends)


@pytest.fixture(autouse=True)
def _language_of_the_next_test() -> Iterator[None]:
    """A page asked in Spanish leaves this thread in Spanish; the next test starts in the plan's language."""
    yield
    translation.deactivate()


@pytest.fixture(scope="session")
def test_servers() -> Iterator[testbed.Lease]:
    """The test cluster and this process's Valkey."""
    lease = testbed.Lease()
    valkey = testbed.start_valkey()
    yield lease
    children.stop(valkey)
    testbed.valkey_socket().unlink(missing_ok=True)
    lease.release()


@pytest.fixture(scope="session")
def django_db_setup(test_servers: testbed.Lease, django_db_blocker: "DjangoDbBlocker") -> Iterator[None]:
    """Instead of Django's test database: a clone of the migrated template, used as the unprivileged role."""
    testbed.clone(test_servers, testbed.NAME)
    yield
    with django_db_blocker.unblock():
        connection.close()
    testbed.drop(testbed.NAME)


@pytest.fixture
def committed(test_servers: testbed.Lease, django_db_blocker: "DjangoDbBlocker") -> Iterator[str]:
    """A fresh database, thrown away whole, for what has to commit: in that of the process it would stay for the tests
    to come."""
    name = f"{testbed.NAME}_committed"
    testbed.clone(test_servers, name)
    connection.close()
    connection.settings_dict["NAME"] = name
    with django_db_blocker.unblock():
        yield name
        connection.close()
    connection.settings_dict["NAME"] = testbed.NAME
    testbed.drop(name)


@pytest.fixture(scope="session")
def running_site(test_servers: testbed.Lease, django_db_blocker: "DjangoDbBlocker") -> Iterator[testbed.Site]:
    """The site of this process's journeys. Its ledger must verify at the end, or the run is red."""
    site = testbed.Site(test_servers)
    yield site
    site.end()
    with django_db_blocker.unblock():
        use_database(testbed.SITE_NAME)
        check_ledger()
        use_database(testbed.NAME)
    site.forget()


def check_ledger() -> None:
    """Whatever the journeys did, the ledger that they left is whole. Other workers' transactions hold the seal back
    for as long as a test of theirs lasts."""
    end = time.monotonic() + 120
    while sealer.seal() or queries.seal_lag().rows:
        assert time.monotonic() < end, "rows of the journeys' ledger are not sealed"
        time.sleep(0.2)
    report = verification.verify(trusted=keys.trusted())
    assert not report.findings, report.findings
    assert report.rows, "the journeys left no row in the ledger"


@pytest.fixture
def live_site(running_site: testbed.Site, django_db_blocker: "DjangoDbBlocker") -> Iterator[str]:
    """The address of a real site. What the test itself writes is committed to the site's own database.

    Every journey makes its own clients and people: nothing is rolled back.
    """
    with django_db_blocker.unblock():
        use_database(testbed.SITE_NAME)
        yield running_site.url
        use_database(testbed.NAME)


def use_database(name: str) -> None:
    connection.close()
    connection.settings_dict["NAME"] = name


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    """One Chromium a worker."""
    from playwright.sync_api import sync_playwright

    program = packages.browser()
    if program is None:
        pytest.fail("Journeys need Chromium: apt-get install chromium-headless-shell")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright runs an event loop beside the test, not under it
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=list(CHROMIUM_OPTIONS))
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: "Browser", live_site: str, request: pytest.FixtureRequest) -> Iterator["Page"]:
    """A fresh visitor at the live site; a script error or a breach of the content policy fails the test."""
    context = browser.new_context(
        base_url=live_site, viewport={"width": 1280, "height": 800}, reduced_motion="reduce", locale="en-US"
    )
    context.add_init_script(NO_ANIMATIONS)
    context.set_default_timeout(15_000)
    visitor = context.new_page()
    troubles: list[str] = []
    visitor.on("pageerror", lambda error: troubles.append(str(error)))
    visitor.on("console", lambda line: troubles.append(line.text) if "Content Security Policy" in line.text else None)
    failures_before = request.session.testsfailed
    yield visitor
    if request.session.testsfailed > failures_before or troubles:
        folder = testbed.FOLDER / "failures"
        folder.mkdir(parents=True, exist_ok=True)
        visitor.screenshot(path=folder / f"{re.sub(r'[^A-Za-z0-9_-]+', '-', request.node.name)}.png", full_page=True)
    context.close()
    assert not troubles, troubles


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of public sample files beside the checkout; tests that need it are skipped without it."""
    folder = Path(os.environ.get("PLAN_SHARED_DATA", Path(settings.ROOT).parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("the public sample files (../shared/data) are not here")
    return folder
