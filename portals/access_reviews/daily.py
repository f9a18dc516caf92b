"""What a day of the plan's calendar does to access reviews: managers are reminded, and what nobody confirmed ends.

Asked every minute. A day on which nobody asked (the worker was away, the demo's date was moved) is caught up with: of
several reminders that were missed the latest is sent, which says the same; a due day that has passed ends what it ends.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from audit import actions as audit
from audit.enums import Kind
from portals import jobs
from portals.access_reviews import actions as access_reviews
from portals.access_reviews import kinds as review_kinds
from portals.access_reviews import queries as review_queries
from portals.access_reviews.kinds import kind_of
from portals.desk import actions as desk
from portals.enums import ReviewDecision, ReviewStatus
from portals.mail import outbox
from portals.models import AccessReview, AccessReviewLine, Job, User
from portals.parties import Reviewed
from portals.plan import clock
from portals.scope import PartyRef, Scope, entered

LAPSE = "access_review.lapse"
REMIND_BEFORE = (14, 7, 1)  # days before the due day (F14 of the rulings)
MOST_AT_ONCE = 200  # reviews that are handed to the workers in one go; the next minute takes the others

# A reminder's day on which the review was not open yet is none. Whoever updates the row sends the mail.
_REMIND = """
UPDATE portals_accessreview review SET reminded_on = due.day
FROM (
    SELECT id, (SELECT max(due_date - before) FROM unnest(%s) AS before
                WHERE due_date - before BETWEEN opened_on AND %s) AS day
    FROM portals_accessreview WHERE status = 'open' AND due_date BETWEEN %s AND %s
) AS due
WHERE due.id = review.id AND due.day IS NOT NULL AND (review.reminded_on IS NULL OR review.reminded_on < due.day)
  AND review.status = 'open'
RETURNING review.id
"""


def register() -> None:
    jobs.register(LAPSE, run_lapse, label=gettext_lazy("End of an access review"))


def reminder_days(due_date: dt.date) -> list[dt.date]:
    """Due January 15: January 1, 8 and 14."""
    return [due_date - dt.timedelta(days=before) for before in REMIND_BEFORE]


def of_day(*, by: Scope, as_of: dt.date) -> None:
    """Everything that is due on that day or was before; a second time nothing."""
    remind(by=by, as_of=as_of)
    due = AccessReview.objects.filter(status=ReviewStatus.OPEN, due_date__lt=as_of).order_by("due_date", "pk")
    for review_id in due.values_list("pk", flat=True)[:MOST_AT_ONCE]:
        jobs.ask(kind=LAPSE, key=f"{LAPSE}:{review_id}:{as_of}", scope=by, payload={"review": review_id})


# --- Reminders ----------------------------------------------------------------------------------------------------


def remind(*, by: Scope, as_of: dt.date) -> int:
    """Mail the managers of reviews whose reminder's day has come; how many mails. They name nobody."""
    with transaction.atomic(), connection.cursor() as cursor:
        latest = as_of + dt.timedelta(days=max(REMIND_BEFORE))
        cursor.execute(_REMIND, [list(REMIND_BEFORE), as_of, as_of, latest])
        rows = list(AccessReview.objects.filter(pk__in=[row[0] for row in cursor.fetchall()]).order_by("pk"))
        if not rows:
            return 0
        mails = [mail for kind in {row.kind for row in rows} for mail in _mails(rows, kind, as_of)]
        outbox.post_all(mails)
        audit.record(
            kind=Kind.JOB,
            action="access_review.remind",
            object_kind="access_review",
            object_id=str(rows[0].pk) if len(rows) == 1 else "",
            detail={"reviews": len(rows), "mails": len(mails), "day": as_of.isoformat()},
            **by.audit(),
        )
    return len(mails)


