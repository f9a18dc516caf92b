"""Loaded before Django's settings: points them at the test servers, and keeps the table of promises."""

import json
import os
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from launch import catalogues, testbed

os.environ.update(testbed.environment())
catalogues.ensure()

DEEP = bool(os.environ.get("PLAN_TEST_DEEP"))
# A property that fails says how to make it fail again. A slow machine is no failure.
EVERY_RUN = {"print_blob": True, "suppress_health_check": [HealthCheck.too_slow], "deadline": None}
settings.register_profile("test", **EVERY_RUN)
settings.register_profile("deep", max_examples=10 * settings.default.max_examples, **EVERY_RUN)
settings.load_profile("deep" if DEEP else "test")


def examples(number: int) -> int:
    """For a property that names how many it tries."""
    return 10 * number if DEEP else number


# The longest first, then what makes up the most: so that at the run's end no core waits for the other.
LONG = ("tests/launch/test_site.py", "tests/journeys/test_every_page.py")
PROMISES = Path(__file__).with_name("promises.txt")


@dataclass(frozen=True)
class Promise:
    """A deed is something that is done for its user. Information is a telephone number or a fact: telling it is all."""

    words: str
    deed: bool


def known_promises() -> dict[str, Promise]:
    """In the order of tests/promises.txt."""
    known = {}
    for line in filter(str.strip, PROMISES.read_text(encoding="utf-8").splitlines()):
        name, kind, words = line.split(maxsplit=2)
        if kind not in {"deed", "information"}:
            raise pytest.UsageError(f"{PROMISES}: {name} is neither a deed nor information")
        known[name] = Promise(words, kind == "deed")
    return known


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--promises", metavar="FILE", help="add what became of each promise to this file")
    parser.addoption(
        "--promises-table", action="store_true", help="end with the promises of that file that no passing test proves"
    )


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        file = config.getoption("promises")
        table = PromiseTable(Path(file) if file else None, shown=bool(config.getoption("promises_table")))
        config.pluginmanager.register(table, "promise-table")


def _place(item: pytest.Item) -> int:
    return next((place for place, file in enumerate(LONG) if item.nodeid.startswith(file)), len(LONG))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    known = known_promises()
    if DEEP:  # by a seed of the run: its workers must agree
        random.Random(testbed.RUN).shuffle(items)
    items.sort(key=_place)
    for item in items:
        for marker in item.iter_markers("promise"):
            for name in marker.args:
                if name not in known:
                    raise pytest.UsageError(f"{item.nodeid} claims the promise {name}, which tests/promises.txt lacks")
                item.user_properties.append(("promise", name))
        database = item.get_closest_marker("django_db")
        fixtures = getattr(item, "fixturenames", ())
        if (
            (database and database.kwargs.get("transaction"))
            or "transactional_db" in fixtures
            or "live_server" in fixtures
        ):
            raise pytest.UsageError(
                f"{item.nodeid} would truncate tables, which the ledger refuses; use `live_site` for what must commit"
            )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """A test of a deed leaves a row in the ledger: whatever somebody does here, or sees of a person, is recorded. One
    that reads a sentence on a page leaves none, nor does one that calls a function for its result."""
    known = known_promises()
    deeds = [name for marker in item.iter_markers("promise") for name in marker.args if known[name].deed]
    if not deeds:
        yield
        return
    in_browser = bool({"page", "live_site"} & set(getattr(item, "fixturenames", ())))
    if not in_browser and not item.get_closest_marker("django_db"):
        pytest.fail(f"{item.nodeid} claims {', '.join(deeds)}, and does nothing that the ledger could keep")
    before = last_event()
    yield
    if not deed_since(before, in_browser=in_browser):
        pytest.fail(f"{item.nodeid} claims {', '.join(deeds)}, and nobody did or was shown anything")


def last_event() -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM audit_event")
        return int(cursor.fetchone()[0])


def deed_since(before: int, *, in_browser: bool) -> bool:
    """Did a request do something, refuse it, or show somebody's data; or did a command or a job? What a test prepares
    by itself comes with no request, and a sign-in is on the way to every page. Beside a browser, a site's own jobs
    write to the same ledger: there only requests count."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT EXISTS (
                SELECT FROM audit_event e
                WHERE id > %s
                  AND (request_id <> '' OR (NOT %s AND actor LIKE 'system:%%' AND actor <> 'system:test'))
                  AND kind NOT IN ('sign_in', 'sign_out', 'failure', 'search')
                  AND (kind NOT IN ('view', 'look') OR EXISTS (SELECT FROM audit_subject WHERE event_id = e.id))
            )
            """,
            [before, in_browser],
        )
        return bool(cursor.fetchone()[0])


class PromiseTable:
    """A promise is kept when at least one test carries it and none that carries it fails.

    With a file, what an earlier run left in it counts too: a run of the tests in two parts has one table. Whoever
    starts the first part removes the file.
    """

    def __init__(self, file: Path | None = None, *, shown: bool) -> None:
        self.file = file
        self.shown = shown
        self.passed: set[str] = set()
        self.failed: set[str] = set()
        if file and file.exists():
            before = json.loads(file.read_text(encoding="utf-8"))
            self.passed, self.failed = set(before["passed"]), set(before["failed"])

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        names = {str(value) for key, value in report.user_properties if key == "promise"}
        if report.failed:
            self.failed |= names
        elif report.when == "call" and report.passed:
            self.passed |= names

    def pytest_sessionfinish(self) -> None:
        if self.file:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            kept = {"passed": sorted(self.passed), "failed": sorted(self.failed)}
            self.file.write_text(json.dumps(kept), encoding="utf-8")

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if not self.shown:
            return
        known = known_promises()
        kept = {name for name in known if name in self.passed - self.failed}
        deeds = sum(known[name].deed for name in kept)
        of_deeds = sum(promise.deed for promise in known.values())
        terminalreporter.section(
            f"promises: {len(kept)} of {len(known)} kept: {deeds} of {of_deeds} deeds,"
            f" {len(kept) - deeds} of {len(known) - of_deeds} told as information"
        )
        for name, promise in known.items():
            if name not in kept:
                kind = "" if promise.deed else "(information) "
                terminalreporter.line(f"{name:<4} {'FAILS ' if name in self.failed else ''}{kind}{promise.words}")
