"""Whether the time that a door takes tells who has an account.

    python -m benchmarks.sign_in [--samples 2000] [--sign-in-samples 2000]

Every open door is asked for somebody whom it knows and for nobody, in pairs of changing order, by POST through the
whole stack of middleware in this process, with the real password hasher and a cluster that waits for the disk at each
commit. Printed are the medians, their ratio, and the AUC: how often a guesser who says "the slower (or quicker) one is
the hit" is right. It is 0.50 for a coin, plus what chance adds at that many samples; the larger of the two sides is
printed. The goal of 0.55 is for 2,000 samples each.

So that no door closes, tries are forgotten after each pair, outside the measured time.
"""

from __future__ import annotations

import argparse
import gc
import random
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.audited_page import database

WRONG = "wrong horse battery staple"
DETAILS = {"birth_date": "4/28/1985", "zip_code": "12207"}
PEOPLE = 200  # of each kind, so that no row stays warmer than another


@dataclass(frozen=True, slots=True)
class Door:
    """`hit` and `miss` are what is typed for the n-th sample."""

    name: str
    url: str
    hit: Callable[[int], dict[str, str]]
    miss: Callable[[int], dict[str, str]]
    status: int


def doors() -> list[Door]:
    def login(name: str) -> dict[str, str]:
        return {"login": name, "password": WRONG}

    def card(number: int) -> dict[str, str]:
        return {"identifier": f"NGH8842{number:04}01", **DETAILS}

    sign_in, forgotten, first = "/sign-in/", "/password/forgotten/", "/members/first-sign-in/"
    return [
        Door("sign-in: a member", sign_in, lambda n: login(f"member.{n:04}"), lambda n: login(f"nobody.{n:04}"), 200),
        Door(
            "sign-in: a work account",
            sign_in,
            lambda n: login(f"worker.{n:04}"),
            lambda n: login(f"nobody.{n:04}"),
            200,
        ),
        Door(
            "sign-in: a closed account",
            sign_in,
            lambda n: login(f"closed.{n:04}"),
            lambda n: login(f"nobody.{n:04}"),
            200,
        ),
        Door(
            "forgotten password",
            forgotten,
            lambda n: {"account": f"member.{n:04}"},
            lambda n: {"account": f"nobody.{n:04}"},
            302,
        ),
        Door("first sign-in: not registered", first, lambda n: card(n), lambda n: card(n + 5000), 302),
        Door("first sign-in: registered", first, lambda n: card(n + 1000), lambda n: card(n + 6000), 302),
    ]


def people() -> None:
    """Members, people at work, closed accounts; enrolled people with and without an account."""
    from django.contrib.auth.hashers import make_password
    from django.utils import timezone

    from members.models import Contract, Enrollee, MemberAccount
    from portals import scope
    from portals.enums import UserKind
    from portals.models import User
    from tests.factories import people as factory

    now, hashed = timezone.now(), make_password("correct horse battery")
    for name, kind, active in (
        ("member", UserKind.MEMBER, True),
        ("worker", UserKind.WORK, True),
        ("closed", UserKind.MEMBER, False),
    ):
        User.objects.bulk_create(
            User(
                username=f"{name}.{n:04}",
                email=f"{name}.{n:04}@mail.example",
                kind=kind,
                is_active=active,
                email_proven_at=now,
                password=hashed,
                awake_since=now,
            )
            for n in range(PEOPLE)
        )
    with scope.entered(scope.system("bench")):
        client = factory.client()
        owners = list(User.objects.filter(username__startswith="member.").order_by("username"))
        for number in [*range(PEOPLE), *range(1000, 1000 + PEOPLE)]:
            person = factory.person()
            contract = Contract.objects.create(
                client=client, number=f"NGH8842{number:04}", sender_number=str(number), subscriber=person
            )
            Enrollee.objects.create(
                client=client,
                contract=contract,
                person=person,
                relationship="18",
                suffix="01",
                member_id=f"NGH8842{number:04}01",
                recorded_date="2026-12-01",
            )
            if number >= 1000:
                MemberAccount.objects.create(person=person, user=owners[number - 1000])


def timed(door: Door, typed: dict[str, str]) -> float:
    from django.test import Client

    browser = Client()
    began = time.perf_counter()
    answer = browser.post(door.url, typed)
    taken = time.perf_counter() - began
    assert answer.status_code == door.status, answer.status_code
    return taken


def measure(door: Door, samples: int) -> tuple[list[float], list[float]]:
    """Seconds of hits and of misses."""
    from portals.models import AccessCode, Attempt, OutboxMail

    order = random.Random(1)
    hits: list[float] = []
    misses: list[float] = []
    gc.collect()
    gc.disable()
    for number in range(-20, samples):  # the first twenty pairs warm up
        pair = [(hits, door.hit(number % PEOPLE)), (misses, door.miss(number % PEOPLE))]
        for found, typed in order.sample(pair, 2):
            seconds = timed(door, typed)
            if number >= 0:
                found.append(seconds)
        Attempt.objects.all().delete()
        if number % 100 == 0:
            AccessCode.objects.all().delete()
            OutboxMail.objects.all().delete()
            gc.collect()
    gc.enable()
    return hits, misses


def auc(hits: list[float], misses: list[float]) -> float:
    """How often a hit takes longer than a miss (ties count half), or the reverse if that tells more."""
    ranked = sorted([(seconds, 1) for seconds in hits] + [(seconds, 0) for seconds in misses])
    ranks: dict[float, list[int]] = {}
    for rank, (seconds, _) in enumerate(ranked, 1):
        ranks.setdefault(seconds, []).append(rank)
    total = sum(statistics.fmean(ranks[seconds]) for seconds in hits)
    longer = (total - len(hits) * (len(hits) + 1) / 2) / (len(hits) * len(misses))
    return max(longer, 1 - longer)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=2000)
    parser.add_argument("--sign-in-samples", type=int, default=2000, help="of the doors that hash: each takes longer")
    options = parser.parse_args()
    with database():
        import django

        django.setup()
        from django.conf import settings
        from django.db import connections
        from django.test.utils import override_settings

        settings.ALLOWED_HOSTS = ["testserver"]
        hasher = "django.contrib.auth.hashers.Argon2PasswordHasher"  # what a plan runs, not the tests' cheap one
        with override_settings(PASSWORD_HASHERS=[hasher]):
            people()
            print("                                 pairs     hit p50    miss p50   ratio   AUC (goal 0.55)  by chance")
            for door in doors():
                samples = options.sign_in_samples if door.url == "/sign-in/" else options.samples
                hits, misses = measure(door, samples)
                hit, miss = statistics.median(hits) * 1000, statistics.median(misses) * 1000
                chance = 0.5 + 1.96 / (6 * samples) ** 0.5  # what 95 of 100 runs stay below where nothing differs
                print(
                    f"  {door.name:30} {samples:5} {hit:8.2f} ms {miss:8.2f} ms   {hit / miss:5.3f}   "
                    f"{auc(hits, misses):5.3f}            {chance:5.3f}",
                    flush=True,
                )
        connections.close_all()


if __name__ == "__main__":
    main()
