"""Forms of the member portal."""

from __future__ import annotations

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from portals.forms import NewPasswordForm

USERNAME = RegexValidator(r"^[A-Za-z0-9][A-Za-z0-9._@+-]{3,63}$", _("Use 4 or more letters, digits, dots or dashes."))


TAKEN_WORDS = {
    "username": _("This username is taken. Choose another one."),
    "email": _("This address belongs to another account. Add a plus and a tag: name+tag@mail.example."),
}


class LocateForm(forms.Form):
    identifier = forms.CharField(
        label=_("Member ID or Social Security number"),
        help_text=_("The member ID is on the front of your new ID card, for example NGH 0000 0000 01."),
        max_length=30,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    birth_date = forms.DateField(
        label=_("Date of birth"),
        help_text=_("Month/day/year, for example 4/28/1986"),
        input_formats=["%m/%d/%Y"],
        widget=forms.DateInput(attrs={"autocomplete": "bday", "inputmode": "text"}),
        error_messages={"invalid": _("Enter the date as month/day/year, for example 4/28/1986.")},
    )
    zip_code = forms.CharField(
        label=_("ZIP code"),
        help_text=_("Of the address that your plan has on file."),
        max_length=10,
        validators=[RegexValidator(r"^\d{5}(-?\d{4})?$", _("A ZIP code has 5 digits."))],
        widget=forms.TextInput(attrs={"autocomplete": "postal-code", "inputmode": "numeric"}),
    )


class RegisterForm(NewPasswordForm):
    code = forms.CharField(
        label=_("Activation code"),
        help_text=_("8 letters and digits, from the mail or letter we sent."),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "spellcheck": "false"}),
    )
    username = forms.CharField(
        label=_("Username"),
        help_text=_("You choose it. 4 or more letters, digits, dots or dashes."),
        validators=[USERNAME],
        max_length=64,
        widget=forms.TextInput(attrs={"autocomplete": "username"}),
    )
    email = forms.EmailField(
        label=_("E-mail for this account"),
        help_text=_(
            "Each account needs its own. If your family shares one, add a plus and a tag: name+tag@mail.example."
        ),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    field_order = ("code", "username", "email", "password", "again")
