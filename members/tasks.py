"""Jobs of enrollment: the row says what, the worker calls one action."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from members.actions import files_834
from members.models import EnrollmentFile
from portals import clock, desk
from portals.enums import RequestStatus
from portals.models import DeskRequest, Job
from portals.scope import Scope, entered

DECIDE = "members.decide_file"


def decide_file(job: Job) -> Mapping[str, Any]:
    """Let a held full file in, or decline it, as the person who decided; the desk's request is closed with it."""
    by = Scope.from_reference(job.scope)
    file_id, accept = job.payload["file"], job.payload["accept"]
    with entered(by):
        try:
            if accept:
                files_834.accept_held(file_id, by=by, at=clock.now())
            else:
                files_834.decline_held(file_id, by=by)
        except files_834.NotWaitingError:
            return {"status": EnrollmentFile.objects.get(pk=file_id).status}  # delivered twice: it was done before
        request = DeskRequest.objects.filter(key=f"enrollment_file:{file_id}").first()
        wanted = RequestStatus.DONE if accept else RequestStatus.DECLINED
        if request is not None and request.status not in (RequestStatus.DONE, RequestStatus.DECLINED):
            desk.change_status(request_id=request.pk, status=wanted, by=by)
        return {"status": EnrollmentFile.objects.get(pk=file_id).status}
