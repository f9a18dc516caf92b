"""Whom and what the ledger's rows are about: how each kind is called, named, found by what people type, and opened.

ledger_names.register_kind("practice", label=_("Practice"), names=ledger_telling.names, find=ledger_telling.find)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portals import users
from portals.models import DeskRequest, User

Subject = tuple[str, int]


@dataclass(frozen=True, slots=True)
class SubjectKind:
    """`find` answers the id of what somebody typed exactly; `link` where its own page is, with the permission that
    opens it."""

    label: Any
    find: Callable[[str], int | None] | None = None
    link: Callable[[int], str] | None = None
    permission: str = ""


@dataclass(frozen=True, slots=True)
class Named:
    """One subject for people."""

    kind: str
    id: int
    label: str  # what it is
    name: str

    @property
    def reference(self) -> str:
        return f"{self.kind}:{self.id}"


_kinds: dict[str, SubjectKind] = {}


def register_kind(
    name: str,
    *,
    label: Any,
    names: Names | None = None,
    find: Callable[[str], int | None] | None = None,
    link: Callable[[int], str] | None = None,
    permission: str = "",
) -> None:
    """`names`: ids to names, in one query."""
    _kinds[name] = SubjectKind(label, find, link, permission)
    if names is not None:
        register_names(name, names)


def label(kind: str) -> str:
    return str(_kinds[kind].label) if kind in _kinds else kind.replace("_", " ")


def kind_of(name: str) -> SubjectKind | None:
    return _kinds.get(name)


def findable() -> list[tuple[str, Any]]:
    """The kinds that can be found by what somebody types."""
    return [(name, kind.label) for name, kind in _kinds.items() if kind.find is not None]


def parse(reference: str) -> Subject | None:
    """`client:12` of a kind that is known; None for anything else."""
    found = re.fullmatch(r"([a-z_]{1,20}):([0-9]{1,18})", reference)
    return (found[1], int(found[2])) if found and found[1] in _kinds else None


def named(subjects: Iterable[Subject]) -> dict[Subject, Named]:
    """A query for each kind that there is."""
    listed = list(dict.fromkeys(subjects))
    names = names_of(listed)
    return {
        subject: Named(*subject, label(subject[0]), names.get(subject, f"{label(subject[0])} {subject[1]}"))
        for subject in listed
    }


# --- The door's own -----------------------------------------------------------------------------------------------


MOST_PEOPLE = 20


def people(typed: str) -> list[User]:
    """Whom somebody may mean: the account with this username or e-mail, else everybody in whose name all the words
    are, at most `MOST_PEOPLE`. Two queries."""
    exact = users.named(typed, among=User.objects.all())
    if exact is not None:
        return [exact]
    found = User.objects.all()
    for word in typed.split():
        found = found.filter(Q(given_name__icontains=word) | Q(family_name__icontains=word))
    return list(found.order_by("family_name", "given_name", "pk")[:MOST_PEOPLE])


def _user(typed: str) -> int | None:
    found = people(typed)
    return found[0].pk if len(found) == 1 else None


def _request_names(ids: Iterable[int]) -> dict[int, str]:
    return {row.pk: row.number for row in DeskRequest.objects.filter(pk__in=list(ids)).only("pk")}


def register() -> None:
    register_kind("user", label=_("User"), find=_user)
    register_kind("desk_request", label=_("Request"), names=_request_names)
    register_kind("invitation", label=_("Invitation"))


Names = Callable[[Iterable[int]], dict[int, str]]

_names: dict[str, Names] = {}


def register_names(kind: str, names: Names) -> None:
    """How subjects of a kind are named at a review: ids to names, in one query."""
    _names[kind] = names


def names_of(subjects: Iterable[tuple[str, int]]) -> dict[tuple[str, int], str]:
    """Those subjects that have a name. A query for each kind that there is."""
    ids: dict[str, list[int]] = {}
    for kind, pk in subjects:
        ids.setdefault(kind, []).append(pk)
    return {(kind, pk): name for kind, ask in _names.items() if kind in ids for pk, name in ask(ids[kind]).items()}


def user_names(ids: Iterable[int]) -> dict[int, str]:
    return {user.pk: user.display_name for user in User.objects.filter(pk__in=list(ids))}


def subject_label(subject: tuple[str, int], names: Mapping[tuple[str, int], str]) -> str:
    """A subject by its name, or by kind and id where it has none."""
    return names.get(subject, f"{subject[0]} {subject[1]}")
