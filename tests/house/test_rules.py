"""Whoever reads "ruling 34", "F14" or "P5" in a comment finds it in docs/rules.md."""

import re
from collections.abc import Iterator
from pathlib import Path

from launch import checks
from tests.plugin import known_promises

ROOT = Path(__file__).parents[2]
ROOMS = (*checks.apps(), "launch", "tests", "docs")
PAGE = ROOT / "docs" / "rules.md"
NAMED = re.compile(r"\b[Rr]ulings? (?P<ruling>\d+)\b|\b(?P<figure>F(?:[1-9]|1[0-4]))\b")
ROW = re.compile(r"^\| (\w+) \| (.+) \|$", re.MULTILINE)


def texts() -> Iterator[str]:
    for room in ROOMS:
        for kind in ("*.py", "*.md", "*.html"):
            paths = set((ROOT / room).rglob(kind)) - {PAGE, Path(__file__)}
            yield from (path.read_text() for path in paths)


def test_every_ruling_and_figure_that_is_named_has_its_line() -> None:
    listed = {name for name, _says in ROW.findall(PAGE.read_text())}
    named = {found[found.lastgroup or 0] for text in texts() for found in NAMED.finditer(text)}
    assert {"34", "36", "F9", "F14"} <= named, "the pattern finds what it is made for"
    assert not named - listed


def test_every_promise_has_its_line_word_for_word_and_information_is_called_so() -> None:
    page = PAGE.read_text()
    listed = dict(ROW.findall(page))
    promises = known_promises()
    assert {name: listed.get(name) for name in promises} == {name: each.words for name, each in promises.items()}
    named = re.search(r"Information are (.+?)\.", page, re.DOTALL)
    assert named
    assert re.findall(r"[A-Z]\d+", named[1]) == [name for name, each in promises.items() if not each.deed]
