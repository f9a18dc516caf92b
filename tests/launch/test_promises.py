import re
from pathlib import Path

import pytest
from django.test import Client as Browser

from portals import scope as scopes
from portals.enums import Team
from tests.factories import people
from tests.plugin import PromiseTable, deed_since, known_promises, last_event


class Terminal:
    """Collects what a terminal reporter is asked to write."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def section(self, title: str) -> None:
        self.lines.append(title)

    line = section


class Report:
    def __init__(self, promise: str, outcome: str, when: str = "call") -> None:
        self.user_properties = [("promise", promise)]
        self.failed = outcome == "failed"
        self.passed = outcome == "passed"
        self.when = when


def shown(*reports: Report, file: Path | None = None) -> list[str]:
    table, terminal = PromiseTable(file, shown=True), Terminal()
    for report in reports:
        table.pytest_runtest_logreport(report)
    table.pytest_sessionfinish()
    table.pytest_terminal_summary(terminal)
    return terminal.lines


def test_every_promise_of_the_requirements_is_listed_once() -> None:
    counts = {"M": 15, "W": 15, "E": 14, "B": 9, "P": 21, "G": 6, "V": 29, "X": 6}
    assert list(known_promises()) == [f"{letter}{n}" for letter, count in counts.items() for n in range(1, count + 1)]


def test_a_promise_counts_only_when_no_test_of_it_fails_and_information_apart() -> None:
    reports = [Report("B4", "passed"), Report("B5", "passed"), Report("B5", "failed"), Report("B6", "skipped")]
    lines = shown(*reports, Report("M10", "passed"))
    assert lines[0].startswith("promises: 2 of 115 kept: 1 of ")
    assert re.search(r" deeds, 1 of \d+ told as information$", lines[0])
    unkept = {re.split(r"\s+", line)[0]: line for line in lines[1:]}
    assert unkept.keys() == known_promises().keys() - {"B4", "M10"}
    assert "FAILS" in unkept["B5"]
    assert "FAILS" not in unkept["B6"]
    assert "(information)" in unkept["M12"]
    assert "(information)" not in unkept["B6"]


def test_a_run_in_two_parts_has_one_table(tmp_path: Path) -> None:
    file = tmp_path / "test" / "promises.json"
    shown(Report("B4", "passed"), Report("B5", "failed"), file=file)
    lines = shown(Report("B5", "passed"), Report("B6", "passed"), file=file)
    assert lines[0].startswith("promises: 2 of 115")
    unkept = {line.split()[0] for line in lines[1:]}
    assert {"B4", "B5", "B6"} & unkept == {"B5"}, "what failed in the first part still fails"


@pytest.mark.django_db
def test_reading_a_sentence_and_preparing_are_no_deed() -> None:
    before = last_event()
    assert Browser().get("/help/?for=provider").status_code == 200
    with scopes.entered(scopes.system("test")):
        clerk = people.staff_user(Team.HELP_DESK)
    desk = people.browser(clerk)
    assert desk.get("/desk/providers/registration/?situation=dental-no-claim").status_code == 200
    assert not deed_since(before, in_browser=False)
    assert not deed_since(before, in_browser=True)
    refused = people.browser(clerk).get("/providers/staff/")
    assert refused.status_code == 404
    assert deed_since(before, in_browser=True), "a refusal is kept: somebody met it"
