"""Static files as a plan serves them: hashed and compressed, built once for the same sources."""

import fcntl
import os
import sys

from launch import common, testbed


def static() -> None:
    """Collect into the folder that `portals.settings.dev` and production read under PLAN_VAR_DIR of the tests."""
    with (testbed.FOLDER / "static.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        sources = sorted(path for path in (common.ROOT / "static").rglob("*") if path.is_file())
        names = (str(path.relative_to(common.ROOT)) for path in sources)
        stamp = common.Stamp(testbed.FOLDER / "static.stamp", common.digest(*names, *sources))
        if not stamp.holds():
            command = [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity", "0", "--clear"]
            environ = {**os.environ, **testbed.environment(), "DJANGO_SETTINGS_MODULE": "portals.settings.dev"}
            common.run(command, "Building static files", env=environ)
            stamp.set()
