"""How gates, grants and their history are said: to the producer and, word for word, to the desk that explains them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _

from members.queries.clients import ClientRow
from portals import permissions, users
from portals.enums import Topic
from portals.help import directory as help_directory
from portals.help.directory import Contact
from portals.plan.brand import brand
from portals.templatetags.ui import plan_date
from producers.enums import GENERAL_AGENCY, OPENERS, SHORT, Capability, EndReason, Entitlement, Gate
from producers.models import CaseManagerGrant, EntitlementGrant, Interval
from producers.queries import gates
from producers.queries.gates import Access
from producers.queries.people import ContactRow
from producers.rules import GateState, Verdict


class State(StrEnum):
    NOW = "now"
    COMING = "coming"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Spell:
    """A grant as a history tells it."""

    what: Any
    state: State
    begun: str  # since when, and who granted it
    ended: str  # until when, and who set that end and why; blank while no end is set


@dataclass(frozen=True, slots=True)
class GateView:
    gate: Gate
    open: bool | None
    reason: Any  # the refusal page's own sentences
    opener: Any
    contact: Contact | None
    people: Sequence[ContactRow]  # who opens it in place of the plan
    spell: Spell | None

    @property
    def label(self) -> Any:
        return self.gate.label


@dataclass(frozen=True, slots=True)
class CapabilityView:
    capability: Capability
    gates: list[GateView]

    @property
    def short(self) -> Any:
        return SHORT.get(self.capability, self.capability.label)

    @property
    def closed(self) -> GateView | None:
        """The one to ask for now."""
        return next((gate for gate in self.gates if not gate.open), None)


@dataclass(frozen=True, slots=True)
class GrantTexts:
    """What the texts need, read once for a page: whom to call, contacts of agencies, names of who granted."""

    as_of: dt.date
    directory: Mapping[str, Contact]
    contacts: Mapping[int, Sequence[ContactRow]]  # by the agency whose people they serve
    names: Mapping[str, str]

    def capability(self, access: Access, capability: Capability, client: ClientRow | None = None) -> CapabilityView:
        verdict: Verdict = access.verdict(capability, client)
        return CapabilityView(capability, [self._gate(access, state, client) for state in verdict.gates])

    def _gate(self, access: Access, state: GateState, client: ClientRow | None) -> GateView:
        gate = state.gate
        text = permissions.gate_text(gate)
        people: Sequence[ContactRow] = self.contacts[access.place.agency_id] if gate in GENERAL_AGENCY else ()
        opener = text.opener if text else ""
        topic = OPENERS[gate]
        if gate in GENERAL_AGENCY and not people:
            opener, topic = _("That agency has no contact yet: channel compensation says who."), _CHANNEL
        grant = access.behind(gate, client)
        return GateView(
            gate=gate,
            open=state.open,
            reason=text.reason if text else "",
            opener=opener,
            contact=self.directory.get(topic),
            people=people,
            spell=self.spell(gate.label, grant) if grant else None,
        )

    def spell(self, what: Any, grant: Interval) -> Spell:
        live = State.NOW if grant.holds(self.as_of) else State.COMING
        state = State.OVER if grant.is_over(self.as_of) else live
        return Spell(what, state, self._begun(grant), self._ended(grant))

    def _begun(self, grant: Interval) -> str:
        who = self._who(grant.granted_by)
        if grant.first_day is None:
            return _("Granted by %(who)s") % {"who": who}
        day = plan_date(grant.first_day, self.as_of)
        if grant.first_day > self.as_of:
            return _("From: %(day)s, granted by %(who)s") % {"day": day, "who": who}
        return _("Since: %(day)s, granted by %(who)s") % {"day": day, "who": who}

    def _ended(self, grant: Interval) -> str:
        if grant.ended_on is None:
            return _("Last day: %(day)s") % {"day": plan_date(grant.last_day, self.as_of)} if grant.last_day else ""
        values = {"who": self._who(grant.ended_by), "why": EndReason(grant.ended_why).label if grant.ended_why else ""}
        if grant.first_day is None:
            values["day"] = plan_date(grant.ended_on, self.as_of)
            text = _("Taken back before it held a day: %(day)s, by %(who)s. %(why)s") % values
        elif grant.effective.upper == grant.ended_on:
            values["day"] = plan_date(grant.ended_on, self.as_of)
            text = _("Ended at once: %(day)s, by %(who)s. %(why)s") % values
        else:
            values["day"] = plan_date(grant.last_day, self.as_of)
            text = _("Last day: %(day)s, set by %(who)s. %(why)s") % values
        return text.strip()

    def _who(self, actor: str) -> str:
        return self.names.get(actor) or str(brand()["name"])

    def history(self, access: Access, clients: Mapping[int, ClientRow]) -> list[Spell]:
        """The person's own grants: entitlements, then clients whose case manager they are or were."""
        own = gates.latest_first(access.entitlements, self.as_of)
        cases = gates.latest_first((grant for listed in access.cases.values() for grant in listed), self.as_of)
        return [
            *(self.spell(_label(grant), grant) for grant in own),
            *(self.spell(_of_client(grant, clients), grant) for grant in cases),
        ]

    def clients(self, access: Access, clients: Mapping[int, ClientRow]) -> list[Spell]:
        """The agency's client grants, those of now first."""
        grants = (grant for listed in access.client_grants.values() for grant in listed)
        rows = gates.latest_first(grants, self.as_of)
        return [self.spell(_client(clients, grant.client_id), grant) for grant in rows]  # type: ignore[attr-defined]


_CHANNEL = Topic.CHANNEL_COMPENSATION.value


def _label(grant: Interval) -> Any:
    assert isinstance(grant, EntitlementGrant)
    return Entitlement(grant.entitlement).label


def _of_client(grant: Interval, clients: Mapping[int, ClientRow]) -> str:
    assert isinstance(grant, CaseManagerGrant)
    return _("Case manager of %(client)s") % {"client": _client(clients, grant.client_id)}


def _client(clients: Mapping[int, ClientRow], client_id: int) -> str:
    row = clients[client_id]
    return f"{row.name} · {row.client_id}"


def read(accesses: Sequence[Access], *, as_of: dt.date) -> GrantTexts:
    """Three queries, whatever the number of places and grants."""
    return GrantTexts(
        as_of=as_of,
        directory=help_directory.by_topic("producer", "", as_of),
        contacts=gates.openers(access.place.agency for access in accesses),
        names=users.actor_names(_actors(accesses)),
    )


def of_grants(grants: Sequence[Interval], *, as_of: dt.date) -> GrantTexts:
    """For a list of grants alone. One query."""
    actors = {actor for grant in grants for actor in (grant.granted_by, grant.ended_by)}
    return GrantTexts(as_of=as_of, directory={}, contacts={}, names=users.actor_names(actors))


def _actors(accesses: Iterable[Access]) -> set[str]:
    grants: list[Interval] = []
    for access in accesses:
        grants.extend(access.entitlements)
        grants.extend(grant for listed in access.client_grants.values() for grant in listed)
        grants.extend(grant for listed in access.cases.values() for grant in listed)
    return {actor for grant in grants for actor in (grant.granted_by, grant.ended_by)}


def clients_of(accesses: Iterable[Access]) -> set[int]:
    """The clients that the grants of these places name."""
    return {client for access in accesses for client in (*access.client_grants, *access.cases)}
