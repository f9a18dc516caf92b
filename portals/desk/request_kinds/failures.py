"""What failed for good in the background: a job after its last try, a mail that nobody took. Whoever asked for the job
reads it among their own requests, and the desk sees to it."""

from __future__ import annotations

import datetime as dt

from django.db.models import CharField, Exists, OuterRef, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from portals import jobs
from portals.desk import actions as desk
from portals.desk import kinds as desk_kinds
from portals.desk.actions import NOBODY_ASKED, Asker
from portals.desk.kinds import Facts, RequestKind
from portals.enums import JobStatus, MailStatus, Team
from portals.models import DeskRequest, Job, OutboxMail
from portals.plan.periods import plan_date
from portals.scope import Portal, Scope

JOB = "work.failed"
MAIL = "mail.failed"
LOOKS_BACK = dt.timedelta(days=7)
MOST = 50  # requests of one look: a broken server is not to flood the desk


def tell(*, by: Scope) -> int:
    """Open a request for each job that has failed for good, unless its own app tells of it or its asker may no longer
    have it; and one a day for the mail that could not be delivered. Returns how many were opened."""
    return _tell_of_jobs(by) + _tell_of_mail(by)


def _tell_of_jobs(by: Scope) -> int:
    known = DeskRequest.objects.filter(key=Concat(Value("job:"), Cast(OuterRef("pk"), CharField())))
    failed = (
        Job.objects.filter(status=JobStatus.FAILED, finished_at__gte=timezone.now() - LOOKS_BACK)
        .exclude(error=jobs.NO_LONGER_ALLOWED)
        .exclude(kind__in=jobs.with_failed())
        .filter(~Exists(known))
        .order_by("id")[:MOST]
    )
    for job in failed:
        scope, kind = Scope.from_reference(job.scope), jobs.named(job.kind)
        asked = scope.user_id is not None and scope.portal is not Portal.SYSTEM
        desk.open_request(
            kind=JOB,
            key=f"job:{job.pk}",
            title=_("Could not be finished: %(what)s") % {"what": kind.label or job.kind},
            detail={"job": job.pk, "kind": job.kind, "error": job.error, "tries": job.tries},
            team=kind.team,
            by=by,
            party=scope.party,
            asker=Asker.of(scope) if asked else NOBODY_ASKED,
        )
    return len(failed)


def _tell_of_mail(by: Scope) -> int:
    """Counted on the page, not here: more may fail on the same day."""
    today = plan_date(timezone.now())
    if not _failed_mail(today):
        return 0
    key = f"{MAIL}:{today}"
    if DeskRequest.objects.filter(key=key).exists():
        return 0
    desk.open_request(
        kind=MAIL, key=key, title=_("Mail that could not be delivered"), detail={"day": today.isoformat()}, by=by
    )
    return 1


def _failed_mail(day: dt.date) -> int:
    """Mails written up to a week before that have failed by that day: a mail is tried for some five hours."""
    rows = OutboxMail.objects.filter(status=MailStatus.FAILED, created_at__date__range=(day - LOOKS_BACK, day))
    return rows.count()


def _job_facts(request: DeskRequest) -> Facts:
    detail = request.detail
    return [
        (_("What was to be made"), str(jobs.named(detail["kind"]).label or detail["kind"])),
        (_("Tries"), str(detail["tries"])),
        (_("What went wrong, for the operators"), f"{detail['error']} (job {detail['job']})"),
    ]


def _mail_facts(request: DeskRequest) -> Facts:
    count = _failed_mail(dt.date.fromisoformat(request.detail["day"]))
    return [
        (_("Day"), desk_kinds.day_text(request.detail["day"])),
        (_("Not delivered"), ngettext("%(count)d mail", "%(count)d mails", count) % {"count": count}),
    ]


def register() -> None:
    desk_kinds.register(
        JOB,
        RequestKind(Team.HELP_DESK, gettext_lazy("Work that failed"), business_days=1, facts=_job_facts),
    )
    desk_kinds.register(
        MAIL,
        RequestKind(Team.HELP_DESK, gettext_lazy("Undelivered mail"), business_days=1, facts=_mail_facts),
    )
