"""Forms of the help desk for callers who cannot sign in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portals.enums import CallerCheck, HelpStep


class LookUpForm(forms.Form):
    account = forms.CharField(
        label=_("The caller's username or e-mail"),
        help_text=_("As the caller spells it; nothing is searched that is only like it."),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )


class HelpForm(forms.Form):
    """One step, and how the caller was checked. `account` holds the page to the account that it showed."""

    account = forms.IntegerField(widget=forms.HiddenInput)
    step = forms.ChoiceField(label=_("What to do"), widget=forms.RadioSelect)
    email = forms.EmailField(
        max_length=254,  # as much as is kept
        label=_("Correct e-mail"),
        help_text=_("Only to correct it. A code goes there when the person signs in next."),
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    check = forms.ChoiceField(
        label=_("How did you check who is calling?"), choices=CallerCheck.choices, widget=forms.RadioSelect
    )
    note = forms.CharField(
        label=_("Note"),
        help_text=_("What the caller asked for and what you saw. Nothing about anyone's health."),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, steps: Sequence[HelpStep], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        step = self.fields["step"]
        assert isinstance(step, forms.ChoiceField)
        step.choices = [(each.value, each.label) for each in steps]

    def clean(self) -> None:
        super().clean()
        asked = self.cleaned_data.get("step") == HelpStep.EMAIL and "email" not in self.errors
        if asked and not self.cleaned_data["email"]:
            self.add_error("email", _("Type the correct e-mail."))
