"""Servers for the tests, apart from `make run`'s: one throw-away cluster a checkout, one database a test process.

Nothing is ever flushed or truncated (the audit ledger would refuse): every pytest process gets a clone of a migrated
template and drops it at its end. The cluster stops with its last user; a next run starts it again in a moment.
"""

import contextlib
import datetime as dt
import fcntl
import functools
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from launch import children, postgres, steps, valkey
from launch.common import ROOT, LaunchError, digest, run, tail, unlink_all, var_dir

FOLDER = Path(os.environ.setdefault("PLAN_TEST_DIR", str(var_dir() / "test")))
LOGS = FOLDER / "logs"
TEMPLATES_KEPT = 3
LOGS_KEPT = 10
# Work of this pytest run is named by its first process; xdist's workers inherit it.
RUN = os.environ.setdefault("PLAN_TEST_RUN", str(os.getpid()))
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
NAME = f"t_{RUN}_{WORKER}"
SITE_NAME = f"{NAME}_site"


@functools.cache
def cluster() -> postgres.Cluster:
    return postgres.Cluster(FOLDER / "pg", LOGS / "postgresql.log", testing=True)


def valkey_socket() -> Path:
    return cluster().sockets / f"{NAME}.sock"


@functools.cache
def site_port() -> int:
    """A free port, chosen once: settings need the site's address before the site stands."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def environment(database: str = NAME) -> dict[str, str]:
    """What settings read. Made without starting anything."""
    return {
        "DJANGO_SETTINGS_MODULE": "portals.settings.test",
        "PLAN_VAR_DIR": str(FOLDER),
        "PLAN_SITE_URL": f"http://localhost:{site_port()}",
        "DATABASE_URL": cluster().url("plan_app", database),
        "DATABASE_OWNER_URL": cluster().url("plan_owner", database),
        "REDIS_URL": valkey.url(valkey_socket()),
    }


class Lease:
    """Holds the test cluster for as long as this process uses it; the last holder stops it."""

    def __init__(self) -> None:
        FOLDER.mkdir(parents=True, exist_ok=True)
        self._users: TextIO = (FOLDER / "users.lock").open("w")
        with _locked("start"):
            fcntl.flock(self._users, fcntl.LOCK_SH)
            if not cluster().answers():
                run([sys.executable, "-m", "launch.testbed"], "Starting the test cluster", env=dict(os.environ))

    def release(self) -> None:
        with _locked("start"):
            try:
                fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                pass  # others still use it
            else:
                cluster().stop()
                with contextlib.suppress(OSError):
                    cluster().sockets.rmdir()
            self._users.close()


@contextlib.contextmanager
def _locked(name: str) -> Iterator[None]:
    with (FOLDER / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _admin(database: str = "postgres") -> str:
    return cluster().url("postgres", database)


def migrations_digest() -> str:
    """What the template depends on: migrations, the SQL they read or make, the owner's commands, pinned packages, and
    the month in which the ledger's partitions begin."""
    found: list[Path] = []
    for pattern in ("*/migrations/**/*.py", "*/migrations/**/*.sql", "*/sql/*.sql"):
        found += ROOT.glob(pattern)
    found += ROOT.glob("*/management/commands/ensure_partitions.py")
    found += [
        ROOT / "audit" / "history.py",
        ROOT / "portals" / "settings" / "base.py",
        ROOT / "requirements" / "run.txt",
    ]
    named = [part for path in sorted(found) for part in (str(path.relative_to(ROOT)), path)]
    return digest(postgres.SCHEMA_SQL, f"{dt.datetime.now(dt.UTC):%Y-%m}", *named)


