"""A promise is claimed where it is proven, one by one: a test with a dozen tells nothing when one of them goes."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

TESTS = Path(__file__).parents[1]
AT_MOST = 3


def claims() -> dict[str, tuple[str, ...]]:
    """Each test that names promises in its decorators, and which."""
    found: dict[str, tuple[str, ...]] = {}
    for path in sorted(TESTS.rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                names = tuple(name for each in node.decorator_list for name in _named(each))
                if names:
                    found[f"{path.relative_to(TESTS)}::{node.name}"] = names
    return found


def _named(decorator: ast.expr) -> list[str]:
    if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "pytest.mark.promise":
        return [str(ast.literal_eval(each)) for each in decorator.args]
    return []


def test_only_a_journey_proves_more_than_three_promises() -> None:
    many = [test for test, names in claims().items() if len(names) > AT_MOST]
    assert [test for test in many if not test.startswith("journeys/")] == []


def test_what_a_long_journey_proves_has_tests_of_its_own() -> None:
    alone = Counter(name for names in claims().values() for name in set(names))
    for test, names in claims().items():
        own = [name for name in names if alone[name] == 1]
        assert len(own) <= AT_MOST, f"{test} alone proves {', '.join(own)}: give some of them a test of their own"


def test_no_file_claims_a_promise_for_all_its_tests() -> None:
    for path in sorted(TESTS.rglob("test_*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "pytestmark":
                assert "mark.promise" not in ast.unparse(node.value), f"{path.relative_to(TESTS)}: name it at the test"
