"""The portal access request form: one for New York, Pennsylvania and West Virginia, one with more for Delaware (P2)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from portals.forms import OnceForm
from producers.enums import FormState


def _line(label: Any, most: int, *, autocomplete: str = "off", **options: Any) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=most, widget=forms.TextInput(attrs={"autocomplete": autocomplete}), **options
    )


class StateForm(forms.Form):
    """Which form it is to be."""

    state = forms.ChoiceField(
        label=_("In which state is your agency?"), choices=FormState.choices, widget=forms.RadioSelect
    )


class PortalAccessForm(OnceForm):
    agency_name = _line(_("Agency"), 100, autocomplete="organization")
    agent_id = _line(
        _("Agent ID"), 20, required=False, help_text=_("If the plan gave your agency one. Leave empty otherwise.")
    )
    npn = _line(
        _("Your National Producer Number"),
        10,
        help_text=_("1 to 10 digits."),
        validators=[RegexValidator(r"^[0-9]{1,10}$", _("A National Producer Number has 1 to 10 digits."))],
    )
    given_name = _line(_("First name"), 60, autocomplete="given-name")
    family_name = _line(_("Last name"), 60, autocomplete="family-name")
    email = forms.EmailField(
        max_length=254,  # as much as is kept
        label=_("E-mail"),
        help_text=_("Your own, not one that others read. News of your request and your invitation go there."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    phone = _line(_("Telephone"), 40, autocomplete="tel")
    work = forms.CharField(
        label=_("What you need it for"),
        help_text=_("For example enrollment and invoices of your clients, quotes, renewals, commission statements."),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    mine_alone = forms.BooleanField(
        label=_("I will use the username myself and share it with nobody. I tell the plan when I leave the agency.")
    )


class DelawareAccessForm(PortalAccessForm):
    delaware_license = _line(_("Delaware license number"), 20)
    residency = forms.ChoiceField(
        label=_("Licensed in Delaware as"),
        choices=[("resident", _("Resident producer")), ("nonresident", _("Nonresident producer"))],
        widget=forms.RadioSelect,
    )
    appointed_by = _line(
        _("Appointed through"), 100, help_text=_("The general agency or the plan itself, as your appointment says.")
    )
    field_order = (
        "once", "agency_name", "agent_id", "npn", "delaware_license", "residency", "appointed_by", "given_name",
        "family_name", "email", "phone", "work", "mine_alone",
    )  # fmt: skip


def form_for(state: str) -> type[PortalAccessForm]:
    return DelawareAccessForm if state == FormState.DE else PortalAccessForm
