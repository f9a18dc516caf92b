"""The week's report on paper: the review's figures beside the weeks before, and who signed. Made by a job, once when
the review is made and once when it is signed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit import actions as audit
from audit.enums import Kind
from portals import jobs
from portals.enums import JobStatus, Team
from portals.files import pdf
from portals.files import stored as files
from portals.models import ActivityReview, Job, StoredFile
from portals.plan.brand import brand
from portals.privacy.activity import table as activity_table
from portals.privacy.alerts import evaluation as alerts
from portals.scope import PartyRef, Scope, entered

REPORT = "activity.report"
FILE_KIND = "activity_report"


def register() -> None:
    jobs.register(REPORT, run, label=gettext_lazy("The report of a week"), team=Team.PRIVACY)


def _key(row: ActivityReview) -> str:
    return f"{REPORT}:{row.week}:{'signed' if row.signed_at else 'unsigned'}"


def ask(row: ActivityReview, *, by: Scope) -> None:
    """In the transaction that made or signed it; on asking again one that failed for good is made anew."""
    language = translation.get_language() or settings.LANGUAGE_CODE
    payload = {"review": row.pk, "language": language}
    jobs.ask(kind=REPORT, key=_key(row), scope=by, payload=payload, queue="bulk", again=True)


def stored(row: ActivityReview) -> StoredFile | None:
    """The report as the review stands: of a signed one with its signature."""
    job = Job.objects.filter(key=_key(row), status=JobStatus.DONE).first()
    if job is None or not job.result:
        return None
    return StoredFile.objects.filter(Q(kind=FILE_KIND) & Q(uuid=job.result["file"])).first()


def failed(row: ActivityReview) -> bool:
    return Job.objects.filter(key=_key(row), status=JobStatus.FAILED).exists()


def run(job: Job) -> Mapping[str, Any]:
    """A tagged PDF, stored; and the team is told that it is ready."""
    with entered(Scope.from_reference(job.scope)) as by, translation.override(job.payload["language"]):
        row = ActivityReview.objects.select_related("signed_by").get(pk=job.payload["review"])
        signed = job.key.endswith(":signed")
        made = files.store(
            kind=FILE_KIND,
            owner=PartyRef("activity_review", row.pk),
            name=f"activity-{row.week}{'-signed' if signed else ''}.pdf",
            content_type="application/pdf",
            data=pdf.pdf("documents/activity_review.html", context(row, signed=signed)),
        )
        audit.record(
            kind=Kind.JOB,
            action="activity.report",
            object_kind="stored_file",
            object_id=str(made.uuid),
            subjects=[("user", each["user"]) for each in row.figures["actors"]],
            fields=("user.name",),
            **by.audit(),
        )
        alerts.mail_team(
            key=job.key,
            subject=_("The week's report is ready"),
            body=_("The report of the week of %(day)s is ready. Sign in to read it: %(address)s")
            % {
                "day": date_format(row.week, "DATE_FORMAT"),
                "address": f"{settings.SITE_URL}{reverse('desk:activity_review', args=[row.pk])}",
            },
        )
    return {"file": str(made.uuid)}


def context(row: ActivityReview, *, signed: bool) -> dict[str, Any]:
    return {
        "side": activity_table.side_by_side(row),
        "row": row,
        "signed": signed,
        "brand": brand(),
        "document_footer": _("Review of activity, week of %(day)s") % {"day": row.week.isoformat()},
    }
