"""What a stranger can learn from an answer: every byte and header of it, its cookies, and the work that it cost."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, fields
from typing import Any

from django.db import connection
from django.http import HttpResponseBase
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portals.login.hashers import QuickArgon2

CSRF = rb'value="[^"]{60,}"|"X-CSRFToken": "[^"]+"'
COUNTED = "tests.attacks.looks.CountedArgon2"


class CountedArgon2(QuickArgon2):
    """The tests' hasher, which also counts how often it worked."""

    worked = 0

    def encode(self, password: str, salt: str) -> str:
        CountedArgon2.worked += 1
        encoded: str = super().encode(password, salt)
        return encoded

    def verify(self, password: str, encoded: str) -> bool:
        CountedArgon2.worked += 1
        return bool(super().verify(password, encoded))


@dataclass(frozen=True, slots=True)
class Look:
    """One answer."""

    status: int
    content: bytes
    headers: tuple[tuple[str, str], ...]
    cookies: tuple[tuple[object, ...], ...]
    statements: tuple[str, ...]
    hashings: int

    def differs(self, other: Look) -> str:
        """What is not the same; for the message of a failed test."""
        pairs = ((each.name, getattr(self, each.name), getattr(other, each.name)) for each in fields(self))
        return "\n".join(_difference(name, mine, others) for name, mine, others in pairs if mine != others)


def _difference(name: str, one: object, other: object) -> str:
    return "\n".join([name, *difflib.unified_diff(_lines(one), _lines(other), lineterm="", n=0)])


def _lines(part: object) -> list[str]:
    if isinstance(part, bytes):
        return part.decode(errors="replace").splitlines()
    return [str(line) for line in part] if isinstance(part, tuple) else [str(part)]


def look(browser: Client, method: str, url: str, data: dict[str, str] | None = None, **headers: str) -> Look:
    """What this request tells. What was typed is blanked where the page repeats it: type texts of equal length. (The
    cookie of a message is compressed, so its length is not compared: what it says stands on the next page.)"""
    before = CountedArgon2.worked
    kept = {name: morsel.value for name, morsel in browser.cookies.items()}
    with CaptureQueriesContext(connection) as captured:
        answer: Any = getattr(browser, method)(url, data or {}, headers=headers)
    return Look(
        status=answer.status_code,
        content=_without(answer, [url, *(data or {}).values()]),
        headers=tuple(sorted(item for item in answer.headers.items() if item[0] != "Expires")),  # the time of day
        cookies=tuple(
            (
                name,
                name == "messages" or len(morsel.value),
                *(morsel[part] for part in ("path", "httponly", "samesite", "max-age", "secure")),
            )
            for name, morsel in sorted(answer.cookies.items())
            if kept.get(name) != morsel.value
        ),
        statements=tuple(shape(query["sql"]) for query in captured if not _of_transaction(query["sql"])),
        hashings=CountedArgon2.worked - before,
    )


def _without(answer: HttpResponseBase, typed: list[str]) -> bytes:
    content: bytes = re.sub(CSRF, b"", answer.content)  # type: ignore[attr-defined]  # no page of the door streams
    for value in sorted(typed, key=len, reverse=True):
        if len(value) > 4:
            content = content.replace(value.encode(), b"*")
    return content


def shape(sql: str) -> str:
    """A statement without what was filled into it. A list counts as empty: the ledger's row about a found person holds
    that person, about nobody none, in one statement. What that costs is measured in `benchmarks.sign_in`."""
    blank = re.sub(r"'(?:[^']|'')*'(?:::\w+(?:\[\])?)?", "?", sql)
    blank = re.sub(r"ARRAY\[[\d?, ]+\]::\w+\[\]", "?", blank)
    blank = re.sub(r"\b(\d+|true|false|NULL)\b", "?", blank, flags=re.IGNORECASE)
    return " ".join(blank.split())


def _of_transaction(sql: str) -> bool:
    """To take a savepoint back is one word more than to keep it."""
    return "SAVEPOINT" in sql


def csrf_of(browser: Client, url: str) -> str:
    """The token that the form at `url` holds for this browser."""
    found = re.search(rb'name="csrfmiddlewaretoken" value="([^"]+)"', browser.get(url).content)
    assert found, f"no form at {url}"
    return found.group(1).decode()
