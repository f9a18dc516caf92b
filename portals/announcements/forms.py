"""Announcements: the list's filter, and one of them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portals.announcements.actions import Text
from portals.enums import NewsState
from portals.forms import day_field
from portals.help.forms import _choices, reader_choices, region_choices


class NewsFilter(forms.Form):
    q = forms.CharField(label=_("Words of title or text"), required=False, max_length=100)
    audience = forms.ChoiceField(label=_("For whom"), required=False)
    region = forms.ChoiceField(label=_("Region"), required=False)
    state = forms.ChoiceField(label=_("Status"), required=False, choices=[("", _("All")), *NewsState.choices])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choices(self, "audience", [*reader_choices(_("All")), ("-", _("Everyone"))])
        _choices(self, "region", [*region_choices(_("All")), ("-", _("Every region"))])


class NewsForm(forms.Form):
    """An announcement in both languages, with the days on which it is shown."""

    audience = forms.ChoiceField(label=_("For whom"), required=False)
    region = forms.ChoiceField(label=_("Region"), required=False)
    title = forms.CharField(label=_("Title"), max_length=120)
    body = forms.CharField(label=_("Text"), max_length=1000, widget=forms.Textarea(attrs={"rows": 4}))
    title_es = forms.CharField(label=_("Title in Spanish"), max_length=120)
    body_es = forms.CharField(label=_("Text in Spanish"), max_length=1000, widget=forms.Textarea(attrs={"rows": 4}))
    first = day_field(_("First day shown"))
    last = day_field(_("Last day shown"))

    def __init__(self, *args: Any, today: dt.date, begun: dt.date | None = None, **kwargs: Any) -> None:
        """`begun`: the first day of one that is shown already, which may stay."""
        super().__init__(*args, **kwargs)
        self.today, self.begun = today, begun
        _choices(self, "audience", reader_choices(_("Everyone")))
        _choices(self, "region", region_choices(_("Every region")))

    def clean(self) -> None:
        super().clean()
        first, last = self.cleaned_data.get("first"), self.cleaned_data.get("last")
        if first and first < self.today and first != self.begun:
            self.add_error("first", _("Choose today or a later day."))
        if last and last < self.today:
            self.add_error("last", _("Choose today or a later day."))
        elif first and last and last < first:
            self.add_error("last", _("The last day comes after the first."))

    def text(self) -> Text:
        return Text(**self.cleaned_data)

    @staticmethod
    def typed(text: Text) -> dict[str, Any]:
        return {name: getattr(text, name) for name in Text.__dataclass_fields__}
