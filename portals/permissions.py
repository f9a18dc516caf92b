"""One question, `allows(scope, permission, obj)`, answered with the reason when the answer is no."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from portals import doors
from portals.enums import Topic
from portals.scope import Scope


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


@dataclass(frozen=True, slots=True)
class GateWords:
    """How a closed gate is said: one sentence that names it, one that says who opens it and how (lazy strings).
    `owner` is the help-directory topic of whom to ask, where a permission's refusal has one."""

    reason: Any
    opener: Any
    owner: str = ""


_words: dict[str, GateWords] = {}


def describe_gate(gate: str, *, reason: Any, opener: Any, owner: str = "") -> None:
    """Each app's one catalogue of sentences for its gates, registered by its `access.py`."""
    _words[gate] = GateWords(reason, opener, owner)


def words(gate: str) -> GateWords | None:
    return _words.get(gate)


Predicate = Callable[[Scope, object], Answer]
_predicates: dict[str, Predicate] = {}


def declare(permission: str, predicate: Predicate | None = None) -> None:
    """Registered by each app's `access.py`; a permission without a predicate asks only that the scope holds it."""
    _predicates[permission] = predicate or (lambda scope, obj: ALLOWED)


def allows(scope: Scope, permission: str, obj: object = None) -> Answer:
    if permission not in _predicates:
        raise LookupError(f"permission {permission} is not declared")
    if permission not in scope.permissions:
        gate = f"permission:{permission}"
        said, door = words(gate), doors.find(scope.portal)
        return Answer(False, gate=gate, owner=(said and said.owner) or (door.help_topic if door else Topic.PORTAL))
    return _predicates[permission](scope, obj)


def require(scope: Scope, permission: str, obj: object = None) -> None:
    answer = allows(scope, permission, obj)
    if not answer:
        raise Refused(answer)
