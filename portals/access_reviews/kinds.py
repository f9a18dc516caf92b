"""Whose access is reviewed. Each app registers its kind of organization."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portals import doors
from portals.desk import kinds as desk_kinds
from portals.desk.kinds import Facts, RequestKind
from portals.enums import ReviewKind, Team
from portals.invitations.kinds import Organization
from portals.models import AccessReview, DeskRequest
from portals.scope import PartyRef, Portal, Scope


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What an app says of its organizations and their people.

    `end(by=, party_id=, place_ids=)` ends places at once in the caller's transaction, whoever asks; raises LastManager.
    """

    portal: Portal
    party: str  # the kind of its PartyRef
    number_label: Any
    team: Team  # of the plan: it starts reviews, and is told of one that nobody did
    desk_permission: str
    own_permission: str
    url: str  # URL name of the organization's own page; `_end`, `_rest` and `_evidence` are behind it
    end: Callable[..., None]
    role_label: Callable[[str], Any]
    numbered: Callable[[str], PartyRef | None]  # by the number that people know
    search: Callable[[str], Collection[int]]  # by a part of the name or the number
    named: Callable[[Collection[int]], dict[int, Organization]]
    last_manager: Any  # the sentence that refuses to end the last one

    def memberships(self, as_of: dt.date, ids: Collection[int] | None) -> QuerySet[Any, Any]:
        """Who has access there, as the door says it."""
        found = doors.of(self.portal).memberships.reviewed
        assert found is not None
        return found(as_of, ids)


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


_kinds: dict[str, Reviewed] = {}


def register(kind: ReviewKind, reviewed: Reviewed) -> None:
    _kinds[kind.value] = reviewed
    desk_kinds.register(
        not_done(kind), RequestKind(team=reviewed.team, label=_("Access review not done"), facts=_not_done_facts)
    )


def _not_done_facts(request: DeskRequest) -> Facts:
    organization = _kinds[request.kind.removeprefix("access_review.")].named([PartyRef.parse(request.party).id])
    return [
        *((gettext("Organization"), f"{each.name} ({each.number})") for each in organization.values()),
        (gettext("The review was due"), desk_kinds.day_text(request.detail["due"])),
    ]


def not_done(kind: str) -> str:
    """The kind of request at the service desk where no manager did the review."""
    return f"access_review.{kind}"


def kind_named(name: str) -> Reviewed:
    return _kinds[name]


def kind_of(review: AccessReview) -> Reviewed:
    return _kinds[review.kind]


def name_of(reviewed: Reviewed) -> ReviewKind:
    """Under which kind an app registered these organizations; the very object, not an equal one."""
    return next(ReviewKind(name) for name, kind in _kinds.items() if kind is reviewed)


def open_to(scope: Scope) -> dict[str, Reviewed]:
    """The kinds of organization whose reviews this person of the plan starts and sees."""
    return {name: kind for name, kind in _kinds.items() if kind.desk_permission in scope.permissions}


def own_kind(scope: Scope) -> Reviewed | None:
    """The kind of the organization in which this person manages access, or None."""
    if scope.party is None or scope.acting_for is not None:
        return None
    kinds = (kind for kind in _kinds.values() if kind.portal is scope.portal and kind.party == scope.party.kind)
    return next((kind for kind in kinds if kind.own_permission in scope.permissions), None)
