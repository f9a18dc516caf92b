"""What pages and papers show of access reviews."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.urls import reverse

from portals.access_reviews import kinds as review_kinds
from portals.access_reviews.kinds import kind_of, memberships
from portals.enums import JobStatus, ReviewDecision, ReviewStatus
from portals.models import AccessReview, AccessReviewLine, Job, StoredFile, User
from portals.scope import PartyRef, Scope

UNUSED_AFTER = dt.timedelta(days=90)
MOST_PAST = 50
BY_A_MANAGER = (ReviewDecision.CONFIRMED, ReviewDecision.ENDED)


@dataclass(frozen=True, slots=True)
class Row:
    """A person of a review. `own` is the reader's; `left` had access when it was opened and has none now."""

    id: int
    user_id: int
    name: str
    email: str
    username: str
    role: str
    manages: bool
    last_signed_in: dt.datetime | None
    unused_days: int | None  # since the last sign-in, when longer than 90 days
    decision: ReviewDecision | None
    decided_by: str  # the manager who confirmed or ended
    decided_at: dt.datetime | None
    own: bool
    left: bool

    @property
    def open(self) -> bool:
        return self.decision is None and not self.own and not self.left

    @property
    def changeable(self) -> bool:
        """Confirmed people can still be ended; an ended place stays ended."""
        return not self.own and not self.left and self.decision in (None, ReviewDecision.CONFIRMED)


def current(scope: Scope) -> AccessReview | None:
    """The organization's open review; past its due day it waits for what is not confirmed to end."""
    return AccessReview.objects.visible_to(scope).filter(status=ReviewStatus.OPEN).first()


def rows(review: AccessReview, *, reader: int | None, as_of: dt.date, at: dt.datetime) -> list[Row]:
    """Everybody of a review by name, as it stands now. Three queries."""
    lines = list(review.lines.select_related("user").order_by("user__family_name", "user__given_name", "pk"))
    live = live_places(review, as_of=as_of) if review.status == ReviewStatus.OPEN else None
    names = names_of(line.decided_by for line in lines)
    return [_row(review, line, reader, at, names, live is not None and line.place not in live) for line in lines]


def _row(
    review: AccessReview,
    line: AccessReviewLine,
    reader: int | None,
    at: dt.datetime,
    names: dict[str, str],
    gone: bool,
) -> Row:
    user = line.user
    idle = at - user.last_login if user.last_login else None
    decision = ReviewDecision(line.decision) if line.decision else None
    return Row(
        id=line.pk,
        user_id=user.pk,
        name=user.display_name,
        email=user.email,
        username=user.username,
        role=str(kind_of(review).reviewed.role_label(line.role)),
        manages=line.manages,
        last_signed_in=user.last_login,
        unused_days=idle.days if idle is not None and idle > UNUSED_AFTER else None,
        decision=decision,
        decided_by=names.get(line.decided_by, "") if decision in BY_A_MANAGER else "",
        decided_at=line.decided_at,
        own=user.pk == reader,
        left=gone and decision in (None, ReviewDecision.CONFIRMED),
    )


def names_of(actors: Iterable[str]) -> dict[str, str]:
    """Actors to names, of those that are people. One query."""
    ids = {int(actor.partition(":")[2]) for actor in actors if actor.startswith("user:")}
    return {f"user:{user.pk}": user.display_name for user in User.objects.filter(pk__in=ids)} if ids else {}


@dataclass(frozen=True, slots=True)
class Banner:
    """On a manager's pages while a review is open."""

    due_date: dt.date
    left: int  # people who are not decided
    url: str


def banner(scope: Scope, *, as_of: dt.date) -> Banner | None:
    """One query for a manager, none for anybody else."""
    kind = review_kinds.own_kind(scope)
    if kind is None:
        return None
    left = Count("lines", filter=Q(lines__decision="") & ~Q(lines__user_id=scope.user_id))
    reviews = AccessReview.objects.visible_to(scope).filter(status=ReviewStatus.OPEN, due_date__gte=as_of)
    row = reviews.annotate(left=left).values_list("due_date", "left").first()
    return Banner(*row, reverse(kind.url)) if row else None


def counted(reviews: QuerySet[AccessReview]) -> QuerySet[AccessReview, Any]:
    """With how many people there are, and how many of them were confirmed, ended, lapsed, or left undecided so far."""
    return reviews.annotate(
        people=Count("lines"),
        confirmed=Count("lines", filter=Q(lines__decision=ReviewDecision.CONFIRMED)),
        ended=Count("lines", filter=Q(lines__decision=ReviewDecision.ENDED)),
        lapsed=Count("lines", filter=Q(lines__decision=ReviewDecision.LAPSED)),
        undecided=Count("lines", filter=Q(lines__decision="")),
    )


@dataclass(frozen=True, slots=True)
class Past:
    """A review that is over, with how far its paper is (a JobStatus; blank where there is none)."""

    review: Any  # AccessReview, counted
    evidence: str


def past(scope: Scope) -> list[Past]:
    """An organization's reviews that are over, the latest first. Two queries."""
    over = AccessReview.objects.visible_to(scope).exclude(status=ReviewStatus.OPEN)
    shown = list(counted(over).order_by("-opened_on", "-pk")[:MOST_PAST])
    keys = {f"{EVIDENCE}:{row.pk}": row.pk for row in shown}
    states = {keys[key]: status for key, status in Job.objects.filter(key__in=keys).values_list("key", "status")}
    return [Past(row, states.get(row.pk, "")) for row in shown]


def evidence(review: AccessReview) -> StoredFile | None:
    """The paper of a review, once it is made."""
    job = Job.objects.filter(key=f"{EVIDENCE}:{review.pk}", status=JobStatus.DONE).first()
    if job is None or not job.result:
        return None
    return StoredFile.objects.filter(uuid=job.result["file"]).first()


EVIDENCE = "access_review.evidence"  # the job that makes the paper


@dataclass(frozen=True, slots=True)
class LivePlace:
    """Somebody who has access now, and whether they manage access."""

    actor: str
    manages: bool


def live_places(review: AccessReview, *, as_of: dt.date) -> dict[int, LivePlace]:
    """Who has access to the organization now, by place. One query."""
    rows = memberships(kind_of(review), as_of, [PartyRef.parse(review.party).id])
    return {place: LivePlace(f"user:{user}", manages) for _party, place, user, _role, manages in rows}


def reviewers(lines: Collection[AccessReviewLine], live: dict[int, LivePlace]) -> set[str]:
    """The managers of today who decided about somebody."""
    decided = {line.decided_by for line in lines if line.decided_by}
    return {place.actor for place in live.values() if place.manages and place.actor in decided}
