"""Who opened a person's record, as the person reads it, and a subscriber for a young child on the contract (ruling 16).

Nothing here tells of anybody else whom an event was about, of addresses, or of what was refused.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from audit import enums, search
from audit.queries import Place
from audit.search import Criteria, FoundRow
from members.enums import Relationship
from members.models import Coverage, Enrollee, MemberAccount
from members.rules import ages, names
from portals.enums import ExceptionalAccessKind
from portals.models import BreakGlass
from portals.privacy.ledger import labels as ledger_labels
from portals.privacy.ledger import queries as ledger
from portals.privacy.ledger import subjects as ledger_subjects
from portals.privacy.ledger import workplaces
from portals.privacy.ledger.workplaces import EventSource
from portals.scope import Portal, Scope


@dataclass(frozen=True, slots=True)
class Whose:
    """A person whose list the scope may read; `name` is blank for oneself."""

    person_id: int
    uuid: str
    name: str

    @property
    def own(self) -> bool:
        return not self.name


@dataclass(frozen=True, slots=True)
class AccessRow:
    """One opening of the record in the words of the person. `place` is the organization or team of whoever opened it,
    `why` what is known of the reason; both may be blank. `asked` may be questioned: it was not oneself."""

    event_id: int
    at: dt.datetime
    who: str
    place: str
    what: str
    fields: list[str]
    why: str
    mine: bool


def whose(scope: Scope, *, as_of: dt.date) -> list[Whose]:
    """Oneself, then each child under 18 who is covered that day on a contract of which one is the subscriber, unless
    the child has a confidential address. Never a spouse, an adult, or another dependent: of whom the subscriber need
    not be the parent. Two queries."""
    if scope.party is None or scope.party.kind != "person":
        return []
    own = scope.party.id
    children = (
        Enrollee.objects.filter(
            contract__subscriber_id=own,
            contract__enrollees__person_id=own,
            relationship=Relationship.CHILD,
            person__confidential_address="",
            pk__in=Coverage.objects.filter(known__endswith=None, effective__contains=as_of).values("enrollee_id"),
        )
        .exclude(person_id=own)
        .select_related("person")
        .order_by("suffix", "pk")
    )
    young = {
        row.person_id: Whose(row.person_id, str(row.person.uuid), names.readable(row.person.full_name))
        for row in children
        if not ages.is_adult(row.person.birth_date, as_of)
    }
    return [Whose(own, "", ""), *young.values()]


def entries(
    scope: Scope,
    of: Whose,
    *,
    mine: bool,
    since: dt.datetime | None = None,
    before: Place | None = None,
    limit: int,
) -> list[AccessRow]:
    """Who opened the record of one of `whose`, the newest first; with one's own visits where `mine`. A constant number
    of queries."""
    hidden = [] if mine else [f"user:{scope.user_id}"]
    rows = search.find(_criteria(scope, of, hidden, since), before=before, limit=limit)
    return _access_rows(scope, of, rows)


def entry(scope: Scope, of: Whose, event_id: int) -> AccessRow | None:
    """One entry of that list that somebody else made; None for anything that does not stand in it."""
    row = search.event(event_id) if event_id < 2**63 else None
    if row is None:
        return None
    criteria = _criteria(scope, of, [f"user:{scope.user_id}"], row.recorded_at)
    at_most = (row.recorded_at, row.id + 1)
    found = search.find(criteria, before=at_most, limit=1)
    return _access_rows(scope, of, found)[0] if [each.id for each in found] == [row.id] else None


def _criteria(scope: Scope, of: Whose, hidden: Sequence[str], since: dt.datetime | None) -> Criteria:
    """A child's own visits are the child's business, whoever else reads the list."""
    theirs = [] if of.own else MemberAccount.objects.filter(person_id=of.person_id).values_list("user_id", flat=True)
    return Criteria(
        subject=("person", of.person_id),
        kinds=tuple(kind.value for kind in enums.OPENING),
        outcome=enums.Outcome.DONE,
        but_actions=ledger.NOT_TOLD,
        but_actors=(*hidden, *(f"user:{user_id}" for user_id in theirs)),
        since=since,
    )


def _access_rows(scope: Scope, of: Whose, rows: Sequence[FoundRow]) -> list[AccessRow]:
    sources = {row.id: EventSource(row.actor, row.portal, row.acting_for, row.grant, row.recorded_at) for row in rows}
    places = workplaces.labels(sources.values())
    parties = [ledger_subjects.parse(each) for row in rows for each in (row.actor, row.acting_for)]
    named = ledger_subjects.named(party for party in parties if party is not None)
    reviewed = _reviewed(row.grant for row in rows)
    made = []
    for row in rows:
        mine = row.actor == f"user:{scope.user_id}" and not workplaces.is_exceptional_access(row.grant)
        acted_for = ledger_subjects.parse(row.acting_for)
        client = named[acted_for].name if acted_for else ""
        made.append(
            AccessRow(
                event_id=row.id,
                at=row.recorded_at,
                who=_who(row, of, named, mine=mine),
                place="" if mine or _unnamed(row, of) else places[sources[row.id]],
                what=ledger_labels.action(row.action),
                fields=ledger_labels.fields(row.fields),
                why=_why(row, client, reviewed),
                mine=mine,
            )
        )
    return made


def _who(row: FoundRow, of: Whose, named: dict[ledger_subjects.Subject, ledger_subjects.Named], *, mine: bool) -> str:
    if mine:
        return _("You")
    actor = ledger_subjects.parse(row.actor)
    if actor is None:
        return _("The plan's computer systems") if row.actor.startswith("system:") else _("Somebody not signed in")
    if _unnamed(row, of):
        return _("Another member")
    return named[actor].name


def _unnamed(row: FoundRow, of: Whose) -> bool:
    """Which member of the family looked at a child's card, and when, is that member's own business."""
    return not of.own and row.portal == Portal.MEMBER and not workplaces.is_exceptional_access(row.grant)


def _why(row: FoundRow, client: str, reviewed: dict[str, bool]) -> str:
    if row.grant.startswith(f"{ExceptionalAccessKind.BREAK_GLASS.value}:"):
        if reviewed.get(row.grant):
            return _("In an emergency; the privacy officer has reviewed it")
        return _("In an emergency; the privacy officer reviews it")
    if row.grant.startswith(f"{ExceptionalAccessKind.VIEW_AS.value}:"):
        return _("To help somebody on the telephone, saw the page as they see it")
    return _("Acting for %(client)s") % {"client": client} if client else ""


def _reviewed(grants: Iterable[str]) -> dict[str, bool]:
    """Emergency openings and whether they are reviewed. One query where there is one."""
    kind = ExceptionalAccessKind.BREAK_GLASS.value
    ids = {int(number) for name, _colon, number in (grant.partition(":") for grant in grants) if name == kind}
    rows = BreakGlass.objects.filter(pk__in=ids).values_list("pk", "reviewed_at") if ids else []
    return {f"{kind}:{pk}": reviewed_at is not None for pk, reviewed_at in rows}
