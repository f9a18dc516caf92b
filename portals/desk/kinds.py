"""The kinds of request that the desk works. Each app registers its own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.translation import pgettext

from portals.access import Desk
from portals.enums import Team
from portals.models import DeskRequest
from portals.scope import Scope

Facts = Sequence[tuple[Any, str]]  # a label and its value, as a page shows them


@dataclass(frozen=True, slots=True)
class Decision:
    """What the desk grants on a request of a kind. One person proposes what the form holds; with `four_eyes` another
    one approves it, and only then it is carried out, in the transaction that closes the request."""

    form: Callable[..., DecisionForm]  # form(data, request=row)
    summary: Callable[[DeskRequest, dict[str, Any]], Facts]  # what the second person reads
    carry_out: Callable[[DeskRequest, dict[str, Any], Scope], None]  # raises CannotCarryOut
    permission: str = Desk.WORK_QUEUE
    four_eyes: bool = True
    whose: Callable[[DeskRequest, dict[str, Any]], set[int]] | None = None  # users who get it: none of the two decides


class DecisionForm(forms.Form):
    """Fields of a decision; `decision` is what is kept of them, as JSON."""

    def __init__(self, *args: Any, request: DeskRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request

    def decision(self) -> dict[str, Any]:
        return dict(self.cleaned_data)


@dataclass(frozen=True, slots=True)
class RequestKind:
    """How a kind of request is named, who works it, how many business days they have, and where its own page is (None:
    the frame's page suffices). `facts` is the request's detail for people."""

    team: Team
    label: Any
    url: Callable[[DeskRequest], str] | None = None
    business_days: int | None = None
    facts: Callable[[DeskRequest], Facts] | None = None
    decision: Decision | None = None
    own_end: bool = False  # its own page alone ends it, since something else ends with it

    @property
    def stays(self) -> bool:
        """With its team, which alone has the permission that it needs."""
        return self.own_end or self.decision is not None


_kinds: dict[str, RequestKind] = {}


def register(name: str, kind: RequestKind) -> None:
    _kinds[name] = kind


def kind_of(request: DeskRequest) -> RequestKind:
    return _kinds[request.kind]


def kind_named(name: str) -> RequestKind:
    return _kinds[name]


def kinds_of(teams: Sequence[str]) -> dict[str, RequestKind]:
    """Kinds that these teams work, by name."""
    return {name: kind for name, kind in _kinds.items() if kind.team in teams}


def facts(request: DeskRequest) -> Facts:
    own = kind_of(request).facts
    if own is not None:
        return own(request)
    return [(name.replace("_", " ").capitalize(), str(value)) for name, value in request.detail.items()]


def day_text(iso: str) -> str:
    """A day of a request's detail, for people."""
    return date_format(dt.date.fromisoformat(iso), pgettext("date within a sentence", "F j, Y"))


class NotAllowed(ValueError):
    """The table of transitions does not know this change, or a kind asks for a decision first."""


class CannotCarryOut(ValueError):
    """A decision that cannot be carried out as things are now; the message says why, to the desk."""
