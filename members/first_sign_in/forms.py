"""The two steps of a member's first sign-in."""

from __future__ import annotations

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from members.rules import zips
from portals.forms import AccountForm, birth_field, username_field


class LocateForm(forms.Form):
    identifier = forms.CharField(
        label=_("Member ID or Social Security number"),
        help_text=_("The member ID is on the front of your new ID card, for example NGH 0000 0000 01."),
        max_length=30,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    birth_date = birth_field(autocomplete="bday")
    zip_code = forms.CharField(
        label=_("ZIP code"),
        help_text=_("Of the address that your plan has on file. Outside the United States: the postal code."),
        min_length=3,
        max_length=zips.LENGTH,
        validators=[RegexValidator(r"^[0-9A-Za-z][0-9A-Za-z -]*[0-9A-Za-z]$", _("Use letters and digits only."))],
        widget=forms.TextInput(attrs={"autocomplete": "postal-code", "spellcheck": "false"}),
    )


class RegisterForm(AccountForm):
    code = forms.CharField(
        label=_("Activation code"),
        help_text=_("8 letters and digits, from the mail or letter we sent."),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "spellcheck": "false"}),
    )
    username = username_field(_("You choose it: 2 or more letters or digits."))
    field_order = ("code", "username", "email", "password", "again")
