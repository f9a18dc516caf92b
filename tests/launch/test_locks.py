"""The locks: every file with its hash, no address of an index, nothing older than what pyproject.toml asks for."""

import json
import re
import tomllib

import pytest

from launch.common import ROOT

LOCKS = sorted((ROOT / "requirements").glob("*.txt"))


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_every_pinned_package_has_hashes_and_no_address(lock) -> None:
    text = lock.read_text()
    assert not re.search(r"https?:|file:|--index-url|--extra-index|--find-links", text)
    entries = re.split(r"\n(?=[a-zA-Z0-9])", "\n".join(line for line in text.splitlines() if not line.startswith("#")))
    assert entries
    for entry in entries:
        assert re.match(r"[A-Za-z0-9._-]+(\[\w+\])?==\S+", entry), entry
        assert "--hash=sha256:" in entry, entry.splitlines()[0]


def test_the_locks_hold_what_pyproject_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    for name, asked in (("run", extras["run"]), ("dev", extras["run"] + extras["dev"])):
        text = (ROOT / "requirements" / f"{name}.txt").read_text().lower()
        pins = set(re.findall(r"^([a-z0-9._-]+)(?:\[\w+\])?==(\S+)", text, re.MULTILINE))
        for requirement in project["dependencies"] + asked:
            package, version = re.sub(r"\[.*?\]", "", requirement).lower().split("==")
            assert (package, version) in pins, f"{requirement} is not in requirements/{name}.txt: make lock"


def test_the_front_end_lock_has_integrities_and_no_address() -> None:
    text = (ROOT / "package-lock.json").read_text()
    assert '"resolved"' not in text
    wanted = json.loads((ROOT / "package.json").read_text())["dependencies"]
    packages = json.loads(text)["packages"]
    for name, version in wanted.items():
        entry = packages[f"node_modules/{name}"]
        assert entry["version"] == version
        assert entry["integrity"].startswith("sha512-")
