"""Passwords known from breaches: a list is taken once, and what stands in it cannot be chosen anywhere."""

import hashlib
import json
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from audit.models import Event
from portals.enums import Team
from portals.login import breached_passwords
from portals.models import BreachedPassword
from tests.factories import people

pytestmark = pytest.mark.django_db
KNOWN = "Seven Blue Lanterns"


def sha1(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest().upper()


def load(file: Path, content: bytes) -> tuple[int, dict[str, int]]:
    file.write_bytes(content)
    out = StringIO()
    try:
        call_command("load_passwords", file, "--json", stdout=out)
        code = 0
    except SystemExit as left:
        code = int(left.code or 0)
    return code, json.loads(out.getvalue())


@pytest.mark.parametrize("line", [sha1(KNOWN), f"{sha1(KNOWN)}:1734", KNOWN, KNOWN.upper()])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_loaded_password_cannot_be_chosen(tmp_path: Path, line: str, end: str) -> None:
    code, summary = load(tmp_path / "list", f"{line}{end}".encode())
    assert (code, summary["new"]) == (0, 1)
    with pytest.raises(ValidationError) as refused:
        password_validation.validate_password(KNOWN)
    assert [each.code for each in refused.value.error_list] == ["password_breached"]
    password_validation.validate_password("three quiet owls")


def test_the_same_list_again_adds_nothing_and_bad_lines_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(breached_passwords, "CHUNK", 2)  # several chunks
    content = f"{sha1(KNOWN)}\nseven blue lanterns\nanother plain one\n{sha1(KNOWN)}\n".encode() + b"\xff\xfe\n\n"
    code, summary = load(tmp_path / "list", content)
    assert (code, summary) == (1, {"lines": 6, "new": 3, "known": 1, "refused": 2})
    code, summary = load(tmp_path / "list", content)
    assert (code, summary) == (1, {"lines": 6, "new": 0, "known": 4, "refused": 2})
    assert BreachedPassword.objects.count() == 3
    assert Event.objects.filter(action="load_passwords", actor="system:load_passwords").count() == 2


def test_an_empty_list_and_a_missing_file_do_nothing(tmp_path: Path) -> None:
    assert load(tmp_path / "list", b"")[0] == 2
    with pytest.raises(CommandError) as missing:
        call_command("load_passwords", tmp_path / "nowhere")
    assert missing.value.returncode == 2


def test_the_page_says_why_and_keeps_the_old_password(tmp_path: Path) -> None:
    load(tmp_path / "list", KNOWN.encode())
    user, browser = people.staff_user(Team.HELP_DESK), Client()
    people.sign_in(browser, user)
    people.step_up(browser, user)
    answer = browser.post("/password/", {"password": KNOWN, "again": KNOWN})
    assert b"became known when another website was broken into" in answer.content
    user.refresh_from_db()
    assert user.check_password(people.PASSWORD)


def test_asking_costs_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(1):
        assert not breached_passwords.is_known(KNOWN)
