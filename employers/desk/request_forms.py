"""What an employer's people ask the plan for."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from employers import producer_grants
from employers.access import Employer
from employers.actions import full_lists
from employers.desk.request_kinds import END_PRODUCER, SEPARATE_INVOICES
from employers.enums import SeparateInvoice
from portals.desk import actions as desk
from portals.desk import asking
from portals.desk.actions import Asker
from portals.desk.asking import AskForm, Asking, purpose_field
from portals.forms import day_field
from portals.models import DeskRequest
from portals.plan import clock
from portals.scope import Portal, Scope


class FullListForm(AskForm):
    purpose = purpose_field()


def _full_list(scope: Scope, data: dict[str, Any]) -> list[DeskRequest]:
    assert scope.party is not None
    return [full_lists.ask(by=scope, client_id=scope.party.id, purpose=data["purpose"], once=data["once"])]


class EndProducerForm(AskForm):
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


def _end_producer(scope: Scope, data: dict[str, Any]) -> list[DeskRequest]:
    access = data["access"]
    row = desk.open_request(
        kind=END_PRODUCER,
        key=asking.key(END_PRODUCER, scope, data),
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


class SeparateInvoicesForm(AskForm):
    what = forms.MultipleChoiceField(
        label=gettext_lazy("What is to have invoices of its own?"),
        choices=SeparateInvoice.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    first_month = day_field(
        gettext_lazy("From which month on?"), hint=gettext_lazy("Its first day, as month/day/year.")
    )
    text = forms.CharField(
        label=gettext_lazy("Anything we should know"),
        help_text=gettext_lazy("For a location: its name or group number, and who is to get the invoices."),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def clean_first_month(self) -> dt.date:
        day: dt.date = self.cleaned_data["first_month"]
        if day.day != 1:
            raise forms.ValidationError(_("Invoices are for whole months: give the first day of one."))
        if day <= clock.today():
            raise forms.ValidationError(_("This month has begun. Choose one to come."))
        return day

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if SeparateInvoice.LOCATION in data.get("what", []) and not data.get("text"):
            self.add_error("text", _("Say which location."))
        return data


def _separate_invoices(scope: Scope, data: dict[str, Any]) -> list[DeskRequest]:
    labels = ", ".join(str(SeparateInvoice(what).label) for what in data["what"])
    row = desk.open_request(
        kind=SEPARATE_INVOICES,
        key=asking.key(SEPARATE_INVOICES, scope, data),
        title=_("Separate invoices: %(what)s") % {"what": labels},
        detail={"what": data["what"], "first_month": data["first_month"].isoformat(), "text": data["text"]},
        party=scope.party,
        by=scope,
        asker=Asker.of(scope),
    )
    return [row]


def register() -> None:
    asking.register(
        "full-list",
        Asking(
            portals={Portal.EMPLOYER: Employer.ASK_FULL_LIST},
            title=gettext_lazy("A list of all your covered employees"),
            lead=gettext_lazy(
                "Client management makes it for you. You find it under Documents; nobody outside of your company "
                "gets it."
            ),
            form=FullListForm,
            open=_full_list,
        ),
    )
    asking.register(
        "separate-invoices",
        Asking(
            portals={Portal.EMPLOYER: Employer.ASK_INVOICES},
            title=gettext_lazy("Separate invoices"),
            lead=gettext_lazy("For a location, COBRA, dental or vision. Client management sets them up with you."),
            form=SeparateInvoicesForm,
            open=_separate_invoices,
        ),
    )
    asking.register(
        "end-producer",
        Asking(
            portals={Portal.EMPLOYER: Employer.END_PRODUCER},
            title=gettext_lazy("End your producer's access"),
            lead=gettext_lazy(
                "Client management ends it on the day that you name. What was done until then stays on record."
            ),
            form=EndProducerForm,
            open=_end_producer,
        ),
    )
