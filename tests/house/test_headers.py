"""What the browser is told on every answer, and what production refuses to run without."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.http import HttpResponse
from django.test import Client

from launch import postgres, testbed
from launch.common import ROOT
from portals.crypto import keys
from portals.enums import Team
from tests import built
from tests.factories import people

POLICY = {
    "default-src": "'none'",
    "style-src": "'self'",
    "script-src": "'self'",
    "font-src": "'self'",
    "img-src": "'self'",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
ON_EVERY_ANSWER = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def policy(text: str) -> dict[str, str]:
    return dict(part.strip().split(" ", 1) for part in text.split(";") if part.strip())


def clerk() -> Client:
    client = Client()
    people.sign_in(client, people.staff_user(Team.HELP_DESK))
    return client


ANSWERS: dict[str, tuple[int, Callable[[], HttpResponse]]] = {
    "open page": (200, lambda: Client().get("/sign-in/")),
    "form with errors": (200, lambda: Client().post("/sign-in/", {"login": "nobody", "password": "wrong"})),
    "turned to the sign-in": (302, lambda: Client().get("/desk/")),
    "signed-in page": (200, lambda: clerk().get("/desk/")),
    "refused": (403, lambda: clerk().get("/desk/business-date/")),
    "another door": (404, lambda: clerk().get("/members/")),
    "no such page": (404, lambda: Client().get("/no/such/page/")),
    "form without its token": (403, lambda: Client(enforce_csrf_checks=True).post("/sign-in/", {"login": "x"})),
    "plain text": (200, lambda: Client().get("/health/")),
}


@pytest.mark.django_db
@pytest.mark.parametrize("name", ANSWERS)
def test_every_answer_is_strict_and_not_kept(name: str) -> None:
    status, ask = ANSWERS[name]
    answer = ask()
    assert answer.status_code == status
    assert policy(answer["Content-Security-Policy"]) == POLICY
    assert {header: answer.headers.get(header) for header in ON_EVERY_ANSWER} == ON_EVERY_ANSWER
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.django_db  # closing a file's answer looks at the connection that an earlier test opened
def test_static_files_are_for_this_site_alone() -> None:
    answer = Client().get("/static/app/app.css")
    assert answer.status_code == 200
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "Access-Control-Allow-Origin" not in answer.headers
    answer.close()


# --- Production, in a process of its own ---

IN_PRODUCTION = """
import json
import django
django.setup()
from django.db import transaction
from django.test import Client
from portals import scope
from portals.enums import Team
from tests.factories import people
with transaction.atomic():
    with scope.entered(scope.system("test")):
        user = people.user(username="header.clerk")
    browser = Client(headers={"host": "plan.example"})
    plain = browser.get("/sign-in/")
    page = browser.get("/sign-in/", secure=True)
    signed_in = browser.post("/sign-in/", {"login": user.username, "password": people.PASSWORD}, secure=True)
    second = browser.post("/sign-in/second-step/", {"way": "app", "code": people.code_of(user)}, secure=True)
    strange = Client(headers={"host": "elsewhere.example"}).get("/sign-in/", secure=True)
    cookies = {name: dict(c, value="") for a in (page, second) for name, c in a.cookies.items()}
    print(json.dumps({
        "plain": [plain.status_code, plain.get("Location")],
        "page": dict(page.headers), "signed_in": [signed_in.status_code, second.get("Location")],
        "strange": strange.status_code, "cookies": cookies,
    }))
    transaction.set_rollback(True)
"""


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """Everything that production asks for, with keys of its own."""
    folder = tmp_path / "keys"
    folder.mkdir()
    for name in ("django", "seal"):
        (folder / name).write_text("0123456789abcdef" * 4 + "\n")
    for name in keys.RINGS:
        (folder / name).write_text("k1:" + "0123456789abcdef" * 4 + "\n")
    environ = {
        **os.environ,
        **testbed.environment(),
        "DJANGO_SETTINGS_MODULE": "portals.settings.production",
        "PLAN_SITE_URL": "https://plan.example",
        "PLAN_KEYS_DIR": str(folder),
        "PLAN_EMAIL_FROM": "no-reply@plan.example",
    }
    environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)  # of the journeys' browser
    return environ


def python(environ: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], env=environ, cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_djangos_own_checks_find_nothing_in_production(environ: dict[str, str]) -> None:
    done = python(environ, "manage.py", "check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stderr
    assert "no issues (1 silenced)" in done.stdout, "the one is about case in usernames, which a constraint answers"


def test_in_production_everything_is_https_and_cookies_are_bound_to_the_host(
    environ: dict[str, str], django_db_setup: None
) -> None:
    environ["PLAN_VAR_DIR"] = built.static()["PLAN_VAR_DIR"]
    done = python(environ, "-c", IN_PRODUCTION)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["plain"] == [301, "https://plan.example/sign-in/"]
    assert found["strange"] == 400
    assert found["signed_in"] == [302, "/home/"]
    assert found["page"]["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains; preload"
    assert policy(found["page"]["Content-Security-Policy"]) == POLICY
    assert ON_EVERY_ANSWER.items() <= found["page"].items()
    assert {"__Host-session", "__Host-csrf", "__Host-browser"} == set(found["cookies"])
    for cookie in found["cookies"].values():
        assert cookie["secure"] and cookie["httponly"] and cookie["samesite"] == "Lax"
        assert cookie["path"] == "/" and not cookie["domain"]


def test_production_starts_with_what_it_asks_for(environ: dict[str, str]) -> None:
    done = python(environ, "-c", "import portals.settings.production")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", ""),
        ("REDIS_URL", ""),
        ("PLAN_SITE_URL", ""),
        ("PLAN_KEYS_DIR", ""),
        ("PLAN_EMAIL_FROM", ""),
        ("PLAN_SITE_URL", "http://plan.example"),
        ("PLAN_SITE_URL", "https://plan.example/portal/"),
        ("PLAN_SITE_URL", "https://"),
        ("PLAN_EMAIL_FROM", "no-reply"),
    ],
)
def test_production_refuses_a_missing_or_weak_value(environ: dict[str, str], name: str, value: str) -> None:
    done = python(environ | {name: value}, "-c", "import portals.settings.production")
    assert done.returncode != 0
    assert f"ImproperlyConfigured: {name}" in done.stderr


@pytest.mark.parametrize("role", ["postgres", "plan_owner"])
def test_production_does_not_run_as_who_owns_the_tables(environ: dict[str, str], role: str) -> None:
    address = postgres.as_role(environ["DATABASE_URL"], role, "secret", urlsplit(environ["DATABASE_URL"]).path[1:])
    done = python(environ | {"DATABASE_URL": address}, "-c", "import portals.settings.production")
    assert done.returncode != 0
    assert "ImproperlyConfigured: DATABASE_URL" in done.stderr


@pytest.mark.parametrize("name", ["django", *keys.RINGS])
@pytest.mark.parametrize("content", [None, "k1:00ff", "k1:" + "00" * 32])
def test_production_refuses_a_missing_or_weak_key(environ: dict[str, str], name: str, content: str | None) -> None:
    path = Path(environ["PLAN_KEYS_DIR"]) / name
    if content is None:
        path.unlink()
    else:
        path.write_text(content + "\n")
    done = python(environ, "-c", "import portals.settings.production")
    assert done.returncode != 0
    assert f"key file {name}" in done.stderr
