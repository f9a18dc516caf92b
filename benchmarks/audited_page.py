"""What the row about a disclosure costs, and how long pages take beside a plain Django page.

    python -m benchmarks.audited_page [--rounds 400] [--page-rounds 40]

A database cluster of its own that waits for the disk at each commit, as a plan's would. Requests go through the whole
stack of middleware in this process (no network, no web server), in one signed-in session, after a warm-up, taking
turns: one of each kind a round, in changing order. G15 compares the member's home page (ID card; one row with a
subject for everybody named, committed before the answer) with the same view under a declaration that discloses
nothing. G14 compares every page of every portal with a page of twelve queries and a table of fifty rows.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from benchmarks._cluster import FOLDER, started
from launch import common, postgres

if TYPE_CHECKING:
    from django.test import Client

    from tests.house.objects import World

DATABASE = "bench"


@contextmanager
def database() -> Iterator[None]:
    """A fresh, durable, migrated database; everything is gone afterwards."""
    with started() as cluster:
        os.environ.update(
            {
                "DJANGO_SETTINGS_MODULE": "portals.settings.test",
                "PLAN_VAR_DIR": str(FOLDER),
                "DATABASE_URL": cluster.url("plan_app", DATABASE),
                "DATABASE_OWNER_URL": cluster.url("plan_owner", DATABASE),
                "REDIS_URL": f"unix://{cluster.sockets}/none.sock",
            }
        )
        postgres.provision(cluster.url("postgres", postgres.MAINTENANCE), DATABASE, cluster.passwords)
        for command in ("migrate", "ensure_partitions"):
            common.run([sys.executable, "manage.py", command], command, env=dict(os.environ))
        yield


def spread(seconds: list[float]) -> tuple[float, float]:
    """p50 and p95 in milliseconds."""
    cuts = statistics.quantiles(seconds, n=20)
    return statistics.median(seconds) * 1000, cuts[18] * 1000


def once(ask: Callable[[], int]) -> float:
    began = time.perf_counter()
    status = ask()
    taken = time.perf_counter() - began
    assert status == 200, status
    return taken


def turns(asks: dict[str, Callable[[], int]], rounds: int) -> dict[str, list[float]]:
    """Seconds of each, asked in turns and in an order that changes."""
    for ask in asks.values():
        for _ in range(10):
            ask()
    order = random.Random(1)
    found: dict[str, list[float]] = {name: [] for name in asks}
    for _ in range(rounds):
        for name in order.sample(list(asks), len(asks)):
            found[name].append(once(asks[name]))
    return found


def getter(browser: Client, url: str) -> Callable[[], int]:
    return lambda: browser.get(url).status_code


def not_waiting(ask: Callable[[], int]) -> Callable[[], int]:
    """The same request, whose commit does not wait for the disk."""
    from django.db import connection

    def asked() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SET synchronous_commit = off")
        try:
            return ask()
        finally:
            with connection.cursor() as cursor:
                cursor.execute("SET synchronous_commit = on")

    return asked


def audited(browser: Client, rounds: int) -> None:
    seen, unseen = getter(browser, "/members/"), getter(browser, "/bench/unaudited/")
    from audit.models import Event

    before = Event.objects.count()
    found = turns({"with its row": seen, "without": unseen}, rounds)
    assert Event.objects.count() - before == rounds + 10, "one row for each look, and none without"
    report("G15: the member's home page", found, "without")
    pairs = zip(found["with its row"], found["without"], strict=True)
    print(f"  median of the differences of a round: {statistics.median(a - b for a, b in pairs) * 1000:.2f} ms")
    report(
        "the same, commits not waiting for the disk",
        turns({"with its row": not_waiting(seen), "without": not_waiting(unseen)}, rounds),
        "without",
    )


def report(title: str, found: dict[str, list[float]], base: str) -> None:
    print(f"{title} ({len(found[base])} rounds)")
    low, high = spread(found[base])
    for name, seconds in found.items():
        p50, p95 = spread(seconds)
        print(f"  {name:28} p50 {p50:7.2f} ms   p95 {p95:7.2f} ms   ratio {p50 / low:5.2f} / {p95 / high:5.2f}")


def every_page(world: World, rounds: int) -> None:
    """Each page beside the plain one of the same person and round; and how many queries it makes."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from tests.house import objects
    from tests.journeys import pages

    rows = []
    for door in pages.WALKS[1:-1]:
        browser = pages.signed_in(world.users[door, objects.A])
        plain = getter(browser, "/bench/plain/")
        for visit in pages.own_pages(door, world):
            answer = browser.get(visit.url)
            if answer.status_code != 200 or not answer["Content-Type"].startswith("text/html"):
                continue
            with CaptureQueriesContext(connection) as queries:
                browser.get(visit.url)
            count = sum(not q["sql"].startswith(("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")) for q in queries)
            found = turns({"page": getter(browser, visit.url), "plain": plain}, rounds)
            (p50, p95), (base50, base95) = spread(found["page"]), spread(found["plain"])
            rows.append((p95 / base95, p50 / base50, p50, p95, count, visit.title))
    print(f"G14: every page beside a plain page of twelve queries ({rounds} rounds each), slowest first")
    print("  p95 ratio  p50 ratio   p50 ms   p95 ms  queries  page")
    for ratio95, ratio50, p50, p95, count, title in sorted(rows, reverse=True):
        print(f"  {ratio95:9.2f}  {ratio50:9.2f}  {p50:7.2f}  {p95:7.2f}  {count:7}  {title}")
    print(f"  most queries: {max(row[4] for row in rows)}; highest ratio of p95: {max(row[0] for row in rows):.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=400)
    parser.add_argument("--page-rounds", type=int, default=40)
    options = parser.parse_args()
    with database():
        import django

        django.setup()
        from django.conf import settings
        from django.db import connections
        from django.test.utils import override_settings

        from portals import scope
        from tests.house import objects
        from tests.journeys import pages

        settings.ALLOWED_HOSTS = ["testserver"]
        with override_settings(ROOT_URLCONF="benchmarks._page_urls"):
            world = objects.build()
            with scope.entered(scope.system("bench")):
                pages.fill(world)
            audited(pages.signed_in(world.users["member", objects.A]), options.rounds)
            every_page(world, options.page_rounds)
        connections.close_all()


if __name__ == "__main__":
    main()
