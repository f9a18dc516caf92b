"""Loaded before Django's settings: points them at the test servers, and keeps the table of promises."""

import os
from pathlib import Path

import pytest

from launch import catalogues, testbed

os.environ.update(testbed.environment())
catalogues.ensure()

# A minute and more each. They begin the run, so that at its end no core waits for the other.
LONG = ("tests/journeys/test_every_page.py", "tests/launch/test_site.py")
PROMISES = Path(__file__).with_name("promises.txt")


def known_promises() -> dict[str, str]:
    """ID to a few words, in the order of tests/promises.txt."""
    lines = (line.split(maxsplit=1) for line in PROMISES.read_text().splitlines() if line.strip())
    return {line[0]: line[1] for line in lines}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--promises", action="store_true", help="end with the promises that have no passing test")


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(PromiseTable(bool(config.getoption("promises"))), "promise-table")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    known = known_promises()
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))
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


class PromiseTable:
    """A promise is kept when at least one test carries it and none that carries it fails."""

    def __init__(self, shown: bool) -> None:
        self.shown = shown
        self.passed: set[str] = set()
        self.failed: set[str] = set()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        names = {str(value) for key, value in report.user_properties if key == "promise"}
        if report.failed:
            self.failed |= names
        elif report.when == "call" and report.passed:
            self.passed |= names

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if not self.shown:
            return
        known = known_promises()
        open_ones = {name: words for name, words in known.items() if name not in self.passed - self.failed}
        terminalreporter.section(f"promises: {len(known) - len(open_ones)} of {len(known)} have a passing test")
        for name, words in open_ones.items():
            terminalreporter.line(f"{name:<4} {'FAILS ' if name in self.failed else ''}{words}")
