"""Agencies, their people, entitlements and client grants: dated intervals that stop at once and stay readable."""

from __future__ import annotations

import datetime as dt
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
    agency_path = "agency_id"

    def visible_to(self, scope: Scope) -> OfAgency[_Row]:
        if scope.portal in (Portal.DESK, Portal.SYSTEM):
            return self
        if scope.home and scope.home.kind == "agency":
            return self.filter(**{self.agency_path: scope.home.id})
        return self.none()


class OfPlace(OfAgency[_Row]):
    agency_path = "place__agency_id"


class Agency(models.Model):
    """An agency writes business with the plan directly, or through its general agency, or both."""

    agent_id = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=100)
    state = models.CharField(max_length=2)
    phone = models.CharField(max_length=40, blank=True)
    general_agency = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="agencies_under"
    )
    direct_writer = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(direct_writer=True) | models.Q(general_agency__isnull=False),
                name="agency_writes_somehow",
            ),
            models.CheckConstraint(condition=~models.Q(general_agency=models.F("id")), name="agency_under_another"),
        ]

    class Phi:
        protected = ()
        cleared = ("id", "agent_id", "name", "state", "phone", "general_agency", "direct_writer")


class ProducerUser(models.Model):
    """A person's place in an agency. `contact`: the agency's contact, who names case managers and, in a general
    agency, grants Agency Reports to the people of agencies under it (P5, P7)."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="people")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="producer_places")
    contact = models.BooleanField(default=False)
    started_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=60, blank=True)

    objects = OfAgency.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agency", "user"], condition=models.Q(ended_at=None), name="producer_user_once"
            )
        ]

    class Phi:
        protected = ()
        cleared = ("id", "agency", "user", "contact", "started_at", "ended_at", "ended_by")


class Interval(models.Model):
    """A grant from its first day to its last, both included (`effective` is half-open, so it ends the day after).
    Who ends it at once ends it with the business date itself: [first, today). What never held a day is empty; its
    row stays, so that history tells of it."""

    effective = DateRangeField()
    granted_by = models.CharField(max_length=60)
    ended_on = models.DateField(null=True, blank=True)  # the business date on which somebody set the end
    ended_by = models.CharField(max_length=60, blank=True)
    ended_why = models.CharField(max_length=20, choices=enums.EndReason.choices, blank=True)

    class Meta:
        abstract = True

    @property
    def first_day(self) -> dt.date | None:
        """None for what never held a day."""
        return None if self.effective.isempty else self.effective.lower

    @property
    def last_day(self) -> dt.date | None:
        """The last day on which it holds; None while no end is set."""
        if self.effective.isempty or self.effective.upper is None:
            return None
        last: dt.date = self.effective.upper - dt.timedelta(days=1)
        return last

    def holds(self, as_of: dt.date) -> bool:
        return as_of in self.effective

    def is_over(self, as_of: dt.date) -> bool:
        return self.effective.isempty or (self.effective.upper is not None and self.effective.upper <= as_of)


INTERVAL = ("effective", "granted_by", "ended_on", "ended_by", "ended_why")


def _one_at_a_time(name: str, *fields: str) -> ExclusionConstraint:
    equal = [(field, RangeOperators.EQUAL) for field in fields]
    return ExclusionConstraint(name=name, expressions=[*equal, ("effective", RangeOperators.OVERLAPS)])


def _end_is_signed(name: str) -> models.CheckConstraint:
    """Whoever sets an end, and on which day, stand together or not at all."""
    return models.CheckConstraint(
        condition=models.Q(ended_on=None, ended_by="") | (models.Q(ended_on__isnull=False) & ~models.Q(ended_by="")),
        name=name,
    )


class EntitlementGrant(Interval):
    """Gate one: what the plan's channel compensation team lets this person do; Agency Reports by the general agency
    where the person's agency writes through one (P5)."""

    place = models.ForeignKey(ProducerUser, on_delete=models.PROTECT, related_name="entitlements")
    entitlement = models.CharField(max_length=24, choices=enums.Entitlement.choices)

    objects = OfPlace.as_manager()

    class Meta:
        constraints = [
            _one_at_a_time("one_entitlement_at_a_time", "place", "entitlement"),
            _end_is_signed("entitlement_end_signed"),
        ]

    class Phi:
        protected = ()
        cleared = ("id", "place", "entitlement", *INTERVAL)


class ClientGrant(Interval):
    """Gate two: the client management team lets this agency work for this client."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="client_grants")
    client = models.ForeignKey("members.Client", on_delete=models.PROTECT, related_name="producer_grants")

    objects = OfAgency.as_manager()

    class Meta:
        constraints = [
            _one_at_a_time("one_client_grant_at_a_time", "agency", "client"),
            _end_is_signed("client_grant_end_signed"),
        ]

    class Phi:
        protected = ()
        cleared = ("id", "agency", "client", *INTERVAL)


class CaseManagerGrant(Interval):
    """Gate three: the agency that holds a client's case names this person its case manager (P7). `agency` is the one
    that named; the person works there or in an agency under it."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="case_managers")
    place = models.ForeignKey(ProducerUser, on_delete=models.PROTECT, related_name="cases")
    client = models.ForeignKey("members.Client", on_delete=models.PROTECT, related_name="+")

    objects = OfAgency.as_manager()

    class Meta:
        constraints = [
            _one_at_a_time("one_case_manager_grant_at_a_time", "agency", "place", "client"),
            _end_is_signed("case_manager_end_signed"),
        ]

    class Phi:
        protected = ()
        cleared = ("id", "agency", "place", "client", *INTERVAL)


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
