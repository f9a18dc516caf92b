"""The servers as the launcher makes them: who may do what, what reaches the log, and the traps of a start."""

import os
import signal
import stat

import psycopg2
import pytest

from launch import children, postgres, steps, testbed


@pytest.fixture(scope="module")
def deep_cluster(tmp_path_factory):
    """A server of its own far below the length that a socket's path may have, beside a stale pid file."""
    home = tmp_path_factory.mktemp("deep") / ("x" * 60) / ("y" * 60) / "pg"
    cluster = postgres.Cluster(home, home.parent / "postgresql.log", testing=True)
    first = cluster.start()
    children.stop(first, signal.SIGINT)
    # what a killed server leaves, its number meanwhile given to a living stranger: this test
    (cluster.data / "postmaster.pid").write_text(f"{os.getpid()}\n{cluster.data}\n0\n5432\n{cluster.sockets}\n\n0 0\n")
    second = cluster.start()
    postgres.provision(cluster.url("postgres", postgres.MAINTENANCE), "plan", cluster.passwords)
    yield cluster
    children.stop(second, signal.SIGINT)
    cluster.sockets.rmdir()


def query(url: str, statement: str) -> list[tuple]:
    with postgres.session(url) as session, session.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


def test_a_stale_pid_file_and_a_deep_folder_do_not_stop_a_start(deep_cluster) -> None:
    assert query(deep_cluster.url("plan_app"), "SELECT current_user") == [("plan_app",)]


def test_sockets_data_and_passwords_are_for_their_owner_alone(deep_cluster) -> None:
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (deep_cluster.sockets, deep_cluster.data)}
    assert set(modes.values()) == {0o700}
    assert stat.S_IMODE((deep_cluster.home / "passwords.json").stat().st_mode) == 0o600


def test_a_wrong_password_is_refused_even_on_the_socket(deep_cluster) -> None:
    url = postgres.as_role(deep_cluster.url("plan_app"), "plan_app", "guessed", "plan")
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        query(url, "SELECT 1")


def test_the_application_role_owns_nothing_and_bypasses_nothing(deep_cluster) -> None:
    roles = query(
        deep_cluster.url("plan_owner"),
        "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolcanlogin FROM pg_roles"
        " WHERE rolname LIKE 'plan\\_%' ORDER BY 1",
    )
    assert roles == [
        ("plan_app", False, False, False, False, True),
        ("plan_bulk", False, True, False, False, False),
        ("plan_owner", False, False, False, False, True),
    ]
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        query(deep_cluster.url("plan_app"), "CREATE TABLE public.mine (id int)")


def test_bulk_work_takes_its_role_on_purpose_only(deep_cluster) -> None:
    with postgres.session(deep_cluster.url("plan_owner")) as owner, owner.cursor() as cursor:
        cursor.execute("CREATE TABLE kept (id int); INSERT INTO kept VALUES (1)")
        cursor.execute("ALTER TABLE kept ENABLE ROW LEVEL SECURITY")
    app = deep_cluster.url("plan_app")
    assert query(app, "SELECT count(*) FROM kept") == [(0,)]
    assert query(app, "SET ROLE plan_bulk; SELECT count(*) FROM kept") == [(1,)]


def test_a_failing_statement_leaves_no_value_in_the_log(deep_cluster) -> None:
    with postgres.session(deep_cluster.url("plan_owner")) as owner, owner.cursor() as cursor:
        cursor.execute("CREATE TABLE people (ssn text PRIMARY KEY)")
        cursor.execute("INSERT INTO people VALUES ('900-55-0101')")
        with pytest.raises(psycopg2.errors.UniqueViolation):
            cursor.execute("INSERT INTO people VALUES (%s)", ["900-55-0101"])
        with pytest.raises(psycopg2.errors.InvalidTextRepresentation):
            cursor.execute("SELECT CAST(%s AS integer)", ["900-55-0101"])
    log = deep_cluster.log.read_text()
    assert "ready to accept connections" in log
    assert "900-55" not in log


def test_the_server_has_the_settings_of_the_launcher(deep_cluster) -> None:
    for name, value in steps.POSTGRES_SETTINGS.items():
        assert query(deep_cluster.url("plan_app"), f"SHOW {name}") == [(value,)]
    assert query(deep_cluster.url("plan_app"), "SHOW listen_addresses") == [("",)]


def test_a_role_that_may_not_set_up_the_database_is_told_what_to_give(deep_cluster) -> None:
    with pytest.raises(postgres.LaunchError, match="DATABASE_OWNER_URL"):
        postgres.provision(deep_cluster.url("plan_app"), "plan", deep_cluster.passwords)


@pytest.mark.django_db
def test_tests_run_as_the_application_role_on_their_own_database() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, current_database()")
        assert cursor.fetchone() == ("plan_app", testbed.NAME)
