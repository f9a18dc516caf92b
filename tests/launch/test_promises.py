import re

from tests.plugin import PromiseTable, known_promises


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


def shown(*reports: Report) -> list[str]:
    table, terminal = PromiseTable(shown=True), Terminal()
    for report in reports:
        table.pytest_runtest_logreport(report)
    table.pytest_terminal_summary(terminal)
    return terminal.lines


def test_every_promise_of_the_requirements_is_listed_once() -> None:
    counts = {"M": 15, "W": 15, "E": 14, "B": 9, "P": 21, "G": 6, "V": 29, "X": 6}
    assert list(known_promises()) == [f"{letter}{n}" for letter, count in counts.items() for n in range(1, count + 1)]


def test_a_promise_counts_only_when_no_test_of_it_fails() -> None:
    lines = shown(Report("B4", "passed"), Report("B5", "passed"), Report("B5", "failed"), Report("B6", "skipped"))
    assert lines[0] == "promises: 1 of 115 have a passing test"
    unkept = {re.split(r"\s+", line)[0]: line for line in lines[1:]}
    assert "B4" not in unkept
    assert "FAILS" in unkept["B5"]
    assert "FAILS" not in unkept["B6"]
