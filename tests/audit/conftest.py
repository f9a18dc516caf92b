"""A server of its own for what must commit, seal and be tampered with.

The shared test cluster will not do: a transaction anywhere in a cluster holds all sealing back, and the other tests
keep theirs open. Only the ledger is migrated there, once; each test gets a clone.
"""

import contextlib
import dataclasses
import datetime as dt
import itertools
import json
import shutil
import signal
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg2
import psycopg2.extensions
import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from audit import verification
from launch import children, postgres, testbed

if TYPE_CHECKING:
    from pytest_django.plugin import DjangoDbBlocker

TEMPLATE = "ledger_template"
_numbers = itertools.count(1)


def today() -> dt.date:
    """The ledger's day (UTC), asked anew each time: a run may go on over the end of a month."""
    return dt.datetime.now(dt.UTC).date()


def month() -> str:
    """How the tables of this month end."""
    return f"{today():y%Ym%m}"


@dataclasses.dataclass
class Ledger:
    """A committed ledger that Django's connection points at as plan_app."""

    cluster: postgres.Cluster
    database: str
    folder: Path
    opened: list[psycopg2.extensions.connection] = dataclasses.field(default_factory=list)

    def connect(self, role: str) -> psycopg2.extensions.connection:
        """A second connection; `postgres` is the superuser."""
        other = psycopg2.connect(self.cluster.url(role, self.database))
        self.opened.append(other)
        return other

    def tamper(self, sql: str, *params: object) -> None:
        """What only a superuser can do, with the ledger's triggers out of the way, committed."""
        with self.connect("postgres") as admin, admin.cursor() as cursor:
            for table in self.tables(cursor):
                cursor.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER append_only')
            cursor.execute(sql, params)
            for table in self.tables(cursor):
                cursor.execute(f'ALTER TABLE "{table}" ENABLE ALWAYS TRIGGER append_only')

    @staticmethod
    def tables(cursor: psycopg2.extensions.cursor) -> list[str]:
        cursor.execute("SELECT relname FROM pg_class WHERE relname ~ '^audit_' AND relkind IN ('r', 'p')")
        return [row[0] for row in cursor.fetchall()]

    def verify(self, *options: str) -> tuple[int, verification.VerificationReport]:
        """The command's exit code and what it said."""
        out = StringIO()
        code = 0
        try:
            call_command("verify_audit", "--json", *options, stdout=out)
        except SystemExit as ending:
            code = int(str(ending.code))
        said = json.loads(out.getvalue())
        findings = [verification.Finding(**finding) for finding in said.pop("findings")]
        tail = said.pop("tail")
        return code, verification.VerificationReport(
            findings=findings, tail=tail and verification.Checkpoint(**tail), **said
        )


def point_at(cluster: postgres.Cluster, role: str, database: str) -> None:
    connection.close()
    connection.settings_dict.update(
        NAME=database, USER=role, PASSWORD=cluster.passwords[role], HOST=str(cluster.sockets), PORT=""
    )


@pytest.fixture(scope="session")
def ledger_cluster(django_db_blocker: "DjangoDbBlocker") -> Iterator[postgres.Cluster]:
    home = testbed.FOLDER / f"ledger-{testbed.NAME}"
    cluster = postgres.Cluster(home, testbed.LOGS / f"ledger-{testbed.WORKER}.log", testing=True)
    process = cluster.start()
    # Statistics are written in a transaction as well, which would hold back a seal whose rows a test counts.
    with postgres.session(cluster.url("postgres", "postgres")) as admin, admin.cursor() as cursor:
        cursor.execute("ALTER SYSTEM SET autovacuum = off")
        cursor.execute("SELECT pg_reload_conf()")
    migrate(cluster, TEMPLATE, django_db_blocker, apps={"audit"})
    yield cluster
    children.stop(process, signal.SIGINT)
    shutil.rmtree(home, ignore_errors=True)
    shutil.rmtree(cluster.sockets, ignore_errors=True)


def migrate(
    cluster: postgres.Cluster, template: str, blocker: "DjangoDbBlocker", *, apps: set[str] | None = None
) -> None:
    """Make a template with the tables of these apps, or of all."""
    postgres.provision(cluster.url("postgres", "postgres"), template, cluster.passwords)
    before = dict(connection.settings_dict)
    with blocker.unblock():
        point_at(cluster, "plan_owner", template)
        executor = MigrationExecutor(connection)
        leaves = executor.loader.graph.leaf_nodes()
        executor.migrate([key for key in leaves if apps is None or key[0] in apps])
        connection.close()
        connection.settings_dict.update(before)


@contextlib.contextmanager
def cloned(cluster: postgres.Cluster, template: str, blocker: "DjangoDbBlocker", folder: Path) -> Iterator[Ledger]:
    database = f"ledger_{next(_numbers)}"
    with postgres.session(cluster.url("postgres", "postgres")) as admin, admin.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {database} TEMPLATE {template} OWNER plan_owner")
    before = dict(connection.settings_dict)
    made = Ledger(cluster, database, folder)
    with blocker.unblock():
        point_at(cluster, "plan_app", database)
        yield made
        for other in made.opened:
            other.close()
        connection.close()
        connection.settings_dict.update(before)


@pytest.fixture
def ledger(ledger_cluster: postgres.Cluster, django_db_blocker: "DjangoDbBlocker", tmp_path: Path) -> Iterator[Ledger]:
    with cloned(ledger_cluster, TEMPLATE, django_db_blocker, tmp_path) as made:
        yield made


@pytest.fixture(scope="session")
def whole_template(ledger_cluster: postgres.Cluster, django_db_blocker: "DjangoDbBlocker") -> str:
    """Of every app's tables, for what the site does with its ledger."""
    migrate(ledger_cluster, f"{TEMPLATE}_whole", django_db_blocker)
    return f"{TEMPLATE}_whole"


@pytest.fixture
def site_ledger(
    ledger_cluster: postgres.Cluster, whole_template: str, django_db_blocker: "DjangoDbBlocker", tmp_path: Path
) -> Iterator[Ledger]:
    with cloned(ledger_cluster, whole_template, django_db_blocker, tmp_path) as made:
        yield made
