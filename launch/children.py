"""Start a process so that it is ours to stop: a session of its own, and gone when its starter is gone."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from launch.common import ROOT

LOG_KEEP_BYTES = 10_000_000
_PR_SET_PDEATHSIG = 1


def die_with_parent(signal_number: int) -> Callable[[], None] | None:
    """What runs in the child before exec so that the kernel signals it when the parent dies (Linux)."""
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None, use_errno=True)
    parent = os.getpid()

    def in_child() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, signal_number)
        if os.getppid() != parent:  # the parent died in between
            os._exit(1)

    return in_child


def spawn(
    command: Sequence[str | Path],
    log: Path,
    *,
    env: Mapping[str, str] | None = None,
    bound: bool = True,
    parent_death: int = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Start a process in its own session with its output appended to `log`.

    With `bound` the kernel sends `parent_death` to it when the starting process dies, however it dies.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > LOG_KEEP_BYTES:
        log.replace(log.with_suffix(".old"))
    with log.open("ab") as output:
        os.fchmod(output.fileno(), 0o600)
        return subprocess.Popen(
            [str(part) for part in command],
            cwd=ROOT,
            env=dict(env) if env is not None else None,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=die_with_parent(parent_death) if bound else None,
        )


def stop(process: subprocess.Popen[bytes], signal_number: int | None = signal.SIGTERM, seconds: float = 20) -> bool:
    """Ask a process to end (None: it was asked already), then kill its whole session. True when it ended by itself."""
    ended = True
    if process.poll() is None:
        if signal_number is not None:
            process.send_signal(signal_number)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            ended = False
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)  # what it left behind
    process.wait()
    return ended
