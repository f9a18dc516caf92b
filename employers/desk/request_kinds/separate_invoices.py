"""Invoices of their own for a location, COBRA, dental or vision: client management sets them up with the client."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from employers.access import Employer
from employers.desk.request_kinds import texts
from employers.enums import SeparateInvoice
from portals.desk import actions as desk
from portals.desk import kinds as desk_kinds
from portals.desk import own_requests
from portals.desk.actions import Asker
from portals.desk.kinds import Facts, RequestKind
from portals.desk.own_requests import RequestForm, RequestFormPage
from portals.enums import Team
from portals.forms import day_field
from portals.models import DeskRequest
from portals.plan import clock
from portals.scope import Portal, Scope

KIND = "client.separate_invoices"


class SeparateInvoicesForm(RequestForm):
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


def _open(scope: Scope, data: dict[str, Any]) -> list[DeskRequest]:
    labels = ", ".join(str(SeparateInvoice(what).label) for what in data["what"])
    row = desk.open_request(
        kind=KIND,
        key=own_requests.key(KIND, scope, data),
        title=_("Separate invoices: %(what)s") % {"what": labels},
        detail={"what": data["what"], "first_month": data["first_month"].isoformat(), "text": data["text"]},
        party=scope.party,
        by=scope,
        asker=Asker.of(scope),
    )
    return [row]


def _facts(request: DeskRequest) -> Facts:
    detail = request.detail
    what = ", ".join(str(SeparateInvoice(each).label) for each in detail["what"])
    facts = [texts.client(request), (_("Invoices of its own"), what), (_("From"), texts.day(detail["first_month"]))]
    return [*facts, (_("To know"), detail["text"])] if detail["text"] else facts


def register() -> None:
    desk_kinds.register(
        KIND,
        RequestKind(
            team=Team.CLIENT_MANAGEMENT,
            label=gettext_lazy("Separate invoices"),
            business_days=10,
            facts=_facts,
        ),
    )
    own_requests.register(
        "separate-invoices",
        RequestFormPage(
            portals={Portal.EMPLOYER: Employer.ASK_INVOICES},
            title=gettext_lazy("Separate invoices"),
            lead=gettext_lazy("For a location, COBRA, dental or vision. Client management sets them up with you."),
            form=SeparateInvoicesForm,
            open=_open,
        ),
    )
