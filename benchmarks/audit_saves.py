"""What it costs to leave a trace of every save, beside the libraries that do it; and who notices bulk writes.

    python -m benchmarks.audit_saves [--saves 200] [--rounds 9] [--turns 5] [--disk waited-for | not-waited-for]

Each candidate runs in a process and a database of its own on one server, and saves rows of two tables of the same
columns by rounds: one plain, one audited, each save in a transaction of its own, with the actor known. A process says
the median of its rounds' ratios, audited saves a second against plain ones. The candidates take turns, since processes
differ from each other by more than their rounds do; the figure is the median of the turns. Both with a server that
waits for the disk at each commit, as a plan's would (the goal's figures are of such a one), and with one that does not,
which shows what the program and the server do. Then twenty rows are written in each of the ways that pass by `save()`.

"Ours, event" is what every action of the product does: one row of the ledger with its subject, in the same transaction.
"Ours, history" is a watched table (statement triggers, before and after), whose transaction says who acts by a
statement of its own. "Ours, both" is a watched table whose save leaves an event as well. "In a scope", the plain and
the audited side open their transaction as the product opens each of its own, watched or not: one statement tells whose
rows are visible (for the row policies) and who acts.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

from benchmarks._cluster import cluster, started
from launch import common, postgres

LOCK = common.ROOT / "requirements" / "bench.txt"
PACKAGES = common.var_dir() / "tools" / "bench"
EVENT, HISTORY, BOTH = "ours, event", "ours, history", "ours, both"
IN_A_SCOPE = " in a scope"
OURS = tuple(kind + opened for opened in ("", IN_A_SCOPE) for kind in (EVENT, HISTORY, BOTH))
PGHISTORY = "django-pghistory"
LIBRARIES = (PGHISTORY, PGHISTORY + IN_A_SCOPE, "django-simple-history", "django-auditlog", "django-easy-audit")
APPS = {
    PGHISTORY: ["pgtrigger", "pghistory"],
    "django-simple-history": ["simple_history"],
    "django-auditlog": ["auditlog"],
    "django-easy-audit": ["easyaudit"],
}
WAITED, NOT_WAITED = "waited-for", "not-waited-for"
DATABASE = "saves"
ACTOR, SCOPE = ("plan.actor", "user:1"), ("plan.scope", "employer:1")
BULK = 20


def libraries() -> None:
    """The measured libraries, hash-locked, in a folder that only this benchmark looks into."""
    stamp = common.Stamp(PACKAGES / ".stamp", common.digest(LOCK))
    if not stamp.holds():
        common.unlink_all([PACKAGES])
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        options = ["--require-hashes", "--no-deps", "--target", PACKAGES, "-r", LOCK]
        common.run([*pip, *options], "Fetching the measured libraries")
        stamp.set()


# --- In the process of one candidate -------------------------------------------------------------------------------


def configure(candidate: str, disk: str, role: str) -> None:
    import django
    from django.conf import settings

    served = cluster(waits=disk == WAITED)
    settings.configure(
        SECRET_KEY=os.urandom(16).hex(),
        INSTALLED_APPS=[
            "django.contrib.contenttypes",
            "django.contrib.auth",
            "django.contrib.sessions",
            "audit",
            *APPS.get(candidate.removesuffix(IN_A_SCOPE), []),
            "benchmarks._saved.apps.Saved",
        ],
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": DATABASE,
                "USER": role,
                "PASSWORD": served.passwords[role],
                "HOST": str(served.sockets),
            }
        },
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USE_TZ=True,
        DJANGO_EASY_AUDIT_REGISTERED_CLASSES=["saved.audited"],
        DJANGO_EASY_AUDIT_WATCH_REQUEST_EVENTS=False,
    )
    django.setup()


def prepare(candidate: str, disk: str) -> None:
    """The tables, as their owner."""
    from django.core.management import call_command

    configure(candidate, disk, "plan_owner")
    call_command("migrate", "auth", verbosity=0)  # what the tables of some libraries refer to
    call_command("migrate", run_syncdb=True, verbosity=0)
    if candidate.startswith(PGHISTORY):
        call_command("pgtrigger", "install", verbosity=0)
    if candidate.startswith((HISTORY, BOTH)):
        from django.db import connection

        from audit import history
        from benchmarks._saved.models import Audited

        names = [field.name for field in Audited._meta.concrete_fields]
        with connection.cursor() as cursor:
            cursor.execute(history.statements(Audited, cleared=names, protected=[]))


@contextlib.contextmanager
def as_actor(candidate: str, user: Any) -> Iterator[None]:
    """Whoever saves is known to the library for the whole round, as its middleware would tell it."""
    if candidate.startswith(PGHISTORY):
        import pghistory

        with pghistory.context(user=user.pk):
            yield
    elif candidate == "django-easy-audit":
        from easyaudit.middleware.easyaudit import set_current_user

        set_current_user(user)
        yield
    elif candidate == "django-auditlog":
        from auditlog.context import set_actor

        with set_actor(user):
            yield
    else:
        yield


def saver(candidate: str, user: Any) -> Callable[[Any], None]:
    from django.db import connection, transaction

    from audit import actions

    def saved(row: Any) -> None:
        with transaction.atomic():
            row.save()

    def attributed(row: Any) -> None:
        row._history_user = user
        saved(row)

    def event(row: Any) -> None:
        actions.record(
            kind="change",
            action="saved.change",
            actor="user:1",
            portal="employer",
            subjects=[("person", row.pk)],
            fields=["status"],
            object_kind="saved",
            object_id=str(row.pk),
            detail={"status": row.status},
        )

    def set_local(*settings: str) -> None:
        with connection.cursor() as cursor:
            calls = ", ".join("set_config(%s, %s, true)" for _ in settings[::2])
            cursor.execute(f"SELECT {calls}", settings)

    def as_the_product(row: Any) -> None:
        with transaction.atomic():
            if candidate.endswith(IN_A_SCOPE):
                set_local(*ACTOR, *SCOPE)
            elif candidate in (HISTORY, BOTH):
                set_local(*ACTOR)
            row.save()
            if candidate.startswith((EVENT, BOTH)):
                event(row)

    if candidate.startswith("ours") or candidate.endswith(IN_A_SCOPE):
        return as_the_product
    return attributed if candidate == "django-simple-history" else saved


def history_rows(candidate: str) -> int:
    from django.db import connection

    table = {
        PGHISTORY: "saved_auditedevent",
        "django-simple-history": "saved_historicalaudited",
        "django-auditlog": "auditlog_logentry",
        "django-easy-audit": "easyaudit_crudevent",
        EVENT: "audit_event",
    }.get(candidate.removesuffix(IN_A_SCOPE), "audit_change")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")  # noqa: S608 - names of our own
        return int(cursor.fetchone()[0])


def candidate_main(candidate: str, disk: str, saves: int, rounds: int) -> None:
    configure(candidate, disk, "plan_app")
    from django.contrib.auth.models import User
    from django.db import connection, transaction

    from benchmarks._saved.models import Audited, Columns, Plain

    user = User.objects.create(username="actor")
    plain_save = saver(f"plain{IN_A_SCOPE}" if candidate.endswith(IN_A_SCOPE) else "", user)
    audited_save = saver(candidate, user)

    def row(model: type[Columns]) -> Columns:
        return model(
            first_name="Iris",
            last_name="Invented",
            birth_date=dt.date(1985, 4, 28),
            address="1 Made-up Street",
            city="Albany",
            state="NY",
            zip="12207",
            phone="",
            email="",
            status="new",
        )

    def round_of(rows: list[Any], save: Callable[[Any], None], word: str) -> float:
        began = time.perf_counter()
        for each in rows:
            each.status = word
            save(each)
        return time.perf_counter() - began

    with as_actor(candidate, user):
        plain, audited = [row(Plain) for _ in range(saves)], [row(Audited) for _ in range(saves)]
        round_of(plain, plain_save, "new")
        round_of(audited, audited_save, "new")
        before = history_rows(candidate)
        ratios, speeds = [], []
        for number in range(rounds):
            turns = [(plain, plain_save), (audited, audited_save)]
            taken = {}
            for rows, save in turns if number % 2 else reversed(turns):
                taken[id(rows)] = round_of(rows, save, f"r{number}")
            ratios.append(taken[id(plain)] / taken[id(audited)])
            speeds.append(saves / taken[id(plain)])
        left = history_rows(candidate) - before
        if left < saves * rounds:
            raise SystemExit(f"{candidate} noticed {left} of {saves * rounds} saves")
        seen = bulk(candidate, user, row)
    print(json.dumps({"ratio": statistics.median(ratios), "plain": statistics.median(speeds), "bulk": seen}))
    assert not transaction.get_connection().in_atomic_block
    connection.close()


def bulk(candidate: str, user: Any, row: Callable[[Any], Any]) -> dict[str, int]:
    """How many of twenty rows written in each way left a trace."""
    import io

    from django.db import connection, transaction

    from benchmarks._saved.models import Audited

    names = "first_name, last_name, birth_date, address, city, state, zip, phone, email, status"
    line = "Iris\tInvented\t1985-04-28\t1 Made-up Street\tAlbany\tNY\t12207\t\t\tcopied\n"
    newest = list(Audited.objects.order_by("-pk").values_list("pk", flat=True)[:BULK])

    def copy(cursor: Any) -> None:
        cursor.copy_expert(f"COPY saved_audited ({names}) FROM STDIN", io.StringIO(line * BULK))

    def merge(cursor: Any) -> None:
        cursor.execute(
            "MERGE INTO saved_audited AS t USING unnest(%s::bigint[]) AS s(id) ON t.id = s.id"
            " WHEN MATCHED THEN UPDATE SET status = 'merged'",
            [newest],
        )

    ways: dict[str, Callable[[Any], object]] = {
        "bulk_create": lambda cursor: Audited.objects.bulk_create([row(Audited) for _ in range(BULK)]),
        "update()": lambda cursor: Audited.objects.filter(pk__in=newest).update(status="updated"),
        "raw SQL": lambda cursor: cursor.execute(
            "UPDATE saved_audited SET status = 'raw' WHERE id = ANY (%s)", [newest]
        ),
        "COPY": copy,
        "MERGE": merge,
    }
    seen = {}
    for name, write in ways.items():
        before = history_rows(candidate)
        with transaction.atomic(), connection.cursor() as cursor:
            if candidate in OURS:
                cursor.execute("SELECT set_config('plan.actor', 'user:1', true)")
            write(cursor)
        seen[name] = min(history_rows(candidate) - before, BULK)
    return seen


# --- The run ---------------------------------------------------------------------------------------------------------


def measure(served: postgres.Cluster, candidate: str, disk: str, saves: int, rounds: int) -> dict[str, Any]:
    environ = {**os.environ, "BENCH_LIBRARY": candidate.removesuffix(IN_A_SCOPE)}
    environ["PYTHONPATH"] = os.pathsep.join([str(PACKAGES), environ.get("PYTHONPATH", "")])
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks.audit_saves", "--candidate", candidate]
    command += ["--disk", disk, "--saves", str(saves), "--rounds", str(rounds)]
    maintenance = served.url("postgres", postgres.MAINTENANCE)
    try:
        postgres.provision(maintenance, DATABASE, served.passwords)
        subprocess.run([*command, "--prepare"], env=environ, check=True, stdout=subprocess.DEVNULL)
        said = subprocess.run(command, env=environ, check=True, stdout=subprocess.PIPE, text=True).stdout
    finally:
        with postgres.session(maintenance) as admin, admin.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
    answer: dict[str, Any] = json.loads(said.splitlines()[-1])
    return answer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--saves", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--turns", type=int, default=5, help="processes of each candidate")
    parser.add_argument("--disk", choices=(WAITED, NOT_WAITED), help="one of the two servers only")
    parser.add_argument("--candidate", choices=(*OURS, *LIBRARIES), help=argparse.SUPPRESS)
    parser.add_argument("--prepare", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.prepare:
        prepare(options.candidate, options.disk)
        return
    if options.candidate:
        candidate_main(options.candidate, options.disk, options.saves, options.rounds)
        return
    libraries()
    for disk in [options.disk] if options.disk else [WAITED, NOT_WAITED]:
        print(f"The disk is {disk.replace('-', ' ')} at each commit:")
        head = "audited / plain   (lowest, highest)   plain saves/s   audited saves/s   bulk writes noticed"
        print(f"{'':27} {head}, of {BULK}")
        got: dict[str, list[dict[str, Any]]] = {candidate: [] for candidate in (*OURS, *LIBRARIES)}
        with started(waits=disk == WAITED) as served:
            for _ in range(options.turns):
                for candidate, turns in got.items():
                    turns.append(measure(served, candidate, disk, options.saves, options.rounds))
        for candidate, turns in got.items():
            ratios = [turn["ratio"] for turn in turns]
            ratio, plain = statistics.median(ratios), statistics.median(turn["plain"] for turn in turns)
            seen = "  ".join(f"{way} {count}" for way, count in turns[-1]["bulk"].items())
            spread = f"{ratio:15.2f}   ({min(ratios):.2f}, {max(ratios):.2f})"
            print(f"{candidate:27} {spread} {plain:15.0f} {plain * ratio:17.0f}   {seen}", flush=True)


if __name__ == "__main__":
    main()
