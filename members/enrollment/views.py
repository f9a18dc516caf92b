"""Enrollment files at the service desk: what came, what was refused, and the decision on a file that waits."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.enrollment import queries as enrollment_queries
from members.enrollment import refusal_reasons
from members.enums import FileStatus
from members.tasks import DECIDE
from portals import jobs
from portals.access import Desk
from portals.enums import JobStatus
from portals.http import Request
from portals.models import Job
from portals.pages import NOTHING, Audience, disclose, page

PAGE = 100
TONES = {
    FileStatus.RECEIVED: "info",
    FileStatus.APPLIED: "success",
    FileStatus.WAITING: "warn",
    FileStatus.REFUSED: "error",
    FileStatus.DECLINED: "neutral",
}


@page(audience=Audience.DESK, discloses=NOTHING, permission=Desk.DECIDE_FILE, label=gettext_lazy("Enrollment files"))
def file_list(request: Request) -> HttpResponseBase:
    status = request.GET.get("status", "")
    if status not in FileStatus.values:
        status = ""
    rows = [(row, TONES[row.status]) for row in enrollment_queries.recent(request.scope, status=status)]
    return TemplateResponse(
        request,
        "members/files.html",
        {
            "rows": Paginator(rows, PAGE).get_page(request.GET.get("page")),
            "status": status,
            "statuses": [("", _("All")), *FileStatus.choices],
        },
    )


@page(
    audience=Audience.DESK,
    discloses=("enrollment.subscriber_number",),
    permission=Desk.DECIDE_FILE,
    label=gettext_lazy("Enrollment file"),
)
def file_page(request: Request, file_id: int) -> HttpResponseBase:
    """The decision is a job: a full file may hold a hundred thousand people."""
    row = enrollment_queries.one(request.scope, file_id)
    if row is None:
        raise Http404
    job = Job.objects.filter(key=f"{DECIDE}:{file_id}").first()
    decision = request.POST.get("decision")
    open_still = row.status is FileStatus.WAITING and (job is None or job.status == JobStatus.FAILED)
    if decision in ("accept", "decline") and open_still:
        accept = decision == "accept"
        jobs.ask(
            kind=DECIDE,
            key=f"{DECIDE}:{file_id}",
            payload={"file": file_id, "accept": accept},
            scope=request.scope,
            queue="bulk",
            again=True,
        )
        messages.success(request, _("The file is let in.") if accept else _("The file is declined."))
        return redirect("enrollment:file", file_id)
    running = job is not None and job.status in (JobStatus.WAITING, JobStatus.RUNNING)
    disclose(request, subjects=[("enrollment_file", file_id)])
    if request.headers.get("HX-Request"):
        response = TemplateResponse(request, "members/_file_progress.html", {"row": row, "running": running})
        if not running:
            response["HX-Refresh"] = "true"
        return response
    refusals = [
        (line, refusal_reasons.sentence(line.reason, line.value)) for line in enrollment_queries.refusals(file_id)
    ]
    return TemplateResponse(
        request,
        "members/file.html",
        {
            "row": row,
            "tone": TONES[row.status],
            "running": running,
            "failed": job is not None and job.status == JobStatus.FAILED,
            "refusals": Paginator(refusals, PAGE).get_page(request.GET.get("page")),
        },
    )
