"""The full list of a client's employees: its administrator asks, two people of client management decide, a job writes
it (`employers.actions.full_lists`). A producer asks for it by a request form of its own."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from employers.access import Employer
from employers.actions import full_lists
from employers.desk.request_kinds import texts
from members.queries import full_lists as lists
from portals.desk import kinds as desk_kinds
from portals.desk import own_requests
from portals.desk.kinds import Decision, DecisionForm, Facts, RequestKind
from portals.desk.own_requests import RequestForm, RequestFormPage, purpose_field
from portals.enums import RequestStatus, Team
from portals.models import DeskRequest
from portals.scope import PartyRef, Portal, Scope

EVERYBODY = "all"  # groups


class FullListForm(RequestForm):
    purpose = purpose_field()


def _open(scope: Scope, data: dict[str, Any]) -> list[DeskRequest]:
    assert scope.party is not None
    return [full_lists.ask(by=scope, client_id=scope.party.id, purpose=data["purpose"], once=data["once"])]


def _facts(request: DeskRequest) -> Facts:
    producer = PartyRef.parse(request.asked_party).kind == "agency"
    asked = _("The client's producer") if producer else _("The client itself")
    facts = [texts.client(request), (_("Who wants it"), asked), (_("Needed for"), request.detail["purpose"])]
    if request.status == RequestStatus.DONE:
        made = full_lists.state(request)
        words = _("With the client, among its documents") if made else _("Being made")
        facts.append((_("The list"), words))
    return facts


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


def _summary(request: DeskRequest, decision: dict[str, Any]) -> Facts:
    number = PartyRef.parse(request.party).id
    everybody, details = _("Everybody covered"), _("With birth dates and the last four digits of SSNs")
    names = dict(lists.groups(number)) if decision["group"] else {}
    to = ", ".join(place.user.display_name for place in full_lists.readers(number)) or _("Nobody yet")
    return [
        texts.client(request),
        (_("Who is on it?"), names.get(decision["group"], everybody)),
        (_("What it says of each"), details if decision["details"] else _("Enrollment only")),
        (_("Who can read it"), to),
    ]


def register() -> None:
    desk_kinds.register(
        full_lists.KIND,
        RequestKind(
            team=Team.CLIENT_MANAGEMENT,
            label=gettext_lazy("Full employee list"),
            business_days=5,
            facts=_facts,
            decision=Decision(form=FullListDecision, summary=_summary, carry_out=full_lists.order),
        ),
    )
    own_requests.register(
        "full-list",
        RequestFormPage(
            portals={Portal.EMPLOYER: Employer.ASK_FULL_LIST},
            title=gettext_lazy("A list of all your covered employees"),
            lead=gettext_lazy(
                "Client management makes it for you. You find it under Documents; nobody outside of your company "
                "gets it."
            ),
            form=FullListForm,
            open=_open,
        ),
    )
