"""How the desk looks a member up."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from portals.forms import birth_field


class Unechoed(forms.TextInput):
    """What was typed is not sent back, whatever was wrong with it."""

    def format_value(self, value: object) -> None:
        return None


class NumberForm(forms.Form):
    """A member for the plan's own people, by one number."""

    number = forms.CharField(
        label=_("Member ID, contract number or whole Social Security number"),
        help_text=_("It is not shown again, and a part of it finds nobody."),
        max_length=30,
        widget=Unechoed(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


class NameForm(forms.Form):
    """A member by the whole name with the birth date."""

    first_name = forms.CharField(
        label=_("First name"),
        help_text=_("Blank where there is none, or the caller does not know it."),
        required=False,
        max_length=35,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    last_name = forms.CharField(
        label=_("Last name"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    birth_date = birth_field(autocomplete="off")
