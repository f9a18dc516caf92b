"""Forms of access reviews."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from portals.access_reviews.actions import MOST_AHEAD
from portals.access_reviews.queries import Row
from portals.enums import ReviewDecision, ReviewStatus
from portals.forms import day_field

KEEP, END = "keep", "end"


class LinesForm(forms.Form):
    """Keep or end, for each person who can still be decided about; nobody has to be."""

    def __init__(self, *args: Any, rows: Sequence[Row], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for row in rows:
            if row.changeable:
                self.fields[f"line_{row.id}"] = forms.ChoiceField(
                    label=row.name,
                    required=False,
                    choices=[(KEEP, _("Keep")), (END, _("End access"))],
                    widget=forms.RadioSelect,
                    initial=KEEP if row.decision is ReviewDecision.CONFIRMED else "",
                )

    def chosen(self, value: str) -> list[int]:
        return [int(name.removeprefix("line_")) for name, chosen in self.cleaned_data.items() if chosen == value]

    def clean(self) -> None:
        super().clean()
        if not any(self.cleaned_data.values()) and not self.errors:
            raise forms.ValidationError(_("Choose Keep or End access for somebody first."))


class StartForm(forms.Form):
    due_date = day_field(
        _("Due day"),
        hint=_("Month/day/year. Anyone who is not confirmed by then loses access at the end of that day."),
    )

    def __init__(self, *args: Any, earliest: dt.date, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.earliest, self.latest = earliest, today + MOST_AHEAD
        self.fields["due_date"].initial = today + dt.timedelta(days=30)

    def clean_due_date(self) -> dt.date:
        day: dt.date = self.cleaned_data["due_date"]
        if not self.earliest <= day <= self.latest:
            words = pgettext("date within a sentence", "F j, Y")
            raise forms.ValidationError(
                _("Choose a day from %(first)s to %(last)s, so that people have time to answer."),
                params={"first": date_format(self.earliest, words), "last": date_format(self.latest, words)},
            )
        return day


class DeskStartForm(StartForm):
    ONE, ALL = "one", "all"
    whom = forms.ChoiceField(label=_("Whose people"), widget=forms.RadioSelect, initial=ONE)
    number = forms.CharField(
        max_length=20,
        required=False,
        help_text=_("Only for one organization."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    field_order = ("whom", "number", "due_date")

    def __init__(self, *args: Any, number_label: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["number"].label = number_label
        whom = self.fields["whom"]
        assert isinstance(whom, forms.ChoiceField)
        whom.choices = [(self.ONE, _("One organization")), (self.ALL, _("All that have no open review"))]

    def clean(self) -> None:
        super().clean()
        if self.cleaned_data.get("whom") == self.ONE and not self.cleaned_data.get("number"):
            self.add_error("number", _("Type the number of the organization."))


class ReviewFilter(forms.Form):
    q = forms.CharField(label=_("Name or number"), required=False, max_length=80)
    status = forms.ChoiceField(label=_("Status"), required=False, choices=[("", _("Any")), *ReviewStatus.choices])
