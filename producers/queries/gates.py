"""What a place in an agency gives, gave and will give: the facts of the one rule, and the grant behind each gate.

Loaded for one person's places together, in a constant number of queries, for the producer's own page and for the desk
that explains it: both read the same.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from billing.queries import openings
from billing.queries.openings import Opening
from members.queries.clients import ClientRow
from portals.models import User
from portals.scope import PartyRef, Portal, Scope, unscoped
from producers.enums import HELD, Capability, Gate
from producers.models import Agency, BookEntry, CaseManagerGrant, ClientGrant, EntitlementGrant, Interval, ProducerUser
from producers.queries import people
from producers.rules import ClientFacts, Facts, Verdict, may

HISTORY = 50  # grants that a page shows of those that hold or will, and of those that are over


@dataclass(slots=True)
class Access:
    """One place, with every grant of it that ever was."""

    place: ProducerUser
    as_of: dt.date
    entitlements: list[EntitlementGrant] = field(default_factory=list)
    client_grants: dict[int, list[ClientGrant]] = field(default_factory=dict)
    cases: dict[int, list[CaseManagerGrant]] = field(default_factory=dict)
    book: set[int] = field(default_factory=set)  # the agency's clients of record
    held: set[int] = field(default_factory=set)  # the cases that the agency holds
    openings: dict[int, Opening] = field(default_factory=dict)

    @property
    def standing(self) -> frozenset[str]:
        """The entitlements that hold now; none once the place ended."""
        if self.place.ended_at is not None:
            return frozenset()
        return frozenset(grant.entitlement for grant in self.entitlements if grant.holds(self.as_of))

    def verdict(self, capability: Capability, client: ClientRow | None = None) -> Verdict:
        of_client = self._client(client) if client else None
        facts = Facts(self.standing, self.place.agency.direct_writer, of_client)
        return may(capability, facts)

    def _client(self, client: ClientRow) -> ClientFacts:
        opening = self.openings.get(client.id)
        granted = self._holds(self.client_grants.get(client.id, []))
        return ClientFacts(
            in_book=granted or client.id in self.book,
            granted=granted,
            migrated=client.migrated,
            of_agency=client.id in self.held,
            case_manager=self.place.ended_at is None and self._holds(self.cases.get(client.id, [])),
            first_invoice=opening.first_invoice if opening else None,
            terms=opening.terms if opening else None,
            shared_account=opening.shared_account if opening else None,
        )

    def _holds(self, grants: Iterable[Interval]) -> bool:
        return any(grant.holds(self.as_of) for grant in grants)

    def behind(self, gate: Gate, client: ClientRow | None = None) -> Interval | None:
        """The grant that opens this gate; where none does, the next one to come, else the one that ended last."""
        if gate in HELD:
            return self._nearest([grant for grant in self.entitlements if grant.entitlement == HELD[gate]])
        if client is not None and gate is Gate.CLIENT_GRANT:
            return self._nearest(self.client_grants.get(client.id, []))
        if client is not None and gate is Gate.CASE_MANAGER:
            return self._nearest(self.cases.get(client.id, []))
        return None

    def _nearest(self, grants: Sequence[Interval]) -> Interval | None:
        now = [grant for grant in grants if grant.holds(self.as_of)]
        coming = sorted(
            (grant for grant in grants if not grant.is_over(self.as_of) and grant not in now),
            key=lambda grant: grant.effective.lower,
        )
        past = sorted((grant for grant in grants if grant.is_over(self.as_of)), key=_ended)
        return next(iter([*now, *coming, *reversed(past)]), None)


def _ended(grant: Interval) -> dt.date:
    """When it was over: what never held a day, on the day it was taken back."""
    return grant.effective.upper or grant.ended_on or dt.date.min


def latest_first(grants: Iterable[Interval], as_of: dt.date) -> list[Interval]:
    """A history: those that hold or will, then those that are over, the latest first; of each no more than HISTORY."""
    rows = list(grants)
    live = [grant for grant in rows if not grant.is_over(as_of)]
    over = sorted((grant for grant in rows if grant.is_over(as_of)), key=_ended, reverse=True)
    live.sort(key=lambda grant: grant.effective.lower or dt.date.min)
    return [*live[:HISTORY], *over[:HISTORY]]


def of_places(
    scope: Scope, places: Sequence[ProducerUser], *, as_of: dt.date, clients: Collection[ClientRow] = ()
) -> list[Access]:
    """One person's places, their agencies read along. Facts about clients are loaded for `clients` alone, history of
    the agency's client grants for all. Four queries, and three (past the tenant a few more) where clients are asked
    for. Who has no grant for a client is not told what stands behind it; the desk is."""
    found = {place.pk: Access(place, as_of) for place in places}
    by_agency: dict[int, list[Access]] = {}
    for access in found.values():
        by_agency.setdefault(access.place.agency_id, []).append(access)
    for entitlement in EntitlementGrant.objects.filter(place__in=list(found)).order_by("entitlement", "id"):
        found[entitlement.place_id].entitlements.append(entitlement)
    for case in CaseManagerGrant.objects.filter(place__in=list(found)).order_by("id"):
        found[case.place_id].cases.setdefault(case.client_id, []).append(case)
    for grant in ClientGrant.objects.filter(agency__in=list(by_agency)).order_by("id"):
        for access in by_agency[grant.agency_id]:
            access.client_grants.setdefault(grant.client_id, []).append(grant)
    for agency_id, held in people.cases_of(by_agency).items():
        for access in by_agency[agency_id]:
            access.held = held
    if clients:
        _load_clients(scope, by_agency, clients, user_id=places[0].user_id if places else 0)
    return list(found.values())


def _load_clients(
    scope: Scope, by_agency: dict[int, list[Access]], clients: Collection[ClientRow], *, user_id: int
) -> None:
    asked = {client.id for client in clients}
    for agency_id, client_id in BookEntry.objects.filter(agency__in=list(by_agency), client__in=asked).values_list(
        "agency_id", "client_id"
    ):
        for access in by_agency[agency_id]:
            access.book.add(client_id)
    holders = {str(PartyRef("client", client_id)): client_id for client_id in asked}
    if scope.portal is Portal.DESK:
        facts = openings.of(holders, user_id=user_id)
    else:
        with unscoped("which gates before a client's eBilling are open: no amount, no number, no name"):
            facts = openings.of(holders, user_id=user_id)
    for access in (access for listed in by_agency.values() for access in listed):
        for holder, client_id in holders.items():
            granted = any(grant.holds(access.as_of) for grant in access.client_grants.get(client_id, []))
            if granted or scope.portal is Portal.DESK:
                access.openings[client_id] = facts[holder]


def own(scope: Scope, *, as_of: dt.date, clients: Collection[ClientRow] = ()) -> Access:
    """The person's own place in the agency of the scope."""
    assert scope.home is not None and scope.user_id is not None
    place = (
        ProducerUser.objects.select_related("agency__general_agency")
        .filter(user_id=scope.user_id, agency_id=scope.home.id, ended_at=None)
        .get()
    )
    return of_places(scope, [place], as_of=as_of, clients=clients)[0]


def places_of(user: User) -> list[ProducerUser]:
    """Every place that this person has or had, those of now first. One query."""
    rows = ProducerUser.objects.filter(user=user).select_related("agency__general_agency").order_by("-id")
    return sorted(rows, key=lambda place: place.ended_at is not None)


def openers(agencies: Iterable[Agency]) -> dict[int, list[people.ContactRow]]:
    """Agency to the contacts who open its people's gates in place of the plan. One query."""
    holders = {agency.pk: people.holder_of(agency) for agency in agencies}
    found = people.contacts(set(holders.values()))
    return {agency: found[holder] for agency, holder in holders.items()}
