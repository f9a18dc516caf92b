"""Forms of billing operations."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class RunForm(forms.Form):
    as_of = forms.DateField(
        label=_("Run the bills of"),
        help_text=_(
            "Month/day/year. Accounts that are due on that day get their invoice; a run of a day is made once."
        ),
        input_formats=["%m/%d/%Y"],
        error_messages={"invalid": _("Enter the day as month/day/year, for example 12/15/2026.")},
    )

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_as_of(self) -> dt.date:
        day: dt.date = self.cleaned_data["as_of"]
        if day > self.today:
            raise forms.ValidationError(_("This day has not come yet: its changes could not be on the invoices."))
        return day
