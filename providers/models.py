"""Practices, their practitioners and the people who may sign in for them."""

from __future__ import annotations

from typing import TypeVar

from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.db.models.functions import Now

from portals.enums import CallerCheck
from portals.models import DeskRequest, User
from portals.scope import Portal, Scope
from providers import enums

_Row = TypeVar("_Row", bound=models.Model)


class OfPractice(models.QuerySet[_Row]):
    def visible_to(self, scope: Scope) -> OfPractice[_Row]:
        if scope.portal in (Portal.DESK, Portal.SYSTEM):
            return self
        if scope.party and scope.party.kind == "practice":
            return self.filter(practice_id=scope.party.id)
        return self.none()


class Practice(models.Model):
    """A provider's office under one tax ID. The NPI is public and proves nobody."""

    provider_id = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=100)
    tax_id = models.CharField(max_length=9)
    npi = models.CharField(max_length=10, blank=True)
    discipline = models.CharField(max_length=10, choices=enums.Discipline.choices)
    participating = DateRangeField(null=True, blank=True)
    address = models.CharField(max_length=100)
    city = models.CharField(max_length=60)
    state = models.CharField(max_length=2)
    zip = models.CharField(max_length=10)
    phone = models.CharField(max_length=40, blank=True)

    class Phi:
        protected = ()
        cleared = (
            "id", "provider_id", "name", "tax_id", "npi", "discipline", "participating", "address", "city", "state",
            "zip", "phone",
        )  # fmt: skip


class Practitioner(models.Model):
    practice = models.ForeignKey(Practice, on_delete=models.CASCADE, related_name="practitioners")
    npi = models.CharField(max_length=10)
    first_name = models.CharField(max_length=35)
    last_name = models.CharField(max_length=60)
    specialty = models.CharField(max_length=60, blank=True)

    objects = OfPractice.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["practice", "npi"], name="practitioner_once")]

    class Phi:
        protected = ()
        cleared = ("id", "practice", "npi", "first_name", "last_name", "specialty")


class StaffMembership(models.Model):
    """A person's place in a practice, with an own username always; ended, never deleted."""

    practice = models.ForeignKey(Practice, on_delete=models.PROTECT, related_name="staff")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="practice_places")
    role = models.CharField(max_length=20, choices=enums.PracticeRole.choices)
    added_by = models.CharField(max_length=60)
    started_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=60, blank=True)

    objects = OfPractice.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "user"], condition=models.Q(ended_at=None), name="staff_membership_once"
            )
        ]

    class Phi:
        protected = ()
        cleared = ("id", "practice", "user", "role", "added_by", "started_at", "ended_at", "ended_by")


class OfficeAuthorization(models.Model):
    """A provider's word, given on a call, that somebody manages access for a practice (V17): who gave it, when, who
    took the call and how the caller was checked. Never changed."""

    practice = models.ForeignKey(Practice, on_delete=models.PROTECT, related_name="authorizations")
    authorized_by = models.CharField(max_length=120)
    authorized_on = models.DateField()
    manager_email = models.EmailField()
    caller = models.CharField(max_length=200)  # name and role
    check_made = models.CharField(max_length=20, choices=CallerCheck.choices)
    note = models.TextField()
    taken_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    request = models.ForeignKey(DeskRequest, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["request"], name="office_authorization_once")]

    class Phi:
        protected = ("authorized_by", "manager_email", "caller", "note")
        cleared = ("id", "practice", "authorized_on", "check_made", "taken_by", "request", "recorded_at")
