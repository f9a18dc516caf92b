"""What a member narrows the list of who opened their record by, and asks about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from members.who_opened.queries import Whose
from portals.forms import OnceForm

DAYS = {"30": 30, "365": 365}


class OpenedFilter(forms.Form):
    """Whose list, and how far back; `person` is there where one may choose."""

    person = forms.ChoiceField(label=_("Whose record"), required=False)
    period = forms.ChoiceField(
        label=_("Since"), required=False, choices=[("", _("Ever")), ("30", _("30 days")), ("365", _("A year"))]
    )
    mine = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, whose: Sequence[Whose], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["person"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(each.uuid, each.name or _("Mine")) for each in whose]
        if len(whose) == 1:
            del self.fields["person"]

    def days(self) -> int:
        """0 for ever, and for what is not understood."""
        return DAYS.get(self.cleaned_data.get("period", ""), 0)


class QuestionForm(OnceForm):
    text = forms.CharField(
        label=_("Your question"),
        help_text=_("What seems wrong, or what you want to know. No health facts are needed."),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
