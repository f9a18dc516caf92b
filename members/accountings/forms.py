"""Forms of accountings: what is asked, extended and given, by the member and at the desk."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from members.disclosures import rules
from members.enums import AccountingStatus, AskedBy, Delivery
from portals.forms import day_field

_PROSE = {"rows": 3}
_PLAIN = {"autocomplete": "off", "spellcheck": "false"}


class AccountingsFilter(forms.Form):
    state = forms.ChoiceField(
        label=_("Status"),
        required=False,
        choices=[("", _("Any")), ("late", _("Late")), *AccountingStatus.choices],
    )
    person = forms.UUIDField(required=False, widget=forms.HiddenInput)


class AccountingForm(forms.Form):
    """The period of an accounting; empty days mean all six years."""

    first_on = day_field(_("From"), hint=_("Month/day/year. Leave it empty for the last six years."), required=False)
    last_on = day_field(_("To"), hint=_("Month/day/year. Leave it empty for up to today."), required=False)
    once = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def asked_on(self) -> dt.date | None:
        return self.today

    def clean(self) -> None:
        super().clean()
        asked_on, first, last = self.asked_on(), self.cleaned_data.get("first_on"), self.cleaned_data.get("last_on")
        if asked_on is None or self.errors:
            return
        try:
            rules.period(asked_on, first=first, last=last)
        except ValueError:
            earliest = rules.earliest_day(asked_on)
            values = {"first": earliest.strftime("%m/%d/%Y"), "last": asked_on.strftime("%m/%d/%Y")}
            self.add_error(
                "first_on" if first else "last_on",
                _("Choose days from %(first)s to %(last)s, the first before the last.") % values,
            )


class MemberAccountingForm(AccountingForm):
    whose = forms.ChoiceField(label=_("Whose information"), widget=forms.RadioSelect)
    field_order = ("once", "whose")

    def __init__(self, *args: Any, people: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        whose = self.fields["whose"]
        assert isinstance(whose, forms.ChoiceField)
        whose.choices = people
        whose.initial = people[0][0]
        if len(people) == 1:
            whose.required, whose.widget = False, forms.HiddenInput()


class DeskAccountingForm(AccountingForm):
    """At the desk: what came by letter or telephone."""

    asked_by = forms.ChoiceField(
        label=_("How it came"),
        choices=[choice for choice in AskedBy.choices if choice[0] != AskedBy.PORTAL],
        widget=forms.RadioSelect,
    )
    requested_on = day_field(_("Received on"))
    language = forms.ChoiceField(
        label=_("Language of the answer"), choices=settings.LANGUAGES, widget=forms.RadioSelect
    )
    field_order = ("once", "asked_by", "requested_on", "first_on", "last_on", "language")

    def asked_on(self) -> dt.date | None:
        day: dt.date | None = self.cleaned_data.get("requested_on")
        return day

    def clean_requested_on(self) -> dt.date:
        day: dt.date = self.cleaned_data["requested_on"]
        if day > self.today:
            raise forms.ValidationError(_("This day has not come yet."))
        return day


class ExtendForm(forms.Form):
    to = day_field(_("New last day"))
    reason = forms.CharField(
        label=_("Reason for the delay"),
        help_text=_("The member reads it in a letter that goes out with this."),
        max_length=500,
        widget=forms.Textarea(attrs=_PROSE),
    )

    def __init__(self, *args: Any, due: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.due = due
        self.fields["to"].initial = rules.latest_extension(due)

    def clean_to(self) -> dt.date:
        day: dt.date = self.cleaned_data["to"]
        latest = rules.latest_extension(self.due)
        if not self.due < day <= latest:
            raise forms.ValidationError(
                _("After %(due)s and not later than %(latest)s.")
                % {"due": self.due.strftime("%m/%d/%Y"), "latest": latest.strftime("%m/%d/%Y")}
            )
        return day


class DeliverForm(forms.Form):
    """`may_charge`: it is not the first of 12 months."""

    delivery = forms.ChoiceField(
        label=_("How it reaches the member"),
        choices=[choice for choice in Delivery.choices if choice[0] != Delivery.PAGE],
        widget=forms.RadioSelect,
    )
    fee = forms.DecimalField(
        label=_("Fee in dollars"),
        help_text=_("Of the cost alone, and only if the member was told beforehand. Empty: none."),
        required=False,
        min_value=0,
        max_value=1000,
        decimal_places=2,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "ds-c-field--small", **_PLAIN}),
    )
    fee_told_on = day_field(_("Member was told of the fee on"), required=False)
    fee_basis = forms.CharField(
        label=_("How the cost was reckoned"), max_length=300, required=False, widget=forms.TextInput(attrs=_PLAIN)
    )

    def __init__(self, *args: Any, may_charge: bool, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        if not may_charge:
            for name in ("fee", "fee_told_on", "fee_basis"):
                del self.fields[name]

    def clean(self) -> None:
        super().clean()
        if not self.cleaned_data.get("fee") or self.errors:
            return
        told = self.cleaned_data.get("fee_told_on")
        if told is None or told > self.today:
            self.add_error("fee_told_on", _("Enter the day on which the member was told of the fee."))
        if not self.cleaned_data.get("fee_basis"):
            self.add_error("fee_basis", _("Say how the cost was reckoned."))

    @property
    def fee_cents(self) -> int:
        return int((self.cleaned_data.get("fee") or 0) * 100)
