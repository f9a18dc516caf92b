"""What the bank sent: a file that comes again, under whatever name and time, is known by its entries; return files that
could not be read are waited for."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable

from django.db import connection
from django.utils.translation import gettext as _

from billing.desk.request_kinds import returns_unread
from billing.models import BankFile
from portals.desk import actions as desk
from portals.enums import REQUEST_TODO, RequestStatus
from portals.models import DeskRequest
from portals.scope import Scope


def mark(*parts: object) -> str:
    """What stands for an entry in the summary of its file; no part of it may be a payer's account number."""
    return hashlib.sha256("|".join(str(part) for part in parts).encode()).hexdigest()[:32]


_KNOWN = """
SELECT entry, min(f.taken_at)
FROM billing_bankfile f CROSS JOIN LATERAL jsonb_array_elements_text(f.summary -> 'marks') AS entry
WHERE f.kind = %s AND entry = ANY(%s)
GROUP BY entry
"""


def known(kind: str, marks: Iterable[str]) -> dict[str, dt.datetime]:
    """Those of these entries that an earlier file of the kind held, with the first time."""
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN, [kind, list(marks)])
        return dict(cursor.fetchall())


def same_bytes(kind: str, digest: str) -> dt.datetime | None:
    """When this very file was taken."""
    taken: dt.datetime | None = (
        BankFile.objects.filter(kind=kind, sha256=digest).values_list("taken_at", flat=True).first()
    )
    return taken


# Return files that could not be read ----------------------------------------------------------------------------------


class ReturnsNotRead(ValueError):
    """Payments cannot be called paid: what the bank sent back on `day` is not known."""

    def __init__(self, day: dt.date) -> None:
        self.day = day
        super().__init__(f"The returns of {day:%b} {day.day} have not been read.")


def returns_not_read(*, by: Scope, data: bytes, name: str, error: str, as_of: dt.date) -> DeskRequest:
    """Billing operations have it; until it is settled, `billing.actions.ach.settle` stops."""
    return desk.open_request(
        kind=returns_unread.KIND,
        key=f"ach_unread:{as_of}:{hashlib.sha256(data).hexdigest()[:16]}",
        title=_("The bank's returns of %(day)s cannot be read") % {"day": as_of.isoformat()},
        detail={"day": as_of.isoformat(), "file": name, "error": error},
        by=by,
    )


def unread_days(*, until: dt.date) -> list[dt.date]:
    """Days whose returns could neither be read, nor did a person say that there were none."""
    waits = DeskRequest.objects.filter(kind=returns_unread.KIND, detail__day__lte=until.isoformat())
    days = (
        waits.exclude(status=RequestStatus.DONE).exclude(detail__has_key="read").values_list("detail__day", flat=True)
    )
    return sorted({dt.date.fromisoformat(day) for day in days})


def returns_read(*, by: Scope, days: Iterable[dt.date]) -> None:
    """A file of these days could be read after all."""
    wanted = [day.isoformat() for day in days]
    for row in DeskRequest.objects.filter(kind=returns_unread.KIND, detail__day__in=wanted).select_for_update():
        row.detail = {**row.detail, "read": True}
        row.save(update_fields=["detail"])
        if row.status in REQUEST_TODO:
            text = _("A file that can be read was taken.")
            desk.change_status(request_id=row.pk, status=RequestStatus.DONE, by=by, text=text)