def template(lease: Lease) -> str:
    """The name of the migrated template database; made when the migrations changed."""
    name = f"template_{migrations_digest()[:12]}"
    with _locked("template"), postgres.session(_admin()) as admin, admin.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE 'template\\_%'")
        existing = [row[0] for row in cursor.fetchall()]
        if name in existing:
            return name
        building = f"building_{os.getpid()}"
        cursor.execute(f"DROP DATABASE IF EXISTS {building} WITH (FORCE)")
        postgres.provision(_admin(), building, cluster().passwords)
        environ = {**os.environ, **environment(building)}
        run([sys.executable, "manage.py", "migrate", "--verbosity", "0"], "Migrating the test template", env=environ)
        if list(ROOT.glob("*/management/commands/ensure_partitions.py")):
            run(
                [sys.executable, "manage.py", "ensure_partitions"],
                "Making partitions in the test template",
                env=environ,
            )
        cursor.execute(f"ALTER DATABASE {building} RENAME TO {name}")
        cursor.execute(
            "SELECT datname FROM pg_database WHERE datname LIKE 'template\\_%%' AND datname <> %s"
            " AND datname NOT IN ('template0', 'template1') ORDER BY oid DESC OFFSET %s",
            [name, TEMPLATES_KEPT - 1],
        )
        for (old,) in cursor.fetchall():
            cursor.execute(f"DROP DATABASE IF EXISTS {old} WITH (FORCE)")
    return name


def clone(lease: Lease, database: str) -> None:
    """A fresh database with everything migrated."""
    name = template(lease)
    with _locked("sweep"), postgres.session(_admin()) as admin, admin.cursor() as cursor:
        _drop_abandoned(cursor)
        cursor.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {database} TEMPLATE {name} OWNER plan_owner")


def drop(database: str) -> None:
    with postgres.session(_admin()) as admin, admin.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")


def _drop_abandoned(cursor) -> None:  # type: ignore[no-untyped-def]  # psycopg2's cursor has no useful type here
    """Databases of runs that were killed, and logs of runs long ago."""
    for folder in (LOGS, FOLDER / "valkey"):
        old = sorted(folder.glob("t_*_*"), key=lambda path: path.stat().st_mtime)[:-LOGS_KEPT]
        unlink_all([path for path in old if not alive(int(path.name.split("_")[1]))])
    cursor.execute("SELECT datname FROM pg_database WHERE datname ~ '^(t|building)_[0-9]+'")
    for (database,) in cursor.fetchall():
        process_id = database.split("_")[1]
        if not alive(int(process_id)):
            cursor.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")


def alive(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def start_valkey() -> subprocess.Popen[bytes]:
    return valkey.start(valkey_socket(), FOLDER / "valkey" / NAME, LOGS / f"valkey-{WORKER}.log", durable=False)


class Site:
    """The real thing on a port: gunicorn and a Celery worker for both queues with beat, on a database of its own."""

    def __init__(self, lease: Lease) -> None:
        clone(lease, SITE_NAME)
        self.url = f"http://localhost:{site_port()}"
        self.logs = LOGS / NAME
        environ = {**os.environ, **environment(SITE_NAME)}
        environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)
        web = [*steps.WEB_COMMAND, "--workers", "1", "--bind", f"127.0.0.1:{site_port()}"]
        queues = ",".join(steps.QUEUES)
        worker = [
            "celery",
            "-A",
            "portals",
            "worker",
            "-Q",
            queues,
            "-c",
            "1",
            "-n",
            f"{NAME}@%h",
            *steps.WORKER_OPTIONS,
        ]
        beat = [*steps.BEAT_COMMAND, "--schedule", str(FOLDER / "valkey" / NAME / "beat"), "--pidfile", ""]
        self._processes = [
            children.spawn(steps.program(command), self.logs / f"{name}.log", env=environ)
            for name, command in (("web", web), ("worker", worker), ("beat", beat))
        ]
        self._wait()

    def _wait(self) -> None:
        end = time.monotonic() + 60
        while time.monotonic() < end:
            if self._processes[0].poll() is not None:
                break
            try:
                urllib.request.urlopen(f"{self.url}/", timeout=30).close()  # noqa: S310 - our own address
            except urllib.error.HTTPError as error:
                error.close()
                if error.code < 500:
                    return
                break
            except OSError:
                time.sleep(0.05)
            else:
                return
        said = tail((self.logs / "web.log").read_text(errors="replace"), 30)
        self.end()
        self.forget()
        raise LaunchError(f"The site of the journeys does not answer; its log ends with:\n{said}")

    def end(self) -> None:
        """Stop its processes; the database stays."""
        for process in self._processes:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in reversed(self._processes):
            children.stop(process, None, seconds=10)

    def forget(self) -> None:
        drop(SITE_NAME)


if __name__ == "__main__":  # a process of its own, so that the server is nobody's child and outlives who started it
    cluster().start(bound=False)
