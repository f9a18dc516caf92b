"""Who works for an agency, who is its contact, and whom its case managers are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Lower

from members.queries import clients
from members.queries.clients import ClientRow
from portals.plan import jurisdictions
from portals.scope import Scope
from producers.enums import Entitlement
from producers.models import Agency, BookEntry, CaseManagerGrant, EntitlementGrant, ProducerUser


def with_access(agency_ids: Iterable[int], emails: Iterable[str]) -> set[tuple[int, str]]:
    """Which of these addresses belong to someone with a place in which of these agencies; in lower case. One query."""
    places = ProducerUser.objects.filter(agency_id__in=list(agency_ids), ended_at=None)
    found = places.annotate(address=Lower("user__email")).filter(address__in=list(emails))
    return set(found.values_list("agency_id", "address"))


def working_for(agency_id: int) -> set[int]:
    """The users who have a place in the agency. One query."""
    return set(ProducerUser.objects.filter(agency=agency_id, ended_at=None).values_list("user_id", flat=True))


def usual(state: str, *, as_of: dt.date) -> list[str]:
    """What a producer of an agency of that state usually gets (P9, P10): what an approval pre-ticks. Empty where
    nothing is usual: channel compensation grants one by one."""
    try:
        found: list[str] = jurisdictions.rule("entitlements", state=state, as_of=as_of)
    except jurisdictions.RuleMissing:
        return []
    return found


def managing(as_of: dt.date) -> Q:
    """Of places that stand: whose person decides who works for the agency on that day. Its contacts; where it has none,
    who holds General Agency Administrator then, or who is the agency's only person."""
    live = ProducerUser.objects.filter(agency=OuterRef("agency"), ended_at=None)
    administers = EntitlementGrant.objects.filter(
        place=OuterRef("pk"), entitlement=Entitlement.GA_ADMINISTRATOR, effective__contains=as_of
    )
    without_contact = ~Q(Exists(live.filter(contact=True)))
    return Q(contact=True) | (without_contact & (Q(Exists(administers)) | ~Q(Exists(live.exclude(pk=OuterRef("pk"))))))


def found(text: str) -> list[int]:
    """Agencies that have this in their name or agent ID; for the plan's own people."""
    where = Q(name__icontains=text) | Q(agent_id__icontains=text)
    return list(Agency.objects.filter(where).values_list("pk", flat=True))


def agency(scope: Scope) -> Agency:
    """The person's own, with its general agency."""
    assert scope.home is not None
    return Agency.objects.select_related("general_agency").get(pk=scope.home.id)


def holder_of(agency: Agency) -> int:
    """The agency whose contact names case managers: the general agency, where there is one (P7)."""
    return agency.general_agency_id or agency.pk


@dataclass(frozen=True, slots=True)
class ContactRow:
    """Someone who opens gates for an agency: whom to ask, and where to call."""

    user_id: int
    name: str
    agency: str
    phone: str


def contacts(agency_ids: Iterable[int]) -> dict[int, list[ContactRow]]:
    """The contacts of these agencies, by name. One query."""
    found: dict[int, list[ContactRow]] = {pk: [] for pk in agency_ids}
    places = ProducerUser.objects.filter(agency_id__in=list(found), contact=True, ended_at=None, user__is_active=True)
    for place in _by_name(places):
        row = ContactRow(place.user_id, place.user.display_name, place.agency.name, place.agency.phone)
        found[place.agency_id].append(row)
    return found


def _by_name(places: QuerySet[ProducerUser]) -> QuerySet[ProducerUser]:
    return places.select_related("user", "agency").order_by("user__family_name", "user__given_name", "id")


@dataclass(frozen=True, slots=True)
class Person:
    """Someone who works for an agency now."""

    id: int  # of the place
    user_id: int
    name: str
    username: str
    email: str
    agency: str
    contact: bool
    entitlements: list[Entitlement]
    since: dt.datetime
    last_signed_in: dt.datetime | None


def colleagues(scope: Scope, *, as_of: dt.date, search: str = "") -> list[Person]:
    """The agency's own people, contacts first, then by name. Two queries."""
    rows = _people(ProducerUser.objects.visible_to(scope), as_of, search)
    return sorted(rows, key=lambda row: not row.contact)


