"""Working as a client begins and ends only here: a row with grant, person, start and end.

The upper floor that keeps the grants registers its answer: `register_gate(may_act)` with
`may_act(user_id, home, party) -> (Answer, grant reference)`; which permissions an acting person has and how the party
is named stands in its `portals.parties.Party`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from audit import actions as audit
from audit.enums import Kind, Outcome
from portals import parties
from portals.models import ActingSession
from portals.parties import PartyName
from portals.permissions import Answer, Refused
from portals.scope import PartyRef, Scope, entered

SESSION_KEY = "acting"


class Ended(Refused):
    """A gate closed while the person was acting: the stretch is over. `scope` is the person's own."""

    def __init__(self, answer: Answer, row: ActingSession, scope: Scope, acted: PartyName) -> None:
        super().__init__(answer, client_name=acted.name, client_id=acted.number)
        self.row = row
        self.scope = scope


MayAct = Callable[[int, PartyRef, PartyRef], tuple[Answer, str]]
_gate: list[MayAct] = []
_leave: list[str] = []


def register_gate(may_act: MayAct, *, leave: str) -> None:
    """Who decides whether somebody may act, and the URL name of the page that ends it."""
    _gate[:] = [may_act]
    _leave[:] = [leave]


def leave_url() -> str:
    return reverse(_leave[0])


def begin(request: HttpRequest, *, by: Scope, party: PartyRef) -> ActingSession:
    """Raises `Refused` naming the closed gate. The caller has found `party` in the person's own book."""
    assert by.user_id is not None and by.home is not None
    answer, grant = _gate[0](by.user_id, by.home, party)
    if not answer:
        raise Refused(answer)
    end(request, by=by)
    row = ActingSession.objects.create(user_id=by.user_id, home=str(by.home), party=str(party), grant=grant)
    audit.record(kind=Kind.ACTING, action="acting.begin", **replace(by, acting_for=party, grant=grant).audit())
    request.session[SESSION_KEY] = row.pk
    return row


def end(request: HttpRequest, *, by: Scope) -> None:
    row_id = request.session.pop(SESSION_KEY, None)
    if row_id is None or by.user_id is None:
        return
    row = ActingSession.objects.filter(pk=row_id, user_id=by.user_id, ended_at=None).first()
    if row is not None:
        _close(row, by=by, action="acting.end")


def end_by_gate(ended: Ended) -> None:
    """What `applied` found, written once its page is rolled back."""
    with entered(ended.scope):
        _close(
            ended.row,
            by=ended.scope,
            action="acting.ended_by_gate",
            outcome=Outcome.REFUSED,
            detail={"gate": ended.answer.gate},
        )


def end_of(*user_ids: int, home: PartyRef, by: Scope) -> None:
    """These people's places are ended, and so is every stretch that runs from them; in the caller's transaction."""
    for row in ActingSession.objects.filter(user_id__in=user_ids, home=str(home), ended_at=None).order_by("pk"):
        _close(row, by=by, action="acting.ended_with_place")


def _close(
    row: ActingSession, *, by: Scope, action: str, outcome: str = Outcome.DONE, detail: dict[str, object] | None = None
) -> None:
    if not ActingSession.objects.filter(pk=row.pk, ended_at=None).update(ended_at=timezone.now()):
        return  # another click was quicker
    acted = replace(by, acting_for=PartyRef.parse(row.party), grant=row.grant)
    audit.record(kind=Kind.ACTING, action=action, outcome=outcome, detail=detail, **acted.audit())


def applied(request: HttpRequest, scope: Scope) -> Scope:
    """The scope while acting, if this session acts and every gate is still open. Raises `Ended` when one closed."""
    row_id = request.session.get(SESSION_KEY)
    if row_id is None or scope.user_id is None or scope.home is None:
        return scope
    row = ActingSession.objects.filter(pk=row_id, user_id=scope.user_id, ended_at=None, home=str(scope.home)).first()
    if row is None:
        request.session.pop(SESSION_KEY, None)
        return scope
    party = PartyRef.parse(row.party)
    answer, grant = _gate[0](scope.user_id, scope.home, party)
    acted = parties.of(party.kind)
    if not answer:
        request.session.pop(SESSION_KEY, None)
        raise Ended(answer, row, scope, acted.name_of(party.id))
    return replace(
        scope,
        portal=acted.portal,
        party=party,
        acting_for=party,
        grant=grant,
        acting_id=row.pk,
        permissions=acted.acting,
    )


def banner(scope: Scope) -> PartyName | None:
    """What the band on every page says, or None when nobody is acted for."""
    if scope.acting_for is None:
        return None
    return parties.of(scope.acting_for.kind).name_of(scope.acting_for.id)


def still_stands(scope: Scope) -> bool:
    """Asked by a job when it runs: may the person who asked for it still act?"""
    if scope.acting_for is None or scope.user_id is None or scope.home is None:
        return True
    return bool(_gate[0](scope.user_id, scope.home, scope.acting_for)[0])
