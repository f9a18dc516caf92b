"""What readers of the ledger are told of practices: words, names, and who worked where."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from portals.privacy.ledger import labels as ledger_labels

ACTIONS: Final[Mapping[str, Any]] = {
    "providers:requests": _("Practice's requests"),
    "providers:request": _("Request of a practice"),
    "providers:request_file": _("File of a practice's request"),
    "providers:ask": _("Practice asks the plan for something"),
    "providers.calls.refuse": _("Call of a practice refused"),
    "providers.departures.end": _("Place at a practice ended on its call"),
    "providers.offices.create": _("Practice entered"),
    "providers.offices.authorize": _("Office manager authorized"),
    "providers.staff.add": _("Somebody added to a practice"),
    "providers.staff.remove": _("Somebody removed from a practice"),
    "providers.practices.import": _("Practices loaded"),
}


def register() -> None:
    ledger_labels.register(actions=ACTIONS)
