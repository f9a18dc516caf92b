"""Lists as CSV: ISO dates, amounts as decimals, and no cell that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from decimal import Decimal

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

TYPE = "text/csv; charset=utf-8"


def answer(
    name: str, head: Sequence[object], rows: Iterable[Sequence[object]], *, made_for: tuple[object, str] | None = None
) -> HttpResponse:
    """The file of a page. `made_for` is a last column and what it says on every row: who took the file for whom."""
    if made_for is not None:
        label, words = made_for
        head, rows = [*head, label], ([*row, words] for row in rows)
    response = HttpResponse(written(head, rows), content_type=TYPE)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def url_of(request: HttpRequest, name: str) -> str:
    """The address of the whole list as a file, filters and order as on the page of it that is shown."""
    query = request.GET.copy()
    query.pop("page", None)
    return f"{reverse(name)}?{query.urlencode()}"


def written(head: Sequence[object], rows: Iterable[Sequence[object]]) -> bytes:
    """Rows are taken one by one: what is held is the file."""
    out = io.BytesIO()
    text = io.TextIOWrapper(out, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow([str(cell) for cell in head])
    writer.writerows([_safe(cell) for cell in row] for row in rows)
    return out.getvalue()


def _safe(cell: object) -> str:
    text = str(cell)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t") and not isinstance(cell, Decimal | int) else text
