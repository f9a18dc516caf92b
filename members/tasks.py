"""Jobs of enrollment: the row says what, the worker calls one action."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import translation

from audit import actions as audit
from audit.enums import Kind
from members.accountings import pdf as documents
from members.accountings import queries as accountings
from members.accountings.actions import FIELDS
from members.enrollment import actions as enrollment_actions
from members.enums import AskedBy
from members.models import Accounting, EnrollmentFile, Lookalike
from portals.desk import actions as desk
from portals.enums import RequestStatus
from portals.files import stored as files
from portals.models import DeskRequest, Job
from portals.plan import clock
from portals.scope import PartyRef, Scope, entered

DECIDE = "members.decide_file"


def decide_file(job: Job) -> Mapping[str, Any]:
    """Let a held full file in, or decline it, as the person who decided; the desk's request is closed with it."""
    by = Scope.from_reference(job.scope)
    file_id, accept = job.payload["file"], job.payload["accept"]
    with entered(by):
        try:
            if accept:
                enrollment_actions.accept_held(file_id, by=by, at=clock.now())
            else:
                enrollment_actions.decline_held(file_id, by=by)
        except enrollment_actions.NotWaitingError:
            return {"status": EnrollmentFile.objects.get(pk=file_id).status}  # delivered twice: it was done before
        request = DeskRequest.objects.filter(key=f"enrollment_file:{file_id}").first()
        wanted = RequestStatus.DONE if accept else RequestStatus.DECLINED
        if request is not None and request.status not in (RequestStatus.DONE, RequestStatus.DECLINED):
            desk.change_status(request_id=request.pk, status=wanted, by=by)
        return {"status": EnrollmentFile.objects.get(pk=file_id).status}


def apply_lookalike(job: Job) -> Mapping[str, Any]:
    """Apply the row of which somebody has said whom it means."""
    by = Scope.from_reference(job.scope)
    with entered(by):
        row = Lookalike.objects.get(uuid=job.payload["lookalike"])
        applied = enrollment_actions.take_again(row.file_id, row.segment, by=by, at=clock.now())
        return {"file": row.file_id, "taken": applied.members - applied.refused - applied.waiting if applied else 0}


def accounting_pdf(job: Job) -> Mapping[str, Any]:
    """The paper of an accounting that was given, in its language; it is kept, encrypted, and made once."""
    with entered(Scope.from_reference(job.scope)) as by:
        rows = Accounting.objects.visible_to(by).select_for_update(of=("self",))
        row = rows.select_related("closed_by").get(uuid=job.payload["accounting"])
        if row.stored_id is not None:
            return {}
        signed = "" if row.asked_by == AskedBy.PORTAL or row.closed_by is None else row.closed_by.display_name
        with translation.override(row.language):
            data = documents.accounting_pdf(accountings.given(row), signed=signed)
        row.stored = files.store(
            kind="accounting",
            owner=PartyRef("person", row.person_id),
            name=f"accounting-of-disclosures-{row.closed_on}.pdf",
            content_type="application/pdf",
            data=data,
        )
        row.save(update_fields=["stored"])
        audit.record(
            kind=Kind.JOB,
            action="members.accountings.paper",
            object_kind="stored_file",
            object_id=str(row.stored.uuid),
            subjects=[("person", row.person_id)],
            fields=FIELDS,
            **by.audit(),
        )
        return {"file": str(row.stored.uuid)}
