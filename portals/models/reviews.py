"""Access reviews: who still works here is confirmed from time to time, and what is not confirmed ends."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from portals import enums
from portals.models.users import User
from portals.scope import Portal, Scope


class Reviews(models.QuerySet["AccessReview"]):
    def visible_to(self, scope: Scope) -> Reviews:
        """An organization's own; nobody who acts for another."""
        if scope.portal in (Portal.DESK, Portal.SYSTEM):
            return self
        if scope.party is None or scope.acting_for is not None:
            return self.none()
        return self.filter(party=str(scope.party))


class AccessReview(models.Model):
    """One review of everybody who had access to one organization when it was opened. The due day is included."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True)
    kind = models.CharField(max_length=12, choices=enums.ReviewKind.choices)
    party = models.CharField(max_length=40)  # PartyRef
    opened_on = models.DateField()
    due_date = models.DateField()
    status = models.CharField(max_length=12, choices=enums.ReviewStatus.choices, default=enums.ReviewStatus.OPEN)
    opened_by = models.CharField(max_length=60)
    reminded_on = models.DateField(null=True, blank=True)  # the latest reminder's day
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.CharField(max_length=60, blank=True)

    objects = Reviews.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["party"], condition=Q(status=enums.ReviewStatus.OPEN), name="one_open_review"
            ),
            models.CheckConstraint(condition=Q(due_date__gt=F("opened_on")), name="review_due_after_opening"),
        ]
        indexes = [
            models.Index(fields=["due_date"], condition=Q(status=enums.ReviewStatus.OPEN), name="review_due"),
            models.Index(fields=["kind", "-due_date"], name="review_by_kind"),
            models.Index(fields=["party", "-opened_on"], name="review_by_party"),
        ]

    class Phi:
        protected = ()
        cleared = (
            "id", "uuid", "kind", "party", "opened_on", "due_date", "status", "opened_by", "reminded_on", "closed_at",
            "closed_by",
        )  # fmt: skip


class AccessReviewLine(models.Model):
    """One person of a review, by the place (of the app that owns the organization) under which access was held."""

    review = models.ForeignKey(AccessReview, on_delete=models.CASCADE, related_name="lines")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="review_lines")
    place = models.BigIntegerField()
    role = models.CharField(max_length=24, blank=True)  # the app's code of it, as it was then
    manages = models.BooleanField()  # decided who has access, when the review was opened
    decision = models.CharField(max_length=12, choices=enums.ReviewDecision.choices, blank=True)
    decided_by = models.CharField(max_length=60, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["review", "place"], name="review_line_once"),
            models.CheckConstraint(
                condition=Q(decision="", decided_at=None) | (~Q(decision="") & Q(decided_at__isnull=False)),
                name="review_decision_has_its_time",
            ),
        ]

    class Phi:
        protected = ()
        cleared = ("id", "review", "user", "place", "role", "manages", "decision", "decided_by", "decided_at")
