"""Files that people send: checked by content, cleaned, and kept encrypted. docs/adr/0005-uploads.md says why so.

checked = uploads.check(file, kind="agency.licence", by=scope)   # raises UploadRefused; `UploadField` does this
row = uploads.take(checked, owner=scope.party, by=scope)         # in the transaction of what it belongs to
return files.serve(row)                                          # to who may see it: that is the caller's duty
"""

from __future__ import annotations

import datetime as dt
import json
import re
import subprocess
import sys
import threading
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import connection
from django.db.models import Count, Sum
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from audit import actions as audit
from audit.enums import Kind, Outcome
from portals.enums import FileRefusal, FileType
from portals.files import scanner
from portals.files import stored as files
from portals.files.inspection import verdicts
from portals.models import StoredFile
from portals.scope import PartyRef, Scope

DOCUMENTS = (FileType.PDF, FileType.JPEG, FileType.PNG)
EXTENSIONS = {
    FileType.PDF: (".pdf",),
    FileType.JPEG: (".jpg", ".jpeg"),
    FileType.PNG: (".png",),
    FileType.CSV: (".csv",),
}
CONTENT_TYPES = {
    FileType.PDF: "application/pdf",
    FileType.JPEG: "image/jpeg",
    FileType.PNG: "image/png",
    FileType.CSV: "text/csv; charset=utf-8",
}
DAY = dt.timedelta(days=1)
MB = 1024 * 1024
LONGEST_NAME = 100  # characters, with the extension

_ROOM = str(Path(__file__).parent)
_START = "import sys; sys.path.append(sys.argv[1]); from inspection.child import run; run()"
_LOCK = 1_969_319_013  # any number of our own, beside the person's
_AT_ONCE = threading.BoundedSemaphore(2)  # readings a web process runs, each with a gigabyte at most


class UploadRefused(ValidationError):
    """A file that is not taken. `code` is a `FileRefusal`; a form shows the words beside the field."""

    def __init__(self, reason: FileRefusal, **params: object) -> None:
        super().__init__(reason.label, code=reason.value, params=params)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Checked:
    """A file that may be kept: `data` is what was read again after cleaning, `name` is safe to show and to save."""

    kind: str
    name: str
    type: FileType
    data: bytes


def limit_text(limit: int) -> str:
    """10 MB; the same in every language."""
    return f"{limit // MB}\N{NO-BREAK SPACE}MB" if limit >= MB else f"{limit // 1024}\N{NO-BREAK SPACE}kB"


def type_text(allowed: Collection[FileType]) -> object:
    """PDF, JPEG or PNG."""
    *first, last = (FileType(each).label for each in allowed)
    return format_lazy(_("{first} or {last}"), first=_listed(first), last=last) if first else last


def _listed(labels: Sequence[object]) -> object:
    return format_lazy(", ".join(["{}"] * len(labels)), *labels)


def check(
    file: UploadedFile[Any], *, kind: str, by: Scope, allowed: Collection[FileType] = DOCUMENTS, limit: int = 0
) -> Checked:
    """The file as it may be kept. `kind` is the caller's word for what it is, cleared for the ledger; `limit` is in
    bytes (default: the setting `UPLOAD_LIMIT`).

    Raises `UploadRefused`, with a row in the ledger that says kind, size and reason and never the name. The row is of
    the page's transaction: a page that shows the refusal beside its field commits it.
    """
    try:
        return _checked(file, kind, by, allowed, limit or settings.UPLOAD_LIMIT)
    except UploadRefused as refused:
        audit.record(
            kind=Kind.FAILURE,
            action="uploads.refuse",
            outcome=Outcome.REFUSED,
            detail={"kind": kind, "size": file.size or 0, "reason": refused.reason.value},
            **by.audit(),
        )
        raise


def take(checked: Checked, *, owner: PartyRef | str, by: Scope) -> StoredFile:
    """Keep a checked file among the owner's, encrypted; one row in the ledger. Never refuses."""
    row = files.store(
        kind=checked.kind,
        owner=owner,
        name=checked.name,
        content_type=CONTENT_TYPES[checked.type],
        data=checked.data,
        uploader_id=by.user_id,
    )
    audit.record(
        kind=Kind.CREATE,
        action="uploads.take",
        object_kind="stored_file",
        object_id=str(row.uuid),
        detail={"kind": row.kind, "type": checked.type.value, "size": row.size, "owner": row.owner},
        **by.audit(),
    )
    return row


