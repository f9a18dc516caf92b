"""Passwords that are known from breaches and cannot be chosen: their SHA-1, as the public lists give them."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _

from audit import actions as audit
from audit.enums import Kind
from portals.models import BreachedPassword
from portals.scope import Scope

CHUNK = 200_000
_HASHED = re.compile(rb"([0-9A-Fa-f]{40})(:\d+)?")  # with how often it was seen, as some lists have it


@dataclass(frozen=True, slots=True)
class Loaded:
    """Lines that were no password (empty, not UTF-8) are `refused`; what was there before is `known`."""

    lines: int
    new: int
    known: int
    refused: int

    @property
    def exit_code(self) -> int:
        if self.refused == self.lines:
            return 2
        return 1 if self.refused else 0


def load(*, by: Scope, lines: Iterable[bytes]) -> Loaded:
    """Take a list of SHA-1 hashes in hexadecimal or of plain passwords, one a line; again the same adds nothing. A
    plain one is kept without regard to case."""
    read = refused = new = 0
    rest = iter(lines)
    with transaction.atomic():
        while chunk := list(islice(rest, CHUNK)):
            digests = set(_digests(chunk))
            read += len(chunk)
            refused += sum(_digest(line) is None for line in chunk)
            new += _copy(digests)
        audit.record(
            kind=Kind.JOB, action="load_passwords", detail={"lines": read, "new": new, "refused": refused}, **by.audit()
        )
    return Loaded(lines=read, new=new, known=read - refused - new, refused=refused)


def _digests(lines: Iterable[bytes]) -> Iterator[str]:
    return (digest for digest in map(_digest, lines) if digest is not None)


def _digest(line: bytes) -> str | None:
    text = line.rstrip(b"\r\n")
    hashed = _HASHED.fullmatch(text)
    if hashed:
        return hashed.group(1).decode().lower()
    try:
        plain = text.decode()
    except UnicodeDecodeError:
        return None
    return _sha1(plain.lower()) if plain else None


def _sha1(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def _copy(digests: set[str]) -> int:
    """How many were new. COPY goes into a table of this transaction, since it cannot pass over what is there."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE IF NOT EXISTS stage_breached (sha1 text) ON COMMIT DROP")
        cursor.execute("TRUNCATE stage_breached")
        cursor.copy_expert("COPY stage_breached FROM STDIN", io.StringIO("".join(f"{digest}\n" for digest in digests)))
        cursor.execute(
            "INSERT INTO portals_breachedpassword (sha1) SELECT decode(sha1, 'hex') FROM stage_breached"
            " ON CONFLICT (sha1) DO NOTHING"
        )
        written: int = cursor.rowcount
    return written


def is_known(password: str) -> bool:
    """Does it stand in a list that was loaded, as typed or in small letters? One query."""
    digests = {bytes.fromhex(_sha1(spelling)) for spelling in (password, password.lower())}
    return BreachedPassword.objects.filter(sha1__in=digests).exists()


class BreachedPasswordValidator:
    """Beside Django's own list of common ones (AUTH_PASSWORD_VALIDATORS)."""

    def validate(self, password: str, user: Any = None) -> None:
        if is_known(password):
            raise ValidationError(
                _("This password became known when another website was broken into. Choose another one."),
                code="password_breached",
            )

    def get_help_text(self) -> str:
        return _("Your password must not be one that became known when another website was broken into.")
