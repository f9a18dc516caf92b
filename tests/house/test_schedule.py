"""What runs by the clock is there to be run: a task that no module registers would be dropped without an error."""

import ast
from pathlib import Path

import pytest
from django.conf import settings

from portals.celery import app


@pytest.fixture(scope="module", autouse=True)
def _every_task_is_found() -> None:
    app.loader.import_default_modules()


@pytest.mark.parametrize("entry", sorted(app.conf.beat_schedule))
def test_every_entry_of_the_schedule_is_a_registered_task(entry: str) -> None:
    assert app.conf.beat_schedule[entry]["task"] in app.tasks


def test_every_room_with_tasks_is_looked_into() -> None:
    written = {name for path in Path(settings.ROOT).glob("*/**/tasks.py") for name in _tasks(path)}
    assert written, "no tasks found"
    assert written - set(app.tasks) == set()


def _tasks(path: Path) -> set[str]:
    root = Path(settings.ROOT)
    if path.relative_to(root).parts[0].startswith((".", "tests", "var")):
        return set()
    module = ".".join(path.relative_to(root).with_suffix("").parts)
    found = set()
    for node in ast.parse(path.read_text()).body:
        if not isinstance(node, ast.FunctionDef):
            continue
        for decorator in node.decorator_list:
            named = decorator.keywords if isinstance(decorator, ast.Call) else []
            given = next((word.value for word in named if word.arg == "name"), None)
            if isinstance(given, ast.Constant):
                found.add(str(given.value))
            elif given is None and "shared_task" in ast.unparse(decorator):
                found.add(f"{module}.{node.name}")
    return found
