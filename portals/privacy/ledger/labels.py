"""The ledger in words: what the names of fields and actions mean, for whoever reads what was done.

    ledger_labels.register(fields={"person.name": _("Name")}, actions={"staff.end": _("Left a team")})

Each app registers its own in `AppConfig.ready`. A field is a group of protected fields as pages declare them, an action
what wrote the row, or a page's name: a page says itself what it is called (`@page(label=...)`), but for those that one
view makes for several portals. A house test holds that every page which discloses has a label.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

_fields: dict[str, Any] = {}
_actions: dict[str, Any] = {}
_grants: dict[str, Any] = {}
_details: dict[str, Any] = {}


def register(
    *,
    fields: Mapping[str, Any] | None = None,
    actions: Mapping[str, Any] | None = None,
    grants: Mapping[str, Any] | None = None,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Lazy words, by the name in the ledger; a grant's by what stands before its number, a detail's by its name."""
    _fields.update(fields or {})
    _actions.update(actions or {})
    _grants.update(grants or {})
    _details.update(details or {})


@functools.cache
def _pages() -> Mapping[str, Any]:
    """Labels by URL name."""
    found: dict[str, Any] = {}

    def walk(patterns: Iterable[URLPattern | URLResolver], namespace: str) -> None:
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                own = f"{pattern.namespace}:" if pattern.namespace else ""
                walk(pattern.url_patterns, namespace + own)
            elif label := getattr(getattr(pattern.callback, "declaration", None), "label", ""):
                found[f"{namespace}{pattern.name}"] = label

    walk(get_resolver().url_patterns, "")
    return found


def _label(name: str) -> Any:
    return _actions.get(name) or _pages().get(name, name)


def field(name: str) -> str:
    """The name itself where nobody has words for it."""
    return str(_fields.get(name, name))


def action(name: str) -> str:
    """The name itself where nobody has words for it."""
    return str(_label(name))


def grant(reference: str) -> str:
    """`client-grant:7` as "Grant of a client to an agency, 7"."""
    kind, _colon, number = reference.partition(":")
    return f"{_grants[kind]}, {number}" if kind in _grants else reference


def detail(name: str) -> str:
    """The name of a detail, without the sign between its words where nobody has better ones."""
    return str(_details.get(name, name.replace("_", " ")))


def fields(names: Iterable[str]) -> list[str]:
    """Each word once, in the order of the names."""
    return list(dict.fromkeys(field(name) for name in names))


def actions(names: Iterable[str]) -> list[str]:
    """Each word once, in the order of the names."""
    return list(dict.fromkeys(action(name) for name in names))


def actions_like(typed: str) -> list[str]:
    """The actions whose words hold what was typed, in the reader's language, whatever the case."""
    text = typed.casefold()
    return [name for name in known()[1] if text in str(_label(name)).casefold()]


def known() -> tuple[frozenset[str], frozenset[str]]:
    """The fields and the actions that have labels."""
    return frozenset(_fields), frozenset(_actions) | frozenset(_pages())
