"""What readers of the ledger are told of agencies: words, names, and who worked where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from portals.privacy.ledger import labels as ledger_labels
from portals.privacy.ledger import subjects as ledger_subjects
from producers.models import Agency

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


def agency_names(ids: Iterable[int]) -> dict[int, str]:
    return {row.pk: row.name for row in Agency.objects.filter(pk__in=list(ids)).only("pk", "name")}


def agency_of(typed: str) -> int | None:
    return Agency.objects.filter(agent_id__iexact=typed).values_list("pk", flat=True).first()


def register() -> None:
    ledger_labels.register(actions=ACTIONS, grants={"client-grant": _("Grant of a client to an agency")})
    ledger_subjects.register_kind("agency", label=_("Agency, by agent ID"), names=agency_names, find=agency_of)
