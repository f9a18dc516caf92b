"""Forms of the provider portal."""

from __future__ import annotations

from django import forms
from django.contrib.auth import password_validation
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from portals.models import User
from providers.enums import StaffRole

USERNAME = RegexValidator(r"^[A-Za-z0-9][A-Za-z0-9._@+-]{3,63}$", _("Use 4 or more letters, digits, dots or dashes."))

TAKEN = {
    "username": _("This username is taken. Choose another one."),
    "email": _("This address belongs to another account. Add a plus and a tag: name+tag@practice.example."),
}


class StaffForm(forms.Form):
    given_name = forms.CharField(
        label=_("First name"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    family_name = forms.CharField(
        label=_("Last name"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    email = forms.EmailField(
        label=_("E-mail"),
        help_text=_(
            "Each person needs an address of their own. Where an office shares one, add a plus and a tag, "
            "for example office+osei@practice.example."
        ),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    role = forms.ChoiceField(
        label=_("Role"), choices=[c for c in StaffRole.choices if c[0] != StaffRole.MANAGER], widget=forms.RadioSelect
    )
    username = forms.CharField(
        label=_("Username"),
        help_text=_("The person's own. It is never shared."),
        max_length=64,
        validators=[USERNAME],
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    initial_password = forms.CharField(
        label=_("Initial password"),
        help_text=_("At least 15 characters. Tell it to the person yourself; it must be changed at the first sign-in."),
        strip=False,
        max_length=256,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_username(self) -> str:
        username: str = self.cleaned_data["username"]
        if User.objects.filter(username__iexact=username).exists():
            raise forms.ValidationError(TAKEN["username"])
        return username

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        if User.objects.filter(email=email).exists():
            raise forms.ValidationError(TAKEN["email"])
        return email

    def clean_initial_password(self) -> str:
        password: str = self.cleaned_data["initial_password"]
        password_validation.validate_password(password)
        return password
