"""Whose access is reviewed: the kinds of party that are organizations."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portals import doors, parties
from portals.desk import kinds as desk_kinds
from portals.desk.kinds import Facts, RequestKind
from portals.models import AccessReview, DeskRequest
from portals.parties import Party, Reviewed
from portals.scope import PartyRef, Scope


class LastManager(ValueError):
    """An organization keeps at least one person who manages access; each app's own refusal is one of these."""


Place = TypeVar("Place", bound=Model)


def lock_ending(
    places: QuerySet[Place],
    place_ids: Collection[int],
    *,
    manages: Callable[[Place], bool],
    refusal: type[LastManager],
) -> list[Place]:
    """Those of one organization's `places` that are to end, all or none; its current places stay locked in key order,
    so that two managers do not end each other at once. Raises the model's DoesNotExist where one is not there any more,
    `refusal` where nobody who manages access would be left."""
    current = list(places.filter(ended_at=None).select_for_update(of=("self",)).order_by("pk"))
    ending = [place for place in current if place.pk in place_ids]
    if len(ending) != len(set(place_ids)):
        raise places.model.DoesNotExist  # type: ignore[attr-defined]  # the stubs know it of concrete models only
    managers = [place for place in current if manages(place)]
    if managers and all(place in ending for place in managers):
        raise refusal
    return ending


class TooSoon(ValueError):
    """The due day leaves too little time, or lies more than a year ahead."""


class AlreadyOpen(ValueError):
    """The organization has an open review."""


class NobodyToReview(ValueError):
    """Nobody but one manager has access there, or nobody at all."""


class Over(ValueError):
    """The review is closed, or its due day has passed."""


class NotDecided(ValueError):
    """Somebody is neither confirmed nor ended."""


def memberships(party: Party, as_of: dt.date, ids: Collection[int] | None) -> QuerySet[Any, Any]:
    """Who has access on that day at these organizations of the kind (None: at all of them), as their door says it."""
    found = doors.of(party.portal).memberships.reviewed
    assert found is not None, "a house test holds that a reviewed party's door says it"
    return found(as_of, ids)


def register_not_done(party: Party) -> None:
    """Each app whose organizations are reviewed, among its kinds of request: where no manager did the review."""
    desk_kinds.register(
        not_done(party.reviewed.kind),
        RequestKind(team=party.reviewed.team, label=_("Access review not done"), facts=_not_done_facts),
    )


def _not_done_facts(request: DeskRequest) -> Facts:
    ref = PartyRef.parse(request.party)
    named = parties.of(ref.kind).named([ref.id])
    return [
        *((gettext("Organization"), f"{each.name} ({each.number})") for each in named.values()),
        (gettext("The review was due"), desk_kinds.day_text(request.detail["due"])),
    ]


def not_done(kind: str) -> str:
    """The kind of request at the service desk where no manager did the review."""
    return f"access_review.{kind}"


def kind_named(name: str) -> Party:
    return next(party for party in parties.every() if party.review and party.review.kind == name)


def kind_of(review: AccessReview) -> Party:
    return kind_named(review.kind)


def open_to(scope: Scope) -> dict[str, Party]:
    """The kinds of organization whose reviews this person of the plan starts and sees."""
    return {
        party.review.kind.value: party
        for party in parties.every()
        if party.review and party.review.desk_permission in scope.permissions
    }


def own_kind(scope: Scope) -> Reviewed | None:
    """Of the organization in which this person manages access, or None."""
    if scope.party is None or scope.acting_for is not None:
        return None
    party = parties.find(scope.party.kind)
    if party is None or party.review is None or party.portal is not scope.portal:
        return None
    return party.review if party.review.own_permission in scope.permissions else None
