"""Work of the employer portal done later."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import translation

from audit import actions as audit
from audit.enums import Kind
from billing import pdf as billing_pdf
from billing.queries import bills
from employers.actions import full_lists
from employers.queries import ebilling, producers
from members.queries import account_groups, clients
from portals import scope as scopes
from portals.files import stored as files
from portals.models import Job
from portals.plan import clock
from portals.scope import Scope


def invoice_pdf(job: Job) -> Mapping[str, Any]:
    """The paper of one invoice, as the person who asked for it may see it; stored among the client's files."""
    scope = Scope.from_reference(job.scope)
    language = job.key.rpartition(":")[2]
    with transaction.atomic(), scopes.entered(scope), translation.override(language):
        assert scope.party is not None
        bill = bills.bill(scope, job.payload["number"])
        assert bill is not None
        holders = ebilling.holders(scope, bill)
        client = clients.named([scope.party.id])[scope.party.id]
        named = ebilling.named_lines(scope, bill, holders)
        data = billing_pdf.invoice_pdf(
            bill,
            [each.line for each in named],
            names={each.contract: each.name for each in holders},
            client_name=client.name,
            client_id=client.client_id,
            groups=account_groups.of(scope).get(bill.row.account_id, []),
            made_for=producers.made_for(scope, client.name, day=clock.today()),
        )
        stored = files.store(
            kind="invoice", owner=scope.party, name=f"{bill.row.number}.pdf", content_type="application/pdf", data=data
        )
        audit.record(
            kind=Kind.JOB,
            action="employers.invoice_pdf",
            object_kind="stored_file",
            object_id=str(stored.uuid),
            subjects=ebilling.subjects(holders),
            fields=("person.name",),
            detail={"invoice": bill.row.number, "people": len(ebilling.subjects(holders))},
            **scope.audit(),
        )
    return {"file": str(stored.uuid)}


def full_list(job: Job) -> Mapping[str, Any]:
    """The full list of a client, as two people of the plan decided; the second one's scope."""
    wanted = job.payload
    with transaction.atomic(), scopes.entered(Scope.from_reference(job.scope)) as by:
        made = full_lists.make(by=by, request_id=wanted["request"], group_id=wanted["group"], details=wanted["details"])
    return {"document": str(made.uuid)}


def full_list_failed(job: Job) -> None:
    with scopes.entered(scopes.system("full_list")) as by:
        full_lists.give_up(job.payload["request"], by=by)
