"""A person asks the privacy officer about one entry of the list of who opened their record."""

from __future__ import annotations

import uuid

from django.utils.translation import gettext as _

from members.who_opened.queries import AccessRow, Whose
from members.who_opened.request_kinds import OPENED
from portals.desk import actions as desk
from portals.desk.actions import Asker
from portals.models import DeskRequest
from portals.scope import PartyRef, Scope


def ask(*, by: Scope, of: Whose, entry: AccessRow, said: str, text: str, once: uuid.UUID) -> DeskRequest:
    """Open the request, bound to the event; `said` is the entry as the person read it, `once` makes it one. The caller
    has established that the entry stands in a list of theirs."""
    return desk.open_request(
        kind=OPENED,
        key=f"{OPENED}:{by.actor}:{once}",
        title=_("A question about who opened a record"),
        detail={"event": entry.event_id, "entry": said, "text": text},
        party=PartyRef("person", of.person_id),
        by=by,
        asker=Asker.of(by),
    )
