"""What every step of the launcher shares: places, plain words on the terminal, stamps of what is already done.

Only the standard library: this runs before the virtual environment exists.
"""

import errno
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"


class LaunchError(Exception):
    """Something the person at the terminal must know: one clear sentence, shown without a traceback."""


def var_dir() -> Path:
    """The folder of all data of this checkout: `var/`, or `PLAN_VAR_DIR`."""
    return (ROOT / os.environ.get("PLAN_VAR_DIR", "var")).resolve()


def say(text: str = "") -> None:
    print(text, flush=True)


def step(text: str) -> None:
    say(f"  {text}")


def digest(*parts: str | bytes | Path) -> str:
    """SHA-256 over strings and the contents of files; a missing file counts as empty."""
    total = hashlib.sha256()
    for part in parts:
        if isinstance(part, Path):
            part = part.read_bytes() if part.is_file() else b""
        elif isinstance(part, str):
            part = part.encode()
        total.update(hashlib.sha256(part).digest())
    return total.hexdigest()


class Stamp:
    """Remembers under which inputs a step was last done, so that a second start can skip it."""

    def __init__(self, path: Path, inputs: str) -> None:
        self.path = path
        self.inputs = inputs

    def holds(self) -> bool:
        return self.path.is_file() and self.path.read_text() == self.inputs

    def set(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(self.inputs)


def tail(text: str, lines: int = 15) -> str:
    return "\n".join("    " + line for line in text.strip().splitlines()[-lines:])


def run(
    command: Sequence[str | Path],
    what: str,
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path = ROOT,
    show: bool = False,
) -> str:
    """Run a program to its end and return what it printed; `LaunchError` naming `what` if it fails.

    With `show` the output goes to the terminal instead and the result is empty.
    """
    try:
        done = subprocess.run(
            [str(part) for part in command],
            cwd=cwd,
            env=dict(env) if env is not None else None,
            stdin=subprocess.DEVNULL,
            stdout=None if show else subprocess.PIPE,
            stderr=None if show else subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
    except FileNotFoundError as error:
        raise LaunchError(f"{what} failed: the program {command[0]} is not installed.") from error
    output = done.stdout or ""
    if done.returncode != 0:
        if "No space left on device" in output:
            raise LaunchError(f"{what} failed: the disk is full.")
        raise LaunchError(f"{what} failed (exit code {done.returncode})." + (f"\n{tail(output)}" if output else ""))
    return output


def is_disk_full(error: OSError) -> bool:
    return error.errno in (errno.ENOSPC, errno.EDQUOT)


def disk_was_full(log: Path) -> bool:
    """Whether the last that a process said was that the disk is full."""
    with log.open("rb") as content:
        content.seek(max(0, log.stat().st_size - 4000))
        return b"No space left on device" in content.read()


def need_space(folder: Path, megabytes: int) -> None:
    """Say it before the disk is full, not in the middle of a write."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free // 1_000_000
    if free < megabytes:
        raise LaunchError(f"The disk under {folder} has {free} MB free; {megabytes} MB are needed.")


def unlink_all(paths: Iterable[Path]) -> None:
    for path in paths:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def fail(error: LaunchError) -> int:
    print(f"\nStopped: {error}", file=sys.stderr, flush=True)
    return 1
