"""Forms of legal holds."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MinLengthValidator
from django.utils.translation import gettext_lazy as _

from audit.enums import HoldStep

STATES = {
    HoldStep.PLACED: _("In force"),
    HoldStep.RELEASE_PROPOSED: _("Release proposed"),
    HoldStep.RELEASED: _("Released"),
}
EARLIEST = 2000


class MonthField(forms.CharField):
    """A month as people type it, 03/2026; clean, its first day."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"class": "ds-c-field--medium", "autocomplete": "off", "inputmode": "numeric"}
        super().__init__(max_length=7, widget=forms.TextInput(attrs=attrs), **kwargs)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        month, _slash, year = text.partition("/")
        wrong = ValidationError(_("Enter the month as month/year, for example 03/2026."), code="invalid")
        if not (month.isascii() and year.isascii() and month.isdecimal() and year.isdecimal() and len(year) == 4):
            raise wrong
        if not 1 <= int(month) <= 12 or int(year) < EARLIEST:
            raise wrong
        return dt.date(int(year), int(month), 1)


def reason_field(label: Any, help_text: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        max_length=500,
        validators=[
            MinLengthValidator(10, _("Write at least 10 letters: it is all that somebody reads years from now."))
        ],
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class HoldsFilter(forms.Form):
    q = forms.CharField(label=_("Matter or reason"), required=False, max_length=80)
    state = forms.ChoiceField(label=_("Status"), required=False, choices=[("", _("Any")), *STATES.items()])


class PlaceForm(forms.Form):
    matter = forms.CharField(
        label=_("Matter"),
        help_text=_("Its reference: the number of a case, a subpoena or an inquiry. No names of members."),
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    first_month = MonthField(label=_("First month"), help_text=_("Month/year, for example 03/2026"))
    last_month = MonthField(
        label=_("Last month"),
        help_text=_("Included. Leave it empty while the matter is open: then every later month is kept too."),
        required=False,
    )
    reason = reason_field(
        _("Reason"), _("Who asked for it and when, in one or two sentences. Nothing about anyone's health.")
    )

    def clean(self) -> None:
        super().clean()
        first, last = self.cleaned_data.get("first_month"), self.cleaned_data.get("last_month")
        if first and last and last < first:
            self.add_error("last_month", _("The last month comes before the first one."))


class ProposeForm(forms.Form):
    reason = reason_field(_("Why it may end"), _("Who said so, and where that is kept."))


class ReleaseForm(forms.Form):
    reason = reason_field(_("What you checked"), _("By the second person: what you read, and where it is kept."))
