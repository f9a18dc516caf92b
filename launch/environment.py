"""The virtual environment from the hash locks, and being inside it. Runs on a bare Python."""

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from launch import packages, steps
from launch.common import ROOT, VENV, LaunchError, Stamp, digest, need_space, run, say, step, tail, unlink_all

REQUIREMENTS = ROOT / "requirements"
PYTHON = VENV / "bin" / "python"
UV = "uv==0.13.9"  # makes the locks; its format of markers and hashes is what the committed files have
# Each lock holds all that the ones after it hold.
CONTAINS = {"dev": ("dev", "run"), "run": ("run",)}


def ensure(kind: str) -> None:
    """Make `.venv` hold exactly the lock `kind` (run or dev), then go on inside it."""
    stamps = {name: _stamp(name) for name in CONTAINS[kind]}
    if not _usable():
        _create()
    if not stamps[kind].holds():
        _install(kind)
        for stamp in stamps.values():
            stamp.set()
    enter()


def enter() -> None:
    """Continue this command with the Python of `.venv`."""
    if Path(sys.prefix).resolve() == VENV.resolve():
        return
    if not PYTHON.exists():
        raise LaunchError("There is no .venv yet: `make run` makes it.")
    os.execv(PYTHON, [str(PYTHON), "-m", "launch", *sys.argv[1:]])


def _stamp(kind: str) -> Stamp:
    inputs = digest(REQUIREMENTS / f"{kind}.txt", f"{sys.version_info[0]}.{sys.version_info[1]}")
    return Stamp(VENV / f".stamp-{kind}", inputs)


def _usable() -> bool:
    """False for a `.venv` that is absent, half made, of another Python, or whose Python is gone."""
    wanted = f"{sys.version_info[0]}.{sys.version_info[1]}"
    probe = "import pip, sys; print('%d.%d' % sys.version_info[:2])"
    try:
        found = subprocess.run([str(PYTHON), "-c", probe], capture_output=True, text=True, check=False)
    except OSError:
        return False
    return found.returncode == 0 and found.stdout.strip() == wanted


def _create() -> None:
    step("Virtual environment ...")
    need_space(ROOT, 1500)
    if importlib.util.find_spec("ensurepip") is None or importlib.util.find_spec("venv") is None:
        packages.install(("python3-venv",), "Python's own venv module")
        if importlib.util.find_spec("ensurepip") is None:
            raise LaunchError(f"Python's venv module is missing. Type once: {packages.command(('python3-venv',))}")
    unlink_all([VENV])
    try:
        run([sys.executable, "-m", "venv", VENV], "Making the virtual environment")
    except LaunchError:
        unlink_all([VENV])
        raise


def _install(kind: str) -> None:
    """Everything is named with its hash in the lock, so pip resolves nothing and runs no package's build."""
    lock = REQUIREMENTS / f"{kind}.txt"
    total = sum(line[0].isalnum() for line in lock.read_text().splitlines() if line)
    need_space(ROOT, 1200)
    options = [*steps.PIP_OPTIONS, "--no-input", "--disable-pip-version-check"]
    command = [str(PYTHON), "-m", "pip", "install", *options, "--progress-bar", "off", "-r", str(lock)]
    environ = {**os.environ, "PYTHONUNBUFFERED": "1"}
    said: list[str] = []
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout
    done = 0
    with process, process.stdout:
        for line in process.stdout:
            said.append(line)
            if line.startswith(("Collecting ", "Requirement already satisfied")):
                done += 1
                _show_progress(f"  Python packages {done} of at most {total} ...", last=False)
            elif line.startswith("Installing collected"):
                _show_progress(f"  Python packages: installing {done} ...", last=True)
    if process.returncode != 0:
        text = "".join(said)
        if "No space left on device" in text:
            raise LaunchError("Installing the Python packages failed: the disk is full.")
        if "do not match the hashes" in text or "DO NOT MATCH THE HASHES" in text:
            raise LaunchError(
                f"A downloaded Python package is not the file that {lock.name} names; nothing was installed."
            )
        raise LaunchError(f"Downloading the Python packages failed. Is the network reachable? pip says:\n{tail(text)}")


def _show_progress(text: str, *, last: bool) -> None:
    if sys.stdout.isatty():
        print(f"\r{text}", end="\n" if last else "", flush=True)
    elif last:
        say(text)


def lock() -> None:
    """Write requirements/*.txt anew from pyproject.toml, without any index address."""
    with tempfile.TemporaryDirectory(prefix="front-house-uv-") as folder:
        if shutil.which("uv", path=str(VENV / "bin")):
            uv = [str(VENV / "bin" / "uv")]
        else:
            run([PYTHON, "-m", "pip", "install", "--quiet", "--target", folder, UV], "Fetching uv")
            uv = [str(Path(folder) / "bin" / "uv")]
        compile_ = [*uv, "pip", "compile", "--universal", "--generate-hashes", "--python-version", "3.11", "--quiet"]
        compile_ += ["--no-emit-index-url", "--no-emit-find-links"]
        environ = {**os.environ, "UV_CUSTOM_COMPILE_COMMAND": "make lock"}
        project = str(ROOT / "pyproject.toml")
        for kind, sources in (
            ("run", ["--extra", "run", "pyproject.toml"]),
            ("dev", ["--extra", "run", "--extra", "dev", "pyproject.toml"]),
            ("npm", ["requirements/npm.in"]),
            ("bench", ["--no-deps", "requirements/bench.in"]),
        ):
            step(f"requirements/{kind}.txt ...")
            run([*compile_, *sources, "-o", f"requirements/{kind}.txt"], f"Locking {project}", env=environ)
