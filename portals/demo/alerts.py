"""What the demo's privacy officers find on their first day: alerts by the real rules from what invented people did a
moment ago, and the reviews of the two weeks before, of which the ledger holds nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.utils import timezone

from audit import actions as audit
from audit.enums import Kind, Outcome
from portals import doors
from portals.enums import AlertFinding
from portals.models import ActivityReview, Alert, User
from portals.plan.periods import plan_date
from portals.privacy.activity import actions as activity
from portals.privacy.alerts import actions as alert_actions
from portals.privacy.alerts import evaluation as alerts
from portals.scope import Portal, Scope

_WHO = ("mwetherow", "abirchley", "lflintway.hvb")
NOTE = "The plan opened its doors after this week: the ledger holds nothing of it. Nothing to follow up."
EXPLAINED = "Her manager confirmed that she worked off the returned mail, record by record."


def load(*, person_ids: Sequence[int], by: Scope) -> None:
    """In the caller's transaction; nothing where there are alerts or reviews already."""
    if Alert.objects.exists() or ActivityReview.objects.exists():
        return
    users = {user.username: user for user in User.objects.filter(username__in=_WHO)}
    _act(users, person_ids)
    alerts.evaluate(by=by)
    officer = _officer("torrendale")
    for row in Alert.objects.filter(rule="many_records", user=users["mwetherow"]):
        alert_actions.close(by=officer, ids=[row.pk], finding=AlertFinding.EXPLAINED, text=EXPLAINED)
    today = plan_date(timezone.now())
    first = activity.monday(today) - dt.timedelta(weeks=2)
    for week in (first, first + dt.timedelta(weeks=1)):
        activity.make(by=by, week=week, today=today)
    activity.sign(by=_officer("sgalehurst"), review_id=ActivityReview.objects.get(week=first).pk, note=NOTE)


def _act(users: dict[str, User], person_ids: Sequence[int]) -> None:
    """Mara and Ada opened one record after another, Linus tried what only his agency's contact may do."""
    mara, ada, linus = (f"user:{users[name].pk}" for name in _WHO)
    for actor, people in ((mara, person_ids[:64]), (ada, person_ids[40:111])):
        for person in people:
            audit.record(
                kind=Kind.VIEW,
                action="records:person",
                actor=actor,
                portal=Portal.DESK,
                subjects=[("person", person)],
                fields=["person.name", "coverage"],
            )
    for _n in range(22):
        audit.record(
            kind=Kind.DENIAL,
            action="producers:agency_contact",
            actor=linus,
            portal=Portal.PRODUCER,
            outcome=Outcome.REFUSED,
            detail={"gate": "permission:producer.manage_people"},
        )


def _officer(username: str) -> Scope:
    user = User.objects.get(username=username)
    (team,) = doors.memberships(user.pk, Portal.DESK)
    base = Scope(actor=f"user:{user.pk}", portal=Portal.DESK, user_id=user.pk)
    return team.scope(base)
