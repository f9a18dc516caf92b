"""The parties: of each kind of organization or person of the business all that the floors below ask about it.

The app whose people work for a kind registers it once, in `AppConfig.ready`; a house test holds that each is whole.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from portals.enums import ReviewKind, Team
from portals.models import Invitation, User
from portals.scope import Portal


@dataclass(frozen=True, slots=True)
class PartyName:
    """How people know a party: its name, and its Client ID, agent ID or Provider ID; a member has no such number."""

    name: str
    number: str


@dataclass(frozen=True, slots=True)
class InvitationKind:
    """What an app says of invitations into its organizations. The plan's people invite under `desk_permission`, into
    `desk_roles`; the organization's own under `own_permission`, where it has one."""

    roles: Sequence[tuple[str, Any]]
    desk_permission: str
    desk_roles: Sequence[str]
    with_access: Callable[[Collection[int], Collection[str]], set[tuple[int, str]]]  # organization, lower-case e-mail
    accept: Callable[[Invitation, User], None]  # makes the membership; raises AlreadyThere
    own_permission: str = ""

    def role_label(self, role: str) -> Any:
        return dict(self.roles).get(role, "")


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What an app says of access reviews of its organizations; whose access is reviewed, the door's memberships say.

    `end(by=, party_id=, place_ids=)` ends memberships at once in the caller's transaction, whoever asks; raises
    LastManager.
    """

    kind: ReviewKind
    team: Team  # of the plan: it starts reviews, and is told of one that nobody did
    desk_permission: str
    own_permission: str
    url: str  # URL name of the organization's own page; `_end`, `_rest` and `_evidence` are behind it
    end: Callable[..., None]
    role_label: Callable[[str], Any]
    search: Callable[[str], Collection[int]]  # by a part of the name or the number
    last_manager: Any  # the sentence that refuses to end the last one


@dataclass(frozen=True, slots=True)
class Party:
    """One kind of party. `invitation` and `review` are of organizations alone: a member makes the account themselves,
    and has one record, their own."""

    kind: str  # of its PartyRef
    portal: Portal  # where its people work
    label: Any
    named: Callable[[Collection[int]], Mapping[int, PartyName]]  # in one query
    request_page: str  # URL name of one's own request, with its uuid
    ledger_label: Any  # with the number by which the ledger's reader finds one
    number_label: Any = ""  # a member has none by which people find them outside their record
    find: Callable[[str], int | None] | None = None  # by that number
    link: Callable[[int], str] | None = None  # the desk's page of one; only members have one
    permission: str = ""  # that opens the link
    acting: frozenset[str] = frozenset()  # what an outsider may do for it; nobody acts but for a client
    invitation: InvitationKind | None = None
    review: Reviewed | None = None

    @property
    def invited(self) -> InvitationKind:
        if self.invitation is None:
            raise LookupError(f"nobody is invited to a {self.kind}")
        return self.invitation

    @property
    def reviewed(self) -> Reviewed:
        if self.review is None:
            raise LookupError(f"the access of a {self.kind} is not reviewed")
        return self.review

    def name_of(self, party_id: int) -> PartyName:
        return self.named([party_id])[party_id]


_parties: dict[str, Party] = {}


def register(party: Party) -> None:
    _parties[party.kind] = party


def of(kind: str) -> Party:
    return _parties[kind]


def find(kind: str) -> Party | None:
    """None for what is no party: users, requests, the plan itself."""
    return _parties.get(kind)


def every() -> list[Party]:
    return list(_parties.values())
