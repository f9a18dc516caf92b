"""Disclosures are written down, corrected and voided; an agency's wish that a person is not told is kept.

Nothing is changed: a correction is a new row, and what it replaces stays to be read. The ledger's rows hold the code of
the purpose and never what was disclosed to whom.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from audit import actions as audit
from audit.enums import Kind, Outcome
from members.cards import rules as cards
from members.disclosures import queries, rules
from members.enums import Statement
from members.models import Disclosure, DisclosureEnd, Person, Suspension
from portals import permissions
from portals.access import Desk
from portals.files import uploads
from portals.files.uploads import Checked
from portals.scope import PartyRef, Scope

MOST = 5_000  # members whom one entry names
FIELDS = ("disclosure.days", "disclosure.recipient", "disclosure.description", "disclosure.statement")


@dataclass(frozen=True, slots=True)
class What:
    """A disclosure as it was typed: both days included, `times` None where only the frequency is known."""

    first_on: dt.date
    last_on: dt.date
    times: int | None
    frequency: str
    recipient: str
    recipient_address: str
    description: str
    purpose: str
    statement: str
    case_number: str


class EndedAlready(ValueError):
    """It was corrected or voided before, perhaps by somebody else just now."""


class NotSuspendable(ValueError):
    """Only disclosures to health oversight agencies and law enforcement are suspended, and an oral statement once, for
    30 days at most (164.528(a)(2))."""


@dataclass(frozen=True, slots=True)
class LineFault:
    """A line of a list of members that names nobody, or somebody twice. `line` is 1-based."""

    line: int
    typed: str
    reason: str  # unknown, twice


def resolve(*, by: Scope, lines: Sequence[tuple[int, str]]) -> tuple[list[int], list[LineFault]]:
    """Whom a list of member IDs names, in its order, and which lines name nobody or somebody again. One row of the
    ledger says whom it found."""
    permissions.require(by, Desk.RECORD_DISCLOSURES)
    typed = [(line, text, cards.typed_identifier(text)) for line, text in lines]
    known = queries.by_member_ids(by, {number for _line, _text, number in typed})
    found: dict[int, int] = {}
    problems = []
    for line, text, number in typed:
        person_id = known.get(number)
        if person_id is None or person_id in found:
            problems.append(LineFault(line, text, "unknown" if person_id is None else "twice"))
        else:
            found[person_id] = line
    audit.record(
        kind=Kind.SEARCH,
        action="members.disclosures.resolve",
        outcome=Outcome.DONE if found else Outcome.FAILED,
        subjects=[("person", pk) for pk in found],
        detail={"lines": len(typed), "people": len(found)},
        **by.audit(),
    )
    return list(found), problems


def record(
    *, by: Scope, people: Sequence[int], what: What, once: uuid.UUID, request_file: Checked | None = None
) -> int:
    """Write the same disclosure of each of the people, all or none, and answer of how many. Twice with the same `once`
    it is one. Raises `Refused`."""
    permissions.require(by, Desk.RECORD_DISCLOSURES)
    with transaction.atomic():
        _one_at_a_time(people)
        if Disclosure.objects.filter(entry=once).exists():
            return Disclosure.objects.filter(entry=once).count()
        stored = uploads.take(request_file, owner=PartyRef("disclosure", people[0]), by=by) if request_file else None
        Disclosure.objects.bulk_create(
            [_row(by, person_id, what, once, stored.pk if stored else None) for person_id in people], batch_size=1_000
        )
        event = audit.record(
            kind=Kind.DISCLOSURE,
            action="members.disclosures.record",
            object_kind="disclosure_entry",
            object_id=str(once),
            fields=FIELDS,
            detail={"purpose": what.purpose, "people": len(people)},
            **by.audit(),
        )
        audit.record_subjects(event, "SELECT 'person', person_id FROM members_disclosure WHERE entry = %s", [once])
        return len(people)


def correct(
    *,
    by: Scope,
    disclosure: uuid.UUID,
    what: What,
    reason: str,
    request_file: Checked | None = None,
) -> Disclosure:
    """Put a corrected one in its place. The copy of the request and a suspension that holds go on with it, as far as
    the law knows one for its purpose. Raises `Refused`, `EndedAlready`, Disclosure.DoesNotExist."""
    permissions.require(by, Desk.RECORD_DISCLOSURES)
    with transaction.atomic():
        old = _standing(by, disclosure)
        stored_id = old.request_file_id
        if request_file is not None:
            stored_id = uploads.take(request_file, owner=PartyRef("disclosure", old.person_id), by=by).pk
        new = _row(by, old.person_id, what, uuid.uuid4(), stored_id)
        new.save(force_insert=True)
        DisclosureEnd.objects.create(disclosure=old, replacement=new, reason=reason, by_id=_who(by))
        latest = old.suspensions.order_by("-id").first()
        if latest is not None and rules.may_suspend(what.purpose):
            Suspension.objects.create(
                disclosure=new,
                form=latest.form,
                official=latest.official,
                statement=latest.statement,
                stated_on=latest.stated_on,
                until=latest.until,
                document_id=latest.document_id,
                by_id=_who(by),
            )
        _record(by, "correct", new, Kind.DISCLOSURE, replaces=str(old.uuid))
        return new


def void(*, by: Scope, disclosure: uuid.UUID, reason: str) -> None:
    """It was never made, or belongs into no accounting: it stays to be read, with the reason. Raises `Refused`,
    `EndedAlready`, Disclosure.DoesNotExist."""
    permissions.require(by, Desk.RECORD_DISCLOSURES)
    with transaction.atomic():
        row = _standing(by, disclosure)
        DisclosureEnd.objects.create(disclosure=row, reason=reason, by_id=_who(by))
        _record(by, "void", row, Kind.CHANGE)


def suspend(
    *,
    by: Scope,
    disclosure: uuid.UUID,
    form: str,
    official: str,
    statement: str,
    stated_on: dt.date,
    until: dt.date | None,
    document: Checked | None = None,
) -> Suspension:
    """Keep what an agency said about a disclosure; the latest holds. `until` is the last day, included; none for
    a statement that is withdrawn. Raises `Refused`, `EndedAlready`, `NotSuspendable`, Disclosure.DoesNotExist."""
    permissions.require(by, Desk.RECORD_DISCLOSURES)
    with transaction.atomic():
        row = _standing(by, disclosure)
        spoken = form == Statement.ORAL and row.suspensions.filter(form=Statement.ORAL).exists()
        if not rules.may_suspend(row.purpose) or spoken or not rules.fits(form=form, stated_on=stated_on, until=until):
            raise NotSuspendable
        stored = uploads.take(document, owner=PartyRef("disclosure", row.person_id), by=by) if document else None
        said = Suspension.objects.create(
            disclosure=row,
            form=form,
            official=official,
            statement=statement,
            stated_on=stated_on,
            until=until,
            document=stored,
            by_id=_who(by),
        )
        _record(by, "suspend", row, Kind.CHANGE, form=form, until=until)
        return said


def _row(by: Scope, person_id: int, what: What, entry: uuid.UUID, stored_id: int | None) -> Disclosure:
    return Disclosure(
        person_id=person_id,
        first_on=what.first_on,
        last_on=what.last_on,
        times=what.times,
        frequency=what.frequency,
        recipient=what.recipient,
        recipient_address=what.recipient_address,
        description=what.description,
        purpose=what.purpose,
        statement=what.statement,
        case_number=what.case_number,
        request_file_id=stored_id,
        entry=entry,
        recorded_by_id=_who(by),
    )


def _who(by: Scope) -> int:
    """A person of the plan: the machinery discloses nothing."""
    assert by.user_id is not None
    return by.user_id


def _one_at_a_time(people: Sequence[int]) -> None:
    """The rows themselves cannot be locked, since nobody may change them: their people are."""
    list(Person.objects.select_for_update(of=("self",)).filter(pk__in=people).order_by("pk").values_list("pk"))


def _standing(by: Scope, disclosure: uuid.UUID) -> Disclosure:
    row = Disclosure.objects.visible_to(by).get(uuid=disclosure)
    _one_at_a_time([row.person_id])
    if DisclosureEnd.objects.filter(disclosure=row).exists():
        raise EndedAlready
    return row


def _record(by: Scope, action: str, row: Disclosure, kind: Kind, **detail: object) -> None:
    audit.record(
        kind=kind,
        action=f"members.disclosures.{action}",
        object_kind="disclosure",
        object_id=str(row.uuid),
        subjects=[("person", row.person_id)],
        fields=FIELDS if kind is Kind.DISCLOSURE else (),
        detail={"purpose": row.purpose, **detail},
        **by.audit(),
    )
