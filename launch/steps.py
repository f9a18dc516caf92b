"""What `make run`, `make test` and docker-compose.yml have in common, said once.

tests/launch/test_compose.py holds the Dockerfile and the compose file to these values.
"""

import sys
from collections.abc import Sequence

POSTGRES_MAJOR = 18

# PostgreSQL inlines parameters into the statements it logs, and the first line of an error may quote a value: with
# these, no statement, no key value and no refused value reaches its log. The site's own log says which error it was.
POSTGRES_SETTINGS = {
    "timezone": "UTC",
    "log_timezone": "UTC",
    "password_encryption": "scram-sha-256",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_min_messages": "log",
    "log_lock_waits": "off",
    "idle_in_transaction_session_timeout": "10min",
    "max_prepared_transactions": "0",
}
POSTGRES_LOCALE = ("--locale-provider=builtin", "--locale=C.UTF-8", "--encoding=UTF8")

# No eviction: the broker holds hints of work, never a cache that may forget.
VALKEY_SETTINGS = {"appendonly": "yes", "appendfsync": "everysec", "maxmemory-policy": "noeviction", "save": ""}

# Debian's names of the shared libraries that WeasyPrint opens, and the font it falls back to.
LIBRARIES = {
    "libpango-1.0-0": "libpango-1.0.so.0",
    "libpangoft2-1.0-0": "libpangoft2-1.0.so.0",
    "libharfbuzz0b": "libharfbuzz.so.0",
    "libharfbuzz-subset0": "libharfbuzz-subset.so.0",
    "libfontconfig1": "libfontconfig.so.1",
}
RUN_PACKAGES = (*LIBRARIES, "fonts-dejavu-core")
TEST_PACKAGES = ("chromium-headless-shell", "poppler-utils")

QUEUES = ("quick", "bulk")
WEB_COMMAND = (
    "gunicorn",
    "portals.wsgi:application",
    "--worker-class",
    "gthread",
    "--threads",
    "4",
    "--no-control-socket",
)
WEB_PROCESSES = 2
WORKER_OPTIONS = ("--loglevel", "INFO", "--without-mingle", "--without-gossip")
BEAT_COMMAND = ("celery", "-A", "portals", "beat", "--loglevel", "INFO")
# Before the processes, in this order, through manage.py, with what a person reads meanwhile.
DEMO_STEP = "load_demo"  # never where a plan runs it for real
MANAGE_STEPS = {
    "migrate": "Tables",
    "ensure_partitions": "Partitions",
    "collectstatic": "Static files",
    DEMO_STEP: "Demo plan",
}
PIP_OPTIONS = ("--require-hashes", "--no-deps", "--only-binary", ":all:")


def program(command: Sequence[str]) -> list[str]:
    """A command of the virtual environment; as a module, since scripts break when a clone is moved."""
    return [sys.executable, "-m", *command]


def worker_command(queue: str) -> tuple[str, ...]:
    """The worker of one queue: each queue has its own, or a bill run would starve mail and the audit seal."""
    return ("celery", "-A", "portals", "worker", "-Q", queue, "-c", "1", "-n", f"{queue}@%h", *WORKER_OPTIONS)
