"""`make test`: everything that must hold, each step with its time, pytest last. `make quick` leaves journeys out."""

import os
import shlex
import subprocess
import sys
import time
from pathlib import Path

from launch import assets, catalogues, packages, postgres, steps, testbed
from launch.common import ROOT, LaunchError, say

PACKAGES = ("audit", "portals", "billing", "members", "employers", "providers", "producers", "launch")
# A worker is handed two tests at a time: a longer list would hold a minute's test back behind another one.
FEW_AT_A_TIME = ("--maxschedchunk", "2")


def test(*, quick: bool) -> int:
    """Run every step; the exit code is 0 only when all of them passed."""
    began = time.monotonic()
    packages.ensure(steps.RUN_PACKAGES + steps.TEST_PACKAGES, "PDF pages and browser journeys")
    assets.ensure()
    catalogues.ensure()
    failed = []
    lease = testbed.Lease()
    try:
        for title, command in _static_checks():
            if _step(title, command) != 0:
                failed.append(title)
        _heading("Test database")
        try:
            testbed.template(lease)
        except LaunchError as error:
            say(str(error))
            failed.append("Test database")
        if _step("Migrations", [sys.executable, "manage.py", "makemigrations", "--check", "--dry-run"]) != 0:
            failed.append("Migrations")
        if failed:
            say(f"\nFAILED so far: {', '.join(failed)}")
        promises = testbed.FOLDER / "promises.json"  # each call of pytest adds to it, and the last one shows the table
        promises.unlink(missing_ok=True)
        workers = os.environ.get("WORKERS", "2")
        pytest = [sys.executable, "-m", "pytest", "-n", workers, *FEW_AT_A_TIME, f"--promises={promises}"]
        pytest.append("--promises-table")
        if quick:
            pytest += ["-m", "not journey"]
        if _step("Tests", [*pytest, *shlex.split(os.environ.get("ARGS", ""))]) != 0:
            failed.append("Tests")
    finally:
        lease.release()
    took = f"{time.monotonic() - began:.0f} s"
    if failed:
        print(f"FAILED after {took}: {', '.join(failed)}", file=sys.stderr, flush=True)
        return 1
    print(f"Everything passed in {took}.", file=sys.stderr, flush=True)
    return 0


def _static_checks() -> list[tuple[str, list[str]]]:
    module = [sys.executable, "-m"]
    folders = [name for name in PACKAGES if (ROOT / name).is_dir()]
    return [
        ("Lint", [*module, "ruff", "check", "."]),
        ("Format", [*module, "ruff", "format", "--check", "."]),
        ("Templates", [str(Path(sys.executable).with_name("djangofmt")), "--check", "templates"]),
        ("Types", [*module, "mypy", *folders]),
        ("Import contracts", [str(Path(sys.executable).with_name("python")), "-c", LINT_IMPORTS]),
    ]


LINT_IMPORTS = "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"


def _heading(title: str) -> None:
    say(f"\n--- {title} " + "-" * (70 - len(title)))


def _step(title: str, command: list[str]) -> int:
    _heading(title)
    began = time.monotonic()
    environ = {**os.environ, **testbed.environment(postgres.MAINTENANCE)}
    code = subprocess.run(command, cwd=ROOT, env=environ, stdin=subprocess.DEVNULL, check=False).returncode
    if title != "Tests":  # pytest's own closing line is the last
        say(f"{'ok' if code == 0 else 'FAILED'} ({time.monotonic() - began:.1f} s)")
    return code
