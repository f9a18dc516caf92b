"""What client management does for an employer, at the service desk."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from employers import producer_grants
from employers.actions import full_lists
from employers.enums import SeparateInvoice
from members.queries import clients
from members.queries import full_lists as lists
from portals.desk import kinds as desk_kinds
from portals.desk.kinds import CannotCarryOut, Decision, DecisionForm, Kind, Said
from portals.enums import RequestStatus, Team
from portals.forms import day_field
from portals.models import DeskRequest
from portals.scope import PartyRef, Scope

END_PRODUCER = "client.end_producer"
SEPARATE_INVOICES = "client.separate_invoices"


def _client(request: DeskRequest) -> tuple[Any, str]:
    number = PartyRef.parse(request.party).id
    row = clients.named([number])[number]
    return _("Client"), f"{row.name} ({row.client_id})"


def _day(text: str) -> str:
    return date_format(dt.date.fromisoformat(text), "DATE_FORMAT")


EVERYBODY = "all"  # groups

# --- The full list ------------------------------------------------------------------------------------------------


class FullListDecision(DecisionForm):
    group = forms.ChoiceField(label=gettext_lazy("Who is on it?"))
    details = forms.BooleanField(
        label=gettext_lazy("With birth dates and the last four digits of SSNs"),
        help_text=gettext_lazy("Only where the purpose needs them, for example to match people with a payroll."),
        required=False,
    )

    def __init__(self, *args: Any, request: DeskRequest, **kwargs: Any) -> None:
        super().__init__(*args, request=request, **kwargs)
        field = self.fields["group"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(EVERYBODY, _("Everybody covered")), *lists.groups(PartyRef.parse(request.party).id)]

    def decision(self) -> dict[str, Any]:
        group = self.cleaned_data["group"]
        return {"group": None if group == EVERYBODY else int(group), "details": self.cleaned_data["details"]}


def _list_said(request: DeskRequest, decision: dict[str, Any]) -> Said:
    number = PartyRef.parse(request.party).id
    everybody, details = _("Everybody covered"), _("With birth dates and the last four digits of SSNs")
    names = dict(lists.groups(number)) if decision["group"] else {}
    to = ", ".join(place.user.display_name for place in full_lists.readers(number)) or _("Nobody yet")
    return [
        _client(request),
        (_("Who is on it?"), names.get(decision["group"], everybody)),
        (_("What it says of each"), details if decision["details"] else _("Enrollment only")),
        (_("Who can read it"), to),
    ]


def _list_facts(request: DeskRequest) -> Said:
    producer = PartyRef.parse(request.asked_party).kind == "agency"
    asked = _("The client's producer") if producer else _("The client itself")
    facts = [_client(request), (_("Who wants it"), asked), (_("Needed for"), request.detail["purpose"])]
    if request.status == RequestStatus.DONE:
        made = full_lists.state(request)
        words = _("With the client, among its documents") if made else _("Being made")
        facts.append((_("The list"), words))
    return facts


# --- The end of a producer's access -------------------------------------------------------------------------------


class EndProducerDecision(DecisionForm):
    last_day = day_field(gettext_lazy("Last day of the access"))

    def __init__(self, *args: Any, request: DeskRequest, **kwargs: Any) -> None:
        asked = dt.date.fromisoformat(request.detail["last_day"])
        super().__init__(*args, request=request, initial={"last_day": asked}, **kwargs)

    def decision(self) -> dict[str, Any]:
        return {"last_day": self.cleaned_data["last_day"].isoformat()}


def _end_said(request: DeskRequest, decision: dict[str, Any]) -> Said:
    return [_client(request), (_("Last day of the access"), _day(decision["last_day"]))]


def _end(request: DeskRequest, decision: dict[str, Any], by: Scope) -> None:
    try:
        producer_grants.end(by, request.detail["grant"], dt.date.fromisoformat(decision["last_day"]))
    except producer_grants.CannotEnd as error:
        raise CannotCarryOut(
            _("The access ends on that day or earlier already, or it began later. Nothing was changed.")
        ) from error


def _end_facts(request: DeskRequest) -> Said:
    detail = request.detail
    return [
        _client(request),
        (_("Producer"), detail["agency"]),
        (_("Last day of the access"), _day(detail["last_day"])),
        (_("Why"), detail["reason"]),
    ]


def _invoices_facts(request: DeskRequest) -> Said:
    detail = request.detail
    what = ", ".join(str(SeparateInvoice(each).label) for each in detail["what"])
    facts = [_client(request), (_("Invoices of its own"), what), (_("From"), _day(detail["first_month"]))]
    return [*facts, (_("To know"), detail["text"])] if detail["text"] else facts


def register() -> None:
    desk_kinds.register(
        full_lists.KIND,
        Kind(
            Team.CLIENT_MANAGEMENT,
            gettext_lazy("Full employee list"),
            business_days=5,
            facts=_list_facts,
            decision=Decision(form=FullListDecision, said=_list_said, carry_out=full_lists.order),
        ),
    )
    desk_kinds.register(
        END_PRODUCER,
        Kind(
            Team.CLIENT_MANAGEMENT,
            gettext_lazy("End of a producer's access"),
            business_days=2,
            facts=_end_facts,
            decision=Decision(form=EndProducerDecision, said=_end_said, carry_out=_end, four_eyes=False),
        ),
    )
    desk_kinds.register(
        SEPARATE_INVOICES,
        Kind(Team.CLIENT_MANAGEMENT, gettext_lazy("Separate invoices"), business_days=10, facts=_invoices_facts),
    )
