"""The weekly review of all activity (45 CFR 164.308(a)(1)(ii)(D)): made when a week is over, signed by a privacy
officer who read it, frozen then.
"""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit import actions as audit
from audit.enums import Kind
from portals import permissions
from portals.access import NAMED_IN_ALERT, Desk
from portals.desk import actions as desk
from portals.desk import kinds as desk_kinds
from portals.desk.kinds import RequestKind
from portals.enums import REQUEST_OVER, ActivityState, AlertState, RequestStatus, Team
from portals.models import ActivityReview, Alert, DeskRequest
from portals.permissions import Answer, Refused
from portals.plan import clock
from portals.plan.periods import add_business_days, plan_date
from portals.privacy.activity import figures as activity_figures
from portals.privacy.activity import report as activity_report
from portals.privacy.alerts import evaluation as alerts
from portals.scope import Scope

REQUEST_KIND = "privacy.activity_review"
FIRST_WEEKS = 13  # at most so many weeks are made where there is no review yet
NAMED = Answer(False, gate=NAMED_IN_ALERT, owner="privacy")


class SignedAlready(ValueError):
    """Somebody else was quicker; the first signature stands."""


def monday(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=day.weekday())


# --- Making -------------------------------------------------------------------------------------------------------


def due_weeks(today: dt.date) -> list[dt.date]:
    """Mondays of the weeks that are over, from the ledger's first on, and have no review; the earliest first."""
    last = monday(today) - dt.timedelta(days=7)
    made = set(ActivityReview.objects.values_list("week", flat=True))
    with connection.cursor() as cursor:
        cursor.execute("SELECT recorded_at FROM audit_event ORDER BY id LIMIT 1")
        row = cursor.fetchone()
    if row is None:
        return []
    begins = monday(plan_date(row[0]))
    if not made:
        begins = max(begins, last - dt.timedelta(weeks=FIRST_WEEKS - 1))
    weeks = ((last - begins).days // 7) + 1
    every = [begins + dt.timedelta(weeks=n) for n in range(max(0, weeks))]
    return [week for week in every if week not in made and week >= min(made, default=begins)]


def of_day(*, by: Scope, today: dt.date) -> int:
    """Make what is due, and remind of what nobody signed; how many were made. A second time nothing."""
    made = 0
    for week in due_weeks(today):
        with transaction.atomic():
            made += make(by=by, week=week, today=today)
    remind(by=by, today=today)
    return made


def make(*, by: Scope, week: dt.date, today: dt.date) -> bool:
    """The review of a week that is over, once; False where it was made."""
    if today < week + dt.timedelta(days=7):
        raise ValueError(f"the week of {week} is not over")
    sign_by = add_business_days(today, settings.ACTIVITY_SIGN_DAYS, clock.closings())
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('activity_review'))")
    if ActivityReview.objects.filter(week=week).exists():
        return False
    row = ActivityReview.objects.create(week=week, figures=activity_figures.of_week(week), sign_by=sign_by)
    audit.record(
        kind=Kind.JOB,
        action="activity.make",
        object_kind="activity_review",
        object_id=str(row.pk),
        detail={"week": week.isoformat()},
        **by.audit(),
    )
    activity_report.ask(row, by=by)
    return True


def remind(*, by: Scope, today: dt.date) -> int:
    """Once for each review that is not signed in time: a mail to the team, and a request in its queue; how many."""
    late = ActivityReview.objects.filter(signed_at=None, reminded_on=None, sign_by__lt=today)
    with transaction.atomic():
        rows = list(late.select_for_update(skip_locked=True).order_by("week"))
        for row in rows:
            row.reminded_on = today
            row.save(update_fields=["reminded_on"])
            day = date_format(row.week, "DATE_FORMAT")
            desk.open_request(
                kind=REQUEST_KIND,
                key=f"activity:{row.week}",
                title=_("The review of the week of %(day)s is not signed") % {"day": day},
                detail={"review": row.pk, "week": row.week.isoformat()},
                due_date=clock.today(),
                by=by,
            )
            alerts.mail_team(
                key=f"activity-late:{row.week}",
                subject=_("A review of activity waits for a signature"),
                body=_("The review of the week of %(day)s is not signed. Sign in to read and sign it: %(address)s")
                % {"day": day, "address": f"{settings.SITE_URL}{reverse('desk:activity_review', args=[row.pk])}"},
            )
    return len(rows)


# --- Reading and signing ------------------------------------------------------------------------------------------


def reviews(by: Scope) -> QuerySet[ActivityReview]:
    """All of them, the latest week first; for whoever reviews activity. Raises `Refused`."""
    permissions.require(by, Desk.REVIEW_ACTIVITY)
    return ActivityReview.objects.select_related("signed_by").order_by("-week")


def filtered(by: Scope, *, state: str, today: dt.date) -> QuerySet[ActivityReview]:
    """Those in a state (`ActivityState`); all for anything else."""
    rows = reviews(by)
    match state:
        case ActivityState.SIGNED:
            return rows.filter(signed_at__isnull=False)
        case ActivityState.TO_SIGN:
            return rows.filter(signed_at=None, sign_by__gte=today)
        case ActivityState.LATE:
            return rows.filter(signed_at=None, sign_by__lt=today)
    return rows


def state_of(row: ActivityReview, *, today: dt.date) -> ActivityState:
    if row.signed_at is not None:
        return ActivityState.SIGNED
    return ActivityState.LATE if row.sign_by < today else ActivityState.TO_SIGN


def named_in(by: Scope, row: ActivityReview) -> bool:
    """Is this person named in an alert of that week that is not closed?"""
    first, until = activity_figures.bounds(row.week)
    open_alerts = Alert.objects.exclude(state=AlertState.CLOSED).filter(user_id=by.user_id or 0)
    return open_alerts.filter(Q(first_at__lt=until) & Q(last_at__gte=first)).exists()


def sign(*, by: Scope, review_id: int, note: str) -> ActivityReview:
    """That this person read it, with what they note. From then on it does not change. Raises `Refused` for whom an open
    alert of that week names, `SignedAlready`."""
    permissions.require(by, Desk.REVIEW_ACTIVITY)
    assert by.user_id is not None
    with transaction.atomic():
        row = ActivityReview.objects.select_for_update().get(pk=review_id)
        if row.signed_at is not None:
            raise SignedAlready
        if named_in(by, row):
            raise Refused(NAMED)
        row.signed_by_id, row.signed_at, row.note = by.user_id, timezone.now(), note
        row.save(update_fields=["signed_by", "signed_at", "note"])
        audit.record(
            kind=Kind.CHANGE,
            action="activity.sign",
            object_kind="activity_review",
            object_id=str(row.pk),
            detail={"week": row.week.isoformat()},
            **by.audit(),
        )
        request = DeskRequest.objects.filter(key=f"activity:{row.week}").exclude(status__in=REQUEST_OVER).first()
        if request is not None:
            desk.change_status(request_id=request.pk, status=RequestStatus.DONE, by=by)
        activity_report.ask(row, by=by)
        return row


def register() -> None:
    activity_report.register()
    desk_kinds.register(
        REQUEST_KIND,
        RequestKind(
            team=Team.PRIVACY,
            label=gettext_lazy("Review of activity to sign"),
            own_end=True,
            facts=lambda row: [(_("Week of"), desk_kinds.day_text(row.detail["week"]))],
            url=lambda row: reverse("desk:activity_review", args=[row.detail["review"]]),
        ),
    )
