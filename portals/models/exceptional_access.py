"""How plan staff see what their role alone does not open: a record in an emergency, a portal as one of its users.

Each is one stretch of one person, with reason, ticket and end, and is reviewed by somebody else. What was looked at
stands in the ledger under the row's `grant`.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from portals import enums
from portals.models.users import User


class ExceptionalAccess(models.Model):
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=500)
    ticket = models.CharField(max_length=40)
    opened_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)  # before its time; empty where it simply ran out
    reviewed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    reviewed_at = models.DateTimeField(null=True, blank=True)
    finding = models.CharField(max_length=14, choices=enums.Finding.choices, blank=True)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(condition=~Q(reviewed_by=F("user")), name="%(class)s_not_reviewed_by_oneself"),
            models.CheckConstraint(
                condition=Q(reviewed_by=None, reviewed_at=None, finding="")
                | (Q(reviewed_by__isnull=False, reviewed_at__isnull=False) & ~Q(finding="")),
                name="%(class)s_review_is_whole",
            ),
            models.CheckConstraint(condition=~Q(reason="") & ~Q(ticket=""), name="%(class)s_has_reason_and_ticket"),
        ]


class BreakGlass(ExceptionalAccess):
    """One member's record, opened in an emergency by a person whose role does not open it."""

    subject_kind = models.CharField(max_length=20)
    subject_id = models.BigIntegerField()

    class Meta(ExceptionalAccess.Meta):
        constraints = [
            *ExceptionalAccess.Meta.constraints,
            models.UniqueConstraint(
                fields=["user", "subject_kind", "subject_id"],
                condition=Q(ended_at=None),
                name="one_break_glass_at_a_time",
            ),
        ]
        indexes = [models.Index(fields=["-opened_at"], name="break_glass_latest")]

    class Phi:
        protected = ("reason", "ticket", "note", "subject_id")
        cleared = (
            "id", "user", "subject_kind", "opened_at", "expires_at", "ended_at", "reviewed_by", "reviewed_at",
            "finding",
        )  # fmt: skip


class ViewAs(ExceptionalAccess):
    """A portal seen, and only seen, as one of its users sees it."""

    viewed = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    portal = models.CharField(max_length=10)
    party = models.CharField(max_length=40)  # PartyRef of the place that is looked at
    place = models.CharField(max_length=120, blank=True)  # its name at the time; blank for a member's own record

    class Meta(ExceptionalAccess.Meta):
        constraints = [
            *ExceptionalAccess.Meta.constraints,
            models.UniqueConstraint(fields=["user"], condition=Q(ended_at=None), name="one_view_as_at_a_time"),
            models.CheckConstraint(condition=~Q(viewed=F("user")), name="view_as_somebody_else"),
        ]
        indexes = [models.Index(fields=["-opened_at"], name="view_as_latest")]

    class Phi:
        protected = ("reason", "ticket", "note", "party")
        cleared = (
            "id", "user", "viewed", "portal", "place", "opened_at", "expires_at", "ended_at", "reviewed_by",
            "reviewed_at", "finding",
        )  # fmt: skip
