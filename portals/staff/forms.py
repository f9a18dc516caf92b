"""Forms of the pages about plan staff."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from portals.enums import Team


class StaffFilter(forms.Form):
    q = forms.CharField(label=_("Name or username"), required=False, max_length=80)
    team = forms.ChoiceField(label=_("Team"), required=False, choices=[("", _("Any")), *Team.choices])
    state = forms.ChoiceField(
        label=_("Who"), required=False, choices=[("", _("In a team now")), ("former", _("Was in a team"))]
    )


class ProposeForm(forms.Form):
    account = forms.CharField(
        label=_("Their username or e-mail"),
        help_text=_("Of the work account that they have already; exactly as they spell it."),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )
    team = forms.ChoiceField(label=_("Team"), choices=Team.choices, widget=forms.RadioSelect)
