"""What the plan made for a client."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from employers.enums import DocumentKind
from employers.models import ClientDocument
from portals.scope import Scope

# Whom a document names, as `audit.record_subjects` takes it.
SUBJECTS = "SELECT 'person', unnest(people) FROM employers_clientdocument WHERE id = %s"
SORTS = {"name": "name", "made": "made_at", "people": "people_count", "size": "stored__size"}


def listed(scope: Scope, *, search: str = "", sort: str = "-made") -> QuerySet[ClientDocument]:
    """The client's documents with each one's file and request; `search` looks into name and kind. The latest first
    unless asked otherwise; "-" sorts downward."""
    text = search.strip()
    kinds = [kind.value for kind in DocumentKind if text.casefold() in str(kind.label).casefold()]
    column = SORTS.get(sort.removeprefix("-"), "made_at")
    return (
        ClientDocument.objects.visible_to(scope)
        .filter(Q(name__icontains=text) | Q(kind__in=kinds))
        .select_related("stored", "request__asked_by")
        .defer("people")
        .order_by(f"-{column}" if sort.startswith("-") else column, "-id")
    )
