"""Agencies, their people, entitlements and client grants: dated intervals that stop at once and stay readable."""

from __future__ import annotations

from typing import TypeVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models.functions import Now

from portals.models import User
from portals.scope import Portal, Scope
from producers import enums

_Row = TypeVar("_Row", bound=models.Model)


class OfAgency(models.QuerySet[_Row]):
    def visible_to(self, scope: Scope) -> OfAgency[_Row]:
        if scope.portal in (Portal.DESK, Portal.SYSTEM):
            return self
        if scope.home and scope.home.kind == "agency":
            return self.filter(agency_id=scope.home.id)
        return self.none()


class Agency(models.Model):
    agent_id = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=100)
    state = models.CharField(max_length=2)
    phone = models.CharField(max_length=40, blank=True)

    class Phi:
        protected = ()
        cleared = ("id", "agent_id", "name", "state", "phone")


class ProducerUser(models.Model):
    """A person's place in an agency."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="people")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="producer_places")
    started_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = OfAgency.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agency", "user"], condition=models.Q(ended_at=None), name="producer_user_once"
            )
        ]

    class Phi:
        protected = ()
        cleared = ("id", "agency", "user", "started_at", "ended_at")


class EntitlementGrant(models.Model):
    """Gate one: what the plan's channel compensation team lets this person do. The last day is included
    (`effective` is half-open, so it ends the day after)."""

    place = models.ForeignKey(ProducerUser, on_delete=models.PROTECT, related_name="entitlements")
    entitlement = models.CharField(max_length=24, choices=enums.Entitlement.choices)
    effective = DateRangeField()
    granted_by = models.CharField(max_length=60)

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="one_entitlement_at_a_time",
                expressions=[
                    ("place", RangeOperators.EQUAL),
                    ("entitlement", RangeOperators.EQUAL),
                    ("effective", RangeOperators.OVERLAPS),
                ],
            )
        ]

    class Phi:
        protected = ()
        cleared = ("id", "place", "entitlement", "effective", "granted_by")


class ClientGrant(models.Model):
    """Gate two: the client management team lets this agency work for this client."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="client_grants")
    client = models.ForeignKey("members.Client", on_delete=models.PROTECT, related_name="producer_grants")
    effective = DateRangeField()
    granted_by = models.CharField(max_length=60)

    objects = OfAgency.as_manager()

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="one_client_grant_at_a_time",
                expressions=[
                    ("agency", RangeOperators.EQUAL),
                    ("client", RangeOperators.EQUAL),
                    ("effective", RangeOperators.OVERLAPS),
                ],
            )
        ]

    class Phi:
        protected = ()
        cleared = ("id", "agency", "client", "effective", "granted_by")


class BookEntry(models.Model):
    """A client of record of the agency: it appears in the book with its Client ID whether or not the grant stands."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="book")
    client = models.ForeignKey("members.Client", on_delete=models.PROTECT, related_name="+")

    objects = OfAgency.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agency", "client"], name="book_entry_once")]

    class Phi:
        protected = ()
        cleared = ("id", "agency", "client")
