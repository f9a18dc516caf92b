"""Static files as a plan serves them: hashed and compressed, built once for the same sources."""

import fcntl
import os
import sys
from pathlib import Path

from launch import common, testbed

KEPT = 3


def static() -> dict[str, str]:
    """Build them where `portals.settings.dev` and production look, and return what tells them where that is.

    Each state of the sources has a folder of its own: a server reads its folder at its start, and another process may
    find newer sources meanwhile.
    """
    sources = sorted(path for path in (common.ROOT / "static").rglob("*") if path.is_file())
    digest = common.digest(*(str(path.relative_to(common.ROOT)) for path in sources), *sources)
    folder = testbed.FOLDER / "built" / digest[:12]
    environ = {"PLAN_VAR_DIR": str(folder), "PLAN_KEYS_DIR": str(testbed.FOLDER / "keys")}
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stamp = common.Stamp(folder / "done", digest)
        if not stamp.holds():
            command = [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity", "0", "--clear"]
            settings = {"DJANGO_SETTINGS_MODULE": "portals.settings.dev"}
            everything = {**os.environ, **testbed.environment(), **environ, **settings}
            common.run(command, "Building static files", env=everything)
            stamp.set()
            common.unlink_all(sorted(folder.parent.glob("?" * 12), key=_age)[KEPT:])
    return environ


def _age(folder: Path) -> float:
    return -folder.stat().st_mtime
