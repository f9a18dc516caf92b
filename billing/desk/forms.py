"""Forms of billing operations."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portals.forms import day_field


class RunForm(forms.Form):
    as_of = day_field(
        _("Run the bills of"),
        hint=_("Month/day/year. Accounts that are due on that day get their invoice; a run of a day is made once."),
    )

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_as_of(self) -> dt.date:
        day: dt.date = self.cleaned_data["as_of"]
        if day > self.today:
            raise forms.ValidationError(_("This day has not come yet: its changes could not be on the invoices."))
        return day
