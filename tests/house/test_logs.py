"""No log, queue, mail or ledger row names a person: someone with identifiers found nowhere else goes through the house,
and everything fails on the way that can."""

from __future__ import annotations

import datetime as dt
import http.cookiejar
import json
import os
import random
import re
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg2
import pytest
import redis
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection

from billing.actions import bank
from billing.enums import BankAccountKind
from launch import children, steps, testbed
from launch.common import ROOT
from members.models import Contract, Enrollee, Person
from portals import jobs
from portals import scope as scopes
from portals.crypto import values as crypto
from portals.enums import JobStatus
from portals.models import Job, OutboxMail, User
from tests.factories import payers, people
from tests.house.canary.failures import FAILURES

pytestmark = pytest.mark.journey
QUEUE = "canary"
ISA = "ISA*00*          *00*          *ZZ*CANARY         *ZZ*NORTHGATE      "


def _letters(count: int) -> str:
    return "".join(random.SystemRandom().choices("bcdfghjklmnpqrstvwxz", k=count))


def _digits(count: int) -> str:
    return "".join(random.SystemRandom().choices("123456789", k=count))


@dataclass
class Somebody:
    """Identifiers that occur nowhere else in the world."""

    first: str = field(default_factory=lambda: f"Q{_letters(9)}".capitalize())
    last: str = field(default_factory=lambda: f"Z{_letters(11)}".capitalize())
    ssn: str = field(default_factory=lambda: f"9{_digits(8)}")
    card: str = field(default_factory=lambda: f"NGH{_digits(8)}")
    phone: str = field(default_factory=lambda: f"518{_digits(7)}")
    bank: str = field(default_factory=lambda: _digits(14))
    username: str = field(default_factory=lambda: f"y{_letters(10)}")
    street: str = field(default_factory=lambda: f"{_letters(9).capitalize()} Lane")

    @property
    def email(self) -> str:
        return f"{self.first.lower()}.{self.last.lower()}@mail.example"

    @property
    def member_id(self) -> str:
        return f"{self.card}01"

    @property
    def values(self) -> list[str]:
        return [self.last, self.email, self.first, self.ssn, self.member_id, self.phone, self.bank]

    @property
    def traces(self) -> re.Pattern[str]:
        """The identifiers as they could be written: any case, numbers with signs between the digits."""
        words = [self.first, self.last, self.username, self.street, self.card[3:]]
        numbers = [r"[ .()-]*".join(number) for number in (self.ssn, self.phone, self.bank)]
        return re.compile("|".join([*map(re.escape, words), *numbers]), re.IGNORECASE)


class Visitor:
    """A browser without a screen."""

    def __init__(self, site: str) -> None:
        self.site = site
        jar = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
        self.token = ""

    def get(self, path: str, **query: str) -> int:
        return self._ask(f"{path}?{urllib.parse.urlencode(query)}" if query else path, None)

    def post(self, path: str, data: dict[str, str] | list[tuple[str, str]]) -> int:
        pairs = [*(data.items() if isinstance(data, dict) else data), ("csrfmiddlewaretoken", self.token)]
        return self._ask(path, urllib.parse.urlencode(pairs).encode())

    def _ask(self, path: str, body: bytes | None) -> int:
        try:
            with self.opener.open(urllib.request.Request(f"{self.site}{path}", body), timeout=30) as answer:  # noqa: S310
                status, self.text = answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            status, self.text = error.code, error.read().decode()
        found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', self.text)
        self.token = found.group(1) if found else self.token
        return int(status)


@dataclass
class Canary:
    url: str
    environ: dict[str, str]
    logs: dict[str, Path]


