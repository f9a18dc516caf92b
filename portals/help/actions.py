"""Changing the help directory. A row in force is never rewritten: a change ends it and begins the next one, so that
what people were told on any past day stays readable."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from audit import actions as audit
from audit.enums import Kind
from portals.models import HelpContact
from portals.page_cache import forget
from portals.scope import Scope


@dataclass(frozen=True, slots=True)
class ContactFields:
    """What staff enter of a contact; `week` as stored."""

    owner: str
    owner_es: str
    phone: str
    week: list[list[list[str]]]
    zone: str
    holidays_off: bool
    note: str
    note_es: str


class ContactProblem(StrEnum):
    PAST = "past"  # before today: what people were told stays as it was
    BEFORE = "before"  # before the entry begins
    AFTER = "after"  # when the entry has ended, perhaps by another person meanwhile
    TAKEN = "taken"  # another entry of this audience, region and topic holds then


class ContactNotSaved(Exception):
    def __init__(self, problem: ContactProblem) -> None:
        super().__init__(problem)
        self.problem = problem


def add(
    *, audience: str, region: str, topic: str, entry: ContactFields, first: dt.date, today: dt.date, by: Scope
) -> HelpContact:
    """Begin an entry where none holds from that day on. Raises ContactNotSaved."""
    if first < today:
        raise ContactNotSaved(ContactProblem.PAST)
    try:
        with transaction.atomic():
            row = HelpContact.objects.create(
                audience=audience, region=region, topic=topic, effective=DateRange(first, None), **asdict(entry)
            )
    except IntegrityError as overlap:
        raise ContactNotSaved(ContactProblem.TAKEN) from overlap
    _record(Kind.CREATE, "help.add", row, by, {"first": first, "entry": asdict(entry)})
    return row


def change(*, contact_id: int, entry: ContactFields, first: dt.date, today: dt.date, by: Scope) -> HelpContact:
    """The same contact with other facts from that day on; the row of that day. Raises ContactNotSaved, DoesNotExist."""
    with transaction.atomic():
        row = _locked(contact_id, first, today)
        before = _entry(row)
        if first == row.effective.lower:  # nobody was told yet, or only today: corrected in place
            HelpContact.objects.filter(pk=row.pk).update(**asdict(entry))
            changed = row
        else:
            end = row.effective.upper
            row.effective = DateRange(row.effective.lower, first)
            row.save(update_fields=["effective"])
            changed = HelpContact.objects.create(
                audience=row.audience,
                region=row.region,
                topic=row.topic,
                effective=DateRange(first, end),
                **asdict(entry),
            )
        detail = {"first": first, "before": asdict(before), "entry": asdict(entry)}
        _record(Kind.CHANGE, "help.change", changed, by, detail)
        return changed


def end(*, contact_id: int, last: dt.date, today: dt.date, by: Scope) -> None:
    """Nobody is sent there after that day; an entry that has not begun goes, and the one before it goes on instead.
    Raises ContactNotSaved, DoesNotExist."""
    with transaction.atomic():
        row = _locked(contact_id, last, today, ending=True)
        if row.effective.lower > last:
            _take_back(row, by)
            return
        row.effective = DateRange(row.effective.lower, last + dt.timedelta(days=1))
        row.save(update_fields=["effective"])
        _record(Kind.CHANGE, "help.end", row, by, {"last": last})


def _take_back(row: HelpContact, by: Scope) -> None:
    first, until = row.effective.lower, row.effective.upper
    before = (
        HelpContact.objects.select_for_update()
        .filter(audience=row.audience, region=row.region, topic=row.topic, effective__endswith=first)
        .first()
    )
    _record(Kind.DELETE, "help.take_back", row, by, {"first": first, "entry": asdict(_entry(row))})
    row.delete()
    if before is not None:
        before.effective = DateRange(before.effective.lower, until)
        before.save(update_fields=["effective"])


def _locked(contact_id: int, day: dt.date, today: dt.date, *, ending: bool = False) -> HelpContact:
    row = HelpContact.objects.select_for_update().get(pk=contact_id)
    if day < today:
        raise ContactNotSaved(ContactProblem.PAST)
    if day < row.effective.lower and not ending:
        raise ContactNotSaved(ContactProblem.BEFORE)
    if row.effective.upper is not None and day >= row.effective.upper:
        raise ContactNotSaved(ContactProblem.AFTER)
    return row


def _entry(row: HelpContact) -> ContactFields:
    return ContactFields(**{name: getattr(row, name) for name in ContactFields.__dataclass_fields__})


def _record(kind: Kind, action: str, row: HelpContact, by: Scope, detail: dict[str, Any]) -> None:
    forget()
    key = {"audience": row.audience, "region": row.region, "topic": row.topic}
    audit.record(
        kind=kind, action=action, object_kind="help_contact", object_id=str(row.pk), detail=key | detail, **by.audit()
    )
