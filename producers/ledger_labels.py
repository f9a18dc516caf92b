"""What readers of the ledger are told of agencies: words, names, and who worked where."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from portals.privacy.ledger import labels as ledger_labels

ACTIONS: Final[Mapping[str, Any]] = {
    "producers:requests": _("Producer's requests"),
    "producers:request": _("Request of a producer"),
    "producers:request_file": _("File of a producer's request"),
    "producers:ask": _("Producer asks the plan for something"),
    "producers.agencies.new": _("Agency entered"),
    "producers.people.set_contact": _("Contact of an agency named"),
    "producers.people.end_place": _("Place in an agency ended"),
    "producers.entitlements.grant": _("Entitlement granted"),
    "producers.entitlements.end": _("Entitlement ended"),
    "producers.clients.grant": _("Client granted to an agency"),
    "producers.clients.end": _("Client's grant to an agency ended"),
    "producers.cases.name": _("Case manager named"),
    "producers.cases.end": _("Case manager ended"),
}


def register() -> None:
    ledger_labels.register(actions=ACTIONS, grants={"client-grant": _("Grant of a client to an agency")})
