"""Who of the plan and of the employer's producers looked at its enrollment and billing (ruling 16).

Never what practices or members looked at, never one member's record or card at the desk: such a look follows the
member's own call, and the employer is not told of it. People are counted, never named.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from audit import enums, search
from audit.queries import Place
from audit.search import Concern
from employers.models import ClientDocument
from members.enrollment import queries as enrollment_queries
from portals.enums import ExceptionalAccessKind
from portals.models import ViewAs
from portals.privacy.ledger import queries as ledger
from portals.scope import Portal, Scope

PLAN, PRODUCER = "plan", "producer"


@dataclass(frozen=True, slots=True)
class Row:
    """One look: by whom of which agency or team of the plan, at what, of which invoice, how many people it showed."""

    event_id: int
    at: dt.datetime
    who: str
    place: str
    by_plan: bool
    what: str
    invoice: str
    people: int


def rows(
    scope: Scope,
    *,
    who: str = "",
    since: dt.datetime | None = None,
    before: Place | None = None,
    limit: int,
) -> list[Row]:
    """The looks at this employer, the newest first; `who` is `PLAN`, `PRODUCER` or both. For the employer's own people:
    nobody who acts for it. A constant number of queries."""
    concern = _concern(scope, who)
    if concern is None:
        return []
    found = search.concerning(
        concern, kinds=[kind.value for kind in enums.OPENING], since=since, before=before, limit=limit
    )
    return [_row(line) for line in ledger.lines(found, subjects=0)]


def _concern(scope: Scope, who: str) -> Concern | None:
    """What leads from the employer to an event: a producer's work for it, its portal seen as one of its users, its
    enrollment files at the desk, and the lists of its people that the plan made."""
    if scope.party is None or scope.party.kind != "client" or scope.acting_for is not None:
        return None
    plan = who != PRODUCER
    view_as = ViewAs.objects.filter(party=str(scope.party), portal=Portal.EMPLOYER.value).values_list("pk", flat=True)
    return Concern(
        acting_for=str(scope.party) if who != PLAN else "",
        grants=[f"{ExceptionalAccessKind.VIEW_AS.value}:{pk}" for pk in view_as] if plan else [],
        portal=Portal.DESK.value,
        subjects=("enrollment_file", enrollment_queries.ids_of(scope) if plan else []),
        objects=(
            "client_document",
            [str(uuid) for uuid in ClientDocument.objects.visible_to(scope).values_list("uuid", flat=True)]
            if plan
            else [],
        ),
    )


def _row(line: ledger.LedgerLine) -> Row:
    people, invoice = line.row.detail.get("people"), line.row.detail.get("invoice")
    return Row(
        event_id=line.row.id,
        at=line.row.recorded_at,
        who=line.who,
        place=line.place,
        by_plan=not line.row.acting_for,
        what=line.what,
        invoice=str(invoice) if invoice else "",
        people=people if isinstance(people, int) else 0,
    )
