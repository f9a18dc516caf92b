"""A person asks the privacy officer about one entry of the list of who opened their record; the answer is a reply."""

from __future__ import annotations

import uuid

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.who_opened.queries import AccessRow, Whose
from portals.desk import actions as desk
from portals.desk import kinds as desk_kinds
from portals.desk.actions import Asker
from portals.desk.kinds import Facts, RequestKind
from portals.enums import Team
from portals.models import DeskRequest
from portals.scope import PartyRef, Scope

KIND = "privacy.opened"


def ask(*, by: Scope, of: Whose, entry: AccessRow, summary: str, text: str, once: uuid.UUID) -> DeskRequest:
    """Open the request, bound to the event; `summary` is the entry as the person read it, `once` makes it one. The
    caller has established that the entry stands in a list of theirs."""
    return desk.open_request(
        kind=KIND,
        key=f"{KIND}:{by.actor}:{once}",
        title=_("A question about who opened a record"),
        detail={"event": entry.event_id, "entry": summary, "text": text},
        party=PartyRef("person", of.person_id),
        by=by,
        asker=Asker.of(by),
    )


def _facts(request: DeskRequest) -> Facts:
    """As whoever asked wrote and read it."""
    return [(_("Entry"), request.detail["entry"]), (_("Question"), request.detail["text"])]


def register() -> None:
    desk_kinds.register(
        KIND,
        RequestKind(
            team=Team.PRIVACY,
            label=gettext_lazy("Question about who opened a record"),
            url=lambda row: reverse("desk:ledger_event", args=[row.detail["event"]]),
            business_days=5,
            facts=_facts,
        ),
    )
