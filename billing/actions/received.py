"""What the bank sent before: a file that comes again, under whatever name and time, is known by its entries."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable

from django.db import connection

from billing.models import BankFile


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
