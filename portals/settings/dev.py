"""What `make run` uses: the demo plan on this machine."""

from portals.settings.base import *  # noqa: F403 - settings modules are built by inclusion

DEMO = True
ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
CSRF_TRUSTED_ORIGINS = ["http://localhost", "http://127.0.0.1"]
