"""The shape of the house: files that are one read, tables that stand outside the formatter, rooms that are named."""

import ast
import subprocess
from pathlib import Path

from django.conf import settings

from launch import checks

ROOT = Path(settings.ROOT)
LONGEST = 500
FLAT_IN_PORTALS = 45
TABLES_AS_WRITTEN = 140
OURS = checks.apps()
TRACKED = subprocess.run(
    ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
    cwd=ROOT,
    capture_output=True,
    text=True,
    check=True,
).stdout.splitlines()
PYTHON = [
    ROOT / name for name in TRACKED if name.endswith(".py") and "/migrations/" not in name and (ROOT / name).exists()
]


def _of_the_product(path: Path) -> bool:
    return path.relative_to(ROOT).parts[0] in {*OURS, "launch", "benchmarks"}


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_no_file_is_longer_than_one_read() -> None:
    lengths = {_name(path): len(path.read_text().splitlines()) for path in PYTHON if _of_the_product(path)}
    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}


def test_what_is_flat_in_portals_is_a_tool_for_every_app() -> None:
    flat = list((ROOT / "portals").glob("*.py"))
    assert len(flat) <= FLAT_IN_PORTALS, "a thing with its own pages is a folder"


def test_only_tables_stand_outside_the_formatter() -> None:
    marks = [(path, number) for path in PYTHON for number in _marks(path)]
    elsewhere = [f"{_name(path)}:{number}" for path, number in marks if number not in _tables(path)]
    assert elsewhere == [], "fmt: skip is for a table of at least three rows that is read as one"
    assert len(marks) <= TABLES_AS_WRITTEN


def _marks(path: Path) -> list[int]:
    mark = "# fmt: " + "skip"
    return [number for number, line in enumerate(path.read_text().splitlines(), start=1) if line.endswith(mark)]


def _tables(path: Path) -> set[int]:
    """Lines of literals with three rows or more that are assigned, or parametrize a test."""
    lines: set[int] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Assign | ast.AnnAssign) and _is_table(node.value):
            lines.update(range(node.lineno, (node.end_lineno or 0) + 1))
        for decorator in getattr(node, "decorator_list", []):
            if isinstance(decorator, ast.Call) and len(decorator.args) > 1 and _is_table(decorator.args[1]):
                lines.update(range(decorator.lineno, (decorator.end_lineno or 0) + 1))
    return lines


def _is_table(value: ast.expr | None) -> bool:
    if isinstance(value, ast.Call) and len(value.args) == 1 and not value.keywords:
        value = value.args[0]
    if isinstance(value, ast.Dict):
        return len(value.values) >= 3
    return isinstance(value, ast.Tuple | ast.List | ast.Set) and len(value.elts) >= 3


IN_EVERY_APP = {"actions", "desk", "faq", "forms", "models", "queries", "request_kinds", "rules", "views"}


def test_every_room_is_named_in_the_architecture_page() -> None:
    folders = {path.parent.relative_to(ROOT) for path in PYTHON if path.relative_to(ROOT).parts[0] in OURS}
    rooms = {
        folder.as_posix()
        for folder in folders
        if len(folder.parts) > 1
        and "management" not in folder.parts
        and not (folder.parts[0] != "portals" and folder.name in IN_EVERY_APP)
    }
    page = (ROOT / "docs" / "architecture.md").read_text()
    assert {room for room in rooms if f"`{room}/`" not in page} == set(), "a newcomer looks for each room there"
