"""Calls about registering: what was asked and answered, and whom the desk did not help (V1, V3)."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from audit import actions as audit
from audit.enums import Kind, Outcome
from portals import permissions
from portals.access import Desk
from portals.desk import actions as desk
from portals.enums import RequestStatus, Team
from portals.models import DeskRequest, User
from portals.scope import PartyRef, Scope
from portals.sign_in_help import actions as sign_in_help
from providers import rules
from providers.enums import REGISTRATION_HELP, SHARED_USERNAME, About, Heard, Situation
from providers.models import StaffMembership


@dataclass(frozen=True, slots=True)
class Call:
    """`username`: as the caller named it, their own or the shared one. `check`: how they were checked, if they were."""

    situation: Situation
    about: About
    username: str
    check: str
    note: str
    still_to_do: bool


def record(*, by: Scope, call: Call, once: str) -> tuple[Heard, DeskRequest]:
    """Keep a call as a request that is over, unless something is still to do; sent twice, it is one. A refusal leaves
    its own row in the ledger, and a shared username a request for the privacy officer. Raises `Refused`."""
    permissions.require(by, Desk.ANSWER_PROVIDERS)
    with transaction.atomic():
        user = _account(by, call.username)
        party = _practice_of(user.pk) if user else None
        heard = rules.heard(call.about, own_username=user is not None, still_to_do=call.still_to_do)
        row = desk.open_request(
            kind=REGISTRATION_HELP,
            key=f"{REGISTRATION_HELP}:{by.actor}:{once}",
            title=str(call.situation.label),
            detail={
                "situation": call.situation.value,
                "about": call.about.value,
                "username": user.username if user else call.username,
                "check": call.check,
                "note": call.note,
                "heard": heard.value,
            },
            party=party,
            owner_id=by.user_id,
            team=_team(by),
            by=by,
        )
        if row.status == RequestStatus.OPEN and heard != Heard.OPEN:
            _close(row, heard, call, party, by)
        return heard, row


def _account(by: Scope, username: str) -> User | None:
    return sign_in_help.look_up(by=by, typed=username, permission=Desk.ANSWER_PROVIDERS) if username else None


def _practice_of(user_id: int) -> PartyRef | None:
    place = StaffMembership.objects.filter(user_id=user_id, ended_at=None).order_by("-id").first()
    return PartyRef("practice", place.practice_id) if place else None


def _team(by: Scope) -> Team:
    """The queue of whoever took the call."""
    return Team.HELP_DESK if f"team:{Team.HELP_DESK}" in by.permissions else Team.CUSTOMER_CARE


def _close(row: DeskRequest, heard: Heard, call: Call, party: PartyRef | None, by: Scope) -> None:
    refused = heard in (Heard.REFUSED, Heard.SHARED)
    desk.change_status(request_id=row.pk, status=RequestStatus.DECLINED if refused else RequestStatus.DONE, by=by)
    if not refused:
        return
    audit.record(
        kind=Kind.DENIAL,
        action="providers.calls.refuse",
        outcome=Outcome.REFUSED,
        object_kind="desk_request",
        object_id=str(row.pk),
        detail={"why": heard.value, "check": call.check},
        **by.audit(),
    )
    if heard == Heard.SHARED:
        desk.open_request(
            kind=SHARED_USERNAME,
            key=f"{SHARED_USERNAME}:{row.pk}",
            title=str(About.SHARED.label),
            detail={"username": row.detail["username"], "note": call.note, "call": row.number},
            party=party,
            by=by,
        )
