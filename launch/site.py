"""`make run`: servers, schema, demo plan, processes; one ready screen; an orderly end."""

import contextlib
import fcntl
import functools
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import TextIO

from launch import assets, catalogues, children, common, packages, postgres, steps, valkey
from launch.common import ROOT, LaunchError, Stamp, digest, need_space, say, step, unlink_all, var_dir

RESTARTS = 3  # of one process, each within QUICK_END seconds of its start, before the site gives up
QUICK_END = 10
DATA_PARTS = ("pg", "valkey", "keys", "logs", "static", "stamps", "beat", "checkpoints")


class Stopped(Exception):
    """Somebody asked the site to end."""


@dataclass
class Child:
    """A running process and how to end it."""

    name: str
    kind: str  # children of one kind are stopped together
    start: Callable[[], subprocess.Popen[bytes]]
    essential: bool = False  # the site cannot go on without it
    stop_signal: int = signal.SIGTERM
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    quick_ends: int = 0
    asked: bool = False

    def begin(self) -> None:
        self.asked = False
        self.started = time.monotonic()
        self.process = self.start()

    def ask(self) -> None:
        """Ask it to end, once: a second TERM would make a Celery worker drop what it works on."""
        if self.process is not None and self.process.poll() is None and not self.asked:
            self.process.send_signal(self.stop_signal)
        self.asked = True


@dataclass
class Supervisor:
    """Starts in order, watches, restarts what may be restarted, stops in the opposite order."""

    children: list[Child] = field(default_factory=list)

    def add(self, child: Child) -> None:
        self.children.append(child)
        child.begin()

    def watch(self) -> None:
        """Return never by itself: `Stopped` ends it, or `LaunchError` when the site cannot go on."""
        while True:
            self.look()
            time.sleep(0.5)

    def look(self) -> None:
        """Deal with what has ended since the last look."""
        for child in self.children:
            if child.process is not None and child.process.poll() is not None:
                self._ended(child)

    def _ended(self, child: Child) -> None:
        assert child.process is not None
        log = var_dir() / "logs" / f"{child.name}.log"
        children.stop(child.process)  # its own children, if it left any
        if common.disk_was_full(log):
            raise LaunchError(f"{child.name} ended because the disk is full.")
        if child.essential:
            raise LaunchError(f"{child.name} ended by itself (exit code {child.process.returncode}); see {log}")
        child.quick_ends = child.quick_ends + 1 if time.monotonic() - child.started < QUICK_END else 1
        if child.quick_ends > RESTARTS:
            raise LaunchError(f"{child.name} ends as soon as it starts; see {log}")
        say(f"  {child.name} ended (exit code {child.process.returncode}); starting it again")
        child.begin()

    def stop(self) -> None:
        for child in reversed(self.children):
            if child.process is None:
                continue
            step(f"Stopping {child.name} ...")
            for other in self.children:  # both workers finish their tasks at the same time
                if other.kind == child.kind:
                    other.ask()
            if not children.stop(child.process, None, seconds=20):
                step(f"  {child.name} did not end within 20 seconds and was killed; the next start takes up its work")


def run() -> int:
    var = var_dir()
    os.umask(0o077)  # data, keys and logs are for their owner alone
    var.mkdir(parents=True, exist_ok=True)
    with _only_one(var), _signals():
        supervisor = Supervisor()
        code = 0
        try:
            _start(supervisor, var)
            supervisor.watch()
        except (Stopped, KeyboardInterrupt):
            say()
        except LaunchError as error:
            code = 1
            print(f"\nStopped: {error}", file=sys.stderr, flush=True)
        finally:
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)  # an impatient second Ctrl-C must not lose queued work
            supervisor.stop()
            with contextlib.suppress(OSError):
                postgres.socket_folder(var / "pg").rmdir()
        if supervisor.children:
            say("Stopped. Nothing of it runs any more; the data stays for the next start.")
        return code


@contextlib.contextmanager
def _only_one(var: Path) -> Iterator[None]:
    """One site a folder of data. The lock is the kernel's, so a killed launcher leaves none behind."""
    lock: TextIO
    with (var / "run.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            raise LaunchError(
                f"The site already runs on the data under {var} (process {lock.read().strip()})."
            ) from error
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


