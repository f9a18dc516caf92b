"""The full list of a client's employees: asked for by its administrator or its producer, made by client management, for
the client alone (E12, P13, rulings 17). Two people of the plan decide; a job writes the list."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from audit import actions as audit
from audit.enums import Kind
from employers.enums import DocumentKind, EmployerRole
from employers.models import ClientDocument, EmployerUser
from employers.queries import documents
from members.queries import clients, full_lists
from members.queries.full_lists import Covered
from portals import jobs
from portals.desk import actions as desk
from portals.desk.actions import Asker
from portals.desk.kinds import CannotCarryOut
from portals.enums import RequestStatus
from portals.files import csv_export
from portals.files import stored as files
from portals.mail import outbox
from portals.models import DeskRequest
from portals.plan import clock
from portals.scope import PartyRef, Scope

KIND = "client.full_list"
JOB = "employers.full_list"
FIELDS = ("person.name", "enrollee.member_id", "enrollee.relationship", "coverage")
MORE_FIELDS = ("person.birth_date", "person.ssn_last_four")


def ask(*, by: Scope, client_id: int, purpose: str, once: uuid.UUID) -> DeskRequest:
    """Open the request. The caller has established that the person may ask for this client. `once` makes it one."""
    client = clients.named([client_id])[client_id]
    return desk.open_request(
        kind=KIND,
        key=f"{KIND}:{by.actor}:{once}",
        title=_("Full employee list: %(name)s") % {"name": client.name},
        detail={"purpose": purpose},
        party=PartyRef("client", client_id),
        by=by,
        asker=Asker.of(by),
    )


def readers(client_id: int) -> list[EmployerUser]:
    """Who may read the client's documents: its administrators now. One query."""
    places = EmployerUser.objects.filter(client_id=client_id, ended_at=None, role=EmployerRole.ADMINISTRATOR)
    return list(places.filter(user__is_active=True).select_related("user"))


def order(request: DeskRequest, decision: dict[str, Any], by: Scope) -> None:
    """Have it made, as the two people of the plan decided. Raises CannotCarryOut where nobody could read it."""
    party = PartyRef.parse(request.party)
    if not readers(party.id):
        raise CannotCarryOut(_("This client has no administrator here who could read the list. Invite one first."))
    jobs.ask(
        kind=JOB,
        key=f"{JOB}:{request.pk}",
        payload={"request": request.pk, **decision},
        scope=by,
        queue="bulk",
        owner=party,
        again=True,
    )


def make(*, by: Scope, request_id: int, group_id: int | None, details: bool) -> ClientDocument:
    """Write the list as of the business date and put it among the client's documents; made once for a request. The row
    of the ledger names everybody on it. Raises `files.FileTooLarge`."""
    with transaction.atomic():
        request = DeskRequest.objects.get(pk=request_id)
        made = ClientDocument.objects.filter(request=request).first()
        if made is not None:
            return made
        as_of, party = clock.today(), PartyRef.parse(request.party)
        client = clients.named([party.id])[party.id]
        people: set[int] = set()
        rows = full_lists.rows(by, client.id, as_of=as_of, group_id=group_id)
        name = f"employees-{client.client_id}-{as_of}.csv"
        stored = files.store(
            kind=DocumentKind.FULL_LIST,
            owner=party,
            name=name,
            content_type=csv_export.TYPE,
            data=csv_export.written(_head(details), _cells(rows, people, details)),
        )
        document = ClientDocument.objects.create(
            client_id=client.id,
            kind=DocumentKind.FULL_LIST,
            name=name,
            as_of=as_of,
            stored=stored,
            request=request,
            people=sorted(people),
            people_count=len(people),
            made_by=by.actor,
        )
        event = audit.record(
            kind=Kind.EXPORT,
            action=JOB,
            fields=FIELDS + (MORE_FIELDS if details else ()),
            object_kind="client_document",
            object_id=str(document.uuid),
            detail={"client": client.id, "request": request.pk, "people": len(people)},
            **by.audit(),
        )
        audit.record_subjects(event, documents.SUBJECTS, [document.pk])
        desk.reply(
            request=request,
            by=by,
            text=_("The list is made. It is among the client's documents, for the client's own administrators."),
        )
        _announce(document)
    return document


def give_up(request_id: int, *, by: Scope) -> None:
    """The list could not be made: the request is the desk's again."""
    desk.change_status(
        request_id=request_id,
        status=RequestStatus.OPEN,
        by=by,
        text=_("The list could not be made. Propose it anew; where it is very large, one group number at a time."),
    )


def _head(details: bool) -> list[str]:
    head = [
        _("Member ID"), _("Name"), _("Relationship"), _("Group number"), _("Coverage"), _("Plan"), _("Tier"),
        _("Effective from"), _("Last day covered"), _("COBRA"),
    ]  # fmt: skip
    return head + ([_("Birth date"), _("Last four of SSN")] if details else [])


def _cells(rows: Iterator[Covered], people: set[int], details: bool) -> Iterator[list[object]]:
    """The rows of the file; whoever passes is noted in `people`."""
    for row in rows:
        people.add(row.person)
        cells: list[object] = [
            row.member_id, row.name, row.relationship, row.group, row.line, row.product, row.tier, row.first_day,
            row.last_day or "", _("yes") if row.cobra else "",
        ]  # fmt: skip
        yield cells + ([row.birth_date, row.ssn_last_four] if details else [])


def _announce(document: ClientDocument) -> None:
    """To everybody who may read it: that it is there. It names nobody (rulings 12)."""
    outbox.post_all(
        outbox.Mail(
            key=f"document:{document.uuid}:{place.user_id}",
            to=place.user.email,
            subject=_("A document is ready"),
            body=_("A document that the plan made for your company is ready. Sign in to read it: %(address)s")
            % {"address": f"{settings.SITE_URL}/employers/documents/"},
        )
        for place in readers(document.client_id)
        if place.user.email and place.user.email_proven_at
    )


def state(request: DeskRequest) -> tuple[dt.datetime, int] | None:
    """When the list was put among the client's documents, and how many people it names. One query."""
    return ClientDocument.objects.filter(request=request).values_list("made_at", "people_count").first()
