"""What must hold, in three tiers.

`make quick`: static checks, the house tests, and the tests of what changed and of what imports it. `make test`:
everything; `.ci/run` calls it. `make deep`: everything with nothing taken on trust: each page looked at anew, ten times
the examples, tests in another order, the site started twice. Before a piece of work is called done.
"""

import contextlib
import io
import os
import shlex
import subprocess
import sys
import threading
import time
from enum import Enum
from pathlib import Path

from launch import assets, catalogues, changed, packages, postgres, steps, testbed
from launch.common import ROOT, LaunchError, say

# A worker is handed two tests at a time: a longer list would hold a minute's test back behind another one.
FEW_AT_A_TIME = ("--maxschedchunk", "2")
NO_TESTS = 5  # pytest's exit code where nothing was chosen


class Tier(Enum):
    QUICK = "quick"
    TEST = "test"
    DEEP = "deep"


def apps() -> tuple[str, ...]:
    """The project's own apps: a new one is checked from its first file on."""
    return tuple(sorted(path.parent.name for path in ROOT.glob("*/apps.py")))


def run(tier: Tier) -> int:
    """Every step of a tier; the exit code is 0 only when all of them passed."""
    began = time.monotonic()
    packages.ensure(steps.RUN_PACKAGES + steps.TEST_PACKAGES, "PDF pages and browser journeys")
    assets.ensure()
    catalogues.ensure()
    if tier is Tier.DEEP:
        os.environ.update(DEEP)
    failed = []
    lease = testbed.Lease()
    static = _Beside(_static_checks())
    try:
        _heading("Test database")
        try:
            testbed.template(lease)
        except LaunchError as error:
            say(str(error))
            failed.append("Test database")
        if _step("Migrations", [sys.executable, "manage.py", "makemigrations", "--check", "--dry-run"]) != 0:
            failed.append("Migrations")
        failed += _tests(tier)
        failed = static.end() + failed
    finally:
        lease.release()
    took = f"{time.monotonic() - began:.0f} s"
    if failed:
        print(f"FAILED after {took}: {', '.join(failed)}", file=sys.stderr, flush=True)
        return 1
    print(f"Everything passed in {took}.", file=sys.stderr, flush=True)
    return 0


DEEP = {"LOOK": "all", "PLAN_TEST_DEEP": "1"}


def _tests(tier: Tier) -> list[str]:
    """What failed. Journeys come after the rest, in a call of their own, so that no site runs beside the others."""
    promises = testbed.FOLDER / "promises.json"  # each call of pytest adds to it, and the last one shows the table
    promises.unlink(missing_ok=True)
    pytest = [sys.executable, "-m", "pytest", "-n", os.environ.get("WORKERS", "2"), *FEW_AT_A_TIME]
    given = shlex.split(os.environ.get("ARGS", ""))
    if tier is Tier.QUICK:
        chosen = changed.tests(changed.files(), apps())
        code = _step("Tests", [*pytest, "-m", "not journey", *given, *chosen])
        return ["Tests"] if code != 0 else []
    pytest.append(f"--promises={promises}")
    codes = {
        "Tests": _step("Tests", [*pytest, "-m", "not journey", *given]),
        "Journeys": _step("Journeys", [*pytest, "-m", "journey", "--promises-table", *given]),
    }
    if set(codes.values()) == {NO_TESTS}:
        return ["Tests (none was chosen)"]
    return [title for title, code in codes.items() if code not in (0, NO_TESTS)]


class _Beside:
    """Static checks, one after the other beside what else goes on; what they print is shown at the end."""

    def __init__(self, checks: list[tuple[str, list[str]]]) -> None:
        self._checks = checks
        self._said = io.StringIO()
        self._failed: list[str] = []
        self._thread = threading.Thread(target=self._run, name="static checks")
        self._thread.start()

    def _run(self) -> None:
        for title, command in self._checks:
            began = time.monotonic()
            done = subprocess.run(
                command, cwd=ROOT, env=_environ(), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
            )
            if done.returncode != 0:
                self._failed.append(title)
            state = "ok" if done.returncode == 0 else "FAILED"
            self._said.write(f"{_rule(title)}\n{done.stdout}{done.stderr}{state} ({time.monotonic() - began:.1f} s)\n")
            if done.returncode != 0:
                with contextlib.suppress(OSError):
                    say(f"{title} FAILED; what it says comes at the end.")

    def end(self) -> list[str]:
        """Waits, prints, and answers what failed. On the standard error: pytest's closing line stays the last."""
        self._thread.join()
        print(self._said.getvalue(), file=sys.stderr, flush=True)
        return self._failed


def _static_checks() -> list[tuple[str, list[str]]]:
    module = [sys.executable, "-m"]
    folders = [*apps(), "launch"]
    return [
        ("Lint", [*module, "ruff", "check", "."]),
        ("Format", [*module, "ruff", "format", "--check", "."]),
        ("Templates", [str(Path(sys.executable).with_name("djangofmt")), "--check", "templates"]),
        ("Types", [*module, "mypy", *folders]),
        ("Import contracts", [str(Path(sys.executable).with_name("python")), "-c", LINT_IMPORTS]),
    ]


LINT_IMPORTS = "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"


def _rule(title: str) -> str:
    return f"\n--- {title} " + "-" * (70 - len(title))


def _heading(title: str) -> None:
    say(_rule(title))


def _environ() -> dict[str, str]:
    return {**os.environ, **testbed.environment(postgres.MAINTENANCE)}


def _step(title: str, command: list[str]) -> int:
    _heading(title)
    began = time.monotonic()
    code = subprocess.run(command, cwd=ROOT, env=_environ(), stdin=subprocess.DEVNULL, check=False).returncode
    if title not in ("Tests", "Journeys"):  # pytest's own closing line is the last
        say(f"{'ok' if code == 0 else 'FAILED'} ({time.monotonic() - began:.1f} s)")
    return code
