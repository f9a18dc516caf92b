"""Access reviews: one page on which an organization's manager confirms or ends each person's access by a due day (V20).

The due day is included: what nobody confirmed ends at its close (`portals.access_reviews.daily`). The app that owns an
organization says in its `Party` how their access ends, and in its `Door` who they are.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.utils import timezone, translation

from audit import actions as audit
from audit.enums import Kind
from portals import jobs, permissions
from portals.access_reviews.kinds import (
    AlreadyOpen,
    NobodyToReview,
    NotDecided,
    Over,
    TooSoon,
    kind_named,
    kind_of,
    memberships,
)
from portals.access_reviews.queries import EVIDENCE, LivePlace, live_places, reviewers
from portals.enums import REVIEW_TRANSITIONS, ReviewDecision, ReviewKind, ReviewStatus
from portals.models import AccessReview, AccessReviewLine
from portals.parties import Party
from portals.scope import PartyRef, Portal, Scope

PLAN_AHEAD = dt.timedelta(days=14)  # the plan's people leave so much time at least
OWN_AHEAD = dt.timedelta(days=7)  # a manager for the own organization
MOST_AHEAD = dt.timedelta(days=366)


# --- Opening ------------------------------------------------------------------------------------------------------

# Where one manager is alone, there is nobody to confirm.
_REVIEWS = """
INSERT INTO portals_accessreview (uuid, kind, party, opened_on, due_date, status, opened_by, closed_by)
SELECT gen_random_uuid(), %s, %s || ':' || place.party, %s, %s, 'open', %s, ''
FROM {places} GROUP BY place.party HAVING NOT (count(*) = 1 AND bool_and(place.manages)) ORDER BY place.party
ON CONFLICT (party) WHERE status = 'open' DO NOTHING
RETURNING id
"""
_LINES = """
INSERT INTO portals_accessreviewline (review_id, user_id, place, role, manages, decision, decided_by)
SELECT review.id, place.user_id, place.place, place.role, place.manages, '', ''
FROM portals_accessreview review JOIN {places} ON review.party = %s || ':' || place.party
WHERE review.id = ANY(%s)
"""
_COUNT = """
SELECT count(*), coalesce(sum(people), 0) FROM (
    SELECT count(*) AS people FROM {places} GROUP BY place.party
    HAVING NOT (count(*) = 1 AND bool_and(place.manages)) AND NOT EXISTS (
        SELECT 1 FROM portals_accessreview WHERE status = 'open' AND party = %s || ':' || place.party)
) AS party
"""


def _places(party: Party, as_of: dt.date, ids: Collection[int] | None) -> tuple[str, list[Any]]:
    sql, params = memberships(party, as_of, ids).query.sql_with_params()
    return f"({sql}) AS place(party, place, user_id, role, manages)", list(params)


def _ahead(by: Scope) -> dt.timedelta:
    return PLAN_AHEAD if by.portal is Portal.DESK else OWN_AHEAD


def earliest_due(by: Scope, *, as_of: dt.date) -> dt.date:
    """The first day that this person may choose."""
    return as_of + _ahead(by)


def open_reviews(
    *, by: Scope, kind: ReviewKind, due_date: dt.date, as_of: dt.date, party: PartyRef | None = None
) -> int:
    """Open a review of one organization, or of all of a kind that have none open; how many. Three statements, however
    many. Raises `Refused`, TooSoon; for one organization AlreadyOpen, NobodyToReview."""
    of_kind = kind_named(kind.value)
    if by.portal is Portal.DESK:
        permissions.require(by, of_kind.reviewed.desk_permission)
    elif by.portal is not Portal.SYSTEM:
        permissions.require(by, of_kind.reviewed.own_permission)
        if party is None or party != by.party:
            raise LookupError(f"{party} is not {by.party}")
    if not earliest_due(by, as_of=as_of) <= due_date <= as_of + MOST_AHEAD:
        raise TooSoon
    places, params = _places(of_kind, as_of, [party.id] if party else None)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_REVIEWS.format(places=places), [kind.value, of_kind.kind, as_of, due_date, by.actor, *params])
        made = [row[0] for row in cursor.fetchall()]
        if party is not None and not made:
            opened = AccessReview.objects.filter(party=str(party), status=ReviewStatus.OPEN).exists()
            raise AlreadyOpen if opened else NobodyToReview
        cursor.execute(_LINES.format(places=places), [*params, of_kind.kind, made])
        event = audit.record(
            kind=Kind.CREATE,
            action="access_review.open",
            object_kind="access_review",
            object_id=str(made[0]) if len(made) == 1 else "",
            detail={"kind": kind.value, "reviews": len(made), "people": cursor.rowcount, "due": due_date.isoformat()},
            **by.audit(),
        )
        audit.record_subjects(
            event, "SELECT 'user', user_id FROM portals_accessreviewline WHERE review_id = ANY(%s)", [made]
        )
    return len(made)


def would_open(*, by: Scope, kind: ReviewKind, as_of: dt.date) -> tuple[int, int]:
    """How many organizations of a kind, and how many people, a review of all would reach now."""
    of_kind = kind_named(kind.value)
    permissions.require(by, of_kind.reviewed.desk_permission)
    places, params = _places(of_kind, as_of, None)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT.format(places=places), [*params, of_kind.kind])
        parties, people = cursor.fetchone()
    return int(parties), int(people)


# --- Deciding -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Decided:
    """How many were confirmed and ended now; `late` had been decided or had left before, and nothing was changed."""

    confirmed: int
    ended: int
    late: int


def decide(
    *, by: Scope, review: AccessReview, as_of: dt.date, confirm: Collection[int] = (), end: Collection[int] = ()
) -> Decided:
    """Confirm these lines and end the access of those, at once; all or nothing. One's own line is nobody's own to
    decide; who was confirmed can be ended, and never the other way. Raises `Refused`, Over, LastManager."""
    reviewed = kind_of(review).reviewed
    permissions.require(by, reviewed.own_permission)
    with transaction.atomic():
        row, lines = _hold(by, review, as_of=as_of)
        live = live_places(row, as_of=as_of)
        here = {pk: line for pk, line in lines.items() if line.place in live and line.user_id != by.user_id}
        kept = [here[pk] for pk in confirm if pk in here and not here[pk].decision]
        before = sum(pk in here and here[pk].decision == ReviewDecision.CONFIRMED for pk in confirm)
        wanted = ("", ReviewDecision.CONFIRMED)
        ended = [here[pk] for pk in end if pk in here and here[pk].decision in wanted]
        if ended:
            reviewed.end(by=by, party_id=PartyRef.parse(row.party).id, place_ids=[line.place for line in ended])
        _set(kept, ReviewDecision.CONFIRMED, by=by)
        _set(ended, ReviewDecision.ENDED, by=by)
        _record(by, row, Kind.CHANGE, "access_review.confirm", kept)
        _record(by, row, Kind.DELETE, "access_review.end", ended)
    return Decided(len(kept), len(ended), len(confirm) + len(end) - len(kept) - len(ended) - before)


def finish(*, by: Scope, review: AccessReview, as_of: dt.date) -> AccessReview:
    """Close a review before its due day, once everybody is decided. Raises `Refused`, Over, NotDecided."""
    permissions.require(by, kind_of(review).reviewed.own_permission)
    with transaction.atomic():
        row, lines = _hold(by, review, as_of=as_of)
        live = live_places(row, as_of=as_of)
        own = {by.actor, *reviewers(lines.values(), live)}
        left = [line for line in lines.values() if not line.decision and line.place in live]
        if any(f"user:{line.user_id}" not in own for line in left):
            raise NotDecided
        close(row, lines.values(), live=live, status=ReviewStatus.CLOSED, by=by)
        _record(by, row, Kind.CHANGE, "access_review.close", [])
    return row


def call_off(*, by: Scope, review: AccessReview) -> AccessReview:
    """The plan takes back a review: whoever was ended stays ended, nobody else is. Raises `Refused`, Over."""
    permissions.require(by, kind_of(review).reviewed.desk_permission)
    with transaction.atomic():
        row = AccessReview.objects.visible_to(by).select_for_update().get(pk=review.pk)
        _change_status(row, ReviewStatus.CALLED_OFF, by=by)
        _record(by, row, Kind.DELETE, "access_review.call_off", [])
    return row


def _hold(by: Scope, review: AccessReview, *, as_of: dt.date) -> tuple[AccessReview, dict[int, AccessReviewLine]]:
    """The review and its lines, locked: of two who decide at once the second sees what the first did."""
    row = AccessReview.objects.visible_to(by).select_for_update().get(pk=review.pk)
    if row.status != ReviewStatus.OPEN or as_of > row.due_date:
        raise Over
    return row, {line.pk: line for line in row.lines.order_by("pk")}


def close(
    row: AccessReview,
    lines: Collection[AccessReviewLine],
    *,
    live: dict[int, LivePlace],
    status: ReviewStatus,
    by: Scope,
) -> None:
    """Close a held review; the paper of it is made later. Who is not decided by now has left or is a manager."""
    gone = [line for line in lines if line.place not in live and line.decision in ("", ReviewDecision.CONFIRMED)]
    _set(gone, ReviewDecision.LEFT, by=by)
    _set([line for line in lines if not line.decision], ReviewDecision.MANAGER, by=by)
    _change_status(row, status, by=by)
    ask_evidence(row, by=by)


def ask_evidence(row: AccessReview, *, by: Scope) -> None:
    """The paper of a closed review, in the reader's language; asked again, one that failed is tried anew."""
    jobs.ask(
        kind=EVIDENCE,
        key=f"{EVIDENCE}:{row.pk}",
        scope=by,
        payload={"review": row.pk, "language": translation.get_language() or "en"},
        owner=PartyRef.parse(row.party),
        again=True,
    )