@contextlib.contextmanager
def _signals() -> Iterator[None]:
    def asked(number: int, frame: FrameType | None) -> None:
        raise Stopped

    before = {number: signal.signal(number, asked) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def find_port() -> int:
    text = os.environ.get("PORT") or "8000"
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise LaunchError(f"PORT={text} is not a port number.")
    port = int(text)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError as error:
            raise LaunchError(f"Port {port} is only for root. Choose another: make run PORT=8001") from error
        except OSError as error:
            raise LaunchError(f"Port {port} is taken by another program. Choose another: make run PORT=8001") from error
    return port


def _start(supervisor: Supervisor, var: Path) -> None:
    began = time.monotonic()
    say("Front house: starting")
    port = find_port()
    need_space(var, 300)
    packages.ensure(steps.RUN_PACKAGES, "PDF pages")
    assets.ensure()
    catalogues.ensure()
    environ = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "portals.settings.dev",
        "PLAN_VAR_DIR": str(var),
        "PLAN_SITE_URL": f"http://localhost:{port}",
        "PLAN_CHECKPOINT_DIR": os.environ.get("PLAN_CHECKPOINT_DIR") or str(var / "checkpoints"),
    }
    environ.update(_database(supervisor, var))
    environ["REDIS_URL"] = os.environ.get("REDIS_URL") or _valkey(supervisor, var)
    _keep(var, environ)
    commands = _manage_commands(environ)
    _prepare(var, environ, commands)
    _processes(supervisor, var, environ, port)
    _wait(supervisor, environ["PLAN_SITE_URL"], var)
    _ready_screen(var, environ, commands, time.monotonic() - began)


def _database(supervisor: Supervisor, var: Path) -> dict[str, str]:
    """The two addresses that settings read; starts the embedded server unless one is given."""
    given = os.environ.get("DATABASE_URL")
    if given and os.environ.get("DATABASE_OWNER_URL"):
        return {}
    if given:
        step("Database of DATABASE_URL ...")
        return _given_database(var, given)
    step("PostgreSQL ...")
    cluster = postgres.Cluster(var / "pg", var / "logs" / "postgresql.log")
    supervisor.add(Child("postgresql", "database", cluster.start, essential=True, stop_signal=signal.SIGINT))
    stamp = Stamp(cluster.home / "provisioned", digest(Path(postgres.__file__)))
    if not stamp.holds():
        postgres.provision(cluster.url("postgres", "postgres"), postgres.DATABASE, cluster.passwords)
        stamp.set()
    return {"DATABASE_URL": cluster.url("plan_app"), "DATABASE_OWNER_URL": cluster.url("plan_owner")}


def _given_database(var: Path, given: str) -> dict[str, str]:
    import psycopg2

    passwords = postgres.passwords(var / "pg")
    given = given.replace("postgres://", "postgresql://", 1)
    try:
        database = postgres.provision_given(given, passwords)
    except psycopg2.OperationalError as error:
        raise LaunchError(f"The database of DATABASE_URL does not answer: {str(error).strip()}") from error
    addresses = {
        "DATABASE_URL": postgres.as_role(given, "plan_app", passwords["plan_app"], database),
        "DATABASE_OWNER_URL": postgres.as_role(given, "plan_owner", passwords["plan_owner"], database),
    }
    _warn_of_logs(addresses["DATABASE_URL"])
    return addresses


def _warn_of_logs(address: str) -> None:
    wanted = {
        name: value for name, value in steps.POSTGRES_SETTINGS.items() if name.startswith(("log_min_", "log_error_"))
    }
    with postgres.session(address) as session, session.cursor() as cursor:
        cursor.execute("SELECT name, setting FROM pg_settings WHERE name = ANY(%s)", [list(wanted)])
        if dict(cursor.fetchall()) != wanted:
            step("Notice: that server may write people's data into its log when a statement fails. Set there:")
            step("  " + ", ".join(f"{name} = {value}" for name, value in wanted.items()))


def _valkey(supervisor: Supervisor, var: Path) -> str:
    step("Valkey ...")
    unix_socket = postgres.socket_folder(var / "pg") / "valkey.sock"
    start = functools.partial(valkey.start, unix_socket, var / "valkey", var / "logs" / "valkey.log")
    supervisor.add(Child("valkey", "broker", start, essential=True))
    return valkey.url(unix_socket)


def _keep(var: Path, environ: dict[str, str]) -> None:
    """The running site's addresses, so that `manage.py` in another window reaches it; readable by the owner alone."""
    path = var / "environment.json"
    path.touch(mode=0o600)
    path.chmod(0o600)
    names = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "PLAN_SITE_URL", "PLAN_VAR_DIR")
    path.write_text(json.dumps({name: environ[name] for name in names if name in environ}))


def _manage_commands(environ: dict[str, str]) -> set[str]:
    """Which of our commands exist, without starting Django."""
    return {path.stem for path in ROOT.glob("*/management/commands/*.py")}


