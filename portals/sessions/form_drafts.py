"""Nothing typed is lost by an expired session: what stood in a page's forms, or came too late, is kept for a day.

Encrypted, for the same person at the same page working for the same party, and never a password, a code, an account
number, a Social Security number or a file. The door's own pages keep nothing.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import uuid
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidTag
from django.http import HttpRequest
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone

from audit import actions as audit
from audit.enums import Kind
from portals.crypto import values as crypto
from portals.models import Draft, User
from portals.scope import Scope

KEPT_KEY = "kept"  # in the session: something waits, so that only such a session's pages look
LIVES = dt.timedelta(days=1)
MOST_CHARACTERS = 100_000
MOST_DRAFTS = 20
LONGEST_PATH = 500  # what the column holds

# Names of fields whose values are never kept, whatever the page says of them; and how a Social Security number looks.
_NEVER = re.compile(
    r"passw|secret|token|routing|ssn|social|cvv|card_?number|account_?number|^(again|code|answer|number|pin)$", re.I
)
_SSN = re.compile(r"\s*\d{3}[- ]?\d{2}[- ]?\d{4}\s*")
_CSRF = "csrfmiddlewaretoken"

Field = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed at a page. `sent`: it was sent too late, as one form with its hidden fields; else it stood in
    the forms of an open page, which are found again by where they send to and their number."""

    path: str
    sent: bool
    forms: list[dict[str, Any]] = field(default_factory=list)  # {"at": path, "n": number, "fields": [[name, value]]}
    left_out: bool = False
    files: bool = False

    @property
    def fields(self) -> list[Field]:
        return [(name, value) for form in self.forms for name, value in form["fields"]]


def audience_of(path: str) -> str:
    """The audience of the page at a path of this site where what is typed may be kept; else blank."""
    if not path.startswith("/") or len(path) > LONGEST_PATH:
        return ""
    try:
        match = resolve(path)
    except Resolver404:
        return ""
    declaration = getattr(match.func, "declaration", None)
    if declaration is None or declaration.audience == "anyone" or "door" in match.namespaces:
        return ""
    return str(declaration.audience)


def is_export(path: str) -> bool:
    """Is at this path of the site a list as a file?"""
    try:
        match = resolve(path.partition("?")[0])
    except Resolver404:
        return False
    declaration = getattr(match.func, "declaration", None)
    return declaration is not None and declaration.kind == Kind.EXPORT


def step_up_at(path: str) -> int:
    declaration: Any = getattr(resolve(path).func, "declaration")  # noqa: B009 - what `page` leaves on a view
    return int(declaration.step_up)


def brought(request: HttpRequest) -> Typed | None:
    """What a request that came after the end of its session was to send or to keep."""
    if request.method != "POST":
        return None
    if request.path == reverse("door:keep"):
        return from_page(request)
    names = [name for name in request.POST if name != _CSRF]
    kept = [[name, value] for name in names for value in request.POST.getlist(name) if _may(name, value)]
    left_out = len(kept) < sum(len(request.POST.getlist(name)) for name in names)
    if not (kept or request.FILES) or _size(kept) > MOST_CHARACTERS:
        return None
    form = {"at": request.path, "n": -1, "fields": kept}
    return Typed(path=request.path, sent=True, forms=[form], left_out=left_out, files=bool(request.FILES))


def from_page(request: HttpRequest) -> Typed | None:
    """What the script of an open page says stands in its forms; None for what it cannot have said."""
    if len(request.body) > 4 * MOST_CHARACTERS:
        return None
    try:
        posted = json.loads(request.body)
        forms: list[dict[str, Any]] = [
            {
                "at": str(form["at"])[:500],
                "n": int(form["n"]),
                "fields": [[str(name), str(value)] for name, value in form["fields"] if _may(str(name), str(value))],
            }
            for form in posted["forms"]
        ]
        path = str(posted["path"])
    except (ValueError, KeyError, TypeError):
        return None
    forms = [form for form in forms if form["fields"]]
    if not forms or sum(_size(form["fields"]) for form in forms) > MOST_CHARACTERS:
        return None
    return Typed(path=path, sent=False, forms=forms)


def _may(name: str, value: str) -> bool:
    return name != _CSRF and not _NEVER.search(name) and not _SSN.fullmatch(value) and "\0" not in value


def _size(fields: list[list[str]]) -> int:
    return sum(len(name) + len(value) for name, value in fields)


def keep(*, user: User, typed: Typed, tenant: str, by: Scope) -> None:
    """One draft a page: the latest. Whoever has kept too many already keeps no more."""
    if Draft.objects.filter(user=user).exclude(path=typed.path).count() >= MOST_DRAFTS:
        return
    row_uuid = uuid.uuid4()
    draft = {
        "tenant": tenant,
        "sent": typed.sent,
        "forms": typed.forms,
        "left_out": typed.left_out,
        "files": typed.files,
    }
    row = Draft(
        uuid=row_uuid,
        user=user,
        path=typed.path,
        fields=crypto.encrypt(json.dumps(draft), context=_context(row_uuid)),
        kept_at=timezone.now(),
    )
    Draft.objects.bulk_create(
        [row], update_conflicts=True, unique_fields=["user", "path"], update_fields=["uuid", "fields", "kept_at"]
    )
    _record(Kind.CREATE, "door.keep_draft", row, by)


def waiting(user: User) -> bool:
    return bool(_alive(user.pk).exists())


def take(*, user_id: int, path: str, by: Scope) -> dict[str, object] | None:
    """What stood in the forms of this page, for the page's script; it is gone from here then. What was sent too late
    waits for its own page, unless a file has to be chosen anew."""
    row = _alive(user_id).filter(path=path).select_for_update().first()
    if row is None:
        return None
    tenant, typed = _read(row)
    if typed is None or (typed.sent and not typed.files) or tenant != by.tenant:
        return None
    row.delete()
    _record(Kind.DELETE, "door.take_draft", row, by)
    return {"forms": typed.forms}


def late(user: User) -> tuple[Draft, str, Typed] | None:
    """The latest thing that was sent too late, with the party for which it was meant."""
    for row in _alive(user.pk).order_by("-kept_at"):
        tenant, typed = _read(row)
        if typed is not None and typed.sent:
            return row, tenant, typed
    return None


def forget(*, user_id: int, path: str) -> None:
    Draft.objects.filter(user=user_id, path=path).delete()


def purge() -> int:
    return Draft.objects.filter(kept_at__lte=timezone.now() - LIVES).delete()[0]


def _alive(user_id: int) -> Any:
    return Draft.objects.filter(user=user_id, kept_at__gt=timezone.now() - LIVES)


def _read(row: Draft) -> tuple[str, Typed | None]:
    try:
        draft = json.loads(crypto.decrypt(bytes(row.fields), context=_context(row.uuid)))
    except (KeyError, InvalidTag):  # its key is gone: then so is the draft
        return "", None
    tenant = draft.pop("tenant")
    return tenant, Typed(path=row.path, **draft)


def _context(row_uuid: uuid.UUID) -> str:
    return f"portals_draft.fields.{row_uuid}"


def _record(kind: Kind, action: str, row: Draft, by: Scope) -> None:
    audit.record(kind=kind, action=action, object_kind="draft", object_id=str(row.uuid), **by.audit())