def set_decisions(lines: Collection[AccessReviewLine], decision: ReviewDecision, *, by: Scope) -> None:
    """For lines of a held review. One statement."""
    _set(list(lines), decision, by=by)


def _set(lines: list[AccessReviewLine], decision: ReviewDecision, *, by: Scope) -> None:
    now = timezone.now()
    for line in lines:
        line.decision, line.decided_by, line.decided_at = decision, by.actor, now
    AccessReviewLine.objects.filter(pk__in=[line.pk for line in lines]).update(
        decision=decision, decided_by=by.actor, decided_at=now
    )


def _change_status(row: AccessReview, status: ReviewStatus, *, by: Scope) -> None:
    """The one door of a review's status. Raises Over."""
    if status not in REVIEW_TRANSITIONS[row.status]:
        raise Over
    row.status, row.closed_at, row.closed_by = status, timezone.now(), by.actor
    row.save(update_fields=["status", "closed_at", "closed_by"])


def _record(by: Scope, row: AccessReview, kind: Kind, action: str, lines: list[AccessReviewLine]) -> None:
    """Nothing to say where an action about people was about nobody."""
    if not lines and action in ("access_review.confirm", "access_review.end"):
        return
    audit.record(
        kind=kind,
        action=action,
        subjects=[("user", line.user_id) for line in lines],
        object_kind="access_review",
        object_id=str(row.pk),
        detail={"party": row.party, "people": len(lines)},
        **by.audit(),
    )