def _prepare(var: Path, environ: dict[str, str], commands: set[str]) -> None:
    """Schema, static files and demo plan; each only when what it depends on changed."""
    sources = sorted(path for app in ROOT.glob("*/apps.py") for path in app.parent.rglob("*.*") if path.is_file())
    code = digest(*(path for path in sources if path.suffix in {".py", ".sql", ".toml", ".json", ".csv"}))
    static = digest(*sorted(path for path in (ROOT / "static").rglob("*") if path.is_file()))
    embedded = not os.environ.get("DATABASE_URL")
    inputs = {"collectstatic": code + static, "ensure_partitions": code + time.strftime("%Y-%m")}
    for name, title in steps.MANAGE_STEPS.items():
        if name not in {"migrate", "collectstatic"} and name not in commands:
            step(f"{title}: manage.py has no command {name}; going on without.")
            continue
        folder = var / "stamps" if name == "collectstatic" else var / "pg"
        stamp = Stamp(folder / f"done-{name}", inputs.get(name, code))
        if stamp.holds() and (embedded or name == "collectstatic"):
            continue
        step(f"{title} ...")
        options = {"migrate": ["--verbosity", "0"], "collectstatic": ["--no-input", "--verbosity", "0", "--clear"]}
        command = [sys.executable, "manage.py", name, *options.get(name, [])]
        common.run(command, title, env=environ)
        stamp.set()


def _processes(supervisor: Supervisor, var: Path, environ: dict[str, str], port: int) -> None:
    web = [*steps.WEB_COMMAND, "--workers", str(steps.WEB_PROCESSES), "--bind", f"127.0.0.1:{port}"]
    beat_folder = var / "beat"
    beat_folder.mkdir(exist_ok=True)
    beat = [*steps.BEAT_COMMAND, "--schedule", str(beat_folder / "schedule"), "--pidfile", ""]
    step("Workers, web server and beat ...")
    named = {f"worker-{queue}": [*steps.worker_command(queue)] for queue in steps.QUEUES}
    for name, command in {**named, "web": web, "beat": beat}.items():
        log = var / "logs" / f"{name}.log"
        start = functools.partial(children.spawn, steps.program(command), log, env=environ)
        supervisor.add(Child(name, name.split("-")[0], start))


def _wait(supervisor: Supervisor, address: str, var: Path) -> None:
    web = next(child for child in supervisor.children if child.name == "web")
    end = time.monotonic() + 90
    while time.monotonic() < end:
        assert web.process is not None
        if web.process.poll() is not None:
            break
        try:
            urllib.request.urlopen(address, timeout=60).close()  # noqa: S310 - our own address
        except urllib.error.HTTPError as error:
            error.close()
            if error.code < 500:
                return
            raise LaunchError(
                f"The site answers with an error ({error.code}); see {var / 'logs' / 'web.log'}"
            ) from error
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise LaunchError(f"The web server does not answer; see {var / 'logs' / 'web.log'}")


def _ready_screen(var: Path, environ: dict[str, str], commands: set[str], seconds: float) -> None:
    address = environ["PLAN_SITE_URL"]
    accounts = ""
    if "demo_accounts" in commands:
        accounts = common.run([sys.executable, "manage.py", "demo_accounts"], "Reading the demo accounts", env=environ)
    say()
    say("=" * 78)
    say(f"Ready after {seconds:.0f} seconds:  {address}")
    say("=" * 78)
    if accounts:
        say("Who can sign in (demo only):")
        for line in accounts.rstrip().splitlines():
            say(f"  {line}")
    say(f"Mail of the demo   {address}/demo/mailbox/  (the codes of the second step arrive there)")
    database = postgres.Cluster(var / "pg", var / "logs" / "postgresql.log").data
    if os.environ.get("DATABASE_URL"):
        place = "  (database: the one of DATABASE_URL)"
    else:
        place = "" if database.is_relative_to(var) else f"  (database: {database})"
    say(f"Data               {var}{place}")
    say(f"Logs               {var / 'logs'}")
    if packages.missing(steps.RUN_PACKAGES):
        say(f"PDF pages need     {packages.command(packages.missing(steps.RUN_PACKAGES))}")
    say("Start over         make clean-data && make run")
    say("Stop               Ctrl-C")
    say("=" * 78)


def clean_data() -> int:
    """Remove the demo's data, keys and logs; never while the site runs."""
    var = var_dir()
    if not var.exists():
        say("There is no data.")
        return 0
    with _only_one(var):
        cluster = postgres.Cluster(var / "pg", var / "logs" / "postgresql.log")
        cluster.stop()
        if cluster.data.parent != cluster.home:
            unlink_all([path for path in (cluster.data, cluster.data.parent) if path.exists()])
        unlink_all([var / part for part in DATA_PARTS if (var / part).exists()])
        shutil.rmtree(cluster.sockets, ignore_errors=True)
    say(f"Removed the data under {var}. The next `make run` starts afresh.")
    return 0