def _checked(file: UploadedFile[Any], kind: str, by: Scope, allowed: Collection[FileType], limit: int) -> Checked:
    size = file.size or 0
    if not size:
        raise UploadRefused(FileRefusal.EMPTY)
    if size > limit or getattr(file, "cut", False):
        raise UploadRefused(FileRefusal.LARGE, limit=limit_text(limit))
    data = file.read()
    found = verdicts.sniff(data)
    if found not in [each.value for each in allowed]:
        raise UploadRefused(FileRefusal.TYPE, allowed=type_text(allowed))
    if by.user_id is not None and not _alone(by.user_id):
        raise UploadRefused(FileRefusal.BUSY)
    if _spent(by, size):
        raise UploadRefused(FileRefusal.QUOTA)
    cleaned = _inspected(found, data)
    if len(cleaned) > files.LIMIT:
        raise UploadRefused(FileRefusal.LARGE, limit=limit_text(limit))
    try:
        scanner.scan(data)
    except scanner.Found as virus:
        raise UploadRefused(FileRefusal.VIRUS) from virus
    except scanner.Unreachable as silent:
        raise UploadRefused(FileRefusal.UNSCANNED) from silent
    return Checked(kind, clean_name(file.name or "", FileType(found)), FileType(found), cleaned)


def _alone(user_id: int) -> bool:
    """One request of a person at a time has its files read, to the end of its transaction: nobody holds all readings,
    and with them the site."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [_LOCK, user_id])
        return bool(cursor.fetchone()[0])


def _spent(by: Scope, size: int) -> bool:
    """Whether this person has sent as much as the plan takes in 24 hours. Files of one form are let through
    together. Commands and jobs have no quota."""
    if by.user_id is None:
        return False
    sent = StoredFile.objects.filter(uploader=by.user_id, created_at__gt=timezone.now() - DAY).aggregate(
        count=Count("id"), size=Sum("size", default=0)
    )
    return bool(sent["count"] >= settings.UPLOAD_DAILY_FILES or sent["size"] + size > settings.UPLOAD_DAILY_BYTES)


# --- Reading, in a process of its own -----------------------------------------------------------------------------

_LIMITS = {verdicts.PAGES: verdicts.MOST_PAGES, verdicts.PIXELS: verdicts.MOST_PIXELS // 1_000_000}


def _inspected(found: str, data: bytes) -> bytes:
    """What to keep: the picture drawn anew, or the very same bytes. The process that reads has no environment, hence
    no keys and no database, and ends itself at its bounds."""
    seconds = settings.UPLOAD_READING_SECONDS
    command = [sys.executable, "-I", "-c", _START, _ROOM, found, str(seconds)]
    if not _AT_ONCE.acquire(timeout=seconds):
        raise UploadRefused(FileRefusal.BUSY)
    try:
        done = subprocess.run(command, input=data, capture_output=True, env={}, timeout=2 * seconds, check=False)  # noqa: S603 - our own program
    except subprocess.TimeoutExpired as late:
        raise UploadRefused(FileRefusal.COMPLEX) from late
    finally:
        _AT_ONCE.release()
    if done.returncode < 0:  # stopped by a signal: the bound on time
        raise UploadRefused(FileRefusal.COMPLEX)
    if done.returncode:
        raise UploadRefused(FileRefusal.BROKEN)
    verdict, _newline, kept = done.stdout.partition(b"\n")
    reason = json.loads(verdict).get("refuse")
    if reason:
        raise UploadRefused(FileRefusal(reason), **({"limit": _LIMITS[reason]} if reason in _LIMITS else {}))
    return kept or data


# --- Names --------------------------------------------------------------------------------------------------------

_EXTENSION = re.compile(r"\.[A-Za-z][A-Za-z0-9]{0,4}\Z")
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)\Z", re.I)  # names that Windows keeps for itself
_UNSAFE = re.compile(r"""[<>:"|?*%;&$`'#{}\\/~^]""")


def clean_name(name: str, kind: FileType) -> str:
    """A name that is safe on every system and honest about the type: no folder, no control or direction characters,
    the extension of what the file is, instead of all that it claimed. "../../x.php" that is a PDF is x.pdf."""
    last = re.split(r"[\\/]", unicodedata.normalize("NFC", name))[-1]
    # What nobody sees, or what turns the order of letters, goes; unassigned characters too.
    seen = "".join(char for char in last if char == " " or unicodedata.category(char)[0] not in "CZ")
    stem = " ".join(_UNSAFE.sub(" ", seen).split()).strip(" .")
    while found := _EXTENSION.search(stem):
        stem = stem[: found.start()].rstrip(" .")
    extension = EXTENSIONS[kind][0]
    stem = stem[: LONGEST_NAME - len(extension)].strip(" .-") or "document"
    return ("document" if _RESERVED.match(stem) else stem) + extension
