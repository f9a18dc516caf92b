"""Forms of the weekly review: which are shown, and the signature."""

from __future__ import annotations

from django import forms
from django.core.validators import MinLengthValidator
from django.utils.translation import gettext_lazy as _

from portals.enums import ActivityState


class ActivityFilter(forms.Form):
    state = forms.ChoiceField(label=_("Status"), required=False, choices=[("", _("All")), *ActivityState.choices])


class SignForm(forms.Form):
    """Fields of a signature: that it was read, and what was noticed."""

    note = forms.CharField(
        label=_("What you noticed"),
        help_text=_("What stands out, what you asked and what follows. Where nothing does, say so."),
        max_length=4000,
        validators=[MinLengthValidator(10, _("Write a sentence: whoever reads it later knows only what you write."))],
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    read = forms.BooleanField(
        label=_("I have read this review"),
        error_messages={"required": _("Confirm that you have read it: the signature says so.")},
    )
