"""What a permission is, and one question, `allows(scope, permission)`: a closed gate is named when the answer is no."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from portals.enums import Topic
from portals.scope import Portal, Scope


@dataclass(frozen=True, slots=True)
class Answer:
    """`gate` is a code of the closed gate, `owner` the help-directory topic of who opens it."""

    allowed: bool
    gate: str = ""
    owner: str = ""

    def __bool__(self) -> bool:
        return self.allowed


ALLOWED = Answer(True)


class Refused(Exception):
    """The person may know of the object, but a gate is closed. Becomes a page that names gate and owner."""

    def __init__(self, answer: Answer, **context: object) -> None:
        super().__init__(answer.gate)
        self.answer = answer
        self.context = context


class Permission(StrEnum):
    """One row a permission: each app's `access.py` has its rows in a subclass, and beside them the table of who holds
    them. `label` says what one may do, where a page lists it; `refusal` and `opener` are what somebody without it is
    told, and `owner` the help-directory topic of whom to ask where it is not the portal's own."""

    label: Any
    refusal: Any
    opener: Any
    owner: str

    def __new__(cls, code: str, label: Any = "", refusal: Any = "", opener: Any = "", owner: str = "") -> Self:
        row = str.__new__(cls, code)
        row._value_ = code
        row.label, row.refusal, row.opener, row.owner = label, refusal, opener, owner
        return row

    @classmethod
    def labels(cls, held: Collection[str]) -> list[Any]:
        """What somebody who holds these may do, as pages list it."""
        return [row.label for row in cls if row in held and row.label]


UNLISTED = ""  # the label of a permission that no page lists

_declared: set[str] = set()


def declare(rows: type[Permission]) -> None:
    """Registered by each app's `access.py`."""
    for row in rows:
        _declared.add(row)
        if row.refusal:
            describe_gate(gate_of(row), reason=row.refusal, opener=row.opener, owner=row.owner)


def gate_of(permission: str) -> str:
    return f"permission:{permission}"


@dataclass(frozen=True, slots=True)
class GateText:
    """How a closed gate is said: one sentence that names it, one that says who opens it and how (lazy strings).
    `owner` is the help-directory topic of whom to ask, where a permission's refusal has one."""

    reason: Any
    opener: Any
    owner: str = ""


_texts: dict[str, GateText] = {}


def describe_gate(gate: str, *, reason: Any, opener: Any, owner: str = "") -> None:
    """The text of a gate that is no permission, registered by the module that closes it."""
    _texts[gate] = GateText(reason, opener, owner)


def gate_text(gate: str) -> GateText | None:
    return _texts.get(gate)


# Who at the plan helps when nobody within can give a permission: the person who manages access comes first, and the
# gate's words say so.
MANAGERS: dict[Portal, Topic] = {
    Portal.MEMBER: Topic.MEMBER_SERVICES,
    Portal.EMPLOYER: Topic.CLIENT_MANAGEMENT,
    Portal.PRODUCER: Topic.CHANNEL_COMPENSATION,
    Portal.PROVIDER: Topic.WEB_HELP_DESK,
}


def allows(scope: Scope, permission: str) -> Answer:
    if permission not in _declared:
        raise LookupError(f"permission {permission} is not declared")
    if permission in scope.permissions:
        return ALLOWED
    gate = gate_of(permission)
    text = gate_text(gate)
    return Answer(False, gate=gate, owner=(text and text.owner) or MANAGERS.get(scope.portal, Topic.PORTAL))


def require(scope: Scope, permission: str) -> None:
    answer = allows(scope, permission)
    if not answer:
        raise Refused(answer)
