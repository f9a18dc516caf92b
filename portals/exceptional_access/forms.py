"""Forms of exceptional access: the reason beforehand and the review afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.validators import MinLengthValidator
from django.utils.translation import gettext_lazy as _

SHORTEST_REASON = 20


class ReasonForm(forms.Form):
    """Why, and under which ticket: read by whoever reviews it."""

    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("One or two sentences: who needs what, and why now. Nothing about anyone's health."),
        max_length=500,
        validators=[
            MinLengthValidator(SHORTEST_REASON, _("Write at least 20 letters: the reviewer knows only what you write."))
        ],
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    ticket = forms.CharField(
        label=_("Ticket number"),
        help_text=_("Of the call or the case in which this is needed."),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


class ViewAsForm(ReasonForm):
    """`account` holds the page to the account that it showed."""

    account = forms.IntegerField(widget=forms.HiddenInput)
    place = forms.ChoiceField(label=_("What to look at"), widget=forms.RadioSelect)
    field_order = ("account", "place", "reason", "ticket")

    def __init__(self, *args: Any, places: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        place = self.fields["place"]
        assert isinstance(place, forms.ChoiceField)
        place.choices = list(places)
        if len(places) == 1:
            place.initial = places[0][0]


class ViewedForm(forms.Form):
    account = forms.CharField(
        label=_("The user's username or e-mail"),
        help_text=_("As the caller spells it; nothing is searched that is only like it."),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )
