"""A person asks for an accounting of disclosures and gets it: at once on the website, else by the privacy officer's
people within 60 days (45 CFR 164.528(c)). What was given is kept as it was given.
"""

from __future__ import annotations

import datetime as dt
import uuid

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from audit import actions as audit
from audit.enums import Kind
from members.accountings import letters, queries
from members.desk.request_kinds import accounting as accounting_request
from members.disclosures import queries as disclosures
from members.disclosures import rules
from members.disclosures.rules import Days
from members.enums import ACCOUNTING_TRANSITIONS, AccountingStatus, AskedBy, Delivery
from members.models import Accounting, Person
from members.queries import mailboxes
from portals import jobs, permissions
from portals.access import Desk
from portals.desk import actions as desk
from portals.enums import REQUEST_OVER, RequestStatus
from portals.files import pdf
from portals.mail import outbox
from portals.models import DeskRequest
from portals.plan.brand import brand
from portals.scope import PartyRef, Scope, unscoped

PDF = "members.accounting_pdf"  # the job that makes the paper
FIELDS = ("disclosure.days", "disclosure.recipient", "disclosure.description", "disclosure.statement")


class NotForThisPerson(ValueError):
    """The member may not ask for this person (ruling 16)."""


class OverAlready(ValueError):
    """It was delivered or withdrawn before, perhaps by somebody else just now."""


class TooLate(ValueError):
    """The time is extended once, within the first 60 days, by 30 days at most."""


class MustBeFree(ValueError):
    """The first accounting of 12 months costs nothing, and a later one only if the person was told beforehand."""


class NoAddress(ValueError):
    """No postal address is on file."""


# --- Asked for ----------------------------------------------------------------------------------------------------


def ask_at_portal(
    *, by: Scope, person_id: int, first: dt.date | None, last: dt.date | None, once: uuid.UUID, as_of: dt.date
) -> Accounting:
    """The member asks for themself or a child and has it at once. Raises `NotForThisPerson`, and ValueError where the
    period holds no day. Twice with the same `once` it is one."""
    assert by.party is not None
    own = person_id == by.party.id
    if not own and person_id not in {child.person_id for child in queries.children(by, as_of=as_of)}:
        raise NotForThisPerson
    days = rules.period(as_of, first=first, last=last)
    with transaction.atomic(), unscoped("disclosures are told by their accounting alone, without what is suspended"):
        row, made = Accounting.objects.get_or_create(
            once=once,
            recorded_by_id=by.user_id,
            defaults={
                "person_id": person_id,
                "asker_id": None if own else by.party.id,
                "asked_by": AskedBy.PORTAL,
                "requested_on": as_of,
                "first_on": days.first,
                "last_on": days.last,
                "due_date": rules.due_date(as_of),
                "language": translation.get_language(),
            },
        )
        if made:
            _record(by, "ask", row, Kind.CREATE, asked_by=row.asked_by)
            _give(row, by=by, delivery=Delivery.PAGE, as_of=as_of)
    return row


def ask(
    *,
    by: Scope,
    person: uuid.UUID,
    asked_by: str,
    requested_on: dt.date,
    first: dt.date | None,
    last: dt.date | None,
    language: str,
    once: uuid.UUID,
) -> Accounting:
    """Write down what came by letter or telephone; the privacy officer's queue has it with its last day. Raises
    `Refused`, Person.DoesNotExist, and ValueError where the period holds no day."""
    permissions.require(by, Desk.RECORD_DISCLOSURES)
    days = rules.period(requested_on, first=first, last=last)
    about = Person.objects.visible_to(by).get(uuid=person)
    with transaction.atomic():
        row, made = Accounting.objects.get_or_create(
            once=once,
            recorded_by_id=by.user_id,
            defaults={
                "person": about,
                "asked_by": asked_by,
                "requested_on": requested_on,
                "first_on": days.first,
                "last_on": days.last,
                "due_date": rules.due_date(requested_on),
                "language": language,
            },
        )
        if made:
            _record(by, "ask", row, Kind.CREATE, asked_by=asked_by, due_date=row.due_date)
            desk.open_request(
                kind=accounting_request.KIND,
                key=_key(row),
                title=_("Accounting of disclosures"),
                by=by,
                due_date=row.due_date,
                party=PartyRef("person", row.person_id),
                detail={"accounting": str(row.uuid)},
            )
        return row


# --- Answered -----------------------------------------------------------------------------------------------------


def extend(*, by: Scope, accounting: uuid.UUID, to: dt.date, reason: str, as_of: dt.date) -> None:
    """Take up to 30 days more, once, and tell the person by letter why and until when. Raises `Refused`, `OverAlready`,
    `TooLate`, `NoAddress`."""
    permissions.require(by, Desk.RECORD_DISCLOSURES)
    with transaction.atomic():
        row = _open(by, accounting)
        if not rules.may_extend(row.due_date, extended=row.extended_to is not None, as_of=as_of):
            raise TooLate
        if not row.due_date < to <= rules.latest_extension(row.due_date):
            raise TooLate
        row.extended_to, row.extension_reason, row.extended_on = to, reason, as_of
        row.save(update_fields=["extended_to", "extension_reason", "extended_on"])
        with translation.override(row.language):
            _post(row, "extended", *letters.extension(reason=reason, to=to, plan=brand()["name"]))
        DeskRequest.objects.filter(key=_key(row)).update(due_date=to)
        _record(by, "extend", row, Kind.CHANGE, extended_to=to)


