"""System libraries that no wheel brings: looked for first, installed through apt where that is possible."""

import ctypes
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from launch import steps
from launch.common import say, step

# The headless shell first, and always where apt has it: the same browser, four fifths of the processor's time.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
PROGRAMS = {
    "chromium-headless-shell": BROWSERS[:1] if shutil.which("apt-get") else BROWSERS,
    "poppler-utils": ("pdftotext",),
}
FONT_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".fonts")


def browser() -> str | None:
    """The program that the journeys drive."""
    return next((found for name in BROWSERS if (found := shutil.which(name))), None)


def missing(wanted: Sequence[str]) -> list[str]:
    """Names of Debian packages whose library, program or font is not here."""
    return [name for name in wanted if not _present(name)]


def _present(name: str) -> bool:
    if name in PROGRAMS:
        return any(shutil.which(program) for program in PROGRAMS[name])
    if name.startswith("fonts-"):
        return any(next(folder.rglob("*.?tf"), None) for folder in FONT_FOLDERS if folder.is_dir())
    try:
        ctypes.CDLL(steps.LIBRARIES[name])
    except OSError:
        return False
    return True


def command(wanted: Sequence[str]) -> str:
    """What a person types to get the packages."""
    if shutil.which("apt-get"):
        sudo = "" if os.geteuid() == 0 else "sudo "
        return f"{sudo}apt-get install -y --no-install-recommends {' '.join(wanted)}"
    return f"install with this system's package manager what Debian calls: {' '.join(wanted)}"


def ensure(wanted: Sequence[str], purpose: str) -> None:
    """Install what is missing; where that cannot be done, say the one command and go on."""
    absent = missing(wanted)
    if absent and not install(absent, purpose):
        say(f"  Missing for {purpose}. The rest works without; to add it, type once:")
        say(f"    {command(absent)}")


def install(wanted: Sequence[str], purpose: str) -> bool:
    """Through apt, as root or by sudo without a question. True when everything is there afterwards."""
    if not shutil.which("apt-get"):
        return False
    prefix: list[str] = []
    if os.geteuid() != 0:
        if not shutil.which("sudo") or _call(["sudo", "-n", "true"]) != 0:
            return False
        prefix = ["sudo", "-n"]
    step(f"System packages for {purpose}: {' '.join(wanted)} ...")
    options = ["-y", "-q", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=120"]
    get = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]
    if _call([*get, "install", *options, *wanted]) == 0:
        return True
    return _call([*get, "update", "-q"]) == 0 and _call([*get, "install", *options, *wanted]) == 0


def _call(arguments: list[str]) -> int:
    return subprocess.run(arguments, stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode
