"""Letters on paper: what waits in the outbox, printed by the operators as one PDF and mailed by the plan."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation

from audit import actions as audit
from audit.enums import Kind
from portals import enums
from portals.files import pdf
from portals.files import stored as files
from portals.mail import outbox
from portals.models import OutboxMail, StoredFile
from portals.plan.brand import brand
from portals.scope import Scope

KIND = "letters"
MOST = 500  # letters in one file; the others wait for the next run


class UnknownRunError(ValueError):
    """No file of letters has this reference."""


@dataclass(frozen=True, slots=True)
class Run:
    """One file of letters and how many it holds; `waiting` were left for the next run."""

    stored: StoredFile
    letters: int
    waiting: int


def print_due(*, by: Scope, as_of: dt.date, most: int = MOST) -> Run | None:
    """The oldest waiting letters as one PDF dated `as_of`, a new page each; None when none waits. The file is kept in
    the transaction that marks them sent, so that no letter is lost or printed twice; from then on only the file, which
    is stored encrypted, says what stood in them."""
    with transaction.atomic():
        waiting = OutboxMail.objects.filter(letter=True, status=enums.MailStatus.WAITING)
        rows = list(waiting.select_for_update(skip_locked=True).order_by("id")[:most])
        if not rows:
            return None
        with translation.override(settings.LANGUAGE_CODE):  # whatever was asked for before
            data = pdf.pdf("documents/letter.html", {"letters": rows, "date": as_of, "brand": brand()})
        stored = files.store(
            kind=KIND, owner="plan", name=f"letters-{as_of}.pdf", content_type="application/pdf", data=data
        )
        OutboxMail.objects.filter(pk__in=[row.pk for row in rows]).update(
            status=enums.MailStatus.SENT, sent_at=timezone.now(), **({} if settings.DEMO else outbox.SPENT)
        )
        _record(by, "letters.print", stored, {"letters": len(rows), "as_of": as_of})
        return Run(stored, len(rows), waiting.count())


def again(*, by: Scope, reference: str) -> StoredFile:
    """A file that was made before, when its copy was lost. Raises UnknownRunError."""
    with transaction.atomic():
        stored = StoredFile.objects.filter(kind=KIND, uuid=reference).first()
        if stored is None:
            raise UnknownRunError(reference)
        _record(by, "letters.again", stored, {})
        return stored


def _record(by: Scope, action: str, stored: StoredFile, detail: dict[str, object]) -> None:
    audit.record(
        kind=Kind.EXPORT,
        action=action,
        object_kind="stored_file",
        object_id=str(stored.uuid),
        detail=detail,
        **by.audit(),
    )
