"""The request as pages see it: with its scope, and with one of our users once signed in."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.http import HttpRequest

from portals.models import User
from portals.scope import Scope


@dataclass(slots=True)
class Disclosed:
    """Whose protected fields an answer shows; filled by `pages.disclose`."""

    subjects: list[tuple[str, int]] = field(default_factory=list)
    detail: dict[str, object] = field(default_factory=dict)
    found: list[tuple[str, list[object]]] = field(default_factory=list)  # queries of more subjects


@dataclass(frozen=True, slots=True)
class SessionTime:
    """How many seconds a signed-in person has before the session ends: without a click, and at its full age."""

    left: int
    in_all: int


class Request(HttpRequest):
    """`user` may be read as ours only on pages that a signed-in person enters."""

    scope: Scope
    disclosed: Disclosed
    user: User
    counted_as: str  # at the sign-in: as whom this browser's tries count
    session_time: SessionTime | None
    kept: dict[str, object] | None  # what this person had typed here before the session ended