def deliver(
    *,
    by: Scope,
    accounting: uuid.UUID,
    delivery: str,
    as_of: dt.date,
    fee_cents: int = 0,
    fee_told_on: dt.date | None = None,
    fee_basis: str = "",
) -> Accounting:
    """Make it as things stand, sign it by who does it, and give it. A fee needs that it is not the first of 12 months
    and that the person was told of it before. Raises `Refused`, `OverAlready`, `MustBeFree`, `NoAddress`."""
    permissions.require(by, Desk.RECORD_DISCLOSURES)
    with transaction.atomic():
        row = _open(by, accounting)
        if fee_cents and (queries.must_be_free(row) or not fee_basis or fee_told_on is None or fee_told_on > as_of):
            raise MustBeFree
        row.fee_cents, row.fee_told_on, row.fee_basis = fee_cents, fee_told_on, fee_basis
        _give(row, by=by, delivery=Delivery(delivery), as_of=as_of)
        if delivery == Delivery.LETTER:
            _letter(row, as_of=as_of)
        _close(row, RequestStatus.DONE, by=by)
        return row


def withdraw(*, by: Scope, accounting: uuid.UUID, as_of: dt.date) -> None:
    """The person wants it no more, for example because of the fee. Raises `Refused`, `OverAlready`."""
    permissions.require(by, Desk.RECORD_DISCLOSURES)
    with transaction.atomic():
        row = _open(by, accounting)
        _change_status(row, AccountingStatus.WITHDRAWN, by=by, as_of=as_of)
        row.save()
        _close(row, RequestStatus.WITHDRAWN, by=by)
        _record(by, "withdraw", row, Kind.CHANGE)


def send_by_letter(*, by: Scope, row: Accounting, as_of: dt.date) -> None:
    """What the member has on the page, on paper too, to the address on file of who asked: once. Raises `NoAddress`. The
    caller has found it among the member's own."""
    with transaction.atomic():
        locked = Accounting.objects.visible_to(by).select_for_update(of=("self",)).get(pk=row.pk)
        if locked.lettered_on is None:
            _letter(locked, as_of=as_of)
            _record(by, "letter", locked, Kind.PRINT)


def _open(by: Scope, accounting: uuid.UUID) -> Accounting:
    row = Accounting.objects.visible_to(by).select_for_update(of=("self",)).get(uuid=accounting)
    if row.status != AccountingStatus.OPEN:
        raise OverAlready
    return row


def _change_status(row: Accounting, status: str, *, by: Scope, as_of: dt.date) -> None:
    """The one place where it changes; the caller saves."""
    if status not in ACCOUNTING_TRANSITIONS[row.status]:
        raise OverAlready
    row.status, row.closed_on, row.closed_at, row.closed_by_id = status, as_of, timezone.now(), by.user_id


def _give(row: Accounting, *, by: Scope, delivery: Delivery, as_of: dt.date) -> None:
    entries, row.withheld = disclosures.to_account_for(row.person_id, Days(row.first_on, row.last_on), as_of=as_of)
    row.content = queries.content_of(row.person, entries)
    row.delivery = delivery
    _change_status(row, AccountingStatus.DELIVERED, by=by, as_of=as_of)
    row.save()
    _record(by, "deliver", row, Kind.CREATE, delivery=delivery.value, entries=len(entries), fee_cents=row.fee_cents)
    if pdf.available():
        ask_for_paper(row, by=by)


def ask_for_paper(row: Accounting, *, by: Scope) -> None:
    """The PDF that is kept, made by a job; one that failed for good is tried anew."""
    party = PartyRef("person", row.asker_id or row.person_id)
    jobs.ask(kind=PDF, key=f"{PDF}:{row.pk}", scope=by, payload={"accounting": str(row.uuid)}, owner=party, again=True)


def _letter(row: Accounting, *, as_of: dt.date) -> None:
    with translation.override(row.language):
        found = queries.given(row)
        words = letters.accounting(
            name=found.name,
            days=Days(row.first_on, row.last_on),
            entries=found.entries,
            made=as_of,
            plan=brand()["name"],
        )
        _post(row, "letter", *words)
    row.lettered_on = as_of
    row.save(update_fields=["lettered_on"])


def _post(row: Accounting, what: str, subject: str, body: str) -> None:
    """To who asked, at the address on file; a confidential one is honored (164.522(b))."""
    to = row.asker or row.person
    if not mailboxes.has_address(to):
        raise NoAddress
    address = mailboxes.postal_address(to)
    outbox.post_letter(key=f"accounting:{row.pk}:{what}", postal_address=address, subject=subject, body=body)


def _key(row: Accounting) -> str:
    return f"accounting:{row.pk}"


def _close(row: Accounting, status: RequestStatus, *, by: Scope) -> None:
    asked = DeskRequest.objects.filter(key=_key(row)).first()
    if asked is not None and asked.status not in REQUEST_OVER:
        desk.change_status(request_id=asked.pk, status=status, by=by)


def _record(by: Scope, action: str, row: Accounting, kind: Kind, **detail: object) -> None:
    audit.record(
        kind=kind,
        action=f"members.accountings.{action}",
        object_kind="accounting",
        object_id=str(row.uuid),
        subjects=[("person", row.person_id)],
        fields=FIELDS if action == "deliver" else (),
        detail=detail,
        **by.audit(),
    )
