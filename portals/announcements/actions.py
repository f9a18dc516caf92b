"""The plan's news: what a person is shown today, and how staff publish, change and withdraw it (X6)."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone
from django.utils.translation import get_language

from audit import actions as audit
from audit.enums import Kind
from portals.enums import NewsState
from portals.models import Announcement
from portals.plan.periods import from_last_day, last_day_covered
from portals.scope import Scope

SHOWN_AT_ONCE = 3


@dataclass(frozen=True, slots=True)
class Notice:
    """As a page says it, in the reader's language."""

    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Text:
    """What staff write. `first` and `last` are both days on which it is shown."""

    audience: str
    region: str
    title: str
    body: str
    title_es: str
    body_es: str
    first: dt.date
    last: dt.date


class Withdrawn(Exception):
    """It was taken back meanwhile; nothing of it changes any more."""


def notice(row: Announcement | Text, language: str = "") -> Notice:
    spanish = (language or get_language() or "").startswith("es") and row.title_es
    return Notice(row.title_es, row.body_es) if spanish else Notice(row.title, row.body)


def shown(*, audience: str, region: str = "", as_of: dt.date) -> list[Notice]:
    """The newest that this audience and region see on that day. One query."""
    rows = Announcement.objects.filter(
        shown__contains=as_of, withdrawn_at=None, audience__in=[audience, ""], region__in=[region, ""]
    )
    return [notice(row) for row in rows.order_by("-id")[:SHOWN_AT_ONCE]]


def state(row: Announcement, as_of: dt.date) -> NewsState:
    if row.withdrawn_at is not None:
        return NewsState.WITHDRAWN
    if as_of in row.shown:
        return NewsState.SHOWN
    return NewsState.COMING if as_of < row.shown.lower else NewsState.PAST


def text_of(row: Announcement) -> Text:
    last = last_day_covered(row.shown.upper)
    assert last is not None
    return Text(
        row.audience, row.region, row.title, row.body, row.title_es, row.body_es, first=row.shown.lower, last=last
    )


def publish(*, text: Text, by: Scope) -> Announcement:
    with transaction.atomic():
        row = Announcement.objects.create(**_columns(text))
        _record(Kind.CREATE, "announce.publish", row, by, {"text": asdict(text)})
        return row


def change(*, announcement_id: int, text: Text, by: Scope) -> Announcement:
    """The ledger keeps both texts. Raises Withdrawn, Announcement.DoesNotExist."""
    with transaction.atomic():
        row = _locked(announcement_id)
        before = text_of(row)
        if before == text:
            return row
        for name, value in _columns(text).items():
            setattr(row, name, value)
        row.save()
        _record(Kind.CHANGE, "announce.change", row, by, {"before": asdict(before), "text": asdict(text)})
        return row


def withdraw(*, announcement_id: int, by: Scope) -> Announcement:
    """Nobody sees it from now on. Raises Withdrawn, Announcement.DoesNotExist."""
    with transaction.atomic():
        row = _locked(announcement_id)
        row.withdrawn_at = timezone.now()
        row.save(update_fields=["withdrawn_at"])
        _record(Kind.CHANGE, "announce.withdraw", row, by, {})
        return row


def _locked(announcement_id: int) -> Announcement:
    row = Announcement.objects.select_for_update().get(pk=announcement_id)
    if row.withdrawn_at is not None:
        raise Withdrawn
    return row


def _columns(text: Text) -> dict[str, object]:
    columns = asdict(text)
    return columns | {"shown": DateRange(columns.pop("first"), from_last_day(columns.pop("last")))}


def _record(kind: Kind, action: str, row: Announcement, by: Scope, detail: dict[str, object]) -> None:
    audit.record(
        kind=kind, action=action, object_kind="announcement", object_id=str(row.pk), detail=detail, **by.audit()
    )
