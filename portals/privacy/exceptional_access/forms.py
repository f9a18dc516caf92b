"""The review of exceptional access."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from portals.enums import ExceptionalAccessKind, Finding


class ReviewFilter(forms.Form):
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=ExceptionalAccessKind.choices)
    state = forms.ChoiceField(
        label=_("Status"),
        required=False,
        choices=[
            ("", _("Any")),
            ("open", _("Open now")),
            ("to_review", _("To review")),
            *Finding.choices,
        ],
    )
    q = forms.CharField(label=_("Name or ticket"), required=False, max_length=80)


class ReviewForm(forms.Form):
    finding = forms.ChoiceField(label=_("Finding"), choices=Finding.choices, widget=forms.RadioSelect)
    note = forms.CharField(
        label=_("Note"),
        help_text=_("What you checked, and what follows. Needed where it was not justified."),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def clean(self) -> None:
        super().clean()
        if self.cleaned_data.get("finding") == Finding.NOT_JUSTIFIED and not self.cleaned_data.get("note"):
            self.add_error("note", _("Write what was wrong and what follows."))
