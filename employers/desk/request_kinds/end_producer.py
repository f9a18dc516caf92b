"""The end of a producer's access: the client says whose, from which day and why; client management ends it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from employers import producer_grants
from employers.access import Employer
from employers.desk.request_kinds import texts
from portals.desk import actions as desk
from portals.desk import kinds as desk_kinds
from portals.desk import own_requests
from portals.desk.actions import Asker
from portals.desk.kinds import CannotCarryOut, Decision, DecisionForm, Facts, RequestKind
from portals.desk.own_requests import RequestForm, RequestFormPage
from portals.enums import Team
from portals.forms import day_field
from portals.models import DeskRequest
from portals.plan import clock
from portals.scope import Portal, Scope

KIND = "client.end_producer"


class EndProducerForm(RequestForm):
    grant = forms.ChoiceField(label=gettext_lazy("Whose access is to end?"), widget=forms.RadioSelect)
    last_day = day_field(gettext_lazy("Last day of the access"))
    reason = forms.CharField(
        label=gettext_lazy("Why?"),
        help_text=gettext_lazy("For example: we have another broker from that day on."),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, scope: Scope, **kwargs: Any) -> None:
        today = clock.today()
        super().__init__(*args, scope=scope, initial={"last_day": today}, **kwargs)
        assert scope.party is not None
        self.today = today
        self.accesses = {str(each.grant_id): each for each in producer_grants.of(scope.party.id) if each.stands(today)}
        field = self.fields["grant"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(number, f"{each.agency_name} ({each.agent_id})") for number, each in self.accesses.items()]
        if len(self.accesses) == 1:
            self.initial["grant"] = next(iter(self.accesses))
        if not self.accesses:
            field.help_text = _("No agency has access to your pages now.")

    def clean_last_day(self) -> dt.date:
        day: dt.date = self.cleaned_data["last_day"]
        if day < self.today:
            raise forms.ValidationError(_("This day is past. The earliest last day is today."))
        return day

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        data["access"] = self.accesses.get(data.get("grant", ""))
        return data


def _open(scope: Scope, data: dict[str, Any]) -> list[DeskRequest]:
    access = data["access"]
    row = desk.open_request(
        kind=KIND,
        key=own_requests.key(KIND, scope, data),
        title=_("End the access of %(agency)s") % {"agency": access.agency_name},
        detail={
            "grant": access.grant_id,
            "agency": access.agency_name,
            "last_day": data["last_day"].isoformat(),
            "reason": data["reason"],
        },
        party=scope.party,
        by=scope,
        asker=Asker.of(scope),
    )
    return [row]


def _facts(request: DeskRequest) -> Facts:
    detail = request.detail
    return [
        texts.client(request),
        (_("Producer"), detail["agency"]),
        (_("Last day of the access"), texts.day(detail["last_day"])),
        (_("Why"), detail["reason"]),
    ]


class EndProducerDecision(DecisionForm):
    last_day = day_field(gettext_lazy("Last day of the access"))

    def __init__(self, *args: Any, request: DeskRequest, **kwargs: Any) -> None:
        asked = dt.date.fromisoformat(request.detail["last_day"])
        super().__init__(*args, request=request, initial={"last_day": asked}, **kwargs)

    def decision(self) -> dict[str, Any]:
        return {"last_day": self.cleaned_data["last_day"].isoformat()}


def _summary(request: DeskRequest, decision: dict[str, Any]) -> Facts:
    return [texts.client(request), (_("Last day of the access"), texts.day(decision["last_day"]))]


def _carry_out(request: DeskRequest, decision: dict[str, Any], by: Scope) -> None:
    try:
        producer_grants.end(by, request.detail["grant"], dt.date.fromisoformat(decision["last_day"]))
    except producer_grants.CannotEnd as error:
        raise CannotCarryOut(
            _("The access ends on that day or earlier already, or it began later. Nothing was changed.")
        ) from error


def register() -> None:
    desk_kinds.register(
        KIND,
        RequestKind(
            team=Team.CLIENT_MANAGEMENT,
            label=gettext_lazy("End of a producer's access"),
            business_days=2,
            facts=_facts,
            decision=Decision(form=EndProducerDecision, summary=_summary, carry_out=_carry_out, four_eyes=False),
        ),
    )
    own_requests.register(
        "end-producer",
        RequestFormPage(
            portals={Portal.EMPLOYER: Employer.END_PRODUCER},
            title=gettext_lazy("End your producer's access"),
            lead=gettext_lazy(
                "Client management ends it on the day that you name. What was done until then stays on record."
            ),
            form=EndProducerForm,
            open=_open,
        ),
    )