def under(scope: Scope, *, as_of: dt.date, search: str = "") -> list[Person]:
    """The people of agencies that write through this one and not directly: who may get Agency Reports from its
    contact (P5). Two queries."""
    assert scope.home is not None
    return _people(under_it(scope.home.id), as_of, search)


def under_it(agency_id: int) -> QuerySet[ProducerUser]:
    """Everybody, past people too, of agencies that this general agency is above and that write nothing with the plan
    directly: whose Agency Reports its contacts alone grant (P5)."""
    return ProducerUser.objects.filter(agency__general_agency_id=agency_id, agency__direct_writer=False)


def reports_under(scope: Scope) -> QuerySet[EntitlementGrant]:
    """Agency Reports of those people, past ones too."""
    assert scope.home is not None
    rows = EntitlementGrant.objects.filter(entitlement=Entitlement.AGENCY_REPORTS, place__in=under_it(scope.home.id))
    return rows.select_related("place__user")


def reports_of(place_ids: Iterable[int], *, as_of: dt.date) -> dict[int, EntitlementGrant]:
    """Place to the Agency Reports that it has now, else will have next. One query."""
    rows = EntitlementGrant.objects.filter(
        entitlement=Entitlement.AGENCY_REPORTS, place__in=list(place_ids), effective__overlap=DateRange(as_of, None)
    )
    return {row.place_id: row for row in rows.order_by("-effective")}


def _people(places: QuerySet[ProducerUser], as_of: dt.date, search: str) -> list[Person]:
    listed = list(_by_name(places.filter(ended_at=None)))
    held: dict[int, list[Entitlement]] = {place.pk: [] for place in listed}
    standing = EntitlementGrant.objects.filter(place__in=list(held), effective__contains=as_of)
    for grant in standing.order_by("entitlement"):
        held[grant.place_id].append(Entitlement(grant.entitlement))
    text = search.strip().casefold()
    return [
        Person(
            id=place.pk,
            user_id=place.user_id,
            name=place.user.display_name,
            username=place.user.username,
            email=place.user.email,
            agency=place.agency.name,
            contact=place.contact,
            entitlements=held[place.pk],
            since=place.started_at,
            last_signed_in=place.user.last_login,
        )
        for place in listed
        if text in f"{place.user.display_name} {place.user.username} {place.agency.name}".casefold()
    ]


# --- Case managers ------------------------------------------------------------------------------------------------


def cases_of(agency_ids: Iterable[int]) -> dict[int, set[int]]:
    """Agency to the clients whose small-group cases it holds: its own book, and the books of agencies under it. One
    query."""
    found: dict[int, set[int]] = {pk: set() for pk in agency_ids}
    rows = BookEntry.objects.filter(Q(agency_id__in=list(found)) | Q(agency__general_agency_id__in=list(found)))
    for own, general, client in rows.values_list("agency_id", "agency__general_agency_id", "client_id"):
        for holder in (own, general):
            if holder in found:
                found[holder].add(client)
    return found


def candidates(scope: Scope) -> QuerySet[ProducerUser]:
    """Who may be named a case manager: people of this agency and of the agencies under it."""
    assert scope.home is not None
    places = ProducerUser.objects.filter(Q(agency_id=scope.home.id) | Q(agency__general_agency_id=scope.home.id))
    return _by_name(places.filter(ended_at=None))


@dataclass(frozen=True, slots=True)
class CaseRow:
    grant: CaseManagerGrant
    client: ClientRow
    name: str
    agency: str


def case_managers(scope: Scope, *, as_of: dt.date, search: str = "", over: bool = False) -> list[CaseRow]:
    """Whom this agency named for which client, by client: those who are or will be, or (`over`) who were. Two
    queries."""
    grants = list(CaseManagerGrant.objects.visible_to(scope).select_related("place__user", "place__agency"))
    named = clients.named(grant.client_id for grant in grants)
    text = search.strip().casefold()
    rows = [
        CaseRow(grant, named[grant.client_id], grant.place.user.display_name, grant.place.agency.name)
        for grant in grants
        if grant.is_over(as_of) is over
    ]
    shown = [row for row in rows if text in f"{row.name} {row.client.name} {row.client.client_id}".casefold()]
    return sorted(shown, key=lambda row: (row.client.name.casefold(), row.name.casefold(), row.grant.pk))