def _mails(rows: list[AccessReview], kind: str, as_of: dt.date) -> list[outbox.Mail]:
    """To each manager of each review of one kind. Three queries, however many."""
    of_kind = {PartyRef.parse(row.party).id: row for row in rows if row.kind == kind}
    organizations = kind_of(next(iter(of_kind.values())))
    rows_of = review_kinds.memberships(organizations, as_of, list(of_kind))
    managers = [(party, user) for party, _place, user, _role, manages in rows_of if manages]
    addresses = dict(
        User.objects.filter(pk__in={user for _party, user in managers}, is_active=True)
        .exclude(email="")
        .values_list("pk", "email")
    )
    names = organizations.named(list(of_kind))
    return [
        _mail(of_kind[party], organizations.reviewed, names[party].name, user, addresses[user])
        for party, user in managers
        if user in addresses
    ]


def _mail(row: AccessReview, reviewed: Reviewed, organization: str, user: int, address: str) -> outbox.Mail:
    day = date_format(row.due_date, pgettext("date within a sentence", "F j, Y"))
    return outbox.Mail(
        key=f"access-review:{row.pk}:{row.reminded_on}:{user}",
        to=address,
        subject=_("Access review due %(day)s") % {"day": day},
        body=_(
            "Please confirm who still works at %(organization)s. Whoever is not confirmed by %(day)s loses "
            "access at the end of that day. Sign in to confirm or end each person's access: %(address)s"
        )
        % {"organization": organization, "day": day, "address": f"{settings.SITE_URL}{reverse(reviewed.url)}"},
    )


# --- The close of the due day -------------------------------------------------------------------------------------


def run_lapse(job: Job) -> Mapping[str, Any]:
    with entered(Scope.from_reference(job.scope)) as by:
        return {"lapsed": lapse(by=by, review_id=job.payload["review"], as_of=clock.today())}


def lapse(*, by: Scope, review_id: int, as_of: dt.date) -> int:
    """Once the due day has passed: end the access of everybody who is not confirmed; how many. The accounts of the
    managers who did the review stay. Where none of them did, all managers' accounts stay, and the plan's people are
    asked to see to it. A second time nothing."""
    with transaction.atomic():
        row = AccessReview.objects.select_for_update().get(pk=review_id)
        if row.status != ReviewStatus.OPEN or as_of <= row.due_date:
            return 0
        lines = list(row.lines.order_by("pk"))
        live = review_queries.live_places(row, as_of=as_of)
        did_it = review_queries.reviewers(lines, live)
        stay = did_it or {place.actor for place in live.values() if place.manages}
        if not did_it:
            _ask_for_it(by, row, as_of)
        unconfirmed = [line for line in lines if not line.decision and line.place in live]
        over = [line for line in unconfirmed if live[line.place].actor not in stay]
        if over:
            kind_of(row).reviewed.end(
                by=by, party_id=PartyRef.parse(row.party).id, place_ids=[line.place for line in over]
            )
        access_reviews.set_decisions(over, ReviewDecision.LAPSED, by=by)
        status = ReviewStatus.CLOSED if did_it and not over else ReviewStatus.LAPSED
        access_reviews.close(row, lines, live=live, status=status, by=by)
        _record(by, row, over, done=bool(did_it))
    return len(over)


def _record(by: Scope, row: AccessReview, over: list[AccessReviewLine], *, done: bool) -> None:
    audit.record(
        kind=Kind.JOB,
        action="access_review.lapse",
        subjects=[("user", line.user_id) for line in over],
        object_kind="access_review",
        object_id=str(row.pk),
        detail={"party": row.party, "people": len(over), "done": done},
        **by.audit(),
    )


def _ask_for_it(by: Scope, row: AccessReview, as_of: dt.date) -> None:
    party = PartyRef.parse(row.party)
    organization = kind_of(row).name_of(party.id)
    desk.open_request(
        kind=review_kinds.not_done(row.kind),
        key=f"access-review:{row.pk}",
        title=_("%(organization)s (%(number)s) did not do its access review")
        % {"organization": organization.name, "number": organization.number},
        by=by,
        party=party,
        detail={"due": row.due_date.isoformat()},
        due_date=as_of,
    )
