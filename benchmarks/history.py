"""Writing with history against the same writing without, in one run.

    python -m benchmarks.history [--rows 100000] [--saves 1000] [--rounds 3]

The same table by turns with its triggers on and off: `members_client`, of whose fields nearly all are kept with their
values, and `members_person`, of whose fields the history keeps the names. Each write is committed by itself. The
sealing of the history's rows is the worker's, later, and not in it; `seal` states how many rows a second it takes.
The goal: bulk writes at least half as quick as without, so a ratio of at most 2.0.
"""

from __future__ import annotations

import argparse
import io
import os
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

from launch import postgres, testbed

if TYPE_CHECKING:
    from django.db.models import Model

os.environ.update(testbed.environment())

TABLES = ("members_client", "members_person")
COLUMNS = {
    "members_client": "client_id, name, tax_id, state, region, address, city, zip, status, contact_name, contact_email",
    "members_person": "uuid, first_name, middle_name, last_name, suffix, sort_key, birth_date, sex, ssn_index,"
    " ssn_last_four, address, address2, city, state, zip, phone, email, confidential_address",
}
ROWS = {
    "members_client": "'C' || n, 'Client ' || n, '', 'NY', '', '1 Made-up Street', 'Albany', '12207', 'active', '', ''",
    "members_person": "gen_random_uuid(), 'Iris', '', 'Invented' || n, '', 'invented iris', '1985-04-28', 'F', '',"
    " '', '1 Made-up Street', '', 'Albany', 'NY', '12207', '', '', ''",
}


def measure(rows: int, saves: int, rounds: int) -> dict[str, float]:
    """Seconds with and without history of each way to write each table, medians over the rounds."""
    import django

    lease = testbed.Lease()
    try:
        testbed.clone(lease, testbed.NAME)
        django.setup()
        taken: dict[str, list[float]] = {}
        for number in range(rounds):
            for table in TABLES:
                for watched in (False, True) if number % 2 else (True, False):
                    for name, seconds in _writes(table, rows, saves, watched=watched):
                        key = f"{table} {name} {'with' if watched else 'without'}"
                        taken.setdefault(key, []).append(seconds)
        figures = {key: statistics.median(values) for key, values in taken.items()}
        for key in [key.removesuffix(" with") for key in figures if key.endswith(" with")]:
            figures[f"{key} RATIO"] = figures[f"{key} with"] / figures[f"{key} without"]
        return figures | _sealing()
    finally:
        from django.db import connection

        connection.close()
        testbed.drop(testbed.NAME)
        lease.release()


def _writes(table: str, rows: int, saves: int, *, watched: bool) -> Iterator[tuple[str, float]]:
    insert = f"INSERT INTO {table} ({COLUMNS[table]}) SELECT {ROWS[table]} FROM generate_series(1, {rows}) AS n"  # noqa: S608
    content = _content(table, rows)
    ways: list[tuple[str, Callable[[], object], bool]] = [
        ("INSERT ... SELECT", lambda: _send(insert), False),
        ("COPY", lambda: _copy(table, content), False),
        ("UPDATE of one column", lambda: _send(f"UPDATE {table} SET city = 'Troy'"), True),  # noqa: S608
        ("bulk_create", lambda: _bulk_create(table, rows), False),
        ("save(), one by one", lambda: _save(table, saves), False),
    ]
    for name, write, filled in ways:
        if filled:
            with _unwatched(table):
                _send(insert)
        with nullcontext() if watched else _unwatched(table):
            began = time.perf_counter()
            write()
            taken = time.perf_counter() - began
        with _unwatched(table):  # emptied without asking each table that could point at a row
            _own("SET session_replication_role = replica", f"DELETE FROM {table}")  # noqa: S608
        _own(f"VACUUM {table}")
        yield name, taken


def _send(sql: str) -> None:
    from django.db import connection

    with _acting(), connection.cursor() as cursor:
        cursor.execute(sql)


def _content(table: str, rows: int) -> bytes:
    from django.db import connection

    content = io.BytesIO()
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY (SELECT {ROWS[table]} FROM generate_series(1, {rows}) AS n) TO STDOUT", content)  # noqa: S608
    return content.getvalue()


def _copy(table: str, content: bytes) -> None:
    from django.db import connection

    with _acting(), connection.cursor() as cursor:
        cursor.copy_expert(f"COPY {table} ({COLUMNS[table]}) FROM STDIN", io.BytesIO(content))


def _objects(table: str, count: int) -> list[Model]:
    from members.models import Client, Person

    if table == "members_client":
        return [Client(client_id=f"B{n}", name=f"Client {n}", state="NY") for n in range(count)]
    return [
        Person(first_name="Iris", last_name="Invented", sort_key="i", birth_date="1985-04-28") for _ in range(count)
    ]


def _bulk_create(table: str, rows: int) -> None:
    made = _objects(table, rows)
    with _acting():
        type(made[0])._default_manager.bulk_create(made, batch_size=5_000)


def _save(table: str, saves: int) -> None:
    for row in _objects(table, saves):
        with _acting():
            row.save()


@contextmanager
def _acting() -> Iterator[None]:
    from portals import scope as scopes

    with scopes.entered(scopes.system("benchmark"), bulk=True):
        yield


@contextmanager
def _unwatched(table: str) -> Iterator[None]:
    """With the history's triggers out of the way."""
    from audit import history

    _own(*(f"ALTER TABLE {table} DISABLE TRIGGER {name}" for name in history.TRIGGERS))
    yield
    _own(*(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}" for name in history.TRIGGERS))


def _own(*statements: str) -> None:
    """As the superuser: only the owner switches triggers."""
    with postgres.session(testbed.cluster().url("postgres", testbed.NAME)) as admin, admin.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _sealing() -> dict[str, float]:
    from audit.seal import sealer

    began = time.perf_counter()
    rows = sealer.seal()
    seconds = time.perf_counter() - began
    return {"sealed rows": rows, "sealed rows a second": rows / seconds}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--saves", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    for name, value in measure(options.rows, options.saves, options.rounds).items():
        print(f"{name:50} {value:12,.2f}")


if __name__ == "__main__":
    main()
