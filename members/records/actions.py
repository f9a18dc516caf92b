"""A person of the plan looks for a member: every search is a row of the ledger with whom it found."""

from __future__ import annotations

from audit import actions as audit
from audit.enums import Kind, Outcome
from members.records import queries as records
from members.records.queries import Criteria
from portals import permissions
from portals.access import Desk
from portals.scope import Scope


def search(*, by: Scope, criteria: Criteria) -> list[int]:
    """Ids of the people whom it fits exactly; raises `Refused`. The row says how was searched, never what for."""
    permissions.require(by, Desk.FIND_MEMBER)
    found = records.find(by, criteria)
    audit.record(
        kind=Kind.SEARCH,
        action="members.lookups.search",
        outcome=Outcome.DONE if found else Outcome.FAILED,
        subjects=[("person", pk) for pk in found],
        detail={"way": criteria.way},
        **by.audit(),
    )
    return found