@pytest.fixture
def canary(live_site: str) -> Iterator[Canary]:
    """Web and worker with pages and jobs that fail, on the database of the journeys."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://localhost:{port}"
    environ = {
        **os.environ,
        **testbed.environment(testbed.SITE_NAME),
        "DJANGO_SETTINGS_MODULE": "tests.house.canary.settings",
        "PLAN_SITE_URL": url,
    }
    environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)
    folder = testbed.LOGS / testbed.NAME
    logs = {name: folder / f"canary-{name}.log" for name in ("web", "worker")}
    web = [*steps.WEB_COMMAND, "--workers", "1", "--bind", f"127.0.0.1:{port}"]
    worker = ["celery", "-A", "portals", "worker", "-Q", QUEUE, "-c", "1", "-n", f"canary-{testbed.NAME}@%h"]
    processes = [
        children.spawn(steps.program(web), logs["web"], env=environ),
        children.spawn(steps.program([*worker, *steps.WORKER_OPTIONS]), logs["worker"], env=environ),
    ]
    logs["postgresql"] = testbed.LOGS / "postgresql.log"
    visitor = Visitor(url)
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            visitor.get("/health/")
            break
        except OSError:
            time.sleep(0.05)
    yield Canary(url, environ, logs)
    for process in processes:
        children.stop(process, seconds=10)


@pytest.fixture
def broker() -> Iterator[list[str]]:
    """Every command that anybody sends to Valkey during the test."""
    client = redis.Redis.from_url(settings.REDIS_URL)
    heard: list[str] = []
    listening = threading.Event()

    def listen() -> None:
        with client.monitor() as monitor:
            listening.set()
            for command in monitor.listen():
                heard.append(command["command"])
                if command["command"] == "ECHO end-of-canary":
                    return

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    assert listening.wait(10)
    yield heard
    hush(heard)
    thread.join(10)


def hush(heard: list[str]) -> None:
    """Wait until the monitor has told everything so far."""
    if "ECHO end-of-canary" not in heard:
        redis.Redis.from_url(settings.REDIS_URL).echo("end-of-canary")
    end = time.monotonic() + 10
    while "ECHO end-of-canary" not in heard and time.monotonic() < end:
        time.sleep(0.02)


def enroll(who: Somebody) -> Person:
    with scopes.entered(scopes.system("test")):
        person = people.person(
            first_name=who.first,
            last_name=who.last,
            email=who.email,
            phone=who.phone,
            address=f"7 {who.street}",
            ssn_index=crypto.blind_index(who.ssn, purpose="ssn"),
            ssn_last_four=who.ssn[-4:],
        )
        person.ssn_cipher = crypto.encrypt(who.ssn, context=f"members_person.ssn.{person.uuid}")
        person.save()
        contract = Contract.objects.create(
            client=people.client(), number=who.card, sender_number=_digits(6), subscriber=person
        )
        Enrollee.objects.create(
            client=contract.client,
            contract=contract,
            person=person,
            relationship="18",
            suffix="01",
            member_id=who.member_id,
            recorded_date=dt.date(2026, 12, 1),
        )
    return person


def first_sign_in(visitor: Visitor, who: Somebody) -> None:
    page, code_page = "/members/first-sign-in/", "/members/first-sign-in/code/"
    visitor.get(page)
    visitor.post(page, {"identifier": who.ssn, "birth_date": "1/1/1901", "zip_code": "12207"})
    visitor.post(page, {"identifier": who.email, "birth_date": who.last, "zip_code": who.phone})
    visitor.get(page)
    visitor.post(page, {"identifier": who.member_id, "birth_date": "4/28/1985", "zip_code": "12207"})
    new = {"username": who.username, "email": who.email, "password": "three quiet owls", "again": "three quiet owls"}
    visitor.post(code_page, new | {"code": "WRONGONE"})
    mail = OutboxMail.objects.filter(to=who.email).latest("id")
    code = re.search(r"code is (\w{4} \w{4})", mail.body)
    assert code is not None
    visitor.post(code_page, new | {"code": code.group(1)})
    assert who.first in visitor.text, "the member is in"


def staff(visitor: Visitor, who: Somebody) -> None:
    with scopes.entered(scopes.system("test")):
        manager = people.practice_user(people.practice("Canary Practice"))
    enter(visitor, manager)
    visitor.get("/providers/staff/add/")
    colleague = {
        "given_name": who.first, "family_name": who.last, "email": f"work+{who.email}", "role": "front_office",
        "username": f"{who.username}.w", "initial_password": "seven blue lanterns",
    }  # fmt: skip
    visitor.post("/providers/staff/add/", colleague | {"initial_password": "short"})
    visitor.post("/providers/staff/add/", colleague)
    visitor.post("/providers/staff/add/", colleague)
    visitor.get("/providers/staff/", q=who.last)
    assert who.username in visitor.text, "the colleague is in"


def sign_in(visitor: Visitor, username: str, password: str) -> None:
    visitor.get("/sign-in/")
    visitor.post("/sign-in/", {"login": username, "password": password})


def enter(visitor: Visitor, user: User) -> None:
    """As far as the pages that ask once more who is there."""
    sign_in(visitor, user.username, people.PASSWORD)
    visitor.post("/sign-in/second-step/", {"way": "app", "code": people.code_of(user)})
    visitor.post("/confirm/", {"way": "app", "code": people.code_of(user), "next": "/home/"})


def pay(visitor: Visitor, who: Somebody) -> None:
    with scopes.entered(scopes.system("test")):
        payer = payers.payer()
        bank.add_bank_account(
            by=payer.scope,
            nickname="Canary",
            name_on_account="Canary Co.",
            kind=BankAccountKind.CHECKING,
            routing=payers.ROUTING,
            number=who.bank,
        )
    enter(visitor, payer.user)
    visitor.get("/employers/ebilling/bank-accounts/add/")
    account = {"nickname": who.first, "name_on_account": who.last, "kind": "checking", "routing": "123456789"}
    visitor.post("/employers/ebilling/bank-accounts/add/", account | {"number": who.bank, "again": who.bank})


def enrollment_file(who: Somebody, folder: Path, environ: dict[str, str]) -> None:
    """A member of an unknown group, a date that is none, and a set that is cut off."""
    body = [
        "BGN*00*CANARY*20261201*0900****2", "N1*P5*CANARY*FI*990770001", "N1*IN*NORTHGATE*FI*999999999",
        "INS*Y*18*021*20*A***FT", f"REF*0F*{who.ssn}", "REF*1L*NOGROUP",
        f"NM1*IL*1*{who.last}*{who.first}****34*{who.ssn}",
        f"PER*IP**EM*{who.email}*TE*{who.phone}", f"N3*7 {who.street}", "N4*ALBANY*NY*12207",
        f"DMG*D8*{who.last[:8]}*U", "HD*021**HLT*GOLD*EMP", "DTP*348*D8*20270101",
    ]  # fmt: skip
    for control, lines in (("1", body), ("2", [*body, f"XXX*{who.last}"]), ("3", body[:6])):
        text = [
            f"{ISA}*261201*0900*^*00501*{control:>09}*0*T*:",
            f"GS*BE*CANARY*NORTHGATE*20261201*0900*{control}*X*005010X220A1", "ST*834*0001*005010X220A1", *lines,
            f"SE*{len(lines) + 2}*0001", f"GE*1*{control}", f"IEA*1*{control:>09}",
        ]  # fmt: skip
        file = folder / f"canary-{control}.834"
        file.write_text("".join(f"{line}~\n" for line in text))
        with (folder / "import.log").open("a") as log:
            done = subprocess.run(
                [sys.executable, "manage.py", "import_834", str(file), "--as-of", "2026-12-01"],
                cwd=ROOT,
                env=environ,
                stdout=log,
                stderr=log,
                check=False,
            )
        assert done.returncode != 0, "a bad file is not taken"


def jobs_that_fail(person: Person) -> None:
    asked = []
    for failure in FAILURES:
        with scopes.entered(scopes.system("test")) as by:
            asked.append(
                jobs.ask(
                    kind="canary.fails",
                    key=f"canary:{person.pk}:{failure}",
                    scope=by,
                    queue=QUEUE,
                    payload={"person": person.pk, "failure": failure},
                ).pk
            )
    end = time.monotonic() + 60
    untouched = Job.objects.filter(pk__in=asked, status=JobStatus.WAITING, error="")
    while untouched.exists() or Job.objects.filter(pk__in=asked, status=JobStatus.RUNNING).exists():
        assert time.monotonic() < end, "the worker takes its jobs"
        time.sleep(0.05)


def tables() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace")
        return [row[0] for row in cursor.fetchall()]


def rows_with(table: str, found: re.Pattern[str]) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT t::text FROM "{table}" t WHERE t::text ~* %s', [found.pattern])  # noqa: S608
        return [f"{table}: {row[0][:300]}" for row in cursor.fetchall()]


# Where the plan keeps what it must know of a person, and so the only places for a name or an address in plain text.
RECORDS = re.compile(
    r"members_person|portals_user|portals_outboxmail|members_contract|members_enrollee|billing_bankaccount"
)


def test_nothing_outside_the_records_names_a_person(canary: Canary, broker: list[str], tmp_path: Path) -> None:
    who = Somebody()
    began = canary.logs["postgresql"].stat().st_size
    person = enroll(who)
    visitor = Visitor(canary.url)
    sign_in(visitor, who.email, who.ssn)
    visitor.get("/sign-in/", next=f"/members/?who={who.last}&ssn={who.ssn}")
    visitor.get(f"/no/such/page/{who.member_id}/{who.phone}/", who=who.last)
    first_sign_in(visitor, who)
    staff(Visitor(canary.url), who)
    pay(Visitor(canary.url), who)
    enrollment_file(who, tmp_path, canary.environ)
    for failure in FAILURES:
        visitor.get("/sign-in/")
        status = visitor.post(f"/canary/{failure}/", [("value", value) for value in who.values])
        assert status == (200 if failure == "caught_and_logged" else 500), failure
        assert not who.traces.search(visitor.text), f"the page after {failure} names a person"
    visitor.get("/canary/raised_with_values/", value=who.last)
    jobs_that_fail(person)
    hush(broker)

    logs = {name: path.read_text(errors="replace") for name, path in canary.logs.items()}
    logs["postgresql"] = canary.logs["postgresql"].read_bytes()[began:].decode(errors="replace")
    for name in ("web", "worker", "beat"):
        logs[f"the journeys' {name}"] = (testbed.LOGS / testbed.NAME / f"{name}.log").read_text(errors="replace")
    logs["import_834"] = (tmp_path / "import.log").read_text()
    logs["valkey"] = "\n".join(broker)
    logs["mail"] = "\n".join(f"{mail.key} {mail.subject} {mail.body}" for mail in OutboxMail.objects.all())
    logs["sessions"] = "\n".join(json.dumps(session.get_decoded()) for session in Session.objects.all())

    for name in ("web", "worker"):
        for failure in FAILURES:
            assert f"in {failure}" in logs[name], f"the {name}'s log does not tell where {failure} failed"
    assert "LPUSH canary" in logs["valkey"], "the monitor heard the jobs"
    told = [
        f"{name}: {line.strip()[:300]}"
        for name, text in logs.items()
        for line in text.splitlines()
        if who.traces.search(line)
    ]
    with scopes.entered(scopes.system("test"), bulk=True):
        told += [row for table in tables() if not RECORDS.match(table) for row in rows_with(table, who.traces)]
        secret = re.compile("|".join((who.ssn, who.bank)))
        told += [row for table in tables() if RECORDS.match(table) for row in rows_with(table, secret)]
    assert not told, "\n".join(told)


def test_the_database_server_logs_no_statement_and_no_value() -> None:
    """The same settings for `make run`, tests and containers; a value in a refused statement stays out of the log."""
    wanted = {"log_min_error_statement": "panic", "log_error_verbosity": "terse", "log_min_messages": "log"}
    assert wanted.items() <= steps.POSTGRES_SETTINGS.items()


def test_the_probe_itself_reaches_the_servers_log(live_site: str) -> None:
    """The log that is searched is the one that the server writes."""
    log = testbed.LOGS / "postgresql.log"
    began = log.stat().st_size
    with pytest.raises(psycopg2.OperationalError):
        psycopg2.connect(testbed.cluster().url("plan_app", f"no_such_database_{testbed.RUN}"))
    assert f"no_such_database_{testbed.RUN}" in log.read_bytes()[began:].decode(errors="replace")
